"""`AdvisoryLocks`: between all the processes that use one PostgreSQL database.

One session per process carries its locks: a session for each would cost the server a process each.
A session may take a lock that it has once more, so the process keeps account of its own first.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from langgraph_hitl.errors import InboxError, InboxUnavailable
from langgraph_hitl.inbox._locks.fork import forget_in_children
from langgraph_hitl.inbox._locks.lock import digest_of
from langgraph_hitl.inbox._locks.session import Session, SessionLost

_LOOKS = 4


class AdvisoryLocks:
    """The locks of one PostgreSQL database. They connect when the first one is asked for.

    Losing the session is losing its locks: none of them is `alive` any more, and the next
    `try_acquire` opens another session.

    Args:
        parameters: What libpq needs to connect.
        number_of: The 64 bits that stand for a key. Keys that share them exclude each other
            between processes.
        patience: How many seconds the server may take to connect or to answer.
    """

    def __init__(
        self,
        parameters: Mapping[str, Any],
        *,
        number_of: Callable[[str], int] = digest_of,
        patience: float = 5.0,
    ) -> None:
        self.mutex = threading.RLock()
        self._parameters = dict(parameters)
        self._number_of = number_of
        self._patience = patience
        self._session: Session | None = None
        self._held: dict[str, AdvisoryHeld] = {}
        self._closed = False
        forget_in_children(self)

    def try_acquire(self, key: str) -> AdvisoryHeld | None:
        number = _signed(self._number_of(key))
        with self._turn():
            if self._closed:
                raise InboxError("These locks were closed; open the inbox again")
            if key in self._held:
                return None
            session = self._session_with(number)
            if session is None:
                return None
            self._held[key] = held = AdvisoryHeld(self, session, key, number)
            return held

    def close(self) -> None:
        with self.mutex:
            self._closed = True
            self._held.clear()
            if self._session is not None:
                self._session.close()

    def forget(self) -> None:
        self._held.clear()
        if self._session is not None:
            self._session.drop()
            self._session = None

    def holds(self, held: AdvisoryHeld) -> bool:
        with contextlib.suppress(SessionLost, InboxUnavailable), self._turn():
            return self._held.get(held.key) is held and held.session.lasts()
        return False

    def give_back(self, held: AdvisoryHeld) -> None:
        with self.mutex:
            if self._held.get(held.key) is not held:
                return
            del self._held[held.key]
            try:
                held.session.unlock(held.number)
            except SessionLost:
                pass
            except InboxUnavailable:  # still held, perhaps; it ends with the session
                held.session.drop()

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """One thread asks at a time, and none waits long behind the others."""
        if not self.mutex.acquire(timeout=self._patience):
            raise InboxUnavailable("The locks of the inbox: PostgreSQL is too slow to answer")
        try:
            yield
        except SessionLost as error:
            raise InboxUnavailable(f"The locks of the inbox: {error}") from error
        finally:
            self.mutex.release()

    def _session_with(self, number: int) -> Session | None:
        """The session that has just locked `number`; another one if the last was lost."""
        if self._session is not None:
            with contextlib.suppress(SessionLost):
                return self._session if self._session.try_lock(number) else None
            self._session.drop()
        self._session = session = self._new_session()
        return session if session.try_lock(number) else None

    def _new_session(self) -> Session:
        session = Session(self._parameters, patience=self._patience)
        try:
            if not session.exclusive:
                raise InboxError("An inbox needs advisory locks, which CockroachDB only pretends")
            if not session.direct and not self._keeps_its_process(session):
                raise InboxError(
                    "The inbox reaches PostgreSQL through a pooler that shares sessions between "
                    "clients, where locks do not hold; give the address of the server itself, or "
                    "of a pooler in session mode"
                )
            session.settle_in()
        except BaseException:
            session.drop()
            raise
        return session

    def _keeps_its_process(self, session: Session) -> bool:
        """Do two clients have a process of the server each, and keep it?"""
        other = Session(self._parameters, patience=self._patience)
        try:
            looks = [one.lasts() for _ in range(_LOOKS) for one in (session, session, other)]
        except SessionLost:
            return False
        finally:
            other.drop()
        return all(looks) and session.process_id != other.process_id


class AdvisoryHeld:
    """A lock of `AdvisoryLocks`."""

    def __init__(self, locks: AdvisoryLocks, session: Session, key: str, number: int) -> None:
        self._locks = locks
        self.session = session
        self.key = key
        self.number = number

    def alive(self) -> bool:
        return self._locks.holds(self)

    def in_doubt(self) -> bool:
        return self.session.disturbed

    def release(self) -> None:
        self._locks.give_back(self)


def _signed(number: int) -> int:
    """The same 64 bits as PostgreSQL's bigint spells them."""
    return number - (1 << 64) if number >= 1 << 63 else number
