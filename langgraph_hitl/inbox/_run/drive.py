"""`drive`: hand a verdict to its graph, or finish what a run that died has begun."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import Any, Literal, NamedTuple, assert_never

from langgraph_hitl._subgraph._pregel import through
from langgraph_hitl._subgraph.desk import Verdict
from langgraph_hitl.errors import HitlError, InboxUnavailable, RunFailed, ThreadHeld
from langgraph_hitl.inbox._foreign.handing import Left, Resume, hand_in, progress_of, waits_at_stop
from langgraph_hitl.inbox._foreign.leave import leave
from langgraph_hitl.inbox._foreign.remote import cure_of
from langgraph_hitl.inbox._foreign.server import Server, is_remote
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._oversight.held import held_on
from langgraph_hitl.inbox._run.cause import FailedOnServer, ServerAway, tell
from langgraph_hitl.inbox._run.handed import with_found
from langgraph_hitl.inbox._run.lease import thread_config, try_lock
from langgraph_hitl.inbox._run.progress import Progress, beside, progress, questions
from langgraph_hitl.inbox._run.recall import recall
from langgraph_hitl.inbox._run.run import Run, Version
from langgraph_hitl.inbox._run.steps import Call, Graph, Steps
from langgraph_hitl.inbox.review import (
    OVERRULED,
    RELEASED,
    Review,
    Status,
    interrupt_of,
    is_foreign,
)

_log = logging.getLogger(__name__)

ASK_ANEW = (
    "If its own code is to be mended, do that, and app.invoke(None, config) runs the node again, "
    "with the same answer. If the answer was wrong, new input asks anew: app.invoke({}, config)."
)
"""What helps a node that has raised with the answer to its interrupt."""

_ENDED = "new input, a changed state, a fork, {} has ended the question"
_GONE = _ENDED.format("or a deleted thread")
_GONE_OR_PASSED = _ENDED.format("a deleted thread, or an answer past the inbox")

Word = Literal["driven", "busy", "held", "nothing to do", "incomplete"]
"""`incomplete`: another review of the same question is open, and nothing is sent before that.
`held`: a supervisor has the thread.
"""


_WORDS: dict[Left, Word] = {
    "left": "driven",
    "incomplete": "incomplete",
    "not asked": "nothing to do",
}


class Driven(NamedTuple):
    """What came of it: `outcome` is what the graph made of the verdict that it was driven for.

    `again` says that the same review waits once more, in its next round.
    """

    word: Word
    outcome: str | None = None
    again: bool = False


def drive(office: Office, review: Review, verdict: Verdict | None = None) -> Steps[Driven]:
    """Run the graph of a review as far as it goes, if nobody else does.

    Whoever finds the thread busy leaves the verdict where it is: the run that holds the lock looks
    once more when it has given it back. Raises `RunFailed` where the run fails.
    """
    word, run = yield from _once(office, review, verdict)
    if run is None:
        return Driven(word)
    open_still = yield from look_again(office, run)
    if open_still is None:
        return Driven(word)
    version = (review.id, review.round)
    taken = run.taken.get(version)
    overridden = verdict is not None and run.verdicts.get(version) is not verdict
    outcome = None if taken is None or overridden else taken.outcome
    return Driven(word, outcome, again=review.id in open_still)


def look_again(office: Office, run: Run) -> Steps[frozenset[str] | None]:
    """Go on with what a run leaves behind, now that its lock is free.

    That is verdicts that came while it held the thread, then questions that it did not come to.
    Each is looked at once. Gives the ids of all reviews of the thread that are open, or None where
    the inbox is away: the run itself is over, and has no part in it.
    """
    try:
        return (yield from _look_again(office, run))
    except InboxUnavailable:
        _log.exception("what came to thread %s meanwhile is followed by work()", run.thread_id)
        return None


def _look_again(office: Office, run: Run) -> Steps[frozenset[str]]:
    looked_at: set[tuple[Version, Status]] = set()
    waiting = run.waiting
    while True:
        office.point("looking")
        found: list[Review] = yield Call(partial(_open_on, office, run))
        came = _one_of_each_question(_left_behind(found, waiting), found)
        left = [review for review in came if _sight(review) not in looked_at]
        for review in left:
            looked_at.add(_sight(review))
            word, its = yield from _once_quietly(office, review)
            if its is not None and word == "driven":
                waiting = its.waiting
                break
            if word == "busy":
                return _ids(found)
        else:
            return _ids(found)


def _once(
    office: Office, review: Review, verdict: Verdict | None = None
) -> Steps[tuple[Word, Run | None]]:
    """One run for one review, and the run, unless no thread was needed or another holds it."""
    if OVERRULED in review.hooks or (review.mode == "sampled" and RELEASED in review.hooks):
        return (yield from recall(office, review)), None
    app = office.registry.app(review)
    if (yield Call(partial(held_on, office, review.graph, review.thread_id))) is not None:
        return "held", None
    held = yield from try_lock(office, review.thread_id)
    if held is None:
        return "busy", None
    run = Run(desk=office, graph=review.graph, thread_id=review.thread_id, lock=held)
    error: BaseException | None = None
    try:
        current: Review | None = review
        if verdict is not None and (yield Call(partial(_stands, office, review, verdict))):
            run.verdicts[(review.id, review.round)] = verdict
        else:
            current = yield Call(partial(_again, office, review))
        word = (yield from _go_on(office, app, run, current)) if current else "nothing to do"
    except BaseException as raised:
        error = raised.__cause__ if isinstance(raised, RunFailed) else raised
        if isinstance(raised, ServerAway):
            raise _server_away(review, raised) from raised
        if isinstance(raised, HitlError) or not isinstance(raised, Exception):
            raise
        raise _failed(review, raised) from raised  # the saver, which could not be read
    finally:
        yield from leave(office, run, app, error)
    return word, run


def _once_quietly(office: Office, review: Review) -> Steps[tuple[Word, Run | None]]:
    """What fails here is tried again later; whoever waits for the run before has no part in it."""
    try:
        return (yield from _once(office, review))
    except RunFailed as error:
        tell(_log, error, "the verdict on review %s is followed later, by work()", review.id)
        return "busy", None


def _go_on(office: Office, app: Any, run: Run, review: Review) -> Steps[Word]:
    """Under the lock: what the thread says decides what is done."""
    look = progress if office.registry.watch_of(run.graph) is None else progress_of
    found: Progress = yield from look(app, run, review)
    if review.mode != "blocking":
        return (yield from _finish(office, app, run, review, found))
    match found:
        case "waits" if review.status == "pending" and (
            waits_at_stop(review) or is_remote(app) or not (yield from beside(app, run, review))
        ):
            if not is_remote(app):
                run.waiting |= yield from questions(app, run)
            return "nothing to do"
        case "waits" | "under way":
            run.aim = (review.id, review.round)
            if is_foreign(review):
                return (yield from _hand_in(office, app, run, review, found))
            yield from _invoke(office, app, run, review)
            yield from _account(office, app, run, review)
            return "driven"
        case "past":
            yield Call(partial(_close, office, review))
            return "nothing to do"
        case "gone":
            yield Call(partial(_supersede, office, review))
            return "nothing to do"
        case _:
            assert_never(found)


def _hand_in(office: Office, app: Any, run: Run, review: Review, found: Progress) -> Steps[Word]:
    """Resume a question of somebody else with its answer, or go on with a run that has it."""
    given: Any = None
    if found == "waits" and review.status != "pending":
        handing = yield from hand_in(office, app, run, review)
        if not isinstance(handing, Resume):
            run.aim = None
            return _WORDS[handing]
        given = handing.given
    yield from _invoke(office, app, run, review, given)
    return "driven"


def _finish(office: Office, app: Any, run: Run, review: Review, found: Progress) -> Steps[Word]:
    """The run that filed a review without waiting for it; the review itself stays as it is."""
    run.went_on[(review.id, review.round)] = review.mode
    if found != "under way":
        return "nothing to do"
    yield from _invoke(office, app, run, review)
    return "driven"


def _invoke(office: Office, app: Any, run: Run, review: Review, given: Any = None) -> Steps[None]:
    office.point("resuming")
    if is_remote(app):
        yield from _invoke_there(app, run, review, given)
        return
    saver = with_found(app.checkpointer, run.found)
    run.found = None
    config = through(run.within(thread_config(run)), saver)
    try:
        yield Graph(partial(app.invoke, given, config), partial(app.ainvoke, given, config))
    except ThreadHeld:
        run.aim = None
    except Exception as error:
        raise _failed(review, error) from error


def _invoke_there(app: Any, run: Run, review: Review, given: Any) -> Steps[None]:
    """`_invoke`, on a server."""
    by_id = None if given is None else given.resume
    server, passes = Server(app), interrupt_of(review)
    error = yield from server.resume(run.thread_id, by_id, passes=passes)
    if error is not None:
        raise RunFailed(review.id, reason=error, cure=cure_of(error)) from FailedOnServer(error)


def _server_away(review: Review, error: ServerAway) -> RunFailed:
    decided = review.status != "pending"
    cure = "inbox.work() tries it again."
    return RunFailed(review.id, reason=str(error), decided=decided, cure=cure)


def _failed(review: Review, error: Exception) -> RunFailed:
    decided = review.status != "pending"
    reason = f"{type(error).__name__}: {error}"
    if is_foreign(review) and not waits_at_stop(review):
        return RunFailed(review.id, reason=reason, decided=decided, cure=ASK_ANEW)
    return RunFailed(review.id, reason=reason, decided=decided)


def _account(office: Office, app: Any, run: Run, review: Review) -> Steps[None]:
    """Close a review whose gate was over before the run began: it finished what came after it."""
    if run.aim is None or run.aim in run.waiting or run.aim in run.taken:
        return
    current: Review | None = yield Call(partial(_again, office, review))
    if current is not None and (current.id, current.round) == run.aim:
        found: Progress = yield from progress(app, run, current)
        match found:
            case "under way":  # a breakpoint, perhaps
                return
            case "waits":
                run.waiting.add(run.aim)
            case "past":
                yield Call(partial(_close, office, current))
            case "gone":
                yield Call(partial(_supersede, office, current))
            case _:
                assert_never(found)
    run.aim = None


def _stands(office: Office, review: Review, verdict: Verdict) -> bool:
    """Whether a verdict is still the one of the ledger: nobody has overridden it meanwhile."""
    with office.ledger.looking() as rx:
        settlement = rx.settlement(review.id, review.round)
    if settlement is None:
        return False
    now = (settlement.by, settlement.at, settlement.decision)
    return now == (verdict["by"], datetime.fromisoformat(verdict["at"]), verdict["decision"])


def _again(office: Office, review: Review) -> Review | None:
    """The review as it is under the lock, if there may still be something to do."""
    with office.ledger.looking() as rx:
        found = rx.get(review.id)
    if found is None:
        return None
    waits = found.status == "pending" and found.mode == "blocking"
    return found if found.wake or waits else None


def _open_on(office: Office, run: Run) -> list[Review]:
    with office.ledger.looking() as rx:
        return rx.open_on(run.thread_id, run.graph, content=False)


def _left_behind(found: list[Review], waiting: set[Version]) -> list[Review]:
    came = [
        r
        for r in found
        if r.wake and not r.attempts and (r.status != "pending" or r.mode != "blocking")
    ]
    missed = [
        r
        for r in found
        if r.status == "pending"
        and r.mode == "blocking"
        and not r.attempts
        and (r.id, r.round) not in waiting
    ]
    return came + missed


def _one_of_each_question(left: list[Review], found: list[Review]) -> list[Review]:
    """Without the other decided items of a question of somebody else of which one is open still.

    It is answered as a whole, so that one look at it tells as much as one for every item.
    """
    unanswered = {r.gate for r in found if is_foreign(r) and r.status == "pending"}
    kept: dict[str, Review] = {}
    for review in left:
        kept.setdefault(review.gate if review.gate in unanswered else review.id, review)
    return [*kept.values()]


def _sight(review: Review) -> tuple[Version, Status]:
    return (review.id, review.round), review.status


def _ids(reviews: list[Review]) -> frozenset[str]:
    return frozenset(review.id for review in reviews)


def _close(office: Office, review: Review) -> None:
    with office.ledger.transaction() as tx:
        if review.status == "pending":
            tx.supersede(review.id, review.round, reason="the graph has gone on without an answer")
        else:
            settlement = tx.settlement(review.id, review.round)
            outcome = review.outcome if settlement is None else settlement.outcome
            tx.apply([(review.id, review.round, outcome or review.status, None)])


def _supersede(office: Office, review: Review) -> None:
    if review.status in ("cancelled", "applied"):  # nothing is left of it to be superseded
        _close(office, review)
        return
    with office.ledger.transaction() as tx:
        tx.supersede(
            review.id,
            review.round,
            reason=_GONE_OR_PASSED if is_foreign(review) else _GONE,
        )
