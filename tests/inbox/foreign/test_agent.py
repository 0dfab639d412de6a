"""LangChain's own middleware in the inbox: who, by when and what stands with each tool call."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.types import Command

from langgraph_hitl import Approve, Edit, Reject, Respond, Reviewer
from langgraph_hitl.errors import Expired, InvalidDecision, NotAuthorised
from langgraph_hitl.inbox import Review
from tests.inbox.foreign.agents import GO, agent, mail, results
from tests.inbox.foreign.conftest import EVE, OPS, Watched, thread

modes = pytest.mark.parametrize("mode", ["batched", "per_call"])


class Mailing:
    """An agent that mails to some people in one turn, and what went out."""

    def __init__(self, watched: Watched, mode: str, *to: str, **options: Any) -> None:
        self.sent: list[str] = []
        turns = [[mail(one) for one in to]]
        made = agent(watched.saver, turns, lambda one, _text: self.sent.append(one), mode)
        self.app = watched.inbox.watch(made, "agent", **options)
        self.inbox = watched.inbox
        self.config = thread()
        self.app.invoke(GO, self.config)

    @property
    def waiting(self) -> dict[str, Review]:
        return {review.request["subject"]["to"]: review for review in self.inbox.pending()}

    @property
    def said(self) -> list[str]:
        return results(self.app.get_state(self.config).values)


@modes
def test_calls_in_one_turn_are_decided_one_by_one(watched: Watched, mode: str) -> None:
    to = ["ann", "bob", "cid", "dan", "eva"]
    mailing = Mailing(watched, mode, *to)
    waiting = mailing.waiting
    assert sorted(waiting) == to
    assert {review.action for review in waiting.values()} == {"mail"}
    decide = watched.inbox.decide
    decide(waiting["bob"].id, Reject("not him"), by="olga")
    decide(waiting["ann"].id, Approve(), by="olga")
    decide(waiting["cid"].id, Edit({"to": "carl", "text": "hi"}), by="otto")
    decide(waiting["dan"].id, Respond("he knows"), by="otto")
    assert [review.request["subject"]["to"] for review in watched.inbox.pending()] == ["eva"]
    last = decide(waiting["eva"].id, Approve(), by="olga")
    assert last.status == "applied"
    assert sorted(mailing.sent) == ["ann", "carl", "eva"]
    assert any("not him" in text for text in mailing.said)
    assert "he knows" in mailing.said
    assert any("a human reviewer replaced this tool call" in text for text in mailing.said)
    statuses = {watched.events(review)[-1] for review in waiting.values()}
    assert statuses == {"applied"}
    assert watched.inbox.work().idle


@modes
def test_who_may_decide_is_checked_for_every_call(watched: Watched, mode: str) -> None:
    mailing = Mailing(watched, mode, "ann", reviewers="ops")
    (review,) = mailing.waiting.values()
    with pytest.raises(NotAuthorised):
        watched.inbox.decide(review.id, Approve(), by=EVE)
    assert mailing.sent == []
    watched.inbox.decide(review.id, Approve(), by=OPS)
    assert mailing.sent == ["ann"]


@modes
def test_a_deadline_rejects(watched: Watched, mode: str) -> None:
    mailing = Mailing(watched, mode, "ann", timeout="1h")
    (review,) = mailing.waiting.values()
    watched.clock.advance(hours=2)
    with pytest.raises(Expired):
        watched.inbox.decide(review.id, Approve(), by="olga")
    assert mailing.sent == []
    assert any("nobody decided in time" in text for text in mailing.said)


def test_half_a_turn_sends_nothing(watched: Watched) -> None:
    mailing = Mailing(watched, "batched", "ann", "bob")
    half = watched.inbox.decide(mailing.waiting["ann"].id, Approve(), by="olga")
    assert half.status == "settled"
    assert mailing.sent == []
    report = watched.inbox.work()
    assert report.idle
    assert list(mailing.waiting) == ["bob"]


@pytest.mark.parametrize("mode", ["per_call"])
def test_an_edit_that_the_tool_does_not_take_is_refused(watched: Watched, mode: str) -> None:
    mailing = Mailing(watched, mode, "ann")
    (review,) = mailing.waiting.values()
    with pytest.raises(InvalidDecision):
        watched.inbox.decide(review.id, Edit({"to": 5}), by="olga")
    watched.inbox.decide(review.id, Edit({"to": "bob"}), by="olga")
    assert mailing.sent == ["bob"]


@pytest.mark.parametrize(
    "bad",
    ["yes", {"decisions": "yes"}, {"decisions": []}, {"decisions": [{"type": "ok"}]}, [True]],
)
def test_a_malformed_answer_to_the_agent_itself_harms_nothing(watched: Watched, bad: Any) -> None:
    mailing = Mailing(watched, "batched", "ann")
    with pytest.raises(InvalidDecision):
        mailing.app.invoke(Command(resume=bad), mailing.config)
    (review,) = mailing.waiting.values()
    watched.inbox.decide(review.id, Approve(), by="olga")
    assert mailing.sent == ["ann"]


def test_a_client_that_answers_the_agent_itself_decides_as_direct(watched: Watched) -> None:
    mailing = Mailing(watched, "batched", "ann", "bob")
    ids = [review.id for review in mailing.waiting.values()]
    answer = {"decisions": [{"type": "approve"}, {"type": "reject", "message": "no"}]}
    mailing.app.invoke(Command(resume=answer), mailing.config)
    assert mailing.sent == ["ann"]
    found = [watched.inbox.get(review_id) for review_id in ids]
    assert {(one.status, one.decided_by) for one in found} == {("applied", "direct")}


def test_what_was_decided_stands_against_who_answers_the_agent_itself(watched: Watched) -> None:
    mailing = Mailing(watched, "batched", "ann", "bob")
    watched.inbox.decide(mailing.waiting["ann"].id, Reject("no"), by="olga")
    answer = {"decisions": [{"type": "approve"}, {"type": "approve"}]}
    mailing.app.invoke(Command(resume=answer), mailing.config)
    assert mailing.sent == ["bob"]


@modes
def test_the_next_turn_is_asked_anew(watched: Watched, mode: str) -> None:
    sent: list[str] = []
    turns = [[mail("ann")], [mail("ann")]]
    made = agent(watched.saver, turns, lambda to, _text: sent.append(to), mode)
    app = watched.inbox.watch(made, "agent")
    config = thread()
    app.invoke(GO, config)
    (first,) = watched.inbox.pending()
    watched.inbox.decide(first.id, Approve(), by="olga")
    (second,) = watched.inbox.pending()
    assert second.id != first.id
    assert sent == ["ann"]
    watched.inbox.decide(second.id, Approve(), by=Reviewer("olga"))
    assert sent == ["ann", "ann"]
