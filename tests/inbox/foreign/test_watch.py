"""What a watched graph asks waits in the inbox, and goes back as the graph expects it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.pregel.remote import RemoteGraph
from langgraph.types import Command, interrupt
from pydantic import BaseModel

from langgraph_hitl import (
    Approve,
    Defer,
    Edit,
    Inbox,
    Reject,
    Respond,
    Reviewer,
    ReviewState,
    Revise,
    add_review,
    human_approval,
)
from langgraph_hitl.errors import (
    AlreadyDecided,
    Expired,
    GateError,
    InboxError,
    InvalidDecision,
    NotAuthorised,
    RunFailed,
    StaleReview,
)
from langgraph_hitl.panels import quorum
from tests.inbox.foreign.conftest import EVE, OPS, Watched, thread
from tests.inbox.foreign.graphs import State, asking, failing_after, note


class Post(ReviewState):
    """What a gate decides."""

    draft: str


class Plan(BaseModel):
    """What an answer looks like."""

    days: int


def test_a_question_waits_and_the_answer_reaches_the_graph(watched: Watched, ran: Any) -> None:
    app = watched.watch(asking("Which plan?"))
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    assert (review.kind, review.status, review.wake) == ("question", "pending", False)
    assert review.request["subject"] == "Which plan?"
    assert review.request["allowed_decisions"] == ["respond", "defer"]
    done = watched.inbox.decide(review.id, Respond({"plan": "b"}), by="ann")
    assert (done.status, done.outcome, done.decided_by) == ("applied", "answered", "ann")
    assert ran(app, config) == [{"plan": "b"}, "after"]
    assert watched.events(review) == ["filed", "settled", "applied"]
    assert watched.inbox.work().idle


def test_parallel_questions_are_decided_one_by_one(watched: Watched, ran: Any) -> None:
    app = watched.watch(asking("one?", "two?"))
    config = thread()
    app.invoke({}, config)
    waiting = watched.pending()
    watched.inbox.decide(waiting["two?"].id, Respond(2), by="ann")
    assert list(watched.pending()) == ["one?"]
    watched.inbox.decide(waiting["one?"].id, Respond(1), by="bob")
    assert ran(app, config) == [1, 2, "after"]


def test_a_second_decision_lost(watched: Watched) -> None:
    app = watched.watch(asking("?"))
    app.invoke({}, thread())
    (review,) = watched.inbox.pending()
    watched.inbox.decide(review.id, Respond(1), by="ann")
    with pytest.raises(AlreadyDecided, match="answered by ann"):
        watched.inbox.decide(review.id, Respond(2), by="bob")


def test_what_the_published_schema_does_not_allow_is_refused_before_it_is_kept(
    watched: Watched, ran: Any
) -> None:
    app = watched.watch(asking("How long?", schema=Plan))
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    for bad in ("long", {"days": "many"}, {}):
        with pytest.raises(InvalidDecision):
            watched.inbox.decide(review.id, Respond(bad), by="ann")
    with pytest.raises(InvalidDecision, match="approve is not allowed"):
        watched.inbox.decide(review.id, Approve(), by="ann")
    watched.inbox.decide(review.id, Respond({"days": 3}), by="ann")
    assert ran(app, config) == [{"days": 3}, "after"]


class Even(BaseModel):
    """What no JSON schema says."""

    days: int

    def model_post_init(self, _context: Any) -> None:
        if self.days % 2:
            raise ValueError("odd")


def test_what_only_the_graph_can_refuse_is_decided_anew(watched: Watched, ran: Any) -> None:
    app = watched.watch(asking("How long?", schema=Even))
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    with pytest.raises(RunFailed, match="odd"):
        watched.inbox.decide(review.id, Respond({"days": 3}), by="ann")
    (again,) = watched.inbox.pending()
    assert (again.id, again.status) == (review.id, "pending")
    watched.inbox.decide(review.id, Respond({"days": 4}), by="ann")
    assert ran(app, config) == [{"days": 4}, "after"]
    assert "reopened" in watched.events(review)


def test_a_node_that_fails_with_the_answer_keeps_it(watched: Watched, ran: Any) -> None:
    app = watched.watch(failing_after("?", [ValueError("full"), ValueError("still full")]))
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    with pytest.raises(RunFailed, match="still full"):
        watched.inbox.decide(review.id, Respond("yes"), by="ann")
    assert watched.inbox.pending() == []
    assert watched.events(review)[-1] == "run_failed"
    with pytest.raises(ValueError, match="full"):
        app.invoke(None, config)
    assert watched.inbox.pending() == []
    app.invoke(None, config)
    assert ran(app, config) == ["yes"]
    assert watched.inbox.reconcile().filed == 0


def test_a_payload_that_is_not_json_is_shown_as_text(watched: Watched, ran: Any) -> None:
    app = watched.watch(asking({"when": b"now"}))
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    assert review.request["subject"] == "{'when': b'now'}"
    for nothing in (Approve(), Edit("x")):
        with pytest.raises(InvalidDecision):
            watched.inbox.decide(review.id, nothing, by="ann")
    watched.inbox.decide(review.id, Respond("then"), by="ann")
    assert ran(app, config) == ["then", "after"]


def test_reviewers_deadlines_and_votes_hold_as_for_a_gate(watched: Watched, ran: Any) -> None:
    app = watched.watch(
        asking("?"), reviewers=quorum(2, of="ops"), queue="agents", priority="high", timeout="2h"
    )
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending(queue="agents", role="ops")
    with pytest.raises(NotAuthorised, match="ops"):
        watched.inbox.decide(review.id, Respond(1), by=EVE)
    assert watched.inbox.decide(review.id, Respond(1), by=OPS).status == "pending"
    other = Reviewer("omar", roles=("ops",))
    assert watched.inbox.decide(review.id, Respond(1), by=other).status == "applied"
    assert ran(app, config) == [1, "after"]
    assert review.due is not None


def test_a_deadline_answers_nothing_that_the_asker_could_not_read(
    watched: Watched, ran: Any
) -> None:
    app = watched.watch(asking("?"), timeout="2h")
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    watched.clock.advance(hours=3)
    with pytest.raises(Expired):
        watched.inbox.decide(review.id, Respond(1), by="ann")
    assert ran(app, config) == []
    assert watched.inbox.pending() == []
    assert watched.inbox.reconcile().filed == 0
    with pytest.raises(AlreadyDecided):
        app.invoke(answer(app, config, 1), config)
    assert ran(app, config) == []


def answer(app: Any, config: Any, value: Any) -> Any:
    return Command(resume={app.get_state(config).interrupts[0].id: value})


def test_a_cancelled_question_is_left_as_it_is(watched: Watched, ran: Any) -> None:
    app = watched.watch(asking("?"))
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    assert watched.inbox.cancel(review.id, by="ann").status == "cancelled"
    assert ran(app, config) == []
    assert watched.inbox.work().idle


def test_new_input_ends_the_question(watched: Watched) -> None:
    app = watched.watch(asking("?"))
    config = thread()
    app.invoke({}, config)
    (old,) = watched.inbox.pending()
    app.invoke({}, config)
    (new,) = watched.inbox.pending()
    assert new.id != old.id
    with pytest.raises(AlreadyDecided, match="superseded"):
        watched.inbox.decide(old.id, Respond(1), by="ann")


def test_a_changed_state_is_found_by_whoever_decides(watched: Watched, ran: Any) -> None:
    app = watched.watch(asking("?"))
    config = thread()
    app.invoke({}, config)
    (old,) = watched.inbox.pending()
    app.update_state(config, {"ran": ["changed"]})
    with pytest.raises(StaleReview):
        watched.inbox.decide(old.id, Respond(1), by="ann")
    app.invoke(None, config)
    assert ran(app, config) == ["changed", "after"] or watched.inbox.pending()


def test_a_payload_that_changes_under_its_id_is_another_question(
    watched: Watched, ran: Any
) -> None:
    texts = iter(["first", "second", "second", "second"])

    def ask(state: State) -> State:
        return {"ran": [interrupt(next(texts))]}

    builder = StateGraph(State)
    builder.add_node("ask", ask)
    builder.add_edge(START, "ask")
    app = watched.watch(builder)
    config = thread()
    app.invoke({}, config)
    (first,) = watched.inbox.pending()
    app.invoke(None, config)
    (second,) = watched.inbox.pending()
    assert (first.request["subject"], second.request["subject"]) == ("first", "second")
    assert first.id != second.id
    watched.inbox.decide(second.id, Respond("yes"), by="ann")
    assert ran(app, config) == ["yes"]


def test_a_question_can_be_put_off(watched: Watched) -> None:
    app = watched.watch(asking("?"))
    app.invoke({}, thread())
    (review,) = watched.inbox.pending()
    watched.inbox.decide(review.id, Defer(), by="ann")
    assert watched.inbox.pending() == []
    watched.clock.advance(days=2)
    assert [each.id for each in watched.inbox.pending()] == [review.id]


def test_a_gate_without_an_inbox_is_watched_too(watched: Watched) -> None:
    builder = StateGraph(Post)
    gate = human_approval(
        "draft", action="post", revise=lambda state: {"draft": "B"}, reads="draft"
    )
    add_review(builder, "gate", gate, approved="post", rejected="drop")
    builder.add_node("post", lambda state: {"draft": state["draft"] + "!"})
    builder.add_node("drop", lambda state: {"draft": ""})
    builder.add_edge(START, "gate")
    app = watched.watch(builder)
    config = thread()
    app.invoke({"draft": "A"}, config)
    (review,) = watched.inbox.pending()
    assert (review.kind, review.action, review.request["subject"]) == (
        "human_approval",
        "post",
        "A",
    )
    watched.inbox.decide(review.id, Revise("shorter"), by="ann")
    (again,) = watched.inbox.pending()
    assert again.request["subject"] == "B"
    assert again.request["history"]
    watched.inbox.decide(again.id, Edit("C"), by="ann")
    values = app.get_state(config).values
    assert values["draft"] == "C!"
    assert values["review"]["decided_by"] == "ann"


def test_gates_with_the_inbox_are_filed_once(watched: Watched) -> None:
    builder = StateGraph(Post)
    gate = human_approval("draft", inbox=watched.inbox)
    add_review(builder, "gate", gate, approved="post", rejected="post")
    builder.add_node("post", lambda state: {})
    builder.add_edge(START, "gate")
    app = watched.watch(builder)
    config = thread()
    app.invoke({"draft": "A"}, config)
    (review,) = watched.inbox.pending()
    assert not review.gate.startswith("interrupt:")
    watched.inbox.reconcile()
    assert [each.id for each in watched.inbox.pending()] == [review.id]
    assert watched.inbox.decide(review.id, Approve(), by="ann").status == "applied"


def test_two_inboxes_on_one_graph_are_refused(watched: Watched) -> None:
    app = watched.watch(asking("?"))
    with Inbox.open("sqlite:///:memory:") as other:
        with pytest.raises(InboxError, match="another inbox"):
            other.watch(app)
        builder: Any = StateGraph(State)
        builder.add_node("gate", human_approval("ran", inbox=other))
        builder.add_edge(START, "gate")
        with pytest.raises(InboxError, match="another inbox"):
            watched.watch(builder, "other")


@pytest.mark.parametrize(
    "options",
    [{"queue": " "}, {"priority": "soon"}, {"timeout": "never"}, {"reviewers": ()}],
)
def test_options_that_could_have_no_effect_are_refused(
    watched: Watched, options: dict[str, Any]
) -> None:
    with pytest.raises(GateError):
        watched.watch(asking("?"), **options)


def test_what_cannot_be_filed_is_no_error_of_the_run(
    watched: Watched, ran: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = watched.watch(asking("?"))
    config = thread()
    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
        broken.setattr("langgraph_hitl.inbox._foreign.survey.file", (1).__add__)
        result = app.invoke({}, config)
    assert result["__interrupt__"]
    assert watched.inbox.pending() == []
    assert "reconcile" in caplog.text
    assert watched.inbox.reconcile().filed == 1


def test_rejecting_what_can_only_be_answered_is_refused(watched: Watched) -> None:
    app = watched.watch(asking("?"))
    app.invoke({}, thread())
    (review,) = watched.inbox.pending()
    with pytest.raises(InvalidDecision, match="reject is not allowed"):
        watched.inbox.decide(review.id, Reject(), by="ann")


async def test_asynchronous_graphs_are_watched_as_well(watched: Watched, ran: Any) -> None:
    app = watched.watch(asking("?"))
    config = thread()
    await app.ainvoke({}, config)
    (review,) = await watched.inbox.apending()
    done = await watched.inbox.adecide(review.id, Respond(1), by="ann")
    assert done.status == "applied"
    assert ran(app, config) == [1, "after"]


def test_an_unnamed_saver_is_left_alone() -> None:
    builder = StateGraph(State)
    builder.add_node("a", note("a"))
    builder.add_edge(START, "a")
    with Inbox.open("sqlite:///:memory:") as inbox:
        app = inbox.watch(builder.compile(checkpointer=InMemorySaver()))
        assert app.invoke({}, thread()) == {"ran": ["a"]}
        assert inbox.pending() == []


def test_another_graph_does_not_take_a_name_and_the_same_one_may_come_again(
    watched: Watched,
) -> None:
    builder = asking("?")
    watched.watch(builder, "first").invoke({}, thread())
    with pytest.raises(InboxError, match="give one of them another name"):
        watched.watch(asking("one?", "two?"), "first")
    with pytest.raises(InboxError, match="give one of them another name"):
        watched.inbox.register(asking("one?", "two?").compile(checkpointer=watched.saver), "first")
    watched.watch(builder, "first")
    (review,) = watched.inbox.pending()
    assert watched.inbox.decide(review.id, Respond(1), by="ann").status == "applied"
    watched.inbox.watch(RemoteGraph("journey", url="http://127.0.0.1:1"), "remote")
    with pytest.raises(InboxError, match="give one of them another name"):
        watched.inbox.watch(RemoteGraph("agent", url="http://127.0.0.1:1"), "remote")
