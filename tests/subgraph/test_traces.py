"""What tracers, such as LangSmith's, are told of a review."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langchain_core.tracers.base import BaseTracer
from langchain_core.tracers.schemas import Run
from langgraph.checkpoint.memory import InMemorySaver

from langgraph_hitl import Approve, Revise, human_approval, pending, resume
from tests.apps import State, one_gate


class Tracer(BaseTracer):
    """Keeps the root runs that are over."""

    def __init__(self) -> None:
        super().__init__()
        self.roots: list[Run] = []

    def _persist_run(self, run: Run) -> None:
        self.roots.append(run)

    @property
    def told(self) -> list[dict[str, Any]]:
        """What each root run says about its review."""
        return [
            {key: found[key] for key in ("review_id", "outcome") if key in found}
            for root in self.roots
            for found in [root.metadata or {}]
        ]


def louder(state: State) -> dict[str, Any]:
    return {"draft": state["draft"] + "!"}


def nodes(run: Run) -> dict[str, Run]:
    found = {run.name: run}
    for child in run.child_runs:
        found |= nodes(child)
    return found


def test_every_run_names_its_review_and_how_it_ended() -> None:
    build = one_gate(human_approval("draft", revise=louder))
    app = build().compile(checkpointer=InMemorySaver())
    tracer = Tracer()
    config: RunnableConfig = {"configurable": {"thread_id": "1"}, "callbacks": [tracer]}
    app.invoke({"draft": "Hello"}, config)
    [request] = pending(app, config)
    app.invoke(resume(request, Revise("louder")), config)
    [request] = pending(app, config)
    app.invoke(resume(request, Approve()), config)

    asked = {"review_id": request.review_id}
    assert tracer.told == [asked, asked, asked | {"outcome": "approved"}]
    assert nodes(tracer.roots[-1])["record"].metadata["outcome"] == "approved"
    assert [root.error for root in tracer.roots] == [None, None, None]


def test_an_automatic_pass_is_told_at_once() -> None:
    build = one_gate(human_approval("draft", when=never))
    app = build().compile(checkpointer=InMemorySaver())
    tracer = Tracer()
    app.invoke({"draft": "a"}, {"configurable": {"thread_id": "1"}, "callbacks": [tracer]})
    assert [told["outcome"] for told in tracer.told] == ["auto_approved"]


def never(state: State) -> bool:
    return False


def test_a_tracer_that_is_broken_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Tracer):
        run_map = property(lambda _self: {"": 1 / 0}, lambda _self, _value: None)

    app = one_gate(human_approval("draft"))().compile(checkpointer=InMemorySaver())
    config: RunnableConfig = {"configurable": {"thread_id": "1"}}
    app.invoke({"draft": "a"}, config | {"callbacks": [Broken()]})
    assert len(pending(app, config)) == 1
