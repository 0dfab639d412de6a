"""The graphs of these tests: every way in which a question can sit in a graph.

Nodes that act on the world write to the journal. Each graph has one word for what the last decision
lets run: `act` if it approves, `refuse` if it does not.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

from langchain_core.runnables import Runnable, RunnableLambda
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send
from pydantic import AfterValidator, BaseModel

from langgraph_hitl import (
    ReviewState,
    add_review,
    human_approval,
    plan_approval,
    send_items,
    with_escalation,
)
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.panels import chain, quorum
from langgraph_hitl.policies import Escalation
from langgraph_hitl.review import AllReviews, LatestReview, ReviewRequest
from tests.drivers import Builder

ITEMS = ("a", "b", "c")
LEVELS = ("member", "lead", "director", "executive")
WAYS = {"approved": "act", "rejected": "refuse"}
Effect = Callable[[str, str], None]
"""Act on the world: which thread, and what."""


class Desk(ReviewState, total=False):
    thread: str
    draft: str
    other: str
    items: list[dict[str, Any]]
    ran: Annotated[list[str], operator.add]


def _lower(draft: str) -> str:
    if draft != draft.lower():
        raise ValueError("lower case only")
    return draft


class Fussy(BaseModel):
    """A state that knows more about a draft than its JSON schema says."""

    thread: str = ""
    draft: Annotated[str, AfterValidator(_lower)] = ""
    review: LatestReview = None
    reviews: AllReviews = []
    ran: Annotated[list[str], operator.add] = []


def acting(effect: Effect, name: str) -> Runnable[Any, Any]:
    def node(state: Any) -> dict[str, Any]:
        thread = state.thread if isinstance(state, Fussy) else state["thread"]
        effect(thread, name)
        return {"ran": [name]}

    return RunnableLambda(node, name=name)


def _with_ways(builder: Builder, effect: Effect) -> Builder:
    for name in WAYS.values():
        builder.add_node(name, acting(effect, name))
        builder.add_edge(name, END)
    return builder


def _one_gate(effect: Effect, gate: Any, schema: type[Any] = Desk) -> Builder:
    builder: Builder = StateGraph(schema)
    add_review(builder, "gate", gate, **WAYS)
    builder.add_edge(START, "gate")
    return _with_ways(builder, effect)


def one(inbox: Inbox, effect: Effect) -> Builder:
    """One question."""
    return _one_gate(effect, human_approval("draft", inbox=inbox))


def told(inbox: Inbox, effect: Effect) -> Builder:
    """One question, with hooks that act on the world."""

    def hook(name: str, request: Any, *_: Any) -> None:
        effect(request.thread_id, name)

    gate = human_approval(
        "draft",
        inbox=inbox,
        on_asked=partial(hook, "asked"),
        on_decided=partial(hook, "decided"),
    )
    return _one_gate(effect, gate)


def revised(inbox: Inbox, effect: Effect) -> Builder:
    """A question that may be sent back; the reviser acts on the world too."""

    def rewrite(state: Desk) -> dict[str, Any]:
        effect(state["thread"], "rewrite")
        return {"draft": state["draft"] + "!"}

    gate = human_approval(
        "draft", inbox=inbox, revise=rewrite, reads=("draft", "thread"), resubmit_edits=True
    )
    return _one_gate(effect, gate)


def panel(inbox: Inbox, effect: Effect) -> Builder:
    """Two of three of anybody."""
    return _one_gate(effect, human_approval("draft", inbox=inbox, reviewers=quorum(2, of=3)))


def climbing(inbox: Inbox, effect: Effect) -> Builder:
    """Four levels, each with its own time, and reminded before the end of it."""
    within = {level: timedelta(hours=number) for number, level in enumerate(LEVELS, 1)}
    gate = human_approval(
        "draft", inbox=inbox, reviewers=chain(*LEVELS, within=within), remind="30m"
    )
    return _one_gate(effect, gate)


def escalated(inbox: Inbox, effect: Effect) -> Builder:
    """Editors, who may pass it on to lawyers, who are paged."""

    def page(request: ReviewRequest, _reason: str | None) -> None:
        effect(request.thread_id, "page")

    legal = Escalation(reviewers="lawyer", queue="legal", timeout="4h", handler=page)
    gate = human_approval("draft", inbox=inbox, reviewers="editors", escalations={"legal": legal})
    return _one_gate(effect, gate)


def fussy(inbox: Inbox, effect: Effect) -> Builder:
    """A gate that refuses what a process without the graph cannot know to be wrong."""
    return _one_gate(effect, human_approval("draft", inbox=inbox, state_schema=Fussy), Fussy)


def nested(inbox: Inbox, effect: Effect) -> Builder:
    """Two gates in a subgraph of a subgraph, and a node of the user between them."""
    inner: Builder = StateGraph(Desk)
    manager = human_approval("draft", inbox=inbox, name="manager")
    director = human_approval("draft", inbox=inbox, name="director")
    add_review(inner, "manager", manager, approved="note", rejected="refuse")
    inner.add_node("note", acting(effect, "note"))
    add_review(inner, "director", director, **WAYS)
    inner.add_edge(START, "manager")
    inner.add_edge("note", "director")
    _with_ways(inner, effect)
    middle: Builder = StateGraph(Desk)
    middle.add_node("desk", inner.compile())
    middle.add_edge(START, "desk")
    builder: Builder = StateGraph(Desk)
    builder.add_node("house", middle.compile())
    builder.add_edge(START, "house")
    return builder


def parallel(inbox: Inbox, effect: Effect) -> Builder:
    """Two gates in parallel branches, and a node that waits for both."""
    builder: Builder = StateGraph(Desk)
    builder.add_node("left", human_approval("draft", inbox=inbox, name="left"))
    builder.add_node("right", human_approval("other", inbox=inbox, name="right"))
    builder.add_node("act", acting(effect, "act"))
    builder.add_edge(START, "left")
    builder.add_edge(START, "right")
    builder.add_edge(["left", "right"], "act")
    return builder


def sent(inbox: Inbox, effect: Effect) -> Builder:
    """One gate, sent several items at once, and a node that waits for all of them."""

    def spread(state: Desk) -> list[Send]:
        return [Send("gate", {"draft": item}) for item in ITEMS]

    def join(state: Desk) -> dict[str, Any]:
        assert len(state["reviews"]) == len(ITEMS)
        effect(state["thread"], "act")
        return {"ran": ["act"]}

    builder: Builder = StateGraph(Desk)
    builder.add_node("gate", human_approval("draft", inbox=inbox, write_back=False))
    builder.add_node("act", join)
    builder.add_conditional_edges(START, spread, ["gate"])
    builder.add_edge("gate", "act")
    return builder


def batch(inbox: Inbox, effect: Effect) -> Builder:
    """A list that is decided item by item; each that may go on is paid by a run of its own."""

    def pay(item: Any) -> dict[str, Any]:
        paid = f"{item['id']}={item['value']['amount']}"
        effect(item["value"]["thread"], paid)
        return {"ran": [paid]}

    builder: Builder = StateGraph(Desk)
    builder.add_node("gate", plan_approval("items", inbox=inbox))
    builder.add_node("pay", RunnableLambda(pay))
    builder.add_edge(START, "gate")
    builder.add_conditional_edges("gate", send_items("pay", key="items"))
    return builder


def failing(inbox: Inbox, effect: Effect) -> Builder:
    """A node that acts and then fails, until its draft is one that people have mended."""

    def charge(state: Desk) -> dict[str, Any]:
        done = f"{state['draft']} after {len(state['reviews'])}"
        effect(state["thread"], done)
        if state["draft"] != "mended":
            raise ConnectionError("the bank does not answer")
        return {"ran": [done]}

    builder: Builder = StateGraph(Desk)
    with_escalation(builder, "charge", charge, then="ship", aborted="give_up", inbox=inbox)
    for name in ("ship", "give_up"):
        builder.add_node(name, acting(effect, name))
    builder.add_edge(START, "charge")
    return builder


GRAPHS: dict[str, Callable[[Inbox, Effect], Builder]] = {
    graph.__name__: graph
    for graph in (
        one,
        told,
        revised,
        panel,
        climbing,
        escalated,
        fussy,
        nested,
        parallel,
        sent,
        batch,
        failing,
    )
}
