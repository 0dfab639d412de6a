"""Graphs in which a review does not block, for the tests."""

from __future__ import annotations

import operator
from typing import Annotated, Any

from langgraph.graph import END, START, StateGraph

from langgraph_hitl import (
    ReviewState,
    add_review,
    approved,
    await_review,
    qa_sample,
    submit_review,
)
from tests.drivers import Builder
from tests.inbox.nonblocking.calls import World
from tests.subject_presets import SALT


class State(ReviewState, total=False):
    draft: Any
    case: str
    items: list[str]
    ran: Annotated[list[str], operator.add]


class Ran(ReviewState, total=False):
    """What a subgraph of one item gives back."""

    ran: Annotated[list[str], operator.add]


def hooks(world: World) -> dict[str, Any]:
    """Every call of them is noted; then there is a point to die at."""

    def asked(request: Any) -> None:
        world.note(f"asked:{request.subject}")
        world.points("hook")

    def decided(request: Any, decision: Any) -> None:
        world.note(f"decided:{request.subject}:{type(decision).__name__}")
        world.points("hook")

    return {"on_asked": asked, "on_decided": decided}


def recalling(world: World) -> dict[str, Any]:
    """The hooks of a sample."""

    def recall(request: Any, decision: Any) -> None:
        world.note(f"recalled:{request.subject}:{type(decision).__name__}")
        world.points("hook")

    return {**hooks(world), "on_recall": recall}


def act(world: World) -> Any:
    def node(state: Any) -> dict[str, Any]:
        draft = approved(state, "draft")
        world.points("node")
        world.note(f"act:{draft}")
        return {"ran": [f"act:{draft}"]}

    return node


def louder(state: State) -> dict[str, Any]:
    return {"draft": f"{state['draft']}!"}


def sampled(world: World, **options: Any) -> Builder:
    """A sample that does not block, then the effect."""
    builder: Builder = StateGraph(State)
    gate = qa_sample(
        "draft",
        rate=0.5,
        item_id="case",
        salt=SALT,
        inbox=world.inbox,
        blocking=False,
        allowed_decisions=["approve", "edit", "revise", "reject"],
        **(recalling(world) | options),
    )
    add_review(builder, "qa", gate, approved="act")
    builder.add_node("act", act(world))
    builder.add_edge(START, "qa")
    builder.add_edge("act", END)
    return builder


def submitted(
    world: World, *, meanwhile: Any = None, output_schema: Any = None, **options: Any
) -> Builder:
    """Submit, do something else, await, act or stop."""
    builder: Builder = StateGraph(State, output_schema=output_schema)
    gate = submit_review("draft", inbox=world.inbox, **(hooks(world) | options))
    add_review(builder, "submit", gate)
    builder.add_node("meanwhile", meanwhile or world.noting("meanwhile"))
    add_review(builder, "await", await_review(gate), approved="act", rejected="stop")
    builder.add_node("act", act(world))
    builder.add_node("stop", world.noting("stop"))
    builder.add_edge(START, "submit")
    builder.add_edge("submit", "meanwhile")
    builder.add_edge("meanwhile", "await")
    return builder
