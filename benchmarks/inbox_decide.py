"""Deciding and resuming through the inbox, against resuming the same subgraph without one.

Both sit on one saver, on the disk, and take turns; a bare resume is `app.invoke(resume(...))`. The
ratio of the wall time counts, because an inbox waits for the disk as a saver does.
"""

from __future__ import annotations

import operator
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

sys.path.insert(0, str(Path(__file__).parents[1]))

from langgraph_hitl import (
    Approve,
    Inbox,
    ReviewState,
    add_review,
    approved,
    human_approval,
    pending,
    resume,
)
from tests import postgres
from tests.inbox.lock_places import url_of

LEAST = 0.75
"""Of the throughput of a bare resume."""


class Case(ReviewState, total=False):
    """A draft, and what ran."""

    draft: str
    ran: Annotated[list[str], operator.add]


def act(state: Case) -> dict[str, Any]:
    """What the approval allows."""
    return {"ran": [approved(state, "draft")]}


def stop(state: Case) -> dict[str, Any]:
    return {"ran": ["stop"]}


def graph(inbox: Inbox | None, saver: Any) -> Any:
    """The same graph, with an inbox or without."""
    builder = StateGraph(Case)
    gate = human_approval("draft", inbox=inbox)
    add_review(builder, "approve", gate, approved="act", rejected="stop")
    builder.add_node("act", act)
    builder.add_node("stop", stop)
    builder.add_edge(START, "approve")
    return builder.compile(checkpointer=saver)


@contextmanager
def desk(kind: str, folder: Path) -> Iterator[tuple[Any, Any, Inbox]]:
    """A bare graph, a registered one on the same saver, and the inbox."""
    with ExitStack() as stack:
        if kind == "sqlite":
            path = folder / f"{uuid4().hex}.sqlite"
            saver: Any = stack.enter_context(SqliteSaver.from_conn_string(str(path)))
            url = f"sqlite:///{path}.inbox"
        else:
            place = stack.enter_context(postgres.database(uuid4().hex[:8]))
            saver = stack.enter_context(PostgresSaver.from_conn_string(place))
            url = url_of(place)
        inbox = stack.enter_context(Inbox.open(url))
        bare = graph(None, saver)
        yield bare, inbox.register(graph(inbox, saver), "benchmark"), inbox


def paired(kind: str, folder: Path, *, reviews: int) -> tuple[list[float], list[float]]:
    """Seconds of each bare resume, and of each decision through the inbox."""
    alone, filed = [], []
    with desk(kind, folder) as (bare, registered, inbox):
        for number in range(reviews + 5):
            config: Any = {"configurable": {"thread_id": uuid4().hex}}
            bare.invoke({"draft": "Hello"}, config)
            command = resume(pending(bare, config)[0], Approve())
            begun = time.perf_counter()
            bare.invoke(command, config)
            between = time.perf_counter()
            other = uuid4().hex
            registered.invoke({"draft": "Hello"}, {"configurable": {"thread_id": other}})
            review = inbox.pending(thread=other)[0]
            asked = time.perf_counter()
            done = inbox.decide(review.id, Approve(), by="maria", seen=review)
            decided = time.perf_counter()
            if done.status != "applied":
                raise RuntimeError(f"review {done.id} is {done.status}")
            if number >= 5:
                alone.append(between - begun)
                filed.append(decided - asked)
    return alone, filed


def measure(folder: Path, *, reviews: int) -> list[str]:
    """What was missed."""
    missed = []
    print("\nDecide and resume, against a bare resume (median of each, wall time)")
    for kind in ("sqlite", "postgresql"):
        alone, filed = paired(kind, folder, reviews=reviews)
        slow, fast = statistics.median(filed), statistics.median(alone)
        throughput = fast / slow
        print(
            f"  {kind:<12}{1000 * fast:>8.2f} ms bare {1000 * slow:>8.2f} ms with the inbox"
            f"   throughput {throughput:.2f} (at least {LEAST})"
        )
        if throughput < LEAST:
            missed.append(f"throughput on {kind}: {throughput:.2f}")
    return missed
