"""`Play`: one thread from its start to its end, by one way of answering; it can be taken up again.

Whoever performs a play looks where its thread stands and does what comes next. So another process
goes on where one was killed, as people would who find their question still waiting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, assert_never

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from langgraph_hitl import Approve, Edit, Reject, Reviewer, Revise, apending, pending, resume
from langgraph_hitl.inbox import Inbox, Review
from langgraph_hitl.review.decision import Decision, to_json
from tests.inbox.races.graphs import ITEMS
from tests.inbox.races.world import World

Manner = Literal["decide", "raw", "plain", "worker", "async", "araw", "cancel", "twice", "misfit"]
"""`raw` resumes by interrupt id, `plain` by a value; `worker` decides first and works then;
`twice` gives new input while the question waits; `misfit` decides where nobody knows the graph,
what the graph must refuse."""

ASYNCHRONOUS = ("async", "araw")


@dataclass(frozen=True)
class Play:
    """`final` is the last decision."""

    graph: str
    manner: Manner
    final: Literal["approve", "reject"] = "approve"

    @property
    def id(self) -> str:
        return f"{self.graph}-{self.manner}-{self.final}"

    @property
    def decision(self) -> Decision:
        return Approve() if self.final == "approve" else Reject()

    @property
    def effects(self) -> list[str]:
        """What the nodes of the user have done in the end, in order."""
        last = "act" if self.final == "approve" and self.manner != "cancel" else "refuse"
        match self.graph:
            case "told":
                return ["asked", "decided", last]
            case "revised":
                return ["rewrite", last]
            case "nested":
                return ["note", last]
            case "parallel" | "sent":
                return ["act"]
            case _:
                return [last]

    @property
    def reviews(self) -> int:
        """How many reviews its thread has in the end."""
        match self.graph:
            case "nested" | "parallel":
                return 2
            case "sent":
                return len(ITEMS)
            case _:
                return 2 if self.manner == "twice" else 1


class Step(NamedTuple):
    """What comes next: a decision on a review by a person."""

    review: Review
    decision: Decision
    by: str


def config_of(thread: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread}}


def input_of(thread: str, number: int = 0) -> dict[str, Any]:
    return {"thread": thread, "draft": f"hello {number}", "other": "second"}


def perform(world: World, play: Play, thread: str) -> None:
    """Go on with a play to its end."""
    app, config = world.app(play.graph), config_of(thread)
    for number in range(len(world.reviews(thread)), _inputs(play)):
        app.invoke(input_of(thread, number), config)
    while take_step(world, play, thread):
        pass


def take_step(world: World, play: Play, thread: str) -> bool:
    """Answer the next question of a play, if one waits."""
    step = next_step(world.inbox, play, thread)
    if step is None:
        return False
    app, config = world.app(play.graph), config_of(thread)
    match play.manner if _is_raw(play, step) else "decide":
        case "raw":
            found = [r for r in pending(app, config) if r.review_id == step.review.id]
            for request in found:  # none where somebody answers it at this moment
                app.invoke(resume(request, step.decision), config)
        case "plain":
            app.invoke(Command(resume=to_json(step.decision)), config)
        case _:
            _decide(world, play, step)
    return True


async def aperform(world: World, play: Play, thread: str) -> None:
    """`perform` with the asynchronous faces."""
    app, config = world.app(play.graph), config_of(thread)
    if not world.reviews(thread):
        await app.ainvoke(input_of(thread), config)
    while (step := next_step(world.inbox, play, thread)) is not None:
        if play.manner == "araw":
            requests = await apending(app, config)
            (request,) = (r for r in requests if r.review_id == step.review.id)
            await app.ainvoke(resume(request, step.decision), config)
        else:
            await world.inbox.adecide(step.review.id, step.decision, by=step.by)


def next_step(inbox: Inbox, play: Play, thread: str) -> Step | None:
    """The next decision of a play; None where nothing waits."""
    waiting = inbox.pending(thread=thread, order="oldest")
    if not waiting:
        return None
    review = waiting[0]
    by = "ann"
    decision = play.decision
    match play.graph:
        case "revised" if review.round < 2:
            decision = Revise("louder") if review.round == 0 else Edit("hello there")
        case "nested" if review.gate.endswith("manager"):
            decision = Approve()
        case "panel":
            by = f"voter {len(inbox.votes(review.id))}"
        case "fussy" if play.manner == "misfit" and not _was_reopened(inbox, review):
            decision = Edit("LOUD")
    return Step(review, decision, by)


def _decide(world: World, play: Play, step: Step) -> None:
    review, decision, by = step
    match play.manner:
        case "cancel":
            world.inbox.cancel(review.id, by=by)
        case "misfit" if isinstance(decision, Edit):
            with Inbox.open(world.place.url, point=world.points) as stranger:
                stranger.decide(review.id, decision, by=by, resume="worker")
            world.inbox.work()
        case "worker":
            world.inbox.decide(review.id, decision, by=by, resume="worker", seen=review)
            world.inbox.work()
        case "decide" | "raw" | "plain" | "twice" | "misfit" | "async" | "araw":
            world.inbox.decide(review.id, decision, by=Reviewer(by), seen=review)
        case other:
            assert_never(other)


def _inputs(play: Play) -> int:
    return 2 if play.manner == "twice" else 1


def _is_raw(play: Play, step: Step) -> bool:
    """Whoever resumes directly is one voter in all, so that the second vote is somebody's."""
    return play.manner in ("raw", "plain") and not (play.graph == "panel" and step.by != "voter 0")


def _was_reopened(inbox: Inbox, review: Review) -> bool:
    return any(row.event == "reopened" for row in inbox.history(review.id))
