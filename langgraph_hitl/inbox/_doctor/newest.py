"""The threads of a saver, each with its newest root checkpoint."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple

LIMIT = 20_000
"""So many checkpoints are looked through, the newest first: each has to be decoded."""


class Newest(NamedTuple):
    """Of one thread: the id of its newest root checkpoint, and the channels that it has."""

    checkpoint_id: str
    channels: frozenset[str]


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
            self._newest[place["thread_id"]] = Newest(place["checkpoint_id"], channels)

    @property
    def threads(self) -> Threads:
        return Threads(self._newest, complete=self._count < LIMIT)
