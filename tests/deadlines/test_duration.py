"""Durations as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.deadlines.duration import LONGEST, duration_of, duration_text
from langgraph_hitl.errors import GateError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", timedelta(seconds=30)),
        ("90m", timedelta(minutes=90)),
        ("24h", timedelta(days=1)),
        ("2w", timedelta(days=14)),
        ("1d 12h", timedelta(hours=36)),
        ("1d12h", timedelta(hours=36)),
    ],
)
def test_durations(text: str, expected: timedelta) -> None:
    assert duration_of(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "h", "24", "24 h", "-1h", "1.5h", "0h", "12h 1d", "1h 1h", "1month", "999999999w", "١h"],
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(GateError, match="timeout must be"):
        duration_of(text)


@given(st.timedeltas(timedelta(seconds=1), LONGEST))
def test_a_duration_is_read_as_it_is_written(duration: timedelta) -> None:
    whole = timedelta(seconds=int(duration.total_seconds()))
    assert duration_of(duration_text(whole)) == whole
