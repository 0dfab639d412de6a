"""Two people approve the same agent's calls at once: every mail goes out once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, tool
from langgraph.types import Command

from langgraph_hitl import Approve, Inbox, Reject, pending, require_approval, resume, review_tools
from langgraph_hitl.errors import AlreadyDecided
from langgraph_hitl.inbox import Review
from tests.inbox.conftest import empty_postgres, ledger_uri, postgres_url, shared_place
from tests.inbox.ledgers import LedgerPlace
from tests.inbox.races.place import Place
from tests.scale import scale
from tests.tools.agents import agent, mails, once, tool_node

__all__ = ["empty_postgres", "ledger_uri", "postgres_url", "shared_place"]
TRIES = scale(100)
NAMES = ("ann", "bob", "carl")


def mail_to(sent: Counter[str]) -> BaseTool:
    @tool
    def mail(to: str) -> str:
        """Send a mail."""
        sent.update([to])
        return "sent"

    return mail


class Office:
    """What one of two people works with: connections of its own to the shared databases."""

    def __init__(self, place: Place, kind: str, sent: Counter[str]) -> None:
        self._stack = ExitStack()
        saver = self._stack.enter_context(place.saver())
        self.inbox = self._stack.enter_context(Inbox.open(place.url))
        mail = mail_to(sent)
        app: Any
        if kind == "create_agent":
            reviews = review_tools({"mail": True}, inbox=self.inbox)
            app = agent(once(mails(*NAMES)), [mail], reviews, checkpointer=saver)
        else:
            app = tool_node([require_approval(mail, inbox=self.inbox)]).compile(checkpointer=saver)
        self.app = self.inbox.register(app, "agent")

    def close(self) -> None:
        self._stack.close()

    def approve(self, reviews: list[Review], wrong: bool = False) -> None:
        for review in reviews:
            try:
                self.inbox.decide(review.id, Reject() if wrong else Approve(), by="ann")
            except AlreadyDecided:
                continue

    def answer(self, config: RunnableConfig) -> None:
        """To the graph itself."""
        answers: dict[str, Any] = {}
        for request in pending(self.app, config):
            found: Any = resume(request, Approve()).resume
            answers |= found
        if answers:
            self.app.invoke(Command(resume=answers), config)


@pytest.fixture
def place(shared_place: LedgerPlace, request: pytest.FixtureRequest, tmp_path: Any) -> Place:
    if shared_place.kind == "file":
        return Place("sqlite", str(tmp_path), shared_place.url, str(tmp_path / "threads.db"))
    uri = request.getfixturevalue("postgres_uri")
    return Place("postgresql", str(tmp_path), shared_place.url, uri)


@pytest.fixture(params=["create_agent", "ToolNode"])
def offices(place: Place, request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any, Any]]:
    sent: Counter[str] = Counter()
    one, other = (Office(place, request.param, sent) for _ in range(2))
    yield one, other, sent
    one.close()
    other.close()


def at_once(*acts: Callable[[], None]) -> None:
    gate = threading.Barrier(len(acts))
    errors: list[BaseException] = []

    def run(act: Callable[[], None]) -> None:
        gate.wait()
        try:
            act()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not errors


@pytest.mark.timeout(600)
@pytest.mark.parametrize("how", ["both approve", "one answers the graph", "one refuses"])
def test_every_mail_goes_out_once(offices: tuple[Office, Office, Counter[str]], how: str) -> None:
    one, other, sent = offices
    for number in range(TRIES):
        sent.clear()
        config: RunnableConfig = {"configurable": {"thread_id": f"{how}-{number}"}}
        is_agent = "model" in one.app.nodes
        first = HumanMessage("hello") if is_agent else mails(*NAMES)
        one.app.invoke({"messages": [first]}, config)
        reviews = one.inbox.pending()
        assert len(reviews) == len(NAMES)
        wrong = how == "one refuses"
        if how == "one answers the graph":
            at_once(partial(one.approve, reviews), partial(other.answer, config))
        else:
            at_once(partial(one.approve, reviews), partial(other.approve, reviews[::-1], wrong))
        one.inbox.work()
        after = [one.inbox.get(review.id) for review in reviews]
        passed = [r.request["subject"]["to"] for r in after if r.outcome == "approved"]
        assert {review.status for review in after} == {"applied"}
        assert sent == Counter(passed)
        assert wrong or len(passed) == len(NAMES)
        assert one.inbox.pending() == []
        assert one.app.get_state(config).next == ()
    assert one.inbox.verify()
