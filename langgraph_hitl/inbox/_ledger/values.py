"""How values stand in the tables: moments as microseconds, JSON as ASCII, texts without NUL."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from langgraph_hitl.errors import InboxError

Clock: TypeAlias = Callable[[], datetime]

NEVER = 2**63 - 1
"""The deadline of a review that has none: the queue's index is ascending, without NULL."""

MAX_BYTES = 32 * 2**20
"""The longest JSON text that the ledger takes."""

MAX_DEPTH = 200
"""The deepest nesting that the ledger takes; every Python reads it again."""

MAX_NOTE = 10_000
"""The longest free text (a reason, the text of an error); what is longer is cut."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAMAGED = "A text in the tables of the inbox was changed or is damaged"
_ASK_VERIFY = "inbox.verify() says where"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def micros(moment: datetime) -> int:
    """A moment as microseconds since 1970, UTC."""
    if moment.tzinfo is None:
        raise InboxError(f"The moment {moment} has no time zone; give it one (UTC)")
    return (moment - _EPOCH) // _MICROSECOND


def maybe_micros(moment: datetime | None) -> int | None:
    """`micros` of a moment that may be missing."""
    return None if moment is None else micros(moment)


def moment(micros: int) -> datetime:
    """The moment that `micros` wrote."""
    return _EPOCH + timedelta(microseconds=micros)


def due_micros(due: datetime | None) -> int:
    return NEVER if due is None else micros(due)


def due_moment(micros: int) -> datetime | None:
    return None if micros == NEVER else moment(micros)


def to_json(value: Any, what: str) -> str:
    """`value` as compact ASCII JSON; `what` names it in the error."""
    try:
        text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InboxError(f"{what} cannot be kept as JSON: {_reason(error)}") from None
    if len(text) > MAX_BYTES:
        raise InboxError(
            f"{what} is {len(text):,} bytes long as JSON; the inbox takes at most {MAX_BYTES:,}. "
            "Keep large values elsewhere and show a reference"
        )
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise InboxError(f"{what} is nested deeper than {MAX_DEPTH} levels")
    return text


def canonical(value: Any) -> bytes:
    """The one text of a JSON value, for digests."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def from_json(text: str | None, kind: type = object) -> Any:
    """The value that `to_json` wrote; None for what was removed.

    Raises `InboxError` for a text that it cannot have written, or one that is no `kind`.
    """
    if text is None:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InboxError(f"{_DAMAGED} ({_reason(error)}); {_ASK_VERIFY}") from None
    if not isinstance(value, kind):
        raise InboxError(f"{_DAMAGED} (it is no {kind.__name__}); {_ASK_VERIFY}")
    return value


def is_storable(text: str) -> bool:
    """Whether every database can hold a text."""
    return _UNSTORABLE.search(text) is None


def name_text(value: Any, what: str) -> str:
    """A name (an id, an actor, a key): a text that every database can hold and compare."""
    if not isinstance(value, str):
        raise InboxError(f"{what} is not a text but {type(value).__name__}")
    if _UNSTORABLE.search(value):
        raise InboxError(f"{what} contains a NUL character or a lone surrogate: {value[:80]!r}")
    if len(value) > MAX_NOTE:
        raise InboxError(f"{what} is {len(value):,} characters long; at most {MAX_NOTE:,}")
    return value


def note_text(value: str | None) -> str | None:
    """A free text, with what no database takes written as escapes, and cut at `MAX_NOTE`."""
    if value is None:
        return None
    if len(value) > MAX_NOTE:
        value = value[: MAX_NOTE - 1] + "…"
    return _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)


def _reason(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _depth(value: Any) -> int:
    deepest, todo = 0, [(value, 1)]
    while todo:
        item, depth = todo.pop()
        if isinstance(item, dict | list | tuple):
            deepest = max(deepest, depth)
            below = item.values() if isinstance(item, dict) else item
            todo += [(one, depth + 1) for one in below]
    return deepest
