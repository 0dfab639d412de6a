"""What is given as words or as a value: on the command line, or through the standard input."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from langgraph_hitl._commands.status import Refusal
from langgraph_hitl._terminal.sanitise import one_line
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.decision import RATINGS, Rating
from langgraph_hitl.review.strict_json import NotStrictJson, read_json

STDIN = "-"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def words(text: str) -> str:
    """A text as it was given, or the standard input without the newline at its end."""
    if text != STDIN:
        return text
    try:
        content = getattr(sys.stdin, "buffer", sys.stdin).read()
        read: str = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    except UnicodeDecodeError:
        raise Refusal("The standard input is not UTF-8") from None
    return read.removesuffix("\n").removesuffix("\r")


def optional_words(text: str | None) -> str | None:
    """`words`, or None."""
    return None if text is None else words(text)


def value(text: str, *, is_text: bool) -> Any:
    """A text as it is, anything else as JSON."""
    if is_text:
        return text
    try:
        return read_json(text)
    except NotStrictJson as error:
        raise Refusal(f"That is no JSON ({error}); nothing is decided") from None


def rating_of(word: str | None) -> Rating | None:
    """A known rating."""
    found = next((rating for rating in RATINGS if rating == word), None)
    if word is not None and found is None:
        raise Refusal(f"There is no rating {word!r}; the ratings are {', '.join(RATINGS)}")
    return found


def duration(text: str, option: str) -> timedelta:
    """A time such as `15m`; raises `Refusal` for anything else."""
    from langgraph_hitl._text.duration import duration_of

    try:
        return duration_of(text, option)
    except GateError as error:
        raise Refusal(str(error)) from None


def when(text: str, option: str) -> datetime | timedelta:
    """A moment, or a time before or after one; raises `Refusal` for anything else.

    Without an offset a moment is by UTC, as everything is that is shown, and a date its first.
    """
    from langgraph_hitl._text.duration import duration_of

    try:
        if _DATE.match(text):
            found = datetime.fromisoformat(text)
            return found if found.utcoffset() is not None else found.replace(tzinfo=UTC)
        return duration_of(text, option)
    except (GateError, ValueError, OverflowError):
        raise Refusal(
            f"{option} takes a time such as 3h or 1d 12h, a date such as 2026-12-31, or a moment "
            f"such as 2026-12-31T18:00 or 2026-12-31T18:00+01:00, not {one_line(text)!r}"
        ) from None


def moment(text: str, option: str) -> datetime:
    """A moment with its offset; raises `Refusal` for anything else."""
    from langgraph_hitl.policies.moment import read_when

    found = read_when(text)
    if not isinstance(found, datetime):
        raise Refusal(
            f"{option} takes a moment with its offset, such as 2026-12-31T18:00:00+01:00, not "
            f"{one_line(text)!r}"
        )
    return found
