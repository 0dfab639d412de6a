"""JSON that a person or a model wrote: one meaning or none."""

from __future__ import annotations

import json
from typing import Any


class NotStrictJson(ValueError):
    """The text is no JSON, or could be read in two ways."""


def read_json(text: str) -> Any:
    """The value of a JSON text.

    A key that stands twice is refused (`{"type": "reject", "type": "approve"}`), and so are NaN and
    infinities, which JSON does not have.

    >>> read_json('{"type": "approve"}')
    {'type': 'approve'}
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except NotStrictJson:
        raise
    except RecursionError:
        raise NotStrictJson("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise NotStrictJson(f"{error.msg} at column {error.colno}") from None
    except ValueError as error:  # an integer of more digits than Python reads
        raise NotStrictJson(str(error)) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise NotStrictJson(f"the key {key!r} stands twice")
        found[key] = value
    return found


def _refuse(constant: str) -> Any:
    raise NotStrictJson(f"{constant} is not JSON")
