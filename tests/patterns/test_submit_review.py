"""A gate that asks and does not wait: what it takes, and how it is wired."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel

from langgraph_hitl import (
    Approve,
    Edit,
    ReviewState,
    add_review,
    approved,
    await_review,
    human_approval,
    last_message,
    submit_review,
)
from langgraph_hitl.errors import GateError, NotRegistered, SubjectError
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.review import AllReviews, LatestReview
from tests.drivers import Builder
from tests.paused import State, new_thread, spec


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:") as opened:
        yield opened


def graph(gate: Any, schema: type[Any] = State) -> Builder:
    """The gate, and what awaits it."""
    builder: Builder = StateGraph(schema)
    add_review(builder, "submit", gate)
    add_review(builder, "await", await_review(gate), approved=END, rejected=END)
    builder.add_edge(START, "submit")
    builder.add_edge("submit", "await")
    return builder


def registered(inbox: Inbox, builder: Builder, name: str = "graph") -> Any:
    return inbox.register(builder.compile(checkpointer=InMemorySaver()), name)


# Options


def test_it_takes_the_options_of_human_approval(inbox: Inbox) -> None:
    def rewrite(state: State) -> dict[str, Any]:
        return {"draft": "better"}

    options: dict[str, Any] = {
        "inbox": inbox,
        "action": "post",
        "context": ["sources"],
        "criteria": ["Is it true?"],
        "reviewers": "editors",
        "queue": "posts",
        "priority": "high",
        "revise": rewrite,
        "max_revisions": 7,
    }
    given, wanted = (
        spec(submit_review("draft", **options)),
        spec(human_approval("draft", **options)),
    )
    for name in ("context_keys", "criteria", "queue", "priority", "max_revisions", "schema"):
        assert getattr(given, name) == getattr(wanted, name)
    assert given.rules.allowed == wanted.rules.allowed
    assert (given.kind, given.mode) == ("submit_review", "submitted")
    (later,) = inspect.signature(await_review).parameters
    assert later == "submitted"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"inbox": None}, "a review that does not block needs an inbox"),
        ({"inbox": "reviews.db"}, "inbox must be an Inbox"),
        ({"subject": ""}, "subject must be a state key or a lens"),
        ({"name": " "}, "name must be a text that is not blank"),
        ({"max_revisions": 2}, "have no effect without revise="),
        ({"when": True}, "must be a function of the state or a trigger"),
    ],
)
def test_what_cannot_work_is_an_error_when_it_is_built(
    inbox: Inbox, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(GateError, match=problem):
        submit_review(**{"subject": "draft", "inbox": inbox, **options})


@pytest.mark.parametrize("option", ["rated", "into", "mode", "rate"])
def test_no_others_are_taken(inbox: Inbox, option: str) -> None:
    with pytest.raises(GateError, match=f"submit_review.* '{option}'"):
        submit_review("draft", inbox=inbox, **{option: True})  # type: ignore[arg-type]


def test_nothing_can_be_submitted_without_an_inbox() -> None:
    with pytest.raises(GateError, match="needs an inbox"):
        submit_review("draft")


# Wiring


@pytest.mark.parametrize("ways", [{"approved": END}, {"rejected": END}, {"submitted": END}])
def test_it_has_no_outcome_that_could_have_a_way(inbox: Inbox, ways: dict[str, Any]) -> None:
    builder: Builder = StateGraph(State)
    with pytest.raises(
        GateError, match=r"'submit': what is submitted has no outcome yet.*add_edge"
    ):
        add_review(builder, "submit", submit_review("draft", inbox=inbox), **ways)


def test_a_key_that_the_graph_lacks_is_an_error_when_it_is_added(inbox: Inbox) -> None:
    builder: Builder = StateGraph(State)
    with pytest.raises(GateError, match="needs the state key 'plan'"):
        add_review(builder, "submit", submit_review("plan", inbox=inbox))


def test_the_graph_that_submits_needs_no_channels_of_reviews(inbox: Inbox) -> None:
    class Plain(BaseModel):
        draft: str = ""

    builder: Builder = StateGraph(Plain)
    add_review(builder, "submit", submit_review("draft", inbox=inbox))
    builder.add_edge(START, "submit")
    app = registered(inbox, builder)
    assert app.invoke({"draft": "Hello"}, new_thread()) == {"draft": "Hello"}
    assert [review.request["subject"] for review in inbox.pending()] == ["Hello"]


def test_it_writes_nothing(inbox: Inbox) -> None:
    app = registered(inbox, graph(submit_review("draft", inbox=inbox)))
    config = new_thread()
    state = app.invoke({"draft": "Hello", "went": "here"}, config, interrupt_before=["await"])
    assert {key: value for key, value in state.items() if value} == {
        "draft": "Hello",
        "went": "here",
        **({"__interrupt__": state["__interrupt__"]} if "__interrupt__" in state else {}),
    }


def test_the_picture_shows_one_way_out(inbox: Inbox) -> None:
    edges = graph(submit_review("draft", inbox=inbox)).compile().get_graph().edges
    assert [(edge.target, edge.conditional) for edge in edges if edge.source == "submit"] == [
        ("await", False)
    ]
    assert {edge.data for edge in edges if edge.source == "await"} == {"approved, rejected"}


def test_two_of_one_name_and_subject_cannot_be_told_apart(inbox: Inbox) -> None:
    builder = graph(submit_review("draft", inbox=inbox))
    add_review(builder, "other", submit_review("draft", inbox=inbox))
    builder.add_edge("await", "other")
    with pytest.raises(GateError, match=r"'submit' and 'other' .* different names"):
        registered(inbox, builder)


def test_one_may_be_at_several_nodes(inbox: Inbox) -> None:
    gate = submit_review("draft", inbox=inbox)
    builder = graph(gate)
    add_review(builder, "again", gate)
    builder.add_edge("await", "again")
    registered(inbox, builder)


# Running


def test_a_subject_that_is_absent_is_an_error_before_anybody_is_asked(inbox: Inbox) -> None:
    app = registered(inbox, graph(submit_review("draft", inbox=inbox)))
    with pytest.raises(SubjectError, match="'draft' is absent"):
        app.invoke({"went": "here"}, new_thread())
    assert inbox.pending() == []


def test_a_graph_that_is_not_registered_submits_nothing(inbox: Inbox) -> None:
    app = graph(submit_review("draft", inbox=inbox)).compile(checkpointer=InMemorySaver())
    with pytest.raises(NotRegistered, match="Gate 'submit_review' files with an inbox"):
        app.invoke({"draft": "Hello"}, new_thread())


def test_the_stream_says_once_that_somebody_is_asked(inbox: Inbox) -> None:
    app = registered(inbox, graph(submit_review("draft", inbox=inbox)))
    config = new_thread()
    told = list(app.stream({"draft": "x"}, config, stream_mode="custom", subgraphs=True))
    assert [event["event"] for _, event in told] == ["asked"]
    (review,) = inbox.pending()
    inbox.decide(review.id, Approve(), by="maria")
    assert app.get_state(config).values["review"]["outcome"] == "approved"


class Typed(BaseModel):
    draft: dict[str, int] = {}
    review: LatestReview = None
    reviews: AllReviews = []


def test_a_pydantic_state_says_what_an_edit_may_be(inbox: Inbox) -> None:
    app = registered(inbox, graph(submit_review("draft", inbox=inbox), Typed))
    config = new_thread()
    app.invoke({"draft": {"a": 1}}, config)
    (review,) = inbox.pending()
    inbox.decide(review.id, Edit({"a": 2}), by="maria")
    state = app.get_state(config).values
    assert approved(state, "draft") == {"a": 2}


def test_a_message_keeps_its_id(inbox: Inbox) -> None:
    from langchain_core.messages import AIMessage, HumanMessage

    from tests.paused import Chat

    app = registered(inbox, graph(submit_review(last_message(), inbox=inbox), Chat))
    config = new_thread()
    said = [HumanMessage("?", id="m1"), AIMessage("Hello", id="m2")]
    app.invoke({"messages": said}, config)
    (review,) = inbox.pending()
    inbox.decide(review.id, Edit("Hi"), by="maria")
    last = app.get_state(config).values["messages"][-1]
    assert (last.id, last.text) == ("m2", "Hi")


class Keys(ReviewState, total=False):
    draft: str


def test_the_request_and_the_question_of_the_graph_are_the_same(inbox: Inbox) -> None:
    app = registered(inbox, graph(submit_review("draft", action="post", inbox=inbox), Keys))
    config = new_thread()
    app.invoke({"draft": "Hello"}, config)
    (interrupt,) = app.get_state(config).interrupts
    (review,) = inbox.pending()
    assert interrupt.value == review.request
