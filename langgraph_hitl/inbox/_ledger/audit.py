"""The audit: one row per transition, each with the hash of the row before it.

What can be personal (the reason, the content) enters the hash as a salted digest only, so that it
can be removed later while the chain still holds. What is needed to check the tables against the
chain (round, outcome, digest) stands beside it and stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger.seal import MARK, MARKER, SEAL, Key, hashed
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import (
    canonical,
    from_json,
    is_storable,
    micros,
    moment,
    name_text,
    note_text,
    to_json,
)

BEFORE_THE_FIRST = "0" * 64
"""The hash that the first row follows."""

SUPERVISED = "supervised"
"""The event from which on others supervise a run; its digest is that of who does."""

APPEND_LOCK = 0x6869746C_61756474
"""PostgreSQL's advisory lock of those who found that others appended; held until the commit."""


class StoredRow(NamedTuple):
    """An audit row as it stands in the table."""

    seq: int
    review_id: str
    event: str
    actor: str
    at: int
    channel: str
    round: int | None
    outcome: str | None
    digest: str | None
    reason: str | None
    content: str | None
    salt: str | None
    content_digest: str
    prev_hash: str
    hash: str


COLUMNS = ", ".join(StoredRow._fields)
_VALUES = ", ".join(f":{name}" for name in StoredRow._fields)
_LOCK = Sql(f"SELECT pg_advisory_xact_lock({APPEND_LOCK})")
# Follows the row that it names, or does nothing: that row is gone, or another one follows it.
_FOLLOW = Sql(
    f"INSERT INTO hitl_audit ({COLUMNS}) SELECT {_VALUES} WHERE :last = 0"  # noqa: S608  # constants
    " OR EXISTS (SELECT 1 FROM hitl_audit WHERE seq = :last AND hash = :its_hash)"
    " ON CONFLICT (seq) DO NOTHING"
)
_LAST = Sql("SELECT seq, hash FROM hitl_audit ORDER BY seq DESC LIMIT 1")
_LAST_AND_SEAL = Sql(
    f"SELECT l.seq, l.hash, (SELECT seq FROM hitl_cursors WHERE name = '{SEAL}')"  # noqa: S608
    " FROM (SELECT seq, hash FROM hitl_audit ORDER BY seq DESC LIMIT 1) AS l"
)
_ROW = Sql(f"SELECT {COLUMNS} FROM hitl_audit WHERE seq = :seq")  # noqa: S608  # constants
_HISTORY = Sql(f"SELECT {COLUMNS} FROM hitl_audit WHERE review_id = :review_id ORDER BY seq")  # noqa: S608
_ALL = Sql(f"SELECT {COLUMNS} FROM hitl_audit ORDER BY seq")  # noqa: S608
_RECOMMITTED = Sql(
    "SELECT seq, content FROM hitl_audit WHERE event = 'redacted' AND content IS NOT NULL"
    " ORDER BY seq"
)
_REDACT = Sql(
    "UPDATE hitl_audit SET reason = NULL, content = NULL, salt = NULL"  # noqa: S608  # constants
    f" WHERE review_id = :review_id AND event <> '{SUPERVISED}'"
)


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """One transition of one review. `redacted` says that reason and content were removed."""

    seq: int
    review_id: str
    event: str
    actor: str
    at: datetime
    channel: str
    round: int | None
    outcome: str | None
    digest: str | None
    reason: str | None
    content: Any
    hash: str
    redacted: bool


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A transition that is to become an audit row."""

    review_id: str
    event: str
    actor: str
    at: datetime
    channel: str
    round: int | None = None
    outcome: str | None = None
    digest: str | None = None
    reason: str | None = None
    content: Any = None


class Head(NamedTuple):
    """The last row that somebody knows of: the next one follows it."""

    seq: int = 0
    hash: str = BEFORE_THE_FIRST

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


class Seal(NamedTuple):
    """The key with which rows are written, and the number of the row from which it holds."""

    key: Key | None = None
    since: int | None = None


UNSEALED = Seal()


@dataclass
class Trail:
    """The transitions of one transaction; they are appended last, just before the commit.

    `head` is the last row that this process knows of. If others have appended meanwhile, it is
    read again.
    """

    token: Callable[[], str]
    point: Callable[[str], None]
    head: Head
    seal: Seal = UNSEALED
    entries: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)

    def append(self, session: Session) -> None:
        if not self.entries:
            return
        self.point("auditing")
        if self._follow(session, self.head):
            return
        if session.dialect == "postgresql":
            session.run(_LOCK)  # on its own: the next statement sees what was committed meanwhile
        while not self._follow(session, last_under(session, self.seal)):
            pass

    def _follow(self, session: Session, head: Head) -> bool:
        """Append after this row, unless it is not the last one.

        Only the first row can find its place taken: nobody follows what is not committed.
        """
        rows: list[StoredRow] = []
        after = head
        for entry in self.entries:
            rows.append(stored(entry, after, salt=self.token(), key=self.seal.key))
            after = Head(rows[-1].seq, rows[-1].hash)
        first, *others = [row._asdict() for row in rows]
        if session.run(_FOLLOW, **first, last=head.seq, its_hash=head.hash) == 0:
            return False
        session.insert("hitl_audit", others)
        self.head = after
        return True


def last(session: Session) -> Head:
    """The last row that is committed."""
    return Head(*(session.row(_LAST) or ()))


def last_under(session: Session, seal: Seal) -> Head:
    """The last row that is committed. Raises `InboxError` where another seal holds by now."""
    row = session.row(_LAST_AND_SEAL)
    if (None if row is None else row[2]) != seal.since:
        raise InboxError(
            "The key of the audit has changed since the inbox was opened; open it again, with the "
            "audit_key= that holds now"
        )
    return Head() if row is None else Head(*row[:2])


def seal(session: Session, entry: Entry, key: Key, *, salt: str) -> Seal:
    """Append the row from which a key holds; nobody appends meanwhile."""
    row = stored(entry, lock(session), salt=salt, key=key)
    session.insert("hitl_audit", [row._asdict()])
    session.run(MARK, seq=row.seq)
    return Seal(key, row.seq)


def lock(session: Session) -> Head:
    """The last row, which stays the last until this transaction ends."""
    if session.dialect == "postgresql":
        session.run(_LOCK)
    return last(session)


def sealed(session: Session) -> StoredRow | None:
    """The row from which the present key holds; None if the audit has none.

    Raises `InboxError` where that row is not there.
    """
    marker = session.row(MARKER)
    if marker is None:
        return None
    row = session.row(_ROW, seq=marker[0])
    if row is None:
        raise InboxError(
            f"Row {marker[0]} of the audit, from which its key holds, was removed; "
            "restore the database"
        )
    return StoredRow._make(row)


def history(session: Session, review_id: str) -> list[AuditRow]:
    """The rows of one review, the oldest first."""
    if not isinstance(review_id, str) or not is_storable(review_id):
        return []
    rows = session.rows(_HISTORY, review_id=review_id)
    return [audit_row(StoredRow._make(row)) for row in rows]


def all_rows(session: Session) -> Iterator[StoredRow]:
    """Every row as it is stored, in order."""
    return map(StoredRow._make, session.stream(_ALL))


def key_in(row: StoredRow) -> str | None:
    """The id of the key that a row `sealed` names."""
    found = _told(row.content).get("key")
    return found if isinstance(found, str) else None


def recommitted(session: Session) -> Iterator[tuple[int, int, str]]:
    """What rows `redacted` say about the contents of rows before: its number, theirs, a digest."""
    for seq, text in session.rows(_RECOMMITTED):
        digests = _told(text).get("contents")
        for number, digest in digests.items() if isinstance(digests, dict) else ():
            if str(number).isdecimal():
                yield seq, int(number), digest


def _told(text: str | None) -> dict[str, Any]:
    """A content, empty where it is damaged: whoever walks the chain finds that out."""
    try:
        return from_json(text, dict) or {}
    except InboxError:
        return {}


def redact(session: Session, review_id: str) -> None:
    """Remove reasons, contents and salts of a review, or of a run; who may hold that stays."""
    session.run(_REDACT, review_id=review_id)


def audit_row(stored: StoredRow) -> AuditRow:
    return AuditRow(
        seq=stored.seq,
        review_id=stored.review_id,
        event=stored.event,
        actor=stored.actor,
        at=moment(stored.at),
        channel=stored.channel,
        round=stored.round,
        outcome=stored.outcome,
        digest=stored.digest,
        reason=stored.reason,
        content=from_json(stored.content),
        hash=stored.hash,
        redacted=stored.salt is None,
    )


def content_digest(*, salt: str, reason: str | None, content: str | None) -> str:
    """The digest of what can be removed; `content` is its stored text."""
    return hashlib.sha256(salt.encode() + canonical([reason, content])).hexdigest()


def hash_of(row: StoredRow, key: Key | None = None) -> str:
    """The hash of a row: of its facts, the digest of its content, and the row before it."""
    facts = [*row[: StoredRow._fields.index("reason")], row.content_digest, row.prev_hash]
    return hashed(canonical(facts), key)


def stored(entry: Entry, after: Head, *, salt: str, key: Key | None = None) -> StoredRow:
    """The row of an entry."""
    reason = note_text(entry.reason)
    content = None if entry.content is None else to_json(entry.content, "The content of the audit")
    row = StoredRow(
        seq=after.seq + 1,
        review_id=name_text(entry.review_id, "The id of a review"),
        event=name_text(entry.event, "An event"),
        actor=name_text(entry.actor, "An actor"),
        at=micros(entry.at),
        channel=entry.channel,
        round=entry.round,
        outcome=entry.outcome,
        digest=entry.digest,
        reason=reason,
        content=content,
        salt=salt,
        content_digest=content_digest(salt=salt, reason=reason, content=content),
        prev_hash=after.hash,
        hash="",
    )
    return row._replace(hash=hash_of(row, key))
