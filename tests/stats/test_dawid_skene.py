"""Who is to be believed, and what is right."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.stats.consensus import consensus_of
from langgraph_hitl.stats.dawid_skene import dawid_skene

PEOPLE = {"good": 0.95, "fair": 0.8, "poor": 0.6, "weak": 0.55}
ITEMS = 300


def drawn(*words: object) -> float:
    """A number from 0 to 1 that is always the same for the same words."""
    digest = hashlib.sha256(" ".join(map(str, words)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def right_of(item: int) -> str:
    return "yes" if drawn("truth", item) < 0.5 else "no"


def said() -> list[tuple[str, str, str]]:
    other = {"yes": "no", "no": "yes"}
    return [
        (str(item), who, right_of(item) if drawn(who, item) < skill else other[right_of(item)])
        for item in range(ITEMS)
        for who, skill in PEOPLE.items()
    ]


def test_it_finds_how_people_err_and_beats_counting_heads() -> None:
    fit = dawid_skene(said())
    for who, skill in PEOPLE.items():
        accuracy = sum(fit.shares[one] * fit.people[who][one][one] for one in ("yes", "no"))
        assert accuracy == pytest.approx(skill, abs=0.07)
    truth = {str(item): right_of(item) for item in range(ITEMS)}
    found = {item: max(odds, key=lambda one: odds[one]) for item, odds in fit.items.items()}
    by_item: dict[str, dict[str, str]] = {}
    for item, who, answer in said():
        by_item.setdefault(item, {})[who] = answer
    heads = {item: consensus_of(answers).answer for item, answers in by_item.items()}
    hits = sum(found[item] == right for item, right in truth.items())
    assert hits > sum(heads[item] == right for item, right in truth.items())
    assert hits / ITEMS > 0.93


def test_the_likelihood_never_falls() -> None:
    course = dawid_skene(said()).log_likelihood
    assert len(course) > 2
    assert all(later >= earlier - 1e-6 for earlier, later in pairwise(course))


@given(st.lists(st.lists(st.sampled_from("xyz"), min_size=3, max_size=3), min_size=3, max_size=12))
def test_the_likelihood_never_falls_whatever_was_said(table: list[list[str]]) -> None:
    rows = [
        (str(item), f"p{n}", answer)
        for item, answers in enumerate(table)
        for n, answer in enumerate(answers)
    ]
    fit = dawid_skene(rows, least_items=3)
    course = fit.log_likelihood
    assert all(later >= earlier - 1e-6 for earlier, later in pairwise(course))
    for odds in fit.items.values():
        assert sum(odds.values()) == pytest.approx(1)


def test_with_too_little_it_says_so() -> None:
    rows = [(str(item), who, "x") for item in range(5) for who in "abc"]
    with pytest.raises(GateError, match="has answered 5 items; it takes 20"):
        dawid_skene(rows)
    with pytest.raises(GateError, match="has 3 answers; it takes 4"):
        dawid_skene(rows, least_items=5, least_answers=4)
    with pytest.raises(GateError, match="'a' has answered '0' twice"):
        dawid_skene([*rows, ("0", "a", "y")], least_items=5)
    with pytest.raises(GateError, match="'nobody' has answered 0"):
        dawid_skene([])
