"""What is right where people disagree, and how far each of them is to be believed.

Source: Dawid and Skene (1979), Maximum likelihood estimation of observer error-rates using the EM
algorithm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log
from typing import NamedTuple

from langgraph_hitl.errors import GateError

LEAST_ITEMS = 20
LEAST_ANSWERS = 3
_FLOOR = 1e-12

Errors = Mapping[str, Mapping[str, float]]
"""How often a person gives each answer where another, or the same, is right: `[right][given]`."""


class Answer(NamedTuple):
    """What one person said of one item."""

    item: str
    person: str
    answer: str


class Fit(NamedTuple):
    """`items` has the probability of each answer for each item, `people` how each of them errs,
    `shares` how common each answer is, and `log_likelihood` its course, which never falls.
    """

    items: dict[str, dict[str, float]]
    people: dict[str, Errors]
    shares: dict[str, float]
    log_likelihood: list[float]


def dawid_skene(
    answers: Iterable[tuple[str, str, str]],
    *,
    least_items: int = LEAST_ITEMS,
    least_answers: int = LEAST_ANSWERS,
    rounds: int = 200,
) -> Fit:
    """How far people are to be believed, from items that several of them have answered.

    Args:
        answers: Triples of item, person and answer; one for each item and person.
        least_items: How many items each person has answered at least. From less it cannot be told
            how somebody errs, and counting heads is better.
        least_answers: How many answers each item has at least.
        rounds: The most rounds of the algorithm; it ends where nothing changes any more.

    Raises `GateError` for fewer, or for two answers of one person to one item.

    >>> def said(who, item):  # cem takes one for the other
    ...     return "xy"[(item + (who == "cem")) % 2]
    >>> people = ("ann", "bob", "cem")
    >>> fit = dawid_skene((str(n), who, said(who, n)) for n in range(20) for who in people)
    >>> round(fit.items["0"]["x"], 3), round(fit.people["cem"]["x"]["y"], 3)
    (1.0, 1.0)
    """
    rows = _checked([Answer(*row) for row in answers], least_items, least_answers)
    options = sorted({row.answer for row in rows})
    items = _heads(rows, options)
    course: list[float] = []
    while True:
        shares, people = _maximised(rows, items, options)
        items, likelihood = _expected(rows, shares, people, options)
        course.append(likelihood)
        still = len(course) > 1 and course[-1] - course[-2] < 1e-9 * abs(course[-1])
        if still or len(course) >= rounds:
            return Fit(items, people, shares, course)


def _checked(rows: list[Answer], least_items: int, least_answers: int) -> list[Answer]:
    twice = [pair for pair, n in Counter((row.item, row.person) for row in rows).items() if n > 1]
    if twice:
        raise GateError(f"{twice[0][1]!r} has answered {twice[0][0]!r} twice; give the last answer")
    of_people = Counter(row.person for row in rows)
    of_items = Counter(row.item for row in rows)
    if not rows or min(of_people.values()) < least_items:
        person = min(of_people, key=of_people.__getitem__, default="nobody")
        raise GateError(
            f"{person!r} has answered {of_people.get(person, 0)} items; it takes {least_items} to "
            "tell how somebody errs. Leave such people out, or count heads (consensus without "
            "skills)"
        )
    if min(of_items.values()) < least_answers:
        item = min(of_items, key=of_items.__getitem__)
        raise GateError(
            f"the item {item!r} has {of_items[item]} answers; it takes {least_answers}. Leave such "
            "items out"
        )
    return rows


def _heads(rows: list[Answer], options: list[str]) -> dict[str, dict[str, float]]:
    """The share of each answer: where the algorithm begins."""
    said: dict[str, Counter[str]] = {}
    for row in rows:
        said.setdefault(row.item, Counter())[row.answer] += 1
    return {
        item: {one: counts[one] / counts.total() for one in options}
        for item, counts in said.items()
    }


def _maximised(
    rows: list[Answer], items: dict[str, dict[str, float]], options: list[str]
) -> tuple[dict[str, float], dict[str, Errors]]:
    shares = {one: sum(each[one] for each in items.values()) / len(items) for one in options}
    weights: dict[str, dict[str, dict[str, float]]] = {}
    for row in rows:
        table = weights.setdefault(
            row.person, {one: dict.fromkeys(options, 0.0) for one in options}
        )
        for right in options:
            table[right][row.answer] += items[row.item][right]
    people: dict[str, Errors] = {
        person: {right: _normal(given) for right, given in table.items()}
        for person, table in weights.items()
    }
    return shares, people


def _expected(
    rows: list[Answer],
    shares: dict[str, float],
    people: dict[str, Errors],
    options: list[str],
) -> tuple[dict[str, dict[str, float]], float]:
    by_item: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        by_item.setdefault(row.item, []).append((row.person, row.answer))
    items, likelihood = {}, 0.0
    for item, said in by_item.items():
        joint = {right: shares[right] for right in options}
        for person, answer in said:
            for right in options:
                joint[right] *= max(people[person][right][answer], _FLOOR)
        total = max(sum(joint.values()), _FLOOR)
        items[item] = {right: one / total for right, one in joint.items()}
        likelihood += log(total)
    return items, likelihood


def _normal(weights: dict[str, float]) -> dict[str, float]:
    """Shares of weights; all alike where nothing was ever right."""
    total = sum(weights.values())
    if total <= 0:
        return dict.fromkeys(weights, 1 / len(weights))
    return {key: weight / total for key, weight in weights.items()}
