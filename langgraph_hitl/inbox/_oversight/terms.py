"""`Terms`: who may hold the threads of a graph, and what cleans up after one that was stopped."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from langgraph.pregel import Pregel

from langgraph_hitl._subgraph.channels import RECORDS, TURN, is_private
from langgraph_hitl.errors import GateError, InboxError, NotAuthorised
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._staff import Roll
from langgraph_hitl.inbox.supervised_run import Stopped, SupervisedRun
from langgraph_hitl.panels import Panel
from langgraph_hitl.panels.given import panel_of
from langgraph_hitl.panels.stored import panel_from_json
from langgraph_hitl.people import vacancy
from langgraph_hitl.review.reviewer import Reviewer


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What `supervised` was told; `supervisors` is None where that is anybody."""

    supervisors: Panel | None = None
    on_stop: Callable[[Stopped], object] | None = None

    @property
    def stored(self) -> Mapping[str, Any] | None:
        """The supervisors as every process reads them."""
        return None if self.supervisors is None else self.supervisors.to_json()


def terms_of(supervisors: Any, on_stop: Any, roll: Roll | None) -> Terms:
    """Check the options. Raises `GateError`."""
    panel = None if supervisors is None else panel_of(supervisors, "supervisors")
    if panel is not None and roll is not None and roll.problem is None:
        lack = vacancy(panel, roll.members.values())
        if lack is not None:
            raise GateError(f"supervisors: {lack}; nobody else is in the directory")
    if on_stop is not None and not callable(on_stop):
        raise GateError(f"on_stop= is a function of what was stopped, not {type(on_stop).__name__}")
    if on_stop is not None and _is_asynchronous(on_stop):
        raise GateError("on_stop= is a plain function; an asynchronous one would not be awaited")
    return Terms(supervisors=panel, on_stop=on_stop)


def refusal(office: Office, run: SupervisedRun, who: Reviewer, roll: Roll | None) -> str | None:
    """Why somebody may not supervise a run; of a person whom a directory knows, by what it says."""
    panel = None if run.supervisors is None else panel_from_json(run.supervisors)
    if roll is None:
        return None if panel is None else panel.refusal(who)
    keys = roll.keys(who.id, office.clock())
    if not keys:
        return roll.problem or f"{who.id!r} is nobody in the directory, or is away"
    if panel is None or not {*keys}.isdisjoint(panel.eligible_keys):
        return None
    return f"it takes {panel.rule}"


def not_authorised(run: SupervisedRun, who: Reviewer, act: str, needed: str) -> NotAuthorised:
    """The error for somebody who may not."""
    return NotAuthorised("", by=who.id, needed=needed, act=f"{act} the thread {run.thread_id!r}")


def steerable(app: Any) -> list[str]:
    """The state keys of a graph that a supervisor may change."""
    keys = getattr(app, "stream_channels", None)
    listed = [keys] if isinstance(keys, str) else [*(keys or ())]
    hidden = _told_by_rounds(app)
    return sorted(
        key
        for key in listed
        if not is_private(key) and key not in hidden and not key.startswith("__")
    )


def _told_by_rounds(app: Any) -> frozenset[str]:
    """What nodes of several rounds with people tell of them: what was asked, decided and done.

    At any depth: graphs share a key by its name.
    """
    return frozenset(
        f"{graph.name}_{what}"
        for _, graph in app.get_subgraphs(recurse=True)
        if isinstance(graph, Pregel) and TURN in graph.channels
        for what in ("history", "results")
    )


def check_update(run: SupervisedRun, update: Any) -> None:
    """Raises `InboxError` for what the graph could not take, or what would forge an approval."""
    if not isinstance(update, Mapping) or not update:
        raise InboxError("steer takes update={key: value, ...}, a message=, or both")
    forged = sorted(key for key in update if isinstance(key, str) and is_private(key))
    if forged and forged[0] in RECORDS:
        raise InboxError(
            f"{forged[0]!r} holds what people have decided, and nobody steers that; decide the "
            "review with inbox.decide, or over others with inbox.override"
        )
    if forged:
        raise InboxError(
            f"{forged[0]!r} holds what leads to decisions of people, and nobody steers that; "
            f"update= takes: {', '.join(filter(_is_open, run.keys)) or 'none'}"
        )
    unknown = sorted(str(key) for key in update if key not in run.keys)
    if unknown:
        raise InboxError(
            f"update: the graph {run.graph!r} has no state key {unknown[0]!r}; it has: "
            f"{', '.join(run.keys) or 'none'}"
        )


def _is_open(key: str) -> bool:
    return not is_private(key)


def _is_asynchronous(function: Any) -> bool:
    called = vars(type(function)).get("__call__")
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)
