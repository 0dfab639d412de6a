"""`problem_of`: whether a graph could take a change of its state, before it is given one.

What LangGraph keeps of a change that a reducer or the schema refuses is applied again by whatever
reads the thread, so that nobody could read it, or go on with it, any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from typing import Any

from langgraph.channels.base import BaseChannel
from langgraph.errors import EmptyChannelError
from pydantic import BaseModel, ValidationError

from langgraph_hitl.inbox._oversight.terms import steerable

MAX_PROBLEM = 300


def problem_of(
    app: Any, values: Mapping[str, Any], changes: Iterable[tuple[str, Any]]
) -> str | None:
    """What the graph would make of changes of a state with these values, if it refuses one."""
    given: dict[str, list[Any]] = {}
    for key, value in changes:
        given.setdefault(key, []).append(value)
    closed = sorted(given.keys() - set(steerable(app)))
    if closed:
        return f"it has no state key {closed[0]!r} that can be steered"
    after = dict(values)
    for key, updates in given.items():
        try:
            after[key] = _taken(app.channels[key], key, values, updates)
        except EmptyChannelError:
            after.pop(key, None)
        except Exception as error:
            return _text(key, error)
    return _refused(app, dict(values), after, frozenset(given))


def _taken(spec: BaseChannel[Any, Any, Any], key: str, values: Any, updates: list[Any]) -> Any:
    """The value of a key after its reducer was called."""
    channel = spec.from_checkpoint(values[key]) if key in values else spec.copy()
    channel.update(updates)
    return channel.get()


def _refused(
    app: Any, before: dict[str, Any], after: dict[str, Any], changed: frozenset[str]
) -> str | None:
    """What a schema by which the graph or one of its nodes reads the state says of the change.

    Whatever it has said without the change is no matter of it.
    """
    builder = getattr(app, "builder", None)
    if builder is None:
        return None
    nodes = [node.input_schema for node in builder.nodes.values()]
    for schema in dict.fromkeys([builder.state_schema, *nodes]):
        keys = builder.schemas.get(schema, {}).keys()
        if not _checks(schema) or changed.isdisjoint(keys):
            continue
        error = _error(schema, _only(after, keys))
        if error is None:
            continue
        if changed.isdisjoint(_places(error)) and _error(schema, _only(before, keys)) is not None:
            continue
        return _text(schema.__name__, error)
    return None


def _checks(schema: Any) -> bool:
    return isinstance(schema, type) and (issubclass(schema, BaseModel) or is_dataclass(schema))


def _error(schema: Any, values: dict[str, Any]) -> Exception | None:
    try:
        schema(**values)
    except Exception as error:
        return error
    return None


def _places(error: Exception) -> frozenset[str]:
    """The keys that an error is about, if it tells."""
    if not isinstance(error, ValidationError):
        return frozenset()
    return frozenset(str(one["loc"][0]) for one in error.errors() if one["loc"])


def _only(values: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: values[key] for key in keys if key in values}


def _text(what: str, error: Exception) -> str:
    return f"{what}: {type(error).__name__}: {error}"[:MAX_PROBLEM]
