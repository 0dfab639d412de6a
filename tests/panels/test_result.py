"""The decision of a panel has everybody's words, in the order of the votes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl import Abstain, Approve, Choose, Edit, Reject, Respond, Revise
from langgraph_hitl.panels import anyone, majority, quorum
from langgraph_hitl.review import Decision
from langgraph_hitl.review.decision import parse, to_json
from tests.panels.voting import vote
from tests.scale import scale
from tests.strategies import DECISIONS, NOT_BLANK


def decided(*decisions: Decision) -> Decision | None:
    """By a majority of so many, who are called a, b, c, ..."""
    cast = [vote(voter, what) for voter, what in zip("abcdefg", decisions, strict=False)]
    return majority(of=len(decisions)).tally(cast).result


def test_comments_are_joined() -> None:
    assert decided(Approve("fine"), Reject("too long"), Approve("go")) == Approve(
        "a: fine\nb: too long\nc: go"
    )
    assert decided(Approve(), Approve()) == Approve()
    assert decided(Approve(" \n"), Approve(" ok\n")) == Approve("b: ok")


def test_an_edit_keeps_the_words_of_all() -> None:
    assert decided(Edit("x", "typo"), Abstain("my text"), Edit("x")) == Edit(
        "x", "a: typo\nb: my text"
    )


def test_answers_and_choices_are_those_of_the_first() -> None:
    assert decided(Respond([1]), Respond([1])) == Respond([1])
    assert decided(Choose("b", "a"), Choose("a", "b")) == Choose("b", "a")


def test_rejections_are_joined_with_the_worst_rating() -> None:
    result = decided(Reject("no", "partially_correct"), Revise("shorter", "incorrect"), Reject())
    assert result == Reject("a: no\nb: shorter", "incorrect")


def test_feedback_parts_and_ratings_are_joined() -> None:
    result = decided(
        Approve("fine", "correct"),
        Revise("shorter", "partially_correct", {"title": "dull"}),
        Reject("never"),
        Revise("", "needs_improvement", {"title": "long", "end": "abrupt"}),
    )
    assert result == Revise(
        "a: fine\nb: shorter\nc: never",
        "needs_improvement",
        {"title": "b: dull\nd: long", "end": "d: abrupt"},
    )


def test_an_approval_is_rated_where_one_of_them_is() -> None:
    assert decided(Approve(), Approve(rating="correct")) == Approve(None, "correct")


def test_nobody_against_and_nobody_for_is_a_rejection_without_words() -> None:
    assert decided(Abstain(), Abstain()) == Reject()


def test_a_single_vote_stays_as_it_is() -> None:
    assert anyone().tally([vote("ann", Approve("fine"))]).result == Approve("fine")


@given(st.lists(DECISIONS, min_size=1, max_size=5))
@settings(max_examples=scale(1_000), deadline=None)
def test_the_result_is_a_decision_that_can_be_sent(decisions: list[Decision]) -> None:
    result = decided(*decisions)
    assert result is not None
    assert not isinstance(result, Abstain)
    if isinstance(result, Respond | Choose):
        assert result in decisions
    elif isinstance(result, Edit) and len(decisions) == 1:
        assert result == decisions[0]
    else:
        assert parse(to_json(result)) == result


@given(st.lists(NOT_BLANK, min_size=4, max_size=4))
@settings(max_examples=scale(500), deadline=None)
def test_nobodys_words_are_lost(said: list[str]) -> None:
    one, two, three, four = said
    cast: list[Decision] = [Reject(one), Abstain(two), Approve(three), Revise(four)]
    tally = quorum(2).tally(vote(voter, what) for voter, what in zip("abcd", cast, strict=True))
    assert isinstance(tally.result, Reject)
    for voter, text in zip("abcd", said, strict=True):
        assert f"{voter}: {text.strip()}" in (tally.result.message or "")
