"""So many answers, and the one that is ahead of all others."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl import Abstain, Choose, Reject, Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Panel, Vote, poll
from langgraph_hitl.review import Decision


def cast(words: str) -> list[Vote]:
    """`a a b -` are the answers of people in turn; `-` abstains."""
    decisions: list[Decision] = [
        Abstain() if word == "-" else Choose(word) for word in words.split()
    ]
    return [Vote(voter=f"p{n}", decision=one) for n, one in enumerate(decisions)]


def result(panel: Panel, words: str) -> str | None:
    """The answer; `refused`, or None while it is open."""
    found = panel.tally(cast(words)).result
    if found is None:
        return None
    return found.choices[0] if isinstance(found, Choose) else "refused"


@pytest.mark.parametrize(
    ("panel", "words", "expected"),
    [
        (poll(3), "a a", None),
        (poll(3), "a a b", "a"),
        (poll(3), "a b c", "refused"),
        (poll(4), "a a b b", "refused"),
        (poll(4), "a a b c", "a"),
        (poll(4, consensus=0.6), "a a b c", "refused"),
        (poll(5, consensus=0.6), "a a a b c", "a"),
        (poll(3, consensus=1), "a a a", "a"),
        (poll(3, consensus=1), "a a -", "refused"),
        (poll(4), "a a - -", "a"),
        (poll(5), "a a b - -", "refused"),
        (poll(5, consensus=0.9), "a - - - -", "refused"),
        (poll(5, consensus=0), "a - - - -", "refused"),
        (poll(2), "a -", "refused"),
        (poll(3), "- - -", "refused"),
        (poll(5, early=True), "a a a", "a"),
        (poll(5, early=True), "a a b", None),
        (poll(5, early=True), "a a b b", None),
        (poll(5, early=True), "a a - - a", "a"),
        (poll(4, early=True), "a a - -", "a"),
        (poll(5, early=True, consensus=0.8), "a a a", None),
        (poll(5, early=True, consensus=0.8), "a a a a", "a"),
    ],
)
def test_who_is_ahead(panel: Panel, words: str, expected: str | None) -> None:
    assert result(panel, words) == expected


@given(st.lists(st.sampled_from("abc-"), min_size=2, max_size=9), st.sampled_from([0, 0.5, 0.7, 1]))
def test_it_is_the_plurality_with_its_share_of_all_and_never_of_one(
    said: list[str], share: float
) -> None:
    counts = Counter(word for word in said if word != "-").most_common()
    expected = "refused"
    if counts and (len(counts) == 1 or counts[0][1] > counts[1][1]):
        enough = Fraction(counts[0][1], len(said)) >= Fraction(str(share))
        expected = counts[0][0] if enough and counts[0][1] > 1 else "refused"
    assert result(poll(len(said), consensus=share), " ".join(said)) == expected


@given(st.lists(st.sampled_from("abc-"), min_size=2, max_size=9), st.sampled_from([0, 0.5, 0.7, 1]))
def test_an_early_end_says_what_the_whole_poll_says(said: list[str], share: float) -> None:
    whole = result(poll(len(said), consensus=share), " ".join(said))
    early = poll(len(said), consensus=share, early=True)
    ends = (result(early, " ".join(said[:stop])) for stop in range(1, len(said) + 1))
    assert next(end for end in ends if end is not None) == whole


def test_votes_stay_hidden_and_who_rejects_answers_nothing() -> None:
    panel = poll(3)
    assert "votes" not in panel.shown(cast("a b"))
    votes = [*cast("a a"), Vote(voter="zoe", decision=Reject("unclear"))]
    assert panel.tally(votes).result == Choose("a")
    assert panel.tally(cast("a b")).votes


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"n": 1}, "one answer is no poll"),
        ({"n": 0}, "n must be a whole number"),
        ({"n": 3, "consensus": 1.5}, "from 0 to 1"),
        ({"n": 3, "consensus": True}, "from 0 to 1"),
        ({"n": 3, "consensus": float("nan")}, "from 0 to 1"),
        ({"n": 3, "early": 1}, "True or False"),
        ({"n": 3, "of": [Reviewer("ann"), Reviewer("bob")]}, "2 people never give 3 answers"),
        ({"n": 3, "of": []}, "poll: of"),
    ],
)
def test_a_poll_that_cannot_be_is_an_error(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(GateError, match=problem):
        poll(**options)
