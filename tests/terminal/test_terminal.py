"""The demo at a real pseudo-terminal."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.terminal.support import command, environment

SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
PROMPT = r"\n(?:\x1b\[\?2004h)?> "
TIMEOUT = 60


class Session:
    """The demo as a person sees it."""

    def __init__(self, folder: Path, **changes: str) -> None:
        program, *arguments = command("demo", "--as", "maria")
        variables = environment(TERM="xterm-256color", **changes)
        del variables["COLUMNS"]
        self.child = pexpect.spawn(
            program,
            arguments,
            cwd=str(folder),
            env=variables,
            dimensions=(40, 80),
            encoding="utf-8",
            timeout=TIMEOUT,
        )
        self.raw = ""

    def to_prompt(self) -> str:
        """What is shown up to the next prompt."""
        self.child.expect(PROMPT)
        self.raw += self.child.before
        return str(self.child.before)

    def type(self, line: str) -> str:
        self.child.sendline(line)
        return self.to_prompt()

    def status(self) -> int:
        """The exit status, at the end of the output."""
        self.child.expect(pexpect.EOF)
        self.raw += self.child.before
        self.child.close()
        return int(self.child.exitstatus)

    @property
    def lines(self) -> list[str]:
        """What was shown, without colours."""
        return [line.rstrip("\r") for line in SEQUENCE.sub("", self.raw).split("\n")]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(tmp_path)
    yield made
    made.child.close(force=True)


def test_a_person_publishes_a_post(session: Session) -> None:
    first = session.to_prompt()
    assert "\x1b[" in first
    for nothing in ("", "   ", ""):
        assert "An empty line decides nothing." in session.type(nothing)
    assert "accept_draft" in session.type("a")
    session.child.sendline("v")
    session.to_prompt()
    revised = session.type("shorter")
    assert "Changes since the version before" in revised
    assert "publish_post" in session.type("a: better")
    session.child.sendline("a")
    assert session.status() == 0
    assert "Published:" in session.raw
    assert max(map(len, session.lines)) <= 80


def test_control_d_and_control_c_pause_and_decide_nothing(tmp_path: Path) -> None:
    first = Session(tmp_path)
    first.to_prompt()
    first.child.sendeof()
    assert first.status() == 3
    second = Session(tmp_path)
    assert "goes on where it stopped" in SEQUENCE.sub("", second.to_prompt())
    second.child.sendintr()
    assert second.status() == 3
    third = Session(tmp_path)
    third.to_prompt()
    third.child.sendline("r")
    third.to_prompt()
    third.child.sendintr()
    assert third.status() == 3
    fourth = Session(tmp_path)
    assert "write_draft" in fourth.to_prompt()
    fourth.child.kill(signal.SIGKILL)
    fourth.child.close(force=True)
    assert "Traceback" not in first.raw + second.raw + third.raw


def test_what_was_typed_before_a_question_is_no_answer_to_it(session: Session) -> None:
    session.to_prompt()
    session.child.send("a\na\na\n")
    session.to_prompt()
    session.child.sendeof()
    assert session.status() == 3
    assert "Published:" not in session.raw


def test_no_color_is_plain(tmp_path: Path) -> None:
    plain = Session(tmp_path, NO_COLOR="1")
    shown = plain.to_prompt()
    plain.child.sendline("q")
    assert plain.status() == 3
    assert "\x1b" not in shown.replace("\x1b[?2004h", "")
