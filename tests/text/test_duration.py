"""Durations as people write them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl._text.duration import LONGEST, duration_of, duration_text
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
        ("2 days", timedelta(days=2)),
        ("1 day 12 hours", timedelta(hours=36)),
        ("24 h", timedelta(days=1)),
        ("90 min", timedelta(minutes=90)),
        (" 1 week ", timedelta(days=7)),
    ],
)
def test_durations(text: str, expected: timedelta) -> None:
    assert duration_of(text, "timeout") == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h",
        "24",
        "-1h",
        "2 dayss",
        "2  days",
        "1.5h",
        "0h",
        "12h 1d",
        "1h 1h",
        "1month",
        "999999999w",
        "١h",
    ],
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(GateError, match="timeout must be"):
        duration_of(text, "timeout")


def kind(given: Any) -> str:
    return type(given).__name__


@pytest.mark.parametrize("given", [4, "4"])
def test_a_number_lacks_its_unit(given: Any) -> None:
    with pytest.raises(GateError, match=r"within must .* not '?4'?: hours are '4h', minutes '4m'"):
        duration_of(given, "within")


@pytest.mark.parametrize(
    "given", [None, True, 0, -1, 1.5, 10**5000, b"4h", [], "x" * 10**5], ids=kind
)
def test_what_is_no_text(given: Any) -> None:
    with pytest.raises(GateError, match=r"^within must be a duration .{1,120}$"):
        duration_of(given, "within")


@given(st.timedeltas(timedelta(seconds=1), LONGEST))
def test_a_duration_is_read_as_it_is_written(duration: timedelta) -> None:
    whole = timedelta(seconds=int(duration.total_seconds()))
    assert duration_of(duration_text(whole), "timeout") == whole
