"""`Inbox.override`: a decision is replaced before the graph has taken it, else called back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.graph import START, StateGraph
from langgraph.types import Command

from langgraph_hitl import (
    Approve,
    Edit,
    Inbox,
    Reject,
    Respond,
    Reviewer,
    Revise,
    add_review,
    await_review,
    human_approval,
    qa_sample,
    submit_review,
)
from langgraph_hitl.errors import (
    AlreadyDecided,
    InboxError,
    InvalidDecision,
    NotAuthorised,
    NotRegistered,
    RunFailed,
    StaleReview,
    ThreadBusy,
    TooLate,
    UnknownReview,
)
from langgraph_hitl.inbox import Recall
from langgraph_hitl.panels import anyone, by_risk, chain, quorum
from langgraph_hitl.review.decision import Abstain
from langgraph_hitl.testing import FailPoints, FixedClock
from langgraph_hitl.triggers import risk_at_least
from tests.apps import State, noting, one_gate
from tests.inbox.desk import JO, MARIA, Desk, Question
from tests.inbox.races.graphs import nested, parallel
from tests.savers import aopened
from tests.subject_presets import SALT

CEO = Reviewer("ceo", roles=("board",))
CHAIR = Reviewer("chair", roles=("board",))
BECAUSE = "the supplier is under arrest"


@pytest.fixture
def points() -> FailPoints:
    return FailPoints()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def board(desk: Desk, points: FailPoints, clock: FixedClock) -> Iterator[Desk]:
    """A desk where the board may override, and a second face of its inbox."""
    desk.inbox.close()
    with Inbox.open(desk._url, overrides="board", point=points, clock=clock, patience=0.2) as made:
        desk.inbox = made
        yield desk


class Recalls:
    """An `on_recall` that keeps what it was called with, and fails as often as it is told to."""

    def __init__(self, *, failures: int = 0) -> None:
        self.calls: list[tuple[str, str]] = []
        self.failures = failures

    def __call__(self, request: Any, decision: Any) -> None:
        self.calls.append((request.subject, type(decision).__name__))
        if len(self.calls) <= self.failures:
            raise RuntimeError("the bank is closed")


def ask(board: Desk, **options: Any) -> Question:
    options.setdefault("reviewers", "editors")
    gate = human_approval("draft", inbox=board.inbox, **options)
    return board.ask(board.app(one_gate(gate)), {"draft": "Hello", "case": "ceo"})


def override(
    board: Desk, review_id: str, decision: Any = None, *, by: Reviewer = CEO, **more: Any
) -> Any:
    given = Reject("no") if decision is None else decision
    return board.inbox.override(review_id, given, by=by, **{"reason": BECAUSE} | more)


def everybody(_state: State) -> bool:
    return True


def nobody(_state: State) -> bool:
    return False


def rows(board: Desk, review_id: str, event: str = "overridden") -> list[Any]:
    return [row for row in board.inbox.history(review_id) if row.event == event]


# Who may


def test_nobody_may_unless_the_inbox_says_who(desk: Desk) -> None:
    question = ask(desk)
    review_id = question.review.id
    with pytest.raises(NotAuthorised, match=r"Inbox\.open\(url, overrides=\.\.\.\)"):
        override(desk, review_id)
    assert question.events(review_id) == ["filed", "refused"]
    assert desk.inbox.get(review_id).status == "pending"


def test_who_may_decide_may_not_override_for_that(board: Desk) -> None:
    question = ask(board)
    with pytest.raises(NotAuthorised, match="it takes the role 'board'"):
        override(board, question.review.id, by=MARIA)
    [refused] = rows(board, question.review.id, "refused")
    assert (refused.actor, refused.reason) == ("maria", "it takes the role 'board'")


def test_whoever_asked_may_not_override(board: Desk) -> None:
    question = ask(board, requester="case")
    with pytest.raises(NotAuthorised, match="four eyes"):
        override(board, question.review.id, Approve())
    override(board, question.review.id, Approve(), by=CHAIR)
    assert question.ran == ["act:Hello"]


@pytest.mark.parametrize("given", ["board", CEO, ["audit", CEO], quorum(2, of="board")])
def test_who_may_is_a_role_a_person_several_or_a_panel(desk: Desk, given: Any) -> None:
    with Inbox.open(desk._url, overrides=given) as desk.inbox:
        question = ask(desk)
        assert override(desk, question.review.id).status == "applied"


def test_any_other_overrides_is_an_error(desk: Desk) -> None:
    with pytest.raises(ValueError, match="overrides takes a role"):
        Inbox.open(desk._url, overrides=7)


@pytest.mark.parametrize("reason", ["", "  ", None, 7])
def test_a_reason_is_required(board: Desk, reason: Any) -> None:
    question = ask(board)
    with pytest.raises(InvalidDecision, match="needs a reason"):
        override(board, question.review.id, reason=reason)
    assert question.events(question.review.id) == ["filed"]


def test_what_decides_nothing_overrides_nothing(board: Desk) -> None:
    question = ask(board, reviewers=quorum(2, of="editors"))
    with pytest.raises(InvalidDecision, match="abstain decides nothing"):
        override(board, question.review.id, Abstain())


def test_the_decision_has_to_fit_the_question(board: Desk) -> None:
    question = ask(board, allowed_decisions=["approve", "reject"])
    with pytest.raises(InvalidDecision, match="edit is not allowed"):
        override(board, question.review.id, Edit("x"))
    assert board.inbox.get(question.review.id).status == "pending"


def test_a_review_that_does_not_exist(board: Desk) -> None:
    with pytest.raises(UnknownReview):
        override(board, "rv-none")


# Nobody has decided


def test_what_waits_is_decided_whatever_its_panel_takes(board: Desk) -> None:
    question = ask(board, reviewers=quorum(2, of="editors"))
    review = question.review
    board.inbox.decide(review.id, Approve(), by=MARIA, seen=review)
    after = override(board, review.id)
    assert (after.status, after.outcome, after.decided_by) == ("applied", "rejected", "ceo")
    assert question.ran == ["stop:Hello"]
    [row] = rows(board, review.id)
    assert (row.actor, row.reason, row.content["earlier"]) == ("ceo", BECAUSE, None)
    assert row.content["decision"]["type"] == "reject"
    assert question.record["decided_by"] == "ceo"
    assert board.inbox.verify()


def _amount(state: dict[str, Any]) -> float:
    return float(state["draft"].split()[0])


TIERS = by_risk(
    {"low": "editors", "high": chain("director"), "critical": quorum(2, of="security", size=3)}
)


@pytest.mark.parametrize("decided", [False, True])
@pytest.mark.parametrize("round_", [0, 1, 3])
def test_an_edit_that_takes_other_people_moves_up_from_whichever_round(
    board: Desk, round_: int, decided: bool
) -> None:
    def revise(state: State) -> dict[str, Any]:
        return {"draft": f"{state['draft']}!"}

    gate = human_approval(
        "draft",
        inbox=board.inbox,
        reviewers=TIERS,
        when=risk_at_least("low", risk=_amount),
        reads=["draft"],
        revise=revise,
        max_revisions=9,
    )
    question = board.ask(board.app(one_gate(gate)), {"draft": "0.1"})
    review_id = question.review.id
    for _ in range(round_):
        board.inbox.decide(review_id, Revise("louder"), by=MARIA)
    for number, draft in enumerate(("0.6", "0.9"), 1):
        if decided and number == 1:
            board.inbox.decide(review_id, Approve(), by=MARIA, resume="worker")
        after = override(board, review_id, Edit(draft))
        assert (after.status, after.round) == ("pending", round_ + number)
        assert (question.ran, question.review.request["subject"]) == ([], draft)
    moved = [n.review_id for n in board.inbox.notices() if n.event == "moved_up"]
    assert moved == [review_id, review_id]
    after = override(board, review_id, Edit("0.95"))
    assert (after.status, after.round) == ("applied", round_ + 2)
    assert question.ran == ["act:0.95"]
    assert board.inbox.verify()


def test_an_edit_within_the_authority_of_who_overrides_runs(board: Desk) -> None:
    gate = human_approval(
        "draft",
        inbox=board.inbox,
        reviewers=by_risk({"low": "editors", "high": anyone("board")}),
        when=risk_at_least("low", risk=_amount),
        reads=["draft"],
    )
    question = board.ask(board.app(one_gate(gate)), {"draft": "0.1"})
    assert override(board, question.review.id, Edit("0.9")).status == "applied"
    assert question.ran == ["act:0.9"]


def test_it_may_be_left_to_a_worker(board: Desk) -> None:
    question = ask(board)
    review_id = question.review.id
    assert override(board, review_id, resume="worker").status == "settled"
    assert question.ran == []
    board.inbox.work()
    assert question.ran == ["stop:Hello"]


async def test_it_has_an_asynchronous_twin(board: Desk) -> None:
    question = ask(board)
    after = await board.inbox.aoverride(
        question.review.id, Reject("no"), by=CEO, reason=BECAUSE, resume="worker"
    )
    assert after.outcome == "rejected"


# Decided, and the graph still waits


def decided(board: Desk, decision: Any = None, **options: Any) -> Question:
    """A question that is answered, and the graph does not know it."""
    question = ask(board, **options)
    board.inbox.decide(question.review.id, decision or Approve(), by=MARIA, resume="worker")
    return question


def test_before_the_graph_has_taken_it_the_decision_is_replaced(board: Desk) -> None:
    question = ask(board)
    review_id = question.review.id
    before = board.inbox.decide(review_id, Approve(), by=MARIA, resume="worker")
    after = override(board, review_id)
    assert (after.status, after.outcome, after.decided_by) == ("applied", "rejected", "ceo")
    assert question.ran == ["stop:Hello"]
    assert question.record["outcome"] == "rejected"
    [row] = rows(board, review_id)
    earlier = row.content["earlier"]
    assert (earlier["by"], earlier["outcome"]) == ("maria", "approved")
    assert earlier["at"] == str(before.decided_at and before.decided_at.isoformat())
    assert earlier["decision"] == {"type": "approve"}
    assert earlier["authority"]["roles"] == ["editors", "security"]
    assert question.events(review_id) == ["filed", "settled", "overridden", "settled", "applied"]
    assert board.inbox.verify()


def test_a_cancellation_is_replaced(board: Desk) -> None:
    question = ask(board)
    review_id = question.review.id
    board.inbox.cancel(review_id, by=MARIA, resume="worker")
    assert override(board, review_id, Approve()).status == "applied"
    assert question.ran == ["act:Hello"]
    assert board.inbox.verify()


def test_the_default_of_the_deadline_is_replaced(board: Desk, clock: FixedClock) -> None:
    question = ask(board, timeout="1h")
    review_id = question.review.id
    clock.advance(hours=2)
    assert override(board, review_id, Approve()).outcome == "approved"
    assert question.ran == ["act:Hello"]
    assert rows(board, review_id)[0].content["earlier"]["by"] == "system:deadline"
    assert board.inbox.verify()


def test_the_votes_of_a_panel_stay_on_record(board: Desk) -> None:
    question = decided(board, reviewers=quorum(2, of="editors"))
    review_id = question.reviews[0].id
    board.inbox.decide(review_id, Approve(), by=JO, resume="worker")
    override(board, review_id)
    assert question.record["decided_by"] == "ceo"
    assert [vote.voter for vote in board.inbox.votes(review_id)] == ["maria", "jo"]
    assert board.inbox.verify()


def test_the_hook_hears_the_decision_that_the_graph_follows(
    board: Desk, points: FailPoints
) -> None:
    heard: list[str] = []

    def on_decided(_request: Any, decision: Any) -> None:
        heard.append(type(decision).__name__)

    question = ask(board, on_decided=on_decided)
    review_id = question.review.id
    board.inbox.decide(review_id, Approve(), by=MARIA, resume="worker")
    override(board, review_id)
    assert heard == ["Reject"]


def test_a_gate_within_subgraphs_follows_it_too(board: Desk) -> None:
    ran: list[str] = []
    built = nested(board.inbox, lambda _thread, node: ran.append(node))
    app = board.inbox.register(built.compile(checkpointer=board.saver), "nested")
    config: RunnableConfig = {"configurable": {"thread_id": uuid.uuid4().hex}}
    app.invoke({"thread": "t", "draft": "one"}, config)
    [manager] = board.inbox.pending()
    board.inbox.decide(manager.id, Reject("no"), by=MARIA, resume="worker")
    override(board, manager.id, Approve())
    [director] = board.inbox.pending()
    board.inbox.decide(director.id, Approve(), by=MARIA, resume="worker")
    override(board, director.id)
    assert ran == ["note", "refuse"]
    assert board.inbox.verify()


def test_it_may_be_overridden_again(board: Desk) -> None:
    question = decided(board)
    [review_id] = [review.id for review in settled(board)]
    override(board, review_id, resume="worker")
    override(board, review_id, Approve(), by=CHAIR, resume="worker")
    assert [row.actor for row in rows(board, review_id)] == ["ceo", "chair"]
    assert rows(board, review_id)[1].content["earlier"]["by"] == "ceo"
    board.inbox.work()
    assert question.ran == ["act:Hello"]
    assert board.inbox.verify()
    assert board.inbox.metrics().outcomes == {"approved": 1}


def settled(board: Desk) -> list[Any]:
    with board.inbox._office.ledger.reading() as rx:
        return rx.pending(status="settled")


def test_a_decider_who_comes_to_the_graph_later_follows_the_override(
    board: Desk, points: FailPoints
) -> None:
    question = ask(board)
    review_id = question.review.id
    points.call_at("locking", lambda: override(board, review_id, resume="worker"))
    after = board.inbox.decide(review_id, Approve(), by=MARIA)
    assert question.ran == ["stop:Hello"]
    assert (after.outcome, after.decided_by) == ("rejected", "ceo")


def test_without_the_graph_nobody_can_tell_whether_it_waits(board: Desk) -> None:
    decided(board)
    [review] = settled(board)
    with Inbox.open(board._url, overrides="board") as other, pytest.raises(NotRegistered):
        other.override(review.id, Reject("no"), by=CEO, reason=BECAUSE, resume="worker")
    assert "overridden" not in [row.event for row in board.inbox.history(review.id)]


def test_a_run_in_progress_is_waited_for(board: Desk) -> None:
    question = decided(board)
    [review] = settled(board)
    held = board.inbox._office.locks.try_acquire(question.thread)
    assert held is not None
    try:
        with pytest.raises(ThreadBusy):
            override(board, review.id)
    finally:
        held.release()
    assert override(board, review.id).outcome == "rejected"


def test_whoever_decides_beside_it_meanwhile_is_followed(board: Desk, points: FailPoints) -> None:
    app = board.inbox.register(
        parallel(board.inbox, lambda *_: None).compile(checkpointer=board.saver), "parallel"
    )
    config: RunnableConfig = {"configurable": {"thread_id": uuid.uuid4().hex}}
    app.invoke({"thread": "t", "draft": "one", "other": "two"}, config)
    left, right = board.inbox.pending(order="oldest")
    board.inbox.decide(left.id, Approve(), by=MARIA, resume="worker")

    def decide() -> None:
        board.inbox.decide(right.id, Approve(), by=MARIA)

    points.call_at("releasing", decide)
    override(board, left.id, resume="worker")
    assert app.get_state(config).next == ()
    records = app.get_state(config).values["reviews"]
    assert {each["review_id"]: each["outcome"] for each in records} == {
        left.id: "rejected",
        right.id: "approved",
    }


# The graph has gone on


def test_after_the_action_the_decision_stands_and_is_called_back(board: Desk) -> None:
    recalls = Recalls()
    question = ask(board, on_recall=recalls)
    review_id = question.review.id
    board.inbox.decide(review_id, Approve(), by=MARIA)
    after = override(board, review_id)
    assert recalls.calls == [("Hello", "Reject")]
    assert (after.status, after.outcome, after.decided_by) == ("applied", "approved", "maria")
    assert after.hooks == ("overruled", "recall")
    assert not after.wake
    assert question.ran == ["act:Hello"]
    [row] = rows(board, review_id)
    assert (row.actor, row.reason, row.outcome) == ("ceo", BECAUSE, "rejected")
    assert row.content["earlier"]["by"] == "maria"
    assert question.events(review_id)[-2:] == ["overridden", "recalled"]
    assert board.inbox.verify()
    assert board.inbox.metrics().outcomes == {"approved": 1}


def test_it_is_told_what_was_done_and_under_which_key(board: Desk, clock: FixedClock) -> None:
    calls: list[tuple[Any, Any, Recall]] = []

    def undo(request: Any, decision: Any, *, recall: Recall) -> None:
        calls.append((request, decision, recall))

    question = ask(board, on_recall=undo)
    review_id = question.review.id
    board.inbox.decide(review_id, Edit("Bye"), by=MARIA)
    key, decided_at = question.record["idempotency_key"], clock()
    clock.advance(minutes=5)
    override(board, review_id, Reject("fraud"))
    [(request, decision, recall)] = calls
    assert (request.subject, decision) == ("Hello", Reject("fraud"))
    assert recall == Recall(
        review_id=review_id,
        outcome="edited",
        value="Bye",
        idempotency_key=key,
        earlier=Edit("Bye"),
        earlier_by="maria",
        earlier_at=decided_at,
        decision=Reject("fraud"),
        by="ceo",
        at=clock(),
        reason=BECAUSE,
    )


@pytest.mark.parametrize("how", ["passed", "approved", "cancelled", "answered", "revised"])
def test_the_key_is_that_of_the_record(board: Desk, how: str) -> None:
    calls: list[Recall] = []

    def undo(request: Any, decision: Any, recall: Recall) -> None:
        calls.append(recall)

    def revise(state: State) -> dict[str, Any]:
        return {"draft": "Ciao"}

    decisions = ("approve", "respond", "revise", "reject")
    when = nobody if how == "passed" else everybody
    options = {"when": when, "revise": revise, "allowed_decisions": decisions}
    question = ask(board, on_recall=undo, **options)
    if how == "passed":
        [review] = applied(board)
    else:
        review = question.review
    match how:
        case "approved":
            board.inbox.decide(review.id, Approve(), by=MARIA)
        case "cancelled":
            board.inbox.cancel(review.id, by=MARIA)
        case "answered":
            board.inbox.decide(review.id, Respond("Bye"), by=MARIA)
        case "revised":
            board.inbox.decide(review.id, Revise("shorter"), by=MARIA)
            board.inbox.decide(review.id, Approve(), by=MARIA)
    override(board, review.id)
    [recall] = calls
    record = question.values["reviews"][-1]
    assert (recall.outcome, recall.value) == (record["outcome"], record["value"])
    assert recall.idempotency_key == record["idempotency_key"]
    assert (recall.earlier is None) == (how in ("passed", "cancelled"))
    assert recall.earlier_by == record["decided_by"]


def test_a_hook_of_two_with_more_of_its_own_gets_nothing_that_it_does_not_name(
    board: Desk,
) -> None:
    calls: list[Any] = []

    def undo(request: Any, decision: Any, bank: str = "the bank", **others: Any) -> None:
        calls.append((bank, others))

    question = ask(board, on_recall=undo)
    review_id = question.review.id
    board.inbox.decide(review_id, Approve(), by=MARIA)
    override(board, review_id)
    assert calls == [("the bank", {})]


def test_it_is_called_back_once(board: Desk) -> None:
    recalls = Recalls()
    question = ask(board, on_recall=recalls)
    review_id = question.review.id
    board.inbox.decide(review_id, Approve(), by=MARIA)
    override(board, review_id)
    with pytest.raises(AlreadyDecided) as second:
        override(board, review_id, by=CHAIR)
    assert (second.value.by, second.value.outcome) == ("ceo", "rejected")
    assert not isinstance(second.value, TooLate)
    board.inbox.work()
    assert len(recalls.calls) == 1


def test_what_nobody_was_asked_about_is_called_back_too(board: Desk) -> None:
    recalls = Recalls()
    question = ask(board, on_recall=recalls, when=nobody)
    assert question.ran == ["act:Hello"]
    [passed] = applied(board)
    assert passed.outcome == "auto_approved"
    override(board, passed.id)
    assert recalls.calls == [("Hello", "Reject")]
    assert board.inbox.get(passed.id).outcome == "auto_approved"
    assert board.inbox.verify()


def applied(board: Desk) -> list[Any]:
    with board.inbox._office.ledger.reading() as rx:
        return rx.pending(status="applied")


def test_a_recall_that_fails_is_tried_again(board: Desk) -> None:
    recalls = Recalls(failures=2)
    question = ask(board, on_recall=recalls)
    review_id = question.review.id
    board.inbox.decide(review_id, Approve(), by=MARIA)
    with pytest.raises(RunFailed, match="the bank is closed"):
        override(board, review_id)
    assert board.inbox.get(review_id).wake
    assert review_id in board.inbox.work().failed
    board.inbox.work()
    assert len(recalls.calls) == 3
    after = board.inbox.get(review_id)
    assert (after.wake, after.error, after.attempts) == (False, None, 0)
    assert board.inbox.verify()


def test_a_recall_that_is_open_does_not_stop_the_thread(board: Desk) -> None:
    recalls = Recalls(failures=100)
    question = ask(board, on_recall=recalls, reviewers=None)
    board.inbox.decide(question.review.id, Approve(), by=MARIA)
    with pytest.raises(RunFailed):
        override(board, applied(board)[0].id)
    question.app.invoke({"draft": "Next"}, question.config)
    question.app.invoke(Command(resume={"type": "approve"}), question.config)
    assert question.ran[-1] == "act:Next"


def test_it_may_be_called_back_by_a_worker(board: Desk) -> None:
    recalls = Recalls()
    question = ask(board, on_recall=recalls)
    review_id = question.review.id
    board.inbox.decide(review_id, Approve(), by=MARIA)
    assert override(board, review_id, resume="worker").hooks == ("overruled",)
    assert recalls.calls == []
    assert board.inbox.work().driven == 1
    assert board.inbox.work().driven == 0
    assert recalls.calls == [("Hello", "Reject")]


@pytest.mark.parametrize("passes", [True, False])
def test_without_a_hook_nothing_is_recorded_but_the_attempt(board: Desk, passes: bool) -> None:
    question = ask(board, when=nobody if passes else everybody)
    if not passes:
        board.inbox.decide(question.review.id, Approve(), by=MARIA)
    [review] = applied(board)
    before = question.events(review.id)
    with pytest.raises(TooLate, match="has gone on with it, and its gate has no on_recall"):
        override(board, review.id)
    assert question.events(review.id) == [*before, "refused"]
    assert board.inbox.get(review.id).hooks == ()
    assert board.inbox.verify()


def test_a_gate_that_is_gone_calls_nothing_back(board: Desk) -> None:
    question = ask(board, on_recall=Recalls())
    review_id = question.review.id
    board.inbox.decide(review_id, Approve(), by=MARIA)
    other: Any = StateGraph(State)
    other.add_node("other", noting("other"))
    other.add_edge(START, "other")
    with Inbox.open(board._url, overrides="board") as board.inbox:  # as a later release has it
        board.inbox.register(other.compile(checkpointer=board.saver), "graph")
        with pytest.raises(TooLate, match="no gate 'gate' any more"):
            override(board, review_id)


def test_what_the_graph_has_done_already_is_not_called_back(board: Desk) -> None:
    recalls = Recalls()
    question = ask(board, on_recall=recalls)
    review_id = question.review.id
    board.inbox.decide(review_id, Approve(), by=MARIA)
    with pytest.raises(AlreadyDecided) as same:
        override(board, review_id, Approve("again"))
    assert (same.value.by, same.value.outcome) == ("maria", "approved")
    assert recalls.calls == []
    assert not board.inbox.get(review_id).hooks


def test_a_cancellation_that_was_followed_is_called_back(board: Desk) -> None:
    recalls = Recalls()
    question = ask(board, on_recall=recalls)
    review_id = question.review.id
    board.inbox.cancel(review_id, by=MARIA)
    override(board, review_id, Approve())
    assert recalls.calls == [("Hello", "Approve")]
    assert board.inbox.get(review_id).status == "cancelled"
    assert board.inbox.verify()


def test_a_question_that_has_ended_is_refused(board: Desk) -> None:
    question = ask(board)
    review_id = question.review.id
    question.app.invoke({"draft": "Other"}, question.config)
    board.inbox.work()
    with pytest.raises(StaleReview, match="there is nothing to override"):
        override(board, review_id)


def test_what_was_redacted_cannot_be_overridden(board: Desk) -> None:
    question = ask(board, on_recall=Recalls())
    review_id = question.review.id
    board.inbox.decide(review_id, Approve(), by=MARIA)
    board.inbox.redact(review_id, by="ceo", reason="asked for")
    with pytest.raises(InboxError, match="was redacted"):
        override(board, review_id)


def test_a_run_that_was_cut_off_is_finished_first(board: Desk, points: FailPoints) -> None:
    recalls = Recalls()
    question = ask(board, on_recall=recalls)
    review_id = question.review.id
    points.fail_at("applying")
    with pytest.raises(RunFailed):
        board.inbox.decide(review_id, Approve(), by=MARIA)
    assert board.inbox.get(review_id).status == "settled"
    assert question.ran == ["act:Hello"]
    override(board, review_id)
    assert recalls.calls == [("Hello", "Reject")]
    assert board.inbox.get(review_id).outcome == "approved"


def test_a_gate_that_has_taken_it_while_its_graph_still_shows_the_question(
    board: Desk, points: FailPoints
) -> None:
    recalls = Recalls()
    question = ask(board, on_recall=recalls)
    review_id = question.review.id
    points.fail_at("recording")
    with pytest.raises(RunFailed):
        board.inbox.decide(review_id, Approve(), by=MARIA)
    assert question.ran == []
    override(board, review_id)
    assert question.ran == ["act:Hello"]
    assert recalls.calls == [("Hello", "Reject")]
    assert board.inbox.get(review_id).outcome == "approved"
    assert board.inbox.verify()


# A recall that is open


def asking(question: Question) -> RunnableConfig:
    """The checkpoint at which the graph waited for the answer."""
    history = question.app.get_state_history(question.config)
    [before] = [each for each in history if each.next == ("gate",)]
    found: RunnableConfig = before.config
    return found


@pytest.mark.parametrize("given", [None, Command(resume={"type": "approve"})])
def test_time_travel_to_before_it_does_not_lose_it(board: Desk, given: Any) -> None:
    recalls = Recalls(failures=1)
    question = ask(board, on_recall=recalls)
    review_id = question.review.id
    board.inbox.decide(review_id, Approve(), by=MARIA)
    with pytest.raises(RunFailed, match="the bank is closed"):
        override(board, review_id)
    question.app.invoke(given, asking(question))
    assert board.inbox.get(review_id).wake
    board.inbox.work()
    assert len(recalls.calls) == 2
    after = board.inbox.get(review_id)
    assert (after.hooks, after.wake) == (("overruled", "recall"), False)
    assert board.inbox.verify()


# A graph that does not wait


def sample(board: Desk, recalls: Callable[..., None]) -> Question:
    gate = qa_sample(
        "draft",
        rate=1.0,
        item_id="case",
        salt=SALT,
        inbox=board.inbox,
        blocking=False,
        reviewers="editors",
        on_recall=recalls,
    )
    return board.ask(board.app(one_gate(gate, {"approved": "act"})), {"draft": "Hi", "case": "a"})


def test_a_sample_that_passed_is_called_back(board: Desk) -> None:
    recalls = Recalls()
    review_id = sample(board, recalls).review.id
    board.inbox.decide(review_id, Approve(), by=MARIA)
    assert recalls.calls == []
    after = override(board, review_id)
    assert recalls.calls == [("Hi", "Reject")]
    assert (after.outcome, after.wake) == ("approved", False)
    assert board.inbox.verify()


def test_of_a_sample_nobody_had_decided_what_went_on(board: Desk, clock: FixedClock) -> None:
    calls: list[Recall] = []

    def undo(request: Any, decision: Any, *, recall: Recall) -> None:
        calls.append(recall)

    question = sample(board, undo)
    review_id, key = question.review.id, question.record["idempotency_key"]
    board.inbox.decide(review_id, Reject("no"), by=MARIA)
    assert calls == [
        Recall(
            review_id=review_id,
            outcome="auto_approved",
            value="Hi",
            idempotency_key=key,
            earlier=None,
            earlier_by=None,
            earlier_at=None,
            decision=Reject("no"),
            by="maria",
            at=clock(),
        )
    ]


def test_a_sample_that_was_called_back_stays_so(board: Desk) -> None:
    recalls = Recalls()
    review_id = sample(board, recalls).review.id
    board.inbox.decide(review_id, Reject("no"), by=MARIA)
    with pytest.raises(TooLate, match="it was called back already"):
        override(board, review_id, Approve())
    assert len(recalls.calls) == 1


def test_a_sample_is_not_called_back_if_it_is_overridden_before(board: Desk) -> None:
    recalls = Recalls()
    review_id = sample(board, recalls).review.id
    board.inbox.decide(review_id, Reject("no"), by=MARIA, resume="worker")
    after = override(board, review_id, Approve())
    assert (after.status, after.outcome, after.decided_by) == ("applied", "approved", "ceo")
    assert recalls.calls == []
    assert board.inbox.verify()


def later(gate: Any, meanwhile: Any) -> Any:
    """Submit, do something else, and wait."""
    builder: Any = StateGraph(State)
    add_review(builder, "submit", gate)
    builder.add_node("meanwhile", meanwhile)
    add_review(builder, "await", await_review(gate), approved="act", rejected="stop")
    builder.add_node("act", noting("act"))
    builder.add_node("stop", noting("stop"))
    builder.add_edge(START, "submit")
    builder.add_edge("submit", "meanwhile")
    builder.add_edge("meanwhile", "await")
    return builder


def test_what_was_submitted_is_overridden_before_anybody_waits_for_it(board: Desk) -> None:
    gate = submit_review("draft", inbox=board.inbox, reviewers="editors")

    def meanwhile(state: State) -> dict[str, Any]:
        [review] = board.inbox.pending()
        board.inbox.decide(review.id, Approve(), by=MARIA)
        override(board, review.id)
        return {}

    builder = later(gate, meanwhile)
    app = board.inbox.register(builder.compile(checkpointer=board.saver), "later")
    config: RunnableConfig = {"configurable": {"thread_id": uuid.uuid4().hex}}
    values = app.invoke({"draft": "Hello"}, config)
    assert values["ran"] == ["stop:Hello"]
    assert values["review"]["decided_by"] == "ceo"
    assert board.inbox.verify()


def test_what_was_submitted_and_passed_is_overridden_before_anybody_waits_for_it(
    board: Desk,
) -> None:
    gate = submit_review("draft", inbox=board.inbox, reviewers="editors", when=nobody)

    def meanwhile(state: State) -> dict[str, Any]:
        [passed] = applied(board)
        assert override(board, passed.id).status == "settled"
        return {}

    app = board.inbox.register(later(gate, meanwhile).compile(checkpointer=board.saver), "later")
    config: RunnableConfig = {"configurable": {"thread_id": uuid.uuid4().hex}}
    values = app.invoke({"draft": "Hello"}, config)
    assert values["ran"] == ["stop:Hello"]
    assert (values["review"]["outcome"], values["review"]["decided_by"]) == ("rejected", "ceo")
    [review] = applied(board)
    assert (review.outcome, review.wake) == ("rejected", False)
    assert board.inbox.verify()


# Several at once


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each of them gives, or raises."""
    results: list[Any] = [None] * len(calls)

    def run(number: int) -> None:
        try:
            results[number] = calls[number]()
        except InboxError as error:
            results[number] = error

    threads = [Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.parametrize("state", ["pending", "settled", "applied"])
def test_of_two_at_once_one_wins_and_the_other_is_told(board: Desk, state: str) -> None:
    recalls = Recalls()
    question = ask(board, on_recall=recalls)
    review_id = question.review.id
    if state != "pending":
        resume: Any = "now" if state == "applied" else "worker"
        board.inbox.decide(review_id, Approve(), by=MARIA, resume=resume)
    board.inbox._office.patience = 30
    results = at_once(
        lambda: override(board, review_id, Reject("a")),
        lambda: override(board, review_id, Reject("b"), by=CHAIR),
    )
    told = rows(board, review_id)
    losers = [result for result in results if isinstance(result, AlreadyDecided)]
    assert len(told) + len(losers) == 2, results
    for lost in losers:
        assert (lost.by, lost.outcome) == (told[-1].actor, "rejected")
    assert len(recalls.calls) == (state == "applied")
    assert question.ran == ["act:Hello" if state == "applied" else "stop:Hello"]
    assert board.inbox.verify()


def test_an_override_that_comes_second_after_the_graph_has_followed_the_first(
    board: Desk, points: FailPoints
) -> None:
    recalls = Recalls()
    question = ask(board, on_recall=recalls)
    review_id = question.review.id
    board.inbox.decide(review_id, Approve(), by=MARIA, resume="worker")
    points.call_at("locking", lambda: override(board, review_id, by=CHAIR))
    with pytest.raises(AlreadyDecided) as lost:
        override(board, review_id, Approve())
    assert (lost.value.by, lost.value.outcome) == ("chair", "rejected")
    assert recalls.calls == []
    assert question.ran == ["stop:Hello"]


# The audit notices


@pytest.mark.parametrize(
    ("change", "noticed"),
    [
        ('UPDATE hitl_settlements SET decision = \'{"type":"approve"}\'', "decision"),
        ("UPDATE hitl_settlements SET decided_by = 'maria'", "settlement"),
        ("UPDATE hitl_reviews SET outcome = 'approved'", "but the audit says"),
        ("DELETE FROM hitl_settlements", "not in its table"),
        ("UPDATE hitl_audit SET reason = 'no reason' WHERE event = 'overridden'", "audit row"),
        ("UPDATE hitl_audit SET actor = 'maria' WHERE event = 'overridden'", "audit row"),
        ("DELETE FROM hitl_audit WHERE event = 'overridden'", "audit row"),
    ],
)
def test_a_tampered_override_is_noticed(board: Desk, change: str, noticed: str) -> None:
    decided(board)
    [review] = settled(board)
    override(board, review.id)
    assert board.inbox.verify()
    with board.inbox._office.ledger._database.engine.begin() as connection:
        connection.exec_driver_sql(change)
    verification = board.inbox.verify()
    assert not verification
    assert noticed in str(verification.problem)


async def test_with_an_asynchronous_saver(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'reviews.db'}"
    recalls = Recalls()
    with Inbox.open(url, overrides="board") as inbox:
        async with aopened("aiosqlite", str(tmp_path / "threads.db")) as saver:
            gate = human_approval("draft", inbox=inbox, on_recall=recalls)
            app = inbox.register(one_gate(gate)().compile(checkpointer=saver), "graph")
            config: RunnableConfig = {"configurable": {"thread_id": "t"}}
            await app.ainvoke({"draft": "Hello"}, config)
            [review] = inbox.pending()
            await inbox.adecide(review.id, Reject(), by=MARIA, resume="worker")
            with pytest.raises(InboxError, match="await adecide"):
                inbox.override(review.id, Approve(), by=CEO, reason=BECAUSE)
            after = await inbox.aoverride(review.id, Approve(), by=CEO, reason=BECAUSE)
            assert (after.status, after.outcome) == ("applied", "approved")
            assert (await app.aget_state(config)).values["ran"] == ["act:Hello"]
            await inbox.aoverride(review.id, Reject(), by=CHAIR, reason=BECAUSE)
            assert recalls.calls == [("Hello", "Reject")]
        assert inbox.verify()
