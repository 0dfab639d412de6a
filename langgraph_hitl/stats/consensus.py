"""What several people said, as one answer with a stated confidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import exp, log
from typing import NamedTuple

from langgraph_hitl.errors import GateError
from langgraph_hitl.stats.dawid_skene import Errors, Fit
from langgraph_hitl.stats.intervals import wilson

_FLOOR = 1e-12


class Consensus(NamedTuple):
    """`answer` leads, None where two lead together or one person alone has answered. `confidence`
    from 0 to 1 is its share of all who were asked, or with skills the probability that it is right
    times the share of those who answered. `low` and `high` are the 95 % interval of the share;
    `counts` says how many gave each answer.
    """

    answer: str | None
    confidence: float
    low: float
    high: float
    counts: dict[str, int]


def consensus_of(
    said: Mapping[str, str], *, abstained: int = 0, skills: Fit | None = None
) -> Consensus:
    """One answer from what each person said.

    Args:
        said: The answer of each person, by id.
        abstained: How many more were asked and gave none: they support nothing.
        skills: What `dawid_skene` found of these people in earlier items. Whoever it does not know
            counts as one of whom nothing is known.

    Raises `GateError` where nobody said anything.

    >>> consensus_of({"ann": "cat", "bob": "cat", "cem": "dog"}).answer
    'cat'
    """
    if not said:
        raise GateError("nobody has answered, so there is no consensus")
    counts, asked = Counter(said.values()), len(said) + abstained
    if skills is None:
        share = {answer: count / asked for answer, count in counts.items()}
    else:
        share = {one: p * len(said) / asked for one, p in _posterior(said, skills).items()}
    (leader, confidence), *others = sorted(share.items(), key=lambda one: one[1], reverse=True)
    none = len(said) < 2 or (bool(others) and others[0][1] == confidence)
    low, high = wilson(counts[leader], asked)
    return Consensus(None if none else leader, confidence, low, high, dict(counts))


def _posterior(said: Mapping[str, str], skills: Fit) -> dict[str, float]:
    """How probable each answer is, by how each person errs."""
    options = {*skills.shares, *said.values()}
    score = {one: log(max(skills.shares.get(one, 0.0), _FLOOR)) for one in options}
    for person, answer in said.items():
        errors: Errors | None = skills.people.get(person)
        if errors is None:
            continue
        for right in options:
            score[right] += log(max(errors.get(right, {}).get(answer, 0.0), _FLOOR))
    best = max(score.values())
    weights = {one: exp(value - best) for one, value in score.items()}
    total = sum(weights.values())
    return {one: weight / total for one, weight in weights.items()}
