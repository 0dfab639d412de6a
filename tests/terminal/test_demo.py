"""`langgraph-hitl demo` in processes of its own: scripts, pauses, kills, exit status."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.terminal.support import command, environment, run, script

APPROVE = {"type": "approve"}
PROMPT = b"\n> "


def test_approved_three_times_is_published(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--as", "maria", "--script", script(tmp_path, *[APPROVE] * 3))
    assert done.returncode == 0, done.stderr
    assert "scripted model" in done.stdout
    assert "Published:" in done.stdout
    assert "publish_post: approved by maria" in done.stdout
    assert str(tmp_path / "post.sqlite") in done.stdout.replace("\n", "")
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80 + len(str(tmp_path))


@pytest.mark.parametrize("before", [0, 1, 2])
def test_rejected_at_each_checkpoint(tmp_path: Path, before: int) -> None:
    decisions = [*[APPROVE] * before, {"type": "reject", "message": "not now"}]
    done = run(tmp_path, "demo", "--script", script(tmp_path, *decisions))
    assert done.returncode == 4
    assert "Rejected and archived: not now" in done.stdout
    again = run(tmp_path, "demo")
    assert again.returncode == 4
    assert "is finished" in again.stdout


@pytest.mark.parametrize("how", ["script", "end of input", "q"])
def test_stopped_at_every_prompt_and_continued_in_a_new_process(tmp_path: Path, how: str) -> None:
    for answered in range(3):
        if how == "script":
            decisions = [APPROVE] if answered else []
            paused = run(tmp_path, "demo", "--script", script(tmp_path, *decisions))
        else:
            typed = ("a\n" if answered else "") + ("q\n" if how == "q" else "")
            paused = run(tmp_path, "demo", stdin=typed)
        assert paused.returncode == 3, paused.stderr
        assert "Go on with:" in paused.stdout
    done = run(tmp_path, "demo", stdin="a\n")
    assert done.returncode == 0
    assert "approve_outline" not in done.stdout
    assert "write_draft: approved" in done.stdout


def test_killed_at_every_prompt_and_continued(tmp_path: Path) -> None:
    for answers in (b"", b"a\n", b"a\n"):
        with subprocess.Popen(
            command("demo"),
            cwd=tmp_path,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdin is not None
            read_to_prompt(process)
            if answers:
                process.stdin.write(answers)
                process.stdin.flush()
                read_to_prompt(process)
            process.send_signal(signal.SIGKILL)
    done = run(tmp_path, "demo", stdin="a\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("What do you say?") == 1


def read_to_prompt(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    seen = b""
    while not seen.endswith(PROMPT):
        chunk = os.read(process.stdout.fileno(), 1)
        assert chunk, seen
        seen += chunk


def test_a_revision_shows_its_diff(tmp_path: Path) -> None:
    revise = {"type": "revise", "feedback": "shorter"}
    done = run(
        tmp_path, "demo", "--script", script(tmp_path, APPROVE, revise, APPROVE, APPROVE)
    )
    assert done.returncode == 0
    assert "Changes since the version before\n│ @@" in done.stdout
    assert "│ -What" not in done.stdout.split("Changes")[0]
    assert "accept_draft: approved" in done.stdout
    assert "after 1 revision(s)" in done.stdout


def test_revisions_are_bounded(tmp_path: Path) -> None:
    revise = {"type": "revise", "feedback": "something else"}
    done = run(tmp_path, "demo", "--script", script(tmp_path, APPROVE, *[revise] * 4))
    assert done.returncode == 4
    assert "accept_draft: rejected" in done.stdout
    assert "after 3 revision(s)" in done.stdout


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "blank"),
        ("approve", "write for example"),
        ('{"type": "yes"}', "unknown decision type"),
        ('{"type": "respond", "message": "x"}', "not allowed here"),
        ('{"type": "revise", "feedback": ""}', "not blank"),
        ('{"type": "edit", "value": {"a": 1}}', "expected JSON of the kind text"),
    ],
)
def test_a_bad_line_loses_nothing(tmp_path: Path, line: str, said: str) -> None:
    bad = run(tmp_path, "demo", "--script", script(tmp_path, APPROVE, line, APPROVE))
    assert bad.returncode == 2
    assert "line 2: " in bad.stderr
    assert said in bad.stderr
    assert "Traceback" not in bad.stderr
    assert len(bad.stderr.splitlines()) == 1
    good = run(tmp_path, "demo", "--script", script(tmp_path, APPROVE, APPROVE))
    assert good.returncode == 0
    assert good.stdout.count("Recorded: approve.") == 2


def test_an_edit_is_what_goes_on(tmp_path: Path) -> None:
    edit = {"type": "edit", "value": "My title\n- My own point"}
    done = run(tmp_path, "demo", "--script", script(tmp_path, edit, APPROVE, APPROVE))
    assert done.returncode == 0
    assert "│ My title\n│\n│ My own point" in done.stdout


def test_lines_that_were_not_needed_are_said(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--script", script(tmp_path, *[APPROVE] * 5))
    assert done.returncode == 0
    assert "Not needed: the last 2 of the script's lines." in done.stdout


def test_a_finished_thread_says_how_to_start_another(tmp_path: Path) -> None:
    file = script(tmp_path, *[APPROVE] * 3)
    run(tmp_path, "demo", "--script", file)
    again = run(tmp_path, "demo", "--script", file)
    assert again.returncode == 0
    assert "is finished" in again.stdout
    assert "--thread" in again.stdout
    other = run(tmp_path, "demo", "--thread", "post 2", "--db", "post.sqlite")
    assert other.returncode == 3
    assert "--thread 'post 2'" in other.stdout
    assert "begins" in other.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--script", "absent.jsonl"], "--script absent.jsonl: No such file"),
        (["--script", "."], "--script .: Is a directory"),
        (["--db", "."], "unable to open database file"),
        (["--db", "absent/post.sqlite"], "unable to open database file"),
        (["--db", "text"], "not a database"),
        (["--db", ""], "unable to open database file"),
        (["--thread", " "], "--thread is blank"),
        (["--as", ""], "--as is blank"),
        (["--model", "gpt"], "provider:name"),
        (["--model", "nobody:nothing"], "nobody:nothing"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "text").write_text("This is a text, and a long one, but no database. " * 30)
    done = run(tmp_path, "demo", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_database_of_something_else(tmp_path: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(tmp_path / "other.sqlite")
    connection.execute("create table checkpoints (something text)")
    connection.close()
    done = run(tmp_path, "demo", "--db", "other.sqlite")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_memory_is_the_name_of_a_file(tmp_path: Path) -> None:
    assert run(tmp_path, "demo", "--db", ":memory:").returncode == 3
    assert (tmp_path / ":memory:").exists()


def test_unknown_options_and_help(tmp_path: Path) -> None:
    assert run(tmp_path, "demo", "--bogus").returncode == 2
    helped = run(tmp_path, "demo", "--help")
    assert helped.returncode == 0
    for word in ("--script", "--db", "--thread", "--model", "--as", "3 paused", "4 rejected"):
        assert word in helped.stdout
    assert run(tmp_path, "--version").stdout.startswith("langgraph-hitl 0")
    assert "demo" in run(tmp_path, "--help").stdout
