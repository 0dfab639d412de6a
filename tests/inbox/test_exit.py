"""A program that ends with an inbox open ends silently."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

OPEN = """
from langgraph_hitl import Inbox; inbox = Inbox.open(URL)
"""

FORGOTTEN = """
from langgraph_hitl import Inbox; Inbox.open(URL)
"""

HELD = """
from langgraph_hitl import Inbox; inbox = Inbox.open(URL)
held = inbox._office.locks.try_acquire("thread-1")
assert held is not None
"""

REGISTERED = """
import sqlite3

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import Inbox, ReviewState, add_review, human_approval


class State(ReviewState):
    draft: str


inbox = Inbox.open(URL)
if URL == "sqlite://":
    saver = InMemorySaver()
else:
    saver = SqliteSaver(sqlite3.connect("threads.db", check_same_thread=False))
builder = StateGraph(State)
builder.add_node("act", lambda state: {})
add_review(builder, "gate", human_approval("draft", inbox=inbox), approved="act", rejected=END)
builder.add_edge(START, "gate")
app = inbox.register(builder.compile(checkpointer=saver), "graph")
app.invoke({"draft": "Hello"}, {"configurable": {"thread_id": "thread-1"}})
assert len(inbox.pending()) == 1
"""

RAISED = f"{REGISTERED}\nheld = inbox._office.locks.try_acquire('thread-2')\nraise SystemExit"

FOLDER = """
from langgraph_hitl.inbox._locks.file_lock import FileLocks
from langgraph_hitl.inbox._locks.lock_folder import LockFolder

locks = FileLocks("reviews.db", carrier=LockFolder)
held = locks.try_acquire("thread-1")
assert held is not None
"""

PROGRAMS = {
    "open": OPEN,
    "forgotten": FORGOTTEN,
    "held": HELD,
    "registered": REGISTERED,
    "raised": RAISED,
}


def said(program: str, url: str, folder: Path) -> tuple[str, str, int]:
    """What a program of its own wrote to the end, and its exit status."""
    done = subprocess.run(
        [sys.executable, "-c", program.replace("URL", repr(url))],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stderr, done.stdout, done.returncode


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("kind", ["file", "memory", "postgresql"])
def test_a_program_ends_silently(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, program: str
) -> None:
    urls = {"file": "sqlite:///reviews.db", "memory": "sqlite://"}
    url = urls.get(kind) or request.getfixturevalue("postgres_url")
    assert said(PROGRAMS[program], url, tmp_path) == ("", "", 0)


def test_a_program_with_locks_in_a_folder_ends_silently_and_leaves_none(tmp_path: Path) -> None:
    assert said(FOLDER, "", tmp_path) == ("", "", 0)
    assert list((tmp_path / "reviews.db.locks").iterdir()) == []
