"""Models that say what they are told to, and agents and graphs of their calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolCall, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

Says = Callable[[list[BaseMessage]], AIMessage]
"""What a model answers, from the messages so far, so that a restart changes nothing."""


class Scripted(BaseChatModel):
    """A chat model that follows a function."""

    says: Any

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **_options: Any) -> Any:
        return self

    def _generate(self, messages: list[BaseMessage], *_args: Any, **_options: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self.says(messages))])


def call(name: str, number: int = 0, **args: Any) -> ToolCall:
    """One call, with an id from its number."""
    return ToolCall(name=name, args=args, id=f"call-{number}", type="tool_call")


def calls(*made: ToolCall) -> AIMessage:
    """A message with calls."""
    return AIMessage("", tool_calls=list(made))


def mails(*names: str) -> AIMessage:
    """A call of `mail` for each name."""
    return calls(*(call("mail", number, to=name) for number, name in enumerate(names)))


def once(message: AIMessage) -> Says:
    """A model that makes its calls, and is done when it has read what came of them."""

    def says(messages: list[BaseMessage]) -> AIMessage:
        return AIMessage("done") if isinstance(messages[-1], ToolMessage) else message

    return says


class Outbox:
    """What was sent, and the tool that sends."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    @property
    def mail(self) -> Any:
        @tool
        def mail(to: str) -> str:
            """Send a mail."""
            self.sent.append(to)
            return f"sent to {to}"

        return mail


def tool_node(tools: Sequence[Any], **options: Any) -> Any:
    """A graph whose only node runs the tools."""
    builder = StateGraph(MessagesState)
    builder.add_node("tools", ToolNode(tools, **options))
    builder.add_edge(START, "tools")
    return builder


def agent(says: Says, tools: Sequence[Any], middleware: Any, **options: Any) -> Any:
    """An agent of LangChain."""
    return create_agent(Scripted(says=says), list(tools), middleware=[middleware], **options)


def told(values: Any) -> dict[str, ToolMessage]:
    """What a model was told of its calls, by id."""
    messages = [m for m in values["messages"] if isinstance(m, ToolMessage)]
    found = {message.tool_call_id: message for message in messages}
    assert len(found) == len(messages)
    return found
