"""A second reading of policies, written from the documentation alone and with nothing in common."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

Data = Mapping[str, Any]
Told = bool | None
"""None: it cannot be told."""


class _Untold(Exception):
    """Something cannot be told."""


def passes(data: Data, values: Data, at: datetime) -> bool:
    """Whether a policy that is described so lets a case pass."""
    templates = {each["name"].strip(): each for each in data.get("templates", [])}
    for rule in data["rules"]:
        told = _told(rule["when"], templates, values, at)
        if told is not False:
            then = rule["then"]
            return told is True and isinstance(then, str) and then.strip() == "pass"
    return False


def _told(when: Any, templates: Data, values: Data, at: datetime) -> Told:
    """Every part is looked at, and one that cannot be told decides."""
    try:
        return _holds(when, templates, values, at)
    except _Untold:
        return None


def _holds(when: Any, templates: Data, values: Data, at: datetime) -> bool:
    if isinstance(when, str):
        return {"always": True, "never": False}[when.strip()]
    ((name, given),) = when.items()
    match name:
        case "all" | "any":
            found = [_told(each, templates, values, at) for each in given]
            if None in found:
                raise _Untold
            return all(found) if name == "all" else any(found)
        case "not":
            return not _holds(given, templates, values, at)
        case "over":
            number, limit = _number(_at(values, given["field"])), given["limit"]
            return number > _number(limit)
        case "flagged":
            return _flags([given] if isinstance(given, str) else given, values)
        case "where":
            return _fits(given, values)
        case "matches":
            template = templates[given.strip()]
            if at >= _end(template["expires"].strip()):
                raise _Untold
            return _fits(template["matches"], values)
    raise AssertionError(f"the reference knows no {name}")


def _at(values: Data, path: str) -> Any:
    value: Any = values
    for step in path.strip().split("."):
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise _Untold
        value = value.get(step)
    return value


def _flags(paths: list[str], values: Data) -> bool:
    found = {path: _at(values, path) for path in paths}
    for path, value in found.items():
        if not isinstance(value, bool) and (value is not None or "." in path):
            raise _Untold
    return any(value is True for value in found.values())


def _fits(bounds: Data, values: Data) -> bool:
    found = [
        _bound(name, limit, _at(values, path))
        for path, several in bounds.items()
        for name, limit in several.items()
    ]
    return all(found)


def _bound(name: str, limit: Any, value: Any) -> bool:
    match name:
        case "equal":
            return bool(_key(value, limit) == _key(limit, limit))
        case "in":
            return _key(value, limit[0]) in [_key(each, each) for each in limit]
        case "min":
            return _number(value) >= _number(limit)
        case "max":
            return _number(value) <= _number(limit)
        case "from":
            return _day(value) >= _day(limit.strip())
        case "until":
            return _day(value) <= _day(limit.strip())
    raise AssertionError(f"the reference knows no {name}")


def _key(value: Any, like: Any) -> Any:
    """A value for a comparison with one of the same kind."""
    if isinstance(like, bool) and isinstance(value, bool):
        return value
    if isinstance(like, str) and isinstance(value, str):
        return value.strip() if value is like else value
    if not isinstance(like, bool | str):
        return _number(value)
    raise _Untold


def _number(value: Any) -> Fraction:
    """Decimals count as they are written."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Untold
    if isinstance(value, float) and not math.isfinite(value):
        raise _Untold
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def _day(value: Any) -> date:
    """The fuzzed policies have dates and no moments."""
    try:
        found = date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _Untold from None
    if value != found.isoformat():
        raise _Untold
    return found


def _end(expires: str) -> datetime:
    if "T" in expires:
        return datetime.fromisoformat(expires)
    day = date.fromisoformat(expires) + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
