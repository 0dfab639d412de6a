"""`Decision`: what a person can say about a subject.

Constructors in Python, plain JSON on the wire. `to_json` and `parse` are each other's inverse:

>>> from langgraph_hitl import Revise
>>> to_json(Revise("shorter"))
{'type': 'revise', 'feedback': 'shorter'}
>>> parse({"type": "revise", "feedback": "shorter"})
Revise(feedback='shorter', rating=None, parts=None)

The words are those of LangChain's `HumanInTheLoopMiddleware` where it has them (approve, edit,
reject, respond).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias, TypeVar, get_args

from langgraph_hitl._text.blank import is_blank
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review.items import RejectRest, Skip
from langgraph_hitl.review.until import until_of, until_text

DecisionType = Literal[
    "approve",
    "edit",
    "reject",
    "revise",
    "respond",
    "choose",
    "items",
    "abstain",
    "defer",
    "escalate",
]
Rating = Literal["correct", "partially_correct", "incorrect", "needs_improvement"]

Kind = TypeVar("Kind")

DECISION_TYPES: tuple[DecisionType, ...] = get_args(DecisionType)
RATINGS: tuple[Rating, ...] = get_args(Rating)


@dataclass(frozen=True)
class Approve:
    """Let the subject pass as it was shown. `comment` is guidance that does not block."""

    comment: str | None = None
    rating: Rating | None = None


@dataclass(frozen=True)
class Edit:
    """Let `value` pass instead of what was shown. `value` is JSON of the subject's own kind."""

    value: Any
    comment: str | None = None


@dataclass(frozen=True)
class Reject:
    """Refuse the subject. `message` says why."""

    message: str | None = None
    rating: Rating | None = None


@dataclass(frozen=True)
class Revise:
    """Ask for another version. `feedback` must not be blank unless `rating` says enough.

    `parts` maps a part of the subject (a heading, a field) to a remark on it.
    """

    feedback: str = ""
    rating: Rating | None = None
    parts: dict[str, str] | None = None


@dataclass(frozen=True)
class Respond:
    """Answer in place of the model. `message` is any JSON that the gate accepts."""

    message: Any


@dataclass(frozen=True, init=False)
class Choose:
    """Choose one or several of the offered options: `Choose("a")`, `Choose("a", "c")`."""

    choices: tuple[str, ...]

    def __init__(self, *choices: str) -> None:
        object.__setattr__(self, "choices", choices)


ItemVerdict: TypeAlias = Approve | Edit | Skip | Reject | RejectRest
"""What can be said of one item of a list; without a rating."""


@dataclass(frozen=True)
class Items:
    """Decide items one by one, by their ids; those that it leaves out stay open.

    >>> from langgraph_hitl import Approve, Items, Reject
    >>> to_json(Items({"inv-1": Approve(), "inv-2": Reject("paid twice")}))["items"]["inv-2"]
    {'type': 'reject', 'message': 'paid twice'}
    """

    verdicts: Mapping[str, ItemVerdict]
    comment: str | None = None


@dataclass(frozen=True)
class Abstain:
    """Take no side, where more than one person decides. `reason` says why."""

    reason: str | None = None


@dataclass(frozen=True)
class Defer:
    """Come back later: the review is hidden `until` then, or for a day, and stays open.

    `until` is a moment with its time zone, or a time from when it is put off, by the inbox's clock
    and in whole seconds: a `timedelta`, or a text. Anything else raises `InvalidDecision`.

    >>> Defer("2h").until
    datetime.timedelta(seconds=7200)
    """

    until: datetime | timedelta | str | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "until", until_of(self.until))


@dataclass(frozen=True)
class Escalate:
    """Pass it to others, who alone decide from then on. `reason` says what you are unsure of.

    `to` names one of the gate's `escalations`; without it, it goes to the next level of a chain.
    """

    reason: str | None = None
    to: str | None = field(default=None, kw_only=True)


Decision: TypeAlias = Approve | Edit | Reject | Revise | Respond | Choose | Items | Abstain
"""What can settle a review."""

Postponement: TypeAlias = Defer | Escalate
"""What leaves a review open, for another time or for somebody else."""

POSTPONING: tuple[DecisionType, ...] = ("defer", "escalate")


def to_json(decision: Decision | Postponement) -> dict[str, Any]:
    """The decision as it goes over the wire: its type and the fields that are set."""
    match decision:
        case Approve(comment, rating):
            return _packed("approve", comment=comment, rating=rating)
        case Edit(value, comment):
            return {"type": "edit", "value": value} | _packed(comment=comment)
        case Reject(message, rating):
            return _packed("reject", message=message, rating=rating)
        case Revise(feedback, rating, parts):
            return {"type": "revise", "feedback": feedback} | _packed(rating=rating, parts=parts)
        case Respond(message):
            return {"type": "respond", "message": message}
        case Choose(choices):
            return {"type": "choose", "choices": list(choices)}
        case Items(verdicts, comment):
            return {"type": "items", "items": _items_json(verdicts)} | _packed(comment=comment)
        case Abstain(reason):
            return _packed("abstain", reason=reason)
        case Defer(until, comment):
            return _packed("defer", until=until_text(until), comment=comment)
        case Escalate(reason, to=to):
            return _packed("escalate", reason=reason, to=to)
        case _:
            raise InvalidDecision(
                f"{decision!r:.200} is not a decision; use one of Abstain, Approve, Choose, Defer, "
                f"Edit, Escalate, Items, Reject, Respond, Revise{_of_wire(decision)}"
            )


def _items_json(verdicts: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(verdicts, Mapping) or not all(isinstance(item, str) for item in verdicts):
        raise InvalidDecision("Items takes a mapping from the ids of items, texts, to verdicts")
    return {item: _item_json(item, verdict) for item, verdict in verdicts.items()}


def _item_json(item: str, verdict: ItemVerdict) -> dict[str, Any]:
    match verdict:
        case Approve() | Edit() | Reject():
            return to_json(verdict)
        case Skip(message):
            return _packed("skip", message=message)
        case RejectRest(message):
            return _packed("reject_rest", message=message)
        case _:
            raise InvalidDecision(
                f"{item!r:.80}: {verdict!r:.80} is not a verdict on an item; use one of Approve, "
                "Edit, Reject, RejectRest, Skip"
            )


def _of_wire(given: Any) -> str:
    if not isinstance(given, Mapping):
        return ""
    return " of langgraph_hitl: a mapping is the form on the wire, and is not taken in Python"


def parse(wire: Mapping[str, Any]) -> Decision:
    """The decision of a wire object. Unknown types, unknown fields and wrong types are refused."""
    return _parsed(wire, _PARSERS)


def parse_postponement(wire: Mapping[str, Any]) -> Postponement:
    """`parse`, of what leaves the review open."""
    return _parsed(wire, _POSTPONEMENTS)


def _parsed(
    wire: Mapping[str, Any], parsers: Mapping[str, Callable[[dict[str, Any]], Kind]]
) -> Kind:
    fields = dict(wire)
    kind = fields.pop("type", None)
    if not isinstance(kind, str) or kind not in parsers:
        raise InvalidDecision(f"unknown decision type {kind!r}; known: {', '.join(parsers)}")
    try:
        decision = parsers[kind](fields)
    except KeyError as missing:
        raise InvalidDecision(f"{kind}: the field {missing} is missing") from None
    if fields:
        unknown = ", ".join(sorted(map(repr, fields)))
        raise InvalidDecision(f"{kind}: unknown field {unknown}")
    return decision


def _packed(kind: str | None = None, **fields: Any) -> dict[str, Any]:
    packed = {"type": kind} if kind else {}
    return packed | {name: value for name, value in fields.items() if value is not None}


def _text(fields: dict[str, Any], name: str) -> str | None:
    if name not in fields:
        return None
    value = fields.pop(name)
    if not isinstance(value, str):
        raise InvalidDecision(f"{name} must be a text, not {type(value).__name__}")
    return value


def _rating(fields: dict[str, Any]) -> Rating | None:
    if "rating" not in fields:
        return None
    value = fields.pop("rating")
    if value not in RATINGS:
        raise InvalidDecision(f"rating must be one of {', '.join(RATINGS)}, not {value!r}")
    return value  # type: ignore[no-any-return]  # narrowed by the membership test


def _approve(fields: dict[str, Any]) -> Approve:
    decision = Approve(_text(fields, "comment"), _rating(fields))
    if decision.rating not in (None, "correct"):
        raise InvalidDecision(f"approve contradicts the rating {decision.rating!r}")
    return decision


def _edit(fields: dict[str, Any]) -> Edit:
    return Edit(fields.pop("value"), _text(fields, "comment"))


def _reject(fields: dict[str, Any]) -> Reject:
    decision = Reject(_text(fields, "message"), _rating(fields))
    if decision.rating == "correct":
        raise InvalidDecision("reject contradicts the rating 'correct'")
    return decision


def _revise(fields: dict[str, Any]) -> Revise:
    feedback = _text(fields, "feedback") or ""
    rating = _rating(fields)
    has_parts = "parts" in fields
    parts = fields.pop("parts", None)
    if rating == "correct":
        raise InvalidDecision("revise contradicts the rating 'correct'")
    if has_parts and not _is_text_mapping(parts):
        raise InvalidDecision("parts must map names to texts")
    if is_blank(feedback) and rating is None:
        raise InvalidDecision("revise needs feedback that is not blank, or a rating")
    return Revise(feedback, rating, parts)


def _respond(fields: dict[str, Any]) -> Respond:
    message = fields.pop("message")
    if message is None or (isinstance(message, str) and is_blank(message)):
        raise InvalidDecision("respond needs a message that is not blank")
    return Respond(message)


def _choose(fields: dict[str, Any]) -> Choose:
    choices = fields.pop("choices")
    if not isinstance(choices, list) or not all(isinstance(c, str) for c in choices):
        raise InvalidDecision("choices must be a list of texts")
    return Choose(*choices)


def _items(fields: dict[str, Any]) -> Items:
    given = fields.pop("items")
    if not isinstance(given, dict) or not given:
        raise InvalidDecision("items maps the ids of items to verdicts, one at least")
    verdicts = {item: _item_verdict(item, wire) for item, wire in given.items()}
    return Items(verdicts, _text(fields, "comment"))


def _item_verdict(item: str, wire: Any) -> ItemVerdict:
    if not isinstance(wire, dict):
        raise InvalidDecision(f"{item!r:.80}: a verdict is an object with a type")
    if "rating" in wire:
        raise InvalidDecision(f"{item!r:.80}: an item takes no rating")
    try:
        return _parsed(wire, _ITEM_PARSERS)
    except InvalidDecision as error:
        raise InvalidDecision(f"{item!r:.80}: {error.reason}") from None


def _abstain(fields: dict[str, Any]) -> Abstain:
    return Abstain(_text(fields, "reason"))


def _defer(fields: dict[str, Any]) -> Defer:
    return Defer(_text(fields, "until"), _text(fields, "comment"))


def _escalate(fields: dict[str, Any]) -> Escalate:
    return Escalate(_text(fields, "reason"), to=_text(fields, "to"))


def _is_text_mapping(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(part, str) and isinstance(remark, str) for part, remark in value.items()
    )


_PARSERS: dict[str, Callable[[dict[str, Any]], Decision]] = {
    "approve": _approve,
    "edit": _edit,
    "reject": _reject,
    "revise": _revise,
    "respond": _respond,
    "choose": _choose,
    "items": _items,
    "abstain": _abstain,
}
_ITEM_PARSERS: dict[str, Callable[[dict[str, Any]], ItemVerdict]] = {
    "approve": _approve,
    "edit": _edit,
    "skip": lambda fields: Skip(_text(fields, "message")),
    "reject": _reject,
    "reject_rest": lambda fields: RejectRest(_text(fields, "message")),
}
_POSTPONEMENTS: dict[str, Callable[[dict[str, Any]], Postponement]] = {
    "defer": _defer,
    "escalate": _escalate,
}
