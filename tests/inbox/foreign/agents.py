"""Agents of LangChain with a scripted model, and tools that note what they do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool

Call = tuple[str, dict[str, Any]]
ALL: Any = {"allowed_decisions": ["approve", "edit", "reject", "respond"]}


class Scripted(BaseChatModel):
    """Calls the tools of its script, one turn after the other, and says `done`."""

    turns: list[list[Call]]

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        turn = sum(isinstance(message, AIMessage) for message in messages)
        calls = self.turns[turn] if turn < len(self.turns) else []
        said = AIMessage(
            "" if calls else "done",
            tool_calls=[
                {"name": name, "args": args, "id": f"call-{turn}-{number}"}
                for number, (name, args) in enumerate(calls)
            ],
        )
        return ChatResult(generations=[ChatGeneration(message=said)])


def mailer(sent: Callable[[str, str], None]) -> Any:
    """The tool `mail`, which tells `sent` what went out."""

    @tool
    def mail(to: str, text: str = "") -> str:
        """Send a mail."""
        sent(to, text)
        return f"sent to {to}"

    return mail


def agent(
    saver: Any, turns: list[list[Call]], sent: Callable[[str, str], None], mode: str = "batched"
) -> Any:
    """An agent whose mails are approved by LangChain's own middleware."""
    asks: Any = {"interrupt_on": {"mail": ALL}, "interrupt_mode": mode}
    return create_agent(
        Scripted(turns=turns),
        tools=[mailer(sent)],
        middleware=[HumanInTheLoopMiddleware(**asks)],
        checkpointer=saver,
        name="agent",
    )


def results(state: dict[str, Any]) -> list[str]:
    """What the tools, or the people in their place, told the model."""
    return [str(one.content) for one in state["messages"] if isinstance(one, ToolMessage)]


def mail(to: str, text: str = "") -> Call:
    return "mail", {"to": to, "text": text}


GO: Any = {"messages": [("user", "go")]}
