"""Keys of the audit: nobody goes on without the one that holds."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox import Inbox, seal_audit
from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.inbox._ledger.seal import keys_of
from tests.inbox.ledgers import LedgerPlace, Ticking, filing, settlement
from tests.inbox.test_ledger_verify import tamper

KEY = "a key that nobody knows"
OTHER = "another key, of later"


def ledger_at(place: LedgerPlace, *keys: str) -> Ledger:
    return Ledger.open(place.url, clock=Ticking(), keys=keys_of(list(keys) or None))


def file(ledger: Ledger, review_id: str) -> None:
    with ledger.transaction() as tx:
        tx.file(filing(review_id))


def problem(ledger: Ledger, head: str | None = None) -> str | None:
    with ledger.reading() as rx:
        return rx.verify(head=head).problem


@pytest.fixture
def sealed(shared_place: LedgerPlace) -> LedgerPlace:
    """An inbox that was begun with the key, and has a decided review."""
    ledger = ledger_at(shared_place, KEY)
    file(ledger, "r1")
    assert ledger.settle(settlement(), "blocking") or ledger.dialect == "sqlite"
    ledger.close()
    return shared_place


def test_an_inbox_that_was_begun_with_a_key_holds_with_it(sealed: LedgerPlace) -> None:
    ledger = ledger_at(sealed, KEY)
    file(ledger, "r2")
    assert problem(ledger) is None
    with ledger.reading() as rx:
        assert [row.event for row in rx.history("*")] == ["sealed"]
    ledger.close()


@pytest.mark.parametrize(
    ("keys", "said"), [((), "is kept with a key"), ((OTHER,), "audit_key= is another")]
)
def test_it_is_not_opened_otherwise(sealed: LedgerPlace, keys: tuple[str, ...], said: str) -> None:
    with pytest.raises(InboxError, match=said):
        ledger_at(sealed, *keys)


def test_an_audit_without_a_key_is_not_taken_over_unseen(shared_place: LedgerPlace) -> None:
    ledger = ledger_at(shared_place)
    file(ledger, "r1")
    ledger.close()
    with pytest.raises(InboxError, match="audit seal"):
        ledger_at(shared_place, KEY)


def test_whoever_looked_at_it_seals_it(shared_place: LedgerPlace) -> None:
    older = ledger_at(shared_place)
    file(older, "r1")
    head = seal_audit(shared_place.url, audit_key=KEY, by="maria")
    with pytest.raises(InboxError, match="open it again"):
        file(older, "r2")
    older.close()
    ledger = ledger_at(shared_place, KEY)
    file(ledger, "r2")
    assert problem(ledger, head) is None
    with ledger.reading() as rx:
        [row] = rx.history("*")
    assert (row.seq, row.event, row.actor) == (2, "sealed", "maria")
    ledger.close()


def test_an_audit_that_is_not_whole_is_not_sealed(shared_place: LedgerPlace) -> None:
    ledger = ledger_at(shared_place)
    file(ledger, "r1")
    ledger.close()
    tamper(shared_place, "UPDATE hitl_audit SET actor = 'eve'")
    with pytest.raises(InboxError, match="not whole"):
        seal_audit(shared_place.url, audit_key=KEY, by="maria")


def test_a_key_is_changed_by_naming_both(sealed: LedgerPlace) -> None:
    before = ledger_at(sealed, KEY)
    ledger = ledger_at(sealed, OTHER, KEY)
    file(ledger, "r2")
    assert problem(ledger) is None
    with pytest.raises(InboxError, match="open it again"):
        file(before, "r3")
    ledger.close()
    before.close()
    alone = ledger_at(sealed, OTHER)
    file(alone, "r3")
    assert "not among those that were given" in (problem(alone) or "")
    alone.close()
    both = ledger_at(sealed, OTHER, KEY)
    assert problem(both) is None
    both.close()


def test_an_audit_whose_seal_was_removed_is_not_gone_on_with(sealed: LedgerPlace) -> None:
    tamper(sealed, "DELETE FROM hitl_audit WHERE seq = 1")
    with pytest.raises(InboxError, match="was removed"):
        ledger_at(sealed, KEY)
    tamper(sealed, "DELETE FROM hitl_cursors")
    with pytest.raises(InboxError, match="audit seal"):
        ledger_at(sealed, KEY)


@pytest.mark.parametrize(
    "given", ["", "   ", "short", b"", b"fifteen bytes..", 5, [], [KEY, "short"], [5], {"a": 1}]
)
def test_what_is_no_key(given: Any) -> None:
    with pytest.raises(InboxError, match="audit_key="):
        Inbox.open("sqlite:///:memory:", audit_key=given)


def test_the_key_is_nowhere_in_the_database(sealed: LedgerPlace) -> None:
    ledger = ledger_at(sealed, KEY)
    with ledger.reading() as rx:
        [row] = rx.history("*")
    assert row.content.keys() == {"key"}
    assert KEY not in str(row)
    assert KEY not in repr(keys_of(KEY))
    ledger.close()


def test_sealing_takes_a_key_and_a_name(shared_place: LedgerPlace) -> None:
    with pytest.raises(InboxError, match="audit_key= is missing"):
        seal_audit(shared_place.url, audit_key=None, by="maria")
    with pytest.raises(InboxError, match="by="):
        seal_audit(shared_place.url, audit_key=KEY, by=" ")
