"""Errors of `notify=`, and deaths: an event is told again, perhaps, and never lost."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Any
from unittest.mock import Mock

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.errors import GraphInterrupt

from langgraph_hitl.errors import GateError, InboxError, InboxUnavailable
from langgraph_hitl.inbox import Notice
from langgraph_hitl.inbox._ledger.reading import Reading
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.testing import Failed, FailPoints
from tests.inbox.house import House, asked, told
from tests.inbox.ledgers import LedgerPlace


def test_an_error_is_noted_once_and_stops_neither_the_others_nor_the_pass(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Notice] = []

    def failing(notice: Notice) -> None:
        heard.append(notice)
        if notice.review_id == "r1":
            raise ValueError("no such address")

    inbox = house.open(failing)
    house.file("r1", "r2")
    assert inbox.work().notified == 2
    assert inbox.work().notified == 0
    assert told(heard) == asked("r1", "r2")
    row = house.inbox.history("r1")[-1]
    assert (row.event, row.actor, row.channel) == ("hook_failed", "system:worker", "worker")
    assert row.reason == "on_notify: ValueError: no such address"
    assert house.events("r2") == ["filed"]
    assert "no such address" in caplog.text
    assert inbox.verify()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), GraphInterrupt(()), SystemExit(1)])
def test_what_is_no_error_ends_the_pass_and_is_told_again(
    house: House, error: BaseException
) -> None:
    heard: list[Notice] = []

    def leaving(notice: Notice) -> None:
        heard.append(notice)
        if len(heard) == 2:
            raise error

    inbox = house.open(leaving)
    house.file("r1", "r2")
    with pytest.raises(type(error)):
        inbox.work()
    assert inbox.work().notified == 1
    assert told(heard) == asked("r1", "r2", "r2")
    assert house.events("r2") == ["filed"]


@pytest.mark.parametrize(("point", "again"), [("notifying", []), ("notified", asked("r1"))])
def test_one_that_dies_is_followed_by_another_who_tells_it(
    house: House, point: str, again: list[tuple[str, str]]
) -> None:
    heard: list[Notice] = []
    points = FailPoints()
    points.fail_at(point)
    inbox = house.open(heard.append, point=points)
    other = house.open(heard.append)
    house.file("r1", "r2")
    with pytest.raises(Failed):
        inbox.work()
    other.work()
    assert told(heard) == [*again, *asked("r1", "r2")]


def test_one_who_lost_the_lock_does_not_set_the_others_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Notice] = []
    other = house.open(heard.append)

    def overtaken(notice: Notice) -> None:
        if notice.review_id == "r1":
            with monkeypatch.context() as patch:
                locks = house.inbox._office.locks
                patch.setattr(other._office, "locks", locks)
                patch.setattr(locks, "try_acquire", lambda key: MemoryHeld())
                other.work()

    inbox = house.open(overtaken)
    house.file("r1", "r2", "r3")
    assert inbox.work().notified == 0
    assert told(heard) == asked("r1", "r2", "r3")
    assert inbox.work().notified == other.work().notified == 0


class MemoryHeld:
    """A lock that somebody thinks to have."""

    def release(self) -> None: ...


def test_what_cannot_be_told_does_not_hold_up_the_rest(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(office: Office, rx: Reading, review: Any) -> Any:
        if review.id == "r1":
            raise GateError("a panel of a newer release")
        return review

    monkeypatch.setattr(Office, "with_votes", unreadable)
    heard: list[Notice] = []
    inbox = house.open(heard.append)
    house.file("r1", "r2")
    house.note("reminded", "lost")
    house.file("r3")
    assert inbox.work().notified == 4
    assert told(heard) == asked("r2", "r3")
    assert "newer release" in (house.inbox.history("r1")[-1].reason or "")
    assert house.events("lost") == ["reminded", "hook_failed"]


def test_a_database_that_is_away_loses_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Notice] = []
    inbox = house.open(heard.append)
    house.file("r1")
    sqlite = inbox._office.ledger.dialect == "sqlite"
    of_driver = sqlite3.OperationalError if sqlite else psycopg.OperationalError
    for error in (InboxUnavailable("away"), of_driver("away")):
        with monkeypatch.context() as patch:
            patch.setattr(Reading, "get", Mock(side_effect=error))
            with pytest.raises(InboxUnavailable):
                inbox.work()
    inbox.work()
    assert told(heard) == asked("r1")
    assert house.events() == ["filed"]


async def _late(_notice: Notice) -> None: ...


class _Late:
    async def __call__(self, _notice: Notice) -> None: ...


@pytest.mark.parametrize("notify", ["a text", 1, _late, _Late()])
def test_what_cannot_be_called_is_refused(house: House, notify: Any) -> None:
    with pytest.raises(InboxError, match="notify="):
        house.open(notify)


def test_a_coroutine_in_disguise_is_an_error_of_the_function(house: House) -> None:
    inbox = house.open(lambda notice: _late(notice))
    house.file("r1")
    inbox.work()
    assert "coroutine" in (house.inbox.history("r1")[-1].reason or "")


class Hearer:
    """Hears, until it fails, leaves, or its process dies before or after it has heard."""

    def __init__(self) -> None:
        self.heard: list[int] = []
        self.fate = "work"

    def __call__(self, notice: Notice) -> None:
        self.heard.append(notice.seq)
        if self.fate == "fail":
            raise ValueError("no")
        if self.fate == "leave":
            raise KeyboardInterrupt

    def point(self, name: str) -> None:
        if (self.fate, name) in (("die before", "notifying"), ("die after", "notified")):
            raise Failed(name, 1)


TOILS = ("work", "fail", "leave", "die before", "die after")


@settings(max_examples=60, deadline=None)
@given(ops=st.lists(st.sampled_from(("filed", "reminded", "refused", *TOILS)), max_size=25))
def test_whatever_happens_each_event_is_told_and_in_order(ops: list[str]) -> None:
    hearer = Hearer()
    house = House(LedgerPlace("memory", "sqlite:///:memory:"))
    house.inbox = house.open(hearer, point=hearer.point)
    house.file("r")
    repeats = 0
    for number, op in enumerate(ops):
        before = len(hearer.heard)
        if op == "filed":
            house.file(f"r{number}")
        elif op not in TOILS:
            house.note(op, "r")
        else:
            hearer.fate = op
            with suppress(KeyboardInterrupt, Failed):
                house.inbox.work()
            hearer.fate = "work"
            repeats += op in ("leave", "die after") and len(hearer.heard) > before
    house.inbox.work()
    once = list(dict.fromkeys(hearer.heard))
    assert once == [notice.seq for notice in house.inbox.notices(limit=1000)]
    assert hearer.heard == sorted(hearer.heard)
    assert len(hearer.heard) - len(once) == repeats
    assert house.inbox.verify()
    house.close()
