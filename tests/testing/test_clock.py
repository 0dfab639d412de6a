"""`FixedClock` stands still, goes on and jumps as it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from langgraph_hitl.inbox import Inbox
from langgraph_hitl.testing import FixedClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_it_stands_still() -> None:
    clock = FixedClock(NOON)
    assert clock() == clock() == clock.now == NOON


def test_it_goes_on_by_what_it_is_told() -> None:
    clock = FixedClock(NOON)
    assert clock.advance(timedelta(minutes=1), seconds=30) == NOON + timedelta(seconds=90)
    clock.advance(hours=-1)
    assert clock() == NOON + timedelta(seconds=90) - timedelta(hours=1)


def test_it_jumps_and_is_in_utc() -> None:
    clock = FixedClock(NOON)
    clock.now = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert clock() == datetime(2026, 1, 1, tzinfo=UTC)
    assert clock().tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="zone"):
        FixedClock(naive)
    with pytest.raises(ValueError, match="zone"):
        FixedClock().now = naive


def test_an_inbox_goes_by_it() -> None:
    with Inbox.open("sqlite:///:memory:", clock=FixedClock(NOON)) as inbox:
        assert inbox.pending() == []
