"""`Screen`: the terminal as something to write on; plain without one, or with NO_COLOR."""

from __future__ import annotations

import os
from typing import IO, Any

from rich.console import Console, RenderableType
from rich.text import Text

from langgraph_hitl._terminal.menu import Entry
from langgraph_hitl._terminal.render import menu_lines, request_parts
from langgraph_hitl._terminal.sanitise import clean
from langgraph_hitl.review.request import ReviewRequest

MAX_WIDTH = 100


class Screen:
    """Writes texts and requests. Nothing that it is given is read as markup.

    It is as wide as the terminal, but not so wide that sentences are hard to read, or as `width`.
    """

    def __init__(self, file: IO[str] | None = None, *, width: int | None = None) -> None:
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        self.console = Console(
            file=file,
            color_system=None if plain else "auto",
            force_jupyter=False,
            highlight=False,
            markup=False,
            emoji=False,
        )
        self.console.width = min(self.console.width, MAX_WIDTH) if width is None else width

    def say(self, text: str, style: str = "") -> None:
        """One paragraph."""
        self.write(Text(clean(text), style=style, overflow="fold"))

    def write(self, part: RenderableType) -> None:
        """Anything that rich can show, in the characters that the stream can take."""
        with self.console.capture() as capture:
            self.console.print(part)
        encoding = self.console.encoding
        lines = [line.rstrip(" ") for line in capture.get().split("\n")]
        text = "\n".join(lines).encode(encoding, errors="replace").decode(encoding)
        self.console.file.write(text)
        self.console.file.flush()

    def show(self, request: ReviewRequest, *, waiting: int = 1) -> None:
        """A request, complete but for what can be answered."""
        for part in request_parts(request, waiting=waiting, width=self.console.width):
            self.write(part)

    def offer(self, request: ReviewRequest, entries: list[Entry]) -> None:
        """What can be answered."""
        self.write(Text("What do you say?", style="bold"))
        self.write(menu_lines(request, entries))

    def foreign(self, value: Any) -> None:
        """An interrupt that is no review."""
        self.say(
            "The thread waits for an answer that is not a review of langgraph-hitl, so nobody is "
            "asked here. Answer it with Command(resume=...):",
            "yellow",
        )
        self.say(f"  {value!r}"[:2000])
