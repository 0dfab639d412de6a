"""The contract: what an inbox promises on whatever database and checkpointer it stands.

Run it against yours: a pooler in between, a managed PostgreSQL, another checkpointer, a file system
over the network. Each rule is a function; its docstring says what is promised.

```python
@pytest.mark.parametrize("rule", DURABLE_RULES, ids=lambda rule: rule.__name__)
def test_our_database(rule, saver):
    rule(Stand("postgresql://...", saver))
```

`RULES` hold for every inbox, `sqlite:///:memory:` among them; `DURABLE_RULES` are these and what
several processes promise each other on one database.

>>> from langgraph.checkpoint.memory import InMemorySaver
>>> from langgraph_hitl.testing import RULES, Stand
>>> for rule in RULES:
...     rule(Stand("sqlite:///:memory:", InMemorySaver()))
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from langgraph_hitl.errors import AlreadyDecided, HitlError, NotAuthorised, StaleReview
from langgraph_hitl.inbox import Inbox, Review
from langgraph_hitl.panels import quorum
from langgraph_hitl.review.decision import Approve, Reject, Revise
from langgraph_hitl.review.reviewer import Reviewer
from langgraph_hitl.testing._stand import Rule, Stand, expect

__all__ = ["DURABLE_RULES", "RULES", "Rule", "Stand"]

RACERS = 8


class _Death(BaseException):
    """Ends a run as a kill would: nobody tidies up."""


def decided_once(stand: Stand) -> None:
    """A review is decided by whoever is first; everybody else is told by whom and how."""
    with stand.desk() as desk:
        graph = desk.graph()
        review = graph.question(graph.ask())
        heard = _raced(desk.inbox, review)
        winners = [by for by, error in heard if error is None]
        expect(len(winners) == 1, f"{len(winners)} of {RACERS} decided one review")
        losers = [error for _, error in heard if error is not None]
        decided = desk.inbox.get(review.id)
        for error in losers:
            expect(isinstance(error, AlreadyDecided), f"a loser was told {error!r}")
            told = (getattr(error, "by", None), getattr(error, "outcome", None))
            expect(told == (winners[0], decided.outcome), f"a loser was told {told}")


def run_once(stand: Stand) -> None:
    """What follows a decision runs once, however many try to resume the thread."""
    with stand.desk() as desk:
        graph = desk.graph()
        thread = graph.ask()
        review = graph.question(thread)

        def resume(number: int) -> None:
            if number % 2:
                graph.answer(thread, "reject")
            else:
                _decided(desk.inbox, review, f"racer {number}")

        _at_once(resume)
        outcome = desk.inbox.get(review.id).outcome
        wanted = ["act"] if outcome == "approved" else ["stop"]
        expect(graph.ran(thread) == wanted, f"{outcome}, and it ran {graph.ran(thread)}")


def a_direct_answer_counts_once(stand: Stand) -> None:
    """Resuming the graph itself decides too; a later answer reads what was decided."""
    with stand.desk() as desk:
        graph = desk.graph()
        thread = graph.ask()
        review = graph.question(thread)
        graph.answer(thread, "approve")
        late = graph.answer(thread, "reject")["review"]
        expect(desk.inbox.get(review.id).decided_by == "direct", "a direct answer did not decide")
        expect(late["outcome"] == "approved", f"a late answer reads {late['outcome']}")
        expect(graph.ran(thread) == ["act"], f"it ran {graph.ran(thread)}")


def a_decision_on_another_version_is_refused(stand: Stand) -> None:
    """Who looked at an earlier version decides nothing about the present one."""
    with stand.desk() as desk:
        graph = desk.graph(revise=lambda state: {"draft": state["draft"] + "!"}, reads=("draft",))
        thread = graph.ask()
        first = graph.question(thread)
        desk.inbox.decide(first.id, Revise("louder"), by="ann")
        second = graph.question(thread)
        expect((second.id, second.round) == (first.id, 1), "the next version is another review")
        try:
            desk.inbox.decide(first.id, Approve(), by="bob", seen=first)
        except StaleReview as error:
            expect(error.current.round == 1, "the error does not carry the present version")
        else:
            raise AssertionError("an approval of the earlier version was taken")
        desk.inbox.decide(second.id, Approve(), by="bob", seen=second)
        expect(graph.ran(thread) == ["act"], f"it ran {graph.ran(thread)}")


def a_panel_counts_every_person_once(stand: Stand) -> None:
    """Two of three are two people; who has no role has no vote."""
    with stand.desk() as desk:
        graph = desk.graph(reviewers=quorum(2, of="editors", size=3))
        thread = graph.ask()
        review = graph.question(thread)
        ann, bob = (Reviewer(name, "editors") for name in ("ann", "bob"))
        for _ in range(2):
            status = desk.inbox.decide(review.id, Approve(), by=ann).status
            expect(status == "pending", f"one person made it {status}")
        try:
            desk.inbox.decide(review.id, Approve(), by="eve")
        except NotAuthorised:
            pass
        else:
            raise AssertionError("somebody without the role has voted")
        desk.inbox.decide(review.id, Approve(), by=bob)
        expect(graph.ran(thread) == ["act"], f"it ran {graph.ran(thread)}")


def answers_to_parallel_questions_all_count(stand: Stand) -> None:
    """Two questions of one thread, decided at once: both count, and the thread goes on."""
    with stand.desk() as desk:
        graph = desk.parallel()
        thread = graph.ask()
        reviews = graph.waiting(thread)
        expect(len(reviews) == 2, f"{len(reviews)} questions wait instead of 2")
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda review: _decided(desk.inbox, review, "ann"), reviews))
        expect(graph.ran(thread) == ["act"], f"it ran {graph.ran(thread)}")


def what_nobody_can_answer_any_more_is_superseded(stand: Stand) -> None:
    """New input kills a question; it is not left waiting."""
    with stand.desk() as desk:
        graph = desk.graph()
        thread = graph.ask("first")
        first = graph.question(thread)
        graph.ask("second", thread=thread)
        status = desk.inbox.get(first.id).status
        expect(status == "superseded", f"the question before is {status}")
        graph.question(thread)


def a_cancelled_review_approves_nothing(stand: Stand) -> None:
    """Cancelling ends a review, and its graph goes the way of a refusal."""
    with stand.desk() as desk:
        graph = desk.graph()
        thread = graph.ask()
        review = graph.question(thread)
        desk.inbox.cancel(review.id, by="ann", reason="the customer has left")
        expect(graph.ran(thread) == ["stop"], f"it ran {graph.ran(thread)}")


def pages_are_complete(stand: Stand) -> None:
    """Pages give every review once and in order, also while others are decided."""
    with stand.desk() as desk:
        graph = desk.graph(queue="contract of pages")
        asked = [graph.ask() for _ in range(7)]
        first = desk.inbox.pending(queue="contract of pages", order="oldest", limit=3)
        desk.inbox.decide(first[0].id, Approve(), by="ann")
        found = first
        while page := desk.inbox.pending(
            queue="contract of pages", order="oldest", limit=2, after=found[-1]
        ):
            found += page
        threads = [review.thread_id for review in found]
        expect(threads[-7:] == asked, "a page lost, repeated or moved a review")
        for review in found[1:]:
            desk.inbox.cancel(review.id, by="ann")


def content_comes_back_as_it_was(stand: Stand) -> None:
    """What a person is shown is what the graph had: every character and every number."""
    draft = {
        "text": 'control \x01, line\u2028, "\N{PILE OF POO}"',
        "n": [2**53 + 1, 0.1, True, None],
    }
    with stand.desk() as desk:
        graph = desk.graph()
        review = graph.question(graph.ask(draft))
        shown = desk.inbox.get(review.id).request["subject"]
        expect(shown == draft, f"{shown!r} is shown instead of {draft!r}")


def the_audit_holds(stand: Stand) -> None:
    """Every transition is a row, in order, and the chain of all rows holds."""
    with stand.desk() as desk:
        graph = desk.graph()
        review = graph.question(graph.ask())
        desk.inbox.decide(review.id, Reject("too long"), by="ann")
        events = [row.event for row in desk.inbox.history(review.id)]
        expect(events == ["filed", "settled", "applied"], f"the audit tells {events}")
        verification = desk.inbox.verify()
        expect(verification, f"the audit does not hold: {verification.problem}")


def everything_is_there_for_the_next_process(stand: Stand) -> None:
    """What one process asked another one finds, decides and resumes."""
    with stand.desk() as desk:
        thread = desk.graph().ask()
    with stand.desk() as desk:
        graph = desk.graph()
        review = graph.question(thread)
        desk.inbox.decide(review.id, Approve(), by="ann")
        expect(graph.ran(thread) == ["act"], f"it ran {graph.ran(thread)}")


def two_inboxes_decide_once(stand: Stand) -> None:
    """Of two processes that decide one review, one is first, and what follows runs once."""
    with stand.desk() as one, stand.desk() as other:
        graph = one.graph()
        other.graph()
        thread = graph.ask()
        review = graph.question(thread)
        desks = [one, other] * (RACERS // 2)
        heard = _at_once(lambda number: _decided(desks[number].inbox, review, f"{number}"))
        expect(heard.count(None) == 1, f"{heard.count(None)} of {RACERS} decided one review")
        expect(graph.ran(thread) == ["act"], f"it ran {graph.ran(thread)}")


def a_run_holds_its_thread_against_other_inboxes(stand: Stand) -> None:
    """Who finds a thread busy leaves the decision to the run that holds it."""
    with stand.desk() as one, stand.desk() as other:
        graph = one.parallel()
        other.parallel()
        thread = graph.ask()
        mine, theirs = graph.waiting(thread)
        statuses: list[str] = []

        def meanwhile() -> None:
            statuses.append(other.inbox.decide(theirs.id, Approve(), by="bob").status)

        one.points.call_at("releasing", meanwhile)
        one.inbox.decide(mine.id, Approve(), by="ann")
        expect(statuses == ["settled"], f"beside a run a decision was {statuses}")
        expect(graph.ran(thread) == ["act"], f"it ran {graph.ran(thread)}")


def what_a_dead_run_has_begun_is_finished(stand: Stand) -> None:
    """Wherever a run dies, `work()` of another process goes on, and nothing counts twice."""
    for point in ("committed", "resuming", "recording", "applying"):
        with stand.desk() as dying, stand.desk() as living:
            graph = dying.graph()
            living.graph()
            thread = graph.ask()
            review = graph.question(thread)
            dying.points.fail_at(point, error=_Death())
            try:
                dying.inbox.decide(review.id, Approve(), by="ann")
            except _Death:
                pass
            else:
                raise AssertionError(f"deciding does not pass {point!r}")
            living.inbox.work()
            status = living.inbox.get(review.id).status
            expect(status == "applied", f"after a death at {point!r} it is {status}")
            expect(graph.ran(thread) == ["act"], f"after {point!r} it ran {graph.ran(thread)}")


RULES: tuple[Rule, ...] = (
    decided_once,
    run_once,
    a_direct_answer_counts_once,
    a_decision_on_another_version_is_refused,
    a_panel_counts_every_person_once,
    answers_to_parallel_questions_all_count,
    what_nobody_can_answer_any_more_is_superseded,
    a_cancelled_review_approves_nothing,
    pages_are_complete,
    content_comes_back_as_it_was,
    the_audit_holds,
)
DURABLE_RULES: tuple[Rule, ...] = (
    *RULES,
    everything_is_there_for_the_next_process,
    two_inboxes_decide_once,
    a_run_holds_its_thread_against_other_inboxes,
    what_a_dead_run_has_begun_is_finished,
)


def _at_once(call: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(RACERS) as pool:
        return list(pool.map(call, range(RACERS)))


def _raced(inbox: Inbox, review: Review) -> list[tuple[str, HitlError | None]]:
    """What each of the racers heard."""

    def decide(number: int) -> tuple[str, HitlError | None]:
        return f"racer {number}", _decided(inbox, review, f"racer {number}")

    return _at_once(decide)


def _decided(inbox: Inbox, review: Review, by: str) -> HitlError | None:
    """The error that deciding raised."""
    try:
        inbox.decide(review.id, Approve(), by=by)
    except HitlError as error:
        return error
    return None
