"""An edit of a function's arguments is taken whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph

from langgraph_hitl import Edit, pending, require_approval, resume
from langgraph_hitl.errors import GateError, InvalidDecision
from langgraph_hitl.triggers import over

CONFIG: Any = {"configurable": {"thread_id": "1"}}
Ran = list[tuple[Any, ...]]


def edited(run: Callable[[], Any], value: Any) -> None:
    """Answer what a function asks for in a node by an edit."""
    builder: Any = StateGraph(MessagesState)
    builder.add_node("node", lambda state: [run(), {}][1])
    builder.add_edge(START, "node")
    app = builder.compile(checkpointer=InMemorySaver())
    app.invoke({"messages": []}, CONFIG)
    (request,) = pending(app, CONFIG)
    app.invoke(resume(request, Edit(value)), CONFIG)


@pytest.mark.parametrize(
    "value",
    [
        {"amont": 5},
        {"amont": 5, "amount": 7, "more": {}},
        {"amount": 7, "a": 1},
        {"amount": 7, "more": {"a": "1"}},
        {"amount": 7, "more": []},
        {"amount": "7"},
    ],
)
def test_of_any_keywords_an_edit_names_those_of_the_signature(value: Any) -> None:
    ran: Ran = []

    @require_approval
    def pay(amount: int = 1000, **more: int) -> None:
        ran.append((amount, more))

    with pytest.raises((ValueError, InvalidDecision), match="does not fit"):
        edited(lambda: pay(amount=50), value)
    assert ran == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"first": 7, "rest": [8], "more": {"a": 1}}, (7, (8,), {"a": 1})),
        ({"rest": [8]}, (1, (8,), {})),
        ({"more": {"rest": 3}}, (1, (), {"rest": 3})),
    ],
)
def test_what_an_edit_leaves_out_is_as_if_it_had_not_been_given(value: Any, expected: Any) -> None:
    ran: Ran = []

    @require_approval
    def pay(first: int = 1, *rest: int, **more: int) -> None:
        ran.append((first, rest, more))

    edited(lambda: pay(5, 6, b=7), value)
    assert ran == [expected]


class Odd:
    """What pydantic makes no schema of."""


@pytest.mark.parametrize("value", [{"_to": "ann", "x": 1}, {}, {"to": "ann"}])
def test_the_names_are_checked_where_the_types_cannot_be(value: Any) -> None:
    ran: Ran = []

    @require_approval
    def mail(_to: str, odd: Odd | None = None) -> None:
        ran.append((_to, odd))

    with pytest.raises((ValueError, InvalidDecision), match="does not fit"):
        edited(lambda: mail("eve"), value)
    assert ran == []
    edited(lambda: mail("eve"), {"_to": "ann"})
    assert ran == [("ann", None)]


def test_a_condition_of_a_name_that_the_signature_lacks() -> None:
    def pay(**more: int) -> None: ...

    with pytest.raises(GateError, match="no argument of the tool"):
        require_approval(pay, when=over("amount", 5))
