"""Verdicts on items as they are typed: `a=approve b=reject:why c={"id": "c", "amount": 5}`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from langgraph_hitl.review.decision import Approve, Edit, Items, ItemVerdict, Reject
from langgraph_hitl.review.items import ITEM_DECISIONS, RejectRest, Skip
from langgraph_hitl.review.strict_json import NotStrictJson, read_json

_FORMS = {
    "approve": "ID=approve",
    "skip": "ID=skip",
    "reject": "ID=reject, ID=reject:WHY",
    "reject_rest": "ID=reject_rest",
    "edit": "ID=JSON for a changed one",
}


def form(allowed: Collection[str] = ITEM_DECISIONS) -> str:
    """How the verdicts that are allowed are typed.

    >>> form(["approve", "skip", "edit"])
    'ID=approve, ID=skip, or ID=JSON for a changed one'
    """
    *others, last = (text for word, text in _FORMS.items() if word in allowed)
    return f"{', '.join(others)}, or {last}" if others else last


class NoVerdict(ValueError):
    """What was typed is none; says why."""


def items_of(
    typed: Sequence[str], comment: str | None = None, allowed: Collection[str] = ITEM_DECISIONS
) -> Items:
    """The decision of some words.

    >>> items_of(["a=approve", "b=reject:paid twice"]).verdicts["b"]
    Reject(message='paid twice', rating=None)
    """
    verdicts: dict[str, ItemVerdict] = {}
    for word in typed:
        item, verdict = _one(word, form(allowed))
        if item in verdicts:
            raise NoVerdict(f"{item!r} is named twice")
        verdicts[item] = verdict
    if not verdicts:
        raise NoVerdict(f"Name an item and what becomes of it: {form(allowed)}")
    return Items(verdicts, comment)


def _one(word: str, forms: str) -> tuple[str, ItemVerdict]:
    item, sign, said = word.partition("=")
    if not sign or not item.strip():
        raise NoVerdict(f"{word!r:.80} is no verdict; {forms}")
    kind, colon, why = said.partition(":")
    message = why.strip() or None if colon else None
    match kind.strip():
        case "approve":
            return item, Approve(message)
        case "skip":
            return item, Skip(message)
        case "reject":
            return item, Reject(message)
        case "reject_rest":
            return item, RejectRest(message)
        case _:
            return item, Edit(_value(item, said, forms))


def _value(item: str, said: str, forms: str) -> Any:
    try:
        return read_json(said)
    except NotStrictJson:
        raise NoVerdict(
            f"{item!r:.80}: {said!r:.80} is neither a verdict nor JSON; {forms}"
        ) from None
