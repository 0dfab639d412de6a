"""What a call relies on in LangGraph, to be found again when its node runs again."""

from __future__ import annotations

from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphInterrupt
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from typing_extensions import TypedDict

from langgraph_hitl._subgraph._pregel import (
    attempt_of,
    channels_of,
    execution_of,
    is_scheduled,
    numbered,
    within_call,
    without_plain_answer,
)
from tests.drivers import Builder


class Calls(TypedDict, total=False):
    found: list[str]


def test_a_call_has_a_place_of_its_own_whatever_the_order() -> None:
    """The nested graphs of a node are found again by name, and not by when they were run."""
    inner: Builder = StateGraph(Calls)
    inner.add_node("ask", lambda _state: {"found": [interrupt("question")]})
    inner.add_edge(START, "ask")
    graph = inner.compile()
    orders = iter([["a", "b"], ["b", "a"], ["a", "b"]])
    objects: list[Any] = []

    def node(state: Calls, config: RunnableConfig) -> Calls:
        objects.append(execution_of(config))
        assert execution_of(config) is not None
        assert attempt_of(config) == 1
        found, asked = {}, []
        for name in next(orders):
            own = within_call(config, f"call:{name}", lambda _value: False)
            try:
                found[name] = graph.invoke({}, own)["found"][0]
            except GraphInterrupt as error:
                asked += error.args[0]
        if asked:
            raise GraphInterrupt(asked)
        return {"found": [found["a"], found["b"]]}

    builder: Builder = StateGraph(Calls)
    builder.add_node("node", node)
    builder.add_edge(START, "node")
    app = builder.compile(checkpointer=InMemorySaver())
    config: RunnableConfig = {"configurable": {"thread_id": "1"}}
    app.invoke({}, config)
    a, b = app.get_state(config).interrupts
    app.invoke(Command(resume={b.id: "for b"}), config)
    assert [each.id for each in app.get_state(config).interrupts] == [a.id]
    assert app.invoke(Command(resume={a.id: "for a"}), config)["found"] == ["for a", "for b"]
    assert len({id(each) for each in objects}) == len(objects)


def test_a_call_sees_a_plain_answer_only_where_its_question_was_told() -> None:
    given: list[Any] = []

    def node(state: Calls, config: RunnableConfig) -> Calls:
        for mine in ("another", "question"):
            own = within_call(config, f"call:{mine}", mine.__eq__)
            given.append(own["configurable"]["__pregel_scratchpad"].get_null_resume(False))
        return {"found": [interrupt("question")]}

    builder: Builder = StateGraph(Calls)
    builder.add_node("node", node)
    builder.add_edge(START, "node")
    app = builder.compile(checkpointer=InMemorySaver())
    config: RunnableConfig = {"configurable": {"thread_id": "1"}}
    app.invoke({}, config)
    app.invoke(Command(resume="yes"), config)
    assert given == [None, None, None, "yes"]


def test_where_langgraph_hides_its_counter_a_call_keeps_its_name() -> None:
    own = within_call({"configurable": {"checkpoint_ns": "tools:1"}}, "pay:2", bool)
    assert own["configurable"]["checkpoint_ns"] == "tools:1|pay:2"
    assert execution_of({}) is None
    assert attempt_of({}) == 1


def test_a_node_knows_the_keys_of_its_state() -> None:
    found: list[frozenset[str] | None] = []
    builder: Builder = StateGraph(Calls)
    builder.add_node("node", lambda state, config: found.append(channels_of(config)))
    builder.add_edge(START, "node")
    builder.compile(checkpointer=InMemorySaver()).invoke({}, {"configurable": {"thread_id": "1"}})
    (keys,) = found
    assert keys is not None
    assert "found" in keys
    assert "lost" not in keys
    assert channels_of({}) is None


def test_a_node_knows_what_runs_beside_it() -> None:
    builder: Builder = StateGraph(Calls)
    seen: dict[str, list[str]] = {}

    def looking(name: str) -> Any:
        def node(_state: Any, config: RunnableConfig) -> None:
            seen[name] = [other for other in "abcd" if is_scheduled(config, other)]

        return node

    for name in "abcd":
        builder.add_node(name, looking(name))
    builder.add_edge(START, "a")
    builder.add_conditional_edges(START, lambda _: "b", ["b", "c"])
    builder.add_edge("a", "d")
    builder.compile(checkpointer=InMemorySaver()).invoke({}, {"configurable": {"thread_id": "1"}})
    assert seen == {"a": ["a", "b"], "b": ["a", "b"], "d": ["d"]}
    assert not is_scheduled({}, "a")


def test_a_graph_that_runs_twice_in_a_node_keeps_its_place() -> None:
    """LangGraph counts the graphs of a node, also one that begins anew."""
    inner: Builder = StateGraph(Calls)
    inner.add_node("tell", lambda _state, config: {"found": [place_in(config)]})
    inner.add_edge(START, "tell")
    graph = inner.compile()

    def node(state: Calls, config: RunnableConfig) -> Calls:
        graph.invoke({}, config)
        own = numbered(config)
        assert own is not None
        return {"found": [graph.invoke({}, given)["found"][0] for given in (own, own, config)]}

    builder: Builder = StateGraph(Calls)
    builder.add_node("node", node)
    builder.add_edge(START, "node")
    app = builder.compile(checkpointer=InMemorySaver())
    found = app.invoke({}, {"configurable": {"thread_id": "1"}})["found"]
    assert found == ["1", "1", "2"]


def place_in(config: RunnableConfig) -> str:
    """The number of the graph whose node runs, among those of the node around it."""
    around: str = config["configurable"]["checkpoint_ns"].rpartition("|")[0]
    return around.rpartition("|")[2]


def test_where_the_number_is_hidden_no_graph_runs_twice() -> None:
    assert numbered({}) is None
    assert numbered({"configurable": {"__pregel_scratchpad": object()}}) is None


def test_a_plain_answer_can_be_kept_from_a_graph() -> None:
    inner: Builder = StateGraph(Calls)
    inner.add_node("ask", lambda _state: {"found": [interrupt("question")]})
    inner.add_edge(START, "ask")
    graph = inner.compile()

    def node(state: Calls, config: RunnableConfig) -> Calls:
        return {"found": graph.invoke({}, without_plain_answer(config))["found"]}

    builder: Builder = StateGraph(Calls)
    builder.add_node("node", node)
    builder.add_edge(START, "node")
    app = builder.compile(checkpointer=InMemorySaver())
    config: RunnableConfig = {"configurable": {"thread_id": "1"}}
    app.invoke({}, config)
    app.invoke(Command(resume="plain"), config)
    (asked,) = app.get_state(config).interrupts
    app.invoke(Command(resume={asked.id: "by id"}), config)
    assert app.get_state(config).values["found"] == ["by id"]
