"""What makes a test a proof that a capability works; see `docs/capabilities.md`.

A thread on a saver that lasts was paused by one graph object and continued by another, or by
another process. Where a capability is no pause, what it leaves was read by an inbox opened anew.
"""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple
from unittest.mock import patch

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphDrained
from langgraph.pregel import Pregel

from langgraph_hitl import Inbox

TABLE = Path(__file__).parents[1] / "docs" / "capabilities.md"
NO_PAUSES = frozenset({"P1", "P6", "P11"})
"""Capabilities that show in what they leave."""
Proof = Literal["thread", "artefact"]
_ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)


class Capability(NamedTuple):
    """A row of the table."""

    id: str
    text: str
    names: tuple[str, ...]
    tests: tuple[str, ...]

    def proven(self, seen: Seen) -> bool:
        """Whether a test that did this is a proof."""
        return seen.proves() == "thread" or (self.id in NO_PAUSES and seen.proves() is not None)


@cache
def capabilities() -> list[Capability]:
    """The rows of the table, in their order."""
    return [
        Capability(key, text, _quoted(names), _quoted(tests))
        for key, text, names, tests in _ROW.findall(TABLE.read_text(encoding="utf-8"))
    ]


@cache
def listed() -> dict[str, Capability]:
    """The capability of each test that the table names."""
    return {test: row for row in capabilities() for test in row.tests}


def _quoted(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


@dataclass
class Seen:
    """What a test did. Graphs are told apart by their nodes, which a copy shares."""

    paused: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    continued: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    processes: int = 0
    inboxes: int = 0
    kept: list[Any] = field(default_factory=list)

    def begin(self, graph: Pregel[Any, Any, Any, Any], config: Any) -> tuple[str, int] | None:
        """The thread and the graph of a root run on a saver that lasts."""
        configurable: Mapping[str, Any] = {
            **((graph.config or {}).get("configurable") or {}),
            **((config or {}).get("configurable") or {}),
        }
        saver = graph.checkpointer
        if "__pregel_task_id" in configurable or saver is None or isinstance(saver, bool):
            return None
        if isinstance(saver, InMemorySaver):
            return None
        self.kept.append(graph.nodes)
        thread, nodes = str(configurable.get("thread_id")), id(graph.nodes)
        if self.paused[thread] - {nodes}:
            self.continued[thread].add(nodes)
        return thread, nodes

    def step(self, run: tuple[str, int] | None, chunk: Any) -> None:
        if run is not None and _has_interrupt(chunk):
            thread, nodes = run
            self.paused[thread].add(nodes)

    def end(self, run: tuple[str, int] | None) -> None:
        """A supervisor has paused it."""
        if run is not None:
            thread, nodes = run
            self.paused[thread].add(nodes)

    def proves(self) -> Proof | None:
        if self.processes or any(self.continued.values()):
            return "thread"
        return "artefact" if self.inboxes > 1 else None


def _has_interrupt(chunk: Any) -> bool:
    if isinstance(chunk, Mapping):
        return "__interrupt__" in chunk
    return isinstance(chunk, tuple) and any(_has_interrupt(part) for part in chunk)


@contextmanager
def watched() -> Iterator[Seen]:
    """Notes what runs until the end: root runs of graphs, processes, inboxes."""
    seen = Seen()
    stream, astream, opened = Pregel.stream, Pregel.astream, Inbox.open
    popen = subprocess.Popen.__init__

    def streaming(self: Any, given: Any, config: Any = None, **more: Any) -> Iterator[Any]:
        run = seen.begin(self, config)
        try:
            for chunk in stream(self, given, config, **more):
                seen.step(run, chunk)
                yield chunk
        except GraphDrained:
            seen.end(run)
            raise

    async def astreaming(
        self: Any, given: Any, config: Any = None, **more: Any
    ) -> AsyncIterator[Any]:
        run = seen.begin(self, config)
        async for chunk in astream(self, given, config, **more):
            seen.step(run, chunk)
            yield chunk

    def opening(*args: Any, **options: Any) -> Inbox:
        seen.inboxes += 1
        return opened(*args, **options)

    def starting(self: Any, *args: Any, **options: Any) -> None:
        seen.processes += 1
        popen(self, *args, **options)

    with (
        patch.object(Pregel, "stream", streaming),
        patch.object(Pregel, "astream", astreaming),
        patch.object(Inbox, "open", opening),
        patch.object(subprocess.Popen, "__init__", starting),
    ):
        yield seen
