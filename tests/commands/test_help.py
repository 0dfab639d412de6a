"""Every command explains itself, and a missing extra names itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from langgraph_hitl._commands.all import COMMANDS
from tests.commands.project import Project, one_line_without_traceback
from tests.terminal.support import environment, forget
from tests.terminal.support import run as run_in_new_process

NAMES = [function.__name__ for function in COMMANDS]
DECIDING = ("approve", "reject", "revise", "edit", "respond", "choose", "items", "abstain")


def test_the_commands(empty: Project) -> None:
    assert NAMES == [
        "inbox",
        "show",
        "approve",
        "reject",
        "revise",
        "edit",
        "respond",
        "choose",
        "items",
        "abstain",
        "claim",
        "release",
        "defer",
        "escalate",
        "cancel",
        "override",
        "runs",
        "pause",
        "steer",
        "resume",
        "stop",
        "history",
        "verify",
        "audit",
        "export",
        "metrics",
        "redact",
        "retain",
        "work",
        "reconcile",
        "doctor",
        "people",
    ]
    listed = empty.run("--help").stdout
    for name in ["demo", *NAMES]:
        assert f"  {name} " in listed
    assert all(line.endswith(".") and "..." not in line for line in listed.splitlines()[9:])


@pytest.mark.parametrize("name", NAMES)
def test_help(empty: Project, name: str) -> None:
    done = empty.run(name, "--help")
    assert done.status == 0
    assert done.stdout.startswith(f"Usage: langgraph-hitl {name}")
    options = ["--json", "--inbox", "--app", "--config", "LANGGRAPH_HITL_INBOX", "Exit status"]
    if name in DECIDING:
        options += ["--as", "--role", "--seen", "--yes", "--resume"]
    for each in options:
        assert each in done.stdout
    assert "Traceback" not in done.stderr


def test_help_says_that_an_editor_takes_a_terminal(empty: Project) -> None:
    shown = " ".join(empty.run("edit", "--help").stdout.split())
    assert "Without it, $VISUAL or $EDITOR, in a terminal." in shown


def test_help_of_a_new_process_loads_no_database(empty: Project) -> None:
    program = (
        "import sys\n"
        "sys.argv = ['langgraph-hitl', 'inbox', '--help']\n"
        "from langgraph_hitl._cli import main\n"
        "try:\n    main()\nfinally:\n    print('sqlalchemy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.endswith("False\n"), done.stderr


def test_without_sqlalchemy_the_extra_is_named(
    empty: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget(monkeypatch, "langgraph_hitl.inbox")
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    done = empty.run("inbox", "--inbox", "sqlite:///reviews.db")
    assert done.status == 2
    one_line_without_traceback(done, ["langgraph-hitl[inbox]"])
    assert empty.run("demo", "--help").status == 0


def test_as_a_program(empty: Project) -> None:
    done = run_in_new_process(empty.folder, "inbox", "--inbox", "sqlite:///none.db")
    assert done.returncode == 1
    assert done.stderr == (
        f"langgraph-hitl: There is no inbox at {empty.folder / 'none.db'}; Inbox.open makes one, "
        "in the program that runs the graphs\n"
    )
