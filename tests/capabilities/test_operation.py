"""P1, P2, P6, P7, P11, P12 and P13: operation. Artefacts are read by an inbox opened anew."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from langgraph_hitl import Approve, Edit, Inbox, Reject, Reviewer, approved, human_approval
from langgraph_hitl.errors import NotAuthorised
from langgraph_hitl.inbox import executed
from langgraph_hitl.people import people_from
from langgraph_hitl.precedents import by_keys
from langgraph_hitl.review import Decision, ReviewRequest
from tests.capabilities.world import State, World
from tests.drivers import Builder

PAYMENT = {"to": "ACME", "amount": 120}


def payments(world: World, **options: Any) -> Any:
    def build(inbox: Inbox) -> Builder:
        gate = human_approval("payment", action="pay", inbox=inbox, **options)
        return world.graph(gate)

    return build


def test_p1_every_transition_is_audited_and_tampering_is_found(world: World) -> None:
    build = payments(world)
    with world.visit(build) as visit:
        visit.start({"payment": PAYMENT})
    with world.visit(build) as visit:
        visit.decide(Edit({**PAYMENT, "amount": 100}, "as agreed"))
    page, rows = world.folder / "audit.html", world.folder / "audit.jsonl"
    with world.inbox() as inbox:
        report = inbox.report(since="2026-01-01", until="2026-12-31")
        assert report.verification
        assert report.people == {"maria": 1}
        report.to_html(page)
        report.to_jsonl(rows)
        assert inbox.verify(report.head)
    events = [json.loads(line)["event"] for line in rows.read_text().splitlines()]
    assert [one for one in events if one != "direct"][:3] == ["filed", "settled", "applied"]
    assert "maria" in page.read_text()
    with closing(sqlite3.connect(world.folder / "reviews.db")) as database, database:
        database.execute("UPDATE hitl_audit SET actor = 'eve' WHERE actor = 'maria'")
    with world.inbox() as inbox:
        assert not inbox.verify()


def test_p2_a_deadline_fires_and_names_the_system(world: World) -> None:
    told: list[tuple[str, str]] = []
    build = payments(world, timeout="1d", remind="1h")
    notify = {"notify": lambda notice: told.append((notice.event, notice.actor))}
    with world.visit(build, **notify) as visit:
        visit.start({"payment": PAYMENT})
        visit.start({"payment": PAYMENT}, thread="2")
        world.clock.advance(hours=23)
        visit.inbox.work()
        visit.decide(Approve(), thread="2")
        world.clock.advance(hours=1)
    with world.visit(build, **notify) as visit:
        visit.inbox.work()
        record = visit.state()["review"]
    assert (record["outcome"], record["decided_by"]) == ("timed_out", "system:deadline")
    assert world.ran == ["run", "stop"]
    assert ("expired", "system:deadline") in told
    assert "reminder" in dict(told)


def test_p2_the_doctor_lists_what_has_no_deadline(world: World) -> None:
    build = payments(world)
    with world.visit(build) as visit:
        visit.start({"payment": PAYMENT})
    with world.visit(build) as visit:
        found = [one for one in visit.inbox.doctor().findings if one.kind == "no deadline"]
        assert len(found) == 1
        visit.decide(Reject())
    assert world.ran == ["stop"]


def test_p6_every_decision_is_training_data(world: World) -> None:
    build = payments(world)
    with world.visit(build) as visit:
        visit.start({"payment": PAYMENT})
    with world.visit(build) as visit:
        visit.decide(Edit({**PAYMENT, "amount": 100}, "as agreed"))
    with world.inbox() as inbox:
        for kind in ("decisions", "edits", "preferences", "evaluation"):
            inbox.export(kind).to_jsonl(world.folder / f"{kind}.jsonl")
    (edit,) = _rows(world, "edits")
    assert (edit["before"]["amount"], edit["after"]["amount"]) == (120, 100)
    assert len(_rows(world, "decisions")) == 1
    (preference,) = _rows(world, "preferences")
    assert "100" in str(preference["chosen"])
    assert "120" in str(preference["rejected"])


def _rows(world: World, kind: str) -> list[dict[str, Any]]:
    return [json.loads(one) for one in (world.folder / f"{kind}.jsonl").read_text().splitlines()]


def test_p7_the_form_is_filled_in_from_comparable_decisions(world: World) -> None:
    build = payments(world, similar=by_keys("to"))
    for thread in "123":
        with world.visit(build) as visit:
            visit.start({"payment": PAYMENT}, thread=thread)
            visit.decide(Approve())
    with world.visit(build) as visit:
        visit.start({"payment": PAYMENT}, thread="4")
    with world.visit(build) as visit:
        suggestion = visit.review().request["suggestion"]
        assert suggestion["suggested"] is True
        assert suggestion["sentence"] == "approved in 3 of 3 comparable cases"
        visit.decide(Reject())
    assert world.ran == ["run", "run", "run", "stop"]


def test_p11_what_reviewers_taught_reaches_later_runs(world: World) -> None:
    build = payments(world)
    with world.visit(build) as visit:
        visit.start({"payment": PAYMENT})
    with world.visit(build) as visit:
        visit.decide(Reject("ask for the receipt first"))
    with world.inbox() as inbox:
        guidance = inbox.guide(action="pay", how=by_keys("to"), subject="payment")
        assert guidance({"payment": {"to": "ACME"}}) == ["ask for the receipt first"]


def test_p12_hooks_run_once_and_the_result_is_audited(world: World) -> None:
    asked: list[Any] = []
    decided: list[tuple[Any, Decision]] = []

    def on_decided(request: ReviewRequest, decision: Decision) -> None:
        decided.append((request.subject, decision))

    def build(inbox: Inbox) -> Builder:
        gate = human_approval(
            "payment",
            inbox=inbox,
            on_asked=lambda request: asked.append(request.subject),
            on_decided=on_decided,
        )
        builder = world.graph(gate, approved="pay", rejected="stop")
        builder.nodes.pop("pay")
        builder.add_node("pay", pay)
        return builder

    def pay(state: State) -> dict[str, str]:
        executed(state, {"receipt": approved(state, "payment")["amount"]})
        return {"went": "pay"}

    with world.visit(build) as visit:
        visit.start({"payment": PAYMENT})
    with world.visit(build) as visit:
        visit.decide(Edit({**PAYMENT, "amount": 100}, "as agreed"))
        visit.inbox.work()
    assert asked == [PAYMENT]
    assert decided == [(PAYMENT, Edit({**PAYMENT, "amount": 100}, "as agreed"))]
    with world.inbox() as inbox:
        (done,) = inbox.decided()
        assert "executed" in [row.event for row in inbox.history(done.id)]


STAFF = """
tz: UTC
people:
  - {id: ann, roles: [finance], limit: {decisions: 1, minutes: 60}}
  - {id: bob, roles: [finance]}
"""


def test_p13_who_has_reached_the_limit_rests_and_another_has_the_turn(world: World) -> None:
    build = payments(world, reviewers="finance", criteria=["The supplier is known."])
    options: dict[str, Any] = {"people": people_from(STAFF), "assign": True}
    with world.visit(build, **options) as visit:
        for thread in "123":
            visit.start({"payment": PAYMENT}, thread=thread)
    with world.visit(build, **options) as visit:
        first, *_ = visit.inbox.pending(assigned="ann")
        visit.inbox.decide(first, Approve(), by="ann")
        rest = visit.inbox.pending()
        assert all(one.request["criteria"] == ["The supplier is known."] for one in rest)
        with pytest.raises(NotAuthorised):
            visit.inbox.decide(rest[0], Approve(), by=Reviewer("ann", roles=("finance",)))
        visit.inbox.work()
    with world.visit(build, **options) as visit:
        assert {one.assigned for one in visit.inbox.pending()} == {"bob"}
        for one in visit.inbox.pending():
            visit.inbox.decide(one, Approve(), by="bob")
    assert world.ran == ["run"] * 3
