"""`record`: which outcome a decision has, and what the graph's state gets of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.runtime import Runtime
from langgraph.types import Command

from langgraph_hitl import (
    Approve,
    Choice,
    Choose,
    Edit,
    Reject,
    Respond,
    Revise,
    approved,
    ask_human,
    human_approval,
    last_message,
    rated_feedback,
    resume,
)
from langgraph_hitl._subgraph.channels import ANSWER, QUESTION, REVISION, load
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.record import record_node
from langgraph_hitl._subgraph.remarks import feedback_text, rating_of
from langgraph_hitl.review import Decision, Finding
from langgraph_hitl.review.digest import digest, plain_json
from langgraph_hitl.review.record import ReviewRecord
from tests.paused import chat, graph, pause, spec

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at_noon() -> datetime:
    return NOON


def always(state: dict[str, Any]) -> bool:
    return True


def decided(gate: Gate, *decisions: Decision, **more: Any) -> dict[str, Any]:
    """The state after the decisions, one for each round."""
    values = more.pop("values", {"draft": "Hello"})
    thread = pause(gate, values, **more)
    state: dict[str, Any] = {}
    for decision in decisions:
        state = thread.send(resume(thread.request, decision, by="maria"))
    return state


def review_of(gate: Gate, *decisions: Decision, **more: Any) -> ReviewRecord:
    review: ReviewRecord = decided(gate, *decisions, **more)["review"]
    return review


ALL = ["approve", "edit", "reject", "revise", "respond"]


@pytest.mark.parametrize(
    ("decision", "outcome", "value", "went"),
    [
        (Approve(), "approved", "Hello", "publish"),
        (Edit("Bye"), "edited", "Bye", "publish"),
        (Respond("Bye"), "answered", "Bye", "publish"),
        (Reject("no"), "rejected", "Hello", "archive"),
        (Revise("shorter"), "needs_revision", "Hello", "archive"),
    ],
)
def test_a_decision_has_one_outcome(
    decision: Decision, outcome: str, value: str, went: str
) -> None:
    state = decided(human_approval("draft", allowed_decisions=ALL), decision)
    assert state["review"]["outcome"] == outcome
    assert state["draft"] == value
    assert state["went"] == went
    assert state["reviews"] == [{**state["review"], "value": value}]
    assert state["review"]["digest"] == digest(value)


@pytest.mark.parametrize(
    ("rating", "outcome"),
    [
        ("partially_correct", "improve"),
        ("needs_improvement", "improve"),
        (None, "improve"),
        ("incorrect", "regenerate"),
    ],
)
def test_a_rating_chooses_the_outcome(rating: Any, outcome: str) -> None:
    gate = rated_feedback("draft")
    review = review_of(gate, Revise("so so", rating=rating))
    assert review["outcome"] == outcome
    assert review["rating"] == rating or "needs_improvement"


def test_a_correct_rating_approves() -> None:
    assert review_of(rated_feedback("draft"), Approve())["outcome"] == "approved"


@pytest.mark.parametrize(
    ("multiple", "chosen", "answer"),
    [(False, ("a",), "a"), (True, ("a",), ["a"]), (True, ("c", "a"), ["c", "a"])],
)
def test_a_choice_is_the_answer(multiple: bool, chosen: tuple[str, ...], answer: Any) -> None:
    gate = ask_human("Which?", answer=Choice("a", "b", "c", multiple=multiple), into="answer")
    state = decided(gate, Choose(*chosen), chosen="publish")
    assert state["review"]["outcome"] == "chosen"
    assert state["review"]["answer"] == answer
    assert state["answer"] == answer
    assert state["review"]["digest"] == digest("Which?")


def test_an_answer_goes_where_it_was_asked_for() -> None:
    state = decided(ask_human("Name?", into="answer"), Respond("Ann"), answered="publish")
    assert state["review"]["outcome"] == "answered"
    assert state["answer"] == "Ann"
    assert state["draft"] == "Hello"


@pytest.mark.parametrize("falsy", [0, False, [], {}])
def test_a_falsy_answer_is_an_answer(falsy: Any) -> None:
    gate = ask_human("How many?", answer=type(falsy), into="answer")
    state = decided(gate, Respond(falsy), answered="publish")
    assert state["answer"] == falsy
    assert state["review"]["answer"] == falsy


def test_without_an_answer_nothing_is_written() -> None:
    gate = ask_human("Name?", into="answer", allowed_decisions=["respond", "reject"])
    state = decided(gate, Reject(), answered="publish", rejected="archive")
    assert "answer" not in state
    assert state["review"]["answer"] is None


# What a record has


def test_the_record_of_an_approval() -> None:
    gate = human_approval("draft", action="post", clock=at_noon, name="gate_name")
    thread = pause(gate)
    request = thread.request
    review = thread.send(resume(request, Approve("fine"), by="maria"))["review"]
    shown = digest("Hello")
    assert review == {
        "schema_version": 1,
        "review_id": request.review_id,
        "kind": "human_approval",
        "gate": "gate",
        "action": "post",
        "subject_key": "draft",
        "outcome": "approved",
        "decisions": [
            {
                "type": "approve",
                "comment": "fine",
                "round": 0,
                "by": "maria",
                "at": "2026-01-01T12:00:00+00:00",
            }
        ],
        "decided_by": "maria",
        "decided_at": "2026-01-01T12:00:00+00:00",
        "feedback": "fine",
        "rating": None,
        "answer": None,
        "changes": None,
        "digest": shown,
        "round": 0,
        "finding": {"needed": True, "sentence": "Every case is reviewed."},
        "history": [],
        "idempotency_key": f"{request.review_id}-{shown[7:23]}",
        "form": "json",
    }


def test_nobody_needs_to_say_who_decided() -> None:
    thread = pause(human_approval("draft"))
    review = thread.send(resume(thread.request, Approve()))["review"]
    assert review["decided_by"] is None
    assert review["decisions"][0]["by"] is None


def test_an_edit_keeps_its_changes_and_its_value_once() -> None:
    state = decided(human_approval("draft"), Edit("Bye", "typo"))
    review = state["review"]
    assert review["changes"] == {"kind": "text", "lines": ["@@ -1 +1 @@", "-Hello", "+Bye"]}
    assert review["feedback"] == "typo"
    (decision,) = review["decisions"]
    assert "value" not in decision
    assert decision["comment"] == "typo"
    assert approved(state, "draft") == "Bye"


def test_an_edit_that_changes_nothing_writes_nothing() -> None:
    state = decided(human_approval("draft"), Edit("Hello"))
    assert state["review"]["outcome"] == "edited"
    assert state["review"]["changes"] is None
    assert approved(state, "draft") == "Hello"


@pytest.mark.parametrize(
    ("decision", "kept"),
    [
        (Reject("no"), {"type": "reject", "message": "no"}),
        (Reject(), {"type": "reject"}),
        (Respond("Bye"), {"type": "respond"}),
    ],
)
def test_a_refusal_keeps_its_message_and_a_response_does_not(
    decision: Decision, kept: dict[str, Any]
) -> None:
    gate = human_approval("draft", allowed_decisions=ALL)
    (stored,) = review_of(gate, decision)["decisions"]
    assert {k: v for k, v in stored.items() if k not in ("round", "by", "at")} == kept


@pytest.mark.parametrize("decision", [Approve(), Edit("Bye"), Reject("no"), Revise("x")])
def test_a_record_is_plain_json(decision: Decision) -> None:
    state = decided(human_approval("draft", allowed_decisions=ALL), decision)
    assert plain_json(state["reviews"]) == state["reviews"]


@pytest.mark.parametrize(
    ("decision", "text"),
    [
        (Approve(), None),
        (Approve("fine"), "fine"),
        (Edit(1), None),
        (Edit(1, "typo"), "typo"),
        (Reject(), None),
        (Reject("no"), "no"),
        (Revise(" shorter "), "shorter"),
        (Revise("", "incorrect"), None),
        (Revise("shorter", parts={"title": "dull"}), "shorter\ntitle: dull"),
        (Revise("", "incorrect", {"a": "b", "c": "d"}), "a: b\nc: d"),
        (Respond("x"), None),
        (Choose("x"), None),
    ],
)
def test_the_words_in_a_decision(decision: Decision, text: str | None) -> None:
    assert feedback_text(decision) == text


@pytest.mark.parametrize(
    ("decision", "rating"),
    [
        (Approve(None, "correct"), "correct"),
        (Reject(None, "incorrect"), "incorrect"),
        (Revise("x", "needs_improvement"), "needs_improvement"),
        (Approve(), None),
        (Edit(1), None),
        (Respond("x"), None),
        (Choose("x"), None),
    ],
)
def test_the_rating_in_a_decision(decision: Decision, rating: str | None) -> None:
    assert rating_of(decision) == rating
    if rating is not None:
        gate = human_approval("draft", allowed_decisions=ALL)
        assert review_of(gate, decision)["rating"] == rating


# Passing without a person


def test_what_needs_nobody_passes_by_the_trigger() -> None:
    gate = human_approval("draft", when=lambda state: False, reads=("draft",), clock=at_noon)
    app = graph(gate)
    config: RunnableConfig = {"configurable": {"thread_id": "1"}}
    state = app.invoke({"draft": "Hello"}, config)
    review = state["review"]
    assert review["outcome"] == "auto_approved"
    assert review["decided_by"] == "system:trigger"
    assert review["decided_at"] == NOON.isoformat()
    assert review["decisions"] == []
    assert (review["feedback"], review["rating"], review["changes"]) == (None, None, None)
    assert state["went"] == "publish"
    assert approved(state, "draft") == "Hello"


# Rounds


def rewriting(*versions: str, **options: Any) -> Gate:
    rest = iter(versions)
    return human_approval(
        "draft", revise=lambda state: {"draft": next(rest)}, reads=("draft",), **options
    )


def test_a_request_for_changes_asks_about_the_next_version() -> None:
    thread = pause(rewriting("Second", clock=at_noon))
    thread.send(resume(thread.request, Revise("shorter"), by="ann"))
    request = thread.request
    assert (request.subject, request.round, request.revisions_left) == ("Second", 1, 2)
    assert "review" not in thread.state()
    state = thread.send(resume(request, Approve(), by="bob"))
    assert state["draft"] == "Second"
    assert state["review"]["round"] == 1
    assert [(d["type"], d["round"], d["by"]) for d in state["review"]["decisions"]] == [
        ("revise", 0, "ann"),
        ("approve", 1, "bob"),
    ]
    assert len(state["reviews"]) == 1


@pytest.mark.parametrize("end", ["rejected", "needs_revision"])
def test_after_the_last_revision_the_review_ends(end: Any) -> None:
    gate = rewriting("Second", "Third", max_revisions=1, on_exhausted=end)
    state = decided(gate, Revise("shorter"), Revise("again"))
    assert state["review"]["outcome"] == end
    assert state["review"]["feedback"] == "again"
    assert state["draft"] == "Hello"
    assert state["reviews"][0]["value"] == "Second"


def test_an_edit_may_be_a_version_of_its_own() -> None:
    gate = human_approval("draft", resubmit_edits=True)
    thread = pause(gate)
    thread.send(resume(thread.request, Edit("Bye"), by="ann"))
    request = thread.request
    assert (request.subject, request.round) == ("Bye", 1)
    assert "review" not in thread.state()
    state = thread.send(resume(request, Approve(), by="bob"))
    assert state["review"]["outcome"] == "approved"
    assert state["draft"] == "Bye"
    assert approved(state, "draft") == "Bye"


def test_without_write_back_the_value_stays_in_the_record() -> None:
    state = decided(human_approval("draft", write_back=False), Edit("Bye"))
    assert state["draft"] == "Hello"
    assert state["reviews"][0]["value"] == "Bye"


def test_a_refused_version_is_not_written_back() -> None:
    state = decided(rewriting("Second"), Revise("shorter"), Reject())
    assert state["draft"] == "Hello"


# The score of an edit


def scored(state: dict[str, Any]) -> Finding:
    amount = state["draft"]["amount"]
    return Finding(needed=amount > 100, sentence=f"Amount {amount}.", score=min(amount / 1000, 1))


def scoring(*extra: str, **options: Any) -> Gate:
    return human_approval("draft", when=scored, reads=("draft", *extra), **options)


@pytest.mark.parametrize("decision", [Edit({"amount": 900}), Respond({"amount": 900})])
def test_an_edit_is_scored_again(decision: Decision) -> None:
    gate = scoring(allowed_decisions=["approve", "edit", "respond"])
    review = review_of(gate, decision, values={"draft": {"amount": 500}}, approved="publish")
    assert review["finding"] == {"needed": True, "sentence": "Amount 900.", "score": 0.9}


@pytest.mark.parametrize("lower", [200, 50])
def test_a_score_never_falls_below_what_a_person_was_asked_for(lower: int) -> None:
    review = review_of(scoring(), Edit({"amount": lower}), values={"draft": {"amount": 500}})
    assert review["finding"] == {"needed": True, "sentence": "Amount 500.", "score": 0.5}


def test_an_approval_keeps_the_finding_that_was_shown() -> None:
    review = review_of(scoring(), Approve(), values={"draft": {"amount": 500}})
    assert review["finding"] == {"needed": True, "sentence": "Amount 500.", "score": 0.5}


def test_an_edit_is_scored_with_what_else_the_trigger_reads() -> None:
    def risky(state: dict[str, Any]) -> Finding:
        sentence = f"{state['draft']} for {state['amount']}"
        return Finding(needed=True, sentence=sentence, score=0.5)

    gate = human_approval("draft", when=risky, reads=("draft", "amount"))
    review = review_of(gate, Edit("Bye"), values={"draft": "Hello", "amount": 7})
    assert review["finding"]["sentence"] == "Bye for 7"


# Messages


def test_an_edited_message_takes_the_place_of_the_old_one() -> None:
    thread = chat(human_approval(last_message()))
    state = thread.send(resume(thread.request, Edit("Good day")))
    assert [(m.id, m.content) for m in state["messages"]] == [("m1", "?"), ("m2", "Good day")]
    assert approved(state, "messages").content == "Good day"
    assert state["review"]["form"] == "message"


def test_an_edited_message_is_scored_among_the_others() -> None:
    seen: list[list[Any]] = []

    def count(state: dict[str, Any]) -> Finding:
        seen.append([message.content for message in state["messages"]])
        return Finding(needed=True, sentence="Two messages.", score=0.5)

    thread = chat(human_approval(last_message(), when=count, reads=("messages",)))
    thread.send(resume(thread.request, Edit("Good day")))
    assert seen == [["?", "Hello"], ["?", "Good day"]]


# Once


def test_the_decision_is_told_once_on_the_custom_stream() -> None:
    thread = pause(human_approval("draft"))
    request = thread.request
    command = resume(request, Approve())
    events = [
        event
        for _, event in thread.app.stream(
            command, thread.config, stream_mode="custom", subgraphs=True
        )
    ]
    assert events == [
        {
            "type": "review",
            "event": "decided",
            "review_id": request.review_id,
            "outcome": "approved",
        }
    ]


class Spy:
    """A saver that notes what is put on the root checkpoint."""

    def __init__(self) -> None:
        self.writes: list[tuple[Any, Any]] = []

    def put_writes(self, config: RunnableConfig, writes: Any, task_id: str) -> None:
        self.writes.append((writes, config["configurable"]["checkpoint_id"]))


def record(gate: Gate, state: dict[str, Any], saver: Any = None) -> tuple[Any, list[Any]]:
    """One call of the node, as LangGraph makes it after a plain answer."""
    told: list[Any] = []
    runtime: Runtime[Any] = Runtime(stream_writer=told.append)
    config: RunnableConfig = {
        "configurable": {
            "thread_id": state[QUESTION]["thread_id"],
            "checkpoint_map": {"": "root-checkpoint"},
            "__pregel_checkpointer": saver,
        }
    }
    return record_node(spec(gate))(state, config, runtime), told


def question(gate: Gate, **changes: Any) -> dict[str, Any]:
    thread = pause(gate)
    inner: Any = thread.app.get_state(thread.config, subgraphs=True).tasks[0].state
    asked: dict[str, Any] = inner.values[QUESTION]
    return asked | changes


def test_without_an_answer_the_question_is_put_again() -> None:
    gate = human_approval("draft")
    result, told = record(gate, {QUESTION: question(gate), ANSWER: None})
    assert result == Command(goto="ask")
    assert told == []
    assert record(gate, {QUESTION: question(gate)})[0] == Command(goto="ask")


def test_a_plain_answer_is_spent_before_it_counts() -> None:
    gate = human_approval("draft")
    saver = Spy()
    result, _ = record(gate, {QUESTION: question(gate), ANSWER: {"type": "approve"}}, saver)
    assert saver.writes == [([("__resume__", None)], "root-checkpoint")]
    assert result["review"]["outcome"] == "approved"


def test_the_answer_in_the_state_is_left_alone() -> None:
    gate = human_approval("draft")
    answer = {"type": "approve", "by": "maria"}
    result, _ = record(gate, {QUESTION: question(gate), ANSWER: answer})
    assert result["review"]["decided_by"] == "maria"
    assert answer == {"type": "approve", "by": "maria"}


def test_a_request_for_changes_goes_to_the_reviser_with_the_decision() -> None:
    gate = rewriting("Second")
    answer = {"type": "revise", "feedback": "shorter"}
    result, told = record(gate, {QUESTION: question(gate), ANSWER: answer})
    assert isinstance(result, Command)
    assert result.goto == "revise"
    assert isinstance(result.update, dict)
    assert [d["feedback"] for d in result.update[QUESTION]["decisions"]] == ["shorter"]
    assert told == []


def test_a_resubmitted_edit_goes_to_the_snapshot_with_its_value() -> None:
    gate = human_approval("draft", resubmit_edits=True)
    answer = {"type": "edit", "value": "Bye"}
    result, told = record(gate, {QUESTION: question(gate), ANSWER: answer})
    assert isinstance(result, Command)
    assert result.goto == "snapshot"
    assert isinstance(result.update, dict)
    assert load(result.update[REVISION]).shown == "Bye"
    assert [d["type"] for d in result.update[QUESTION]["decisions"]] == ["edit"]
    assert told == []


def test_only_the_first_round_passes_without_a_person() -> None:
    gate = human_approval("draft", when=always, reads=("draft",), resubmit_edits=True)
    nobody = {"needed": False, "sentence": "Small."}
    first, _ = record(gate, {QUESTION: question(gate, finding=nobody), ANSWER: None})
    assert first["review"]["outcome"] == "auto_approved"
    later, _ = record(gate, {QUESTION: question(gate, finding=nobody, round=1), ANSWER: None})
    assert later == Command(goto="ask")
