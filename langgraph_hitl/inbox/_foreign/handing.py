"""What a watched thread is resumed with: what was decided about the questions it waits for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, Literal, NamedTuple, TypeAlias

from langgraph.types import Command

from langgraph_hitl.inbox._foreign.answer import answer_of
from langgraph_hitl.inbox._foreign.family import family_of
from langgraph_hitl.inbox._foreign.filing import Asking
from langgraph_hitl.inbox._foreign.server import is_remote
from langgraph_hitl.inbox._foreign.shapes.shape import NOTHING
from langgraph_hitl.inbox._foreign.standing import by_the_inbox, is_stop, standing_of, went_on
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.progress import Progress, progress
from langgraph_hitl.inbox._run.run import Run, Taken, Version
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.review import Review, interrupt_of, is_foreign


class Resume(NamedTuple):
    """The graph goes on with this; None for a breakpoint that is passed."""

    given: Command[Any] | None


Left = Literal["left", "incomplete", "not asked"]
Handing: TypeAlias = Resume | Left
"""`left`: the decision is that the thread stays where it is. `incomplete`: other items of the same
question are open. `not asked`: the thread does not wait for this review.
"""


class Answered(NamedTuple):
    """The whole answer to one question, and what was decided about its reviews."""

    interrupt_id: str
    answer: Any
    taken: dict[Version, Taken]


def hand_in(office: Office, app: Any, run: Run, review: Review) -> Steps[Handing]:
    """What to do with a decided review, while the lock is held; keeps what the run hands in."""
    standing = yield from standing_of(app, run)
    asking = standing.of(interrupt_of(review))
    if asking is None:
        return "not asked"
    answered: Answered | None = yield Call(partial(_answered_with, office, asking, review))
    if answered is None:
        return "incomplete"
    if answered.answer is NOTHING:
        run.taken.update(answered.taken)
        return "left"
    run.handed.update(answered.taken)
    return Resume(command_of([answered]))


def progress_of(app: Any, run: Run, review: Review) -> Steps[Progress]:
    """`progress` in a watched graph: nobody but people lets it go on from a breakpoint."""
    standing = yield from standing_of(app, run)
    if is_foreign(review) and standing.of(interrupt_of(review)) is not None:
        run.found = standing.found
        return "waits"
    if is_remote(app):
        return "past" if (yield from went_on(app, run, standing, review)) else "gone"
    found = yield from progress(app, run, review)
    decided = is_foreign(review) and review.status != "pending" and found in ("past", "under way")
    if decided and not (yield from by_the_inbox(app, run, run.found, review)):
        return "gone"
    stops = any(is_stop(one.place.interrupt_id) for one in standing.asking)
    return "past" if found == "under way" and stops else found


def waits_at_stop(review: Review) -> bool:
    """Whether any run would pass what a review asks: a static breakpoint."""
    return is_foreign(review) and is_stop(interrupt_of(review))


def command_of(answers: Iterable[Answered], more: dict[str, Any] | None = None) -> Any:
    """What resumes a graph with these answers, and `more` to other questions by their ids."""
    by_id = {one.interrupt_id: one.answer for one in answers if not is_stop(one.interrupt_id)}
    by_id |= more or {}
    return Command(resume=by_id) if by_id else None


def answered(office: Office, asking: Asking) -> Answered | None:
    """The answer to a question; None where something about it is open, or all is done."""
    with office.ledger.looking() as rx:
        family = family_of(rx, asking)
        settlements = family.settlements(rx)
    if settlements is None or len(settlements) != len(family.reviews):
        return None
    taken = {
        (review.id, review.round): Taken(settlement.outcome, review.digest)
        for review, settlement in zip(family.reviews, settlements, strict=True)
    }
    answer = answer_of(family.reviews, settlements)
    return Answered(asking.place.interrupt_id, answer, taken)


def _answered_with(office: Office, asking: Asking, review: Review) -> Answered | None:
    found = answered(office, asking)
    return found if found is not None and (review.id, review.round) in found.taken else None
