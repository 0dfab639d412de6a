"""Two people approve the same call of an agent at once: every mail goes out once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from langgraph_hitl import Approve, Inbox
from langgraph_hitl.errors import AlreadyDecided, StaleReview
from langgraph_hitl.inbox import Review
from tests.inbox.foreign.agents import GO, agent, mail
from tests.inbox.ledgers import LedgerPlace
from tests.inbox.races.place import Place
from tests.scale import scale

TRIES = scale(100)
MAILS = ("ann", "bob")


class Office:
    """What one of two people works with: connections of its own to the shared databases."""

    def __init__(self, place: Place, mode: str, sent: Counter[str]) -> None:
        self._stack = ExitStack()
        saver = self._stack.enter_context(place.saver())
        self.inbox = self._stack.enter_context(Inbox.open(place.url))
        made = agent(saver, [[mail(to) for to in MAILS]], lambda to, _: sent.update([to]), mode)
        self.app = self.inbox.watch(made, "agent")

    def close(self) -> None:
        self._stack.close()

    def approve(self, reviews: list[Review]) -> None:
        for review in reviews:
            try:
                self.inbox.decide(review.id, Approve(), by="ann")
            except (AlreadyDecided, StaleReview):
                continue

    def answer(self, config: RunnableConfig) -> None:
        """As a client that knows nothing of the inbox."""
        waiting = self.app.get_state(config).interrupts
        approve: Any = {"type": "approve"}
        several = "action_requests" in waiting[0].value if waiting else False
        answer = {"decisions": [approve] * len(MAILS)} if several else approve
        self.app.invoke(Command(resume={one.id: answer for one in waiting}), config)


@pytest.fixture
def place(shared_place: LedgerPlace, request: pytest.FixtureRequest, tmp_path: Any) -> Place:
    if shared_place.kind == "file":
        return Place("sqlite", str(tmp_path), shared_place.url, str(tmp_path / "threads.db"))
    uri = request.getfixturevalue("postgres_uri")
    return Place("postgresql", str(tmp_path), shared_place.url, uri)


@pytest.fixture(params=["batched", "per_call"])
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
@pytest.mark.parametrize("how", ["both decide", "one answers the agent"])
def test_every_mail_goes_out_once(offices: tuple[Office, Office, Counter[str]], how: str) -> None:
    one, other, sent = offices
    for number in range(TRIES):
        sent.clear()
        config: RunnableConfig = {"configurable": {"thread_id": f"{how}-{number}"}}
        one.app.invoke(GO, config)
        reviews = one.inbox.pending()
        assert len(reviews) == len(MAILS)
        if how == "both decide":
            at_once(partial(one.approve, reviews), partial(other.approve, reviews[::-1]))
        else:
            at_once(partial(one.approve, reviews), partial(other.answer, config))
        one.inbox.work()
        assert sent == Counter(MAILS)
        assert one.inbox.pending() == []
        assert {one.inbox.get(review.id).status for review in reviews} == {"applied"}
    assert one.inbox.verify()
