"""A reviser that fails: the answer is kept, nobody is asked twice, `invoke(None)` goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel

from langgraph_hitl import (
    Approve,
    Revise,
    add_review,
    apending,
    human_approval,
    pending,
    resume,
    route,
)
from langgraph_hitl.errors import NoCheckpointer
from langgraph_hitl.review import AllReviews, LatestReview
from tests.apps import State, one_gate
from tests.contract.presets import over_presets
from tests.drivers import Driver
from tests.subject_presets import SubjectPreset


class Away(RuntimeError):
    """The model cannot be reached."""


@over_presets()
def test_its_question_is_not_pending_until_the_next_version_is_there(
    driver: Driver, preset: SubjectPreset
) -> None:
    calls: list[str] = []

    def rewrite(state: State) -> dict[str, Any]:
        calls.append(state["draft"])
        if len(calls) == 1:
            raise Away
        return {"draft": "Version 2"}

    thread = driver.thread(one_gate(preset("draft", revise=rewrite)))
    thread.send({"draft": "Version 1"})
    with pytest.raises(Away):
        thread.decide(Revise("shorter"))
    assert thread.pending() == []
    thread.send(None)
    assert (thread.request.subject, thread.request.round) == ("Version 2", 1)
    thread.decide(Approve())
    assert thread.ran == ["act:Version 2"]
    assert calls == ["Version 1", "Version 1"]


class Bare(BaseModel):
    """No defaults, as little as the documentation asks for."""

    draft: str
    review: LatestReview
    reviews: AllReviews


@dataclass
class BareData:
    """The same as a dataclass."""

    draft: str
    review: LatestReview
    reviews: AllReviews


@pytest.mark.parametrize("schema", [Bare, BareData])
def test_a_reviser_gets_a_model_whose_records_have_no_default(schema: type[Any]) -> None:
    def rewrite(state: Any) -> dict[str, Any]:
        assert state.review["feedback"] == "shorter"
        assert state.reviews == []
        return {"draft": "Version 2"}

    rewrite.__annotations__["state"] = schema
    builder = StateGraph(schema)
    builder.add_node("gate", human_approval("draft", revise=rewrite))
    builder.add_conditional_edges("gate", route(approved=END))
    builder.add_edge(START, "gate")
    app = builder.compile(checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "1"}}
    app.invoke({"draft": "Version 1", "review": None, "reviews": []}, config)
    app.invoke(resume(pending(app, config)[0], Revise("shorter")), config)
    assert pending(app, config)[0].subject == "Version 2"


async def test_nothing_can_wait_without_a_checkpointer() -> None:
    builder = StateGraph(State)
    add_review(builder, "gate", human_approval("draft"), approved=END, rejected=END)
    builder.add_edge(START, "gate")
    app = builder.compile()
    with pytest.raises(NoCheckpointer, match="no checkpointer"):
        pending(app, {"configurable": {"thread_id": "1"}})
    with pytest.raises(NoCheckpointer, match="no checkpointer"):
        await apending(app, {"configurable": {"thread_id": "1"}})
