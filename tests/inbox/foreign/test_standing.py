"""Which questions of a thread wait, as LangGraph keeps them."""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from langgraph_hitl._subgraph._pregel import next_interrupt_id, waiting_in
from tests.inbox.foreign.conftest import thread
from tests.inbox.foreign.graphs import State


def asks_twice(state: State) -> State:
    return {"ran": [interrupt("first?"), interrupt("second?")]}


def test_the_id_of_the_next_question_of_a_task() -> None:
    saver = InMemorySaver()
    builder = StateGraph(State)
    builder.add_node("ask", asks_twice)
    builder.add_edge(START, "ask")
    app: Any = builder.compile(checkpointer=saver)
    config = thread()
    app.invoke({}, config)
    for text in ("first?", "second?"):
        found = saver.get_tuple(config)
        assert found is not None
        writes = found.pending_writes or []
        (waiting,) = waiting_in(writes)
        (task,) = app.get_state(config).tasks
        assert waiting.interrupt.value == text
        expected = next_interrupt_id(writes, namespace="", name="ask", task=task.id)
        assert waiting.interrupt.id == expected
        app.invoke(Command(resume={waiting.interrupt.id: 1}), config)
    after = saver.get_tuple(config)
    assert after is not None
    assert waiting_in(after.pending_writes or ()) == []
