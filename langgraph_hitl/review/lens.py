"""`Lens`: where the subject of a review sits in the state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from langgraph_hitl.review.record import ReviewRecord
    from langgraph_hitl.review.snapshot import Snapshot


class Lens(NamedTuple):
    """A way to one value inside the state key `key`.

    `name` is what clients see as the argument's name. `get` takes the key's value to the subject;
    `put` takes the key's old value and the new subject to the update for the key; `shown_in` takes
    both to the key's value with the subject replaced. `refused` takes the snapshot and the record
    of a subject that was not approved to an update for the key, and `check` gives the problem with
    an edited subject, or None.
    """

    key: str
    name: str
    get: Callable[[Any], Any]
    put: Callable[[Any], Any]
    shown_in: Callable[[Any, Any], Any]
    refused: Callable[[Snapshot, ReviewRecord], Any] | None = None
    check: Callable[[Any], str | None] | None = None

    @property
    def is_whole_key(self) -> bool:
        return self.get is _itself


def state_key(key: str) -> Lens:
    """The lens onto a whole state key."""
    return Lens(key=key, name=key, get=_itself, put=_itself, shown_in=_replaced)


def last_message(key: str = "messages") -> Lens:
    """The lens onto the last message of `key`, a list reduced by `add_messages`.

    An edited or revised message keeps its id, so that it takes the place of the old one.

    >>> from langgraph_hitl import human_approval
    >>> gate = human_approval(last_message())
    """
    return Lens(key=key, name="message", get=_last, put=_as_list, shown_in=_with_last_replaced)


def _itself(value: Any) -> Any:
    return value


def _replaced(_old: Any, subject: Any) -> Any:
    return subject


def _last(messages: Any) -> Any:
    return messages[-1] if messages else None


def _as_list(subject: Any) -> list[Any]:
    return [subject]


def _with_last_replaced(messages: Any, subject: Any) -> list[Any]:
    return [*(messages or [])[:-1], subject]
