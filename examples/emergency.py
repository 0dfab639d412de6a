"""An emergency plan needs the majority of two teams. After 30 minutes it is the commander's.

    python examples/emergency.py

Three of five firefighters and two of three medics have to agree, whoever is faster. A deadline
approves nothing: what the teams have not settled in time goes up, with what they have said.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

from langgraph_hitl import (
    Approve,
    Inbox,
    Reject,
    Reviewer,
    ReviewState,
    add_review,
    approved,
    human_approval,
    idempotency_key,
)
from langgraph_hitl.panels import all_of, majority
from langgraph_hitl.testing import FixedClock

FIRE = [Reviewer(f"fire-{number}", roles=("fire",)) for number in range(1, 6)]
MEDICS = [Reviewer(f"medic-{number}", roles=("medical",)) for number in range(1, 4)]
CHIEF = Reviewer("chief", roles=("command",))
TEAMS = all_of(majority(of="fire", size=5), majority(of="medical", size=3))


class State(ReviewState, total=False):
    plan: str
    votes: list[str]
    done: str


def pass_up(state: State) -> dict[str, Any]:
    """What the teams have said, for whoever decides in their place."""
    votes = state["reviews"][-1]["decisions"][-1].get("votes", [])
    return {"votes": [f"{vote['by']}: {vote['type']}" for vote in votes]}


def act(state: State) -> dict[str, Any]:
    gate = state["reviews"][-1]["gate"]  # of the teams, or of the commander
    plan = approved(state, "plan", gate=gate)
    alarm(plan, key=idempotency_key(state, "plan", gate=gate))
    return {"done": f"{plan}, by {gate}"}


def alarm(plan: str, *, key: str) -> None:
    """Stands for what sends people out."""
    print(f"  ALARM: {plan}")


def stand_down(state: State) -> dict[str, Any]:
    return {"done": f"stood down: {state['reviews'][-1]['outcome']}"}


def build(inbox: Inbox) -> StateGraph[Any, Any, Any, Any]:
    urgent: Any = {"action": "act", "inbox": inbox, "priority": "critical"}
    teams = human_approval("plan", reviewers=TEAMS, timeout="30m", remind="10m", **urgent)
    command = human_approval(
        "plan", reviewers="command", timeout="10m", context=["votes"], **urgent
    )
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
    for node in (pass_up, act, stand_down):
        builder.add_node(node)
    add_review(builder, "teams", teams, approved="act", rejected="stand_down", timed_out="pass_up")
    add_review(builder, "command", command, approved="act", rejected="stand_down")
    builder.add_edge(START, "teams")
    builder.add_edge("pass_up", "command")
    return builder


@contextmanager
def opened(folder: Path, clock: FixedClock) -> Iterator[tuple[Any, Inbox]]:
    """What every process opens; those of the teams, of the commander, and the worker."""
    place = f"sqlite:///{folder / 'reviews.db'}"
    with (
        SqliteSaver.from_conn_string(str(folder / "threads.sqlite")) as saver,
        Inbox.open(place, clock=clock) as inbox,
    ):
        yield inbox.register(build(inbox).compile(checkpointer=saver), name="emergency"), inbox


def main(folder: Path) -> None:
    clock = FixedClock()
    for plan, medics in (("Clear the east wing", MEDICS[:2]), ("Cut the power", MEDICS[:1])):
        thread = {"configurable": {"thread_id": plan}}
        with opened(folder, clock) as (app, inbox):
            app.invoke({"plan": plan}, thread)
            for person in [*FIRE[:3], *medics]:
                clock.advance(minutes=2)
                review = inbox.decide(inbox.pending(reviewer=person)[0], Approve(), by=person)
            missing = review.request["panel"]["needed"] if review.status == "pending" else []
            print(f"{plan}: {review.status}", *missing)
        with opened(folder, clock) as (app, inbox):
            clock.advance(minutes=30)
            inbox.work()  # the worker's pass: what time has done
            for review in inbox.pending(reviewer=CHIEF):
                print("after 30 minutes the chief sees:", *review.request["context"]["votes"])
                inbox.decide(review, Reject("there are patients on it"), by=CHIEF)
            print(app.get_state(thread).values["done"])


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        main(Path(place))
