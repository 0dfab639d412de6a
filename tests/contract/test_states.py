"""States as TypedDict, pydantic model and dataclass; gates wired by `add_review` and by hand."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel, Field

from langgraph_hitl import (
    Approve,
    Reject,
    Revise,
    add_review,
    feedback,
    human_approval,
    route,
)
from langgraph_hitl.review import AllReviews, LatestReview
from tests.apps import State, act, noting
from tests.contract.presets import over_presets
from tests.drivers import Build, Builder, Driver
from tests.savers import SAMPLE_ROWS
from tests.subject_presets import SubjectPreset


class Model(BaseModel):
    draft: str = "unwritten"
    sources: list[str] = Field(default_factory=lambda: ["none"])
    ran: Annotated[list[str], operator.add] = []
    review: LatestReview = None
    reviews: AllReviews = []


@dataclass
class Data:
    draft: str = "unwritten"
    sources: list[str] = field(default_factory=lambda: ["none"])
    ran: Annotated[list[str], operator.add] = field(default_factory=list)
    review: LatestReview = None
    reviews: AllReviews = field(default_factory=list)


def rewrite_dict(state: State) -> dict[str, Any]:
    return {"draft": f"{state['draft']}, {feedback(state)}"}


def rewrite_model(state: Model) -> dict[str, Any]:
    return {"draft": f"{state.draft}, {feedback(state)}"}


def rewrite_data(state: Data) -> dict[str, Any]:
    return {"draft": f"{state.draft}, {feedback(state)}"}


SCHEMAS: dict[type[Any], Callable[[Any], dict[str, Any]]] = {
    State: rewrite_dict,
    Model: rewrite_model,
    Data: rewrite_data,
}


def by_add_review(builder: Builder, gate: Any) -> None:
    add_review(builder, "gate", gate, approved="act", rejected="stop")


def by_hand(builder: Builder, gate: Any) -> None:
    builder.add_node("gate", gate)
    builder.add_conditional_edges("gate", route(approved="act", rejected="stop"))


@pytest.fixture(params=[by_add_review, by_hand])
def wire(request: pytest.FixtureRequest) -> Callable[[Builder, Any], None]:
    wire: Callable[[Builder, Any], None] = request.param
    return wire


@pytest.fixture(params=SCHEMAS, ids=["typeddict", "pydantic", "dataclass"])
def build(
    request: pytest.FixtureRequest,
    wire: Callable[[Builder, Any], None],
    preset: SubjectPreset,
) -> Build:
    schema: type[Any] = request.param

    def built() -> Builder:
        builder: Builder = StateGraph(schema)
        gate = preset("draft", context="sources", revise=SCHEMAS[schema])
        wire(builder, gate)
        builder.add_edge(START, "gate")
        for name, node in (("act", act), ("stop", noting("stop"))):
            builder.add_node(name, node)
            builder.add_edge(name, END)
        return builder

    return built


@over_presets()
def test_approved(driver: Driver, build: Build, preset: SubjectPreset) -> None:
    thread = driver.thread(build)
    thread.send({"draft": "Hello", "sources": ["a"]})
    assert thread.request.context == {"sources": ["a"]}
    thread.decide(Approve())
    assert thread.ran == ["act:Hello"]


@over_presets("sample", SAMPLE_ROWS)
def test_revised_then_edited(sample: Driver, build: Build, preset: SubjectPreset) -> None:
    thread = sample.thread(build)
    thread.send({"draft": "Hello", "sources": ["a"]})
    thread.decide(Revise("dear"), preset.replacing("Hi"))
    assert thread.ran == ["act:Hi"]
    assert thread.values["draft"] == "Hi"


@over_presets("sample", SAMPLE_ROWS)
def test_rejected(sample: Driver, build: Build, preset: SubjectPreset) -> None:
    thread = sample.thread(build)
    thread.send({"draft": "Hello", "sources": ["a"]})
    thread.decide(Reject())
    assert thread.ran == ["stop:Hello"]


@pytest.mark.parametrize("schema", [Model, Data])
def test_defaults_that_were_never_written_count(sample: Driver, schema: type[Any]) -> None:
    """LangGraph writes no defaults into channels; `add_review` reads them from the schema."""

    def built() -> Builder:
        builder: Builder = StateGraph(schema)
        by_add_review(builder, human_approval("draft", context="sources"))
        builder.add_edge(START, "gate")
        builder.add_node("act", noting("act"))
        builder.add_node("stop", noting("stop"))
        return builder

    thread = sample.thread(built)
    thread.send({"ran": []})
    assert thread.request.subject == "unwritten"
    assert thread.request.context == {"sources": ["none"]}
    thread.decide(Approve())
    assert thread.ran == ["act:unwritten"]
