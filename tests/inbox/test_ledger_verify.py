"""`verify` finds what was changed behind the ledger's back, and says what it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.inbox._ledger.verify import Verification
from tests.inbox.ledgers import LedgerPlace, ballot, filing, settlement

REJECT = {"type": "reject", "message": "no"}


def fill(ledger: Ledger) -> None:
    """Two reviews with votes, a new version, a removal, and an automatic pass."""
    with ledger.transaction() as tx:
        tx.file(filing())
        tx.vote(ballot(), replace=False)
        tx.settle(settlement(outcome="needs_revision", decision=REJECT))
    with ledger.transaction() as tx:
        tx.file(filing(round=1, digest="sha256:bb"))
        tx.vote(ballot(round=1), replace=False)
        tx.settle(settlement(round=1, digest="sha256:bb"))
        tx.pass_automatically(filing("r2"))
        tx.file(filing("r3"))
    with ledger.transaction() as tx:
        tx.apply([("r1", 1, "approved", None)])


@pytest.fixture
def filled(shared_place: LedgerPlace) -> LedgerPlace:
    ledger = shared_place.open()
    fill(ledger)
    ledger.close()
    return shared_place


def tamper(place: LedgerPlace, *statements: str) -> None:
    """What somebody does who has the database in his hands."""
    engine = create_engine(place.url.replace("postgresql://", "postgresql+psycopg://"))
    if place.kind == "file":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = OFF"))
    with engine.begin() as connection:
        if place.kind == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            changed = connection.execute(text(statement)).rowcount
            assert changed, statement
    engine.dispose()


def verified(place: LedgerPlace, head: str | None = None) -> Verification:
    ledger = place.open()
    with ledger.reading() as rx:
        report = rx.verify(head=head)
    ledger.close()
    return report


def test_a_ledger_that_nobody_touched_holds(filled: LedgerPlace) -> None:
    report = verified(filled)
    assert report.ok is bool(report) is True
    assert (report.rows, report.redacted, report.problem) == (9, 0, None)
    assert re.fullmatch(r"9:[0-9a-f]{64}", report.head)


def test_an_empty_ledger_holds(ledger: Ledger) -> None:
    with ledger.reading() as rx:
        report = rx.verify()
        assert report
        assert rx.verify(head=report.head)
    assert (report.rows, report.head) == (0, f"0:{'0' * 64}")


def test_a_ledger_that_went_on_holds_against_its_old_head(filled: LedgerPlace) -> None:
    kept = verified(filled).head
    ledger = filled.open()
    with ledger.transaction() as tx:
        tx.settle(settlement("r3"))
    ledger.close()
    assert verified(filled, kept)


CHAIN = [
    ("UPDATE hitl_audit SET actor = 'eve' WHERE seq = 3", "row 3 (settled, review r1) was changed"),
    ("UPDATE hitl_audit SET event = 'refused' WHERE seq = 2", "row 2 (refused, review r1)"),
    ("UPDATE hitl_audit SET at = at + 1 WHERE seq = 1", "row 1 (filed, review r1) was changed"),
    ("UPDATE hitl_audit SET channel = 'cli' WHERE seq = 2", "row 2 (voted, review r1) was changed"),
    ("UPDATE hitl_audit SET outcome = 'approved' WHERE seq = 3", "row 3"),
    ("UPDATE hitl_audit SET round = 5 WHERE seq = 3", "row 3"),
    ("UPDATE hitl_audit SET review_id = 'r3' WHERE seq = 3", "row 3 (settled, review r3)"),
    ("UPDATE hitl_audit SET hash = prev_hash WHERE seq = 4", "row 4"),
    (
        "UPDATE hitl_audit SET reason = 'reject' WHERE seq = 2",
        "reason or the content of audit row 2",
    ),
    ("UPDATE hitl_audit SET content = NULL WHERE seq = 3", "reason or the content of audit row 3"),
    ("UPDATE hitl_audit SET content = '{}' WHERE seq = 3", "reason or the content of audit row 3"),
    ("UPDATE hitl_audit SET salt = NULL WHERE seq = 3", "row 3 (settled, review r1) has a content"),
    (
        "UPDATE hitl_audit SET salt = NULL, content = NULL, reason = NULL WHERE seq = 3",
        "decision of review r1, round 0",
    ),
    ("DELETE FROM hitl_audit WHERE seq = 4", "row 4 of the chain was removed"),
    ("DELETE FROM hitl_audit WHERE seq IN (1, 2)", "rows 1-2 of the chain was removed"),
    ("UPDATE hitl_audit SET seq = 0 WHERE seq = 1", "row 0 (filed, review r1) was inserted"),
]


@pytest.mark.parametrize(("statement", "told"), CHAIN, ids=[one for one, _ in CHAIN])
def test_a_row_of_the_chain_that_was_touched_is_named(
    filled: LedgerPlace, statement: str, told: str
) -> None:
    tamper(filled, statement)
    report = verified(filled)
    assert not report
    assert told in (report.problem or "")


def test_rows_that_changed_places_are_found(filled: LedgerPlace) -> None:
    tamper(
        filled,
        "UPDATE hitl_audit SET seq = 100 WHERE seq = 2",
        "UPDATE hitl_audit SET seq = 2 WHERE seq = 3",
        "UPDATE hitl_audit SET seq = 3 WHERE seq = 100",
    )
    assert "row 2 (settled, review r1) was changed" in (verified(filled).problem or "")


def test_a_row_put_in_between_is_found(filled: LedgerPlace) -> None:
    columns = (
        "review_id, event, actor, at, channel, round, outcome, digest, reason, content, salt,"
        " content_digest, prev_hash, hash"
    )
    tamper(
        filled,
        f"INSERT INTO hitl_audit (seq, {columns})"
        f" SELECT 10, {columns} FROM hitl_audit WHERE seq = 2",
    )
    assert "row 10" in (verified(filled).problem or "")


TABLES = [
    ("UPDATE hitl_settlements SET outcome = 'rejected' WHERE round = 1", "settlement of review r1"),
    ("UPDATE hitl_settlements SET decided_by = 'eve' WHERE round = 1", "settlement of review r1"),
    ("UPDATE hitl_settlements SET digest = 'sha256:cc' WHERE round = 1", "settlement of review r1"),
    ("UPDATE hitl_settlements SET at = 1 WHERE round = 1", "r1"),
    (
        """UPDATE hitl_settlements SET decision = '{"type"\\:"edit"}' WHERE round = 1""",
        "the decision of review r1, round 1, was changed",
    ),
    ("UPDATE hitl_settlements SET decision = NULL WHERE round = 1", "decision of review r1"),
    ("DELETE FROM hitl_settlements WHERE round = 1", "a settlement of review r1 is in the audit"),
    ("DELETE FROM hitl_settlements WHERE review_id = 'r2'", "a settlement of review r2"),
    ("UPDATE hitl_reviews SET outcome = 'rejected' WHERE id = 'r1'", "review r1 is rejected"),
    ("UPDATE hitl_reviews SET decided_by = 'eve' WHERE id = 'r1'", "review r1 names another"),
    ("UPDATE hitl_reviews SET status = 'cancelled' WHERE id = 'r1'", "review r1 is cancelled"),
    ("UPDATE hitl_reviews SET status = 'superseded' WHERE id = 'r3'", "review r3 is superseded"),
    ("UPDATE hitl_reviews SET round = 0 WHERE id = 'r1'", "review r1 is applied in round 0"),
    ("UPDATE hitl_reviews SET digest = 'sha256:cc' WHERE id = 'r3'", "the digest of review r3"),
    ("DELETE FROM hitl_reviews WHERE id = 'r3'", "a review of review r3 is in the audit"),
    ("UPDATE hitl_versions SET digest = 'sha256:cc' WHERE review_id = 'r2'", "r2"),
    (
        "UPDATE hitl_versions SET request = '{}' WHERE review_id = 'r3'",
        "what review r3 shows in round 0 was changed",
    ),
    (
        "UPDATE hitl_versions SET question = '{}' WHERE review_id = 'r2'",
        "what review r2 shows in round 0 was changed",
    ),
    ("DELETE FROM hitl_versions WHERE round = 0 AND review_id = 'r1'", "a version of review r1"),
    ("UPDATE hitl_votes SET voter = 'eve' WHERE round = 1", "r1"),
    ("UPDATE hitl_votes SET roles = '[]' WHERE round = 1", "the vote of maria on review r1"),
    ("UPDATE hitl_votes SET decision = '{}' WHERE round = 1", "the vote of maria on review r1"),
    ("DELETE FROM hitl_votes WHERE round = 0", "a vote of review r1 is in the audit"),
]


@pytest.mark.parametrize(("statement", "told"), TABLES, ids=[one for one, _ in TABLES])
def test_a_table_that_was_touched_is_named(filled: LedgerPlace, statement: str, told: str) -> None:
    tamper(filled, statement)
    report = verified(filled)
    assert not report
    assert told in (report.problem or "")


OVERTAKEN = [
    ("UPDATE hitl_reviews SET decided_by = 'eve' WHERE id = 'r4'", "review r4 names another"),
    ("UPDATE hitl_reviews SET decided_at = 1 WHERE id = 'r4'", "review r4 names another"),
    ("DELETE FROM hitl_votes WHERE review_id = 'r4'", "a vote of review r4"),
    (
        "INSERT INTO hitl_settlements SELECT 'r4', 0, digest, decision, outcome, decided_by, at,"
        " channel, authority FROM hitl_settlements WHERE round = 1",
        "review r4 names another person",
    ),
]


@pytest.mark.parametrize(("statement", "told"), OVERTAKEN, ids=[one for one, _ in OVERTAKEN])
def test_a_decision_that_was_overtaken_cannot_come_back(
    shared_place: LedgerPlace, statement: str, told: str
) -> None:
    ledger = shared_place.open()
    fill(ledger)
    with ledger.transaction() as tx:
        tx.file(filing("r4"))
        tx.vote(ballot("r4"), replace=False)
        tx.settle(settlement("r4", digest="sha256:bb"))
        tx.supersede("r4", 0, reason="new input")
    ledger.close()
    assert verified(shared_place)
    tamper(shared_place, statement)
    assert told in (verified(shared_place).problem or "")


ADDED: list[tuple[str, str]] = [
    (
        "INSERT INTO hitl_settlements SELECT 'r3', 0, digest, decision, outcome, decided_by, at,"
        " channel, authority FROM hitl_settlements WHERE round = 1",
        "the settlement of review r3",
    ),
    (
        "INSERT INTO hitl_votes SELECT 'r3', round, voter, number, roles, decision, at, channel,"
        " authority FROM hitl_votes WHERE round = 0",
        "the vote of maria on review r3",
    ),
]


@pytest.mark.parametrize(("statement", "told"), ADDED, ids=["settlement", "vote"])
def test_a_row_that_was_added_is_named(filled: LedgerPlace, statement: str, told: str) -> None:
    tamper(filled, statement)
    assert told in (verified(filled).problem or "")


def test_rows_removed_from_the_end_show_against_a_head_kept_elsewhere(filled: LedgerPlace) -> None:
    kept = verified(filled).head
    ledger = filled.open()
    with ledger.transaction() as tx:
        tx.note("r3", "refused", actor="eve", channel="cli")
    ledger.close()
    newest = verified(filled).head
    tamper(filled, "DELETE FROM hitl_audit WHERE seq = 10")
    assert verified(filled)
    assert verified(filled, kept)
    assert "rows were removed from the end" in (verified(filled, newest).problem or "")


def test_a_chain_written_anew_shows_against_a_head_kept_elsewhere(
    empty_postgres: str, tmp_path: Any
) -> None:
    heads = []
    for name in ("first", "second"):
        place = LedgerPlace("file", f"sqlite:///{tmp_path / name}.db")
        ledger = place.open()
        with ledger.transaction() as tx:
            tx.file(filing(action=name))
            tx.note("r1", "refused", actor=name, channel="cli")
        ledger.close()
        heads.append((place, verified(place).head))
    (_, kept), (forged, _) = heads
    assert verified(forged)
    assert "is not the one of the head" in (verified(forged, kept).problem or "")


@pytest.mark.parametrize(
    "head",
    ["", "9", "x:y", f"-1:{'0' * 64}", "9:abc", f"²:{'0' * 64}", f"{'9' * 5_000}:{'0' * 64}"],
)
def test_a_head_that_is_none_is_refused(ledger: Ledger, head: str) -> None:
    with pytest.raises(InboxError, match="head="), ledger.reading() as rx:
        rx.verify(head=head)


def remove(place: LedgerPlace) -> None:
    ledger = place.open()
    with ledger.transaction() as tx:
        tx.redact("r1", actor="admin", reason="asked for")
    ledger.close()


REMOVED: list[Callable[[LedgerPlace], None]] = [
    lambda place: tamper(place, "UPDATE hitl_settlements SET outcome = 'x' WHERE round = 1"),
    lambda place: tamper(place, "UPDATE hitl_settlements SET decision = '{}' WHERE round = 1"),
    lambda place: tamper(place, "UPDATE hitl_votes SET decision = '{}' WHERE round = 1"),
    lambda place: tamper(place, "UPDATE hitl_versions SET request = '{}' WHERE round = 1"),
    lambda place: tamper(place, "UPDATE hitl_audit SET content = '{}' WHERE seq = 3"),
    lambda place: tamper(place, "UPDATE hitl_audit SET actor = 'eve' WHERE seq = 3"),
]


def test_removed_content_is_reported_and_no_problem(filled: LedgerPlace) -> None:
    remove(filled)
    report = verified(filled)
    assert report, report.problem
    assert report.redacted == 7


@pytest.mark.parametrize("after", REMOVED, ids=range(len(REMOVED)))
def test_what_remains_after_a_removal_is_still_guarded(
    filled: LedgerPlace, after: Callable[[LedgerPlace], None]
) -> None:
    remove(filled)
    after(filled)
    assert not verified(filled)
