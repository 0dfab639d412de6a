"""How reviews, lists and histories look. Everything of a model goes through `one_line`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from langgraph_hitl._commands.shapes import priority_of
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl._terminal.render import request_parts, value_text
from langgraph_hitl._terminal.sanitise import one_line
from langgraph_hitl._terminal.screen import Screen
from langgraph_hitl.review.request import ReviewRequest

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review
    from langgraph_hitl.inbox._ledger.audit import AuditRow

SHORT_ID = 11
"""`rv-` and eight of the digits."""

_MAX_CELL = 300


def request_of(review: Review) -> ReviewRequest:
    """What the people are asked; raises `Refusal` where this release cannot read it."""
    schema = (review.question or {}).get("schema")
    request = ReviewRequest.from_interrupt("", review.request, schema)
    if request is None:
        raise Refusal(
            f"The review {review.id} was redacted, or another release wrote it; it cannot be shown",
            Status.FAILED,
        )
    return request


def list_table(reviews: Sequence[Review]) -> Table:
    """A page of reviews."""
    with_due = any(review.due for review in reviews)
    with_risk = any(review.risk for review in reviews)
    names = ["id", "priority", *(["due"] * with_due), "queue", *(["risk"] * with_risk)]
    table = _table(*names, "action", "thread", "subject")
    for review in reviews:
        cells = [review.id[:SHORT_ID], priority_of(review)]
        cells += [_moment(review.due)] * with_due
        cells += [review.queue]
        cells += [review.risk or ""] * with_risk
        cells += [review.action, review.thread_id, value_text(review.request.get("subject"))]
        table.add_row(*map(_cell, cells))
    return table


def history_table(rows: Sequence[AuditRow]) -> Table:
    """What happened to a review, the oldest first."""
    table = _table("at", "event", "round", "by", "through", "outcome", "reason")
    for row in rows:
        cells = [
            _moment(row.at),
            row.event,
            "" if row.round is None else str(row.round),
            row.actor,
            row.channel,
            row.outcome or "",
            "(redacted)" if row.redacted else row.reason or "",
        ]
        table.add_row(*map(_cell, cells))
    return table


def write_facts(screen: Screen, pairs: Sequence[tuple[str, Any]]) -> None:
    """Names and values, never broken into lines, so that digests can be copied."""
    known = [(name, value) for name, value in pairs if value not in (None, "")]
    width = max(len(name) for name, _ in known)
    for name, value in known:
        screen.console.file.write(f"{name:<{width}}  {one_line(str(value))}\n")
    screen.console.file.flush()


def show_review(screen: Screen, review: Review) -> None:
    """One review: what the inbox knows about it, then the request."""
    request = request_of(review)
    write_facts(screen, _facts(review))
    for part in request_parts(request, waiting=1, width=screen.console.width):
        screen.write(part)


def _facts(review: Review) -> list[tuple[str, Any]]:
    decided = ""
    if review.decided_by is not None:
        decided = f"{review.outcome} by {review.decided_by} at {_moment(review.decided_at)}"
    return [
        ("review", review.id),
        ("status", review.status),
        ("decided", decided),
        ("graph", review.graph),
        ("queue", f"{review.queue}, {priority_of(review)}"),
        ("risk", review.risk),
        ("due", _moment(review.due)),
        ("decided by", _who(review) if review.status == "pending" else ""),
        ("digest", review.digest),
        ("failed", _failure(review)),
    ]


def _failure(review: Review) -> str:
    counted = f"{review.attempts} times: " if review.attempts else ""
    return f"{counted}{review.error}" if review.error else ""


def _who(review: Review) -> str:
    names = [key.partition(":")[2] or key for key in review.eligible]
    return "anybody" if "*" in review.eligible else ", ".join(names)


def _table(*names: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for name in names:
        last = name in ("subject", "reason")
        table.add_column(name, no_wrap=True, overflow="ellipsis", ratio=1 if last else None)
    return table


def _cell(value: str) -> Text:
    return Text(one_line(value[:_MAX_CELL]), no_wrap=True, overflow="ellipsis")


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at is not None else ""
