"""What a caller gives an inbox, checked: each error names the option, and what it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from langgraph_hitl._text.blank import is_blank
from langgraph_hitl._text.duration import LONGEST, duration_of
from langgraph_hitl.errors import GateError, InboxError
from langgraph_hitl.precedents import Similar
from langgraph_hitl.review.reviewer import checked_name
from langgraph_hitl.triggers.number import quoted

MOST = 10_000

Given = TypeVar("Given")


def count(given: Any, what: str, *, least: int = 1, most: int = MOST) -> int:
    """A whole number."""
    if type(given) is not int or not least <= given <= most:
        raise InboxError(f"{what} is a number from {least} to {most:,}, not {quoted(given)}")
    return given


def share(given: Any, what: str) -> float:
    """A part of a whole."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= 1:
        raise InboxError(f"{what} is a number above 0 and up to 1, not {quoted(given)}")
    return float(given)


def span(given: Any, what: str) -> timedelta:
    """A duration, as a `timedelta` or a text such as `4h`."""
    try:
        return duration_of(given, what)
    except GateError as error:
        raise InboxError(str(error)) from None


def seconds(given: Any, what: str) -> float:
    """Seconds, none at least, or a duration."""
    if isinstance(given, str | timedelta):
        return span(given, what).total_seconds()
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or not 0 <= given <= LONGEST.total_seconds():
        raise InboxError(
            f"{what} is a number of seconds, or a duration such as '2m', not {quoted(given)}"
        )
    return float(given)


def flag(given: Any, what: str) -> bool:
    """True or False."""
    if not isinstance(given, bool):
        raise InboxError(f"{what} is True or False, not {quoted(given)}")
    return given


def name(given: Any, what: str) -> str:
    """A text that is not blank and not long."""
    try:
        return checked_name(given, what)
    except GateError as error:
        raise InboxError(str(error)) from None


def text(given: Any, what: str) -> str:
    """A text that is not blank."""
    if not isinstance(given, str) or is_blank(given):
        raise InboxError(f"{what} is a text that is not blank, not {quoted(given)}")
    return given


def words(given: Any, what: str) -> str | None:
    """What somebody said, if anything."""
    if given is not None and not isinstance(given, str):
        raise InboxError(f"{what} is a text, not {quoted(given)}")
    return given


def one_of(given: Any, what: str, known: Iterable[Given]) -> Given:
    """One of some words."""
    for one in known:
        if isinstance(given, str) and given == one:
            return one
    raise InboxError(f"{what} is one of {', '.join(map(str, known))}, not {quoted(given)}")


def function(given: Any, what: str) -> Callable[..., Any]:
    """Something to call."""
    if not callable(given):
        raise InboxError(f"{what} is a function, not {quoted(given)}")
    found: Callable[..., Any] = given
    return found


def measure(given: Any) -> Similar:
    """What makes cases alike."""
    if isinstance(given, type) or not callable(getattr(given, "nearest", None)):
        raise InboxError(
            "how= takes what has a method nearest, such as by_keys('amount') of "
            f"langgraph_hitl.precedents, not {quoted(given)}"
        )
    found: Similar = given
    return found


def mapping(given: Any, what: str) -> Mapping[str, Any]:
    """Values by name."""
    if not isinstance(given, Mapping):
        raise InboxError(f"{what} is a mapping of names to values, not {quoted(given)}")
    return given


def graph(given: Any) -> Any:
    """A compiled graph."""
    if callable(getattr(given, "get_name", None)) and not isinstance(given, type):
        return given
    cure = "; compile it first" if callable(getattr(given, "compile", None)) else ""
    raise InboxError(f"app= is what builder.compile(...) returned, not {quoted(given)}{cure}")
