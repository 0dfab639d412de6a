"""`Page`: one review with all that its reviewer needs, or that tells how it was decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from langgraph_hitl._commands.shapes import shown_json
from langgraph_hitl._commands.standing import (
    is_overridden,
    looked_at_by,
    plan_of,
    plan_text,
    said,
    still_needed,
    who_decides,
)
from langgraph_hitl._commands.tables import moment_text, request_of, write_facts
from langgraph_hitl._commands.wait import wait_json, wait_of, wait_text
from langgraph_hitl._terminal.difference import difference_lines
from langgraph_hitl._terminal.menu import options_of, takes_several, verdicts_of
from langgraph_hitl._terminal.render import Barred, request_parts, shown_text, value_text
from langgraph_hitl._terminal.sanitise import one_line
from langgraph_hitl._terminal.screen import Screen
from langgraph_hitl.review.diff import difference

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Inbox, Review
    from langgraph_hitl.inbox._ledger.audit import AuditRow
    from langgraph_hitl.inbox._wait import EstimatedWait
    from langgraph_hitl.inbox.review import Ballot, Settlement

_LABEL = "bold"
_REMOVED = " (the words were removed)"


@dataclass(frozen=True, kw_only=True)
class Page:
    """A review at a moment.

    `votes` are those on the version that waits or was decided, `settlement` what was decided about
    it, `override` who decided over it after the graph had gone on, `executed` what its action
    reported, and `removals` who removed content of it.
    """

    review: Review
    now: datetime
    wait: EstimatedWait | None
    votes: list[Ballot]
    settlement: Settlement | None
    override: AuditRow | None
    executed: list[AuditRow]
    removals: list[AuditRow]


def page_of(inbox: Inbox, review: Review) -> Page:
    """The page of a review that was just read."""
    with inbox._office.ledger.looking() as rx:
        settlement = rx.settlement(review.id, review.round)
    rows = [] if review.status == "pending" else inbox.history(review.id)
    overrides = [row for row in rows if row.event == "overridden" and is_overridden(review)]
    return Page(
        review=review,
        now=inbox.clock(),
        wait=wait_of(inbox, review),
        votes=inbox.votes(review.id),
        settlement=settlement,
        override=overrides[-1] if overrides else None,
        executed=[row for row in rows if row.event == "executed"],
        # One after which all went has nothing left to say.
        removals=[row for row in rows if row.event == "redacted" and not row.redacted],
    )


def page_json(page: Page) -> dict[str, Any]:
    """The document of `show`."""
    return shown_json(page.review) | {
        "rule": page.review.rule,
        "plan": [
            {"level": leg.level, "until": leg.until.isoformat() if leg.until else None}
            for leg in plan_of(page.review, page.now)
        ],
        "estimated_wait": wait_json(page.wait),
        "votes": [_vote_json(vote) for vote in page.votes],
        "decision": None if page.settlement is None else _settlement_json(page.settlement),
        "overridden": None if page.override is None else _override_json(page.override),
        "executed": [_executed_json(row) for row in page.executed],
        "removed": [_removal_json(row) for row in page.removals],
    }


def show_page(screen: Screen, page: Page) -> None:
    """What the inbox knows about it, the request, the votes, and what was decided."""
    shown = page.review.request
    request = request_of(page.review) if shown else None
    write_facts(screen, _facts(page))
    if request is None:
        screen.write(Text("\nWhat it showed, and what people wrote about it, was removed."))
    else:
        width = screen.console.width
        for part in request_parts(request, waiting=1, width=width, past=list(_past(shown))):
            screen.write(part)
    for part in (*_votes(page), *_decision(page, None if request is None else request.subject)):
        screen.write(part)


def _executed_json(row: AuditRow) -> dict[str, Any]:
    return {"at": row.at.isoformat(), **(row.content or {})}


def _executed_text(row: AuditRow) -> str:
    """When the action reported, and what, as far as that was not removed."""
    failed = "failed: " if "error" in (row.content or {}) else ""
    return f"{moment_text(row.at)}  {failed}{row.reason or ''}".rstrip()


def _removal_json(row: AuditRow) -> dict[str, Any]:
    fields = (row.content or {}).get("fields")
    return {"by": row.actor, "at": row.at.isoformat(), "reason": row.reason, "fields": fields}


def _removal_text(row: AuditRow) -> str:
    """What was removed, by whom and why."""
    what = ", ".join((row.content or {}).get("fields", ["all content"]))
    return f"{what} by {row.actor} at {moment_text(row.at)}: {row.reason}"


def _facts(page: Page) -> list[tuple[str, Any]]:
    review = page.review
    decided = ""
    if review.decided_by is not None:
        decided = f"{review.outcome} by {review.decided_by} at {moment_text(review.decided_at)}"
    over = page.override
    overridden = f"{over.outcome} by {over.actor} at {moment_text(over.at)}" if over else ""
    return [
        ("review", review.id),
        ("status", review.status),
        ("decided", decided),
        ("overridden", overridden),
        ("graph", review.graph),
        ("queue", review.queue),
        ("priority", review.priority),
        ("escalated to", review.escalated_to),
        ("risk", review.risk),
        ("due", moment_text(review.due)),
        *(_standing(page) if review.status == "pending" else ()),
        ("asked for by", review.requester),
        ("called back", _called_back(review)),
        ("digest", review.digest),
        *(("executed", _executed_text(row)) for row in page.executed),
        *(("removed", _removal_text(row)) for row in page.removals),
        ("failed", _failure(review)),
    ]


def _standing(page: Page) -> list[tuple[str, Any]]:
    review = page.review
    return [
        ("decided by", who_decides(review)),
        ("still needed", still_needed(review)),
        ("level", review.level),
        ("time", plan_text(plan_of(review, page.now), page.now)),
        ("waits", wait_text(page.wait, review.queue)),
        ("assigned to", review.assigned),
        ("looked at by", looked_at_by(review, page.now)),
        ("deferred until", moment_text(review.hidden_until)),
        *_answers(review),
    ]


def _answers(review: Review) -> list[tuple[str, Any]]:
    """What may be answered."""
    if not review.request:
        return []
    request = request_of(review)
    options = ", ".join(options_of(request))
    how = "one or several of" if takes_several(request) else "one of"
    return [
        ("answers", ", ".join(request.allowed_decisions)),
        ("options", f"{how} {options}" if options else ""),
        ("each item", ", ".join(verdicts_of(request)) if request.items else ""),
    ]


def _called_back(review: Review) -> str:
    if not is_overridden(review):
        return ""
    return "yes" if "recall" in review.hooks else "not yet"


def _failure(review: Review) -> str:
    counted = f"{review.attempts} times: " if review.attempts > 1 else ""
    return f"{counted}{review.error}" if review.error else ""


def _past(request: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Past cases like this one, and what they suggest; see `similar=` of the gates."""
    suggestion, cases = request.get("suggestion"), request.get("similar")
    if cases:
        yield Text("Similar cases", style=_LABEL)
        yield Barred(shown_text(_case(case)) for case in cases)
    if suggestion:
        yield shown_text(f"Suggested, and not decided: {one_line(suggestion['sentence'])}")


def _case(case: Mapping[str, Any]) -> str:
    at = moment_text(datetime.fromisoformat(case["decided_at"]))
    parts = [f"{case['review_id']} {case['outcome']} by {case['decided_by']}, {at}"]
    parts += [f"{name} {value_text(value)}" for name, value in (case.get("context") or {}).items()]
    parts += [case["comment"]] if case.get("comment") else []
    return one_line("; ".join(parts))


def _votes(page: Page) -> Iterator[RenderableType]:
    if page.votes:
        yield Text("Votes", style=_LABEL)
        yield Barred(shown_text(_vote(vote)) for vote in page.votes)


def _vote(vote: Ballot) -> str:
    acting = f" for {vote.acting_for}" if vote.acting_for else ""
    who = f"{moment_text(vote.at)} {vote.voter}{acting}"
    if not vote.decision:
        return one_line(f"{who} voted{_REMOVED}")
    return one_line(f"{who} {said(vote.decision)}{_words(vote.decision, [*vote.decision])}")


def _decision(page: Page, subject: Any) -> Iterator[RenderableType]:
    settlement = page.settlement
    if settlement is None:
        return
    decision, authority = settlement.decision, settlement.authority
    acting = f" for {authority.acting_for}" if authority and authority.acting_for else ""
    who = f"{moment_text(settlement.at)} {settlement.by}{acting}"
    words = _words(decision, [name for name in decision if name != "value"])
    told = f"{said(decision)}{words}" if decision else f"decided {settlement.outcome}{_REMOVED}"
    lines = [one_line(f"{who} {told}, through {settlement.channel}")]
    if page.override is not None:
        over = page.override
        new = f" with {over.outcome}" if over.outcome else ""
        lines.append(one_line(f"{moment_text(over.at)} {over.actor} overrode it{new}{_why(over)}"))
    yield Text("Decision", style=_LABEL)
    yield Barred(map(shown_text, lines))
    if "value" in decision:
        yield Text("In its place", style=_LABEL)
        yield Barred([shown_text(value_text(decision["value"]))])
        yield Text("Changes", style=_LABEL)
        yield Barred(difference_lines(difference(subject, decision["value"])))


def _why(row: AuditRow) -> str:
    return _REMOVED if row.redacted else f": {row.reason}"


def _words(decision: Mapping[str, Any], names: list[str]) -> str:
    """What was said with a decision, or given."""
    given = [(name, decision[name]) for name in names if name not in ("type", "choices")]
    listed = [f"{name} {value_text(value)}" for name, value in given if value is not None]
    return f" ({'; '.join(listed)})" if listed else ""


def _vote_json(vote: Ballot) -> dict[str, Any]:
    return {
        "by": vote.voter,
        "roles": list(vote.roles),
        "level": vote.level,
        "skills": list(vote.skills),
        "acting_for": vote.acting_for,
        "decision": vote.decision,
        "at": vote.at.isoformat(),
        "channel": vote.channel,
    }


def _settlement_json(found: Settlement) -> dict[str, Any]:
    authority = found.authority
    return {
        "decision": found.decision,
        "outcome": found.outcome,
        "by": found.by,
        "roles": list(authority.roles) if authority else [],
        "acting_for": authority.acting_for if authority else None,
        "at": found.at.isoformat(),
        "channel": found.channel,
    }


def _override_json(row: AuditRow) -> dict[str, Any]:
    return {
        "by": row.actor,
        "at": row.at.isoformat(),
        "reason": row.reason,
        "outcome": row.outcome,
        "decision": (row.content or {}).get("decision"),
    }
