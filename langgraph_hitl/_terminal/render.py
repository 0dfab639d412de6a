"""How a request looks: everything it holds, as `rich.text.Text` only, model text behind a bar."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.rule import Rule
from rich.table import Table
from rich.text import Text
from typing_extensions import TypeIs

from langgraph_hitl._terminal.difference import difference_lines
from langgraph_hitl._terminal.menu import Entry, options_of, takes_several
from langgraph_hitl._terminal.sanitise import clean, one_line, pieces
from langgraph_hitl.review.finding import ALWAYS
from langgraph_hitl.review.request import ReviewRequest

KNOWN_CONTEXT = (
    "rationale",
    "impact",
    "reversibility",
    "cost",
    "alternatives",
    "risk",
    "confidence",
)
MAX_CONTEXT = 4_000
_MARK = "black on yellow"
_OURS = "hitl_"
_LABEL = "bold"


class Barred:
    """Lines behind a bar, so that what a model wrote cannot pass for what this program says."""

    def __init__(self, lines: Iterable[Text]) -> None:
        self.lines = list(lines)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        bar = Text("│ " if options.encoding.startswith("utf") else "| ", style="dim")
        for text in self.lines:
            for line in text.wrap(console, options.max_width - 2, overflow="fold"):
                line.rstrip()
                yield bar + line


def shown_text(text: str) -> Text:
    """A text of unknown origin, its marks highlighted."""
    shown = Text(overflow="fold")
    for piece, is_mark in pieces(text):
        shown.append(piece, style=_MARK if is_mark else "")
    return shown


def value_text(value: Any) -> str:
    """A text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def request_parts(
    request: ReviewRequest, *, waiting: int, width: int, past: Iterable[RenderableType] = ()
) -> Iterator[RenderableType]:
    """The request from top to bottom; the subject stands last, next to the prompt.

    `past` is what is known of other cases.
    """
    yield Text()
    yield Rule(Text(f"{_round(request)}: {one_line(request.action)}", style="bold cyan"))
    yield from _facts(request, waiting)
    yield from _context(_unasked(request), width)
    yield from _questions(request.questions)
    if request.criteria:
        yield Text("Please check", style=_LABEL)
        yield Barred(shown_text(f"- {criterion}") for criterion in request.criteria)
    yield from past
    yield from _history(request.history)
    yield from _decided_items(request.items)
    yield Text(_title(request), style=_LABEL)
    yield Barred([shown_text(value_text(_subject(request)))])


def menu_lines(request: ReviewRequest, entries: list[Entry]) -> Table:
    """The numbered options and the words that answer."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold green", no_wrap=True)
    table.add_column(overflow="fold")
    options = options_of(request)
    for number, option in enumerate(options, start=1):
        table.add_row(Text(str(number)), Text(one_line(option), overflow="fold"))
    if takes_several(request) and options:
        table.add_row(Text(""), Text("several as 1, 2", style="dim"))
    for entry in entries:
        line = Text.assemble((f"{entry.word:<8}", "bold"), f"  {entry.meaning}")
        table.add_row(Text(entry.key), line)
    return table


def _round(request: ReviewRequest) -> str:
    if request.subject_key is None:
        return "Question"
    return f"Review, version {request.round + 1}" if request.round else "Review"


def _title(request: ReviewRequest) -> str:
    key = request.subject_key
    if _is_ours(key):
        return key.removeprefix(_OURS).replace("_", " ").capitalize()
    return one_line(key or "Question")


def _subject(request: ReviewRequest) -> Any:
    """The subject, without the digests by which suggestions know the text that they are about."""
    if not _is_ours(request.subject_key) or not isinstance(request.subject, list):
        return request.subject
    return [
        {name: value for name, value in one.items() if name != "on"}
        if isinstance(one, dict)
        else one
        for one in request.subject
    ]


def _is_ours(key: str | None) -> TypeIs[str]:
    """Whether a pattern of this package keeps its subject in a channel of its own."""
    return key is not None and key.startswith(_OURS)


def _facts(request: ReviewRequest, waiting: int) -> Iterator[RenderableType]:
    finding = request.finding
    score = f" (score {_number(finding['score'])})" if "score" in finding else ""
    if finding != ALWAYS.to_json():
        yield shown_text(f"Why: {one_line(str(finding.get('sentence', '')))}{score}")
    factors = finding.get("factors") or {}
    if factors:
        listed = ", ".join(
            f"{one_line(str(name))} {_number(share)}" for name, share in factors.items()
        )
        yield Text(f"     {listed}", style="dim", overflow="fold")
    notes = []
    if request.revisions_left is not None:
        notes.append(f"new versions left: {one_line(str(request.revisions_left))}")
    if request.deadline:
        notes.append(f"deadline: {one_line(request.deadline)}")
    if request.escalations:
        notes.append(f"can be escalated to: {one_line(', '.join(map(str, request.escalations)))}")
    if waiting > 1:
        notes.append(f"reviews that wait: {waiting}")
    notes.append(f"thread {one_line(request.thread_id)}")
    yield Text(", ".join(notes), style="dim", overflow="fold")


def _number(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, int | float) else one_line(str(value))


def _context(context: dict[str, Any], width: int) -> Iterator[RenderableType]:
    if not context:
        return
    known = [name for name in KNOWN_CONTEXT if name in context]
    names = [*known, *(name for name in context if name not in known)]
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", overflow="fold", max_width=width // 3)
    table.add_column(overflow="fold")
    for name in names:
        text = value_text(context[name])
        cell = shown_text(text[:MAX_CONTEXT])
        if len(text) > MAX_CONTEXT:
            cell.append(f"\n({len(text) - MAX_CONTEXT} more characters)", style="dim")
        table.add_row(Text("  " + one_line(name)), cell)
    yield Text("Context", style=_LABEL)
    yield table


def _unasked(request: ReviewRequest) -> dict[str, Any]:
    """The context without the open questions, which have a place of their own."""
    asked = {"questions"} if request.questions is not None else set[str]()
    return {name: value for name, value in request.context.items() if name not in asked}


def _questions(questions: dict[str, str] | None) -> Iterator[RenderableType]:
    if not questions:
        return
    yield Text("Open questions", style=_LABEL)
    yield Barred(shown_text(one_line(f"{part}: {text}")) for part, text in questions.items())


def _decided_items(items: dict[str, Any] | None) -> Iterator[RenderableType]:
    """What earlier sittings have decided of a list."""
    if not items or not items.get("decided"):
        return
    yield Text("Decided already", style=_LABEL)
    yield Barred(shown_text(_decided_item(entry)) for entry in items["decided"])


def _decided_item(entry: dict[str, Any]) -> str:
    said = f": {entry['message']}" if entry.get("message") else ""
    return f"{entry['id']}: {entry['type']} by {entry.get('by') or 'somebody'}{said}"


def _history(history: list[dict[str, Any]]) -> Iterator[RenderableType]:
    if not history:
        return
    yield Text("Said so far", style=_LABEL)
    yield Barred(shown_text(_remark(entry)) for entry in history)
    yield Text("Changes since the version before", style=_LABEL)
    yield Barred(difference_lines(history[-1].get("diff")))


def _remark(entry: dict[str, Any]) -> str:
    decision = entry.get("decision", {})
    who = f" by {one_line(str(decision['by']))}" if decision.get("by") else ""
    text = f"version {entry.get('round', 0) + 1}, {decision.get('type')}{who}"
    words = [decision.get("feedback"), decision.get("comment")]
    words += [f"{part}: {remark}" for part, remark in (decision.get("parts") or {}).items()]
    if decision.get("rating"):
        words.append(f"({decision['rating']})")
    said = " ".join(clean(str(word)).strip() for word in words if word)
    return f"{text}: {said}" if said else text
