"""What the commands take. A group is a dataclass, whose fields become options of a command."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import typer

INBOX_VARIABLE = "LANGGRAPH_HITL_INBOX"

ReviewId = Annotated[
    str, typer.Argument(metavar="REVIEW", help="The id of a review, or how it begins.")
]
Text = Annotated[
    str, typer.Argument(metavar="TEXT", help="The words; - reads them from the standard input.")
]
RatingWord = Annotated[
    str | None,
    typer.Option(
        "--rating",
        metavar="RATING",
        help="correct, partially_correct, incorrect or needs_improvement, where the gate rates.",
    ),
]
ResumeWord = Literal["now", "worker"]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="DATE",
        help="From this day (by UTC) or moment on, as 2026-01-31, or a time ago, as 7d.",
    ),
]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="DATE", help="Up to this day, or before this moment."),
]
OutFile = Annotated[
    str | None,
    typer.Option("--out", metavar="FILE", help="Into this file, written anew; else to stdout."),
]


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where the reviews and their graphs are."""

    inbox: Annotated[
        str | None,
        typer.Option(
            "--inbox",
            metavar="URL",
            envvar=INBOX_VARIABLE,
            help="sqlite:///reviews.db or postgresql://user@host/database; else as the "
            "configuration says, else the inbox of the graphs.",
        ),
    ] = None
    app: Annotated[
        list[str],
        typer.Option(
            "--app",
            metavar="MODULE:GRAPH",
            help="A graph, or a function that makes it: module:graph or path/file.py:graph, with "
            "name= before it to register it under a name. Repeatable. Else the configuration, "
            "else the graphs of langgraph.json.",
        ),
    ] = field(default_factory=list)
    directory: Annotated[
        Path | None,
        typer.Option(
            "--directory",
            metavar="FILE",
            help="People in YAML, which say who --as is, where the inbox is opened without its "
            "graphs; else `directory` of the configuration.",
        ),
    ] = None
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="A langgraph.json, or a TOML file with inbox, as, roles, directory and apps; "
            "else the langgraph.json, langgraph-hitl.toml or pyproject.toml "
            "([tool.langgraph-hitl]) of "
            "this folder.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Who:
    """Who acts. It is a claim: whoever can write to the inbox's database can be anybody."""

    as_: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Who decides; else `as` of the configuration."),
    ] = None
    role: Annotated[
        list[str],
        typer.Option(
            "--role", metavar="ROLE", help="A role of who decides. Repeatable; else `roles`."
        ),
    ] = field(default_factory=list)
    level: Annotated[
        str | None,
        typer.Option("--level", metavar="LEVEL", help="The level of who decides, as lead."),
    ] = None
    skill: Annotated[
        list[str],
        typer.Option("--skill", metavar="SKILL", help="A skill of who decides. Repeatable."),
    ] = field(default_factory=list)


Reason = Annotated[str | None, typer.Option("--reason", "-m", metavar="TEXT", help="Why.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Without a question.")]
Resume = Annotated[
    ResumeWord | None,
    typer.Option("--resume", help="now: run the graph here. worker: leave it to a worker."),
]


@dataclass(frozen=True, kw_only=True)
class How:
    """How a decision is bound to what was looked at, and when the graph goes on."""

    seen: Annotated[
        str | None,
        typer.Option(
            "--seen",
            metavar="DIGEST",
            help="The digest of what you looked at (see show); another version is refused.",
        ),
    ] = None
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help="Decide what waits now, without a question."),
    ] = False
    resume: Annotated[
        ResumeWord | None,
        typer.Option(
            "--resume",
            help="now: run the graph here. worker: leave it to langgraph-hitl work. Without it: "
            "here, if the graph is given.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Deciding(How, Who, Where):
    """What all deciding commands take."""
