"""`Session`: one connection to PostgreSQL that carries locks for as long as it lasts."""

from __future__ import annotations

import contextlib
import os
import select
import time
from typing import Any

import psycopg
from psycopg import pq

from langgraph_hitl.errors import InboxUnavailable

_BIGINT = 20
_UNKNOWN_STATEMENT = b"26000"
_LOCK, _UNLOCK = b"hitl_lock", b"hitl_unlock"
_PREPARED = {
    _LOCK: b"SELECT pg_try_advisory_lock($1), pg_backend_pid()",
    _UNLOCK: b"SELECT pg_advisory_unlock($1), pg_backend_pid()",
}

# The server gives a lock back when it notices that the holder's machine is gone: after 25 seconds
# instead of the two hours of most systems. And a session that only holds locks is idle for long.
_SETTINGS = b"""
SELECT count(set_config(name, wanted.value, false))
FROM pg_settings JOIN (VALUES
    ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'),
    ('tcp_user_timeout', '25000'), ('idle_session_timeout', '0')
) AS wanted (name, value) USING (name)
"""
_OURS = {
    "application_name": "langgraph-hitl locks",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "target_session_attrs": "read-write",  # a standby has locks of its own
}


_SHARED = "a connection pooler gave the session to somebody else"


class SessionLost(Exception):
    """The connection is gone, or in doubt, and all that the session held with it."""


class _Connection(psycopg.Connection[Any]):
    def __del__(self, *_: Any) -> None:
        """No warning in a forked child, which must not close it; its `pgconn` closes itself."""


class Session:
    """A connection of this process to a database, not for several threads at once.

    Args:
        parameters: What libpq needs to connect.
        patience: How many seconds the server may take to connect or to answer.

    Raises:
        InboxUnavailable: The server cannot be reached, or it refused what was asked.
        SessionLost: The session ended in the meantime.
    """

    def __init__(self, parameters: dict[str, Any], *, patience: float) -> None:
        self._patience = patience
        self._process = os.getpid()
        self._connection = _connect(parameters, patience)
        self._descriptor: int | None = self._connection.pgconn.socket
        self._prepared: set[bytes] = set()
        self.process_id = int(self._answer(b"SELECT pg_backend_pid()")[0])
        """The server's process behind the connection."""

    @property
    def lost(self) -> bool:
        return self._descriptor is None or not self.own()

    @property
    def disturbed(self) -> bool:
        """Has the server sent something, its farewell perhaps? It is not asked."""
        descriptor = self._descriptor
        if descriptor is None:
            return True
        try:
            return _readable(descriptor, 0)
        except (OSError, ValueError):  # closed at this moment
            return True

    @property
    def direct(self) -> bool:
        """Is that the process which greeted us? Poolers and some proxies make up a number."""
        return self._connection.pgconn.backend_pid == self.process_id

    @property
    def exclusive(self) -> bool:
        """Is this a server whose locks lock? CockroachDB grants each of them to everybody."""
        return self._connection.pgconn.parameter_status(b"crdb_version") is None

    def own(self) -> bool:
        """Was it opened by this process, not by the parent of a fork?"""
        return self._process == os.getpid()

    def settle_in(self) -> None:
        """Make the server notice a dead client soon, and bear with an idle one."""
        self._answer(_SETTINGS)

    def try_lock(self, number: int) -> bool:
        return self._ask(_LOCK, number)

    def unlock(self, number: int) -> bool:
        return self._ask(_UNLOCK, number)

    def lasts(self) -> bool:
        """True, or `SessionLost`."""
        return self._ask(b"SELECT true, pg_backend_pid()")

    def close(self) -> None:
        """Give back every lock and leave."""
        with contextlib.suppress(SessionLost, InboxUnavailable):
            self._answer(b"SELECT pg_advisory_unlock_all()")
        self.drop()

    def drop(self) -> None:
        """Leave, whatever the state; in a forked child without a word to the server."""
        descriptor, self._descriptor = self._descriptor, None
        if self.own():
            self._connection.close()
        elif descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _ask(self, statement: bytes, *numbers: int) -> bool:
        truth, process_id = self._answer(statement, *numbers)
        if int(process_id) != self.process_id:
            self.drop()
            raise SessionLost(_SHARED)
        return truth == b"t"

    def _answer(self, statement: bytes, *numbers: int) -> list[bytes]:
        """The columns of the only row."""
        if self.lost:
            raise SessionLost("the connection was lost")
        try:
            result = self._exchange(self._connection.pgconn, statement, numbers)
        except psycopg.Error as error:
            self.drop()
            raise SessionLost(str(error).strip()) from error
        except BaseException:  # interrupted: what was asked may have happened or not
            self.drop()
            raise
        if result.status == pq.ExecStatus.TUPLES_OK:
            return [result.get_value(0, column) or b"" for column in range(result.nfields)]
        message = result.get_error_message()
        if result.error_field(pq.DiagnosticField.SQLSTATE) == _UNKNOWN_STATEMENT:
            self.drop()
            raise SessionLost(_SHARED)
        if self._connection.pgconn.status != pq.ConnStatus.OK:
            self.drop()
            raise SessionLost(message)
        raise InboxUnavailable(f"The locks of the inbox: PostgreSQL refused: {message}")

    def _exchange(
        self, connection: pq.abc.PGconn, statement: bytes, numbers: tuple[int, ...]
    ) -> pq.abc.PGresult:
        """Psycopg's own `execute` would wait for ever for a server that went silent."""
        deadline = time.monotonic() + self._patience
        if statement in _PREPARED and statement not in self._prepared:
            connection.send_prepare(statement, _PREPARED[statement], [_BIGINT] * len(numbers))
            prepared = self._result(connection, deadline)
            if prepared.status != pq.ExecStatus.COMMAND_OK:
                return prepared
            self._prepared.add(statement)
        values = [b"%d" % number for number in numbers]
        if statement in _PREPARED:
            connection.send_query_prepared(statement, values)
        else:
            connection.send_query_params(statement, values, [_BIGINT] * len(values))
        return self._result(connection, deadline)

    def _result(self, connection: pq.abc.PGconn, deadline: float) -> pq.abc.PGresult:
        connection.flush()
        results: list[pq.abc.PGresult] = []
        while True:
            while connection.is_busy():
                if not _readable(connection.socket, max(0.0, deadline - time.monotonic())):
                    raise psycopg.OperationalError(
                        f"the server did not answer within {self._patience:g} seconds"
                    )
                connection.consume_input()
            result = connection.get_result()
            if result is None:
                return results[-1]
            results.append(result)


def _readable(descriptor: int, seconds: float) -> bool:
    """Whether something, or the end, can be read from a socket by then."""
    if not hasattr(select, "poll"):
        return bool(select.select([descriptor], [], [], seconds)[0])
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(1000 * seconds))


def _connect(parameters: dict[str, Any], patience: float) -> _Connection:
    wanted = {**_OURS, "connect_timeout": max(2, round(patience)), **parameters}
    try:
        return _Connection.connect(**{**wanted, "client_encoding": "utf8"}, autocommit=True)
    except psycopg.Error as error:
        raise InboxUnavailable(
            f"The locks of the inbox: PostgreSQL cannot be reached: {str(error).strip()}"
        ) from error
