"""From the settings to registered graphs, and to the one inbox that they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from langgraph_hitl._commands.langgraph_json import read_graphs_file
from langgraph_hitl._commands.load import load, put_on_path
from langgraph_hitl._commands.loop import Loop
from langgraph_hitl._commands.settings import Settings
from langgraph_hitl._commands.status import Refusal, Status, Unusable
from langgraph_hitl._commands.target import Target, parse
from langgraph_hitl.errors import HitlError
from langgraph_hitl.inbox._existing import is_at
from langgraph_hitl.inbox._graphs import Owned, inboxes_of, owned, same

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Inbox

Say = Callable[[str], None]


def load_graphs(settings: Settings, *, loop: Loop, stack: ExitStack, say: Say) -> list[Owned]:
    """Every graph of the settings, registered with the inbox of its gates.

    A graph without an inbox is an error where it was asked for; where it was found in the
    `langgraph.json` of this folder, it is somebody else's, and left alone.
    """
    found: list[Owned] = []
    for target in _targets(settings):
        try:
            app = load(target, loop=loop, stack=stack)
            owner = _owner(app, target, settings.inbox)
            found.append(_registered(app, owner, target))
        except Unusable as error:
            if settings.chosen:
                raise
            say(f"{error} It is left alone.")
    return found


def one_inbox(graphs: Sequence[Owned], url: str | None) -> Inbox | None:
    """The inbox of the graphs; None without graphs. Raises where they have several."""
    if not graphs:
        return None
    first = graphs[0].inbox
    for other in graphs[1:]:
        if not same(other.inbox, first) and not is_at(other.inbox, first._office.ledger.url):
            raise Refusal(
                f"The graphs {graphs[0].name!r} and {other.name!r} have different inboxes; say "
                "which one with --inbox, or which graph with --app"
            )
    return first


def _targets(settings: Settings) -> list[Target]:
    if settings.apps:
        return [parse(text) for text in settings.apps]
    if settings.graphs_file is None:
        return []
    file = read_graphs_file(settings.graphs_file)
    for folder in reversed(file.folders):
        put_on_path(folder)
    return list(file.targets)


def _owner(app: object, target: Target, url: str | None) -> Inbox:
    found = inboxes_of(app)
    if not found:
        raise Unusable(
            f"{target.text}: no gate of this graph files with an inbox, and none watches it; build "
            "them with inbox=, or call inbox.watch(graph) in its module."
        )
    if len(found) > 1:
        raise Refusal(
            f"{target.text}: the gates of this graph file with {len(found)} inboxes, and a graph "
            "is registered with one",
            Status.FAILED,
        )
    if url is not None and not is_at(found[0], url):
        raise Unusable(
            f"{target.text}: the gates of this graph file with another inbox than --inbox says."
        )
    return found[0]


def _registered(app: object, owner: Inbox, target: Target) -> Owned:
    try:
        return owned(app, owner, name=target.name, key=target.key)
    except HitlError as error:
        raise Refusal(f"{target.text}: {error}", Status.FAILED) from error
