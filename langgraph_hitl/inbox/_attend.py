"""What people do with a review that waits, beside deciding it: claim it, put it off, pass it up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, assert_never

from langgraph_hitl._text.duration import LONGEST, duration_of, duration_text
from langgraph_hitl.deadlines import Expired as Over
from langgraph_hitl.deadlines import Pause
from langgraph_hitl.errors import Claimed, GateError, InvalidDecision, NotAuthorised, UnknownReview
from langgraph_hitl.inbox._catch_up import course_of, follow, panel_of, was_late
from langgraph_hitl.inbox._course import Course, unlimited
from langgraph_hitl.inbox._destination import Destination, destinations_of, for_case
from langgraph_hitl.inbox._office import Cast, Office, check_open, check_seen
from langgraph_hitl.inbox._staff import Roll, acting_for
from langgraph_hitl.inbox.review import Channel, Review
from langgraph_hitl.panels.chain import Chain
from langgraph_hitl.review.answer import check_to
from langgraph_hitl.review.decision import POSTPONING, Defer, Escalate, parse_postponement
from langgraph_hitl.review.reviewer import Voter

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.writing import Transaction

DEFERRAL = timedelta(days=1)
"""How long a review is put off where nothing else is said."""

CLAIM = timedelta(minutes=15)
_LONGEST_CLAIM = timedelta(days=7)


Act: TypeAlias = "Callable[[Attending, Transaction, Review, datetime], Review]"
"""What somebody does with a review, with the authority that was found; the review afterwards."""


@dataclass(frozen=True, kw_only=True)
class Attending:
    """Somebody who does something with a review, by which way."""

    office: Office
    by: Voter
    channel: Channel
    needs_graph: bool = False
    seen: str | None = None
    round: int | None = None

    def claim(self, review_id: str, length: timedelta | str) -> Cast:
        """Say for a while that one looks at it. Raises `Claimed` while somebody else does."""

        def act(who: Attending, tx: Transaction, review: Review, now: datetime) -> Review:
            if held_by_other(review, who.by.id, now):
                raise Claimed(review.id, by=str(review.claimed_by), until=review.claimed_until)
            until = now + checked_length(length)
            who._note(tx, review, "claimed", content={"until": until.isoformat()})
            return tx.claim(review, by=who.by.id, until=until)

        return self._act("claim", review_id, act, decides=True)

    def release(self, review_id: str) -> Cast:
        """Take one's claim back; the claim of somebody else stays."""

        def act(who: Attending, tx: Transaction, review: Review, now: datetime) -> Review:
            if held_by_other(review, who.by.id, now):
                raise Claimed(review.id, by=str(review.claimed_by), until=review.claimed_until)
            if review.claimed_by is None:
                return review
            who._note(tx, review, "released")
            return tx.claim(review, by=None, until=None)

        return self._act("release", review_id, act)

    def defer(self, review_id: str, decision: Defer) -> Cast:
        """Hide it until a moment. Its time runs on, unless its terms say that it stands still."""

        def act(who: Attending, tx: Transaction, review: Review, now: datetime) -> Review:
            course = course_of(review)
            moment = now if course is None else course.present(now)
            until = moment_of(decision, moment)
            check_until(review, until, moment)
            content = {"until": until.isoformat()}
            if course is not None and pauses(review):
                course = course.paused(Pause(moment, until))
            if course is not None:
                content["course"] = course.digest
            hidden = min([until, *course.climbs()]) if course is not None else until
            content["hidden"] = hidden.isoformat()
            who._note(tx, review, "deferred", reason=decision.comment, content=content)
            return tx.advance(review, course=course, keys=review.eligible, hidden_until=hidden)

        return self._act("defer", review_id, act)

    def escalate(self, review_id: str, decision: Escalate) -> Cast:
        """Pass it up to the next level, or on to others that its gate names; with what was said."""

        def act(who: Attending, tx: Transaction, review: Review, now: datetime) -> Review:
            course, leads = course_of(review), destinations_of(review)
            climbs = course is not None and isinstance(course.panel, Chain)
            try:
                check_to(decision.to, tuple(leads), climbs=climbs)
            except InvalidDecision as error:
                raise InvalidDecision(error.reason, review_id=review.id) from None
            if decision.to is not None:
                return who._passed_on(tx, review, decision, leads[decision.to], now)
            assert course is not None
            return who._passed_up(tx, review, course, decision, now)

        return self._act("escalate", review_id, act)

    def _passed_up(
        self, tx: Transaction, review: Review, course: Course, decision: Escalate, now: datetime
    ) -> Review:
        moment = course.present(now)
        try:
            raised = course.raised(moment)
        except GateError as error:
            raise InvalidDecision(str(error), review_id=review.id) from None
        panel = raised.panel_at(moment)
        assert isinstance(panel, Chain)
        content = {"level": panel.level, "course": raised.digest}
        self._note(tx, review, "escalated", reason=decision.reason, content=content, at=moment)
        return follow(tx, review, raised, now)

    def _passed_on(
        self, tx: Transaction, review: Review, decision: Escalate, leads: Destination, now: datetime
    ) -> Review:
        """To others, with a queue and a time of their own; nobody of them looks at it yet."""
        since = max(now, review.created_at)  # the clock may have been put back
        course = course_of(review) or unlimited(panel_of(review, now), since)
        if decision.to in course.escalated:
            passed = ", ".join(course.escalated)
            raise InvalidDecision(
                f"it was escalated to {decision.to!r} before (passed on to: {passed}), and never "
                "goes back",
                review_id=review.id,
            )
        moment = course.present(now)
        course = course.passed_to(str(decision.to), leads, for_case(leads.panel, review), moment)
        panel = course.panel_at(moment)
        queue = review.queue if leads.queue is None else leads.queue
        rank = review.rank if leads.rank is None else leads.rank
        after, place = tx.hand_over(
            review, course=course, keys=panel.eligible_keys, queue=queue, rank=rank
        )
        content: dict[str, Any] = {"to": decision.to, "course": course.digest, "place": place}
        content |= {"queue": queue, "rank": rank}
        if queue != review.queue:
            content["from_queue"] = review.queue
        if isinstance(panel, Chain):
            content["level"] = panel.level
        self._note(tx, review, "escalated", reason=decision.reason, content=content, at=moment)
        return after

    def assign(self, review_id: str, to: Voter | None) -> Cast:
        """Say whose turn it is, who must be able to decide it; with None, anybody's."""
        roll = self.office.roll()

        def act(who: Attending, tx: Transaction, review: Review, now: datetime) -> Review:
            if to is not None:
                panel = panel_of(review, now)
                needed = self.office.admit(tx, review, panel, to, roll, now).refusal
                if needed is not None:
                    raise NotAuthorised(review.id, by=to.id, needed=needed)
            person = None if to is None else to.id
            who._note(tx, review, "assigned", content={"to": person})
            return tx.assign(review, to=person)

        return self._act("assign", review_id, act, roll=roll)

    def _act(
        self,
        word: str,
        review_id: str,
        act: Act,
        *,
        decides: bool = False,
        roll: Roll | None = None,
    ) -> Cast:
        """In one transaction: what time has done, whether this person may, and the deed."""
        refusal: str | None
        office, roll = self.office, roll or self.office.roll()
        with self.office.ledger.transaction() as tx:
            review = tx.get(review_id)
            if review is None:
                raise UnknownReview(review_id)
            now = self.office.clock()
            review = office.caught_up(tx, review, roll, now)
            panel = panel_of(review, now)
            voter, refusal = office.admit(tx, review, panel, self.by, roll, now, decides=decides)
            if refusal is None:
                if was_late(review):
                    return self.office.late(tx, review, self.needs_graph)
                check_open(tx, review)
                check_seen(review, self.seen, self.round)
                done = act(replace(self, by=voter), tx, review, now)
                if (done.eligible, done.escalated_to) != (review.eligible, review.escalated_to):
                    done = office.followed(tx, done, roll, now, passed_up=True)
                return Cast(done, None)
            self._note(tx, review, "refused", reason=refusal)
        raise NotAuthorised(review_id, by=self.by.id, needed=refusal, act=word)

    def _note(
        self,
        tx: Transaction,
        review: Review,
        event: str,
        *,
        reason: str | None = None,
        content: Any = None,
        at: datetime | None = None,
    ) -> None:
        absent = acting_for(self.by)
        if absent is not None:
            content = {**(content or {}), "acting_for": absent}
        tx.note(
            review.id,
            event,
            actor=self.by.id,
            channel=self.channel,
            reason=reason,
            content=content,
            round=review.round,
            at=at,
        )


def answered(
    office: Office,
    review_id: str,
    answer: dict[str, Any],
    by: Voter,
    *,
    channel: Channel,
    seen: str | None,
    round_: int | None,
    needs_graph: bool = False,
) -> Cast:
    """Take an answer: a decision or a vote, or what leaves the review open."""
    if answer.get("type") not in POSTPONING:
        return office.cast(
            review_id,
            answer,
            by,
            channel=channel,
            seen=seen,
            round_=round_,
            needs_graph=needs_graph,
        )
    attending = Attending(
        office=office, by=by, channel=channel, needs_graph=needs_graph, seen=seen, round=round_
    )
    postponement = parse_postponement(answer)
    match postponement:
        case Defer():
            return attending.defer(review_id, postponement)
        case Escalate():
            return attending.escalate(review_id, postponement)
        case _:
            assert_never(postponement)


def held_by_other(review: Review, by: str, now: datetime) -> bool:
    """Whether somebody else says that they look at it."""
    until = review.claimed_until
    return review.claimed_by not in (None, by) and until is not None and now < until


def pauses(review: Review) -> bool:
    """Whether the time of a review stands still while it is deferred."""
    return (review.question or {}).get("on_defer") == "pause"


def _said(moment: datetime | None) -> str:
    return "none" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def moment_of(decision: Defer, now: datetime) -> datetime:
    """Until when it is put off, by the clock of the inbox."""
    match decision.until:
        case None:
            return now + DEFERRAL
        case datetime() as moment:
            return moment
        case length:
            return now + duration_of(length, "until")


def check_until(review: Review, until: datetime, now: datetime) -> None:
    """Raises `InvalidDecision` for a moment that is over, too far, or after the deadline."""
    if not now < until <= now + LONGEST:
        raise InvalidDecision(
            f"until {_said(until)} must lie ahead, and within ten years", review_id=review.id
        )
    course = course_of(review)
    if course is None or pauses(review):
        return
    if isinstance(course.times.at(until), Over):
        raise InvalidDecision(
            f"until {_said(until)} is after the deadline, {_said(course.deadline)}, which "
            'runs on; it stands still meanwhile where the gate says on_defer="pause"',
            review_id=review.id,
        )


def checked_length(length: timedelta | str) -> timedelta:
    """How long somebody may say that they look at a review."""
    try:
        found = duration_of(length, "length")
    except GateError as error:
        raise InvalidDecision(str(error)) from None
    if found > _LONGEST_CLAIM:
        raise InvalidDecision(f"length: a claim is for up to 7 days, not {duration_text(found)}")
    return found
