"""`langgraph-hitl inbox`: what waits for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from langgraph_hitl._commands.identity import acting
from langgraph_hitl._commands.opened import opened
from langgraph_hitl._commands.options import Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.shapes import review_json
from langgraph_hitl._commands.tables import list_table

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review

OrderWord = Literal["priority", "oldest", "newest"]


def _filter(name: str, text: str) -> typer.models.OptionInfo:
    made: typer.models.OptionInfo = typer.Option(f"--{name}", metavar=name.upper(), help=text)
    return made


def inbox(
    out: Output,
    *,
    queue: Annotated[str | None, _filter("queue", "Of this queue.")] = None,
    role: Annotated[str | None, _filter("role", "That this role may decide by name.")] = None,
    reviewer: Annotated[
        str | None,
        _filter("reviewer", "That this person may decide, with the roles of --reviewer-role."),
    ] = None,
    reviewer_role: Annotated[
        list[str] | None,
        typer.Option("--reviewer-role", metavar="ROLE", help="A role of --reviewer. Repeatable."),
    ] = None,
    mine: Annotated[
        bool, typer.Option("--mine", help="That the person of the configuration may decide.")
    ] = False,
    kind: Annotated[str | None, _filter("kind", "Of this preset, as human_approval.")] = None,
    risk: Annotated[str | None, _filter("risk", "Of this level of risk.")] = None,
    action: Annotated[str | None, _filter("action", "With this action.")] = None,
    thread: Annotated[str | None, _filter("thread", "Of this thread.")] = None,
    assigned: Annotated[str | None, _filter("assigned", "Whose turn is this person's.")] = None,
    deferred: Annotated[
        bool, typer.Option("--deferred", help="Those that were put off, and no others.")
    ] = False,
    order: Annotated[OrderWord, typer.Option("--order", help="What comes first.")] = "priority",
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many.")] = 50,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="CURSOR", help="Go on where a page ended: its `next`."),
    ] = None,
    where: Where,
) -> None:
    """List the reviews that wait, the most urgent first.

    --json: {"reviews": [{"id", "graph", "thread_id", "kind", "action", "mode", "status", "round",
    "digest", "queue", "priority", "due", "eligible", "created_at", "updated_at", "decided_at",
    "risk", "score", "outcome", "decided_by", "attempts", "error", "level", "requester", "assigned",
    "assigned_at", "claimed_by", "claimed_until", "hidden_until", "next_at", "subject"}, ...],
    "next": the cursor of the next page, or null}.
    """
    settings = settings_of(where)
    person = None
    if mine or reviewer is not None:
        who = Who(as_=reviewer, role=reviewer_role or [])
        person = acting(who, settings, out)
    with opened(settings, need="to find the inbox", say=out.say) as desk:
        page = desk.inbox.pending(
            queue=queue,
            role=role,
            reviewer=person,
            kind=kind,
            risk=risk,
            action=action,
            thread=thread,
            assigned=assigned,
            deferred=deferred,
            order=order,
            limit=limit,
            after=after,
        )
        now = desk.inbox.clock()
    following = _next(page, order, limit)
    if out.as_json:
        reviews = [review_json(each) | {"subject": each.request.get("subject")} for each in page]
        out.document({"reviews": reviews, "next": following})
        return
    if not page:
        out.say("Nothing waits." if after is None else "Nothing more waits.")
        return
    out.table(list_table(page, width=out.results.console.width, now=now))
    if following is not None:
        out.say(f"There may be more: --after {following}")


def _next(page: Sequence[Review], order: OrderWord, limit: int) -> str | None:
    """The cursor of the page that follows, if there may be one."""
    from langgraph_hitl.inbox._ledger.query import cursor

    return cursor(page[-1], order) if len(page) == limit else None
