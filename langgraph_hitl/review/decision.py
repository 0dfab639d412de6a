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

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias, TypeVar, get_args

from langgraph_hitl._text.duration import duration_of, duration_text
from langgraph_hitl.errors import GateError, InvalidDecision

DecisionType = Literal[
    "approve", "edit", "reject", "revise", "respond", "choose", "abstain", "defer", "escalate"
]
Rating = Literal["correct", "partially_correct", "incorrect", "needs_improvement"]

Kind = TypeVar("Kind")

_DATE = re.compile(r"[0-9]{4}-?[0-9W]")

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
        object.__setattr__(self, "until", _until(self.until))


@dataclass(frozen=True)
class Escalate:
    """Pass it to others, who alone decide from then on. `reason` says what you are unsure of.

    `to` names one of the gate's `escalations`; without it, it goes to the next level of a chain.
    """

    reason: str | None = None
    to: str | None = field(default=None, kw_only=True)


Decision: TypeAlias = Approve | Edit | Reject | Revise | Respond | Choose | Abstain
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
        case Abstain(reason):
            return _packed("abstain", reason=reason)
        case Defer(until, comment):
            return _packed("defer", until=_until_text(until), comment=comment)
        case Escalate(reason, to=to):
            return _packed("escalate", reason=reason, to=to)
        case _:
            raise InvalidDecision(
                f"{decision!r:.200} is not a decision; use one of Abstain, Approve, Choose, Defer, "
                f"Edit, Escalate, Reject, Respond, Revise{_of_wire(decision)}"
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
    if not feedback.strip() and rating is None:
        raise InvalidDecision("revise needs feedback that is not blank, or a rating")
    return Revise(feedback, rating, parts)


def _respond(fields: dict[str, Any]) -> Respond:
    message = fields.pop("message")
    if message is None or (isinstance(message, str) and not message.strip()):
        raise InvalidDecision("respond needs a message that is not blank")
    return Respond(message)


def _choose(fields: dict[str, Any]) -> Choose:
    choices = fields.pop("choices")
    if not isinstance(choices, list) or not all(isinstance(c, str) for c in choices):
        raise InvalidDecision("choices must be a list of texts")
    return Choose(*choices)


def _abstain(fields: dict[str, Any]) -> Abstain:
    return Abstain(_text(fields, "reason"))


def _defer(fields: dict[str, Any]) -> Defer:
    return Defer(_text(fields, "until"), _text(fields, "comment"))


def _until(given: Any) -> datetime | timedelta | None:
    if given is None:
        return None
    try:
        if isinstance(given, datetime) or (isinstance(given, str) and _DATE.match(given)):
            return _moment(given)
        length = duration_of(given, "until")
        return duration_of(length - timedelta(microseconds=length.microseconds), "until")
    except GateError:
        why = ""
    except (ValueError, OverflowError) as error:
        why = f" ({error})"
    shown = repr(given[:40]) if isinstance(given, str) else str(given)[:40]
    raise InvalidDecision(
        "until must be a moment such as 2027-01-31T09:00+01:00, or a duration such as 2h, not "
        f"{shown}{why}"
    )


def _moment(given: datetime | str) -> datetime:
    if isinstance(given, datetime):
        if given.utcoffset() is None:
            raise ValueError("it has no time zone")
        return given
    return _moment(datetime.fromisoformat(given)).astimezone(UTC)


def _until_text(until: datetime | timedelta | str | None) -> str | None:
    match until:
        case timedelta():
            return duration_text(until)
        case datetime():
            return until.isoformat()
        case _:
            return until


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
    "abstain": _abstain,
}
_POSTPONEMENTS: dict[str, Callable[[dict[str, Any]], Postponement]] = {
    "defer": _defer,
    "escalate": _escalate,
}
