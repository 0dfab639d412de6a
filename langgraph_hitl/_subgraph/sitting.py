"""A sitting: what one answer decides of a list of items, and what stays open for the next one.

Each is a round of the review: it is settled once, and what is left is asked about again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from langgraph_hitl._subgraph.channels import Question, load
from langgraph_hitl._subgraph.desk import Verdict
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.review.decision import Items, Reject, to_json
from langgraph_hitl.review.items import APPROVING_ITEM, ItemRules, id_of
from langgraph_hitl.review.outcome import Outcome
from langgraph_hitl.review.snapshot import Snapshot


class Sat(NamedTuple):
    """`question` knows what is decided by now; `left` is the list of open items, perhaps empty."""

    question: Question
    left: Snapshot


def sat(spec: GateSpec, question: Question, decision: Items, by: str | None, at: str | None) -> Sat:
    """What is left after a decision about some of the items that were shown."""
    key = rules_of(spec).key
    shown = load(question["snapshot"])
    verdicts = to_json(decision)["items"]
    decided = dict(question.get("items", {}))
    left = []
    for item in shown.shown:
        found = str(id_of(item, key))
        if found not in verdicts:
            left.append(item)
            continue
        decided[found] = _entry(verdicts[found], item, question, by, at)
    order = _in_order(question, shown.shown, key)
    known = {found: decided[found] for found in order if found in decided}
    return Sat({**question, "items": known, "item_order": order}, shown.with_shown(left))


def with_edits(spec: GateSpec, question: Question, decision: Items) -> Snapshot:
    """What was shown, with the edited items in their place."""
    edits = edits_in(decision)
    key = rules_of(spec).key
    shown = load(question["snapshot"])
    return shown.with_shown([edits.get(str(id_of(item, key)), item) for item in shown.shown])


def edits_in(decision: Items) -> dict[str, Any]:
    """The items that a decision edits, as they are to be."""
    verdicts = to_json(decision)["items"]
    return {item: one["value"] for item, one in verdicts.items() if one["type"] == "edit"}


def outcome_of(question: Question) -> Outcome:
    """How a review ends of which every item is decided."""
    kinds = [entry["type"] for entry in question.get("items", {}).values()]
    passing = [kind for kind in kinds if kind in APPROVING_ITEM]
    if not passing:
        return "rejected"
    if len(passing) < len(kinds):
        return "partial"
    return "edited" if "edit" in passing else "approved"


def passing(spec: GateSpec, question: Question) -> Snapshot:
    """The items that go on, in the order in which they were shown."""
    shown = load(question["snapshot"])
    items = question.get("items", {}).values()
    values = [entry["value"] for entry in items if entry["type"] in APPROVING_ITEM]
    if not values:
        return shown.with_shown(values)
    same = values == shown.shown
    return spec.read(shown if same else shown.with_shown(values))


def rest_refused(spec: GateSpec, question: Question, by: str | None, at: str | None) -> Question:
    """Where a review ends with a refusal of what is open, each open item is refused."""
    shown = load(question["snapshot"]).shown
    rest = {str(id_of(item, rules_of(spec).key)): Reject() for item in shown}
    return sat(spec, question, Items(rest), by, at).question


def item_entries(
    spec: GateSpec, question: Question, outcome: Outcome, verdict: Verdict
) -> list[dict[str, Any]]:
    """What became of each item, for the record.

    `type` is `open` where nobody has decided it, and `withdrawn` where a reviser left it out.
    """
    entries: dict[str, dict[str, Any]] = {**question.get("items", {})}
    kind = "auto" if outcome == "auto_approved" else "open"
    by_itself = {"type": kind, "by": verdict["by"], "at": verdict["at"], "round": question["round"]}
    key = rules_of(spec).key
    for item in load(question["snapshot"]).shown:
        found = str(id_of(item, key))
        entries.setdefault(found, {**by_itself, "value": item})
    gone = {**by_itself, "type": "withdrawn", "by": None}
    ids = dict.fromkeys((*question.get("item_order", []), *entries))
    return [{"id": item, **entries.get(item, gone)} for item in ids]


def rules_of(spec: GateSpec) -> ItemRules:
    """The rules of a gate whose subject is decided item by item."""
    assert spec.rules.items is not None
    return spec.rules.items


def _entry(
    verdict: Mapping[str, Any], item: Any, question: Question, by: str | None, at: str | None
) -> dict[str, Any]:
    """What is kept of a decided item; `value` is the item as it passes, or as it was refused."""
    entry: dict[str, Any] = {"type": verdict["type"], "by": by, "at": at}
    for said in ("message", "comment"):
        if said in verdict:
            entry["message"] = verdict[said]
    value = verdict["value"] if verdict["type"] == "edit" else item
    return {**entry, "round": question["round"], "value": value}


def _in_order(question: Question, shown: list[Any], key: str) -> list[str]:
    """The ids in the order in which they were first shown."""
    before = question.get("item_order", [])
    return [*dict.fromkeys((*before, *(str(id_of(item, key)) for item in shown)))]
