"""What is wrong with the inbox itself: its audit, its clocks, its graphs; and what is only told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from langgraph_hitl import Inbox
from langgraph_hitl.inbox._doctor import examination
from langgraph_hitl.testing import FixedClock
from tests.inbox.doctor.conftest import Clinic, at


def test_an_empty_inbox_is_healthy(clinic: Clinic) -> None:
    assert clinic.is_healthy()


def test_a_decision_that_was_changed_in_the_tables(clinic: Clinic) -> None:
    _, review = clinic.waiting()
    with clinic.inbox._office.ledger._database.engine.begin() as connection:
        connection.execute(text("UPDATE hitl_reviews SET digest = 'sha256:another'"))
    finding = clinic.only()
    assert finding.kind == "broken chain"
    assert review.id in finding.sentence


def test_a_row_from_the_future(clinic: Clinic) -> None:
    _, review = clinic.waiting()
    clinic.clock.shift = timedelta(hours=-1)
    findings = [f for f in clinic.found() if "from the future" in f.sentence]
    assert [(f.kind, f.review_id) for f in findings] == [("clock skew", review.id)]


def test_the_clock_of_the_database(postgres_url: str) -> None:
    clock = FixedClock()
    with Inbox.open(postgres_url, clock=clock) as inbox:
        (finding,) = inbox.doctor().findings
    assert finding.kind == "clock skew"
    assert "behind that of the database" in finding.sentence


def test_clocks_that_agree(postgres_url: str) -> None:
    with Inbox.open(postgres_url) as inbox:
        assert inbox.doctor().findings == ()


def test_a_graph_that_is_not_registered(clinic: Clinic) -> None:
    clinic.waiting()
    clinic.open()
    clinic.graph("renamed")
    finding = next(f for f in clinic.found() if f.kind == "no graph")
    assert finding.graph == "graph"
    assert "'renamed'" in finding.sentence


def test_without_any_graph_none_is_missed(clinic: Clinic) -> None:
    clinic.waiting()
    clinic.open()
    assert clinic.is_healthy()


def test_reviews_without_a_deadline_are_told_by_gate(clinic: Clinic) -> None:
    app, oldest = clinic.waiting("t1")
    app.invoke({"draft": "Hello"}, at("t2"))
    report = clinic.inbox.doctor()
    (finding,) = [f for f in report.findings if f.kind == "no deadline"]
    assert finding.review_id == oldest.id
    assert finding.sentence.startswith("2 pending reviews of the gate 'gate'")
    assert report.healthy


def test_many_of_a_kind_are_counted(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "LISTED", 2)
    app = clinic.graph()
    for number in range(5):
        app.invoke({"draft": "Hello"}, at(f"t{number}"))
        clinic.saver.delete_thread(f"t{number}")
    report = clinic.inbox.doctor()
    found = [f for f in report.findings if f.kind == "no thread"]
    assert len(found) == 3
    assert found[-1].sentence.startswith("3 more of this kind")
    assert not report.healthy
    assert clinic.inbox.doctor(repair=True).healthy
    assert clinic.is_healthy()
