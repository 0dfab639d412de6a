"""What a LangGraph server answers, as far as it is read. Whatever looks otherwise is `Unlike` it.

A proxy, a server of another kind or of another release must not pass for a thread that asks
nothing: its reviews would end.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Reply: TypeAlias = dict[str, Any]


class Unlike(Exception):
    """An answer has not the form that it has in the releases that are known."""


def list_in(found: Any, of: str) -> list[Reply]:
    """A list of objects."""
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unlike(f"{_shown(found)} in place of a list of {of}")
    return found


def thread_in(found: Any) -> Reply:
    """A thread, with its `thread_id` and `status`."""
    thread = _object(found, "a thread")
    for name in ("thread_id", "status"):
        if not isinstance(thread.get(name), str):
            raise Unlike(f"a thread without {name!r}")
    return thread


def state_in(found: Any) -> Reply:
    """A state, with the lists `next` and `tasks`; every question of a task has an `id`.

    >>> state_in({"next": [], "tasks": [], "checkpoint": None})["tasks"]
    []
    """
    state = _object(found, "a state")
    if not isinstance(state.get("next"), list):
        raise Unlike("a state without 'next'")
    tasks = list_in(state.get("tasks"), "tasks")
    for name in ("checkpoint", "parent_checkpoint", "metadata"):
        _object(state.get(name) or {}, name)
    return state | {"tasks": [task | {"interrupts": _interrupts(task)} for task in tasks]}


def _interrupts(task: Reply) -> list[Reply]:
    found = list_in(task.get("interrupts") or [], "interrupts")
    if not all(isinstance(each.get("id"), str) for each in found):
        raise Unlike("an interrupt without an id")
    return [each | {"response_schema": _schema(each)} for each in found]


def _schema(interrupt: Reply) -> Reply | None:
    schema = interrupt.get("response_schema")
    return schema if isinstance(schema, dict) else None


def _object(found: Any, what: str) -> Reply:
    if not isinstance(found, dict):
        raise Unlike(f"{_shown(found)} in place of {what}")
    return found


def _shown(found: Any) -> str:
    return "nothing" if found is None else f"a {type(found).__name__}"
