"""When a review that is put off is shown again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from langgraph_hitl._text.duration import duration_of, duration_text
from langgraph_hitl.errors import GateError, InvalidDecision

_DATE = re.compile(r"[0-9]{4}-?[0-9W]")


def until_of(given: Any) -> datetime | timedelta | None:
    """A moment, or a time in whole seconds; raises `InvalidDecision` for anything else."""
    if given is None:
        return None
    try:
        if isinstance(given, datetime) or (isinstance(given, str) and _DATE.match(given)):
            return _moment(given)
        length = duration_of(given, "until")
        return duration_of(length - timedelta(microseconds=length.microseconds), "until")
    except GateError:
        why = ""
    except (ValueError, OverflowError) as error:
        why = f" ({error})"
    shown = repr(given[:40]) if isinstance(given, str) else str(given)[:40]
    raise InvalidDecision(
        "until must be a moment such as 2027-01-31T09:00+01:00, or a duration such as 2h, not "
        f"{shown}{why}"
    )


def _moment(given: datetime | str) -> datetime:
    if isinstance(given, datetime):
        if given.utcoffset() is None:
            raise ValueError("it has no time zone")
        return given
    return _moment(datetime.fromisoformat(given)).astimezone(UTC)


def until_text(until: datetime | timedelta | str | None) -> str | None:
    """`until_of` on the wire."""
    match until:
        case timedelta():
            return duration_text(until)
        case datetime():
            return until.isoformat()
        case _:
            return until
