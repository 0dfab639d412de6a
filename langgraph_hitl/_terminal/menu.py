"""`Menu`: what can be said to one request, and the words for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from langgraph_hitl.review.decision import RATINGS, Choose, Decision, DecisionType, Rating
from langgraph_hitl.review.items import ITEM_DECISIONS
from langgraph_hitl.review.request import ReviewRequest


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu: `key` or `word` chooses it; `rating` is set for a rating."""

    key: str
    word: str
    meaning: str
    rating: Rating | None = None


_ENTRIES: Mapping[str, Entry] = {
    "approve": Entry("a", "approve", "let it pass as it is shown   (a: TEXT adds a comment)"),
    "edit": Entry("e", "edit", "change it yourself"),
    "reject": Entry("r", "reject", "refuse it                    (r: TEXT says why)"),
    "revise": Entry("v", "revise", "ask for another version      (v: TEXT says what to change)"),
    "items": Entry("i", "items", "decide some of the list      (i: {})"),
    "respond": Entry("s", "respond", "answer yourself              (s: TEXT)"),
}
_LAST_REVISE = "no new version is left: this ends it without approval"
_ANSWERS = "ask for another version      (v: TEXT, then your answers)"
_VERDICTS = {"approve": "a=approve", "reject": "b=reject:WHY", "skip": "c=skip"}
_NUMBER = re.compile(r"[0-9]{1,6}")
QUIT = Entry("q", "quit", "stop here; nothing is decided")

_RATED: Mapping[Rating, str] = {
    "correct": "let it pass",
    "partially_correct": "a part has to change",
    "incorrect": "it has to be made anew",
    "needs_improvement": "correct, and could be better",
}


def menu_of(request: ReviewRequest) -> list[Entry]:
    """The entries for what the request allows, as far as this version knows the decisions."""
    kinds = [kind for kind in request.allowed_decisions if kind in _ENTRIES]
    return [*_numbered(request), *(_entry(request, kind) for kind in kinds), QUIT]


def verdicts_of(request: ReviewRequest) -> Sequence[str]:
    """What may be said of one item."""
    allowed: Sequence[str] = (request.items or {}).get("allowed", ITEM_DECISIONS)
    return allowed


def options_of(request: ReviewRequest) -> list[str]:
    """What can be chosen from."""
    if "choose" not in request.allowed_decisions:
        return []
    return [str(option) for option in (request.answer or {}).get("options", [])]


def takes_several(request: ReviewRequest) -> bool:
    """Whether more than one option can be chosen."""
    return bool((request.answer or {}).get("multiple"))


def chosen(request: ReviewRequest, line: str) -> Decision | str | None:
    """The options that a line of numbers means, what is wrong with it, or None for other lines."""
    options = options_of(request)
    numbers = line.replace(",", " ").split()
    if not options or not numbers or not all(map(_NUMBER.fullmatch, numbers)):
        return None
    positions = [int(number) for number in numbers]
    if any(not 1 <= position <= len(options) for position in positions):
        return f"The options are numbered 1 to {len(options)}."
    if len(positions) > 1 and not takes_several(request):
        return "Choose one number."
    return Choose(*(options[position - 1] for position in dict.fromkeys(positions)))


def find(entries: list[Entry], word: str) -> Entry | None:
    """The entry that `word` chooses, in whatever case."""
    wanted = word.strip().lower()
    return next((entry for entry in entries if wanted in (entry.key, entry.word)), None)


def expects_text(request: ReviewRequest, kind: str) -> bool:
    """Whether the value of an edit or an answer is a text; anything else is typed as JSON."""
    if request.subject_key is not None:
        return isinstance(request.subject, str)
    schema = _value_schema(request.response_schema, kind)
    allowed = schema.get("enum")
    if isinstance(allowed, list):
        return all(isinstance(value, str) for value in allowed)
    return not schema or schema.get("type") == "string"


def _entry(request: ReviewRequest, kind: DecisionType) -> Entry:
    """The entry of a decision, with what it can be here."""
    entry = _ENTRIES[kind]
    match kind:
        case "revise" if request.revisions_left == 0:
            return replace(entry, meaning=_LAST_REVISE)
        case "revise" if request.questions:
            return replace(entry, meaning=_ANSWERS)
        case "items":
            allowed = verdicts_of(request)
            said = " ".join(text for word, text in _VERDICTS.items() if word in allowed)
            return replace(entry, meaning=entry.meaning.format(said))
        case _:
            return entry


def _numbered(request: ReviewRequest) -> list[Entry]:
    if request.kind != "rated_feedback":
        return []
    needs = {"correct": "approve"}
    return [
        Entry(str(number), rating, _RATED[rating], rating)
        for number, rating in enumerate(RATINGS, start=1)
        if needs.get(rating, "revise") in request.allowed_decisions
    ]


def _value_schema(schema: dict[str, Any] | None, kind: str) -> dict[str, Any]:
    """The schema of the value inside the published schema of answers."""
    for shape in (schema or {}).get("oneOf", []):
        properties = shape.get("properties", {})
        if properties.get("type", {}).get("const") == kind:
            value: dict[str, Any] = properties.get("value" if kind == "edit" else "message", {})
            return value
    return {}
