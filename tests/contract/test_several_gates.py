"""Nobody's approval is read as another's: several gates on one key, and answers to others."""

from __future__ import annotations

import operator
from typing import Annotated, Any

import pytest
from langgraph.cache.memory import InMemoryCache
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, RetryPolicy, Send, interrupt
from pydantic import BaseModel, Field, ValidationError

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    ReviewState,
    Revise,
    add_review,
    approved,
    decided_items,
    human_approval,
    pending,
    resume,
)
from langgraph_hitl.errors import GateError, NotApproved
from langgraph_hitl.review import AllReviews, LatestReview
from tests.apps import State
from tests.contract.presets import each_preset, over_presets
from tests.drivers import Driver
from tests.subject_presets import SubjectPreset

CONFIG: Any = {"configurable": {"thread_id": "1"}}
PLAIN: Any = Command(resume={"decisions": [{"type": "approve"}]})


def side_by_side(preset: SubjectPreset) -> Any:
    builder = StateGraph(State)
    for name in ("a_legal", "b_security"):
        gate = preset("draft", write_back=False)
        add_review(builder, name, gate, approved="join", rejected="join")
        builder.add_edge(START, name)
    builder.add_node("join", lambda state: {"ran": ["join"]})
    return builder.compile(checkpointer=InMemorySaver())


@each_preset
@pytest.mark.parametrize("refuses", ["a_legal", "b_security"])
def test_a_value_that_one_of_two_gates_refused_is_not_approved(
    refuses: str, preset: SubjectPreset
) -> None:
    app = side_by_side(preset)
    app.invoke({"draft": "Hello"}, CONFIG)
    for request in pending(app, CONFIG):
        app.invoke(resume(request, Approve()), CONFIG)
    assert approved(app.get_state(CONFIG).values, "draft") == "Hello"

    app = side_by_side(preset)
    app.invoke({"draft": "Hello"}, CONFIG)
    tasks = {task.interrupts[0].id: task.name for task in app.get_state(CONFIG).tasks}
    for request in pending(app, CONFIG):
        refused = tasks[request.interrupt_id] == refuses
        app.invoke(resume(request, Reject("no") if refused else Approve()), CONFIG)
    values = app.get_state(CONFIG).values
    with pytest.raises(NotApproved, match=f"by '{refuses}' ended as rejected"):
        approved(values, "draft")
    other = "b_security" if refuses == "a_legal" else "a_legal"
    assert approved(values, "draft", gate=other) == "Hello"
    with pytest.raises(NotApproved, match="has not been reviewed by 'nobody'"):
        approved(values, "draft", gate="nobody")


@each_preset
def test_items_of_several_gates_are_asked_for_by_gate(preset: SubjectPreset) -> None:
    class Batch(ReviewState):
        items: list[str]
        item: str
        ran: Annotated[list[str], operator.add]

    def fan(name: str) -> Any:
        return lambda state: [Send(name, {"item": item}) for item in state["items"]]

    builder = StateGraph(Batch)
    for name, following in (("legal", "between"), ("finance", END)):
        gate = preset("item", write_back=False)
        add_review(builder, name, gate, approved=following, rejected=following)
    builder.add_node("between", lambda state: {})
    builder.add_conditional_edges(START, fan("legal"), ["legal"])
    builder.add_conditional_edges("between", fan("finance"), ["finance"])
    app: Any = builder.compile(checkpointer=InMemorySaver())
    app.invoke({"items": ["A", "B"]}, CONFIG)
    for refused in ((), ("B",)):
        for request in pending(app, CONFIG):
            decision = Reject() if request.subject in refused else Approve()
            app.invoke(resume(request, decision), CONFIG)
    values = app.get_state(CONFIG).values
    with pytest.raises(NotApproved, match="several gates; name one as gate=: finance, legal"):
        decided_items(values, "item")
    assert [item["value"] for item in decided_items(values, "item", gate="finance")] == ["A"]
    assert len(decided_items(values, "item", gate="legal")) == 2


def bare_question_then_gate(preset: SubjectPreset) -> StateGraph[Any, Any, Any, Any]:
    inner = StateGraph(State)
    inner.add_node("bare", lambda state: {"sources": [str(interrupt("May I read it?"))]})
    add_review(inner, "gate", preset("draft"), approved=END, rejected=END)
    inner.add_edge(START, "bare")
    inner.add_edge("bare", "gate")
    builder = StateGraph(State)
    builder.add_node("inner", inner.compile())
    builder.add_edge(START, "inner")
    return builder


@over_presets()
def test_a_plain_answer_to_a_foreign_question_never_answers_the_gate(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(lambda: bare_question_then_gate(preset))
    thread.send({"draft": "Wire 1,000,000"})
    thread.send(PLAIN)
    assert thread.request.subject == "Wire 1,000,000"
    for _ in range(2):
        thread.send(None)
        assert "review" not in thread.values
        assert thread.request.subject == "Wire 1,000,000"
    thread.send(PLAIN)
    assert thread.values["review"]["outcome"] == "approved"


@each_preset
def test_a_consumer_that_leaves_before_the_question_leaves_it_unanswered(
    preset: SubjectPreset,
) -> None:
    app = bare_question_then_gate(preset).compile(checkpointer=InMemorySaver())
    app.invoke({"draft": "Hello"}, CONFIG)
    for namespace, chunk in app.stream(PLAIN, CONFIG, stream_mode="updates", subgraphs=True):
        if namespace and "prepare" in chunk:
            break
    app.invoke(None, CONFIG)
    assert "review" not in app.get_state(CONFIG).values
    assert len(pending(app, CONFIG)) == 1


@each_preset
def test_node_defaults_of_the_parent_do_not_reach_a_gate(preset: SubjectPreset) -> None:
    from langgraph.types import CachePolicy

    builder = StateGraph(State)
    builder.set_node_defaults(
        cache_policy=CachePolicy(key_func=lambda *_: "the same"),
        retry_policy=RetryPolicy(max_attempts=2, retry_on=Exception),
    )
    add_review(builder, "gate", preset("draft"), approved=END, rejected=END)
    builder.add_edge(START, "gate")
    app = builder.compile(checkpointer=InMemorySaver(), cache=InMemoryCache())
    for thread_id in ("1", "2"):
        config: Any = {"configurable": {"thread_id": thread_id}}
        app.invoke({"draft": "Hello"}, config)
        (request,) = pending(app, config)
        with pytest.raises(ValidationError, match="unknown decision type"):
            app.invoke(Command(resume={"type": "aprove"}), config)
        state = app.invoke(resume(request, Approve()), config)
        assert state["review"]["review_id"] == request.review_id


def test_a_default_error_handler_is_a_build_error() -> None:
    builder = StateGraph(State)
    builder.set_node_defaults(error_handler=lambda state: {})
    with pytest.raises(GateError, match="default error_handler"):
        add_review(builder, "gate", human_approval("draft"), approved=END, rejected=END)


def test_a_subject_with_a_reducer_is_a_build_error() -> None:
    class Listed(ReviewState):
        items: Annotated[list[str], operator.add]

    builder = StateGraph(Listed)
    with pytest.raises(GateError, match="'items' has a reducer"):
        add_review(builder, "gate", human_approval("items"), approved=END, rejected=END)
    only = human_approval("items", allowed_decisions=["approve", "reject"])
    add_review(builder, "gate", only, approved=END, rejected=END)


class Payment(BaseModel):
    amount: float
    to: str = Field(max_length=10)


class Typed(BaseModel):
    payment: Payment | None = None
    note: str = Field(default="", max_length=10)
    review: LatestReview = None
    reviews: AllReviews = Field(default_factory=list)
    ran: Annotated[list[str], operator.add] = Field(default_factory=list)


def typed_app(subject: str, **options: Any) -> Any:
    builder = StateGraph(Typed)
    builder.add_node("act", lambda state: {"ran": [repr(approved(state, subject))]})
    gate = human_approval(subject, **options)
    add_review(builder, "gate", gate, approved="act", rejected=END)
    builder.add_edge(START, "gate")
    return builder.compile(checkpointer=InMemorySaver())


def test_an_edit_that_the_state_would_refuse_is_refused_before_it_is_saved() -> None:
    app = typed_app("note")
    app.invoke({"note": "Hello"}, CONFIG)
    with pytest.raises(ValidationError, match="at most 10 characters"):
        app.invoke(resume(pending(app, CONFIG)[0], Edit("much too long")), CONFIG)
    state = app.invoke(resume(pending(app, CONFIG)[0], Edit("short")), CONFIG)
    assert state["ran"] == ["'short'"]


def test_a_typed_field_is_shown_and_approved_as_the_state_reads_it() -> None:
    app = typed_app("payment")
    app.invoke({"payment": {"amount": 100, "to": "A"}}, CONFIG)
    assert pending(app, CONFIG)[0].subject == {"amount": 100.0, "to": "A"}
    state = app.invoke(resume(pending(app, CONFIG)[0], Approve()), CONFIG)
    assert state["ran"] == ["Payment(amount=100.0, to='A')"]


def test_an_edit_is_read_as_the_state_reads_it() -> None:
    app = typed_app("payment")
    app.invoke({"payment": {"amount": 100, "to": "A"}}, CONFIG)
    state = app.invoke(resume(pending(app, CONFIG)[0], Edit({"amount": 5, "to": "B"})), CONFIG)
    assert state["ran"] == ["Payment(amount=5.0, to='B')"]


def test_a_reviser_that_changes_its_input_in_place_leaves_the_history_alone() -> None:
    def rewrite(state: dict[str, Any]) -> dict[str, Any]:
        state["draft"]["to"] = "B"
        return {"draft": state["draft"]}

    builder = StateGraph(State)
    gate = human_approval("draft", revise=rewrite, reads=["draft"])
    add_review(builder, "gate", gate, approved=END, rejected=END)
    builder.add_edge(START, "gate")
    app = builder.compile(checkpointer=InMemorySaver())
    app.invoke({"draft": {"to": "A"}}, CONFIG)
    app.invoke(resume(pending(app, CONFIG)[0], Revise("again")), CONFIG)
    (entry,) = pending(app, CONFIG)[0].history
    assert entry["version"] == {"to": "A"}
    assert entry["diff"]["patch"] == [{"op": "replace", "path": "/to", "value": "B"}]
