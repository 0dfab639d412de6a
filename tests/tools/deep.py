"""Deep agents, and a process that works on one: `python -m tests.tools.deep`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolCall, ToolMessage
from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl import Inbox, require_approval, review_tools
from tests.tools.agents import Scripted, call, calls
from tests.tools.worker import Post, decide

GENERAL = "general-purpose"
SHAPES = ("review_tools", "require_approval")


def task(number: int, agent: str, to: str) -> ToolCall:
    """The call that lets a subagent mail to somebody."""
    return call("task", number, description=to, subagent_type=agent)


def says(messages: list[BaseMessage]) -> AIMessage:
    """The main agent mails to Carl, and lets others mail to Ann and Bob."""
    if isinstance(messages[-1], ToolMessage):
        return AIMessage(f"done: {messages[-1].text}")
    if (asked := messages[-1].text) != "hello":
        return calls(call("mail", 7, to=asked))
    return calls(task(0, GENERAL, "ann"), task(1, "mailer", "bob"), call("mail", 2, to="carl"))


def deep_agent(mail: Any, shape: str, saver: Any, **filing: Any) -> Any:
    """An agent with two subagents, all of which can mail, after an approval."""
    from deepagents import create_deep_agent

    reviews = [review_tools({"mail": True}, **filing)] if shape == "review_tools" else []
    if shape == "require_approval":
        mail = require_approval(mail, **filing)
    subagents = [
        {"name": name, "description": "Mails.", "system_prompt": "", "middleware": reviews}
        for name in (GENERAL, "mailer")
    ]
    made: Any = create_deep_agent
    return made(
        Scripted(says=says), [mail], middleware=reviews, subagents=subagents, checkpointer=saver
    )


@contextmanager
def opened(folder: Path, shape: str, die: str | None = None) -> Iterator[Any]:
    """The agent over the files of a folder, and its inbox."""
    with (
        SqliteSaver.from_conn_string(str(folder / "threads.db")) as saver,
        Inbox.open(f"sqlite:///{folder / 'reviews.db'}") as desk,
    ):
        app = deep_agent(Post(folder, die).mail, shape, saver, inbox=desk)
        yield desk.register(app, "deep"), desk


def main(folder: str, shape: str, to: str, die: str) -> None:
    """Decide one call in this process; with `die`, be killed while its tool runs."""
    with opened(Path(folder), shape, die or None) as (_, desk):
        decide(desk, to)


if __name__ == "__main__":
    main(*sys.argv[1:])
