"""`AtOnce`: a transition and its audit row in one statement, which is its own transaction.

On PostgreSQL each statement is a journey, and so are beginning and committing. The audit row goes
after the last one that this process knows of. If another process has appended meanwhile, nothing
happens, and the transition is made in an ordinary transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph_hitl.errors import InboxUnavailable
from langgraph_hitl.inbox._ledger import settlements, transitions
from langgraph_hitl.inbox._ledger.audit import COLUMNS, Entry, Head, Seal, StoredRow, stored
from langgraph_hitl.inbox._ledger.identities import BELIEVED
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import READ_ONLY, Session, Transactions
from langgraph_hitl.inbox._ledger.values import Clock, micros, name_text
from langgraph_hitl.inbox._ledger.writing import GRAPH
from langgraph_hitl.inbox.review import Mode, Settlement

_OVERTAKEN = ("23505", "40001", "40P01")
"""Another process appends, or changes the review, at this very moment.

How that is told depends on the isolation level, which the server or the role may set.
"""

_IS_LAST = "(SELECT hash FROM hitl_audit ORDER BY seq DESC LIMIT 1) = :its_hash"
_AUDIT = ", ".join(f":audit_{name}" for name in StoredRow._fields)
# It is for an inbox without a directory. One may be needed since, which a row of the audit says.
# What got a course since it was read, and so perhaps other people, takes a transaction.
_AS_READ = "mode = :mode AND course IS NULL"
_CLOSED = settlements.closed(f"{settlements.CLOSE} AND {_AS_READ} AND {_IS_LAST} AND {BELIEVED}")
_SETTLE = Sql(
    f"WITH {_CLOSED}, kept AS ({settlements.KEEP})"  # noqa: S608  # constants
    f" INSERT INTO hitl_audit ({COLUMNS}) SELECT {_AUDIT} FROM closed"
)
_APPLY = Sql(
    f"WITH applied AS ({transitions.APPLY} AND digest = :digest AND {_IS_LAST} RETURNING id)"  # noqa: S608
    f" INSERT INTO hitl_audit ({COLUMNS}) SELECT {_AUDIT} FROM applied"
)


class AtOnce:
    """The transitions of one ledger that fit into one statement.

    Each gives the new last row of the audit, or None where nothing was changed: it is not for this
    class to say why.
    """

    def __init__(
        self,
        transactions: Transactions,
        *,
        clock: Clock,
        token: Callable[[], str],
        point: Callable[[str], None],
        seal: Seal,
    ) -> None:
        self._transactions = transactions
        self._seal = seal
        self._clock = clock
        self._token = token
        self._point = point

    def settle(self, settlement: Settlement, mode: Mode, last: Head) -> Head | None:
        """`Transaction.settle`, of a review without a course that nobody settles or has joined."""
        self._point("settling")
        entry = settlements.entry(settlement, event="settled", reason=None)
        values = settlements.values_of(settlement)
        now = micros(self._clock())
        return self._run(_SETTLE, entry, last, **values, status="settled", mode=mode, now=now)

    def apply(
        self, review_id: str, round: int, last: Head, *, outcome: str, digest: str
    ) -> Head | None:
        """`Transaction.apply`, of one version."""
        self._point("applying")
        now = self._clock()
        entry = Entry(
            review_id=review_id,
            event="applied",
            actor=GRAPH,
            channel="graph",
            at=now,
            round=round,
            outcome=outcome,
            digest=digest,
        )
        return self._run(
            _APPLY,
            entry,
            last,
            review_id=review_id,
            round=round,
            outcome=name_text(outcome, "An outcome"),
            digest=digest,
            error=None,
            now=micros(now),
        )

    def _run(self, sql: Sql, entry: Entry, last: Head, **values: Any) -> Head | None:
        if last.seq == 0:
            return None
        row = stored(entry, last, salt=self._token(), key=self._seal.key)
        audited = {f"audit_{name}": value for name, value in row._asdict().items()}
        self._point("auditing")
        try:
            with self._transactions.look() as session:
                done = _accepted(session, sql, {**values, **audited, "its_hash": last.hash})
        except InboxUnavailable as error:
            if getattr(error.__cause__, "sqlstate", None) != READ_ONLY:
                raise
            done = False  # a session of another time, which is dropped; the server may take writes
        if not done:
            return None
        self._point("committed")
        return Head(row.seq, row.hash)


def _accepted(session: Session, sql: Sql, values: dict[str, Any]) -> bool:
    try:
        return session.run(sql, **values) == 1
    except Exception as error:
        if getattr(error, "sqlstate", None) in _OVERTAKEN:
            return False
        raise
