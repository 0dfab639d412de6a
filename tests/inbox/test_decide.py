"""Decided once: by whom, about which version, and what the others are told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from langgraph_hitl import (
    Approve,
    Edit,
    Inbox,
    Reject,
    Reviewer,
    Revise,
    human_approval,
)
from langgraph_hitl.errors import (
    AlreadyDecided,
    InboxError,
    InvalidDecision,
    NotAuthorised,
    NotRegistered,
    RunFailed,
    StaleReview,
    UnknownReview,
)
from tests.apps import State, one_gate
from tests.drivers import Build
from tests.inbox.desk import EVE, JO, MARIA, Desk


def build(desk: Desk, **options: Any) -> Build:
    return one_gate(human_approval("draft", inbox=desk.inbox, **options))


def louder(state: State) -> dict[str, Any]:
    return {"draft": state["draft"] + "!"}


def test_a_decision_resumes_the_graph(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk)))
    done = desk.inbox.decide(question.review.id, Approve("fine"), by=MARIA, seen=question.review)
    assert (done.status, done.outcome, done.decided_by) == ("applied", "approved", "maria")
    assert question.ran == ["act:Hello"]
    assert question.record["decided_by"] == "maria"
    assert question.record["feedback"] == "fine"
    assert question.events(done.id) == ["filed", "settled", "applied"]
    assert desk.inbox.get(done.id).status == "applied"


def test_the_second_is_told_who_was_first(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk)))
    review = question.review
    before = datetime.now(UTC)
    desk.inbox.decide(review.id, Reject("no"), by=MARIA)
    with pytest.raises(AlreadyDecided) as lost:
        desk.inbox.decide(review.id, Approve(), by=JO)
    assert (lost.value.by, lost.value.outcome) == ("maria", "rejected")
    assert before <= lost.value.at <= datetime.now(UTC)
    assert question.ran == ["stop:Hello"]


def test_a_process_of_its_own_decides(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk)))
    review = question.review
    desk.open()
    app = desk.app(build(desk))
    desk.inbox.decide(review.id, Edit("Hi"), by=MARIA)
    assert app.get_state(question.config).values["ran"] == ["act:Hi"]


def test_a_decision_is_left_to_a_worker(desk: Desk) -> None:
    """Whoever decides need not have the graph."""
    question = desk.ask(desk.app(build(desk)))
    review = question.review
    desk.open()
    waiting = desk.inbox.decide(review.id, Approve(), by=MARIA, resume="worker")
    assert waiting.status == "settled"
    assert desk.inbox.work().unregistered == {"graph": 1}
    app = desk.app(build(desk))
    assert desk.inbox.work().driven == 1
    assert desk.inbox.work().idle
    assert app.get_state(question.config).values["ran"] == ["act:Hello"]


def test_without_the_graph_nothing_is_decided(desk: Desk) -> None:
    review = desk.ask(desk.app(build(desk))).review
    desk.open()
    with pytest.raises(NotRegistered, match="register"):
        desk.inbox.decide(review.id, Approve(), by=MARIA)
    assert desk.inbox.get(review.id).status == "pending"


def test_who_may_not_decide_changes_nothing(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, reviewers="editors")))
    review = question.review
    with pytest.raises(NotAuthorised, match="role 'editors'") as refused:
        desk.inbox.decide(review.id, Approve(), by=EVE)
    assert refused.value.by == "eve"
    with pytest.raises(NotAuthorised):
        desk.inbox.cancel(review.id, by=EVE)
    assert question.ran == []
    assert desk.inbox.get(review.id).status == "pending"
    assert question.events(review.id)[:2] == ["filed", "refused"]


@pytest.mark.parametrize("claim", [{"by": "maria"}, {"by": "maria", "roles": ["editors"]}])
def test_a_claim_in_the_answer_changes_nothing(desk: Desk, claim: dict[str, Any]) -> None:
    from langgraph.types import Command

    app = desk.app(build(desk, reviewers="editors"))
    question = desk.ask(app)
    try:
        app.invoke(Command(resume={"type": "approve", **claim}), question.config)
    except ValueError as refused:  # a field that is not known here
        assert "roles" in str(refused)  # noqa: PT017
    assert question.ran == []
    assert question.review.status == "pending"


def test_a_decision_about_an_older_version_is_refused(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, revise=louder)))
    first = question.review
    desk.inbox.decide(first.id, Revise("louder"), by=MARIA, seen=first)
    for seen in (first, first.digest):
        with pytest.raises(StaleReview) as stale:
            desk.inbox.decide(first.id, Approve(), by=JO, seen=seen)
        assert stale.value.current.request["subject"] == "Hello!"
    assert question.ran == []
    desk.inbox.decide(first.id, Approve(), by=JO, seen=question.review)
    assert question.ran == ["act:Hello!"]


def test_resubmitted_edits_need_a_fresh_approval(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, resubmit_edits=True)))
    review = question.review
    assert desk.inbox.decide(review.id, Edit("Hi"), by=MARIA).status == "pending"
    with pytest.raises(StaleReview):
        desk.inbox.decide(review.id, Approve(), by=JO, seen=review)
    desk.inbox.decide(review.id, Approve(), by=JO)
    assert question.ran == ["act:Hi"]


def test_threads_with_the_same_content_are_different_reviews(desk: Desk) -> None:
    app = desk.app(build(desk))
    first, second = desk.ask(app), desk.ask(app)
    assert first.review.digest == second.review.digest
    desk.inbox.decide(first.review.id, Approve(), by=MARIA)
    assert (first.ran, second.ran) == (["act:Hello"], [])
    assert second.review.status == "pending"


@pytest.mark.parametrize(
    "decision", [Revise("x"), Edit(5), Approve(rating="incorrect")], ids=lambda d: type(d).__name__
)
def test_a_decision_that_does_not_fit_is_refused(desk: Desk, decision: Any) -> None:
    question = desk.ask(desk.app(build(desk)))
    for resume in ("now", "worker"):
        with pytest.raises(InvalidDecision):
            desk.inbox.decide(question.review.id, decision, by=MARIA, resume=resume)
    assert question.review.status == "pending"


def test_an_edit_is_checked_where_the_graph_is_not(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, edit_schema={"type": "string", "maxLength": 5})))
    review = question.review
    desk.open()
    with pytest.raises(InvalidDecision, match="too long"):
        desk.inbox.decide(review.id, Edit("far too long"), by=MARIA, resume="worker")
    desk.inbox.decide(review.id, Edit("Hi"), by=MARIA, resume="worker")
    app = desk.app(build(desk))
    desk.inbox.work()
    assert app.get_state(question.config).values["ran"] == ["act:Hi"]


MONEY = {
    "type": "object",
    "properties": {"amount": {"type": "number"}},
    "required": ["amount"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("where", ["here", "elsewhere"])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"amount": "x"}, "amount: 'x' is not of type 'number'"),
        ({"amuont": 5}, "'amuont' was unexpected"),
    ],
)
def test_an_edit_that_does_not_fit_says_which_field_and_what_it_takes(
    desk: Desk, where: str, value: Any, said: str
) -> None:
    question = desk.ask(desk.app(build(desk, edit_schema=MONEY)), {"draft": {"amount": 5}})
    review = question.review
    if where == "elsewhere":
        desk.open()
    with pytest.raises(InvalidDecision, match=said) as refused:
        desk.inbox.decide(review.id, Edit(value), by=MARIA, resume="worker")
    assert "any of the given schemas" not in str(refused.value)


def test_what_only_the_graph_refuses_is_asked_again(desk: Desk) -> None:
    """A process without the graph knows the published schema only."""
    question = desk.ask(desk.app(build(desk)))
    review = question.review
    desk.open()
    desk.inbox.decide(review.id, Edit("Hi"), by=MARIA, resume="worker")
    stricter = build(desk, edit_schema={"type": "string", "maxLength": 1})
    app = desk.app(stricter)
    desk.inbox.work()
    assert app.get_state(question.config).values.get("ran", []) == []
    assert desk.inbox.get(review.id).status == "pending"
    desk.inbox.decide(review.id, Edit("H"), by=MARIA)
    assert app.get_state(question.config).values["ran"] == ["act:H"]


def test_a_batch_has_a_result_for_every_item(desk: Desk) -> None:
    app = desk.app(build(desk, reviewers="editors"))
    questions = [desk.ask(app) for _ in range(3)]
    desk.inbox.decide(questions[1].review.id, Reject(), by=JO)
    items: list[Any] = [*(desk.inbox.pending(limit=1000)), "rv-unknown"]
    mine = [item for item in items if isinstance(item, str) or item.graph == "graph"]
    results = desk.inbox.decide_many([(item, Approve()) for item in mine], by=MARIA)
    assert [type(result.error) for result in results[-1:]] == [UnknownReview]
    assert {question.ran[0] for question in questions} == {"act:Hello", "stop:Hello"}
    assert all(result.review for result in results[:-1])


def test_a_cancelled_review_goes_the_bad_way(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk)))
    done = desk.inbox.cancel(question.review.id, by=MARIA, reason="the order is gone")
    assert (done.status, done.outcome) == ("cancelled", "cancelled")
    assert question.ran == ["stop:Hello"]
    assert question.record["outcome"] == "cancelled"
    with pytest.raises(AlreadyDecided, match="cancelled by maria"):
        desk.inbox.decide(done.id, Approve(), by=JO)
    assert desk.inbox.work().idle


def test_an_automatic_pass_is_kept(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, when=lambda state: False, reads=("draft",))))
    assert question.ran == ["act:Hello"]
    review = desk.inbox.get(question.record["review_id"])
    assert (review.status, review.outcome) == ("applied", "auto_approved")
    (row,) = desk.inbox.history(review.id)
    assert (row.event, row.actor) == ("auto_approved", "system:trigger")


def test_a_review_that_does_not_exist(desk: Desk) -> None:
    for call in (
        lambda: desk.inbox.get("rv-1"),
        lambda: desk.inbox.history("rv-1"),
        lambda: desk.inbox.decide("rv-1", Approve(), by=MARIA),
        lambda: desk.inbox.cancel("rv-1", by=MARIA),
    ):
        with pytest.raises(UnknownReview, match="rv-1"):
            call()


@pytest.mark.parametrize("by", ["", "  ", "direct", "system:graph", None, 5])
def test_only_a_person_decides(desk: Desk, by: Any) -> None:
    review = desk.ask(desk.app(build(desk))).review
    with pytest.raises((InboxError, ValueError)):
        desk.inbox.decide(review.id, Approve(), by=by)
    assert desk.inbox.get(review.id).status == "pending"


def test_the_queue_is_by_priority(desk: Desk) -> None:
    def urgency(state: State) -> str:
        return "critical" if state["draft"] == "fire" else "low"

    app = desk.app(build(desk, queue="desk-7", priority=urgency, reads=("draft",)))
    desk.ask(app, {"draft": "tea"})
    desk.ask(app, {"draft": "fire"})
    waiting = desk.inbox.pending(queue="desk-7")
    assert [review.request["subject"] for review in waiting] == ["fire", "tea"]
    (next_page,) = desk.inbox.pending(queue="desk-7", limit=1, after=waiting[0])
    assert next_page.id == waiting[1].id


def test_people_see_what_they_may_decide(desk: Desk) -> None:
    legal = desk.ask(desk.app(build(desk, reviewers="legal"), "a"))
    person = desk.ask(desk.app(build(desk, reviewers=Reviewer("eve")), "b"))
    anybody = desk.ask(desk.app(build(desk), "c"))
    seen = {review.id for review in desk.inbox.pending(reviewer=EVE)}
    assert {person.review.id, anybody.review.id} <= seen
    assert legal.review.id not in seen
    assert legal.review.id in {review.id for review in desk.inbox.pending(role="legal")}


def test_who_decides_without_a_lock_is_told_that_the_decision_stands(desk: Desk) -> None:
    """A server behind a pooler, for example, has none that hold."""
    review = desk.ask(desk.app(build(desk))).review
    desk.inbox._office.locks.close()
    with pytest.raises(RunFailed, match="stands"):
        desk.inbox.decide(review.id, Approve(), by=MARIA)
    assert desk.inbox.get(review.id).status == "settled"


async def test_the_asynchronous_face(tmp_path: Any) -> None:
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver:
        with Inbox.open(f"sqlite:///{tmp_path / 'reviews.db'}") as inbox:
            gate = human_approval("draft", inbox=inbox)
            app = inbox.register(one_gate(gate)().compile(checkpointer=saver))
            config: Any = {"configurable": {"thread_id": "1"}}
            await app.ainvoke({"draft": "Hello"}, config)
            (review,) = await inbox.apending()
            done = await inbox.adecide(review.id, Approve(), by=MARIA, seen=review)
            assert done.status == "applied"
            assert (await app.aget_state(config)).values["ran"] == ["act:Hello"]
            assert (await inbox.awork()).idle
            assert (await inbox.aget(review.id)).outcome == "approved"


# What is decided is what was filed


def test_who_decides_is_what_was_filed(desk: Desk) -> None:
    """A gate that has changed since asks for the next review."""
    strict = desk.ask(desk.app(build(desk, reviewers="editors"))).review
    desk.open()
    desk.app(build(desk))
    with pytest.raises(NotAuthorised):
        desk.inbox.decide(strict.id, Approve(), by=EVE)
    free = desk.ask(desk.app(build(desk))).review
    desk.open()
    desk.app(build(desk, reviewers="editors"))
    assert desk.inbox.decide(free.id, Approve(), by=EVE).status == "applied"


def test_a_review_stands_for_its_id_and_for_what_was_seen(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, revise=louder)))
    first = question.review
    desk.inbox.decide(first, Revise("louder"), by=MARIA)
    with pytest.raises(StaleReview):
        desk.inbox.decide(first, Approve(), by=MARIA)
    desk.inbox.decide(question.review, Approve(), by=MARIA)
    assert question.ran == ["act:Hello!"]


def test_another_review_was_seen(desk: Desk) -> None:
    app = desk.app(build(desk))
    first, second = desk.ask(app).review, desk.ask(app).review
    with pytest.raises(InvalidDecision, match="another review"):
        desk.inbox.decide(first.id, Approve(), by=MARIA, seen=second)


async def test_a_call_that_would_block_the_loop_of_its_saver_decides_nothing(tmp_path: Any) -> None:
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver:
        with Inbox.open(f"sqlite:///{tmp_path / 'reviews.db'}") as inbox:
            gate = human_approval("draft", inbox=inbox)
            app = inbox.register(one_gate(gate)().compile(checkpointer=saver))
            await app.ainvoke({"draft": "Hello"}, {"configurable": {"thread_id": "1"}})
            (review,) = await inbox.apending()
            with pytest.raises(InboxError, match="adecide"):
                inbox.decide(review.id, Approve(), by=MARIA)
            assert (await inbox.aget(review.id)).status == "pending"
