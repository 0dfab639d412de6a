"""`Place`: where something stands in a description, so that an error can say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from langgraph_hitl.errors import GateError, MissingExtra
from langgraph_hitl.review.finding import readable

Steps: TypeAlias = tuple[str | int, ...]
"""The way to a value: the keys of mappings and the positions in lists."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a description came from: a file, a YAML text, or a dict (which has no lines).

    Relative paths in it start from `folder`. `flowing` are the texts without quotes in lists of the
    form `[a, b]`, where a comma may be meant as a part of the text. `what` is described.
    """

    file: str | None = None
    folder: Path = field(default_factory=Path)
    lines: Mapping[Steps, int] = field(default_factory=dict)
    flowing: Set[Steps] = frozenset()
    what: str = "checkpoint"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a description. `place / "when" / 0` is a place inside it."""

    origin: Origin
    steps: Steps = ()

    def __truediv__(self, step: str | int) -> Place:
        return Place(self.origin, (*self.steps, step))

    def __str__(self) -> str:
        """The file, the line and the path, as far as they are known."""
        parts = (self.origin.file, self._line, _path(self.steps))
        return ", ".join(part for part in parts if part) or self.origin.what

    @property
    def line(self) -> int | None:
        """Its line, or that of the nearest thing around it that has one."""
        lines = self.origin.lines
        ways = (self.steps[:length] for length in range(len(self.steps), -1, -1))
        return next((lines[way] for way in ways if way in lines), None)

    @property
    def _line(self) -> str:
        return "" if self.line is None else f"line {self.line}"

    def error(self, problem: str) -> GateError:
        """The error that something is wrong here."""
        return GateError(f"{self}: {problem}")

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Errors of a builder that gets the value of this place say that it stands here."""
        try:
            yield
        except MissingExtra:
            raise
        except GateError as error:
            raise self.error(str(error)) from None


def _path(steps: Steps) -> str:
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{_name(step)}"
    return text.removeprefix(".")


def _name(step: str) -> str:
    return readable(step if step.isprintable() else repr(step), 40)
