"""`Shape`: one way in which a graph asks, and in which it wants to be answered. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from langgraph_hitl._subgraph.desk import NOT_DECIDED
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review.decision import DecisionType

MAX_TEXT = 4_000
"""Characters of a text that stands for what cannot be shown as it is."""


class Interrupted(NamedTuple):
    """An interrupt that waits: its id, its value, and the JSON schema published with it."""

    id: str
    value: Any
    schema: dict[str, Any] | None = None


class _Nothing:
    """Nothing can be sent: the thread stays where it is."""


NOTHING: Final = _Nothing()


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing to decide. An interrupt that asks about several has one for each.

    `detail` is plain JSON: what the answer needs to know of the question. `edit_schema` and
    `respond_schema` are JSON schemas of the value of an edit and of the message of an answer.
    """

    kind: str
    action: str
    subject: Any
    allowed: tuple[DecisionType, ...]
    sentence: str
    finding: dict[str, Any] | None = None
    context: dict[str, Any] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    edit_schema: dict[str, Any] = field(default_factory=dict)
    respond_schema: dict[str, Any] = field(default_factory=dict)
    choice: dict[str, Any] | None = None
    is_question: bool = False


class Shape(Protocol):
    """How somebody asks.

    `items` gives what there is to decide, or None for an interrupt of another shape. `encode` gives
    the answer to one item, from its `detail` and the decision in the wire format, which may be
    `cancel` or `timeout` too; it raises `InvalidDecision` for a decision that the asker could not
    read, and gives `NOTHING` where there is no answer. `frame` puts the answers to all items into
    what the graph is resumed with, and `decode` takes that apart again, into decisions.
    """

    @property
    def name(self) -> str:
        """How the shape is kept with a review."""
        ...

    def items(self, asked: Interrupted) -> tuple[Item, ...] | None:
        """What there is to decide; None where this is another shape."""
        ...

    def encode(self, detail: Mapping[str, Any], decision: Mapping[str, Any], by: str) -> Any:
        """The answer to one item."""
        ...

    def frame(self, answers: Sequence[Any]) -> Any:
        """The answer to all items."""
        ...

    def decode(self, raw: Any, items: Sequence[Item]) -> list[dict[str, Any]]:
        """The decisions in an answer that somebody sends to the graph itself."""
        ...


def refusal(decision: Mapping[str, Any]) -> str | None:
    """Why something was not done, where the decision says so."""
    if decision["type"] in NOT_DECIDED:
        reason = decision.get("reason")
        timed_out = decision["type"] == "timeout"
        return reason or ("nobody decided in time" if timed_out else "the review was cancelled")
    message = decision.get("message") or decision.get("reason")
    return None if message is None else str(message)


def unreadable(decision: Mapping[str, Any]) -> InvalidDecision:
    """The error for a decision that a shape has no words for."""
    return InvalidDecision(f"whoever asked cannot be answered with {decision['type']}")


def text_of(value: Any) -> str:
    """A value that is not JSON, as it can be shown."""
    try:
        text = ascii(value)
    except Exception as error:
        text = f"a {type(value).__name__} that cannot be shown ({type(error).__name__})"
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 3] + "..."


def only(items: Sequence[Any], number: int, what: str) -> Sequence[Any]:
    """The items, if there are as many as were asked for."""
    if len(items) != number:
        raise InvalidDecision(f"{len(items)} {what} for {number} questions; send one for each")
    return items


def fields_of(given: Any, known: set[str], what: str) -> dict[str, Any]:
    """The fields of an object that has no others than these."""
    if not isinstance(given, dict):
        raise InvalidDecision(f"{what} is an object, not {type(given).__name__}")
    unknown = sorted(map(repr, set(given) - known))
    if unknown:
        raise InvalidDecision(f"{what}: unknown field {', '.join(unknown)}")
    return given


def is_schema(schema: dict[str, Any]) -> bool:
    """Whether this can be applied as a JSON schema."""
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except (SchemaError, RecursionError):
        return False
    return True
