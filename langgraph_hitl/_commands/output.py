"""`Output`: results on the standard output, as tables or one JSON document; words on the other."""

from __future__ import annotations

import json
import sys
from typing import IO, Any

from rich.console import Console, RenderableType

from langgraph_hitl._terminal.screen import Screen

_UNBOUNDED = 100_000


class Output:
    """Where a command writes. Made before the standard output is kept from the user's graph."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._stdout = sys.stdout
        self._stderr = sys.stderr

    @property
    def words(self) -> Screen:
        """The screen on which people read what happens."""
        return Screen(self._stderr)

    @property
    def width(self) -> int:
        """How wide a table may be: as wide as the terminal, and elsewhere as it is."""
        if not self._stdout.isatty():
            return _UNBOUNDED
        return Console(file=self._stdout).width

    @property
    def results(self) -> Screen:
        """The screen of the results."""
        return Screen(self._stdout)

    def say(self, text: str, style: str = "") -> None:
        """A message."""
        self.words.say(text, style)

    def document(self, value: Any) -> None:
        """The one JSON document; ASCII, because what models write is no matter of encodings."""
        self._write(json.dumps(value, indent=2) + "\n")

    def table(self, *parts: RenderableType) -> None:
        """A readable result."""
        screen = Screen(self._stdout, width=self.width)
        for part in parts:
            screen.write(part)

    def flush(self) -> None:
        self._stdout.flush()

    @property
    def file(self) -> IO[str]:
        return self._stdout

    def _write(self, text: str) -> None:
        self._stdout.write(text)
        self._stdout.flush()
