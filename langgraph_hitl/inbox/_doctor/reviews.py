"""Open reviews against their threads: lost wake-ups, dead questions, reviews without a thread."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Literal, NamedTuple, TypeAlias, assert_never

from langgraph_hitl.errors import HitlError
from langgraph_hitl.inbox._doctor.examination import GRACE, LONG, Examination
from langgraph_hitl.inbox._doctor.finding import Finding
from langgraph_hitl.inbox._doctor.locked import locked
from langgraph_hitl.inbox._doctor.pages import open_pages, read
from langgraph_hitl.inbox._foreign.handing import progress_of
from langgraph_hitl.inbox._foreign.server import is_remote
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.cause import ServerAway, ServerBusy, ServerSilent
from langgraph_hitl.inbox._run.drive import drive
from langgraph_hitl.inbox._run.lease import saved
from langgraph_hitl.inbox._run.progress import Progress, progress
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.review import RELEASED, Review

Illness: TypeAlias = Literal[
    "lost wake-up",
    "waiting for a worker",
    "failed run",
    "dead question",
    "no thread",
    "stuck thread",
]

_SENTENCES: dict[Illness, str] = {
    "lost wake-up": "The graph has to go on with this review ({status}), and nobody is at it.",
    "waiting for a worker": "The graph has to go on with this review ({status}); no worker has "
    "come to it yet.",
    "failed run": "The graph failed {attempts} times to go on with this review ({status}): {error}",
    "dead question": "The review is {status}, but its thread asks this question no longer.",
    "no thread": "The review is {status}, but its thread is not in the checkpointer of the graph.",
    "stuck thread": "The review is {status}, and a run of its thread was cut off beside it.",
}
_WORK = "inbox.work(), or langgraph-hitl work, in a process that registered the graph."
_CURES: dict[Illness, str] = {
    "lost wake-up": _WORK,
    "waiting for a worker": _WORK,
    "failed run": "Mend what the error names; inbox.work() tries again.",
    "dead question": "A repair closes it as superseded; a decision on it would be refused.",
    "no thread": "Give the graph the checkpointer that has the thread. If the thread was deleted, "
    "a repair closes the review as superseded.",
    "stuck thread": "A repair lets the graph go on.",
}


_DEAD = ("dead question", "no thread")


class Repair(NamedTuple):
    """Whether a repair was tried, and why it failed."""

    tried: bool
    error: str | None = None


class Case(NamedTuple):
    """A review as it is under the lock of its thread, and what it suffers from."""

    review: Review
    illness: Illness | None


def check_reviews(examined: Examination) -> Steps[None]:
    """Every open review, while nobody runs its thread."""
    pages = open_pages(examined.office)
    while page := (yield Call(partial(next, pages, None))):
        for review in page:
            if review.wake or review.mode == "blocking":
                yield from _examine(examined, review)


def _examine(examined: Examination, review: Review) -> Steps[None]:
    office = examined.office
    if review.graph in examined.silent:
        return
    look = partial(_look, examined, review)
    try:
        case = yield from locked(office, review.graph, review.thread_id, look)
    except ServerBusy:
        return
    except ServerAway as error:
        if isinstance(error, ServerSilent):
            examined.silent.add(review.graph)
        examined.add(_not_examined(review, error))
        return
    if case == "busy":
        if review.wake and office.clock() - review.updated_at > LONG:
            examined.add(_held_for_long(review))
    elif case.illness is not None:
        repair = yield from _repair(examined, case)
        if repair.error and case.illness == "waiting for a worker":
            case = case._replace(illness="lost wake-up")  # no worker would fare better
        current: Review = (yield Call(partial(read, office, review.id))) or case.review
        examined.add(_finding(case, current, repair))


def _look(examined: Examination, review: Review, run: Run) -> Steps[Case]:
    office = examined.office
    current: Review | None = yield Call(partial(read, office, review.id))
    if current is None or not (current.wake or current.status == "pending"):
        return Case(review, None)
    if not office.registry.has(current.graph) or RELEASED in current.hooks:
        return Case(current, _unattended(office, current) if current.wake else None)
    app = office.registry.app(current)
    if not is_remote(app) and (yield from saved(app, run)) is None:
        return Case(current, "no thread")
    look = progress if office.registry.watch_of(current.graph) is None else progress_of
    found: Progress = yield from look(app, run, current)
    return Case(current, _illness(office, current, found))


def _unattended(office: Office, review: Review) -> Illness:
    """What was decided a moment ago is not lost yet."""
    age = office.clock() - review.updated_at
    lately = review.status != "pending" and timedelta(0) <= age < GRACE
    return "waiting for a worker" if lately else "lost wake-up"


def _illness(office: Office, review: Review, found: Progress) -> Illness | None:
    if found == "gone" and review.mode == "blocking":
        return "dead question"
    if review.wake:
        return "failed run" if review.attempts else _unattended(office, review)
    match found:
        case "waits":
            return None
        case "under way":
            return "stuck thread"
        case "past" | "gone":
            return "dead question"
        case _:
            assert_never(found)


def _repair(examined: Examination, case: Case) -> Steps[Repair]:
    """Drive it, which closes what is dead, and decides nothing."""
    if not examined.repair or not examined.office.registry.has(case.review.graph):
        return Repair(tried=False)
    try:
        yield from drive(examined.office, case.review)
    except HitlError as error:
        return Repair(tried=True, error=str(error))
    return Repair(tried=True)


def _finding(case: Case, current: Review, repair: Repair) -> Finding:
    assert case.illness is not None
    review = case.review
    alive = current.wake or (case.illness in _DEAD and current.status == "pending")
    sentence = _SENTENCES[case.illness].format(
        status=review.status, attempts=review.attempts, error=review.error
    )
    return Finding(
        kind=case.illness,
        sentence=f"{sentence} The repair failed: {repair.error}" if repair.error else sentence,
        cure=_CURES[case.illness],
        review_id=review.id,
        thread=review.thread_id,
        graph=review.graph,
        repaired=repair.tried and repair.error is None and not alive,
    )


def _not_examined(review: Review, error: ServerAway) -> Finding:
    return Finding(
        kind="not examined",
        sentence=f"It cannot be told what the thread waits for: {error}.",
        cure="Nothing is lost meanwhile: inbox.work() sends what was decided when the server "
        "answers again.",
        review_id=review.id,
        thread=review.thread_id,
        graph=review.graph,
    )


def _held_for_long(review: Review) -> Finding:
    return Finding(
        kind="lock held for long",
        sentence="The graph has to go on with this review, and a run has held its thread since "
        f"{review.updated_at:%Y-%m-%d %H:%M} UTC or longer.",
        cure="It may be at work. If its process was stopped or hangs, let it go on, or end it: "
        "the lock is free as soon as it ends.",
        review_id=review.id,
        thread=review.thread_id,
        graph=review.graph,
    )
