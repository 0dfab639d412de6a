"""What was written for LangChain's own middleware is taken as it is, or refused with a cure."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver

from langgraph_hitl import pending, review_tools
from langgraph_hitl.errors import GateError
from tests.tools.agents import Outbox, agent, call, calls, once

CONFIG: Any = {"configurable": {"thread_id": "1"}}
MADE = calls(call("mail", to="ann"), call("mail", 1, to="bob"))


def asked(given: Any, **options: Any) -> list[Any]:
    reviews = review_tools(given, **options)
    app = agent(once(MADE), [Outbox().mail], reviews, checkpointer=InMemorySaver())
    app.invoke({"messages": [HumanMessage("hello")]}, CONFIG)
    return sorted(pending(app, CONFIG), key=lambda request: str(request.subject["to"]))


def test_the_middleware_itself() -> None:
    config: Any = {
        "mail": {
            "allowed_decisions": ["approve", "reject"],
            "when": lambda request: request.tool_call["args"]["to"] == "bob",
        }
    }
    (request,) = asked(HumanInTheLoopMiddleware(config))
    assert (request.subject, request.allowed_decisions) == ({"to": "bob"}, ["approve", "reject"])
    assert request.criteria == []


def test_the_middleware_with_a_prefix_of_its_own() -> None:
    given = HumanInTheLoopMiddleware(
        {"mail": True}, description_prefix="Mind the name.", interrupt_mode="per_call"
    )
    requests = asked(given)
    assert [request.criteria for request in requests] == [["Mind the name."]] * 2


class Own(HumanInTheLoopMiddleware):
    """With methods of its own, perhaps."""


@pytest.mark.parametrize(
    ("given", "match"),
    [
        (HumanInTheLoopMiddleware({"mail": True}, edit_notice="mind"), "in its own words"),
        (HumanInTheLoopMiddleware({"mail": True}, edit_notice=None), "in its own words"),
        (HumanInTheLoopMiddleware({"mail": False}), "takes the tools that need a person"),
        (Own({"mail": True}), "give it the interrupt_on of Own"),
    ],
)
def test_a_middleware_that_is_not_taken(given: Any, match: str) -> None:
    with pytest.raises(GateError, match=match):
        review_tools(given)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"interrupt_on": {"mail": True}}, r"review_tools\(\{...\}\)"),
        ({"description_prefix": "Look"}, "description of each tool, or criteria="),
        ({"interrupt_mode": "per_call"}, "each call is a review of its own"),
        ({"edit_notice": None}, "in its own words"),
    ],
)
def test_options_of_the_middleware(options: Any, match: str) -> None:
    with pytest.raises(GateError, match=match):
        review_tools(None if "interrupt_on" in options else {"mail": True}, **options)
