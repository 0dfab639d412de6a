"""How reviews, lists and histories look. Everything of a model goes through `one_line`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import OverflowMethod
from rich.table import Table
from rich.text import Text

from langgraph_hitl._commands.columns import GAP, narrowed
from langgraph_hitl._commands.standing import is_overridden, looked_at_by
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl._terminal.render import value_text
from langgraph_hitl._terminal.sanitise import one_line
from langgraph_hitl._terminal.screen import Screen
from langgraph_hitl.review.request import ReviewRequest

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review
    from langgraph_hitl.inbox._ledger.audit import AuditRow

SHORT_ID = 11
"""`rv-` and eight of the digits."""

_MAX_CELL = 300
_OPTIONAL = ("due", "risk", "level", "assigned", "looks at it", "until", "graph")
"""Columns that are left out where nothing is in them."""

_LIST_GIVES_WAY = (
    ("subject", 16),
    ("id", 9),
    ("action", 8),
    ("queue", 8),
    ("graph", 8),
    ("thread", 20),
    ("subject", 8),
    ("priority", 6),
    ("action", 6),
    ("queue", 6),
    ("risk", 4),
    ("assigned", 8),
    ("looks at it", 8),
    ("by", 8),
    ("level", 6),
    ("thread", 8),
)
_HISTORY_GIVES_WAY = (("reason", 16), ("by", 12), ("reason", 6))


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


def list_table(reviews: Sequence[Review], width: int, *, now: datetime) -> Table:
    """A page of reviews, its threads readable as far as the width allows."""
    columns: list[tuple[str, list[str]]] = [
        ("id", [review.id[:SHORT_ID] for review in reviews]),
        ("priority", [review.priority for review in reviews]),
        ("due", [moment_text(review.due) for review in reviews]),
        ("queue", [review.queue for review in reviews]),
        ("risk", [review.risk or "" for review in reviews]),
        ("level", [review.level or "" for review in reviews]),
        ("assigned", [review.assigned or "" for review in reviews]),
        ("looks at it", [_who_looks(review, now) for review in reviews]),
        ("until", [moment_text(review.hidden_until) for review in reviews]),
        ("action", [review.action for review in reviews]),
        ("graph", _graphs(reviews)),
        ("thread", [review.thread_id for review in reviews]),
        ("subject", [_subject(review) for review in reviews]),
    ]
    return _of_columns(columns, width)


def decided_table(reviews: Sequence[Review], width: int) -> Table:
    """A page of what was decided."""
    columns = [
        ("id", [review.id[:SHORT_ID] for review in reviews]),
        ("decided", [moment_text(review.decided_at) for review in reviews]),
        ("outcome", [_outcome(review) for review in reviews]),
        ("by", [review.decided_by or "" for review in reviews]),
        ("queue", [review.queue for review in reviews]),
        ("risk", [review.risk or "" for review in reviews]),
        ("action", [review.action for review in reviews]),
        ("graph", _graphs(reviews)),
        ("thread", [review.thread_id for review in reviews]),
        ("subject", [_subject(review) for review in reviews]),
    ]
    return _of_columns(columns, width)


def _graphs(reviews: Sequence[Review]) -> list[str]:
    """Nothing where all are of one graph."""
    several = len({review.graph for review in reviews}) > 1
    return [review.graph if several else "" for review in reviews]


def _subject(review: Review) -> str:
    return value_text(review.request.get("subject")) if review.request else "(removed)"


def _outcome(review: Review) -> str:
    """What the graph was told; and whether somebody has overridden that since."""
    later = ", overridden" if is_overridden(review) else ""
    return f"{review.outcome or ''}{later}"


def _of_columns(columns: Sequence[tuple[str, list[str]]], width: int) -> Table:
    shown = [each for each in columns if each[0] not in _OPTIONAL or any(each[1])]
    names = [name for name, _ in shown]
    rows = [list(row) for row in zip(*(cells for _, cells in shown), strict=True)]
    return _table(names, rows, width, _LIST_GIVES_WAY)


def _who_looks(review: Review, now: datetime) -> str:
    return str(review.claimed_by) if looked_at_by(review, now) else ""


def history_table(rows: Sequence[AuditRow], *, width: int) -> Table:
    """What happened to a review, the oldest first."""
    names = ["at", "event", "round", "by", "through", "outcome", "reason"]
    cells = [
        [
            moment_text(row.at),
            row.event,
            "" if row.round is None else str(row.round),
            row.actor,
            row.channel,
            row.outcome or "",
            "(redacted)" if row.redacted else row.reason or "",
        ]
        for row in rows
    ]
    return _table(names, cells, width, _HISTORY_GIVES_WAY)


def plain_table(names: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Table:
    """A table of which every column gives way."""
    return _table(names, rows, width, [(name, 12) for name in reversed(names)])


def write_facts(screen: Screen, pairs: Sequence[tuple[str, Any]]) -> None:
    """Names and values, never broken into lines, so that digests can be copied."""
    known = [(name, value) for name, value in pairs if value not in (None, "")]
    width = max(len(name) for name, _ in known)
    for name, value in known:
        screen.console.file.write(f"{name:<{width}}  {one_line(str(value))}\n")
    screen.console.file.flush()


def _table(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    giving_way: Sequence[tuple[str, int]],
) -> Table:
    shown = [[_cell(value) for value in row] for row in rows]
    columns = zip(names, *shown, strict=True)
    wanted = {column[0]: max(map(cell_len, column)) for column in columns}
    table = Table(box=None, padding=(0, GAP, 0, 0), header_style="bold", pad_edge=False)
    for name, taken in narrowed(wanted, width, giving_way).items():
        # The beginning of an id is an id that can be given; with an ellipsis it is none.
        cut: OverflowMethod = "crop" if name == "id" else "ellipsis"
        table.add_column(name, width=taken, no_wrap=True, overflow=cut)
    for row in shown:
        table.add_row(*(Text(value, no_wrap=True) for value in row))
    return table


def _cell(value: str) -> str:
    line = one_line(value[:_MAX_CELL])
    return line if len(value) <= _MAX_CELL else f"{line}…"


def moment_text(at: datetime | None) -> str:
    """A moment in UTC, to the minute."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at is not None else ""
