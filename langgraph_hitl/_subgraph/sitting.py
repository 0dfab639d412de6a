"""A sitting: what one answer decides of a list of items, and what stays open for the next one.

Each is a round of the review: it is settled once, and what is left is asked about again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from langgraph_hitl._subgraph.channels import Question, load
from langgraph_hitl._subgraph.desk import Verdict
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl._subgraph.verdict import PANEL
from langgraph_hitl.review.decision import Items, Reject, to_json
from langgraph_hitl.review.items import APPROVING_ITEM, ItemRules, id_of
from langgraph_hitl.review.outcome import Outcome
from langgraph_hitl.review.snapshot import Snapshot


class Sat(NamedTuple):
    """`question` knows what is decided by now; `left` is the list of open items, perhaps empty."""

    question: Question
    left: Snapshot


def sat(spec: GateSpec, question: Question, decision: Items, whole: Verdict | None) -> Sat:
    """What is left after a decision about some of the items that were shown; `whole` says whose."""
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
        decided[found] = _entry(found, verdicts[found], item, question, whole)
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


def rest_refused(spec: GateSpec, question: Question, whole: Verdict) -> Question:
    """Where a review ends with a refusal of what is open, each open item is refused."""
    shown = load(question["snapshot"]).shown
    rest = {str(id_of(item, rules_of(spec).key)): Reject() for item in shown}
    return sat(spec, question, Items(rest), whole).question


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
    found: str, verdict: Mapping[str, Any], item: Any, question: Question, whole: Verdict | None
) -> dict[str, Any]:
    """What is kept of a decided item; `value` is the item as it passes, or as it was refused."""
    by, at = (whole["by"], whole["at"]) if whole else (None, None)
    votes = _votes_on(found, whole) if whole else []
    if whole and votes:
        by = _settled_by(verdict, votes, whole)
    entry: dict[str, Any] = {"type": verdict["type"], "by": by, "at": at}
    if said := _said_in(verdict):
        entry["message"] = said
    if votes:
        entry["votes"] = [_without_value(vote) for vote in votes]
    value = verdict["value"] if verdict["type"] == "edit" else item
    return {**entry, "round": question["round"], "value": value}


def _votes_on(found: str, whole: Verdict) -> list[dict[str, Any]]:
    """What each of several people said of an item; whoever abstains says so of all of them."""
    votes = whole.get("votes", [])
    if len(votes) < 2:
        return []
    about = [vote for vote in votes if vote["type"] != "items" or found in vote["items"]]
    return [{**vote, **vote.get("items", {}).get(found, {})} for vote in about]


def _settled_by(
    verdict: Mapping[str, Any], votes: list[dict[str, Any]], whole: Verdict
) -> str | None:
    """Who decided an item: who decided the sitting, or the last one, of those who said the same.

    Where nobody did, the panel; or whoever overrode it, who has no vote.
    """
    same = [vote["by"] for vote in votes if _effect(vote) == _effect(verdict)]
    overridden = whole["by"] not in {PANEL, *(vote["by"] for vote in whole["votes"])}
    if overridden or whole["by"] in same:
        return whole["by"]
    return same[-1] if same else PANEL


def _effect(verdict: Mapping[str, Any]) -> tuple[str, Any]:
    """A verdict without its words."""
    kind = "reject" if verdict["type"] == "reject_rest" else str(verdict["type"])
    return kind, verdict.get("value")


def _said_in(verdict: Mapping[str, Any]) -> str | None:
    return verdict.get("comment") or verdict.get("message")


def _without_value(vote: dict[str, Any]) -> dict[str, Any]:
    words = {"message": said} if (said := _said_in(vote)) else {}
    whose = {"acting_for": vote["acting_for"]} if "acting_for" in vote else {}
    return {"type": vote["type"], **words, "by": vote["by"], **whose}


def _in_order(question: Question, shown: list[Any], key: str) -> list[str]:
    """The ids in the order in which they were first shown."""
    before = question.get("item_order", [])
    return [*dict.fromkeys((*before, *(str(id_of(item, key)) for item in shown)))]
