"""Who may hold a thread changes with the code that runs it, and never unseen."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from langgraph_hitl import Inbox, Reviewer, supervised
from langgraph_hitl.errors import NotAuthorised, ThreadPaused
from langgraph_hitl.inbox._ledger.audit import AuditRow
from langgraph_hitl.testing import FixedClock
from tests.inbox.ledgers import LedgerPlace
from tests.inbox.oversight.layers import Shape, build
from tests.inbox.oversight.runner import LINE, ORDER, Runner
from tests.inbox.races.place import Place
from tests.inbox.test_ledger_verify import tamper

CONFIG: Any = {"configurable": {"thread_id": "t"}}
MARIA = Reviewer("maria", roles=("operators",))


class Deployments:
    """One thread, which differently built processes run one after another."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.saver = InMemorySaver()

    def run(self, supervisors: Any, note: Any = lambda _: None) -> None:
        app = build(Shape(((0,),)), note).compile(checkpointer=self.saver)
        self.inbox._office.registry._apps.pop("line", None)
        supervised(app, inbox=self.inbox, name="line", supervisors=supervisors)
        app.invoke({"ran": []}, CONFIG)

    @property
    def told(self) -> list[AuditRow]:
        rows = self.inbox.history(self.inbox.run("t").id)
        return [row for row in rows if row.event == "supervised"]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def deployments(clock: FixedClock) -> Deployments:
    return Deployments(Inbox.open("sqlite:///:memory:", clock=clock))


def test_a_change_is_on_record_with_before_and_after(
    deployments: Deployments, clock: FixedClock
) -> None:
    deployments.run("operators")
    begun = clock.now
    clock.advance(hours=1)
    deployments.run("operators")
    assert deployments.inbox.run("t").supervised_at == begun
    for supervisors in ("sre", None):
        deployments.run(supervisors)
    assert [row.content for row in deployments.told] == [
        {"before": None, "after": panel("operators")},
        {"before": panel("operators"), "after": panel("sre")},
        {"before": panel("sre"), "after": None},
    ]
    assert {row.actor for row in deployments.told} == {"system:graph"}
    run = deployments.inbox.runs()[0]
    assert (run.supervisors, run.supervised_at) == (None, clock.now)
    assert deployments.inbox.verify()


def panel(role: str) -> Any:
    from langgraph_hitl.panels import anyone

    return anyone(role).to_json()


def test_who_has_no_supervisors_has_no_row(deployments: Deployments) -> None:
    deployments.run(None)
    assert deployments.inbox.run("t").supervised_at is None
    deployments.inbox.pause("t", by="maria", reason="odd")
    assert [row.event for row in deployments.inbox.history(deployments.inbox.run("t").id)] == [
        "paused"
    ]


def test_a_new_list_holds_from_the_next_run_on(deployments: Deployments) -> None:
    deployments.run("operators")
    deployments.run("sre")
    with pytest.raises(NotAuthorised, match="sre"):
        deployments.inbox.pause("t", by=MARIA, reason="odd")
    sre = Reviewer("sam", roles=("sre",))
    assert deployments.inbox.pause("t", by=sre, reason="odd").status == "paused"


def test_nobody_gets_at_a_held_thread_with_another_list(deployments: Deployments) -> None:
    deployments.run("operators")
    deployments.inbox.pause("t", by=MARIA, reason="odd")
    with pytest.raises(ThreadPaused):
        deployments.run(None)
    assert len(deployments.told) == 1
    with pytest.raises(NotAuthorised, match="operators"):
        deployments.inbox.resume("t", by="eve")


def test_a_laxer_process_does_not_change_a_run_that_is_under_way(place: Place) -> None:
    runner = Runner(place)
    runner.do("start", thread="t", stop_in=ORDER[0])
    with Inbox.open(place.url) as elsewhere, place.saver() as saver:
        app = build(LINE, lambda _: None).compile(checkpointer=saver)
        supervised(app, inbox=elsewhere, name="line")
        with pytest.raises(NotAuthorised, match="operators"):
            elsewhere.stop("t", by="eve", reason="mine")
        runner.go()
        assert runner.hear() == ("finished", None)
        app.invoke(None, CONFIG)
        rows = elsewhere.history(elsewhere.run("t").id)
        assert [row.event for row in rows] == ["supervised", "refused", "supervised"]
        assert elsewhere.verify()
    runner.end()


@pytest.mark.parametrize("changes", [1, 2])
def test_who_changes_the_list_in_the_table_is_found_out(
    shared_place: LedgerPlace, changes: int
) -> None:
    with Inbox.open(shared_place.url) as inbox, inbox._office.ledger.transaction() as tx:
        for role in ("operators", "sre")[:changes]:
            tx.begin_run("line", "t", keys=(), supervisors=panel(role))
    with Inbox.open(shared_place.url) as inbox:
        assert inbox.verify()
        tamper(shared_place, "UPDATE hitl_runs SET supervisors = NULL")
        assert "who supervises run" in (inbox.verify().problem or "")
