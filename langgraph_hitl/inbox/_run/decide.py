"""Deciding: the decision becomes durable, then the graph is resumed, or left to a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Literal, NamedTuple, get_args

from langgraph_hitl._subgraph.basis import ASKED_ANEW
from langgraph_hitl._subgraph.desk import Verdict
from langgraph_hitl.errors import (
    Expired,
    HitlError,
    InboxError,
    InboxUnavailable,
    InvalidDecision,
    RunFailed,
    StaleReview,
    UnknownReview,
)
from langgraph_hitl.inbox import _check as check
from langgraph_hitl.inbox._attend import answered
from langgraph_hitl.inbox._course import DEADLINE
from langgraph_hitl.inbox._office import Cast, Office
from langgraph_hitl.inbox._person import person
from langgraph_hitl.inbox._run.drive import drive
from langgraph_hitl.inbox._run.escalated import tell
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.review import CHANNELS, TIMED_OUT, Channel, Review, Status, is_foreign
from langgraph_hitl.review.decision import Decision, Postponement, to_json
from langgraph_hitl.review.reviewer import Reviewer, Voter
from langgraph_hitl.triggers.number import quoted

Resume = Literal["now", "worker"]
RESUMES: tuple[Resume, ...] = get_args(Resume)


class Manner(NamedTuple):
    """Who decides, from where, and when the graph is resumed."""

    by: Voter
    resume: Resume
    channel: Channel


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What became of one item of a batch: the review as it stands, or the error."""

    review_id: str
    review: Review | None = None
    error: HitlError | None = None


def manner(by: Reviewer | str, resume: Resume, channel: Channel) -> Manner:
    """A text is a person without roles."""
    return Manner(
        person(by, "by="),
        check.one_of(resume, "resume=", RESUMES),
        check.one_of(channel, "channel=", CHANNELS),
    )


def decide(
    office: Office,
    review: Review | str,
    decision: Decision | Postponement,
    how: Manner,
    seen: Review | str | None,
) -> Steps[Review]:
    """One decision. A review in place of its id is what was seen."""
    review_id = id_of(review)
    seen = review if seen is None and isinstance(review, Review) else seen
    if seen is not None and not isinstance(seen, Review | str):
        raise InvalidDecision(f"seen= is a review or its digest, not {quoted(seen)}")
    if isinstance(seen, Review) and seen.id != review_id:
        raise InvalidDecision(f"seen= is another review, {seen.id}", review_id=review_id)
    answer = to_json(decision)
    cast = yield Call(partial(_cast, office, review_id, answer, how, seen))
    yield from _handled(office, cast, answer.get("to"), how)
    return (yield from _follow(office, review_id, cast, how))


def cancel(office: Office, review_id: str, how: Manner, reason: str | None) -> Steps[Review]:
    """End a review without a decision."""
    needs_graph = how.resume == "now"
    cast = yield Call(
        partial(office.cancel, review_id, how.by, reason, how.channel, needs_graph=needs_graph)
    )
    return (yield from _follow(office, review_id, cast, how))


def attend(
    office: Office, review_id: str, how: Manner, act: Callable[[], Cast], to: str | None = None
) -> Steps[Review]:
    """Something that people do with a review beside deciding it; `to` whom it is passed on."""
    cast = yield Call(act)
    yield from _handled(office, cast, to, how)
    if cast.late:
        return (yield from _follow(office, review_id, cast, how))
    return (yield from _with_votes(office, cast.review))


def _handled(office: Office, cast: Cast, to: str | None, how: Manner) -> Steps[None]:
    """Call the handler of an escalation, where that is to be done here."""
    review = cast.review
    if to is None or cast.late or how.resume != "now" or not office.registry.has(review.graph):
        return
    yield Call(partial(tell, office, review.id, to))


def decide_many(
    office: Office,
    decisions: Iterable[tuple[Review | str, Decision | Postponement]],
    how: Manner,
) -> Steps[list[Decided]]:
    """Each on its own; an error is the result of its item."""
    results: list[Decided] = []
    for item, decision in _pairs(decisions):
        review_id = item.id if isinstance(item, Review) else str(item)
        try:
            review = yield from decide(office, item, decision, how, None)
            results.append(Decided(review_id=review_id, review=review))
        except HitlError as error:
            results.append(Decided(review_id=review_id, error=error))
    return results


def _pairs(decisions: Any) -> list[tuple[Any, Any]]:
    """Reviews with their decisions; all of them, so that none is decided where one is no pair."""
    several = isinstance(decisions, Iterable) and not isinstance(decisions, str | bytes | Mapping)
    pairs = [*decisions] if several else [decisions]
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise InboxError(f"decisions= takes pairs (review, decision), not {quoted(pair)}")
    return [(review, decision) for review, decision in pairs]


def id_of(named: Any) -> str:
    """The id of a review that somebody names."""
    if isinstance(named, str):
        return named
    if isinstance(named, Review):
        return named.id
    raise UnknownReview(quoted(named))


def _brief(office: Office, review_id: str) -> Review:
    with office.ledger.looking() as rx:
        review = rx.get(review_id)
    if review is None:
        raise UnknownReview(review_id)
    return review


def _cast(
    office: Office,
    review_id: str,
    answer: dict[str, Any],
    how: Manner,
    seen: Review | str | None,
) -> Cast:
    digest, round_ = (seen.digest, seen.round) if isinstance(seen, Review) else (seen, None)
    return answered(
        office,
        review_id,
        answer,
        how.by,
        channel=how.channel,
        seen=digest,
        round_=round_,
        needs_graph=how.resume == "now",
    )


def _follow(office: Office, review_id: str, cast: Cast, how: Manner) -> Steps[Review]:
    """Resume the graph, and tell what came of it; `Expired` where the deadline has decided."""
    review = yield from resumed(office, review_id, cast, how)
    if cast.late:
        late = cast.review
        raise Expired(
            review_id,
            by=late.decided_by or DEADLINE,
            at=late.decided_at or late.updated_at,
            outcome=TIMED_OUT,
        )
    return review


def resumed(office: Office, review_id: str, cast: Cast, how: Manner) -> Steps[Review]:
    """Resume the graph, where that is to be done here; the review as it stands then."""
    review = cast.review
    if cast.verdict is not None and how.resume == "now" and review.mode != "submitted":
        try:
            driven = yield from drive(office, review, cast.verdict)
        except RunFailed:
            raise
        except InboxError as error:
            raise RunFailed(review_id, reason=str(error)) from error
        if driven.outcome is not None and not driven.again:
            return _applied(review, cast.verdict, driven.outcome)
    try:
        current: Review = yield Call(partial(_brief, office, review_id))
    except InboxUnavailable:  # what was recorded a moment ago stands
        return review
    if current.status == "superseded":
        raise StaleReview(
            review_id,
            current=current,
            reason=(yield Call(partial(_ended, office, current))),
        )
    return (yield from _with_votes(office, current))


def _with_votes(office: Office, review: Review) -> Steps[Review]:
    """The review as the inbox shows it; as it is known, where the database has gone away since."""
    try:
        shown: list[Review] = yield Call(partial(office.all_with_votes, [review]))
    except InboxUnavailable:
        return review
    return shown[0]


def _ended(office: Office, review: Review) -> str:
    """Why nothing was decided, and what helps."""
    with office.ledger.looking() as rx:
        told = [row.reason for row in rx.history(review.id) if row.event == "superseded"]
    if told and (told[-1] or "").startswith(ASKED_ANEW):
        return f"nothing was decided, because the gate is another by now. {told[-1]}"
    how, cure = "", "app.invoke(None, config) asks again"
    if is_foreign(review):
        how = ", an answer past the inbox"
        cure = "inbox.reconcile() files what its thread asks now, if it asks anything"
    return (
        "its question had ended before (new input, a changed state, a fork, a deleted thread"
        f"{how}), and nothing was decided; {cure}"
    )


def _applied(review: Review, verdict: Verdict, outcome: str) -> Review:
    """The review after its graph has followed the verdict."""
    at = datetime.fromisoformat(verdict["at"])
    status: Status = "cancelled" if review.status == "cancelled" else "applied"
    return replace(
        review,
        status=status,
        outcome=outcome,
        decided_by=verdict["by"],
        decided_at=at,
        updated_at=at,
        wake=False,
    )
