"""`Survey`: where a thread stands, as the ledger, its saver and the graph's own nodes tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.inbox.races.play import Play, config_of
from tests.inbox.races.world import World


@dataclass(frozen=True)
class Standing:
    """One review; `settlement` is the decision on its present round and by whom."""

    id: str
    gate: str
    round: int
    status: str
    wake: bool
    attempts: int
    error: str | None
    outcome: str | None
    settlement: tuple[str, str] | None


@dataclass(frozen=True)
class Survey:
    """One thread. `asked` are the questions at which it is paused, `records` the outcomes in its
    state, `ran` the nodes whose results are committed.
    """

    reviews: tuple[Standing, ...]
    asked: frozenset[tuple[str, int]]
    records: dict[str, str]
    ran: tuple[str, ...]
    over: bool


def survey(world: World, play: Play, thread: str) -> Survey:
    state = world.app(play.graph).get_state(config_of(thread))
    values: dict[str, Any] = state.values or {}
    waiting = [i for task in state.tasks if task.result is None for i in task.interrupts]
    return Survey(
        reviews=tuple(standings(world, thread)),
        asked=frozenset((i.value["review_id"], i.value["round"]) for i in waiting),
        records={r["review_id"]: r["outcome"] for r in values.get("reviews", [])},
        ran=tuple(values.get("ran", ())),
        over=bool(values) and not state.next and not state.tasks,
    )


def standings(world: World, thread: str) -> list[Standing]:
    """The reviews of a thread, the oldest first."""
    found: list[Standing] = []
    for review in world.reviews(thread):
        with world.inbox._office.ledger.reading() as rx:
            settled = rx.settlement(review.id, review.round)
        found.append(
            Standing(
                id=review.id,
                gate=review.gate,
                round=review.round,
                status=review.status,
                wake=review.wake,
                attempts=review.attempts,
                error=review.error,
                outcome=review.outcome,
                settlement=(str(settled.decision["type"]), settled.by) if settled else None,
            )
        )
    return found
