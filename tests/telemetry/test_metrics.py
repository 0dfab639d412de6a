"""What waits, and what was decided, as metrics and as Prometheus' text."""

from __future__ import annotations

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl import Approve, Reject
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.review.decision import Decision
from langgraph_hitl.telemetry import instrument, prometheus_text
from langgraph_hitl.testing import FixedClock
from tests.inbox.ledgers import filing, settlement
from tests.telemetry.conftest import Collector
from tests.telemetry.test_span import app_of


def test_what_waits_is_read_from_the_ledger(
    inbox: Inbox, clock: FixedClock, collector: Collector
) -> None:
    instrument(inbox, meter_provider=collector.meters)
    with inbox._office.ledger.transaction() as tx:
        tx.file(filing("r1", queue="legal"))
        tx.file(filing("r2", queue="legal", due=clock()))
        tx.file(filing("r3"))
    clock.advance(minutes=2)
    assert collector.points("pending") == [({"queue": "default"}, 1), ({"queue": "legal"}, 2)]
    assert collector.points("oldest") == [({}, 120.0)]
    assert collector.points("overdue") == [({}, 1)]


def test_nothing_that_waits_is_told_too(inbox: Inbox, collector: Collector) -> None:
    instrument(inbox, meter_provider=collector.meters)
    assert collector.points("pending") == [({"queue": "default"}, 0)]
    with inbox._office.ledger.transaction() as tx:
        tx.file(filing("r1", queue="legal"))
    assert collector.points("pending") == [({"queue": "default"}, 0), ({"queue": "legal"}, 1)]
    with inbox._office.ledger.transaction() as tx:
        tx.settle(settlement("r1"))
    assert collector.points("pending") == [({"queue": "default"}, 0), ({"queue": "legal"}, 0)]


def test_decisions_are_counted_once(
    inbox: Inbox, clock: FixedClock, collector: Collector, saver: SqliteSaver
) -> None:
    instrument(inbox, meter_provider=collector.meters)
    app = app_of(inbox, saver)
    decisions: list[Decision] = [Approve(), Approve(), Reject("no")]
    for number, decision in enumerate(decisions):
        app.invoke({"draft": "a"}, {"configurable": {"thread_id": str(number)}})
        clock.advance(seconds=10)
        inbox.decide(inbox.pending()[0], decision, by="maria")
    with inbox._office.ledger.transaction() as tx:
        tx.pass_automatically(filing("r1", action="publish"))
    inbox.work()
    inbox.work()
    counted = {about["outcome"]: value for about, value in collector.points("decided")}
    assert counted == {"approved": 2, "rejected": 1, "auto_approved": 1}
    waited = {about["outcome"]: value for about, value in collector.points("wait")}
    assert waited == {"approved": 20.0, "rejected": 10.0}


def test_an_inbox_that_is_closed_measures_nothing(
    url: str, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Inbox.open(url) as inbox:
        instrument(inbox, meter_provider=collector.meters)
        monkeypatch.setattr(inbox._office.ledger, "reading", lambda: 1 / 0)
        assert collector.points("pending") == []


def test_the_text_of_prometheus_of_an_empty_inbox(inbox: Inbox) -> None:
    lines = prometheus_text(inbox.metrics(), {}).splitlines()
    assert 'langgraph_hitl_pending{queue="default"} 0' in lines


def test_the_text_of_prometheus(inbox: Inbox) -> None:
    with inbox._office.ledger.transaction() as tx:
        tx.file(filing("r1", queue='the "legal"\nqueue\\'))
        tx.pass_automatically(filing("r2"))
    lines = prometheus_text(inbox.metrics(), inbox.report().outcomes).splitlines()
    assert r'langgraph_hitl_pending{queue="the \"legal\"\nqueue\\"} 1' in lines
    assert 'langgraph_hitl_reviews{status="pending"} 1' in lines
    assert 'langgraph_hitl_decided_total{outcome="auto_approved"} 1' in lines
    assert "langgraph_hitl_oldest_seconds 0.0" in lines
    for line in lines:
        assert line.startswith(("# HELP ", "# TYPE ", "langgraph_hitl_"))
