"""The threads of a saver, each with its newest root checkpoint."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple

from langgraph_hitl.inbox._run.run import GRAPH

LIMIT = 20_000
"""So many checkpoints are looked through, the newest first: each has to be decoded."""


class Newest(NamedTuple):
    """Of one thread: the id of its newest root checkpoint, and what tells whose it is.

    `graph` is the name under which the graph was registered that wrote it; None if it was not.
    """

    checkpoint_id: str
    graph: str | None
    channels: frozenset[str]

    def may_be_of(self, graph: str, app: Any) -> bool:
        """Whether a graph of this name has written it, or one that has all of its channels."""
        if self.graph is not None:
            return self.graph == graph
        return bool(self.channels <= app.channels.keys())


class Threads(NamedTuple):
    """What a saver has; `complete` unless there were more checkpoints than are looked through."""

    newest: dict[str, Newest]
    complete: bool


def threads_of(saver: Any) -> Threads:
    """Read them. Nothing else is asked of the saver meanwhile: `SqliteSaver` holds its lock."""
    read = _Reader()
    found: Iterator[Any] = saver.list(None, limit=LIMIT)
    for one in found:
        read(one)
    return read.threads


async def athreads_of(saver: Any) -> Threads:
    """`threads_of` for an asynchronous saver."""
    read = _Reader()
    found: AsyncIterator[Any] = saver.alist(None, limit=LIMIT)
    async for one in found:
        read(one)
    return read.threads


class _Reader:
    def __init__(self) -> None:
        self._count = 0
        self._newest: dict[str, Newest] = {}

    def __call__(self, found: Any) -> None:
        self._count += 1
        place = found.config["configurable"]
        if place.get("checkpoint_ns"):
            return
        known = self._newest.get(place["thread_id"])
        if known is None or known.checkpoint_id < place["checkpoint_id"]:
            channels = frozenset(found.checkpoint["channel_versions"])
            graph = (found.metadata or {}).get(GRAPH)
            self._newest[place["thread_id"]] = Newest(place["checkpoint_id"], graph, channels)

    @property
    def threads(self) -> Threads:
        return Threads(self._newest, complete=self._count < LIMIT)
