"""Requests, keyboards and runs of the command line for the tests of the terminal."""

from __future__ import annotations

import builtins
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest

from langgraph_hitl._terminal.screen import Screen
from langgraph_hitl.review.decision import Decision
from langgraph_hitl.review.request import ReviewRequest

REQUEST = ReviewRequest(
    interrupt_id="i" * 32,
    schema_version=1,
    review_id="rv-1",
    thread_id="t1",
    kind="human_approval",
    action="publish_post",
    subject_key="draft",
    subject="Hello",
    context={},
    finding={"needed": True, "sentence": "Every case is reviewed."},
    criteria=[],
    allowed_decisions=["approve", "edit", "reject", "revise"],
    digest="sha256:1",
    round=0,
    revisions_left=None,
    history=[],
    asked_at="2026-01-01T00:00:00+00:00",
)


class Ascii(io.StringIO):
    """A stream that takes ASCII only."""

    encoding = "ascii"


def screen(file: io.StringIO | None = None) -> Screen:
    """A screen that keeps what it shows; read it with `text_of`."""
    return Screen(file or io.StringIO())


def text_of(shown: Screen) -> str:
    """What a screen of `screen()` has shown."""
    file = shown.console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def lines(*typed: str) -> Callable[[str], str]:
    """A keyboard on which these lines are typed, and then the end of input."""
    left = iter(typed)

    def read(_prompt: str) -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return read


@dataclass
class Answers:
    """A person whose answers are given; notes what was asked and why answers were refused."""

    answers: Iterable[Decision | None]
    asked: list[ReviewRequest] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left = iter(self.answers)

    def decide(self, request: ReviewRequest, refused: str | None = None) -> Decision | None:
        self.asked.append(request)
        if refused is not None:
            self.refusals.append(refused)
        return next(self._left, None)


def command(*arguments: str) -> list[str]:
    """The command line as a new process runs it."""
    return [sys.executable, "-m", "langgraph_hitl._cli", *arguments]


def environment(**changes: str) -> dict[str, str]:
    """The environment without what changes how a terminal looks."""
    dropped = {"NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "EDITOR", "VISUAL", "COLUMNS"}
    kept = {key: value for key, value in os.environ.items() if key not in dropped}
    return kept | {"PYTHONIOENCODING": "utf-8", "COLUMNS": "80"} | changes


@dataclass(frozen=True)
class Done:
    """What a command has left behind."""

    returncode: int
    stdout: str
    stderr: str


class Cli(Protocol):
    """The command line inside the test's own process."""

    def __call__(self, *arguments: str, stdin: str = "") -> Done: ...


def run(folder: Path, *arguments: str, stdin: str = "") -> Done:
    """`langgraph-hitl ARGUMENTS` in a new process."""
    done = subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def forget(monkeypatch: pytest.MonkeyPatch, *prefixes: str) -> None:
    """Load modules anew for one test; afterwards packages have the ones that others hold."""
    for name in [name for name in sys.modules if name.startswith(prefixes)]:
        module = sys.modules[name]
        parent, _, own = name.rpartition(".")
        if getattr(sys.modules.get(parent), own, None) is module:
            monkeypatch.setattr(sys.modules[parent], own, module)
        monkeypatch.delitem(sys.modules, name)


def hide(monkeypatch: pytest.MonkeyPatch, module: str, *, blaming: str | None = None) -> None:
    """Imports of `module` fail for want of it, or of `blaming`; what imports it is loaded anew."""
    forget(monkeypatch, "langgraph_hitl._terminal.", "langgraph_hitl._demo.")
    real = builtins.__import__

    def importing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == module or name.startswith(f"{module}."):
            missing = blaming or name
            raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", importing)


def script(folder: Path, *decisions: Mapping[str, Any] | str) -> str:
    """A script file; texts are lines as they are."""
    path = folder / "decisions.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in decisions]
    path.write_text("".join(f"{line}\n" for line in texts), encoding="utf-8")
    return str(path)
