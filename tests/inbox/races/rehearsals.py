"""`Rehearsals`: what comes of each script when nobody dies, and the moments at which one could."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from langgraph_hitl.testing import POINTS
from tests.inbox.races.place import Place, sqlite_place
from tests.inbox.races.world import OVERSIGHT

_NOBODY_VOTES = frozenset({"voting", "reopening", "superseding"})
_NO_TIME_PASSES = frozenset({"advancing", "telling", "notifying", "notified", "migrating"})
_ELSEWHERE = _NOBODY_VOTES | _NO_TIME_PASSES | OVERSIGHT
"""What somebody who decides alone, in time and without a supervisor does not pass."""

KILLED_AT = tuple(sorted({*POINTS, "effect", "save"} - _ELSEWHERE))


class Rehearsals:
    """`perform` gives what is told of a script in the end; its `passed` counts the points."""

    def __init__(
        self, folder: Path, scripts: Iterable[str], perform: Callable[[Place, str], Any]
    ) -> None:
        self._folder = folder
        self._scripts = tuple(scripts)
        self._perform = perform
        self._known: dict[str, Any] = {}

    def of(self, script: str) -> Any:
        if script not in self._known:
            folder = self._folder / script
            folder.mkdir()
            self._known[script] = self._perform(sqlite_place(folder), script)
        return self._known[script]

    def moments(self, point: str) -> Iterator[tuple[str, int]]:
        """Scripts with a passage to die at: all in turn, each at all its passages in time."""
        scripts = [script for script in self._scripts if self._passages(script, point)]
        assert scripts, f"no script passes {point}"
        start = KILLED_AT.index(point)
        for number in count():
            script = scripts[(start + number) % len(scripts)]
            yield script, 1 + (number * 7) % self._passages(script, point)

    def _passages(self, script: str, point: str) -> int:
        passed: Counter[str] = self.of(script).passed
        return passed[point]
