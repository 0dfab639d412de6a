"""`langgraph-hitl demo`: scripts, pauses, kills, exit status.

`run` starts a new process; `cli` is the same command line inside this one, which is faster.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel

from langgraph_hitl._demo import command as demo
from langgraph_hitl._demo.writer import ScriptedWriter
from tests.terminal.support import Cli, command, environment, hide, run, script

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
def test_rejected_at_each_checkpoint(cli: Cli, tmp_path: Path, before: int) -> None:
    decisions = [*[APPROVE] * before, {"type": "reject", "message": "not now"}]
    done = cli("demo", "--as", "maria", "--script", script(tmp_path, *decisions))
    assert done.returncode == 4
    assert "rejected by maria" in done.stdout
    assert "Rejected and archived: not now" in done.stdout
    again = cli("demo")
    assert again.returncode == 4
    assert "is finished" in again.stdout


@pytest.mark.parametrize("how", ["script", "end of input", "q"])
def test_stopped_at_every_prompt_and_continued(cli: Cli, tmp_path: Path, how: str) -> None:
    for answered in range(3):
        if how == "script":
            decisions = [APPROVE] if answered else []
            paused = run(tmp_path, "demo", "--script", script(tmp_path, *decisions))
        else:
            typed = ("a\n" if answered else "") + ("q\n" if how == "q" else "")
            paused = cli("demo", stdin=typed)
        assert paused.returncode == 3, paused.stderr
        assert "Go on with:" in paused.stdout
    done = cli("demo", stdin="a\n")
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
    done = run(tmp_path, "demo", "--script", script(tmp_path, APPROVE, revise, APPROVE, APPROVE))
    assert done.returncode == 0
    assert "Changes since the version before\n│ @@" in done.stdout
    assert "│ -What" not in done.stdout.split("Changes")[0]
    assert "accept_draft: approved" in done.stdout
    assert "after 1 revision(s)" in done.stdout


def test_revisions_are_bounded(cli: Cli, tmp_path: Path) -> None:
    revise = {"type": "revise", "feedback": "something else"}
    done = cli("demo", "--script", script(tmp_path, APPROVE, *[revise] * 4))
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
def test_a_bad_line_loses_nothing(cli: Cli, tmp_path: Path, line: str, said: str) -> None:
    bad = cli("demo", "--script", script(tmp_path, APPROVE, line, APPROVE))
    assert bad.returncode == 2
    assert "line 2: " in bad.stderr
    assert said in bad.stderr
    assert "Traceback" not in bad.stderr
    assert len(bad.stderr.splitlines()) == 1
    good = cli("demo", "--script", script(tmp_path, APPROVE, APPROVE))
    assert good.returncode == 0
    assert good.stdout.count("Recorded: approve.") == 2


def test_an_edit_is_what_goes_on(cli: Cli, tmp_path: Path) -> None:
    edit = {"type": "edit", "value": "My title\n- My own point"}
    done = cli("demo", "--script", script(tmp_path, edit, APPROVE, APPROVE))
    assert done.returncode == 0
    assert "│ My title\n│\n│ My own point" in done.stdout


def test_lines_that_were_not_needed_are_said(cli: Cli, tmp_path: Path) -> None:
    done = cli("demo", "--script", script(tmp_path, *[APPROVE] * 5))
    assert done.returncode == 0
    assert "Not needed: the last 2 of the script's lines." in done.stdout


def test_a_finished_thread_says_how_to_start_another(cli: Cli, tmp_path: Path) -> None:
    file = script(tmp_path, *[APPROVE] * 3)
    cli("demo", "--script", file)
    again = cli("demo", "--script", file)
    assert again.returncode == 0
    assert "is finished" in again.stdout
    assert "--thread" in again.stdout
    other = cli("demo", "--thread", "post 2", "--db", "post.sqlite")
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
def test_bad_input_is_one_line(cli: Cli, tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "text").write_text("This is a text, and a long one, but no database. " * 30)
    done = cli("demo", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_database_of_something_else(cli: Cli, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "other.sqlite")
    connection.execute("create table checkpoints (something text)")
    connection.close()
    done = cli("demo", "--db", "other.sqlite")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_memory_is_the_name_of_a_file(cli: Cli, tmp_path: Path) -> None:
    assert cli("demo", "--db", ":memory:").returncode == 3
    assert (tmp_path / ":memory:").exists()


def test_unknown_options_and_help(cli: Cli, tmp_path: Path) -> None:
    assert cli("demo", "--bogus").returncode == 2
    helped = cli("demo", "--help")
    assert helped.returncode == 0
    for word in ("--script", "--db", "--thread", "--model", "--as", "3 paused", "4 rejected"):
        assert word in helped.stdout
    assert cli("--version").stdout.startswith("langgraph-hitl 0")
    assert "demo" in cli("--help").stdout


def test_nobody_to_log_in(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid")

    monkeypatch.setattr("getpass.getuser", nobody)
    done = cli("demo", stdin="r: no\n")
    assert "write_draft: rejected by somebody" in done.stdout


def test_control_c_while_the_graph_works(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(self: ScriptedWriter, *_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ScriptedWriter, "_generate", stopped)
        done = cli("demo")
    assert done.returncode == 3
    assert done.stderr == "Stopped. Run the same command again to go on.\n"
    assert "goes on where it stopped" in cli("demo", stdin="q\n").stdout


class Unwell(ScriptedWriter):
    """A model that fails, or has nothing to say."""

    problem: str = ""

    def _generate(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError(self.problem)


@pytest.mark.parametrize(("problem", "said"), [("no key\nmore", "no key"), ("", "RuntimeError")])
def test_a_model_that_fails_loses_nothing(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, problem: str, said: str
) -> None:
    monkeypatch.setattr(demo, "real_writer", lambda _name: Unwell(problem=problem))
    done = cli("demo", "--model", "some:model")
    assert done.returncode == 2
    assert done.stdout.startswith("The writer is some:model.")
    assert said in done.stderr
    assert "more" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert cli("demo", stdin="a\na\na\n").returncode == 0


def test_a_real_model_can_write(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["Mine\n- one", "Mine\n\nA text.", "Mine\n\nAnother text."]
    model = FakeListChatModel(responses=answers)
    monkeypatch.setattr("langchain.chat_models.init_chat_model", lambda _name: model)
    done = cli("demo", "--model", "some:model", stdin="a\nv: other\na\n")
    assert done.returncode == 3
    assert "scripted" not in done.stdout
    assert "│ +Another text." in done.stdout
    assert "langgraph-hitl demo --model some:model" in done.stdout


def test_a_model_without_words_is_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    model = FakeListChatModel(responses=["Mine\n- one", ""])
    monkeypatch.setattr(demo, "real_writer", lambda _name: model)
    done = cli("demo", "--model", "some:model", stdin="v: other\n")
    assert done.returncode == 2
    assert "the reviser returned nothing" in done.stderr


def test_other_errors_are_not_hidden(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScriptedWriter, "_generate", Unwell._generate)
    monkeypatch.setattr(ScriptedWriter, "problem", "a bug", raising=False)
    with pytest.raises(RuntimeError, match="a bug"):
        cli("demo")


def test_without_langchain_the_extra_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain", None)
    monkeypatch.delitem(sys.modules, "langchain.chat_models", raising=False)
    done = cli("demo", "--model", "some:model")
    assert done.returncode == 2
    assert "langgraph-hitl[agent]" in done.stderr


def test_a_broken_langchain_is_not_blamed_on_the_extra(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide(monkeypatch, "langchain.chat_models", blaming="elsewhere")
    done = cli("demo", "--model", "some:model")
    assert done.returncode == 2
    assert "elsewhere" in done.stderr
    assert "[agent]" not in done.stderr


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_the_command_names_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    hide(monkeypatch, missing)
    done = cli("demo")
    assert done.returncode == 2
    assert done.stderr == 'langgraph-hitl needs an extra: pip install "langgraph-hitl[cli]"\n'


def test_a_broken_typer_is_not_blamed_on_the_extra(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide(monkeypatch, "typer", blaming="elsewhere")
    with pytest.raises(ModuleNotFoundError, match="elsewhere"):
        cli("demo")
