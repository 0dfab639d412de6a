"""A change that the graph could not take never reaches it, and a better one takes its place."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, interrupt
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from langgraph_hitl import Inbox, supervised
from langgraph_hitl.errors import InboxError, ThreadPaused

CONFIG: Any = {"configurable": {"thread_id": "t"}}


class Typed(TypedDict, total=False):
    log: Annotated[list[Any], operator.add]
    messages: Annotated[list[Any], add_messages]
    hitl_handed: Any


class Modelled(BaseModel):
    amount: int = 0
    limit: int = Field(default=9, lt=10)


@dataclass
class Kept:
    amount: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.amount, int):
            raise TypeError("amount")


class Bench:
    """A graph of two nodes, which is paused in the first."""

    def __init__(self, schema: Any, second: Any = lambda _: {}, reads: Any = None) -> None:
        self.inbox = Inbox.open("sqlite:///:memory:")
        self.ran: list[Any] = []
        builder: StateGraph[Any] = StateGraph(schema)
        nodes: dict[str, Any] = {"first": self._first, "second": self._second}
        for name, node in nodes.items():
            builder.add_node(name, node)
        if reads is not None:
            builder.add_node("third", second, input_schema=reads)
            builder.add_edge("second", "third")
        builder.add_edge(START, "first")
        builder.add_edge("first", "second")
        self._then = second
        app = builder.compile(checkpointer=InMemorySaver())
        self.app = supervised(app, inbox=self.inbox, name="two")
        with pytest.raises(ThreadPaused):
            self.app.invoke({}, CONFIG)

    def _first(self, _: Any) -> Any:
        self.inbox.pause("t", by="maria", reason="odd")
        return {}

    def _second(self, state: Any) -> Any:
        self.ran.append(state)
        return self._then(state)

    def steer_from_elsewhere(self, update: Any) -> None:
        """By a process that has no graph."""
        apps = self.inbox._office.registry._apps
        app = apps.pop("two")
        self.inbox.steer("t", update, by="maria")
        apps["two"] = app


BAD = [
    (Typed, {"log": 5}, {"log": ["note"]}),
    (Typed, {"messages": [{"nonsense": 1}]}, {"messages": ["hello"]}),
    (Modelled, {"amount": "many"}, {"amount": 7}),
    (Modelled, {"limit": 10}, {"limit": 1}),
    (Kept, {"amount": "many"}, {"amount": 7}),
]


@pytest.mark.parametrize(("schema", "bad", "good"), BAD)
def test_it_is_refused_where_the_graph_is_at_hand(schema: Any, bad: Any, good: Any) -> None:
    bench = Bench(schema)
    (key,) = bad
    with pytest.raises(InboxError, match=f"could not take the change: (Modelled|Kept|{key}): "):
        bench.inbox.steer("t", bad, by="maria")
    assert bench.inbox.run("t").steers == ()
    bench.inbox.steer("t", good, by="maria")
    assert bench.inbox.resume("t", by="maria").status == "finished"
    assert len(bench.ran) == 1


@pytest.mark.parametrize(("schema", "bad", "good"), BAD)
def test_it_is_dropped_before_it_is_handed_over(schema: Any, bad: Any, good: Any) -> None:
    bench = Bench(schema)
    bench.steer_from_elsewhere(bad)
    after = bench.inbox.resume("t", by="maria")
    assert (after.status, after.state, after.steers) == ("paused", "halted", ())
    assert "could not take the change" in (after.reason or "")
    assert (bench.ran, bench.app.get_state(CONFIG).next) == ([], ("second",))
    rows = bench.inbox.history(after.id)
    assert [row.event for row in rows][-4:] == ["steered", "resumed", "paused", "refused"]
    assert bench.inbox.verify()
    assert rows[-1].actor == "system:graph"
    bench.steer_from_elsewhere(good)
    assert bench.inbox.resume("t", by="maria").status == "finished"
    assert len(bench.ran) == 1
    assert bench.inbox.verify()


@pytest.mark.parametrize("bad_first", [True, False])
@pytest.mark.parametrize(
    ("schema", "bad", "good"),
    [
        (Typed, {"messages": [{"nonsense": 1}]}, {"log": ["note"]}),
        (Typed, {"log": 5}, {"log": ["note"]}),
        (Modelled, {"limit": 10}, {"amount": 7}),
    ],
)
def test_what_can_be_made_is_kept_where_another_change_is_dropped(
    schema: Any, bad: Any, good: Any, bad_first: bool
) -> None:
    bench = Bench(schema)
    for update in [bad, good] if bad_first else [good, bad]:
        bench.steer_from_elsewhere(update)
    after = bench.inbox.resume("t", by="maria")
    assert (after.status, after.steers) == ("paused", (good,))
    assert (after.reason or "").endswith("; 1 more can be made when it is resumed")
    assert bench.inbox.resume("t", by="maria").status == "finished"
    assert len(bench.ran) == 1
    assert bench.inbox.verify()


def test_whoever_starts_it_again_is_told() -> None:
    bench = Bench(Typed)
    bench.steer_from_elsewhere({"log": 5})
    apps = bench.inbox._office.registry._apps
    app = apps.pop("two")
    bench.inbox.resume("t", by="maria")
    apps["two"] = app
    with pytest.raises(ThreadPaused, match="could not take the change"):
        bench.app.invoke(None, CONFIG)
    assert bench.inbox.run("t").status == "paused"


def test_what_was_accepted_by_an_older_process_forges_nothing() -> None:
    bench = Bench(Typed)
    run = bench.inbox.run("t")
    with bench.inbox._office.ledger.transaction() as tx:
        tx.steer_run(run, {"hitl_handed": {"route": {"review_id": "other"}}})
    after = bench.inbox.resume("t", by="maria")
    assert (after.status, after.steers, bench.ran) == ("paused", (), [])
    assert "'hitl_handed'" in (after.reason or "")


def test_the_trouble_that_was_there_before_is_none_of_the_change() -> None:
    """A later node may read a key that nobody has written yet."""

    class State(TypedDict, total=False):
        amount: int
        missing: int

    class Strict(BaseModel):
        amount: int = 0
        missing: int

    bench = Bench(State, reads=Strict)
    bench.inbox.steer("t", {"amount": 1}, by="maria")
    with pytest.raises(InboxError, match="Strict"):
        bench.inbox.steer("t", {"missing": "no number"}, by="maria")


def test_after_a_change_a_question_of_the_next_step_is_answered_directly() -> None:
    bench = Bench(Typed, lambda _: {"log": [interrupt("sure?")]})
    bench.inbox.steer("t", {"log": ["note"]}, by="maria")
    assert bench.inbox.resume("t", by="maria").state == "waiting"
    others: list[Any] = [{"log": ["new"]}, Command(resume="yes", update={"log": ["more"]})]
    for other in others:
        with pytest.raises(InboxError, match="changed the state"):
            bench.app.invoke(other, CONFIG)
    assert bench.app.invoke(Command(resume="yes"), CONFIG)["log"] == ["note", "yes"]
    assert bench.inbox.run("t").status == "finished"
    assert bench.inbox.run("t").steers == ()
