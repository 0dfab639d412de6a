"""`survey`: after it, the ledger has exactly the questions at which a watched thread is paused."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from langgraph.errors import is_invalid_resume

from langgraph_hitl.inbox._foreign.family import Family, family_of, file
from langgraph_hitl.inbox._foreign.filing import Asking
from langgraph_hitl.inbox._foreign.ours import is_ours
from langgraph_hitl.inbox._foreign.standing import Standing, standing_of, went_on
from langgraph_hitl.inbox._foreign.watch import Watch
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.review import Review, interrupt_of, is_foreign

_GONE = "new input, a changed state, a fork, a deleted thread or another payload has ended it"
_ANSWERED = "somebody has answered the graph itself, past the inbox"


class Surveyed(NamedTuple):
    """How many questions were filed, and how many were found to be over."""

    filed: int = 0
    ended: int = 0


def survey(
    office: Office, app: Any, run: Run, watch: Watch, error: BaseException | None = None
) -> Steps[Surveyed]:
    """Compare thread and ledger while the lock is held; `error` is what ended the run, if any did.

    What waits is filed, and noted as what the run waits for. What waits no more was taken by the
    graph, if an answer was handed to it, or is dead.
    """
    standing = yield from standing_of(app, run)
    refused = error is not None and is_invalid_resume(error)
    filed: int = yield Call(partial(_ask, office, run, watch, standing, refused))
    missing: list[Review] = yield Call(partial(_not_asked, office, run, standing))
    ended = 0
    for review in missing:
        version = (review.id, review.round)
        if version in run.handed:
            run.taken[version] = run.handed[version]
        else:
            changed = standing.of(interrupt_of(review)) is not None
            gone_on = not changed and (yield from went_on(app, run, standing, review))
            yield Call(partial(_end, office, review, gone_on))
            ended += 1
    return Surveyed(filed, ended)


def ask_what_waits(office: Office, run: Run, watch: Watch, standing: Standing) -> Steps[None]:
    """File what is not filed, before an answer is taken."""
    yield Call(partial(_ask, office, run, watch, standing, False))


def foreign_only(office: Office, rx: Any, asking: Asking) -> bool:
    """Whether no gate that files with the inbox by itself asks this."""
    return not is_ours(office.registry.specs_of(asking.place.graph), rx, asking)


def _ask(office: Office, run: Run, watch: Watch, standing: Standing, refused: bool) -> int:
    """File what is new; how many reviews that are."""
    if not standing.asking:
        return 0
    with office.ledger.looking() as rx:
        theirs = [one for one in standing.asking if foreign_only(office, rx, one)]
        families = [(one, family_of(rx, one)) for one in theirs]
    new = [(asking, family) for asking, family in families if not family.is_filed]
    if new:
        filed = _file(office, watch, new)
        run.waiting |= {(review.id, review.round) for review in filed}
    for _, family in families:
        for review in family.reviews:
            if review.status == "pending":
                run.waiting.add((review.id, review.round))
            elif refused and (review.id, review.round) in run.handed:
                _reopen(office, run, review)
    return sum(len(family.ids) for _, family in new)


def _file(office: Office, watch: Watch, new: list[tuple[Asking, Family]]) -> list[Review]:
    roll = office.roll() if office.assigns else None
    with office.ledger.transaction() as tx:
        now = office.clock()
        turns = None if roll is None else office.turns(tx, roll, now)
        return [
            review
            for asking, family in new
            for review in file(tx, asking, watch, family, turns=turns, now=now)
        ]


def _reopen(office: Office, run: Run, review: Review) -> None:
    """The graph itself refused the answer before it was saved: somebody has to decide anew."""
    version = (review.id, review.round)
    with office.ledger.transaction() as tx:
        reason = "the graph refused the answer, of which nothing was saved"
        tx.reopen(*version, actor="system:graph", reason=reason)
    del run.handed[version]
    run.waiting.add(version)


def _not_asked(office: Office, run: Run, standing: Standing) -> list[Review]:
    """The foreign reviews of a thread that are open, and that nobody asks any more."""
    with office.ledger.looking() as rx:
        found = rx.open_on(run.thread_id, run.graph, content=False)
        left = [review for review in found if is_foreign(review)]
        asked: set[str] = set()
        for review in left:
            asking = standing.of(interrupt_of(review))
            if asking is not None and review.id not in asked:  # its family is known already
                asked.update(family_of(rx, asking).ids)
    return [review for review in left if review.id not in asked]


def _end(office: Office, review: Review, went_on: bool) -> None:
    """Close a review whose question is over: with its decision, if the graph has gone on."""
    with office.ledger.transaction() as tx:
        if review.status == "pending":
            tx.supersede(review.id, review.round, reason=_ANSWERED if went_on else _GONE)
        elif went_on or review.status == "cancelled":
            tx.apply([(review.id, review.round, review.outcome or review.status, None)])
        else:
            tx.supersede(review.id, review.round, reason=_GONE)
