"""What a value must be: `Equal`, `Min`, `Max`, `In`, and for dates `From` and `Until`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from numbers import Real
from typing import Any, TypeAlias

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.policies.moment import When, checked_when, compared
from langgraph_hitl.triggers.number import (
    Number,
    checked_number,
    exact,
    exceeds,
    number_of,
    quoted,
    shown,
)

Scalar: TypeAlias = str | bool | int | float | Decimal
_MOST = 1_000


@dataclass(frozen=True)
class Equal:
    """The value is this one: the same text, number, or true or false.

    >>> Equal("EUR").holds("EUR", "currency"), Equal(5).holds(5.0, "count")
    (True, True)
    """

    value: Scalar

    def __post_init__(self) -> None:
        _check_scalar(self.value, "equal")

    def holds(self, value: Any, what: str) -> bool:
        """Whether a value is so; raises `Unreadable` for one of another kind, and for none."""
        return _same(self.value, value, what)

    @property
    def words(self) -> str:
        return f"equal to {_brief(self.value)}"


@dataclass(frozen=True)
class In:
    """The value is one of these.

    >>> In(["DE", "FR"]).holds("IT", "country")
    False
    """

    values: tuple[Scalar, ...]
    texts: frozenset[str] = field(init=False, repr=False, compare=False)

    def __init__(self, values: Iterable[Scalar]) -> None:
        if isinstance(values, str | bytes) or not isinstance(values, Iterable):
            raise GateError(f"in takes a list of values, not {quoted(values)}")
        given = tuple(values)
        if not 0 < len(given) <= _MOST:
            raise GateError(f"in takes 1 to {_MOST} values, not {len(given)}")
        for index, value in enumerate(given):
            _check_scalar(value, "in")
            if _kind(value) != _kind(given[0]):
                raise GateError("in takes values of one kind: texts, or numbers, or true and false")
            if any(_same(value, earlier, "in") for earlier in given[:index]):
                raise GateError(f"in has {_brief(value)} twice")
        object.__setattr__(self, "values", given)
        texts = frozenset(value for value in given if isinstance(value, str))
        object.__setattr__(self, "texts", texts)

    def holds(self, value: Any, what: str) -> bool:
        """Whether a value is so; raises `Unreadable` for one of another kind, and for none."""
        if isinstance(value, str) and self.texts:
            return str.__str__(value) in self.texts
        return any(_same(one, value, what) for one in self.values)

    @property
    def words(self) -> str:
        named = ", ".join(map(_brief, self.values[:5]))
        more = len(self.values) - 5
        return f"one of {named}" + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True)
class Min:
    """The number is this or more."""

    limit: Number

    def __post_init__(self) -> None:
        object.__setattr__(self, "limit", checked_number(self.limit, "min"))

    def holds(self, value: Any, what: str) -> bool:
        """Whether a value is so; raises `Unreadable` for what is no finite number."""
        return not exceeds(self.limit, number_of(value, what))

    @property
    def words(self) -> str:
        return f"at least {shown(self.limit)}"


@dataclass(frozen=True)
class Max:
    """The number is this or less.

    >>> Max(50).holds(50, "amount"), Max(50).holds(50.01, "amount")
    (True, False)
    """

    limit: Number

    def __post_init__(self) -> None:
        object.__setattr__(self, "limit", checked_number(self.limit, "max"))

    def holds(self, value: Any, what: str) -> bool:
        """Whether a value is so; raises `Unreadable` for what is no finite number."""
        return not exceeds(number_of(value, what), self.limit)

    @property
    def words(self) -> str:
        return f"at most {shown(self.limit)}"


@dataclass(frozen=True)
class From:
    """The date, or the moment, is this one or later."""

    when: When | str

    def __post_init__(self) -> None:
        object.__setattr__(self, "when", checked_when(self.when, "from"))

    def holds(self, value: Any, what: str) -> bool:
        """Whether a value is so; raises `Unreadable` for what is no date, or no moment."""
        assert isinstance(self.when, date)
        return compared(value, self.when, what) >= 0

    @property
    def words(self) -> str:
        return f"from {_iso(self.when)} on"


@dataclass(frozen=True)
class Until:
    """The date, or the moment, is this one or earlier.

    >>> Until("2026-12-31").holds("2026-12-31", "departure")
    True
    """

    when: When | str

    def __post_init__(self) -> None:
        object.__setattr__(self, "when", checked_when(self.when, "until"))

    def holds(self, value: Any, what: str) -> bool:
        """Whether a value is so; raises `Unreadable` for what is no date, or no moment."""
        assert isinstance(self.when, date)
        return compared(value, self.when, what) <= 0

    @property
    def words(self) -> str:
        return f"until {_iso(self.when)}"


Bound: TypeAlias = Equal | In | Min | Max | From | Until


def check_together(bounds: tuple[Bound, ...]) -> None:
    """Refuse bounds of one value that repeat or exclude each other."""
    kinds = [type(bound) for bound in bounds]
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise GateError(f"has two bounds {kind.__name__}")
        if kind in (Equal, In) and len(kinds) > 1:
            raise GateError(f"has {kind.__name__} beside other bounds; it stands alone")
    found = {type(bound): bound for bound in bounds}
    low, high = found.get(Min), found.get(Max)
    if isinstance(low, Min) and isinstance(high, Max) and exact(low.limit) > exact(high.limit):
        raise GateError(f"is never {low.words} and {high.words}")
    first, last = found.get(From), found.get(Until)
    if isinstance(first, From) and isinstance(last, Until):
        _check_order(first, last)
    if len({kind in (From, Until) for kind in kinds}) > 1:
        raise GateError("is never a number and a date")


def _check_order(first: From, last: Until) -> None:
    begin, end = first.when, last.when
    assert isinstance(begin, date) and isinstance(end, date)  # noqa: PT018
    if isinstance(begin, datetime) is not isinstance(end, datetime):
        raise GateError("has a date beside a moment; write both in the same way")
    if begin > end:
        raise GateError(f"is never {first.words} and {last.words}")


def _kind(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "a text"
    return "a number" if isinstance(value, Real | Decimal) else None


def _check_scalar(value: Any, what: str) -> None:
    kind = _kind(value)
    if kind is None:
        raise GateError(f"{what} takes a text, a number, or true or false, not {quoted(value)}")
    if kind == "a number":
        checked_number(value, what)


def _same(wanted: Any, value: Any, what: str) -> bool:
    if value is None:
        raise Unreadable(f"The {what} is missing.")
    if isinstance(wanted, bool):
        if value is not True and value is not False:
            raise Unreadable(f"The {what} is {quoted(value)} instead of true or false.")
        return value is wanted
    if isinstance(wanted, str):
        if not isinstance(value, str):
            raise Unreadable(f"The {what} is {quoted(value)}, which is not a text.")
        return str.__eq__(wanted, str.__str__(value))
    return exact(number_of(value, what)) == exact(wanted)


def _brief(value: Scalar) -> str:
    return quoted(value) if isinstance(value, str | bool) else shown(value)


def _iso(when: When | str) -> str:
    return when if isinstance(when, str) else when.isoformat()
