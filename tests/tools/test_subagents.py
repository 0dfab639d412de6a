"""Agents that run other agents: what needs an approval needs one wherever it is called."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from langchain_core.tools import BaseTool, tool
from langgraph.checkpoint.memory import InMemorySaver

from langgraph_hitl import (
    Approve,
    apending,
    pending,
    require_approval,
    resume,
    review_tools,
)
from langgraph_hitl.errors import GateError
from tests.tools.agents import Outbox, Scripted, agent, call, calls, mails, once

CONFIG: Any = {"configurable": {"thread_id": "1"}}
HELLO: Any = {"messages": [HumanMessage("hello")]}


def delegate_to(inner: Any, name: str = "delegate") -> BaseTool:
    """A tool that lets another agent send a mail."""

    def delegate(to: str) -> str:
        return str(inner(to).invoke(HELLO)["messages"][-1].text)

    async def adelegate(to: str) -> str:
        return str((await inner(to).ainvoke(HELLO))["messages"][-1].text)

    return tool(name, description="Let another agent do it.")(delegate).model_copy(
        update={"coroutine": adelegate}
    )


def plain(outbox: Outbox) -> Any:
    """An agent without a middleware."""
    return lambda to: create_agent(
        Scripted(says=once(calls(call("mail", 7, to=to)))), [outbox.mail]
    )


def reviewing(outbox: Outbox, reviews: dict[str, Any]) -> Any:
    """An agent with approvals of its own."""
    return lambda to: agent(
        once(calls(call("mail", 7, to=to))), [outbox.mail], review_tools(reviews)
    )


def outer(tools: list[Any], reviews: dict[str, Any], *made: Any) -> Any:
    first = made or (call("delegate", to="ann"),)
    return agent(once(calls(*first)), tools, review_tools(reviews), checkpointer=InMemorySaver())


def test_a_subagent_runs_nothing_that_needs_an_approval_above_it() -> None:
    outbox = Outbox()
    app = outer([outbox.mail, delegate_to(plain(outbox))], {"mail": True})
    with pytest.raises(GateError, match="a subagent called it without one"):
        app.invoke(HELLO, CONFIG)
    assert outbox.sent == []


async def test_nor_on_an_event_loop() -> None:
    outbox = Outbox()
    app = outer([outbox.mail, delegate_to(plain(outbox))], {"mail": True})
    with pytest.raises(GateError, match="a subagent called it without one"):
        await app.ainvoke(HELLO, CONFIG)
    assert outbox.sent == []


def test_nor_does_one_further_down() -> None:
    outbox = Outbox()

    def middle(to: str) -> Any:
        return create_agent(
            Scripted(says=once(calls(call("again", 5, to=to)))),
            [delegate_to(plain(outbox), "again")],
        )

    app = outer([outbox.mail, delegate_to(middle)], {"mail": True})
    with pytest.raises(GateError, match="a subagent called it without one"):
        app.invoke(HELLO, CONFIG)
    assert outbox.sent == []


def test_the_approval_of_the_subagent_is_none_for_its_calls() -> None:
    outbox = Outbox()
    app = outer([outbox.mail, delegate_to(plain(outbox))], {"mail": True, "delegate": True})
    app.invoke(HELLO, CONFIG)
    with pytest.raises(GateError, match="a subagent called it without one"):
        app.invoke(resume(pending(app, CONFIG)[0], Approve()), CONFIG)
    assert outbox.sent == []


@pytest.mark.parametrize("shape", ["review_tools", "require_approval"])
def test_a_subagent_with_approvals_asks(shape: str) -> None:
    outbox = Outbox()
    if shape == "review_tools":
        inner = reviewing(outbox, {"mail": True})
    else:
        mail = require_approval(outbox.mail, name="send a mail")

        def inner(to: str) -> Any:
            return create_agent(Scripted(says=once(mails(to))), [mail])

    app = outer([outbox.mail, delegate_to(inner)], {"mail": True})
    app.invoke(HELLO, CONFIG)
    assert outbox.sent == []
    app.invoke(resume(pending(app, CONFIG)[0], Approve()), CONFIG)
    assert outbox.sent == ["ann"]


async def test_a_subagent_with_approvals_asks_on_an_event_loop() -> None:
    outbox = Outbox()
    inner = reviewing(outbox, {"mail": True})
    app = outer([outbox.mail, delegate_to(inner)], {"mail": True})
    await app.ainvoke(HELLO, CONFIG)
    assert outbox.sent == []
    await app.ainvoke(resume((await apending(app, CONFIG))[0], Approve()), CONFIG)
    assert outbox.sent == ["ann"]


def test_a_subagent_may_be_allowed_what_others_are_not() -> None:
    outbox = Outbox()
    inner = reviewing(outbox, {"mail": False})
    app = outer([outbox.mail, delegate_to(inner)], {"mail": True})
    app.invoke(HELLO, CONFIG)
    assert outbox.sent == ["ann"]


def test_what_a_tool_does_by_itself_is_no_call_of_a_model() -> None:
    outbox = Outbox()

    @tool
    def delegate(to: str) -> str:
        """Send."""
        return str(outbox.mail.invoke({"to": to}))

    app = outer([outbox.mail, delegate], {"mail": True})
    app.invoke(HELLO, CONFIG)
    assert outbox.sent == ["ann"]
