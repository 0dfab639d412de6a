"""What a thread that is resumed elsewhere keeps of how it was started, and what it says it lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphRecursionError
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from langgraph_hitl import Inbox, supervised
from langgraph_hitl.errors import RunFailed, ThreadPaused

CONFIG: Any = {"configurable": {"thread_id": "t"}}
TURNS = 20


class Count(TypedDict):
    """How often it has turned."""

    n: int


def turning(inbox: Inbox) -> Any:
    """A graph that is paused in its first turn, and turns twenty times."""

    def turn(state: Count) -> Count:
        if state["n"] == 0:
            inbox.pause("t", by="maria", reason="odd")
        return {"n": state["n"] + 1}

    builder: StateGraph[Any] = StateGraph(Count)
    builder.add_node("turn", turn)
    builder.add_edge(START, "turn")
    builder.add_conditional_edges("turn", lambda state: "turn" if state["n"] < TURNS else "__end__")
    app = builder.compile(checkpointer=InMemorySaver())
    return supervised(app, inbox=inbox, name="turning")


@pytest.fixture
def inbox() -> Inbox:
    return Inbox.open("sqlite:///:memory:")


@pytest.mark.parametrize("bound", [False, True], ids=["given", "bound"])
def test_a_resumed_run_goes_no_further_than_it_was_allowed_to(inbox: Inbox, bound: bool) -> None:
    app = turning(inbox)
    limit: Any = {"recursion_limit": 5}
    started, config = (app.with_config(limit), CONFIG) if bound else (app, CONFIG | limit)
    with pytest.raises(ThreadPaused):
        started.invoke({"n": 0}, config)
    assert inbox.run("t").recursion_limit == 5
    with pytest.raises(RunFailed, match="Recursion limit of 5") as failed:
        inbox.resume("t", by="maria")
    assert isinstance(failed.value.__cause__, GraphRecursionError)
    assert app.get_state(CONFIG).values["n"] < TURNS
    assert inbox.run("t").recursion_limit == 5


async def test_nor_does_a_worker_on_an_event_loop(inbox: Inbox) -> None:
    app = turning(inbox)
    with pytest.raises(ThreadPaused):
        await app.ainvoke({"n": 0}, CONFIG | {"recursion_limit": 5})
    registry = inbox._office.registry
    registry._apps.pop("turning")  # as in a process without the graph
    inbox.resume("t", by="maria")
    registry._apps["turning"] = app
    report = await inbox.awork()
    assert "Recursion limit of 5" in " ".join(report.failed.values())


@pytest.mark.parametrize("limit", [{}, {"recursion_limit": 2**40}])
def test_without_a_limit_it_is_that_of_langgraph(inbox: Inbox, limit: dict[str, Any]) -> None:
    app = turning(inbox)
    with pytest.raises(ThreadPaused):
        app.invoke({"n": 0}, CONFIG | limit)
    assert inbox.run("t").recursion_limit is None
    assert inbox.resume("t", by="maria").status == "finished"


def test_whoever_starts_it_anew_says_anew(inbox: Inbox) -> None:
    app = turning(inbox)
    with pytest.raises(ThreadPaused):
        app.invoke({"n": 0}, CONFIG | {"recursion_limit": 99})
    assert inbox.resume("t", by="maria").status == "finished"
    app.invoke({"n": 1}, CONFIG)
    assert inbox.run("t").recursion_limit is None


@dataclass
class Tenant:
    """For whom it runs."""

    name: str


def test_a_context_that_is_lost_is_named_with_its_cure(inbox: Inbox) -> None:
    def first(state: Count) -> Count:
        inbox.pause("t", by="maria", reason="odd")
        return state

    def second(state: Count, runtime: Runtime[Tenant]) -> Count:
        return {"n": len(runtime.context.name)}

    builder = StateGraph(Count, context_schema=Tenant)
    builder.add_node("first", first)
    builder.add_node("second", second)
    builder.add_edge(START, "first")
    builder.add_edge("first", "second")
    app = supervised(builder.compile(checkpointer=InMemorySaver()), inbox=inbox, name="tenants")
    with pytest.raises(ThreadPaused):
        app.invoke({"n": 0}, CONFIG, context=Tenant("acme"))
    with pytest.raises(RunFailed, match=r"no context=.*Tenant.*invoke\(None, config, context="):
        inbox.resume("t", by="maria")
    assert inbox.run("t").status == "failed"
    assert app.invoke(None, CONFIG, context=Tenant("acme")) == {"n": 4}
