"""`langgraph-hitl inbox`: what waits for a decision, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from langgraph_hitl._commands.given import when
from langgraph_hitl._commands.identity import acting
from langgraph_hitl._commands.opened import Opened, opened
from langgraph_hitl._commands.options import Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.shapes import review_json
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl._commands.tables import decided_table, list_table

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review
    from langgraph_hitl.review.reviewer import Reviewer

OrderWord = Literal["priority", "oldest", "newest"]


def _named(name: str, text: str) -> typer.models.OptionInfo:
    made: typer.models.OptionInfo = typer.Option(f"--{name}", metavar=name.upper(), help=text)
    return made


@dataclass(frozen=True, kw_only=True)
class Of:
    """Which reviews, whether they wait or are decided."""

    queue: Annotated[str | None, _named("queue", "Of this queue.")] = None
    kind: Annotated[str | None, _named("kind", "Of this preset, as human_approval.")] = None
    risk: Annotated[str | None, _named("risk", "Of this level of risk.")] = None
    action: Annotated[str | None, _named("action", "With this action.")] = None
    thread: Annotated[str | None, _named("thread", "Of this thread.")] = None
    graph: Annotated[str | None, _named("graph", "Of the graph with this name.")] = None


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Which of those that wait."""

    mine: Annotated[
        bool,
        typer.Option("--mine", help="What you may decide: --as, or `as` of the configuration."),
    ] = False
    reviewer: Annotated[
        str | None,
        _named("reviewer", "What this person may decide, with --role, --level and --skill."),
    ] = None
    assigned: Annotated[str | None, _named("assigned", "Whose turn is this person's.")] = None
    deferred: Annotated[
        bool, typer.Option("--deferred", help="Those that were put off, and no others.")
    ] = False
    order: Annotated[
        OrderWord | None, typer.Option("--order", help="What comes first: priority without it.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class Past:
    """Which of those that are decided."""

    decided: Annotated[
        bool, typer.Option("--decided", help="What was decided, the latest first.")
    ] = False
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="WHEN",
            help="Decided since then: a time ago, as 7d, a date (by UTC) or a moment.",
        ),
    ] = None
    by: Annotated[str | None, _named("by", "That this person decided, or voted on.")] = None
    outcome: Annotated[
        str | None,
        _named(
            "outcome",
            "With this outcome, as the graph was told, also where it was overridden later; "
            "auto_approved is what passed unasked.",
        ),
    ] = None


def inbox(
    out: Output,
    *,
    of: Of,
    waiting: Waiting,
    past: Past,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many.")] = 50,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="CURSOR", help="Go on where a page ended: its `next`."),
    ] = None,
    who: Who,
    where: Where,
) -> None:
    """List the reviews that wait, or that are decided.

    The most urgent comes first, or with --decided the latest. A --role without a person lists what
    that role may decide by name.

    --json: {"reviews": [{"id", "graph", "thread_id", "kind", "action", "mode", "status", "round",
    "digest", "queue", "priority", "due", "eligible", "created_at", "updated_at", "decided_at",
    "risk", "score", "outcome", "decided_by", "attempts", "error", "level", "requester", "assigned",
    "assigned_at", "claimed_by", "claimed_until", "hidden_until", "next_at", "subject"}, ...],
    "next": the cursor of the next page, or null}.
    """
    _check_together(waiting, past, who)
    settings = settings_of(where)
    since = None if past.since is None else when(past.since, "--since")
    whose = _whose(waiting, who)
    verb = "Acting as" if waiting.reviewer is None else "What may be decided by"
    person = None if whose is None else acting(whose, settings, out, verb=verb)
    place: dict[str, Any] = {"limit": limit, "after": after, **asdict(of)}
    with opened(settings, need="to find the inbox", say=out.say) as desk:
        now = desk.inbox.clock()
        if past.decided:
            if isinstance(since, timedelta):
                since = now - since
            page = desk.inbox.decided(by=past.by, outcome=past.outcome, since=since, **place)
        else:
            if person is not None:
                _check_known(desk, person)
            page = desk.inbox.pending(
                role=who.role[0] if who.role and person is None else None,
                reviewer=person,
                assigned=waiting.assigned,
                deferred=waiting.deferred,
                order=waiting.order or "priority",
                **place,
            )
    following = _next(page, past, waiting) if len(page) == limit else None
    if out.as_json:
        reviews = [review_json(each) | {"subject": each.request.get("subject")} for each in page]
        out.document({"reviews": reviews, "next": following})
        return
    if not page:
        out.say(_nothing(past, after))
        return
    width = out.width
    out.table(decided_table(page, width) if past.decided else list_table(page, width, now=now))
    if following is not None:
        out.say(f"There may be more: --after {following}")


def _whose(waiting: Waiting, who: Who) -> Who | None:
    """Whose reviews are wanted; None for those of all."""
    if waiting.reviewer is not None:
        return replace(who, as_=waiting.reviewer)
    return who if waiting.mine or who.as_ is not None else None


def _check_known(desk: Opened, person: Reviewer) -> None:
    """Raises `Refusal` where a directory says nothing of this person: nothing would be listed."""
    roll = desk.inbox._office.roll()
    if roll is None:
        return
    problem = roll.problem
    if problem is None and person.id not in roll.members:
        problem = f"{person.id!r} is nobody in the directory"
    if problem is not None:
        raise Refusal(problem, Status.NOT_AUTHORISED)


def _check_together(waiting: Waiting, past: Past, who: Who) -> None:
    """Raises `Refusal` for options of which one would have no effect."""
    if waiting.reviewer is not None and (waiting.mine or who.as_ is not None):
        raise Refusal("--reviewer and --mine or --as name two people; give one of them")
    person = _whose(waiting, who) is not None
    if not past.decided and (past.since, past.by, past.outcome) != (None, None, None):
        raise Refusal("--since, --by and --outcome are about what is over; add --decided")
    if past.decided and (person or who.role or waiting != Waiting()):
        raise Refusal(
            "--decided lists what is over, by --since, --by and --outcome; who may decide, "
            "--assigned, --deferred and --order are about what waits"
        )
    if not person and (who.level is not None or who.skill or len(who.role) > 1):
        raise Refusal(
            "--level, --skill and several --role are those of a person; add --mine, --as NAME or "
            "--reviewer NAME"
        )


def _next(page: Sequence[Review], past: Past, waiting: Waiting) -> str:
    """The cursor of the page that follows."""
    from langgraph_hitl.inbox._ledger.over import cursor_after
    from langgraph_hitl.inbox._ledger.query import cursor

    last = page[-1]
    return cursor_after(last) if past.decided else cursor(last, waiting.order or "priority")


def _nothing(past: Past, after: str | None) -> str:
    more = "" if after is None else "more "
    return f"Nothing {more}was decided." if past.decided else f"Nothing {more}waits."
