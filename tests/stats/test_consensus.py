"""One answer from what several people said, and the interval of a share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.stats.consensus import consensus_of
from langgraph_hitl.stats.dawid_skene import Errors, Fit
from langgraph_hitl.stats.intervals import wilson


def fit(**accuracy: float) -> Fit:
    people: dict[str, Errors] = {
        who: {"a": {"a": p, "b": 1 - p}, "b": {"a": 1 - p, "b": p}} for who, p in accuracy.items()
    }
    return Fit({}, people, {"a": 0.5, "b": 0.5}, [])


def test_a_lead_of_m_is_right_as_often_as_the_margin_rule_says() -> None:
    """1 / (1 + (q/p)^m), for people who are right with the probability p."""
    skills = fit(ann=0.8, bob=0.8, cem=0.8)
    found = consensus_of({"ann": "a", "bob": "a", "cem": "b"}, skills=skills)
    assert found.answer == "a"
    assert found.confidence == pytest.approx(0.8)
    found = consensus_of({"ann": "a", "bob": "a"}, skills=skills)
    assert found.confidence == pytest.approx(1 / (1 + (0.2 / 0.8) ** 2))


def test_of_whom_nothing_is_known_nothing_is_made() -> None:
    found = consensus_of({"ann": "a", "zoe": "b", "yan": "b"}, skills=fit(ann=0.9))
    assert found.answer == "a"
    assert found.confidence == pytest.approx(0.9)


def test_who_abstains_supports_nothing() -> None:
    """The confidence is the share of all who were asked, or the probability times who answered."""
    skills = fit(ann=0.8, bob=0.8)
    assert consensus_of({"ann": "a", "bob": "a"}, abstained=2).confidence == 0.5
    found = consensus_of({"ann": "a", "bob": "a"}, abstained=2, skills=skills)
    assert (found.answer, round(found.confidence, 3)) == ("a", 0.471)


@pytest.mark.parametrize("skills", [None, fit(ann=0.99)])
def test_one_person_is_no_consensus(skills: Fit | None) -> None:
    found = consensus_of({"ann": "a"}, abstained=4, skills=skills)
    assert found.answer is None
    assert found.confidence <= 0.2
    assert consensus_of({"ann": "a"}, skills=skills).answer is None


def test_two_that_lead_together_are_no_answer() -> None:
    assert consensus_of({"ann": "a", "bob": "b"}).answer is None


def test_nobody_is_no_consensus() -> None:
    with pytest.raises(GateError, match="nobody has answered"):
        consensus_of({})


@given(
    st.dictionaries(st.text(min_size=1), st.sampled_from("abc"), min_size=1),
    st.integers(0, 9),
)
def test_the_confidence_is_a_share_within_its_interval(
    said: dict[str, str], abstained: int
) -> None:
    found = consensus_of(said, abstained=abstained)
    assert 0 <= found.low <= found.confidence <= found.high <= 1
    assert sum(found.counts.values()) == len(said)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_score_interval_as_newcombe_has_it(hits: int, of: int, low: float, high: float) -> None:
    """Newcombe (1998), Two-sided confidence intervals for the single proportion."""
    assert wilson(hits, of) == pytest.approx((low, high), abs=0.0001)


def test_a_share_of_nothing_may_be_anything() -> None:
    assert wilson(0, 0) == (0, 1)


@pytest.mark.parametrize(("hits", "of", "confidence"), [(3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0)])
def test_numbers_that_cannot_be_are_errors(hits: int, of: int, confidence: float) -> None:
    with pytest.raises(GateError):
        wilson(hits, of, confidence=confidence)
