"""Graphs of one's own with a gate for the calls of a model: one for all, or one for each."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Send

from langgraph_hitl import (
    ReviewState,
    approved,
    decided_items,
    human_approval,
    route,
    run_calls,
    tool_calls,
)
from langgraph_hitl.review.calls import open_calls
from tests.tools.agents import Says

HELLO: Any = {"messages": [HumanMessage("hello")]}


class Chat(MessagesState, ReviewState, total=False):
    """The conversation, and the call that a branch is about."""

    call: dict[str, Any]


class OneCall(ReviewState, total=False):
    """What a branch knows."""

    call: dict[str, Any]
    messages: list[Any]


class Said(ReviewState, total=False):
    """What a branch leaves."""

    messages: list[Any]


def for_all(says: Says, tools: list[BaseTool], **options: Any) -> Any:
    """One gate over the list of calls."""
    builder = _with_model(says)
    builder.add_node("review", human_approval(tool_calls(tools=tools), **options))
    builder.add_node("tools", ToolNode(tools))
    builder.add_edge("model", "review")
    builder.add_conditional_edges("review", run_calls("tools", otherwise=END))
    builder.add_edge("tools", END)
    return builder


def for_each_joined(says: Says, tools: list[BaseTool], **options: Any) -> Any:
    """A gate for each call, and a node that reads what was decided when all of them are over."""

    def refused(state: Chat) -> dict[str, Any]:
        left = {item["value"]["id"] for item in decided_items(state, "call")}
        calls = [call for call in open_calls(state["messages"]) if call["id"] not in left]
        return {"messages": [_refusal(call, state["reviews"]) for call in calls]}

    def to_tools(state: Chat) -> list[Send]:
        return [Send("tools", [item["value"]]) for item in decided_items(state, "call")]

    builder = _with_model(says)
    builder.add_node("review", human_approval("call", write_back=False, **options))
    builder.add_node("refused", refused)
    builder.add_node("tools", ToolNode(tools))
    builder.add_conditional_edges("model", _each, ["review"])
    builder.add_edge("review", "refused")
    builder.add_conditional_edges("refused", to_tools, ["tools"])
    builder.add_edge("tools", END)
    return builder


def for_each(says: Says, tools: list[BaseTool], **options: Any) -> Any:
    """A graph for each call, in which the tool follows its gate."""
    run = {tool.name: tool for tool in tools}

    def act(state: OneCall) -> dict[str, Any]:
        call = approved(state, "call")
        return {"messages": [run[call["name"]].invoke(call)]}

    def refuse(state: OneCall) -> dict[str, Any]:
        return {"messages": [_refusal(state["call"], state["reviews"])]}

    inner: Any = StateGraph(OneCall, output_schema=Said)
    inner.add_node("review", human_approval("call", **options))
    inner.add_node("act", act)
    inner.add_node("refuse", refuse)
    inner.add_edge(START, "review")
    inner.add_conditional_edges("review", route(approved="act", rejected="refuse"))
    builder = _with_model(says)
    builder.add_node("review", inner.compile())
    builder.add_conditional_edges("model", _each, ["review"])
    builder.add_edge("review", END)
    return builder


def _with_model(says: Says) -> Any:
    builder: Any = StateGraph(Chat)
    builder.add_node("model", lambda state: {"messages": [says(state["messages"])]})
    builder.add_edge(START, "model")
    return builder


def _each(state: Chat) -> list[Send]:
    found = open_calls(state["messages"])
    return [Send("review", {"call": {**call, "type": "tool_call"}}) for call in found]


def _refusal(call: dict[str, Any], reviews: list[Any]) -> ToolMessage:
    (why,) = [r["feedback"] for r in reviews if r["value"]["id"] == call["id"]]
    return ToolMessage(why, name=call["name"], tool_call_id=call["id"], status="error")
