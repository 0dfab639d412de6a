"""Any row of the audit that is changed, removed, inserted or swapped is found.

A thousand tries by chance, of somebody who edits rows, and of somebody who computes all hashes anew
afterwards: that is found only by a key, or a head that was kept elsewhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from langgraph_hitl.inbox._ledger import audit
from langgraph_hitl.inbox._ledger.audit import COLUMNS, StoredRow
from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.inbox._ledger.seal import keys_of
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.verify import Verification, verify
from tests.inbox.ledgers import LedgerPlace, Salts, Ticking, ballot, filing, settlement
from tests.scale import scale

KEY = keys_of("a key that nobody knows")
TRIES = scale(1_000)

_ROWS = Sql(f"SELECT {COLUMNS} FROM hitl_audit ORDER BY seq")
_CLEAR = Sql("DELETE FROM hitl_audit")
_OTHERS: dict[str, Callable[[Any], Any]] = {
    "review_id": lambda old: "r2" if old == "r1" else "r1",
    "event": lambda old: "refused" if old == "applied" else "applied",
    "actor": lambda old: f"{old}x",
    "at": lambda old: old + 1,
    "channel": lambda old: "cli" if old != "cli" else "direct",
    "round": lambda old: (old or 0) + 1,
    "outcome": lambda old: "approved" if old != "approved" else "rejected",
    "digest": lambda old: "sha256:zz",
    "reason": lambda old: f"{old} and more",
    "content": lambda old: '{"decision":{"type":"approve"}}' if old is None else None,
    "content_digest": lambda old: "0" * 64,
    "prev_hash": lambda old: "f" * 64,
    "hash": lambda old: "f" * 64,
}


@dataclass
class Books:
    """A ledger with some history, what it was, and the head that somebody kept."""

    ledger: Ledger
    rows: list[StoredRow]
    head: str

    @contextmanager
    def rewritten(self, rows: list[StoredRow]) -> Iterator[Session]:
        """The audit as somebody has written it, for as long as one looks at it."""
        with self.ledger._transactions.write() as session:
            _write(session, rows)
            try:
                yield session
            finally:
                _write(session, self.rows)


def _write(session: Session, rows: list[StoredRow]) -> None:
    session.run(_CLEAR)
    session.insert("hitl_audit", [row._asdict() for row in rows])


def fill(ledger: Ledger) -> None:
    """Ten reviews, decided in several ways."""
    for number in range(1, 11):
        review_id = f"r{number}"
        with ledger.transaction() as tx:
            tx.file(filing(review_id))
            tx.vote(ballot(review_id), replace=False)
            tx.settle(settlement(review_id))
            if number % 2:
                tx.apply([(review_id, 0, "approved", None)])
                tx.note(review_id, "seen", actor="jo", channel="inbox", reason="looked")


@contextmanager
def books(place: LedgerPlace, *, keyed: bool) -> Iterator[Books]:
    keys = KEY if keyed else ()
    ledger = Ledger.open(place.url, clock=Ticking(), token=Salts(), keys=keys)
    try:
        fill(ledger)
        with ledger.reading() as rx:
            head = rx.verify().head
            rows = [StoredRow._make(row) for row in rx._session.rows(_ROWS)]
        yield Books(ledger, rows, head)
    finally:
        ledger.close()


def tampered(rows: list[StoredRow], chance: random.Random) -> tuple[str, list[StoredRow]]:
    """One row changed, removed, inserted or swapped, with what was done."""
    place = chance.randrange(len(rows))
    row = rows[place]
    match chance.choice(["change", "remove", "close the gap", "insert", "swap"]):
        case "change":
            column = chance.choice(sorted(_OTHERS))
            other = row._replace(**{column: _OTHERS[column](getattr(row, column))})
            return f"{column} of {row.seq}", [*rows[:place], other, *rows[place + 1 :]]
        case "remove":
            return f"without {row.seq}", rows[:place] + rows[place + 1 :]
        case "close the gap":
            moved = [one._replace(seq=one.seq - 1) for one in rows[place + 1 :]]
            return f"without {row.seq}, closed", rows[:place] + moved
        case "insert":
            moved = [one._replace(seq=one.seq + 1) for one in rows[place:]]
            copied = chance.choice(rows)._replace(seq=row.seq)
            return f"inserted at {row.seq}", [*rows[:place], copied, *moved]
        case _:
            other_place = chance.choice([n for n in range(len(rows)) if n != place])
            one, two = row._replace(seq=rows[other_place].seq), rows[other_place]
            swapped = {place: two._replace(seq=row.seq), other_place: one}
            return f"swapped {row.seq}, {two.seq}", [
                swapped.get(n, old) for n, old in enumerate(rows)
            ]


def computed_anew(rows: list[StoredRow]) -> list[StoredRow]:
    """A chain of these rows that holds, as who has only the database can make one."""
    made: list[StoredRow] = []
    before = audit.BEFORE_THE_FIRST
    for number, row in enumerate(rows, start=1):
        kept = row._replace(seq=number, prev_hash=before)
        if kept.salt is not None:
            digest = audit.content_digest(salt=kept.salt, reason=kept.reason, content=kept.content)
            kept = kept._replace(content_digest=digest)
        made.append(kept._replace(hash=audit.hash_of(kept)))
        before = made[-1].hash
    return made


def looked_at(session: Session, books: Books, *, keyed: bool, against_head: bool) -> Verification:
    return verify(session, head=books.head if against_head else None, keys=KEY if keyed else ())


@pytest.mark.timeout(600)
@pytest.mark.parametrize("keyed", [False, True], ids=["plain", "keyed"])
def test_whatever_is_done_to_one_row_is_found(shared_place: LedgerPlace, keyed: bool) -> None:
    chance = random.Random(20260105)  # noqa: S311  # tries, no secrets
    with books(shared_place, keyed=keyed) as kept:
        for _ in range(TRIES):
            done, rows = tampered(kept.rows, chance)
            with kept.rewritten(rows) as session:
                assert not looked_at(session, kept, keyed=keyed, against_head=True), done
        with kept.ledger.reading() as rx:
            assert rx.verify(head=kept.head)


@pytest.mark.timeout(600)
def test_with_the_key_also_what_is_computed_anew(shared_place: LedgerPlace) -> None:
    chance = random.Random(20260106)  # noqa: S311
    with books(shared_place, keyed=True) as kept:
        for _ in range(TRIES):
            done, rows = tampered(kept.rows, chance)
            with kept.rewritten(computed_anew(rows)) as session:
                assert not looked_at(session, kept, keyed=True, against_head=False), done


def test_without_a_key_only_a_head_tells(shared_place: LedgerPlace) -> None:
    with books(shared_place, keyed=False) as kept:
        rows = [row._replace(actor="eve") if row.event == "seen" else row for row in kept.rows]
        with kept.rewritten(computed_anew(rows)) as session:
            assert looked_at(session, kept, keyed=False, against_head=False)
            assert not looked_at(session, kept, keyed=False, against_head=True)


@pytest.mark.parametrize("keyed", [False, True], ids=["plain", "keyed"])
def test_every_end_that_is_cut_off_is_found_by_a_head(
    shared_place: LedgerPlace, keyed: bool
) -> None:
    with books(shared_place, keyed=keyed) as kept:
        for length in range(len(kept.rows)):
            with kept.rewritten(kept.rows[:length]) as session:
                assert not looked_at(session, kept, keyed=keyed, against_head=True), length


def test_a_seal_of_their_own_helps_nobody(shared_place: LedgerPlace) -> None:
    with books(shared_place, keyed=True) as kept:
        [theirs] = keys_of("a key of somebody else")
        forged: list[StoredRow] = []
        before = audit.BEFORE_THE_FIRST
        for row in kept.rows:
            content = f'{{"key":"{theirs.id}"}}' if row.event == "sealed" else row.content
            assert row.salt is not None
            digest = audit.content_digest(salt=row.salt, reason=row.reason, content=content)
            made = row._replace(prev_hash=before, content=content, content_digest=digest)
            forged.append(made._replace(hash=audit.hash_of(made, theirs)))
            before = forged[-1].hash
        with kept.rewritten(forged) as session:
            found = looked_at(session, kept, keyed=True, against_head=False)
    assert "not among those that were given" in (found.problem or "")
