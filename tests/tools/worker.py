"""Agents that any process can build again on the same files: `python -m tests.tools.worker`.

What a tool has done is a line in a file, so that it is seen whichever process did it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, tool
from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl import Approve, Edit, Inbox, Reject, require_approval, review_tools
from langgraph_hitl.review import Decision
from tests.tools.agents import agent, mails, once, tool_node
from tests.tools.own_gates import for_all, for_each, for_each_joined

NAMES = ("ann", "bob", "carl", "dora", "eve")
RUN = ["ann", "carl", "eve", "zoe"]
AT_ONCE = ("create_agent", "ToolNode", "a graph for each")
"""Where a call runs as soon as it is approved."""
KINDS = (*AT_ONCE, "a gate for each")
ALL_IN_ONE = "a gate for all"
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


def built(kind: str, mail: BaseTool, saver: Any, filing: dict[str, Any]) -> Any:
    """A graph whose model makes all the calls, compiled."""
    says = once(mails(*NAMES))
    match kind:
        case "create_agent":
            return agent(says, [mail], review_tools({"mail": True}, **filing), checkpointer=saver)
        case "ToolNode":
            return tool_node([require_approval(mail, **filing)]).compile(checkpointer=saver)
    shape = {"a graph for each": for_each, "a gate for each": for_each_joined}.get(kind, for_all)
    made: Any = shape(says, [mail], action="mail", **filing).compile(checkpointer=saver)
    return made.with_config({"max_concurrency": 1})


@contextmanager
def opened(folder: Path, kind: str, *, inbox: bool, die: str | None = None) -> Iterator[Any]:
    """A fresh graph over the files of a folder, and its inbox or None."""
    with (
        SqliteSaver.from_conn_string(str(folder / "threads.db")) as saver,
        Inbox.open(f"sqlite:///{folder / 'reviews.db'}") as desk,
    ):
        app = built(kind, Post(folder, die).mail, saver, {"inbox": desk} if inbox else {})
        yield (desk.register(app, "agent") if inbox else app), desk if inbox else None


def start(app: Any, kind: str) -> None:
    """Let the model make its calls."""
    app.invoke(first(kind), THREAD)


def first(kind: str) -> Any:
    """What a graph begins with."""
    return {"messages": [mails(*NAMES) if kind == "ToolNode" else HumanMessage("hello")]}


def to_of(subject: Any) -> str:
    """To whom the call of a question goes."""
    return str(subject.get("args", subject)["to"])


def decision_on(subject: Any) -> Decision:
    """Bob gets none, and Dora's goes to Zoe."""
    if isinstance(subject, list):
        return Edit([_decided(call) for call in subject])
    match to_of(subject):
        case "bob":
            return Reject("not him")
        case "dora":
            return Edit({**subject, "args": {"to": "zoe"}} if "args" in subject else {"to": "zoe"})
        case _:
            return Approve()


def _decided(call: dict[str, Any]) -> dict[str, Any]:
    match decision_on(call):
        case Edit(value):
            return dict(value)
        case Reject(message):
            return {**call, "refused": message}
        case _:
            return call


def decide(desk: Inbox, to: str) -> None:
    """Decide the call that mails to somebody, or all of them at once."""
    waiting = [(review.id, review.request["subject"]) for review in desk.pending()]
    ((asked, subject),) = [each for each in waiting if to == "all" or to_of(each[1]) == to]
    desk.decide(asked, decision_on(subject), by="maria")


def main(folder: str, kind: str, to: str, die: str) -> None:
    """Decide one call in this process; with `die`, be killed while its tool runs."""
    with opened(Path(folder), kind, inbox=True, die=die or None) as (app, desk):
        if to:
            decide(desk, to)
        else:
            start(app, kind)


if __name__ == "__main__":
    main(*sys.argv[1:])
