"""The span of a review: from the question to the decision, across processes, once."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl import Approve, Reject, Revise, human_approval
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.telemetry import instrument
from langgraph_hitl.telemetry.span import nanoseconds
from langgraph_hitl.testing import FixedClock
from tests.apps import State, one_gate
from tests.telemetry.conftest import Collector

THREAD: Any = {"configurable": {"thread_id": "t"}}


def louder(state: State) -> dict[str, Any]:
    return {"draft": state["draft"] + "!"}


def app_of(inbox: Inbox, saver: SqliteSaver, **options: Any) -> Any:
    gate = human_approval("draft", inbox=inbox, action="publish", clock=inbox.clock, **options)
    return inbox.register(one_gate(gate)().compile(checkpointer=saver), "posts")


def test_it_covers_the_wait_across_processes(
    url: str, inbox: Inbox, clock: FixedClock, collector: Collector, saver: SqliteSaver
) -> None:
    instrument(inbox, tracer_provider=collector.tracers, meter_provider=collector.meters)
    tracer = collector.tracers.get_tracer("the user's")
    with tracer.start_as_current_span("request") as asking:
        app_of(inbox, saver, queue="posts").invoke({"draft": "Hello"}, THREAD)
    [review] = inbox.pending()
    asked = clock()
    clock.advance(hours=3)

    with Inbox.open(url, clock=clock) as other:  # no telemetry where the person decides
        app_of(other, saver, queue="posts")
        other.decide(review.id, Approve(), by="maria")
    decided = clock()
    clock.advance(hours=1)
    assert collector.spans == []
    inbox.work()
    inbox.work()

    [span] = collector.spans
    assert (span.start_time, span.end_time) == (nanoseconds(asked), nanoseconds(decided))
    assert span.parent is not None
    assert span.parent.span_id == asking.get_span_context().span_id
    assert dict(span.attributes or {}) == {
        "hitl.review_id": review.id,
        "hitl.graph": "posts",
        "hitl.kind": "human_approval",
        "hitl.action": "publish",
        "hitl.queue": "posts",
        "hitl.outcome": "approved",
        "hitl.rounds": 1,
        "hitl.wait_seconds": 3 * 3600.0,
    }
    told = [(event.name, dict(event.attributes or {})["hitl.actor"]) for event in span.events]
    assert told == [("asked", "system:graph"), ("decided", "maria")]
    assert span.status.is_unset  # neither a pause nor an answer is an error
    assert inbox.verify()


def test_all_rounds_are_one_span(
    inbox: Inbox, clock: FixedClock, collector: Collector, saver: SqliteSaver
) -> None:
    telemetry = instrument(inbox, tracer_provider=collector.tracers)
    app = app_of(inbox, saver, revise=louder)
    app.invoke({"draft": "Hello"}, THREAD)
    for decision in (Revise("louder"), Reject("no")):
        clock.advance(minutes=10)
        inbox.decide(inbox.pending()[0], decision, by="maria")
    assert telemetry.deliver() == 1
    [span] = collector.spans
    found = dict(span.attributes or {})
    assert (found["hitl.rounds"], found["hitl.outcome"]) == (2, "rejected")
    assert found["hitl.wait_seconds"] == 1200.0
    assert [event.name for event in span.events] == ["asked", "decided", "asked", "decided"]
    assert span.parent is None


def test_every_review_is_told_in_one_process_only(
    url: str, inbox: Inbox, clock: FixedClock, collector: Collector, saver: SqliteSaver
) -> None:
    with Inbox.open(url, clock=clock) as other:
        both = [instrument(each, tracer_provider=collector.tracers) for each in (inbox, other)]
        app = app_of(inbox, saver)
        for number in range(3):
            app.invoke({"draft": "a"}, {"configurable": {"thread_id": str(number)}})
            inbox.decide(inbox.pending()[0], Approve(), by="maria")
        assert sorted(each.deliver() for each in both) == [0, 3]
    assert len(collector.spans) == 3


def test_what_was_over_before_is_not_told(
    inbox: Inbox, collector: Collector, saver: SqliteSaver
) -> None:
    app = app_of(inbox, saver)
    app.invoke({"draft": "a"}, THREAD)
    inbox.decide(inbox.pending()[0], Approve(), by="maria")
    telemetry = instrument(inbox, tracer_provider=collector.tracers)
    assert telemetry.deliver() == 0


def test_a_question_that_died_has_a_span(
    inbox: Inbox, collector: Collector, saver: SqliteSaver
) -> None:
    telemetry = instrument(inbox, tracer_provider=collector.tracers)
    app = app_of(inbox, saver)
    app.invoke({"draft": "a"}, THREAD)
    app.invoke({"draft": "b"}, THREAD)
    inbox.doctor(repair=True)
    telemetry.deliver()
    assert [dict(span.attributes or {})["hitl.outcome"] for span in collector.spans] == [
        "superseded"
    ]


def test_pages_tell_everything_once(
    inbox: Inbox, collector: Collector, monkeypatch: pytest.MonkeyPatch, saver: SqliteSaver
) -> None:
    monkeypatch.setattr("langgraph_hitl.inbox._run.observed.PAGE", 2)
    telemetry = instrument(inbox, tracer_provider=collector.tracers)
    app = app_of(inbox, saver)
    for number in range(5):
        app.invoke({"draft": "a"}, {"configurable": {"thread_id": str(number)}})
        inbox.decide(inbox.pending()[0], Approve(), by="maria")
    assert telemetry.deliver() == 5
    assert len({dict(span.attributes or {})["hitl.review_id"] for span in collector.spans}) == 5
