"""Telemetry that raises or hangs: no review notices."""

from __future__ import annotations

import sys
import threading
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

from langgraph_hitl import Approve
from langgraph_hitl.errors import InboxError, MissingExtra
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.telemetry import instrument
from langgraph_hitl.telemetry.guard import Guard
from tests.telemetry.conftest import Collector
from tests.telemetry.test_span import THREAD, app_of


class Raising(SpanProcessor):
    def on_start(self, *_: Any, **__: Any) -> None:
        raise RuntimeError("no exporter")


class Hanging(SpanProcessor):
    """Hangs until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.hung = threading.Event()

    def on_start(self, *_: Any, **__: Any) -> None:
        self.hung.set()
        self.let_go.wait(30)


def with_processor(processor: SpanProcessor) -> TracerProvider:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(processor)
    return provider


def decided(inbox: Inbox, app: Any, thread: str) -> str:
    """A review that is asked and approved; how it ended."""
    app.invoke({"draft": "a"}, {"configurable": {"thread_id": thread}})
    [review] = inbox.pending(thread=thread)
    inbox.decide(review, Approve(), by="maria")
    return inbox.get(review.id).status


def test_a_provider_that_raises(inbox: Inbox, saver: SqliteSaver) -> None:
    instrument(inbox, tracer_provider=with_processor(Raising()))
    assert decided(inbox, app_of(inbox, saver), "t") == "applied"
    assert inbox.work().failed == {}


def test_a_provider_that_hangs_holds_up_nothing(inbox: Inbox, saver: SqliteSaver) -> None:
    processor = Hanging()
    instrument(inbox, tracer_provider=with_processor(processor), patience=0.01)
    app = app_of(inbox, saver)
    try:
        assert decided(inbox, app, "1") == "applied"
        assert inbox.work().failed == {}
        assert processor.hung.wait(10)
        assert decided(inbox, app, "2") == "applied"
        assert inbox.work().failed == {}  # dropped at once: the first still hangs
    finally:
        processor.let_go.set()


def test_a_trace_that_cannot_be_read(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, saver: SqliteSaver
) -> None:
    instrument(inbox)
    monkeypatch.setattr("langgraph_hitl.telemetry.span.current_trace", lambda: 1 / 0)
    app_of(inbox, saver).invoke({"draft": "a"}, THREAD)
    assert len(inbox.pending()) == 1


def test_a_trace_in_the_ledger_that_is_none(
    inbox: Inbox, collector: Collector, monkeypatch: pytest.MonkeyPatch, saver: SqliteSaver
) -> None:
    telemetry = instrument(inbox, tracer_provider=collector.tracers)
    trace = {"traceparent": "00-what-is-this-01"}
    monkeypatch.setattr("langgraph_hitl.telemetry.span.current_trace", lambda: trace)
    decided(inbox, app_of(inbox, saver), "t")
    telemetry.deliver()
    [span] = collector.spans
    assert span.parent is None


def test_a_guard_is_free_again_after_what_hung() -> None:
    hangs, over = threading.Event(), threading.Event()

    def hang() -> None:
        hangs.wait(30)
        over.set()

    guard = Guard(0.01)
    assert not guard(hang)
    assert not guard(lambda: None)
    hangs.set()
    assert over.wait(10)
    for thread in threading.enumerate():
        if thread.name == "hitl-telemetry":
            thread.join(10)
    assert guard(lambda: None)
    assert not guard(lambda: print(1 / 0))
    assert guard(lambda: None)


def test_an_inbox_is_instrumented_once(inbox: Inbox) -> None:
    telemetry = instrument(inbox)
    with pytest.raises(InboxError, match="instrumented already"):
        instrument(inbox)
    telemetry.stop()
    instrument(inbox)


def test_without_opentelemetry_the_extra_is_named(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "langgraph_hitl.telemetry.instruments", raising=False)
    with pytest.raises(MissingExtra, match=r"langgraph-hitl\[otel\]"):
        instrument(inbox)
