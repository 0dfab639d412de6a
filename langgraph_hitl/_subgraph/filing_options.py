"""The options that say who decides, where the question is filed, and which hooks hear of it."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, get_args

from langgraph_hitl._subgraph.desk import Desk
from langgraph_hitl._subgraph.spec import Hooks, Mode, Priority
from langgraph_hitl.errors import GateError

if TYPE_CHECKING:
    from langgraph_hitl.panels import Panel

Reviewers: TypeAlias = Any
"""A role, a `Reviewer`, several of these, or a panel."""

DEFAULT_QUEUE = "default"
_DESK_METHODS = ("clerk",)


class FilingFields(TypedDict):
    """The fields of a `GateSpec` that are about people and the inbox."""

    desk: Desk | None
    panel: Panel | None
    queue: str
    hooks: Hooks
    mode: Mode


def filing_fields(
    *,
    inbox: Any,
    reviewers: Any,
    queue: str | None,
    priority: Any,
    mode: Mode,
    on_asked: Callable[..., Any] | None,
    on_decided: Callable[..., Any] | None,
    on_recall: Callable[..., Any] | None,
) -> FilingFields:
    """Check the options and give the fields."""
    if inbox is not None and not all(hasattr(inbox, name) for name in _DESK_METHODS):
        raise GateError(f"inbox must be an Inbox (Inbox.open(url)), not {inbox!r}")
    if mode != "blocking" and inbox is None:
        raise GateError("a review that does not block needs an inbox, where it waits")
    if inbox is None:
        _check_needs_inbox(queue=queue, priority=priority, on_recall=on_recall)
    for name, hook in (
        ("on_asked", on_asked),
        ("on_decided", on_decided),
        ("on_recall", on_recall),
    ):
        _check_hook(name, hook)
    if queue is not None and (not isinstance(queue, str) or not queue.strip()):
        raise GateError(f"queue must be a text that is not blank, not {queue!r}")
    return {
        "desk": inbox,
        "panel": _panel(reviewers),
        "queue": DEFAULT_QUEUE if queue is None else queue,
        "hooks": Hooks(on_asked, on_decided, on_recall),
        "mode": mode,
    }


def checked_priority(priority: Any) -> Priority:
    """A priority that does not depend on the case."""
    if priority is None:
        return "normal"
    if priority not in get_args(Priority):
        raise GateError(
            f"priority must be one of {', '.join(get_args(Priority))}, or a function of the "
            f"state that gives one, not {priority!r}"
        )
    found: Priority = priority
    return found


def _panel(reviewers: Any) -> Panel | None:
    if reviewers is None:
        return None
    from langgraph_hitl.panels import panel_of

    return panel_of(reviewers)


def _check_needs_inbox(**options: Any) -> None:
    for name, given in options.items():
        if given is not None:
            raise GateError(f"{name} has no effect without inbox=")


def _check_hook(name: str, hook: Any) -> None:
    if hook is None:
        return
    if not callable(hook):
        raise GateError(f"{name} must be a function, not {hook!r}")
    if iscoroutinefunction(hook):
        raise GateError(f"{name} must be a synchronous function: it is called inside a node")
