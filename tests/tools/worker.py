"""Agents that any process can build again on the same files: `python -m tests.tools.worker`.

What a tool has done is a line in a file, so that it is seen whichever process did it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, tool
from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl import Inbox, require_approval, review_tools
from langgraph_hitl.review.decision import parse
from tests.tools.agents import Scripted, mails, once, tool_node

NAMES = ("ann", "bob", "carl", "dora", "eve")
KINDS = ("create_agent", "ToolNode")
THREAD: RunnableConfig = {"configurable": {"thread_id": "1"}}


class Post:
    """The mails that were sent, in a file; `die` kills the process at the mail to that name."""

    def __init__(self, folder: Path, die: str | None = None) -> None:
        self._path = folder / "sent"
        self._die = die

    @property
    def sent(self) -> list[str]:
        return self._path.read_text().split() if self._path.exists() else []

    @property
    def mail(self) -> BaseTool:
        @tool
        def mail(to: str) -> str:
            """Send a mail."""
            if to == self._die:
                os.kill(os.getpid(), signal.SIGKILL)
            with self._path.open("a") as file:
                file.write(f"{to}\n")
            return f"sent to {to}"

        return mail


@contextmanager
def opened(folder: Path, kind: str, *, inbox: bool, die: str | None = None) -> Iterator[Any]:
    """A fresh graph over the files of a folder, and its inbox or None."""
    post = Post(folder, die)
    says = once(mails(*NAMES))
    with (
        SqliteSaver.from_conn_string(str(folder / "threads.db")) as saver,
        Inbox.open(f"sqlite:///{folder / 'reviews.db'}") as desk,
    ):
        filing: Any = {"inbox": desk} if inbox else {}
        app: Any
        if kind == "create_agent":
            middleware = [review_tools({"mail": True}, **filing)]
            app = create_agent(
                Scripted(says=says), [post.mail], middleware=middleware, checkpointer=saver
            )
        else:
            app = tool_node([require_approval(post.mail, **filing)]).compile(checkpointer=saver)
        yield (desk.register(app, "agent") if inbox else app), desk if inbox else None


def start(app: Any, kind: str) -> None:
    """Let the model make its calls."""
    first = HumanMessage("hello") if kind == "create_agent" else mails(*NAMES)
    app.invoke({"messages": [first]}, THREAD)


def decide(desk: Inbox, to: str, decision: dict[str, Any]) -> None:
    """Decide the call that mails to somebody."""
    review = next(r for r in desk.pending() if r.request["subject"]["to"] == to)
    desk.decide(review.id, parse(decision), by="maria")


def main(folder: str, kind: str, to: str, decision: str, die: str) -> None:
    """Decide one call in this process; with `die`, be killed while its tool runs."""
    with opened(Path(folder), kind, inbox=True, die=die or None) as (app, desk):
        if to:
            decide(desk, to, json.loads(decision))
        else:
            start(app, kind)


if __name__ == "__main__":
    main(*sys.argv[1:])
