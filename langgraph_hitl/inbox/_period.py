"""`Period`: a range of dates, as people give it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from langgraph_hitl._text.duration import duration_of
from langgraph_hitl.errors import GateError, InboxError
from langgraph_hitl.policies.moment import When, end_of, read_when

_EXAMPLE = "2026-12-31, or a moment with its offset such as 2026-12-31T18:00:00+01:00"
_OR_AGO = ", or a time ago such as 7d"


class Period(NamedTuple):
    """From `since` on, and before `until`; None is without that end."""

    since: datetime | None = None
    until: datetime | None = None

    def __str__(self) -> str:
        if self == (None, None):
            return "all that there is"
        begins = [] if self.since is None else [f"from {_text(self.since)}"]
        ends = [] if self.until is None else [f"before {_text(self.until)}"]
        return " ".join(begins + ends)


def period_of(
    since: date | timedelta | str | None, until: date | str | None, *, now: datetime
) -> Period:
    """The period of two dates or moments, given as such or as ISO texts.

    A date is a day by UTC, and `until` takes in the day that it names. `since` may also be so long
    before `now`, as `7d`.

    Raises:
        InboxError: One is neither, a moment lacks its time zone, or the period is empty.

    >>> now = datetime(2026, 2, 8, tzinfo=UTC)
    >>> print(period_of("2026-01-01", "2026-01-31", now=now))
    from 2026-01-01T00:00:00Z before 2026-02-01T00:00:00Z
    >>> print(period_of("7d", None, now=now))
    from 2026-02-01T00:00:00Z
    """
    ago = _ago(since)
    begins = _read(since, "since=", _OR_AGO) if ago is None else now - ago
    ends = _read(until, "until=")
    found = Period(
        None if begins is None else _start_of(begins), None if ends is None else end_of(ends)
    )
    if found.since is not None and found.until is not None and found.since >= found.until:
        raise InboxError(
            f"The period is empty: since= ({_text(found.since)}) is not before until= "
            f"({_text(found.until)})"
        )
    return found


def _ago(given: object) -> timedelta | None:
    """A duration; None for anything else."""
    try:
        return duration_of(given, "since=")
    except GateError:
        return None


def _read(given: object, what: str, more: str = "") -> When | None:
    if given is None:
        return None
    found = read_when(given)
    if found is None:
        raise InboxError(f"{what} is a date such as {_EXAMPLE}{more}, not {str(given)[:40]!r}")
    return found


def _start_of(when: When) -> datetime:
    return when if isinstance(when, datetime) else datetime.combine(when, time(), UTC)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
