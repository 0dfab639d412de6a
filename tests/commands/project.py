"""A folder with a graph in it, as somebody has it who uses the command line."""

from __future__ import annotations

import importlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from typer.testing import CliRunner

from langgraph_hitl._cli import build
from langgraph_hitl.inbox import Inbox, Review
from tests.terminal.support import command, environment

URL = "sqlite:///reviews.db"
AS_MARIA = ("--as", "maria", "--yes")
APP = ("--app", "flow:graph")

_MODULE = """
import operator, sqlite3
from pathlib import Path
from typing import Annotated, Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

from langgraph_hitl import (
    Choice, Reviewer, ReviewState, add_review, ask_human, human_approval, plan_approval,
    rated_feedback
)
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.panels import quorum

class State(ReviewState, total=False):
    draft: Any
    level: str
    ran: Annotated[list[str], operator.add]

inbox = Inbox.open("sqlite:///reviews.db")
connection = sqlite3.connect("threads.db", check_same_thread=False)

def louder(state: State) -> dict[str, Any]:
    return {{"draft": state["draft"] + "!"}}

def note(word):
    def node(state: State) -> dict[str, Any]:
        print(word)
        with open("effects.txt", "a") as file:
            file.write(word + "\\n")
        return {{"ran": [word]}}
    return node

builder = StateGraph(State)
add_review(builder, "gate", {gate}, {ways})
builder.add_node("publish", note("published"))
builder.add_node("archive", note("archived"))
builder.add_edge(START, "gate")
plain = builder.compile(checkpointer=SqliteSaver(connection))
{graph}
"""
APPROVAL = "human_approval('draft', inbox=inbox, revise=louder, {})"
APPROVED = "approved='publish', rejected='archive'"
REGISTERED = "graph = inbox.register(plain, 'posts')"


def flow(
    *, options: str = "", gate: str | None = None, ways: str = APPROVED, graph: str = REGISTERED
) -> str:
    """The source of a module with a graph behind one gate."""
    return _MODULE.format(gate=gate or APPROVAL.format(options), ways=ways, graph=graph)


@dataclass(frozen=True)
class Done:
    """What a command has left behind."""

    status: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """The one JSON document on the standard output."""
        return json.loads(self.stdout)


class Project:
    """A working directory. `run` is the command line in this process, `spawn` in a new one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spawned: list[subprocess.Popen[str]] = []

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def module(self, name: str = "flow") -> Any:
        """The module, imported here as the command line imports it."""
        if str(self.folder) not in sys.path:
            sys.path.insert(0, str(self.folder))
        importlib.invalidate_caches()
        return importlib.import_module(name)

    def start(self, *drafts: Any, graph: str = "graph") -> list[str]:
        """Run the graph up to its question, a thread for every draft; the ids of the reviews."""
        module = self.module()
        ids: list[str] = []
        for draft in drafts:
            thread = str(len(list(self.inbox.pending(limit=1000))) + len(ids))
            config = {"configurable": {"thread_id": thread}}
            getattr(module, graph).invoke({"draft": draft}, config)
            ids.append(self.inbox.pending(thread=thread)[0].id)
        return ids

    @property
    def inbox(self) -> Inbox:
        found: Inbox = self.module().inbox
        return found

    def review(self, review_id: str) -> Review:
        return self.inbox.get(review_id)

    @property
    def effects(self) -> list[str]:
        """What the nodes behind the gate have done."""
        path = self.folder / "effects.txt"
        return path.read_text().split() if path.exists() else []

    def run(self, *arguments: str, stdin: str | bytes = "") -> Done:
        done = CliRunner().invoke(build(), arguments, input=stdin, prog_name="langgraph-hitl")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    def spawn(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command(*arguments),
            cwd=self.folder,
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self.spawned.append(process)
        return process

    def kill(self) -> None:
        """End what a test that failed has left running."""
        for process in self.spawned:
            process.kill()
            process.communicate()

    @staticmethod
    def close_module(module: ModuleType) -> None:
        """Give back what a module of the project has opened."""
        for opened in vars(module).values():
            if isinstance(opened, Inbox | sqlite3.Connection):
                opened.close()


def finish(process: subprocess.Popen[str], timeout: float = 60) -> Done:
    """Wait for the end of a process."""
    stdout, stderr = process.communicate(timeout=timeout)
    return Done(process.returncode, stdout, stderr)


def one_line_without_traceback(done: Done, said: Sequence[str]) -> None:
    """The rule for every error of the command line."""
    lines = done.stderr.strip().splitlines()
    assert "Traceback" not in done.stderr
    assert lines, done
    assert lines[-1].startswith("langgraph-hitl: ")
    for each in said:
        assert each in lines[-1]
