"""`Ledger`: the tables of the inbox behind one object."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from langgraph_hitl.inbox._ledger.at_once import AtOnce
from langgraph_hitl.inbox._ledger.audit import Head, Seal, Trail, last_under
from langgraph_hitl.inbox._ledger.engine import Database, open_database
from langgraph_hitl.inbox._ledger.migrate import migrate
from langgraph_hitl.inbox._ledger.overseeing import Noting
from langgraph_hitl.inbox._ledger.reading import Reading
from langgraph_hitl.inbox._ledger.seal import Keys
from langgraph_hitl.inbox._ledger.sealing import sealed_with
from langgraph_hitl.inbox._ledger.sql import Dialect
from langgraph_hitl.inbox._ledger.transaction import Transactions
from langgraph_hitl.inbox._ledger.values import Clock
from langgraph_hitl.inbox._ledger.writing import Transaction
from langgraph_hitl.inbox.review import Mode, Settlement

__all__ = ["Ledger", "Reading", "Transaction"]

Point = Callable[[str], None]


class Ledger:
    """The reviews, votes, settlements and the audit, in SQLite or PostgreSQL.

    >>> from datetime import UTC, datetime
    >>> ledger = Ledger.open("sqlite:///:memory:", clock=lambda: datetime.now(UTC))
    >>> with ledger.reading() as rx:
    ...     rx.pending()
    []
    >>> ledger.close()
    """

    def __init__(
        self,
        database: Database,
        *,
        transactions: Transactions,
        url: str,
        clock: Clock,
        token: Callable[[], str],
        point: Point,
        keys: Keys,
        seal: Seal,
    ) -> None:
        self._database = database
        self._transactions = transactions
        self._clock = clock
        self._token = token
        self._point = point
        self._keys = keys
        self._seal = seal
        self._head = Head()
        self._at_once = AtOnce(transactions, clock=clock, token=token, point=point, seal=seal)
        self.url = url

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Clock,
        token: Callable[[], str] = secrets.token_hex,
        point: Point = lambda _name: None,
        keys: Keys = (),
    ) -> Ledger:
        """Open the database of `url`, created or migrated as needed.

        Args:
            clock: The present moment, in UTC.
            token: A new salt of 64 hexadecimal digits.
            point: Called with the name of each step just before it; tests die there.
            keys: Of the audit: the one that holds, then those that held before.

        Raises:
            InboxError: The URL, or what stands there, cannot be an inbox; or its audit is kept with
                another key, or without one.
            InboxTooNew: A newer release wrote it.
            InboxUnavailable: It cannot be reached now.
        """
        database = open_database(url)
        try:
            migrate(database, point=point)
            transactions = Transactions(database)
            seal = sealed_with(transactions, keys, now=clock, token=token)
        except BaseException:
            database.engine.dispose()
            raise
        return cls(
            database,
            transactions=transactions,
            url=url,
            clock=clock,
            token=token,
            point=point,
            keys=keys,
            seal=seal,
        )

    def seal(self, keys: Keys, *, by: str) -> None:
        """Let a key hold from now on; whoever has the audit open has to open it again.

        Raises `InboxError` where it is kept with another key.
        """
        sealed_with(self._transactions, keys, now=self._clock, token=self._token, by=by)

    @property
    def dialect(self) -> Dialect:
        """`sqlite` or `postgresql`."""
        return self._database.dialect

    @property
    def path(self) -> str | None:
        """The file of SQLite, without symbolic links; None in memory and on PostgreSQL."""
        return self._database.path

    @property
    def token(self) -> Callable[[], str]:
        """Gives a new secret of 64 hexadecimal digits."""
        return self._token

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction that may write: everything in it happens, or nothing."""
        with self._transactions.write() as session:
            trail = Trail(token=self._token, point=self._point, head=self._head, seal=self._seal)
            yield Transaction(
                session, clock=self._clock, trail=trail, point=self._point, keys=self._keys
            )
            trail.append(session)
        if trail.entries:
            self._head = trail.head
            self._point("committed")

    @contextmanager
    def noting(self) -> Iterator[Noting]:
        """For how far a run has come, which the power may take along: nothing is audited."""
        with self._transactions.write_soon() as session:
            yield Noting(session, clock=self._clock)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A transaction that only reads."""
        with self._transactions.read() as session:
            yield Reading(session, clock=self._clock, keys=self._keys)

    @contextmanager
    def looking(self) -> Iterator[Reading]:
        """For one question only, which needs no transaction."""
        with self._transactions.look() as session:
            yield Reading(session, clock=self._clock, keys=self._keys)

    def settle(self, settlement: Settlement, mode: Mode) -> bool:
        """`Transaction.settle` in one statement; False if that takes more, or is too late.

        `mode` is that of the review as it was read: a gate may have joined it since. One that got
        a course since is not settled, as others may decide it.
        """
        return self._made_at_once(partial(self._at_once.settle, settlement, mode))

    def apply(self, review_id: str, round: int, *, outcome: str, digest: str) -> bool:
        """`Transaction.apply` in one statement; False if that takes more, or is too late."""
        return self._made_at_once(
            partial(self._at_once.apply, review_id, round, outcome=outcome, digest=digest)
        )

    def _made_at_once(self, transition: Callable[[Head], Head | None]) -> bool:
        """After the last row that is known, and if others have appended, after theirs."""
        if self.dialect != "postgresql":
            return False
        head = transition(self._head)
        if head is None and self._has_moved():
            head = transition(self._head)
        self._head = head or self._head
        return head is not None

    def _has_moved(self) -> bool:
        """Whether others have appended to the audit; their last row is known then."""
        known = self._head
        with self._transactions.look() as session:
            self._head = last_under(session, self._seal)
        return self._head != known

    def close(self) -> None:
        """Close the connections. If the ledger is used again, it opens them and keeps none."""
        self._database.close()
