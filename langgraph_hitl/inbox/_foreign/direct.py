"""Answers that somebody gives to a watched graph itself, past `inbox.decide`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from langgraph_hitl.errors import AlreadyDecided, InboxError, NotAuthorised
from langgraph_hitl.inbox._attend import answered as attended
from langgraph_hitl.inbox._foreign.family import Family, family_of
from langgraph_hitl.inbox._foreign.filing import Asking
from langgraph_hitl.inbox._foreign.handing import Answered, answered, command_of
from langgraph_hitl.inbox._foreign.shapes.known import shape_named
from langgraph_hitl.inbox._foreign.shapes.shape import NOTHING
from langgraph_hitl.inbox._foreign.standing import Standing, asking_at, is_stop, standing_of
from langgraph_hitl.inbox._foreign.survey import ask_what_waits, foreign_only
from langgraph_hitl.inbox._foreign.watch import Watch
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.review.reviewer import DIRECT

_CHECKPOINT = "checkpoint_id"
_CURE = "decide it with inbox.decide(review_id, ..., by=...)"


def with_decided(
    office: Office, app: Any, run: Run, watch: Watch, given: Any, config: RunnableConfig | None
) -> Steps[Any]:
    """What a run that goes on is given, while the lock is held.

    What was decided takes the place of what somebody sends, who decides as `direct` what is open.

    Raises:
        AlreadyDecided: The question is over, and was left as it is.
        InvalidDecision: The answer does not have the shape that the asker expects.
        NotAuthorised: The reviewers are named, and `direct` is none of them.
    """
    if given is not None and not (isinstance(given, Command) and given.resume is not None):
        return given
    standing = yield from standing_of(app, run)
    _check_newest(standing, config, watch, given)
    yield from ask_what_waits(office, run, watch, standing)
    theirs: list[Asking] = yield Call(partial(_foreign, office, standing))
    sent = _sent_to(theirs, standing, given)
    for asking in theirs:
        if asking.place.interrupt_id in sent:
            raw = sent[asking.place.interrupt_id]
            yield Call(partial(_decide, office, asking, raw))
    answers: list[Answered] = yield Call(partial(_answers, office, theirs))
    _check_passed(theirs, answers)
    for one in answers:
        run.handed.update(one.taken)
    return _merged(given, answers, sent, standing)


def foreign_decided(office: Office, run: Run, found: Any) -> bool:
    """Whether a question that another has asked at a checkpoint is decided."""
    with office.ledger.looking() as rx:
        families = [family_of(rx, one, waits=False) for one in asking_at(run, found)]
    return any(review.status != "pending" for one in families for review in one.reviews)


def _check_newest(
    standing: Standing, config: RunnableConfig | None, watch: Watch, given: Any
) -> None:
    """An old checkpoint asks nobody again, so that an answer to it would decide for reviewers."""
    named = ((config or {}).get("configurable") or {}).get(_CHECKPOINT)
    newest = None if standing.found is None else standing.found.checkpoint["id"]
    if given is None or named in (None, newest) or watch.panel is None:
        return
    if watch.panel.refusal(DIRECT) is not None:
        raise InboxError(
            "the answer goes to an old checkpoint, where nobody could be asked; fork the thread "
            f"(app.invoke(None, config)), and {_CURE} what it asks"
        )


def _foreign(office: Office, standing: Standing) -> list[Asking]:
    with office.ledger.looking() as rx:
        return [one for one in standing.asking if foreign_only(office, rx, one)]


def _sent_to(theirs: Iterable[Asking], standing: Standing, given: Any) -> dict[str, Any]:
    """What is sent to which foreign question. A plain answer is to the only one that waits."""
    ids = {one.place.interrupt_id for one in theirs}
    stops = {each: None for each in ids if is_stop(each)}
    if given is None or stops:
        return stops
    resume = given.resume
    if _is_by_id(resume):
        return {each: resume[each] for each in ids & resume.keys()}
    return dict.fromkeys(ids, resume) if len(standing.asking) == 1 else {}


def _is_by_id(resume: Any) -> bool:
    return isinstance(resume, dict) and all(
        isinstance(key, str) and len(key) == 32 for key in resume
    )


def _decide(office: Office, asking: Asking, raw: Any) -> None:
    """Decide what is open of a question, as `direct`."""
    with office.ledger.looking() as rx:
        family = family_of(rx, asking)
    _check_open(family)
    decisions = shape_named(asking.shape).decode(raw, asking.items)
    for review, decision in zip(family.reviews, decisions, strict=True):
        if review.status == "pending":
            _decide_one(office, review, decision)


def _check_open(family: Family) -> None:
    """Raises `AlreadyDecided` where the decision was that nothing is answered."""
    for review in family.reviews:
        if review.status in ("applied", "cancelled") and not review.wake:
            raise AlreadyDecided(
                review.id,
                by=review.decided_by or "system:graph",
                at=review.decided_at or review.updated_at,
                outcome=review.outcome or review.status,
            )


def _decide_one(office: Office, review: Review, decision: dict[str, Any]) -> None:
    try:
        attended(
            office,
            review.id,
            decision,
            DIRECT,
            channel="direct",
            seen=review.digest,
            round_=review.round,
        )
    except AlreadyDecided:
        return  # what was decided goes on
    except NotAuthorised as error:
        needed = f"{error.needed}; {_CURE}"
        raise NotAuthorised(review.id, by=DIRECT.id, needed=needed) from None


def _answers(office: Office, theirs: Iterable[Asking]) -> list[Answered]:
    found = [answered(office, asking) for asking in theirs]
    return [one for one in found if one is not None and one.answer is not NOTHING]


def _check_passed(theirs: Iterable[Asking], answers: Iterable[Answered]) -> None:
    """Raises `InboxError` at a breakpoint that people have not let pass: any run would pass it."""
    passed = {one.interrupt_id for one in answers}
    for asking in theirs:
        if is_stop(asking.place.interrupt_id) and asking.place.interrupt_id not in passed:
            raise InboxError(
                f"the thread {asking.place.thread_id!r} stands at a breakpoint that was not let "
                f"pass; {_CURE}"
            )


def _merged(given: Any, answers: list[Answered], sent: dict[str, Any], standing: Standing) -> Any:
    """The command with what was decided, in place of what was sent.

    An answer to what is not asked any more is left out: LangGraph may give it to the next question.
    """
    if given is None:
        return command_of(answers)
    resume = given.resume
    if not _is_by_id(resume):
        if not sent and not answers:
            return given
        resume = {} if sent else resume
    if not _is_by_id(resume):
        return given  # a plain answer among several questions, which LangGraph refuses
    others = {key: value for key, value in resume.items() if key not in sent and standing.of(key)}
    command = command_of(answers, others)
    if command is None and not (given.update or given.goto):
        return None
    return replace(given, resume=None if command is None else command.resume)
