"""`check_detour`: nothing leads around what a thread waits for, but new input, which is asked anew.

A `goto` runs a node behind a gate or a breakpoint, and an `update` changes what an approval is
about, at the very checkpoint that waits.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import var_child_runnable_config
from langgraph.types import Command

from langgraph_hitl._subgraph._pregel import beginning_anew, says_whether_it_resumes
from langgraph_hitl.errors import AlreadyDecided, InvalidDecision, NotAuthorised
from langgraph_hitl.inbox._foreign.family import family_of
from langgraph_hitl.inbox._foreign.standing import Standing, is_stop, standing_of
from langgraph_hitl.inbox._foreign.survey import ask_what_waits, foreign_only
from langgraph_hitl.inbox._foreign.watch import Watch
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.progress import progress
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.review import Review, is_foreign
from langgraph_hitl.review.reviewer import DIRECT

_ANEW = "new input, app.invoke({...}, config)"
_CURE = f"decide it with inbox.decide(review_id, ..., by=...), or end the question by {_ANEW}"
_FIRST = (
    "; that goes on first, once all of its question is decided: app.invoke(None, config), or "
    "inbox.work()"
)
_LEFT = f"; the thread stays where it is, until {_ANEW}, ends the question"


def check_detour(
    office: Office, app: Any, run: Run, watch: Watch | None, given: Any
) -> Steps[None]:
    """Refuse a command around what waits, while the lock is held, and note it.

    Where anybody may decide alone, what waits is in nobody's way.

    Raises:
        AlreadyDecided: It was decided, and what was approved is what has to run.
        InvalidDecision: The command says nothing at all.
        NotAuthorised: `direct` may not decide it, so that it may not go around it either.
    """
    if not isinstance(given, Command):
        return
    if not (given.update or given.goto):
        if given.resume is None:
            raise InvalidDecision(
                "the command has no resume, update or goto, and None is no answer: "
                "app.invoke(None, config) runs a thread on without one"
            )
        return
    waiting = yield from _waiting(office, app, run, watch)
    yield Call(partial(_check, office, waiting))


def as_new_input(
    app: Any, run: Run, given: Any, config: RunnableConfig | None
) -> Steps[RunnableConfig | None]:
    """The configuration with which new input at a breakpoint begins anew.

    LangGraph passes the breakpoint where the run has the id of the one before, or says so.
    """
    if given is None or isinstance(given, Command) or not _may_resume(app, config):
        return config
    standing = yield from standing_of(app, run)
    if not any(is_stop(one.place.interrupt_id) for one in standing.asking):
        return config
    return beginning_anew(config)


def _may_resume(app: Any, config: RunnableConfig | None) -> bool:
    return any(map(says_whether_it_resumes, (config, app.config, var_child_runnable_config.get())))


def _waiting(office: Office, app: Any, run: Run, watch: Watch | None) -> Steps[list[Review]]:
    """What the thread waits for, or goes on with next; not what somebody has ended meanwhile."""
    waiting: list[Review] = []
    if watch is not None:
        standing = yield from standing_of(app, run)
        yield from ask_what_waits(office, run, watch, standing)
        waiting += yield Call(partial(_foreign, office, standing))
    ours: list[Review] = yield Call(partial(_of_gates, office, run))
    for review in ours:
        place = yield from progress(app, replace(run), review)
        if place == "waits" or (place == "under way" and review.mode == "blocking"):
            waiting.append(review)
    return waiting


def _foreign(office: Office, standing: Standing) -> list[Review]:
    with office.ledger.looking() as rx:
        theirs = [one for one in standing.asking if foreign_only(office, rx, one)]
        return [review for one in theirs for review in family_of(rx, one).reviews]


def _of_gates(office: Office, run: Run) -> list[Review]:
    with office.ledger.looking() as rx:
        found = rx.open_on(run.thread_id, run.graph)
    return [one for one in found if one.mode != "sampled" and not is_foreign(one)]


def _check(office: Office, waiting: list[Review]) -> None:
    for review in (one for one in waiting if one.status == "pending"):
        needed = _needed(office, review)
        if needed is not None:
            _note(office, review, needed)
            needed = f"{needed}; {_CURE}"
            raise NotAuthorised(review.id, by=DIRECT.id, needed=needed, act="go around")
    for review in (one for one in waiting if one.status != "pending"):
        _note(office, review, "it is decided")
        raise AlreadyDecided(
            review.id,
            by=review.decided_by or "system:graph",
            at=review.decided_at or review.updated_at,
            outcome=review.outcome or review.status,
            more=_FIRST if review.wake else _LEFT,
        )


def _needed(office: Office, review: Review) -> str | None:
    """What it takes to decide a review, where it takes more than anybody's answer."""
    panel = office.panel_of(review)
    needed = office.refusal(review, panel, DIRECT)
    return f"it takes {panel.rule}" if needed is None and not panel.single else needed


def _note(office: Office, review: Review, why: str) -> None:
    reason = f"a command with goto or update would go around it: {why}"
    with office.ledger.transaction() as tx:
        tx.note(
            review.id,
            "refused",
            actor=DIRECT.id,
            channel="direct",
            reason=reason,
            round=review.round,
        )
