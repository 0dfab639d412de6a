"""A run that lost its lock, with the connection that carried it, stops before its next step."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import Approve, add_review, human_approval
from langgraph_hitl.errors import InboxUnavailable, RunFailed
from tests.apps import State, noting
from tests.drivers import Builder
from tests.inbox.desk import MARIA, Desk


class Lost:
    """The lock of a session that was cut."""

    def __init__(self, held: Any) -> None:
        self.held = held
        self.cut = False

    def alive(self) -> bool:
        return not self.cut

    def in_doubt(self) -> bool:
        return True

    def release(self) -> None:
        self.held.release()


@pytest.mark.parametrize("driven", [True, False])
def test_it_stops_before_the_effect(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, driven: bool
) -> None:
    locks: list[Lost] = []

    def cut() -> None:
        locks[-1].cut = True

    builder: Builder = StateGraph(State)
    gate = human_approval("draft", inbox=desk.inbox)
    add_review(builder, "gate", gate, approved="slow", rejected=END)
    builder.add_node("slow", noting("slow", lambda: cut() if breaks else None))
    builder.add_node("act", noting("act"))
    builder.add_edge(START, "gate")
    builder.add_edge("slow", "act")
    breaks = True
    app = desk.app(lambda: builder)
    question = desk.ask(app)
    review = question.review

    take = desk.inbox._office.locks.try_acquire

    def taken(key: str) -> Any:
        held = take(key)
        if held is not None:
            locks.append(Lost(held))
        return locks[-1] if held is not None else None

    monkeypatch.setattr(desk.inbox._office.locks, "try_acquire", taken)
    if driven:
        with pytest.raises(RunFailed, match="was lost"):
            desk.inbox.decide(review.id, Approve(), by=MARIA)
    else:
        desk.inbox.decide(review.id, Approve(), by=MARIA, resume="worker")
        with pytest.raises(InboxUnavailable, match="was lost"):
            app.invoke(None, question.config)
    assert question.ran == ["slow:Hello"]
    assert desk.inbox.get(review.id).status == "settled"
    breaks = False
    desk.inbox.work()
    assert question.ran == ["slow:Hello", "act:Hello"]
    assert desk.inbox.get(review.id).status == "applied"
