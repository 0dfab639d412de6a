"""Ranges of dates: whole days by UTC, or moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._period import period_of

NOW = datetime(2026, 1, 8, 12, tzinfo=UTC)


def test_a_day_is_taken_in_whole() -> None:
    period = period_of("2026-01-05", date(2026, 1, 5), now=NOW)
    assert period == (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC))


def test_moments_are_what_they_say() -> None:
    moment = datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert period_of("2026-01-05T10:00+01:00", None, now=NOW) == (moment, None)
    assert period_of(None, moment, now=NOW) == (None, moment)


@pytest.mark.parametrize("ago", ["7d", "1w", timedelta(days=7)])
def test_a_time_ago_ends_now(ago: Any) -> None:
    assert period_of(ago, None, now=NOW) == (datetime(2026, 1, 1, 12, tzinfo=UTC), None)


@given(st.dates(max_value=date(9000, 1, 1)), st.integers(0, 1000))
def test_a_period_of_days_has_that_many(first: date, more: int) -> None:
    since, until = period_of(first, first + timedelta(days=more), now=NOW)
    assert since is not None
    assert until is not None
    assert until - since == timedelta(days=more + 1)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("yesterday", None, "since= is a date"),
        (None, "2026-02-30", "until= is a date"),
        ("2026-01-05T10:00", None, "with its offset"),
        (datetime(2026, 1, 5), None, "with its offset"),
        (5, None, "since= is a date"),
        ("", None, "since= is a date"),
        ("0d", None, "or a time ago such as 7d"),
        (None, "7d", "until= is a date"),
        ("2026-01-06", "2026-01-05", "The period is empty"),
        ("2026-01-06T00:00Z", "2026-01-05", "The period is empty"),
    ],
)
def test_what_is_no_period(since: Any, until: Any, said: str) -> None:
    with pytest.raises(InboxError, match=said):
        period_of(since, until, now=NOW)
