"""Commands that would go around a gate: `goto` and `update` where reviewers are named."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.types import Command, Send

from langgraph_hitl import Approve, Reviewer, human_approval
from langgraph_hitl.errors import AlreadyDecided, InvalidDecision, NotAuthorised
from langgraph_hitl.panels import quorum
from tests.apps import one_gate
from tests.drivers import Build
from tests.inbox.desk import MARIA, Desk

EDITOR = Reviewer("edna", roles=("editors",))
DETOURS: dict[str, Any] = {
    "goto": Command(goto="act"),
    "send": Command(goto=Send("act", {"draft": "evil"})),
    "update": Command(update={"draft": "evil"}),
    "update beside an answer": Command(resume={"type": "approve"}, update={"draft": "evil"}),
    "goto beside an answer to nobody": Command(resume={"0" * 32: 1}, goto="act"),
}
each = pytest.mark.parametrize("how", DETOURS)


def build(desk: Desk, **options: Any) -> Build:
    return one_gate(human_approval("draft", inbox=desk.inbox, **options))


@each
def test_where_reviewers_are_named_it_is_refused(desk: Desk, how: str) -> None:
    question = desk.ask(desk.app(build(desk, reviewers="editors")))
    review = question.review
    with pytest.raises(NotAuthorised, match=r"decide it with inbox\.decide.* new input"):
        question.app.invoke(DETOURS[how], question.config)
    assert (question.ran, question.values["draft"]) == ([], "Hello")
    assert question.events(review.id) == ["filed", "refused"]
    assert desk.inbox.work().idle
    desk.inbox.decide(review.id, Approve(), by=EDITOR)
    assert question.ran == ["act:Hello"]


@pytest.mark.parametrize("how", [how for how in DETOURS if how != "update beside an answer"])
@pytest.mark.parametrize("reviewers", [None, "editors"])
def test_what_was_decided_runs_first(desk: Desk, how: str, reviewers: str | None) -> None:
    question = desk.ask(desk.app(build(desk, reviewers=reviewers)))
    review = question.review
    desk.inbox.decide(review.id, Approve(), by=EDITOR, resume="worker")
    with pytest.raises(AlreadyDecided, match=r"app\.invoke\(None, config\)"):
        question.app.invoke(DETOURS[how], question.config)
    assert question.ran == []
    desk.inbox.work()
    assert question.ran == ["act:Hello"]


def test_an_update_beside_an_answer_that_lost_is_dropped(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk)))
    desk.inbox.decide(question.review.id, Approve(), by=MARIA, resume="worker")
    question.app.invoke(DETOURS["update beside an answer"], question.config)
    assert question.ran == ["act:Hello"]


def test_where_anybody_is_one_of_several_it_is_refused(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, reviewers=quorum(2))))
    with pytest.raises(NotAuthorised, match="it takes 2"):
        question.app.invoke(DETOURS["goto"], question.config)
    assert question.ran == []


def test_once_it_is_over_the_thread_is_free(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, reviewers="editors")))
    desk.inbox.decide(question.review.id, Approve(), by=EDITOR)
    question.app.invoke(Command(goto="stop"), question.config)
    assert question.ran == ["act:Hello", "stop:Hello"]


def test_where_anybody_may_decide_it_is_as_without_an_inbox(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk)))
    review = question.review
    told = [*question.app.stream(Command(goto="stop"), question.config)]
    assert {"stop": {"ran": ["stop:Hello"]}} in told
    assert "refused" not in question.events(review.id)


def test_the_owner_of_the_graph_may_change_the_thread(desk: Desk) -> None:
    """A question that `update_state` has ended is in nobody's way."""
    question = desk.ask(desk.app(build(desk, reviewers="editors")))
    question.app.update_state(question.config, {"draft": "Hi"}, as_node="gate")
    question.app.invoke(Command(goto="stop"), question.config)
    assert "stop:Hi" in question.ran


@pytest.mark.parametrize("empty", [Command(), Command(resume=None)])
def test_a_command_of_nothing_is_a_clear_error(desk: Desk, empty: Any) -> None:
    question = desk.ask(desk.app(build(desk)))
    with pytest.raises(InvalidDecision, match="None is no answer"):
        question.app.invoke(empty, question.config)
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    assert question.ran == ["act:Hello"]
