"""What a model claims about an argument that it is not told of does not run unseen."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.tools import InjectedToolArg, tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import InjectedState, ToolNode

from langgraph_hitl import Approve, Edit, pending, require_approval, resume
from langgraph_hitl.errors import InvalidDecision, SubjectError
from tests.tools.agents import call, calls

CONFIG: Any = {"configurable": {"thread_id": "1"}}


class State(MessagesState, total=False):
    user: str


class Bank:
    """What was paid from which account, and the tools that pay."""

    def __init__(self) -> None:
        self.paid: list[Any] = []

    @property
    def pay(self) -> Any:
        @require_approval
        @tool
        def pay(amount: int, account: Annotated[Any, InjectedToolArg] = "ours") -> str:
            """Pay."""
            self.paid.append((amount, account))
            return "paid"

        return pay

    @property
    def pay_for(self) -> Any:
        @require_approval
        @tool
        def pay(amount: int, user: Annotated[Any, InjectedState("user")] = None) -> str:
            """Pay."""
            self.paid.append((amount, user))
            return "paid"

        return pay


def own_node(reviewed: Any, **added: Any) -> Any:
    """A node that runs the calls by itself, with arguments of its own beside those of the model."""

    def node(state: State) -> Any:
        (asked_for,) = [m for m in state["messages"] if isinstance(m, AIMessage)]
        made = [{**c, "args": c["args"] | added} for c in asked_for.tool_calls]
        return {"messages": [reviewed.invoke(each) for each in made]}

    return node


def asked(node: Any, **args: Any) -> Any:
    """The app whose node was called for, and the question that it put."""
    builder: Any = StateGraph(State)
    builder.add_node("tools", node)
    builder.add_edge(START, "tools")
    app = builder.compile(checkpointer=InMemorySaver())
    app.invoke({"messages": [calls(call("pay", amount=5, **args))], "user": "ann"}, CONFIG)
    (request,) = pending(app, CONFIG)
    return app, request


@pytest.mark.parametrize("claim", ["eve", None, 5, ["eve"], {"user": "admin"}])
def test_a_claim_is_shown_and_bound(claim: Any) -> None:
    bank = Bank()
    app, request = asked(own_node(bank.pay), account=claim)
    assert request.subject == {"amount": 5, "account": claim}
    app.invoke(resume(request, Approve()), CONFIG)
    assert bank.paid == [(5, claim)]


@pytest.mark.parametrize("claim", ["eve", {"user": "admin"}, ["ann"], None])
def test_a_claim_about_the_state_is_shown(claim: Any) -> None:
    _, request = asked(own_node(Bank().pay_for), user=claim)
    assert request.subject == {"amount": 5, "user": claim}


def test_a_claim_that_no_json_can_hold_runs_nothing() -> None:
    bank = Bank()
    with pytest.raises(SubjectError, match="cannot be shown"):
        asked(own_node(bank.pay), account="eve\0")
    assert bank.paid == []


def test_an_edit_may_keep_or_change_what_was_claimed() -> None:
    bank = Bank()
    app, request = asked(own_node(bank.pay), account="eve")
    with pytest.raises((ValueError, InvalidDecision), match="no argument 'to'"):
        app.invoke(resume(request, Edit({**request.subject, "to": "x"})), CONFIG)
    app.invoke(resume(request, Edit({**request.subject, "account": "ours"})), CONFIG)
    assert bank.paid == [(5, "ours")]


def test_without_the_claim_an_edit_runs_without_it() -> None:
    bank = Bank()
    app, request = asked(own_node(bank.pay), account="eve")
    app.invoke(resume(request, Edit({"amount": 4})), CONFIG)
    assert bank.paid == [(4, "ours")]


def test_what_a_node_adds_and_no_model_could_is_not_shown() -> None:
    bank, account = Bank(), object()
    app, request = asked(own_node(bank.pay, account=account), account="eve")
    assert request.subject == {"amount": 5}
    app.invoke(resume(request, Approve()), CONFIG)
    assert bank.paid == [(5, account)]


@pytest.mark.parametrize("claim", [{}, {"user": "eve"}])
def test_what_tool_node_takes_from_the_state_is_not_shown(claim: Any) -> None:
    bank = Bank()
    app, request = asked(ToolNode([bank.pay_for]), **claim)
    assert request.subject == {"amount": 5}
    app.invoke(resume(request, Approve()), CONFIG)
    assert bank.paid == [(5, "ann")]
