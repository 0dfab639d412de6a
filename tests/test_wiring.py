"""Every outcome has a way, checked when the graph is built; `route` never raises while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from langgraph_hitl import (
    Approve,
    Choice,
    Edit,
    Reject,
    ReviewState,
    Revise,
    add_review,
    approved,
    ask_human,
    co_edit,
    human_approval,
    pending,
    plan_together,
    rated_feedback,
    resume,
    route,
    with_escalation,
)
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.errors import GateError
from langgraph_hitl.review import AllReviews, Decision, LatestReview
from langgraph_hitl.review.outcome import OUTCOMES
from tests.paused import App, State, graph, new_thread, pause
from tests.strategies import JSON

Builder = StateGraph[Any, Any, Any, Any]


def add(gate: Any, schema: type[Any] = State, **ways: Any) -> Builder:
    builder: Builder = StateGraph(schema)
    add_review(builder, "gate", gate, **ways)
    return builder


def refused(match: str, gate: Any, schema: type[Any] = State, **ways: Any) -> None:
    with pytest.raises(GateError, match=match):
        add(gate, schema, **ways)


GATE = human_approval("draft")
BOTH: dict[str, Any] = {"approved": "publish", "rejected": "archive"}


def rewrite(state: State) -> dict[str, str]:
    return {"draft": "better"}


# Ways


@pytest.mark.parametrize(
    ("gate", "ways", "match"),
    [
        (
            GATE,
            {},
            "'gate': no way for 'approved', .*; name approved= and rejected=",
        ),
        (GATE, {"approved": END}, "no way for 'rejected'; name rejected="),
        (GATE, {"rejected": END}, "no way for 'edited'; name approved="),
        (
            rated_feedback("draft"),
            {"approved": END},
            "no way for 'improve', 'regenerate'; name improve= and regenerate=",
        ),
        (ask_human("?"), {}, "no way for 'answered'; name answered="),
        (
            ask_human("?", answer=Choice("a", "b")),
            {},
            "no way for 'chosen'; name chosen=",
        ),
        (
            ask_human("?", allowed_decisions=["respond", "reject"]),
            {"answered": END},
            "no way for 'rejected'; name rejected=",
        ),
    ],
)
def test_an_outcome_without_a_way_is_a_build_error(
    gate: Gate, ways: dict[str, Any], match: str
) -> None:
    refused(match, gate, **ways)


@pytest.mark.parametrize(
    ("gate", "outcome"),
    [
        (GATE, "chosen"),
        (GATE, "auto_approved"),
        (GATE, "timed_out"),
        (GATE, "improve"),
        (human_approval("draft", allowed_decisions=["approve", "reject"]), "edited"),
    ],
)
def test_a_way_that_cannot_be_reached_is_a_build_error(gate: Gate, outcome: str) -> None:
    refused(
        f"the gate cannot end as '{outcome}'; it can end as ",
        gate,
        **BOTH,
        **dict[str, Any]({outcome: END}),
    )


def test_a_question_is_answered_not_approved() -> None:
    refused("cannot end as 'approved'; it can end as answered", ask_human("?"), **BOTH)


def test_a_gate_that_cannot_reject_needs_no_way_for_it() -> None:
    gate = human_approval("draft", allowed_decisions=["approve"])
    add(gate, approved=END)
    refused("cannot end as 'rejected'", gate, **BOTH)


@pytest.mark.parametrize("unknown", ["aproved", "approve", "Approved", "finished"])
def test_an_unknown_outcome_is_named_with_the_known_ones(unknown: str) -> None:
    refused(
        f"'{unknown}' is not an outcome; known: approved, ",
        GATE,
        **BOTH,
        **dict[str, Any]({unknown: END}),
    )
    with pytest.raises(GateError, match=f"'{unknown}' is not an outcome; known: approved, "):
        route(approved="publish", **{unknown: "x"})


@pytest.mark.parametrize("target", ["", None, 5, ["publish"]])
def test_a_way_leads_to_a_node(target: Any) -> None:
    refused("approved= takes the name of a node", GATE, approved=target, rejected=END)
    with pytest.raises(GateError, match="approved= takes the name of a node"):
        route(approved=target)


def test_route_needs_a_good_way() -> None:
    with pytest.raises(GateError, match="route: name the good way, one of approved, answered, "):
        route(rejected="archive")


@pytest.mark.parametrize("stranger", [None, "gate", lambda state: {}, graph(GATE)])
def test_only_gates_can_be_added(stranger: Any) -> None:
    refused("'gate': add_review takes a gate that a preset returned, not ", stranger, **BOTH)


def compiled() -> Any:
    return StateGraph(ReviewState).add_node("a", lambda state: {}).set_entry_point("a").compile()


@pytest.mark.parametrize(
    "add",
    [
        lambda graph: add_review(graph, "gate", human_approval("draft"), **BOTH),
        lambda graph: co_edit(
            graph, "gate", "draft", suggest=str, approved="publish", rejected="archive"
        ),
        lambda graph: plan_together(
            graph, "gate", "plan", propose=str, execute=str, approved="a", rejected="b"
        ),
        lambda graph: with_escalation(graph, "gate", str, then="a"),
    ],
)
def test_a_graph_that_is_compiled_takes_no_nodes(add: Any) -> None:
    words = r"'gate': give the builder \(StateGraph\), before compile\(\), not a CompiledStateGraph"
    with pytest.raises(GateError, match=words):
        add(compiled())


# Keys


class NoDraft(ReviewState):
    other: str


@pytest.mark.parametrize(
    ("gate", "ways", "key"),
    [
        (GATE, BOTH, "draft"),
        (human_approval("other", context=["draft"]), BOTH, "draft"),
        (human_approval("other", required_context=["draft"]), BOTH, "draft"),
        (
            human_approval("other", when=lambda state: True, reads=("draft",)),
            BOTH,
            "draft",
        ),
        (human_approval("other", revise=lambda state: {}, reads=("draft",)), BOTH, "draft"),
        (ask_human("?", into="draft"), {"answered": END}, "draft"),
    ],
)
def test_a_key_that_the_graph_lacks_is_a_build_error(gate: Gate, ways: Any, key: str) -> None:
    refused(
        f"'gate': the gate needs the state key '{key}', which the graph's schema NoDraft",
        gate,
        NoDraft,
        **ways,
    )


class NoReviews(TypedDict):
    draft: str


class OnlyLatest(TypedDict):
    draft: str
    review: LatestReview


class PlainReview(TypedDict):
    draft: str
    review: Any
    reviews: AllReviews


class PlainReviews(TypedDict):
    draft: str
    review: LatestReview
    reviews: list[Any]


def overwrite(old: Any, new: Any) -> Any:
    return new


class OtherReducer(TypedDict):
    draft: str
    review: LatestReview
    reviews: Annotated[list[Any], overwrite]


@pytest.mark.parametrize(
    ("schema", "key"),
    [
        (NoReviews, "review"),
        (OnlyLatest, "reviews"),
        (PlainReview, "review"),
        (PlainReviews, "reviews"),
        (OtherReducer, "reviews"),
    ],
)
def test_reviews_need_their_channels_with_their_reducers(schema: Any, key: str) -> None:
    refused(
        f"'gate': the graph's schema {schema.__name__} needs the key '{key}' with its reducer; "
        "derive it from ReviewState, or declare review: LatestReview and reviews: AllReviews",
        GATE,
        schema,
        **BOTH,
    )


class Model(BaseModel):
    draft: str = "Hello"
    went: str = ""
    review: LatestReview = None
    reviews: AllReviews = Field(default_factory=list)


@dataclass
class Data:
    draft: str = "Hello"
    went: str = ""
    review: LatestReview = None
    reviews: AllReviews = field(default_factory=list)


def by_hand(schema: type[Any], gate: Gate) -> App:
    """The same as `add_review`, with `route`."""
    builder: Builder = StateGraph(schema)
    builder.add_node("gate", gate)
    builder.add_conditional_edges("gate", route(approved="publish", rejected="archive"))
    builder.add_edge(START, "gate")
    for name in ("publish", "archive"):
        builder.add_node(name, _noting(name), input_schema=schema)
    return builder.compile(checkpointer=InMemorySaver())


def _noting(name: str) -> Any:
    def node(state):  # type: ignore[no-untyped-def]  # the schema is given
        if name == "publish":
            approved(state, "draft")
        return {"went": name}

    return node


@pytest.mark.parametrize("schema", [State, Model, Data])
@pytest.mark.parametrize("wire", [graph, by_hand])
@pytest.mark.parametrize(
    ("decision", "went"), [(Approve(), "publish"), (Edit("Bye"), "publish"), (Reject(), "archive")]
)
def test_every_kind_of_state_takes_its_way(
    schema: type[Any], wire: Any, decision: Any, went: str
) -> None:
    app = graph(GATE, schema) if wire is graph else by_hand(schema, GATE)
    config = new_thread()
    app.invoke({"draft": "Hello"}, config)
    state = app.invoke(resume(pending(app, config)[0], decision), config)
    assert state["went"] == went


@pytest.mark.parametrize("schema", [Model, Data])
def test_defaults_of_the_schema_count_where_nothing_was_written(schema: type[Any]) -> None:
    app, config = graph(GATE, schema), new_thread()
    app.invoke({"went": ""}, config)
    assert pending(app, config)[0].subject == "Hello"


def test_route_adds_no_channel() -> None:
    before: Builder = StateGraph(State)
    after: Builder = StateGraph(State)
    for builder in (before, after):
        builder.add_node("gate", GATE)
    after.add_conditional_edges("gate", route(**BOTH))
    assert set(after.channels) == set(before.channels)


def test_add_review_adds_no_channel() -> None:
    assert set(add(GATE, **BOTH).channels) == set(StateGraph(State).channels)


# Routing


@given(JSON, st.booleans())
def test_route_never_raises(anything: Any, as_review: bool) -> None:
    go = route(**BOTH, answered="publish")
    assert go({"review": anything} if as_review else anything) in {"publish", "archive"}


@pytest.mark.parametrize("outcome", [*OUTCOMES, "unknown", None, 5, ["approved"]])
def test_what_has_no_way_of_its_own_follows_rejected(outcome: Any) -> None:
    state = {"review": {"outcome": outcome, "subject_key": "draft"}}
    good = outcome in ("approved", "edited", "auto_approved", "answered")
    assert route(**BOTH)(state) == ("publish" if good else "archive")
    assert route(approved="publish")(state) == ("publish" if good else END)


def test_an_answer_without_a_subject_is_no_approval() -> None:
    state = {"review": {"outcome": "answered", "subject_key": None}}
    assert route(**BOTH)(state) == "archive"
    assert route(answered="next")(state) == "next"


@pytest.mark.parametrize("state", [None, {}, {"review": None}, {"review": "approved"}, 5, object()])
def test_without_a_record_nothing_is_approved(state: Any) -> None:
    assert route(**BOTH)(state) == "archive"


def test_a_way_of_its_own_is_taken() -> None:
    ways: dict[str, Any] = {**BOTH, "edited": "proofread", "needs_revision": "write"}
    gate = human_approval("draft", allowed_decisions=["approve", "edit", "reject", "revise"])
    decided: list[tuple[Decision, str]] = [
        (Approve(), "publish"),
        (Edit("Bye"), "proofread"),
        (Reject(), "archive"),
        (Revise("x"), "write"),
    ]
    for decision, went in decided:
        thread = pause(gate, **ways)
        assert thread.send(resume(thread.request, decision))["went"] == went


def test_parallel_gates_take_each_its_own_way() -> None:
    """Both write `review` in one step; each branch reads its own."""

    class Two(State):
        ran: Annotated[list[str], lambda a, b: a + b]

    builder: Builder = StateGraph(Two)
    for key in ("draft", "amount"):
        gate = human_approval(key, name=f"gate_{key}")
        add_review(builder, f"gate_{key}", gate, approved=f"do_{key}", rejected=f"skip_{key}")
        builder.add_edge(START, f"gate_{key}")
        for does in ("do", "skip"):
            name = f"{does}_{key}"
            builder.add_node(name, lambda state, name=name: {"ran": [name]}, input_schema=Two)
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({"draft": "Hello", "amount": 5}, config)
    for request in pending(app, config):
        decision = Approve() if request.subject_key == "draft" else Reject()
        app.invoke(resume(request, decision), config)
    assert sorted(app.get_state(config).values["ran"]) == ["do_draft", "skip_amount"]


# Drawing


def test_every_named_way_is_drawn() -> None:
    gate = human_approval("draft", when=lambda state: True, reads=("draft",))
    ways: dict[str, Any] = {
        "approved": "publish",
        "edited": "proofread",
        "auto_approved": "log",
        "rejected": "archive",
    }
    drawing = graph(gate, **ways).get_graph().draw_mermaid()
    for outcome, node in ways.items():
        assert f"gate -. &nbsp;{outcome}&nbsp; .-> {node};" in drawing


def test_two_outcomes_may_lead_to_one_node_and_both_are_drawn() -> None:
    drawing = graph(GATE, approved="next", rejected="next").get_graph().draw_mermaid()
    assert "gate -. &nbsp;approved, rejected&nbsp; .-> next;" in drawing
    for decision in (Approve(), Edit("Bye"), Reject()):
        thread = pause(GATE, approved="next", rejected="next")
        assert thread.send(resume(thread.request, decision))["went"] == "next"


def test_what_route_returns_is_drawn_too() -> None:
    drawing = by_hand(State, GATE).get_graph().draw_mermaid()
    assert "gate -.-> publish;" in drawing
    assert "gate -.-> archive;" in drawing
