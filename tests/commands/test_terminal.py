"""Deciding at a real pseudo-terminal: what is shown, what is asked, and the editor."""

from __future__ import annotations

import re
import stat
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.commands.project import APP, AS_MARIA, URL, Project, flow, one_line_without_traceback
from tests.terminal.support import command, environment

SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
TIMEOUT = 60


class Session:
    """A command as a person sees it."""

    def __init__(
        self, project: Project, *arguments: str, columns: int = 80, **variables: str
    ) -> None:
        program, *words = command(*arguments, *APP, "--as", "maria")
        self.child = pexpect.spawn(
            program,
            words,
            cwd=str(project.folder),
            env=environment(TERM="xterm-256color", **variables),
            dimensions=(40, columns),
            encoding="utf-8",
            timeout=TIMEOUT,
        )
        self._raw = ""

    def to(self, text: str) -> None:
        """Go on until `text` is shown."""
        self.child.expect_exact(text)
        self._raw += self.child.before + text

    def end(self) -> int:
        """The exit status."""
        self.child.expect(pexpect.EOF)
        self._raw += self.child.before
        self.child.close()
        return int(self.child.exitstatus)

    @property
    def shown(self) -> str:
        return SEQUENCE.sub("", self._raw).replace("\r\n", "\n")


@pytest.fixture
def review_id(project: Project) -> str:
    """A review of another process than the one that decides."""
    [found] = project.start("Hello")
    return found


def editor(project: Project, body: str) -> str:
    """An editor that changes the text `text` by a line of Python."""
    path = project.folder / "editor"
    path.write_text(
        f"#!{sys.executable}\nimport sys, pathlib\n"
        "path = pathlib.Path(sys.argv[1])\ntext = path.read_text()\n"
        f"{body}\npath.write_text(text)\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return str(path)


def test_what_is_decided_is_shown_and_confirmed(project: Project, review_id: str) -> None:
    session = Session(project, "approve", review_id)
    session.to("Approve this as maria? [y/N] ")
    for each in ("Acting as maria", "│ Hello", review_id, project.review(review_id).digest):
        assert each in session.shown
    assert project.review(review_id).status == "pending"
    session.child.sendline("y")
    assert session.end() == 0
    assert project.review(review_id).decided_by == "maria"
    assert project.effects == ["published"]


def test_only_yes_is_yes(project: Project, review_id: str) -> None:
    for typed in ("", "yess"):
        session = Session(project, "approve", review_id)
        session.to("[y/N] ")
        session.child.sendline(typed)
        assert session.end() == 5
        assert "Nothing is decided." in session.shown
    assert project.review(review_id).status == "pending"


def test_the_end_of_the_input_and_control_c_are_no(project: Project, review_id: str) -> None:
    ended = Session(project, "reject", review_id)
    ended.to("[y/N] ")
    ended.child.sendeof()
    assert ended.end() == 5
    stopped = Session(project, "cancel", review_id)
    stopped.to("[y/N] ")
    stopped.child.sendintr()
    assert stopped.end() == 5
    assert "Traceback" not in ended.shown + stopped.shown
    assert project.review(review_id).status == "pending"


def test_what_changes_while_one_thinks_is_refused(project: Project, review_id: str) -> None:
    session = Session(project, "approve", review_id)
    session.to("[y/N] ")
    other = project.run("revise", review_id, "louder", *APP, "--as", "jo", "--yes")
    assert other.status == 0, other.stderr
    session.child.sendline("y")
    assert session.end() == 3
    assert "another version" in session.shown
    assert project.review(review_id).status == "pending"


def test_the_editor_opens_on_the_subject(project: Project, review_id: str) -> None:
    session = Session(
        project, "edit", review_id, EDITOR=editor(project, "text = text.upper() + '\\n'")
    )
    session.to("Send this as maria? [y/N] ")
    assert "-Hello" in session.shown
    assert "+HELLO" in session.shown
    session.child.sendline("y")
    assert session.end() == 0
    assert project.review(review_id).outcome == "edited"
    state = project.module().graph.get_state({"configurable": {"thread_id": "0"}})
    assert state.values["draft"] == "HELLO"


@pytest.mark.parametrize(
    ("columns", "whole"), [(80, ()), (200, ("pay_the_invoice_of_a_supplier", "Hello " * 15))]
)
def test_a_table_is_as_wide_as_the_terminal(
    empty: Project, columns: int, whole: tuple[str, ...]
) -> None:
    options = "queue='payments-abroad', action='pay_the_invoice_of_a_supplier'"
    empty.write("flow.py", flow(options=options))
    thread = "invoice-2026-000117"
    empty.module().graph.invoke({"draft": "Hello " * 50}, {"configurable": {"thread_id": thread}})
    session = Session(empty, "inbox", columns=columns, COLUMNS="")
    assert session.end() == 0
    lines = session.shown.splitlines()
    head, row = lines[-2:]
    assert head.split() == ["id", "priority", "queue", "action", "thread", "subject"]
    assert 60 < len(row) <= columns
    for each in (thread, "Hello", *whole):
        assert each.strip() in row
    short = row.split()[0]
    assert empty.run("show", short, "--inbox", URL, "--json").document["thread_id"] == thread


class TestEditorOfThisProcess:
    @pytest.fixture(autouse=True)
    def _terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("langgraph_hitl._terminal.editor.at_terminal", lambda: True)

    @pytest.mark.parametrize("body", ["pass", "text += '\\n'"])
    def test_unchanged_is_not_sent(
        self, project: Project, review_id: str, monkeypatch: pytest.MonkeyPatch, body: str
    ) -> None:
        monkeypatch.setenv("EDITOR", editor(project, body))
        done = project.run("edit", review_id, *APP, *AS_MARIA)
        assert done.status == 5
        assert "Nothing was changed" in done.stderr
        assert project.review(review_id).status == "pending"

    @pytest.mark.parametrize(
        ("body", "status", "said"),
        [
            ("text = ''", 2, "blank"),
            ("text = 'a\\0b'", 2, "NUL"),
            ("path.write_bytes(b'\\xff'); sys.exit()", 1, "decode"),
            ("path.unlink(); sys.exit()", 1, "No such file"),
            ("sys.exit(3)", 1, "ended with status 3"),
        ],
    )
    def test_what_fails_decides_nothing(
        self,
        project: Project,
        review_id: str,
        monkeypatch: pytest.MonkeyPatch,
        body: str,
        status: int,
        said: str,
    ) -> None:
        monkeypatch.setenv("EDITOR", editor(project, body))
        monkeypatch.setenv("TMPDIR", str(project.folder))
        done = project.run("edit", review_id, *APP, *AS_MARIA)
        assert done.status == status
        one_line_without_traceback(done, [said])
        assert project.review(review_id).status == "pending"


def test_json_that_is_none_can_be_mended(project: Project) -> None:
    [review_id] = project.start({"amount": 1})
    body = "text = '{' if 'amount' in text else '{\"amount\": 2}'"
    session = Session(project, "edit", review_id, EDITOR=editor(project, body))
    session.to("Open it again? [y/N] ")
    session.child.sendline("y")
    session.to("Send this as maria? [y/N] ")
    session.child.sendline("y")
    assert session.end() == 0
    state = project.module().graph.get_state({"configurable": {"thread_id": "0"}})
    assert state.values["draft"] == {"amount": 2}


def test_with_yes_nothing_is_asked_about_it(project: Project) -> None:
    [review_id] = project.start({"amount": 1})
    variables: dict[str, Any] = {"EDITOR": editor(project, "text = '{'"), "TMPDIR": "."}
    session = Session(project, "edit", review_id, "--yes", **variables)
    assert session.end() == 2
    assert "no JSON" in session.shown
    assert "[y/N]" not in session.shown
    [kept] = project.folder.glob("review-*.txt")
    assert kept.read_text() == "{"
    assert project.review(review_id).status == "pending"


def test_what_was_written_is_kept_where_it_came_too_late(project: Project, review_id: str) -> None:
    session = Session(
        project, "edit", review_id, EDITOR=editor(project, "text = 'Mine'"), TMPDIR="."
    )
    session.to("[y/N] ")
    project.run("reject", review_id, *APP, "--as", "jo", "--yes")
    session.child.sendline("y")
    assert session.end() == 3
    [kept] = project.folder.glob("review-*.txt")
    assert kept.name in session.shown
    assert kept.read_text() == "Mine"
    assert Path(kept).stat().st_mode & 0o077 == 0


def test_no_editor_is_set(project: Project, review_id: str) -> None:
    session = Session(project, "edit", review_id, "--yes")
    assert session.end() == 2
    assert "$EDITOR is not set" in session.shown
