"""What all deciding commands do: say who acts, show, ask, decide, and tell what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, assert_never

from langgraph_hitl._commands.confirm import agreed, can_ask
from langgraph_hitl._commands.identity import acting
from langgraph_hitl._commands.opened import Need, Opened, opened
from langgraph_hitl._commands.options import Deciding, How, ResumeWord
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.page import page_of, show_page
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.shapes import actor_json, review_json
from langgraph_hitl._commands.standing import is_overridden, still_needed
from langgraph_hitl._commands.status import Refusal, Status
from langgraph_hitl._commands.tables import request_of
from langgraph_hitl.errors import AlreadyDecided, InvalidDecision, StaleReview

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review
    from langgraph_hitl.review.decision import Decision, DecisionType
    from langgraph_hitl.review.reviewer import Reviewer


class Unsent(Exception):
    """The person does not want it after all; the text says so."""


def decide(
    out: Output,
    review_id: str,
    make: Callable[[Review], Decision],
    *,
    verb: str,
    how: Deciding,
    kind: DecisionType | None = None,
) -> Status:
    """One deciding command.

    Args:
        make: The decision about the review; may raise `Unsent`.
        verb: The word for it, in the question.
        kind: What the review has to allow before `make` reads what was given.
    """
    settings = settings_of(how)
    by = acting(how, settings, out)
    with opened(settings, need=need_of(how.resume), say=out.say) as desk:
        review = desk.find(review_id)
        try:
            check_waits(review, how.seen)
            if kind is not None:
                check_allowed(review, kind)
            check_bound(how)
            if not is_bound(how):
                show_page(out.words, page_of(desk.inbox, review))
            decision = make(review)
            if not is_bound(how) and not agreed(f"{verb} this as {by.id}?"):
                raise Unsent("Nothing is decided.")
        except Unsent as why:
            out.say(str(why), "yellow")
            return Status.UNDECIDED
        seen = how.seen or review
        after = desk.decide(review, decision, by=by, seen=seen, resume=how.resume)
        tell(out, desk, review, after, by, resume=how.resume)
    return Status.DONE


def confirmed(
    out: Output, desk: Opened, review: Review, question: str, *, yes: bool, without: str
) -> bool:
    """Show the review and ask, unless that is not wanted; `without` says what has not happened.

    Raises `Refusal` where nobody is there to ask.
    """
    if yes:
        return True
    if not can_ask():
        raise Refusal("Nobody can be asked here; give --yes")
    show_page(out.words, page_of(desk.inbox, review))
    if agreed(question):
        return True
    out.say(without, "yellow")
    return False


def need_of(resume: ResumeWord | None) -> Need:
    """What is left to a worker needs no graph here."""
    return "to find the inbox" if resume == "worker" else "if given"


def is_bound(how: How) -> bool:
    """Whether nobody is asked: what was looked at is given, or what waits now is taken."""
    return how.seen is not None or how.yes


def check_bound(how: How) -> None:
    """Raises `Refusal` where somebody would have to be asked, and nobody is there."""
    if not is_bound(how) and not can_ask():
        raise Refusal(
            "Nobody can be asked here, so say what is decided about: --seen DIGEST (langgraph-hitl "
            "show --json has it), or --yes for whatever waits now"
        )


def check_waits(review: Review, seen: str | None = None) -> None:
    """Raises before anybody is asked about what is decided, or about another version."""
    if review.status != "pending":
        raise AlreadyDecided(
            review.id,
            by=review.decided_by or "system:graph",
            at=review.decided_at or review.updated_at,
            outcome=review.outcome or review.status,
            more="; overridden since (see show)" if is_overridden(review) else "",
        )
    if seen is not None and seen != review.digest:
        raise StaleReview(
            review.id,
            current=review,
            reason=f"--seen is not the digest of round {review.round}, which waits",
        )


def check_allowed(review: Review, kind: DecisionType) -> None:
    """Raises `InvalidDecision` where the people were not offered this."""
    allowed = request_of(review).allowed_decisions
    if kind not in allowed:
        raise InvalidDecision(
            f"{kind} is not allowed here; allowed: {', '.join(allowed)}", review_id=review.id
        )


def tell(
    out: Output,
    desk: Opened,
    before: Review,
    after: Review,
    by: Reviewer,
    *,
    resume: ResumeWord | None,
) -> None:
    """What came of it."""
    out.say(_told(before, after, desk, resume), "green")
    if out.as_json:
        out.document({"review": review_json(after), "by": actor_json(by)})


def _told(before: Review, after: Review, desk: Opened, resume: ResumeWord | None) -> str:
    match after.status:
        case "pending":
            if after.round > before.round:
                return f"Recorded. A new version waits, round {after.round}: {after.id}"
            return f"Your vote is counted. {after.id} still waits for others{_needed(desk, after)}."
        case "applied" if after.kind == "breakpoint" and after.outcome != "approved":
            return f"Decided: {after.outcome}. The graph stays at its breakpoint."
        case "applied":
            return f"Decided: {after.outcome}. The graph has gone on."
        case "settled" if left := _left(desk, after):
            return f"Decided: {after.outcome}. The graph waits for the rest of its question: {left}"
        case "settled" | "cancelled":
            if not after.wake and after.status == "cancelled":
                return "Cancelled. The graph has gone on."
            if after.mode == "submitted":
                return f"Decided: {after.outcome}. The graph takes it when it comes to it."
            if resume == "worker":
                return f"Decided: {after.outcome}. A worker goes on with it: langgraph-hitl work"
            if before.graph in desk.graphs:
                return f"Decided: {after.outcome}. The graph goes on with its worker or its run."
            return (
                f"Decided: {after.outcome}. The graph {after.graph!r} is not given here; a worker "
                "goes on with it: langgraph-hitl work --app MODULE:GRAPH"
            )
        case "superseded":
            return "The question has ended without an answer."
        case _:
            assert_never(after.status)


def _needed(desk: Opened, review: Review) -> str:
    """What approval lacks, where it is to be seen."""
    needed = still_needed(desk.inbox.get(review.id))
    return f": {needed}" if needed else ""


def _left(desk: Opened, review: Review) -> str:
    """What is open of a question that is answered only when all of its items are decided."""
    family = ((review.question or {}).get("foreign") or {}).get("family") or []
    return ", ".join(each for each in family if desk.inbox.get(each).status == "pending")
