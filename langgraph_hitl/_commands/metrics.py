"""`langgraph-hitl metrics`: how many reviews wait, for how long, and what was decided."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import Where
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.status import Refusal
from langgraph_hitl._commands.tables import write_facts

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.metrics import Metrics, Times


def metrics(
    out: Output,
    *,
    prometheus: Annotated[
        bool, typer.Option("--prometheus", help="In the text format of Prometheus.")
    ] = False,
    where: Where,
) -> None:
    """Show how many reviews wait, for how long, and what was decided.

    --json: {"reviews", "queues", "kinds", "oldest", "overdue", "to_drive", "failing", "outcomes",
    "waiting", "response"}; times are in seconds.
    """
    if prometheus and out.as_json:
        raise Refusal("--prometheus and --json are two formats; give one")
    with opened(settings_of(where), need="to find the inbox", say=out.say) as desk:
        found = desk.inbox.metrics()
        if prometheus:
            from langgraph_hitl.telemetry.prometheus import prometheus_text

            out.file.write(prometheus_text(found, desk.inbox.report().outcomes))
            return
    if out.as_json:
        out.document(_document(found))
        return
    pairs: list[tuple[str, Any]] = [
        *((status, count) for status, count in found.reviews.items()),
        ("overdue", found.overdue),
        ("to drive", found.wakeful),
        ("failing", found.failing),
        ("waited longest", found.waiting.max),
        ("median to decide", found.response.median),
        *((f"queue {queue}", count) for queue, count in found.queues.items()),
        *((outcome, count) for outcome, count in found.outcomes.items()),
    ]
    write_facts(out.results, [(name, str(value)) for name, value in pairs if value is not None])


def _document(found: Metrics) -> dict[str, Any]:
    return {
        "reviews": dict(found.reviews),
        "queues": dict(found.queues),
        "kinds": dict(found.kinds),
        "oldest": found.oldest,
        "overdue": found.overdue,
        "to_drive": found.wakeful,
        "failing": found.failing,
        "outcomes": dict(found.outcomes),
        "waiting": _times(found.waiting),
        "response": _times(found.response),
    }


def _times(times: Times) -> dict[str, Any]:
    """Times in seconds."""
    return {
        name: value.total_seconds() if isinstance(value, timedelta) else value
        for name, value in vars(times).items()
    }
