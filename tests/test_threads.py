"""What waits on a thread is read typed, and the command that answers it is bound to it."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from langgraph_hitl import (
    Approve,
    Choose,
    Edit,
    Reject,
    Respond,
    Reviewer,
    Revise,
    add_review,
    apending,
    human_approval,
    pending,
    resume,
)
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.panels import anyone, quorum
from langgraph_hitl.review import ReviewRequest
from tests.paused import App, State, graph, new_thread, pause


def waiting() -> ReviewRequest:
    return pause(human_approval("draft")).request


def two_gates(one: Gate, other: Gate) -> App:
    """Two gates side by side."""
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
    for name, gate in (("one", one), ("other", other)):
        add_review(builder, name, gate, approved="end", rejected="end")
        builder.add_edge(START, name)
    builder.add_node("end", lambda state: {"went": "end"}, input_schema=State)
    return builder.compile(checkpointer=InMemorySaver())


def test_nothing_waits_on_a_new_thread_or_a_finished_one() -> None:
    thread = pause(human_approval("draft"))
    assert pending(thread.app, new_thread()) == []
    thread.send(resume(thread.request, Approve()))
    assert pending(thread.app, thread.config) == []


async def test_the_async_face_reads_the_same() -> None:
    app, config = graph(human_approval("draft")), new_thread()
    await app.ainvoke({"draft": "Hello"}, config)
    assert await apending(app, config) == pending(app, config) != []


def test_foreign_questions_are_left_out() -> None:
    def ask(state: State) -> dict[str, Any]:
        return {"answer": interrupt("question?")}

    builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
    add_review(builder, "gate", human_approval("draft"), approved="end", rejected="end")
    builder.add_node("ask", ask)
    builder.add_node("end", lambda state: {}, input_schema=State)
    builder.add_edge(START, "gate")
    builder.add_edge(START, "ask")
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({"draft": "Hello"}, config)
    assert len(app.get_state(config).interrupts) == 2
    assert [request.subject for request in pending(app, config)] == ["Hello"]


@pytest.mark.parametrize(
    "foreign",
    [
        {"schema_version": 1, "review_id": "theirs", "digest": "theirs"},
        {"schema_version": 1, "review_id": "theirs"},
        {"action_requests": [{"name": "a", "args": {}}], "review_configs": []},
    ],
)
def test_a_question_that_only_looks_like_ours_is_left_out(foreign: Any) -> None:
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
    builder.add_node("ask", lambda state: {"answer": interrupt(foreign)}, input_schema=State)
    builder.add_edge(START, "ask")
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({"draft": "Hello"}, config)
    assert pending(app, config) == []


def test_parallel_reviews_are_answered_one_by_one_or_together() -> None:
    one = human_approval("draft", name="one")
    other = human_approval("amount", name="other")
    for together in (True, False):
        app, config = two_gates(one, other), new_thread()
        app.invoke({"draft": "Hello", "amount": 5}, config)
        first, second = pending(app, config)
        commands = [resume(first, Approve(), by="ann"), resume(second, Reject(), by="bob")]
        if together:
            maps = [command.resume for command in commands]
            assert isinstance(maps[0], dict)
            assert isinstance(maps[1], dict)
            app.invoke(Command(resume={**maps[0], **maps[1]}), config)
        else:
            for command in commands:
                app.invoke(command, config)
        ends = {r["subject_key"]: r["outcome"] for r in app.get_state(config).values["reviews"]}
        assert ends == {first.subject_key: "approved", second.subject_key: "rejected"}


def test_the_command_is_bound_to_interrupt_review_round_and_digest() -> None:
    request = waiting()
    assert resume(request, Reject("no"), by="maria").resume == {
        request.interrupt_id: {
            "type": "reject",
            "message": "no",
            "review_id": request.review_id,
            "digest": request.digest,
            "round": 0,
            "by": "maria",
        }
    }
    (answer,) = resume(request, Approve()).resume.values()  # type: ignore[union-attr]
    assert "by" not in answer


@pytest.mark.parametrize(
    ("decision", "match"),
    [
        (Revise("x"), "revise is not allowed here; allowed: approve, edit, reject"),
        (Choose("a"), "choose is not allowed here"),
        (Respond("x"), "respond is not allowed here"),
        (Revise(" "), "revise needs feedback"),
        (Approve(rating="incorrect"), "approve contradicts the rating"),
        (Approve(comment=5), "comment must be a text, not int"),  # type: ignore[arg-type]
        (Edit(float("nan")), "nan is not a JSON number"),
        (Edit(object()), "object is not JSON"),
        (Reject("a\x00"), "NUL"),
    ],
)
def test_a_decision_that_cannot_count_is_not_even_sent(decision: Any, match: str) -> None:
    request = waiting()
    with pytest.raises(InvalidDecision, match=match) as raised:
        resume(request, decision)
    assert raised.value.review_id == request.review_id


@pytest.mark.parametrize("stranger", ["approve", {"type": "approve"}, None, True])
def test_what_is_no_decision_is_not_sent(stranger: Any) -> None:
    with pytest.raises(InvalidDecision, match="is not a decision; use one of Abstain, Approve"):
        resume(waiting(), stranger)


@pytest.mark.parametrize("by", ["", "  "])
def test_a_blank_name_is_not_sent(by: str) -> None:
    """The graph would refuse it, so it is said here."""
    with pytest.raises(InvalidDecision, match="by must be a text that is not blank"):
        resume(waiting(), Approve(), by=by)


MARIA = Reviewer("maria", roles=("editors",))


@pytest.mark.parametrize(
    ("reviewers", "by", "problem"),
    [
        (quorum(2), None, "a vote counts under the name of who gives it: say .* with by=$"),
        (quorum(2, of="board"), None, r"takes the role 'board'; say .*by=Reviewer\(id, roles="),
        (quorum(2, of="board"), "maria", "'maria' may not decide it: it takes the role 'board'; "),
        (quorum(2, of="board"), MARIA, "'maria' may not decide it: it takes the role 'board'; "),
        (quorum(1, of=[Reviewer("jo")]), "maria", "may not decide it: it takes 'jo'; .*by=$"),
        ("board", None, "under the name of who gives it: it takes the role 'board'"),
        (["board", Reviewer("jo")], MARIA, "takes the role 'board', or 'jo'; "),
    ],
)
def test_a_vote_that_its_panel_would_not_count_is_not_sent(
    reviewers: Any, by: Any, problem: str
) -> None:
    thread = pause(human_approval("draft", reviewers=reviewers))
    with pytest.raises(InvalidDecision, match=problem) as raised:
        resume(thread.request, Approve(), by=by)
    assert raised.value.review_id == thread.request.review_id


@pytest.mark.parametrize(
    ("reviewers", "by"),
    [
        (anyone(), None),
        (quorum(2), "maria"),
        ("editors", MARIA),
        (["board", MARIA], "maria"),
    ],
)
def test_one_that_counts_is_sent(reviewers: Any, by: Any) -> None:
    thread = pause(human_approval("draft", reviewers=reviewers))
    thread.send(resume(thread.request, Approve(), by=by))
    cast = [request.panel["cast"] for request in thread.requests if request.panel]
    assert thread.outcome() == "approved" or cast == [1]


def test_an_answer_for_one_thread_is_refused_by_another() -> None:
    one, other = pause(human_approval("draft")), pause(human_approval("draft"))
    (answer,) = resume(one.request, Approve()).resume.values()  # type: ignore[union-attr]
    for send in (other.plain, other.mapped):
        with pytest.raises(ValueError, match="the answer is for review_id 'rv-"):
            send(answer)
    assert other.outcome() is None
