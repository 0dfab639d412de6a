"""Which inbox a graph belongs to."""

from __future__ import annotations

from typing import Any, NamedTuple

from langgraph.checkpoint.base import BaseCheckpointSaver

from langgraph_hitl.inbox._foreign.server import is_remote
from langgraph_hitl.inbox._registry import UNNAMED, gates
from langgraph_hitl.inbox._run.binding import bound_to
from langgraph_hitl.inbox._watching import name_in
from langgraph_hitl.inbox.inbox import Inbox


class Owned(NamedTuple):
    """A registered graph: its inbox, its name, and by which face it runs."""

    inbox: Inbox
    name: str
    asynchronous: bool

    @property
    def is_watched(self) -> bool:
        """Whether what it asks by itself is filed."""
        return self.inbox._office.registry.watch_of(self.name) is not None


def inboxes_of(app: Any) -> list[Inbox]:
    """The inbox that a graph is registered with; else those that its gates file with."""
    found: list[Inbox] = []
    for _, spec in gates(app):
        if isinstance(spec.desk, Inbox) and not any(same(spec.desk, other) for other in found):
            found.append(spec.desk)
    bound = bound_to(app)
    if bound is not None:
        own = Inbox(bound.office)
        return [next((each for each in found if same(each, own)), own)]
    return found


def same(one: Inbox, other: Inbox) -> bool:
    """Whether two are faces of one inbox, so that graphs of either run through the other."""
    return one._office is other._office


def owned(app: Any, inbox: Inbox, *, name: str | None, key: str | None) -> Owned:
    """The graph, registered with `inbox` unless its own module has done that by a name of its own.

    `name` is what somebody asked for; `key` what a graph without a name is called.
    """
    chosen = name_in(inbox._office, app)
    if chosen is None:
        own = app.get_name()
        chosen = name or (key if own == UNNAMED and key else own)
        inbox.register(app, chosen)
    return Owned(inbox, chosen, _runs_asynchronously(app))


def _runs_asynchronously(app: Any) -> bool:
    if is_remote(app):
        return app.sync_client is None
    return is_asynchronous(app.checkpointer)


def is_asynchronous(saver: Any) -> bool:
    """Whether a saver works on an event loop only, as `AsyncPostgresSaver` does."""
    kinds = type(saver).__mro__
    return (
        any(kind.__name__.startswith("Async") for kind in kinds)
        or getattr(type(saver), "get_tuple", None) is BaseCheckpointSaver.get_tuple
    )
