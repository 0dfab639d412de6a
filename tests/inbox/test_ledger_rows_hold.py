"""`verify` replays the audit: where a review waits, for whom, and what was done for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import Inbox, Reviewer
from langgraph_hitl.deadlines import Limit
from langgraph_hitl.inbox._course import begun
from langgraph_hitl.inbox._ledger.audit import Entry
from langgraph_hitl.inbox._ledger.filing import _entry
from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.inbox._ledger.writing import Transaction
from langgraph_hitl.inbox.review import RECALL, RELEASED
from langgraph_hitl.panels import anyone, chain
from langgraph_hitl.testing import FixedClock
from tests.inbox.ledgers import MONDAY, LedgerPlace, ballot, filing, settlement
from tests.inbox.test_ledger_verify import tamper, verified

LATER = MONDAY + timedelta(hours=2)


def _wait(tx: Transaction) -> None:
    """`free` as it was filed; `led` with a deadline; `late` put off, claimed and assigned."""
    tx.file(filing("free", eligible=("role:editors", "person:jo")))
    course = begun(anyone("editors"), Limit("2d"), MONDAY)
    assert course is not None
    led = {"eligible": ("role:editors",), "course": course, "due": course.deadline}
    tx.file(filing("led", **led, requester="kim", risk="high", score=1))
    review, _ = tx.file(filing("late"))
    until = {"until": LATER.isoformat(), "hidden": LATER.isoformat()}
    tx.note("late", "deferred", actor="maria", channel="inbox", content=until, round=0)
    tx.advance(review, course=None, keys=review.eligible, hidden_until=LATER)
    tx.note("late", "claimed", actor="jo", channel="inbox", content=until, round=0)
    tx.claim(review, by="jo", until=LATER)
    tx.note("late", "assigned", actor="jo", channel="inbox", content={"to": "jo"}, round=0)
    tx.assign(review, to="jo")


def _end(tx: Transaction) -> None:
    """`called` was decided and its hooks ran; `over` was overruled, and called back."""
    for name in ("called", "over"):
        tx.file(filing(name))
        tx.hook_ran(name, 0, "asked")
        tx.settle(settlement(name))
    tx.apply([("over", 0, "approved", None)])
    tx.overrule(settlement("over", by="ceo", outcome="rejected"), reason="fraud")
    tx.recalled("over", 0, actor="ceo")
    tx.file(filing("sample", mode="sampled"))
    tx.rest([("sample", 0, "sampled")])
    tx.file(filing("sent", mode="submitted"))
    tx.join("sent", gate="joined", root_checkpoint="checkpoint-2", task="t1")
    tx.file(filing("voted"))
    for voter in ("ann", "bob", "cem"):
        tx.vote(ballot("voted", voter), replace=False)
    tx.vote(ballot("voted", "ann", roles=("security",)), replace=True)


@pytest.fixture
def filled(shared_place: LedgerPlace) -> LedgerPlace:
    ledger = shared_place.open()
    for fill in (_wait, _end):
        with ledger.transaction() as tx:
            fill(tx)
    ledger.close()
    return shared_place


def test_what_people_time_and_graphs_did_holds(filled: LedgerPlace) -> None:
    report = verified(filled)
    assert report, report.problem


def test_a_score_that_is_no_number_is_named(tmp_path: Path) -> None:
    """SQLite keeps a text in any column."""
    place = LedgerPlace("file", f"sqlite:///{tmp_path / 'reviews.db'}")
    ledger = place.open()
    with ledger.transaction() as tx:
        tx.file(filing())
    ledger.close()
    tamper(place, "UPDATE hitl_reviews SET score = 'high'")
    assert verified(place).problem == MOVED.format("r1")


def _set(review_id: str, what: str, table: str = "hitl_reviews", key: str = "id") -> str:
    return f"UPDATE {table} SET {what} WHERE {key} = '{review_id}'"


MOVED = "where review {} waits, for whom, or about what, was changed"
PLACES = [
    "graph = 'other'",
    "thread_id = 'thread-of-eve'",
    "gate = 'other'",
    "root_checkpoint = 'other'",
    "root_checkpoint = NULL",
    "kind = 'ask_human'",
    "action = 'pay'",
    "mode = 'submitted'",
    "queue = 'nobody looks here'",
    "rank = 3",
    "risk = 'low'",
    "score = 0.5",
    "requester = NULL",
]
TOUCHED = [
    *((_set("led", what), MOVED.format("led")) for what in PLACES),
    *((_set("sent", what), MOVED.format("sent")) for what in PLACES[:4]),
    (_set("free", "due = 5"), MOVED.format("free")),
    (_set("free", """eligible = '["*"]'"""), MOVED.format("free")),
    (_set("led", """eligible = '["*"]'"""), "who decides review led, or by when, was changed"),
    (_set("free", "created_at = 1"), "when review free was filed was changed"),
    (_set("free", "filed_at = 1", "hitl_versions", "review_id"), "when review free, round 0, was"),
    (_set("free", "hidden = 9"), "until when review free is put off was changed"),
    (_set("late", "hidden = 0"), "until when review late is put off was changed"),
    (_set("late", "claimed_by = 'eve'"), "who looks at review late was changed"),
    (_set("late", "claimed_until = 9"), "who looks at review late was changed"),
    (_set("free", "claimed_by = 'eve'"), "who looks at review free was changed"),
    (_set("late", "assigned = NULL"), "whose turn review late is was changed"),
    (_set("free", "assigned = 'eve'"), "whose turn review free is was changed"),
    (_set("called", """hooks = '[[0,"asked"],[0,"decided"]]'"""), "what was called for review"),
    (_set("called", "hooks = '[]'"), "what was called for review called was changed"),
    (_set("over", """hooks = '[[0,"asked"]]'"""), "what was called for review over was changed"),
    (_set("free", """hooks = '[[0,"overruled"]]'"""), "what was called for review free was"),
    (_set("sample", "hooks = '[]'"), "what was called for review sample was changed"),
    (_set("sent", """hooks = '[[0,"joined:t2"]]'"""), "what was called for review sent was"),
    (_set("called", "wake = 0"), "whether review called has to be followed was changed"),
    (_set("over", "wake = 1"), "whether review over has to be followed was changed"),
    ("DELETE FROM hitl_eligible", "of review free"),
    ("DELETE FROM hitl_eligible WHERE review_id = 'late'", "the queue entries of review late"),
    (_set("led", "key = '*'", "hitl_eligible", "review_id"), "the queue entries of review led"),
    (_set("led", "rank = 3", "hitl_eligible", "review_id"), "the queue entries of review led"),
    (_set("led", "due = 3", "hitl_eligible", "review_id"), "the queue entries of review led"),
    (_set("late", "hidden = 0", "hitl_eligible", "review_id"), "the queue entries of review late"),
    (
        "INSERT INTO hitl_eligible (key, rank, due, created_at, review_id, hidden)"
        " SELECT 'person:eve', rank, due, created_at, review_id, hidden FROM hitl_eligible"
        " WHERE review_id = 'led'",
        "the queue entries of review led",
    ),
    (
        "INSERT INTO hitl_eligible (key, rank, due, created_at, review_id, hidden)"
        " VALUES ('*', 1, 1, 1, 'called', 0)",
        "the queue entries of review called",
    ),
    (
        "UPDATE hitl_votes SET number = 9 WHERE voter = 'bob'",
        "the order of the votes on review voted, round 0, was changed",
    ),
    ("UPDATE hitl_votes SET number = 9 WHERE voter <> 'ann'", "the order of the votes on review"),
]


@pytest.mark.parametrize(("statement", "told"), TOUCHED, ids=[one for one, _ in TOUCHED])
def test_a_row_that_was_touched_is_named(filled: LedgerPlace, statement: str, told: str) -> None:
    tamper(filled, statement)
    assert told in (verified(filled).problem or "")


def test_a_hook_that_an_override_lets_run_again_cannot_be_marked_as_done(
    shared_place: LedgerPlace,
) -> None:
    ledger = shared_place.open()
    with ledger.transaction() as tx:
        tx.file(filing())
        tx.settle(settlement())
        tx.hook_ran("r1", 0, "decided")
        tx.override(settlement(by="ceo", outcome="rejected"), reason="fraud")
    ledger.close()
    assert verified(shared_place)
    tamper(shared_place, """UPDATE hitl_reviews SET hooks = '[[0,"decided"]]'""")
    assert "what was called for review r1" in (verified(shared_place).problem or "")


def test_what_time_ends_at_once_with_passing_it_up_holds(shared_place: LedgerPlace) -> None:
    clock = FixedClock(MONDAY)
    ladder = chain("member", "lead", within={"member": timedelta(hours=4)})
    course = begun(ladder, Limit("1d"), MONDAY)
    assert course is not None
    with Inbox.open(shared_place.url, clock=clock) as inbox:
        led: dict[str, Any] = {"course": course, "eligible": ladder.eligible_keys}
        led["due"] = course.deadline
        with inbox._office.ledger.transaction() as tx:
            tx.file(filing(**led))
        member = Reviewer("ann", level="member")
        inbox.defer("r1", by=member, until=MONDAY + timedelta(hours=2))
        inbox.claim("r1", by=member)
        clock.advance(days=2)
        inbox.work()
        assert inbox.get("r1").outcome == "timed_out"
        assert "escalated" in [row.event for row in inbox.history("r1")]
        report = inbox.verify()
    assert report, report.problem


def test_what_was_decided_and_waits_for_its_graph_cannot_be_put_to_sleep(
    shared_place: LedgerPlace,
) -> None:
    ledger = shared_place.open()
    with ledger.transaction() as tx:
        tx.file(filing())
        tx.settle(settlement(outcome="cancelled"), status="cancelled")
        tx.file(filing("r2", mode="submitted"))
        tx.settle(settlement("r2"))
        tx.rest([("r2", 0, "submitted")])
    ledger.close()
    assert verified(shared_place)
    tamper(shared_place, "UPDATE hitl_reviews SET wake = 0 WHERE id = 'r1'")
    assert "whether review r1 has to be followed" in (verified(shared_place).problem or "")


def test_what_was_removed_leaves_nothing_to_compare_with(filled: LedgerPlace) -> None:
    ledger = filled.open()
    with ledger.transaction() as tx:
        tx.redact("over", actor="admin", reason="asked for")
    ledger.close()
    assert verified(filled)


def test_what_an_older_release_did_not_tell_is_no_finding(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_place(*given: Any, **more: Any) -> Entry:
        entry = _entry(*given, **more)
        return replace(entry, content={"shown": entry.content["shown"]})

    monkeypatch.setattr("langgraph_hitl.inbox._ledger.filing._entry", without_place)
    with ledger.transaction() as tx:
        tx.file(filing())
        tx._marked("r1", 0, "asked")
        tx.settle(settlement(outcome="needs_revision"))
        tx._marked("r1", 0, "decided")
    monkeypatch.undo()
    with ledger.transaction() as tx:
        tx.file(filing(round=1))
        tx.hook_ran("r1", 1, "asked")
    with ledger.reading() as rx:
        report = rx.verify()
    assert report, report.problem


def test_what_is_called_is_in_the_audit(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        tx.file(filing(mode="sampled"))
        tx.hook_ran("r1", 0, "asked")
        tx.hook_ran("r1", 0, "asked")
        tx.rest([("r1", 0, "sampled")])
        tx.settle(settlement())
        tx.recalled("r1", 0, actor="maria")
    with ledger.reading() as rx:
        rows = rx.history("r1")
        review = rx.get("r1")
    assert [(row.event, row.content) for row in rows if row.event in ("hook_ran", "recalled")] == [
        ("hook_ran", {"hook": "asked"}),
        ("hook_ran", {"hook": RELEASED}),
        ("recalled", None),
    ]
    assert review is not None
    assert review.hooks == ("asked", RELEASED, RECALL)


BROKEN = [
    ("hitl_versions", "request"),
    ("hitl_versions", "question"),
    ("hitl_reviews", "eligible"),
    ("hitl_reviews", "course"),
    ("hitl_reviews", "hooks"),
    ("hitl_settlements", "decision"),
    ("hitl_settlements", "authority"),
    ("hitl_votes", "decision"),
    ("hitl_votes", "roles"),
    ("hitl_votes", "authority"),
    ("hitl_audit", "content"),
]


@pytest.mark.parametrize("text", ["{", "7", "[[]]"])
@pytest.mark.parametrize(("table", "column"), BROKEN, ids=[f"{t}.{c}" for t, c in BROKEN])
def test_a_text_that_is_no_json_or_not_ours_is_a_finding(
    filled: LedgerPlace, table: str, column: str, text: str
) -> None:
    tamper(filled, f"UPDATE {table} SET {column} = '{text}'")
    assert not verified(filled)
