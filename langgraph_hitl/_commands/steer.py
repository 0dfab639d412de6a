"""`langgraph-hitl steer`."""

from __future__ import annotations

import json
import shlex
from typing import Annotated, Any

import typer

from langgraph_hitl._commands.given import optional_words
from langgraph_hitl._commands.options import Reason, Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl._commands.supervising import OfGraph, ThreadId, order
from langgraph_hitl.review.strict_json import NotStrictJson, read_json


def steer(
    out: Output,
    thread: ThreadId,
    *,
    message: Annotated[
        str | None,
        typer.Option(
            "--message",
            metavar="TEXT",
            help="Words to the agent, added to its messages; - reads them from the standard input.",
        ),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--value",
            metavar="KEY=JSON",
            help="A new value of a state key, a text in quotes. Repeatable.",
        ),
    ] = None,
    reason: Reason = None,
    graph: OfGraph = None,
    where: Where,
    who: Who,
) -> Status:
    """Change the state of a paused thread, with which it goes on.

    --json: {"run": the run as it is then, see langgraph-hitl runs, "by": {"id", "roles"}}.
    """
    if message is None and not values:
        raise Refusal("steer takes --message TEXT, --value KEY=JSON, or both")
    more: dict[str, Any] = {"update": _update(values or []), "message": optional_words(message)}
    return order(out, "steer", thread, graph, reason=reason, where=where, who=who, **more)


def _update(values: list[str]) -> dict[str, Any] | None:
    update: dict[str, Any] = {}
    for each in values:
        key, sign, text = each.partition("=")
        if not sign or not key:
            raise Refusal(f"--value takes KEY=JSON, not {each[:40]!r}")
        try:
            update[key] = read_json(text)
        except NotStrictJson as error:
            quoted = shlex.quote(f"{key}={json.dumps(text, ensure_ascii=False)}")
            raise Refusal(
                f"--value {key}=... is no JSON ({error}); a text is written --value {quoted[:200]}"
            ) from None
    return update or None
