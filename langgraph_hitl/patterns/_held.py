"""`Held`: what a node that failed had been given, as a retry of it needs it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from langgraph.types import Command
from typing_extensions import TypedDict

from langgraph_hitl._subgraph.channels import RECORDS
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.digest import NotJson, digest, plain_json
from langgraph_hitl.review.record import without_values

HELD = "hitl_held"
"""What goes with the question about a failure, and with a retry."""


class Held(TypedDict):
    """Plain JSON, which the record of the failure keeps.

    `sent`: the node was given the payload of a `Send`, and no state. `typed`: it was no mapping.
    `records` are those of `review` and `reviews` that it had, and `review` is the id of the latest
    review then. `shown` has the digest of each key of the state as a person saw it first, and
    `edited` names those that a retry has otherwise, and writes.
    """

    sent: bool
    typed: bool
    records: list[str]
    review: str | None
    shown: dict[str, str]
    edited: list[str]


class Shown(NamedTuple):
    """What a person sees of the input, the keys that stay as they are unseen, and what is held."""

    values: dict[str, Any]
    unseen: list[str]
    held: Held


class Taken(NamedTuple):
    """What the node gets, and what a person has changed of the state for it."""

    state: Any
    edits: dict[str, Any]


def shown_of(name: str, state: Any, keys: Sequence[str], *, sent: bool) -> Shown:
    """What of a node's input is put before a person: of a state these keys, of a payload all.

    Raises `GateError` for a payload that could not be kept until somebody answers.
    """
    values = _values(name, state)
    before: Held | None = values.pop(HELD, None)
    sent = sent if before is None else before["sent"]
    shown: dict[str, Any] = {}
    unseen: list[str] = []
    for key in [key for key in values if key not in RECORDS] if sent else keys:
        if key in values:
            try:
                shown[key] = plain_json({key: values[key]})[key]
            except NotJson:
                unseen.append(key)
    if sent and unseen:
        raise GateError(
            f"{name!r} has failed, and was sent {unseen[0]!r}, which is not JSON and cannot be "
            "kept for a retry: send plain JSON, and let the node find the rest by it"
        )
    return Shown(shown, unseen, before or _held(values, shown, sent, not isinstance(state, dict)))


def again(
    name: str, state: Any, keys: Sequence[str], record: Mapping[str, Any], writes: Collection[str]
) -> dict[str, Any]:
    """What a retry is sent: what was decided, what nobody was shown, and the reviews as they were.

    `writes` are the keys of the state that it may write where they were edited.
    """
    present = _values(name, state)
    decided: dict[str, Any] = record.get("value") or {}
    held: Held = record.get("held") or _held_of(state, present, decided, record)
    unseen = {
        key: one
        for key, one in present.items()
        if key not in RECORDS and (key not in keys or not _is_json(one)) and not held["sent"]
    }
    edited = [
        key
        for key, one in decided.items()
        if key in writes and not held["sent"] and digest(one) != held["shown"].get(key)
    ]
    every = present.get("reviews") or []
    latest = [without_values(one) for one in every if one["review_id"] == held["review"]]
    found = {"review": latest[0] if latest else None, "reviews": every}
    records = {key: found[key] for key in held["records"]}
    return unseen | decided | records | {HELD: {**held, "edited": edited}}


def taken(schema: type[Any], given: Any) -> Taken:
    """What a node is given, as it was given it first, in the form of its state."""
    if not isinstance(given, dict) or HELD not in given:
        return Taken(given, {})
    held: Held = given[HELD]
    state = {key: one for key, one in given.items() if key != HELD}
    edits = {key: state[key] for key in held["edited"]}
    if not held["typed"]:
        return Taken(state, edits)
    validate = getattr(schema, "model_validate", None)
    return Taken(schema(**state) if validate is None else validate(state), edits)


def with_edits(done: Any, edits: Mapping[str, Any]) -> Any:
    """What a node has returned, and beside it the edits of what it does not write itself.

    A model as an update writes all keys.
    """
    if not edits or not isinstance(done, dict | Command | list | tuple | None):
        return done
    if isinstance(done, dict | None):
        return {**edits, **(done or {})}
    parts = [*done] if isinstance(done, list | tuple) else [done]
    written = {key for part in parts for key in _keys_written(part)}
    left = {key: value for key, value in edits.items() if key not in written}
    return [Command(update=left), *parts]


def _keys_written(part: Any) -> Collection[str]:
    update = part.update if isinstance(part, Command) else part
    if isinstance(update, dict):
        return update.keys()
    if isinstance(update, list | tuple):
        return [key for key, _ in update]
    return _names(update)


def _values(name: str, state: Any) -> dict[str, Any]:
    """The keys of a state, or of a payload."""
    if isinstance(state, dict):
        return dict(state)
    names = _names(state)
    if not names:
        raise GateError(
            f"{name!r} has failed, and was sent {state!r:.60}, which is no object that a person "
            f"could be shown key by key: send one, such as Send({name!r}, {{'id': ...}})"
        )
    return {key: getattr(state, key) for key in names}


def _names(model: Any) -> list[str]:
    """The keys of a dataclass or a pydantic model."""
    if is_dataclass(model):
        return [field.name for field in fields(model)]
    return [*getattr(type(model), "model_fields", ())]


def _held(values: Mapping[str, Any], shown: Mapping[str, Any], sent: bool, typed: bool) -> Held:
    latest = values.get("review") or {}
    return {
        "sent": sent,
        "typed": typed,
        "records": sorted(RECORDS & {*values}),
        "review": latest.get("review_id"),
        "shown": {} if sent else {key: digest(one) for key, one in shown.items()},
        "edited": [],
    }


def _held_of(
    state: Any, present: Mapping[str, Any], decided: Mapping[str, Any], record: Mapping[str, Any]
) -> Held:
    """For a question with which nothing was held: the newest review that is no failure of it."""
    others = [one for one in present.get("reviews") or [] if one.get("gate") != record.get("gate")]
    before = {**present, "review": others[-1] if others else None}
    return _held(before, decided, sent=False, typed=not isinstance(state, dict))


def _is_json(value: Any) -> bool:
    try:
        plain_json(value)
    except NotJson:
        return False
    return True
