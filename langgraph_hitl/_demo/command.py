"""The command `demo`: options, exit status, and what is said before and after."""

from __future__ import annotations

import getpass
import shlex
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl._demo.post import FIRST_INPUT, build
from langgraph_hitl._demo.writer import ScriptedWriter, real_writer
from langgraph_hitl._terminal.drive import drive
from langgraph_hitl._terminal.keyboard import Keyboard
from langgraph_hitl._terminal.render import Barred, shown_text
from langgraph_hitl._terminal.sanitise import one_line
from langgraph_hitl._terminal.screen import Screen
from langgraph_hitl._terminal.script import BadScript, Script
from langgraph_hitl.errors import HitlError, MissingExtra

PUBLISHED, BAD_INPUT, PAUSED, REJECTED = 0, 2, 3, 4
DEFAULT_DB = Path("post.sqlite")
DEFAULT_THREAD = "post-1"


class BadInput(Exception):
    """Something that was given does not work; one line says what, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command was given."""

    db: Path
    thread: str
    script: Path | None
    model: str | None
    by: str

    @property
    def command(self) -> str:
        """The command that goes on with this thread at a terminal."""
        words = ["langgraph-hitl", "demo"]
        if self.db != DEFAULT_DB:
            words += ["--db", str(self.db)]
        if self.thread != DEFAULT_THREAD:
            words += ["--thread", self.thread]
        if self.model:
            words += ["--model", self.model]
        return shlex.join(words)


def demo(
    db: Annotated[
        Path, typer.Option(metavar="FILE", help="The SQLite file that keeps threads and history.")
    ] = DEFAULT_DB,
    thread: Annotated[
        str, typer.Option(metavar="ID", help="Which post; a new name starts a new one.")
    ] = DEFAULT_THREAD,
    script: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help='Answer from this file, one decision a line, such as {"type": "approve"}, '
            '{"type": "revise", "feedback": "shorter"}, {"type": "edit", "value": "..."} or '
            '{"type": "reject", "message": "..."}.',
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="PROVIDER:NAME",
            help="Let a real chat model write (extra agent, and the provider's package and key).",
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Who decides.", show_default="the login name"),
    ] = None,
) -> None:
    """Write a post, review it at three checkpoints, publish it.

    You approve the outline, review the draft (ask for changes and see what changed), and approve
    the publication. Stop at any prompt with q, Ctrl-C or Ctrl-D, and run the same command again: it
    goes on where it stopped. Without --model no key is needed; a scripted model writes.

    Exit status: 0 published, 3 paused, 4 rejected, 2 bad input or failure; nothing is lost by any.
    """
    try:
        options = Options(db=db, thread=thread, script=script, model=model, by=_name(by))
        status = _run(options)
    except (BadInput, BadScript) as error:
        print(f"langgraph-hitl demo: {one_line(str(error))}", file=sys.stderr)
        status = BAD_INPUT
    except KeyboardInterrupt:
        print("Stopped. Run the same command again to go on.", file=sys.stderr)
        status = PAUSED
    raise typer.Exit(status)


def _run(options: Options) -> int:
    if not options.thread.strip():
        raise BadInput("--thread is blank; give the post a name")
    screen = Screen()
    script = _script(options.script)
    writer = _writer(options.model)
    config: RunnableConfig = {"configurable": {"thread_id": options.thread}}
    with _saver(options.db) as saver:
        app = build(writer, saver)
        state = app.get_state(config)
        if state.values.get("status") and not state.next:
            return _finished_before(screen, options, state.values)
        _introduce(screen, options, resumed=state.created_at is not None)
        person = script or Keyboard(screen)
        first_input = FIRST_INPUT if state.created_at is None else None
        with _model_failures(options):
            values = drive(app, first_input, config, person=person, screen=screen, by=options.by)
        if script is not None and script.unused:
            screen.say(f"Not needed: the last {script.unused} of the script's lines.", "yellow")
        return _finish(screen, options, values)


def _introduce(screen: Screen, options: Options, *, resumed: bool) -> None:
    if options.model:
        screen.say(f"The writer is {options.model}.", "bold")
    else:
        screen.say(
            "The writer is a scripted model: it follows a few rules and understands nothing. "
            "Try the feedback “shorter”, “longer”, or a new title in quotes.",
            "bold",
        )
    began = "goes on where it stopped" if resumed else "begins"
    screen.say(f"The post {options.thread!r} {began}; {options.db} keeps it.")


def _finish(screen: Screen, options: Options, values: dict[str, Any]) -> int:
    status = _outcome(values)
    screen.say("")
    if status == PAUSED:
        screen.say("Go on with:")
        screen.say(f"  {options.command}", "bold")
        return status
    _tell_outcome(screen, values)
    screen.say("")
    screen.say("The reviews:", "bold")
    for record in values.get("reviews", []):
        rounds = f" after {record['round']} revision(s)" if record["round"] else ""
        who = f" by {record['decided_by']}" if record["decided_by"] else ""
        screen.say(f"  {record['action']}: {record['outcome']}{who}{rounds}")
    screen.say(
        f"Every version and remark: state['reviews'] of the thread {options.thread!r} in "
        f"{options.db.absolute()}"
    )
    return status


def _tell_outcome(screen: Screen, values: dict[str, Any]) -> None:
    if _outcome(values) == PUBLISHED:
        screen.say("Published:", "bold green")
        screen.write(Barred([shown_text(values["post"])]))
    else:
        reason = f": {values['reason']}" if values.get("reason") else "."
        screen.say(f"Rejected and archived{reason}", "bold red")


def _finished_before(screen: Screen, options: Options, values: dict[str, Any]) -> int:
    screen.say(f"The post {options.thread!r} in {options.db} is finished.", "bold")
    _tell_outcome(screen, values)
    screen.say("Start another one with --thread and a new name, such as --thread post-2.")
    return _outcome(values)


def _outcome(values: dict[str, Any]) -> int:
    return {"published": PUBLISHED, "archived": REJECTED}.get(values.get("status", ""), PAUSED)


def _name(given: str | None) -> str:
    if given is None:
        try:
            return getpass.getuser()
        except (KeyError, OSError, ImportError):  # no such user, as in some containers
            return "somebody"
    if not given.strip():
        raise BadInput("--as is blank; give a name or leave it out")
    return given


def _script(path: Path | None) -> Script | None:
    try:
        return None if path is None else Script(path)
    except (OSError, ValueError) as error:
        raise BadInput(f"--script {path}: {_reason(error)}") from None


def _writer(name: str | None) -> BaseChatModel:
    if name is None:
        return ScriptedWriter()
    provider, _, model = name.partition(":")
    if not provider.strip() or not model.strip():
        raise BadInput(f"--model {name!r}: write it as provider:name, such as openai:gpt-5")
    try:
        return real_writer(name)
    except MissingExtra as error:
        raise BadInput(str(error)) from None
    except Exception as error:  # what an unknown model, a missing package or key raises varies
        raise BadInput(f"--model {name}: {_first_line(error)}") from None


@contextmanager
def _saver(path: Path) -> Iterator[SqliteSaver]:
    """The checkpointer on a file; every complaint of SQLite becomes one line."""
    try:
        # Absolute, because SQLite reads "" and ":memory:" as a database that nobody can resume.
        connection = sqlite3.connect(path.absolute(), check_same_thread=False)
        with closing(connection):
            saver = SqliteSaver(connection)
            saver.setup()
            yield saver
    except (sqlite3.Error, ValueError) as error:
        raise BadInput(
            f"--db {path}: {_reason(error)}; name a SQLite file in a folder that can be written to"
        ) from None


@contextmanager
def _model_failures(options: Options) -> Iterator[None]:
    """A model that fails leaves the thread as it was."""
    try:
        yield
    except (BadScript, BrokenPipeError, sqlite3.Error):
        raise
    except Exception as error:
        if options.model is None and not isinstance(error, HitlError):
            raise
        raise BadInput(
            f"the writer failed ({_first_line(error)}); nothing is lost, run the command again"
        ) from None


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:300]}"


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
