"""A report as CSV, which spreadsheets open without running anything in it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from langgraph_hitl.inbox._report.line import ReportLine

COLUMNS = (
    *("seq", "at", "event", "review_id", "graph", "thread_id", "action", "queue", "requester"),
    *("round", "outcome", "actor", "channel", "decision", "reason", "digest", "redacted", "hash"),
)

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Echo:
    """Gives back what a CSV writer writes."""

    def write(self, text: str) -> str:
        return text


def csv_lines(lines: Iterable[ReportLine]) -> Iterator[str]:
    """The heading and a line for every event; `decision` is the kind of decision."""
    # Quoted, so that a program that parts cells by something else finds no cell inside of one.
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_NONNUMERIC)
    yield _text(writer.writerow(COLUMNS))
    for line in lines:
        kind = None if line.decision is None else line.decision.get("type")
        cells = [kind if name == "decision" else getattr(line, name) for name in COLUMNS]
        yield _text(writer.writerow([_cell(cell) for cell in cells]))


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str):
        return value
    value = value.replace("\x00", "\ufffd")
    begins = value.startswith(_BEGINS_A_FORMULA) or value.lstrip().startswith(_BEGINS_A_FORMULA)
    return f"'{value}" if begins else value


def _text(written: Any) -> str:
    return str(written)
