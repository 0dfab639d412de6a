"""`verify`: whether the audit is a whole chain, and whether the tables say what the chain says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger import audit, tables_hold
from langgraph_hitl.inbox._ledger.audit import BEFORE_THE_FIRST, StoredRow
from langgraph_hitl.inbox._ledger.seal import ABOUT, SEALED, Key, Keys
from langgraph_hitl.inbox._ledger.transaction import Session


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What `verify` found; true when everything holds.

    `head` names the last row with its hash. Kept elsewhere and given to the next `verify`, it shows
    rows that were removed from the end, and a chain that somebody wrote anew. `redacted` counts the
    rows whose content was removed as it may be; where fields were, all rows of their review until
    then. `problem` says what the first thing wrong is.
    """

    ok: bool
    rows: int
    head: str
    redacted: int
    problem: str | None

    def __bool__(self) -> bool:
        return self.ok


def verify(session: Session, *, head: str | None = None, keys: Keys = ()) -> Verification:
    """Walk the chain, then compare the tables with it."""
    walk = _Walk(_parsed(head), keys)
    problem = next(chain(walk.problems(session), tables_hold.problems(session)), None)
    return Verification(
        ok=problem is None,
        rows=walk.seq,
        head=f"{walk.seq}:{walk.hash}",
        redacted=walk.redacted,
        problem=problem,
    )


class _Walk:
    """One pass over the chain; afterwards it knows where it came to."""

    def __init__(self, kept: tuple[int, str] | None, keys: Keys) -> None:
        self.seq, self.hash, self.redacted = 0, BEFORE_THE_FIRST, 0
        self._kept = kept
        self._keys = keys
        self._key: Key | None = None
        self._anew: dict[int, tuple[int, str]] = {}
        self._relied_on: dict[int, str] = {}

    def problems(self, session: Session) -> Iterator[str]:
        for seq, number, digest in audit.recommitted(session):
            self._anew |= {number: (seq, digest)} if number < seq else {}
        for row in audit.all_rows(session):
            yield from self._problems_of(row)
            self.seq, self.hash = row.seq, row.hash
            self.redacted += row.salt is None
            if self._kept is not None and self._kept[0] == row.seq and self._kept[1] != row.hash:
                yield f"audit row {row.seq} is not the one of the head that was kept"
        if self._keys and self.seq and self._key != self._keys[0]:
            yield "no row of the audit says that its key holds: what was kept with it is gone"
        if self._kept is not None and self._kept[0] > self.seq:
            yield (
                f"the audit ends with row {self.seq}, but the head that was kept is row "
                f"{self._kept[0]}: rows were removed from the end"
            )

    def _problems_of(self, row: StoredRow) -> Iterator[str]:
        expected = self.seq + 1
        if row.seq > expected:
            gap = f"row {expected}" if row.seq == expected + 1 else f"rows {expected}-{row.seq - 1}"
            yield f"audit {gap} of the chain was removed, before {_named(row)}"
        if row.seq < expected:
            yield f"{_named(row)} was inserted before the first"
        if (row.event, row.review_id) == (SEALED, ABOUT):
            yield from self._take_key_of(row)
        if row.hash != audit.hash_of(row, self._key):
            yield f"{_named(row)} was changed" + (self._key is not None) * _OR_WITHOUT
        if row.prev_hash != self.hash:
            yield f"{_named(row)} does not follow row {self.seq}: it was inserted or moved"
        if row.seq in self._relied_on and self._key is None:
            yield f"{self._relied_on[row.seq]}, and no key of the audit holds for what says so"
        if row.salt is None:
            if row.reason is not None or row.content is not None:
                yield f"{_named(row)} has a content that its removal left behind"
        else:
            yield from self._problems_of_content(row)

    def _problems_of_content(self, row: StoredRow) -> Iterator[str]:
        """What it says is what it committed to, or what is left after a redaction of fields."""
        assert row.salt is not None
        digest = audit.content_digest(salt=row.salt, reason=row.reason, content=row.content)
        if digest == row.content_digest:
            return
        seq, anew = self._anew.get(row.seq, (0, ""))
        changed = f"the reason or the content of {_named(row)} was changed"
        if digest == anew:
            self._relied_on[seq] = changed
            self.redacted += 1
        else:
            yield changed

    def _take_key_of(self, row: StoredRow) -> Iterator[str]:
        """The key that holds from a row on."""
        named = audit.key_in(row)
        found = [key for key in self._keys if key.id == named]
        if found:
            self._key = found[0]
        else:
            yield (
                f"from {_named(row)} on, the audit is kept with the key {named!r}, which is not "
                "among those that were given"
            )


_LONGEST_NUMBER = 19
"""Digits of the number of a row."""
_OR_WITHOUT = ", or written without the key of the audit"


def _named(row: StoredRow) -> str:
    return f"audit row {row.seq} ({row.event}, review {row.review_id})"


def _parsed(head: str | None) -> tuple[int, str] | None:
    if head is None:
        return None
    number, _, digest = head.partition(":")
    is_number = number.isascii() and number.isdecimal() and len(number) <= _LONGEST_NUMBER
    if not is_number or len(digest) != len(BEFORE_THE_FIRST):
        raise InboxError(
            "head= is the number of a row and its hash, as 12:9f86d0... with 64 digits, which "
            f"inbox.head() and langgraph-hitl audit head give, not {head[:80]!r}"
        )
    return int(number), digest
