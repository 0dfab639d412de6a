"""`AdvisoryLocks`: one session that may be lost, and the servers that cannot be trusted with it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from langgraph_hitl.errors import InboxError, InboxUnavailable, MissingExtra
from langgraph_hitl.inbox._locks import advisory_lock, open_locks
from langgraph_hitl.inbox._locks.advisory_lock import AdvisoryLocks
from langgraph_hitl.inbox._locks.session import Session
from tests.inbox.lock_places import url_of, within
from tests.postgres import OwnServer, own_server

Opened = Callable[..., AdvisoryLocks]
PATIENCE = 1.0


@pytest.fixture
def opened(postgres_uri: str) -> Iterator[Opened]:
    every: list[AdvisoryLocks] = []

    def opened(uri: str = postgres_uri, **options: Any) -> AdvisoryLocks:
        every.append(AdvisoryLocks(conninfo_to_dict(uri), **options))
        return every[-1]

    yield opened
    for locks in every:
        locks.close()


@pytest.fixture(scope="module")
def server(worker_id: str) -> Iterator[OwnServer]:
    """A server to be stopped, with processes to be signalled."""
    with own_server(f"{worker_id}-locks") as server:
        yield server


@contextmanager
def administrator(uri: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(uri, autocommit=True) as connection:
        yield connection


def sessions(uri: str) -> list[tuple[int, str]]:
    """The server's processes that carry locks of this database, and what they are doing."""
    with administrator(uri) as connection:
        return connection.execute(
            "SELECT pid, state FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = 'langgraph-hitl locks'"
        ).fetchall()


def cut(uri: str) -> None:
    with administrator(uri) as connection:
        for process, _ in sessions(uri):
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", [process])


def test_nothing_is_connected_to_before_a_lock_is_asked_for(
    opened: Opened, postgres_uri: str
) -> None:
    locks = opened()
    assert within(PATIENCE, lambda: not sessions(postgres_uri))
    locks.try_acquire("a")
    assert len(sessions(postgres_uri)) == 1


def test_a_lock_is_in_doubt_as_soon_as_its_session_was_cut(
    opened: Opened, postgres_uri: str
) -> None:
    held = opened().try_acquire("a")
    assert held is not None
    assert not held.in_doubt()
    cut(postgres_uri)
    assert held.in_doubt()
    assert not held.alive()
    assert held.in_doubt()


def test_one_session_carries_all_and_stays_in_no_transaction(
    opened: Opened, postgres_uri: str
) -> None:
    locks = opened()
    held = [locks.try_acquire(f"key {number}") for number in range(20)]
    assert all(one is not None and one.alive() for one in held)
    assert within(PATIENCE, lambda: [state for _, state in sessions(postgres_uri)] == ["idle"])


def test_keys_of_one_number_are_two_locks_here_and_one_elsewhere(opened: Opened) -> None:
    locks, others = opened(number_of=lambda key: 7), opened(number_of=lambda key: 7)
    first, second = locks.try_acquire("a"), locks.try_acquire("b")
    assert first is not None
    assert second is not None
    assert locks.try_acquire("a") is None
    assert others.try_acquire("c") is None
    first.release()
    assert second.alive()
    assert others.try_acquire("c") is None, "given back once, it was taken twice"
    second.release()
    assert others.try_acquire("c")


@pytest.mark.parametrize("number", [0, 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_every_number_of_64_bits_is_a_lock(opened: Opened, number: int) -> None:
    locks, others = opened(number_of=lambda key: number), opened(number_of=lambda key: number)
    held = locks.try_acquire("a")
    assert held is not None
    assert others.try_acquire("a") is None
    held.release()
    assert others.try_acquire("a")


def test_a_lost_session_has_lost_its_locks(opened: Opened, postgres_uri: str) -> None:
    locks, others = opened(), opened()
    held, other = locks.try_acquire("a"), locks.try_acquire("b")
    assert held is not None
    assert other is not None
    cut(postgres_uri)
    assert not held.alive()
    assert not other.alive()
    assert others.try_acquire("b"), "the server has given it to another process"
    assert locks.try_acquire("a") is None, "what ran under it may still be running here"
    held.release()
    again = locks.try_acquire("a")
    assert again is not None
    assert again.alive()
    assert not held.alive()
    other.release()
    assert locks.try_acquire("b") is None


def test_a_session_that_was_lost_unnoticed_is_replaced(opened: Opened, postgres_uri: str) -> None:
    locks = opened()
    held = locks.try_acquire("a")
    cut(postgres_uri)
    fresh = locks.try_acquire("b")
    assert held is not None
    assert fresh is not None
    assert (held.alive(), fresh.alive()) == (False, True)


def test_releasing_into_a_lost_session_is_no_error(opened: Opened, postgres_uri: str) -> None:
    locks = opened()
    held = locks.try_acquire("a")
    assert held is not None
    cut(postgres_uri)
    held.release()
    held.release()
    assert locks.try_acquire("a")


def test_a_server_that_is_restarted(opened: Opened, server: OwnServer) -> None:
    locks, others = opened(server.uri), opened(server.uri)
    held = locks.try_acquire("a")
    assert held is not None
    server.stop()
    assert not held.alive()
    with pytest.raises(InboxUnavailable, match=r"The locks of the inbox: .* cannot be reached"):
        locks.try_acquire("b")
    server.start()
    assert not held.alive()
    assert others.try_acquire("a")
    held.release()
    assert locks.try_acquire("a") is None
    assert locks.try_acquire("b")


def test_a_server_that_falls_silent_is_not_waited_for(opened: Opened, server: OwnServer) -> None:
    locks = opened(server.uri, patience=PATIENCE)
    held = locks.try_acquire("a")
    assert held is not None
    assert within(PATIENCE, lambda: len(sessions(server.uri)) == 1)
    ((process, _),) = sessions(server.uri)
    os.kill(process, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        assert not held.alive()
        assert time.monotonic() - begun < 3 * PATIENCE
        held.release()
        assert locks.try_acquire("a") is None, "for the server, the silent session has it still"
    finally:
        os.kill(process, signal.SIGCONT)
    assert within(PATIENCE, lambda: locks.try_acquire("a"))


def test_what_the_server_refuses_is_said_and_loses_nothing(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = opened()
    held = locks.try_acquire("a")
    assert held is not None
    monkeypatch.setattr(Session, "try_lock", lambda self, number: self._ask(b"SELECT 1/0"))
    with pytest.raises(InboxUnavailable, match="PostgreSQL refused: division by zero"):
        locks.try_acquire("b")
    monkeypatch.undo()
    assert held.alive()
    assert locks.try_acquire("b")


def test_an_interrupt_leaves_no_lock_in_doubt(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks, others = opened(), opened()
    held = locks.try_acquire("a")
    assert held is not None

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "_exchange", interrupted)
    with pytest.raises(KeyboardInterrupt):
        locks.try_acquire("b")
    monkeypatch.undo()
    assert not held.alive()
    assert within(PATIENCE, lambda: others.try_acquire("b"))


def test_the_server_is_told_to_notice_a_dead_machine(opened: Opened, postgres_uri: str) -> None:
    parameters = conninfo_to_dict(postgres_uri)
    session = Session(parameters, patience=PATIENCE)
    session.settle_in()
    assert session._answer(b"SELECT current_setting('idle_session_timeout')") == [b"0"]
    names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count")
    source = "SELECT source FROM pg_settings WHERE name = '{}'"
    told = {bytes(session._answer(source.format(name).encode())[0]) for name in names}
    assert told == {b"session"}
    session.close()


class Pooled(Session):
    """A session as a pooler or a proxy hands it out: the number in its greeting is made up."""

    direct = False


class Shared(Pooled):
    """All clients of the pooler reach the same process of the server, one after another."""

    def __init__(self, parameters: Mapping[str, Any], *, patience: float) -> None:
        super().__init__(dict(parameters), patience=patience)
        self.process_id = 1

    def lasts(self) -> bool:
        return True


class Changing(Pooled):
    """A client of the pooler is given another process of the server for each statement."""

    def _exchange(self, *arguments: Any) -> Any:
        result = super()._exchange(*arguments)
        self.process_id = 1
        return result


def test_a_pooler_in_session_mode_carries_locks(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisory_lock, "Session", Pooled)
    held = opened().try_acquire("a")
    assert held is not None
    assert held.alive()


@pytest.mark.parametrize("kind", [Shared, Changing])
def test_a_pooler_that_shares_sessions_is_refused(
    opened: Opened, kind: type[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisory_lock, "Session", kind)
    with pytest.raises(InboxError, match="give the address of the server itself, or of a pooler"):
        opened().try_acquire("a")


def test_a_session_that_a_pooler_gave_away_is_lost(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = opened()
    held = locks.try_acquire("a")
    assert held is not None
    monkeypatch.setattr(held.session, "process_id", 1)
    assert not held.alive()


def test_a_server_whose_locks_do_not_lock_is_refused(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "exclusive", False)
    with pytest.raises(InboxError, match="which CockroachDB only pretends"):
        opened().try_acquire("a")


def test_a_url_of_any_driver_is_understood(postgres_uri: str) -> None:
    url = url_of(postgres_uri).replace("postgresql://", "postgresql+psycopg://")
    locks = open_locks(dialect="postgresql", path=None, url=url)
    assert locks.try_acquire("a")
    locks.close()


def test_a_server_that_is_not_there() -> None:
    url = "postgresql://nobody:secret@localhost:1/none"
    locks = open_locks(dialect="postgresql", path=None, url=url)
    with pytest.raises(InboxUnavailable, match="PostgreSQL cannot be reached") as raised:
        locks.try_acquire("a")
    assert "secret" not in str(raised.value)
    locks.close()


def test_a_url_that_cannot_be_read() -> None:
    with pytest.raises(InboxError, match="not the URL of a database"):
        open_locks(dialect="postgresql", path=None, url="user=me dbname=mine")


def test_without_psycopg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        __import__("sys").modules, "langgraph_hitl.inbox._locks.advisory_lock", None
    )
    with pytest.raises(MissingExtra, match=r"langgraph-hitl\[postgres\]"):
        open_locks(dialect="postgresql", path=None, url="postgresql://localhost/db")
