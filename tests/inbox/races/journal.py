"""`Journal`: what the user's nodes have done to the world, as a file that survives every kill."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Line:
    """`effect`: a node of the user has acted. `saved`: a checkpoint of the thread was stored.
    `lost`: the saver could not write something of it.
    """

    process: str
    what: Literal["effect", "saved", "lost"]
    thread: str
    node: str = ""


class Journal:
    """Lines of all processes, in the order in which they were written."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    def add(self, line: Line) -> None:
        """One write and one fsync: after this the line is there, whoever is killed."""
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, json.dumps(asdict(line)).encode() + b"\n")
            if line.what == "effect":
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def lines(self) -> list[Line]:
        if not self.path.exists():
            return []
        return [Line(**json.loads(text)) for text in self.path.read_text().splitlines()]

    def of(self, process: str, what: str) -> list[Line]:
        """What one process has written."""
        return [line for line in self.lines() if (line.process, line.what) == (process, what)]

    def effects(self, thread: str) -> list[str]:
        """The nodes of a thread that have acted, once each, in order."""
        found = (line.node for line in self.lines() if line.thread == thread and line.node)
        return list(dict.fromkeys(found))

    def unexcused(self, killed: Iterable[str], *, side_by_side: bool = False) -> list[str]:
        """Effects that were repeated, though the earlier one was not a killed process's last act.

        That is its last as to the thread: afterwards it stored nothing of it. And an effect that
        LangGraph could not note, because its saver failed next, is done again. Of nodes that act
        `side_by_side` in one step, those are a process's last act that it stored no checkpoint
        after.
        """
        dead = set(killed)
        by_thread: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines():
            by_thread[line.thread].append(line)
        return [
            f"{thread}: {line.node} by {line.process}"
            for thread, lines in by_thread.items()
            for number, line in enumerate(lines)
            if line.what == "effect"
            and _is_repeated(line, lines[number + 1 :])
            and (line.process not in dead or _goes_on(line, lines[number + 1 :], side_by_side))
            and not _is_lost(line, lines[number + 1 :])
        ]


def _is_repeated(line: Line, later: list[Line]) -> bool:
    return any(other.what == "effect" and other.node == line.node for other in later)


def _is_lost(line: Line, later: list[Line]) -> bool:
    its = [other for other in later if other.process == line.process]
    return bool(its) and its[0].what == "lost"


def _goes_on(line: Line, later: list[Line], side_by_side: bool) -> bool:
    its = [other.what for other in later if other.process == line.process]
    return "saved" in its if side_by_side else bool(its)
