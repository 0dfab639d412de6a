"""A report as one HTML page that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from langgraph_hitl.inbox._report.line import ReportLine

if TYPE_CHECKING:
    from langgraph_hitl.inbox._report.report import Report

_MAX_CELL = 2_000
_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;
color:#1b1f24;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #d8dee4}
th{background:#f3f5f7}td{overflow-wrap:anywhere}td.n{text-align:right}
.facts{width:auto}.muted{color:#57606a}code{font-size:.85em;overflow-wrap:anywhere}
tr.overridden,tr.refused,tr.timed_out{background:#fff6e0}tr.redacted td{color:#57606a}
@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}
""".replace("\n", "")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_HEADINGS = ("#", "When (UTC)", "Event", "Who", "Outcome", "Review", "What", "Reason")
_MARKED = ("overridden", "refused")


def page_lines(report: Report, lines: Iterable[ReportLine]) -> Iterator[str]:
    """The page, piece by piece."""
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Audit report</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    )
    yield from _summary(report)
    yield "<h2>Events</h2>\n<table>\n<thead><tr>"
    yield "".join(f'<th scope="col">{heading}</th>' for heading in _HEADINGS)
    yield "</tr></thead>\n<tbody>\n"
    for line in lines:
        yield _row(line)
    yield "</tbody>\n</table>\n</body>\n</html>\n"


def _summary(report: Report) -> Iterator[str]:
    facts: dict[str, Any] = {
        "Period": report.period,
        "Made at": report.made_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "Head of the audit": report.head,
        "Verified": _verified(report),
        "Decided by people": sum(report.people.values()),
        "Passed automatically": report.events.get("auto_approved", 0),
        "Not answered in time": report.outcomes.get("timed_out", 0),
        "Overridden": report.events.get("overridden", 0),
        "Refused": report.events.get("refused", 0),
    }
    yield "<h1>Audit report</h1>\n"
    yield _facts(facts)
    for title, counts in (
        ("Outcomes", report.outcomes),
        ("Who decided", report.people),
        ("What happened", report.events),
    ):
        yield f"<h2>{title}</h2>\n"
        yield _facts(counts) if counts else '<p class="muted">None.</p>\n'


def _verified(report: Report) -> str:
    found = report.verification
    return f"yes, {found.rows} rows" if found else f"NO: {found.problem}"


def _facts(facts: Mapping[str, Any]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{_safe(name)}</th><td>{_safe(str(value))}</td></tr>\n'
        for name, value in facts.items()
    )
    return f'<table class="facts">\n{rows}</table>\n'


def _row(line: ReportLine) -> str:
    what = " · ".join(part for part in (line.graph, line.action) if part)
    shown = (line.at[:19].replace("T", " "), line.event, line.actor, line.outcome or "")
    cells = "".join(f"<td>{_safe(cell)}</td>" for cell in shown)
    reason = "removed" if line.redacted else line.reason or ""
    return (
        f'<tr class="{_kind(line)}"><td class="n">{line.seq}</td>{cells}'
        f"<td><code>{_safe(line.review_id)}</code></td><td>{_safe(what)}</td>"
        f"<td>{_safe(reason)}</td></tr>\n"
    )


def _kind(line: ReportLine) -> str:
    """The class of a row: of closed words only."""
    if line.redacted:
        return "redacted"
    if line.outcome == "timed_out":
        return "timed_out"
    return line.event if line.event in _MARKED else "event"


def _safe(text: str) -> str:
    """Escaped; what cannot be seen is shown, so that nothing is hidden or turned round."""
    cut = text if len(text) <= _MAX_CELL else text[: _MAX_CELL - 1] + "…"
    seen = "".join(c if c.isprintable() or c in "\n\t" else f"<U+{ord(c):04X}>" for c in cut)
    return escape(seen)
