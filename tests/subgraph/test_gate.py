"""A gate is a compiled subgraph with no more nodes than it can reach, and no inputs of its own."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.graph.state import CompiledStateGraph
from typing_extensions import TypedDict

from langgraph_hitl import (
    Approve,
    Choice,
    Edit,
    ask_human,
    human_approval,
    pending,
    rated_feedback,
    resume,
)
from langgraph_hitl._subgraph.gate import Gate, spec_of
from langgraph_hitl.errors import ContextMissing, NoCheckpointer, SubjectError
from tests.paused import graph, new_thread, pause, spec


class Small(TypedDict):
    draft: str


def rewrite(state: Small) -> dict[str, str]:
    return {"draft": "better"}


def yes(state: Small) -> bool:
    return True


@pytest.mark.parametrize(
    ("gate", "extra"),
    [
        (human_approval("draft"), set()),
        (human_approval("draft", when=yes), set()),
        (human_approval("draft", resubmit_edits=True), {"snapshot"}),
        (human_approval("draft", revise=rewrite), {"revise", "snapshot"}),
        (ask_human("?"), set()),
    ],
)
def test_nodes_that_cannot_be_reached_are_left_out(gate: Gate, extra: set[str]) -> None:
    assert isinstance(gate, CompiledStateGraph)
    assert set(gate.nodes) == {"__start__", "prepare", "ask", "record"} | extra


def test_the_drawing_of_a_gate_says_when_a_person_is_asked() -> None:
    gate = human_approval("draft", when=yes, revise=rewrite, resubmit_edits=True)
    drawing = gate.get_graph().draw_mermaid()
    for way in (
        "prepare -. &nbsp;needed&nbsp; .-> ask;",
        "prepare -. &nbsp;not needed&nbsp; .-> record;",
        "record -. &nbsp;not answered&nbsp; .-> ask;",
        "record -. &nbsp;to be revised&nbsp; .-> revise;",
        "record -. &nbsp;edited&nbsp; .-> snapshot;",
    ):
        assert way in drawing


def test_a_gate_leaves_persistence_to_its_graph() -> None:
    assert human_approval("draft").checkpointer is None


def test_a_gate_takes_only_what_it_declared_and_never_the_reviews() -> None:
    gate = human_approval("draft", context=["sources"], when=yes)
    assert set(gate.get_input_jsonschema()["properties"]) == {"draft", "sources"}
    assert set(gate.get_output_jsonschema()["properties"]) == {"draft", "review", "reviews"}


def test_a_question_gives_back_its_answer_and_the_record() -> None:
    gate = ask_human("?", into="answer", context="sources")
    assert set(gate.get_input_jsonschema()["properties"]) == {"sources"}
    assert set(gate.get_output_jsonschema()["properties"]) == {"answer", "review", "reviews"}


@pytest.mark.parametrize(
    ("gate", "outcomes"),
    [
        (human_approval("draft"), {"approved", "edited", "rejected"}),
        (human_approval("draft", when=yes), {"approved", "edited", "rejected", "auto_approved"}),
        (human_approval("draft", resubmit_edits=True), {"approved", "rejected"}),
        (human_approval("draft", allowed_decisions=["approve"]), {"approved"}),
        (human_approval("draft", allowed_decisions=["respond"]), {"answered"}),
        (human_approval("draft", allowed_decisions=["revise"]), {"needs_revision"}),
        (
            human_approval(
                "draft",
                revise=rewrite,
                on_exhausted="needs_revision",
                allowed_decisions=["approve"],
            ),
            {"approved", "needs_revision"},
        ),
        (rated_feedback("draft"), {"approved", "improve", "regenerate"}),
        (rated_feedback("draft", revise=rewrite), {"approved", "rejected"}),
        (ask_human("?"), {"answered"}),
        (ask_human("?", answer=Choice("a", "b")), {"chosen"}),
    ],
)
def test_every_way_in_which_a_review_can_end(gate: Gate, outcomes: set[str]) -> None:
    assert spec(gate).outcomes == outcomes


def test_only_a_gate_has_a_spec() -> None:
    gate = human_approval("draft")
    assert spec_of(gate) is not None
    assert spec_of(gate.with_config(tags=["x"])) is spec_of(gate)
    assert spec_of(graph(gate)) is None
    assert spec_of(object()) is None


# Before anybody is asked


def test_without_a_checkpointer_nobody_is_asked() -> None:
    app = graph(human_approval("draft"))
    app.checkpointer = None
    with pytest.raises(NoCheckpointer, match=r"builder.compile\(checkpointer=...\)"):
        app.invoke({"draft": "Hello"})


@pytest.mark.parametrize("values", [{}, {"draft": None}, {"amount": 1}])
def test_without_a_subject_nobody_is_asked(values: dict[str, Any]) -> None:
    app, config = graph(human_approval("draft")), new_thread()
    values = {"went": "x"} | values
    with pytest.raises(SubjectError, match="the subject 'draft' is absent from the state"):
        app.invoke(values, config)
    assert pending(app, config) == []


@pytest.mark.parametrize("empty", ["", 0, False, [], {}])
def test_a_falsy_subject_is_a_subject(empty: Any) -> None:
    thread = pause(human_approval("draft"), {"draft": empty})
    assert thread.request.subject == empty
    assert thread.send(resume(thread.request, Approve()))["review"]["outcome"] == "approved"


@pytest.mark.parametrize("wrong", [{1, 2}, {"a": b"x"}, {"a": {1: 2}}])
def test_a_subject_is_json_or_messages(wrong: Any) -> None:
    app, config = graph(human_approval("draft")), new_thread()
    with pytest.raises(SubjectError, match=r"neither plain JSON nor messages .*model_dump\(\)"):
        app.invoke({"draft": wrong}, config)


@pytest.mark.parametrize("empty", [None, "", "  ", [], {}])
def test_required_context_is_there_before_anybody_is_asked(empty: Any) -> None:
    gate = human_approval("draft", context=["amount"], required_context=["sources"])
    app, config = graph(gate), new_thread()
    with pytest.raises(ContextMissing, match=r"absent or empty: 'sources'\. Fill it") as raised:
        app.invoke({"draft": "Hello", "sources": empty, "amount": 1}, config)
    assert raised.value.keys == ("sources",)
    assert pending(app, config) == []


@pytest.mark.parametrize("falsy", [0, False, 0.0])
def test_a_falsy_value_is_context(falsy: Any) -> None:
    gate = human_approval("draft", required_context=["amount"])
    assert pause(gate, {"draft": "x", "amount": falsy}).request.context == {"amount": falsy}


def test_context_can_be_a_function_of_the_state() -> None:
    gate = human_approval(
        "draft",
        context=lambda state: {"length": len(state["draft"])},
        required_context=["length"],
        reads=("draft",),
    )
    assert pause(gate).request.context == {"length": 5}


@pytest.mark.parametrize("result", [None, 5, "text", ["pair"]])
def test_context_that_is_no_mapping_is_missing(result: Any) -> None:
    gate = human_approval("draft", context=lambda state: result, reads=("draft",))
    with pytest.raises(ContextMissing):
        pause(gate)


def endless() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [object(), float("nan"), 2**70, "\ud800", b"\xff", {1: 2}, {"a": {2, 3}}, endless()],
    ids=["object", "nan", "huge", "surrogate", "bytes", "int key", "set", "endless"],
)
def test_context_that_is_no_json_is_shown_as_text(value: Any) -> None:
    gate = human_approval("draft", context=lambda state: {"thing": value}, reads=("draft",))
    assert "thing" in pause(gate).request.context


@pytest.mark.parametrize("name", ["\ud800", "a\x00b", 5])
def test_a_strange_name_of_context_is_shown_too(name: Any) -> None:
    gate = human_approval("draft", context=lambda state: {name: "shown"}, reads=("draft",))
    assert list(pause(gate).request.context.values()) == ["shown"]


def test_a_failing_condition_asks_a_person_who_sees_it() -> None:
    def broken(state: Small) -> bool:
        raise KeyError("score")

    thread = pause(human_approval("draft", when=broken))
    assert thread.request.finding["sentence"] == "The condition failed (KeyError: 'score')."


# The payload


def test_the_payload_has_every_field_of_the_wire_format() -> None:
    gate = human_approval(
        "draft", action="post", criteria=["polite", "short"], context="sources", name="approve_post"
    )
    thread = pause(gate, {"draft": "Hello", "sources": ["a"]})
    payload = thread.payload
    assert payload["schema_version"] == 1
    assert payload["thread_id"] == thread.config["configurable"]["thread_id"]
    assert payload["kind"] == "human_approval"
    assert payload["action"] == "post"
    assert (payload["subject_key"], payload["subject"]) == ("draft", "Hello")
    assert payload["context"] == {"sources": ["a"]}
    assert payload["criteria"] == ["polite", "short"]
    assert payload["allowed_decisions"] == ["approve", "edit", "reject"]
    assert (payload["round"], payload["history"]) == (0, [])
    assert (payload["deadline"], payload["panel"], payload["revisions_left"]) == (None, None, None)
    (action,) = payload["action_requests"]
    assert (action["name"], action["args"]) == ("post", {"draft": "Hello"})
    assert "approve_post: post?" in action["description"]
    assert "- polite" in action["description"]


def test_a_review_keeps_its_id_and_another_has_another() -> None:
    app = graph(human_approval("draft"))
    one, other = new_thread(), new_thread()
    for config in (one, other):
        app.invoke({"draft": "Hello"}, config)
    assert pending(app, one) == pending(app, one)
    assert pending(app, one)[0].review_id != pending(app, other)[0].review_id


def test_a_second_run_on_a_thread_is_another_review() -> None:
    thread = pause(human_approval("draft"))
    first = thread.request
    thread.send(resume(first, Edit("Bye")))
    thread.app.invoke({"draft": "Hello"}, thread.config)
    second = thread.request
    assert second.review_id != first.review_id
    state = thread.send(resume(second, Approve()))
    assert [r["review_id"] for r in state["reviews"]] == [first.review_id, second.review_id]
