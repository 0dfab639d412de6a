"""Times that say which zone they are in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from langgraph_hitl.errors import GateError
from langgraph_hitl.people.moment import moment_of


def test_the_same_moment_in_utc() -> None:
    given = datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    assert moment_of(given, "at").isoformat() == "2026-07-01T07:00:00+00:00"


def test_two_moments_of_one_zone_keep_their_order_when_clocks_are_put_back() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 50, tzinfo=berlin)
    second = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=berlin)
    assert first > second
    assert moment_of(first, "at") < moment_of(second, "at")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (datetime(2026, 7, 1), "begins has no time zone: 2026-07-01"),
        (date(2026, 7, 1), "begins must be a datetime with a time zone"),
        ("2026-07-01", "begins must be a datetime with a time zone, not '2026-07-01'"),
        (None, "begins must be a datetime"),
        (5, "begins must be a datetime"),
        (datetime.max.replace(tzinfo=ZoneInfo("America/New_York")), "beyond all calendars"),
    ],
    ids=str,
)
def test_what_is_no_moment(given: Any, message: str) -> None:
    with pytest.raises(GateError, match=message):
        moment_of(given, "begins")


def test_the_last_moment_is_one() -> None:
    assert moment_of(datetime.max.replace(tzinfo=UTC), "at") == datetime.max.replace(tzinfo=UTC)
