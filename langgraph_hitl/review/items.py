"""Items: a list of which each entry is decided by itself.

>>> plan = [{"id": "a", "amount": 5}, {"id": "b", "amount": 7}]
>>> ids_of(plan, "id")
['a', 'b']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from langgraph_hitl.errors import InvalidDecision, SubjectError

ITEM_DECISIONS = ("approve", "edit", "skip", "reject", "reject_rest")
"""What can be said of an item."""

APPROVING_ITEM = frozenset({"approve", "edit"})
"""The verdicts after which an item goes on."""

STOPPED = "Not looked at: the rest was refused with {item!r}"


@dataclass(frozen=True)
class Skip:
    """Leave an item out, without a verdict on it. `message` says why."""

    message: str | None = None


@dataclass(frozen=True)
class RejectRest:
    """Refuse an item, and with it every open one after it that the same answer does not name."""

    message: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ItemRules:
    """How the items of a gate are told apart: by the field `key`; `check` is of an edited one.

    `check_all` is of the list that goes on, and `allowed` what may be said of one.
    """

    key: str
    check: Callable[[Any], str | None] | None = None
    check_all: Callable[[Any], str | None] | None = None
    allowed: tuple[str, ...] = ITEM_DECISIONS


def id_of(item: Any, key: str) -> str | None:
    """The id of an item as a text, or None if it has none."""
    found = item.get(key) if isinstance(item, dict) else None
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    return str(found) if str(found).strip() else None


def ids_of(shown: Any, key: str) -> list[str]:
    """The ids of a list of items; raises `SubjectError` for what cannot be decided item by item."""
    if problem := items_problem(shown, key):
        raise SubjectError(f"Items cannot be decided one by one: {problem}")
    return [str(id_of(item, key)) for item in shown]


def items_problem(shown: Any, key: str, taken: Mapping[str, Any] | None = None) -> str | None:
    """What is wrong with a list of items, or None. `taken` are ids that are decided already."""
    if not isinstance(shown, list) or not shown:
        return f"expected a list of objects with the field {key!r}, one at least"
    seen: set[str] = set()
    for number, item in enumerate(shown):
        found = id_of(item, key)
        if found is None:
            return f"item {number} has no {key!r} that is a text or a whole number"
        if found in seen:
            return f"two items have the {key} {found!r}; each needs its own"
        if found in (taken or {}):
            return f"the {key} {found!r} is that of an item which is decided already"
        seen.add(found)
    return None


def checked_verdicts(
    given: dict[str, Any], shown: Any, decided: Mapping[str, str], rules: ItemRules
) -> dict[str, dict[str, Any]]:
    """The verdicts of one answer, checked, with one on each item that `reject_rest` stands for.

    Raises `InvalidDecision` for an item that there is not, or not any more, for a verdict that is
    not allowed, and for an edit that does not fit its item.
    """
    open_ids = ids_of(shown, rules.key)
    for item in given:
        if item in decided:
            raise InvalidDecision(f"the item {item!r} is decided already: {decided[item]}")
        if item not in open_ids:
            raise InvalidDecision(f"there is no item {item!r:.80}; open: {short(open_ids)}")
    for item, verdict in given.items():
        if verdict["type"] not in rules.allowed:
            raise InvalidDecision(
                f"the item {item!r} takes {', '.join(rules.allowed)}, and not {verdict['type']}"
            )
        if verdict["type"] == "edit":
            _check_edit(item, verdict["value"], rules)
    return {item: given[item] for item in open_ids if item in given} | _rest(given, open_ids)


def check_going_on(
    verdicts: Mapping[str, Mapping[str, Any]],
    shown: Any,
    going_on: Mapping[str, Any],
    rules: ItemRules,
) -> None:
    """Raises `InvalidDecision` where verdicts leave no item open, and a list that does not fit.

    `going_on` has the items that are not refused so far, as they would go on.
    """
    if rules.check_all is None or not {*verdicts} >= {*ids_of(shown, rules.key)}:
        return
    values = [
        verdicts.get(item, {}).get("value", value)
        for item, value in going_on.items()
        if item not in verdicts or verdicts[item]["type"] in APPROVING_ITEM
    ]
    if values and (problem := rules.check_all(values)):
        raise InvalidDecision(f"what would go on does not fit: {problem}")


def in_words(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What became of each decided item: `{"a": "approve by maria"}`."""
    return {
        item: f"{entry['type']} by {entry.get('by') or 'somebody'}"
        for item, entry in entries.items()
    }


def _rest(given: dict[str, Any], open_ids: list[str]) -> dict[str, dict[str, Any]]:
    """A verdict on each item after one that stops the rest."""
    rest: dict[str, dict[str, Any]] = {}
    stopped_by: str | None = None
    for item in open_ids:
        if stopped_by is not None and item not in given:
            rest[item] = {"type": "reject", "message": STOPPED.format(item=stopped_by)}
        if stopped_by is None and given.get(item, {}).get("type") == "reject_rest":
            stopped_by = item
    return rest


def _check_edit(item: str, value: Any, rules: ItemRules) -> None:
    if id_of(value, rules.key) != item:
        raise InvalidDecision(
            f"the edit of {item!r} is the whole item, an object with the same {rules.key!r}"
        )
    problem = None if rules.check is None else rules.check(value)
    if problem:
        raise InvalidDecision(f"the edit of {item!r} does not fit: {problem}")


def short(ids: list[str]) -> str:
    """Ids in a message, the first of them where they are many."""
    return ", ".join(ids[:20]) + (f" and {len(ids) - 20} more" if len(ids) > 20 else "")
