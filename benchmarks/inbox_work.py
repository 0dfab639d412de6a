"""`work()`: its memory over many reviews, and what a second worker adds on PostgreSQL."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from uuid import uuid4

from langgraph.checkpoint.postgres import PostgresSaver

sys.path.insert(0, str(Path(__file__).parents[1]))

import inbox_decide
import inbox_lists

from langgraph_hitl import Approve, Inbox
from langgraph_hitl.inbox._ledger.sql import Sql
from tests import postgres
from tests.inbox.lock_places import url_of

WAKE_ALL = Sql("UPDATE hitl_reviews SET wake = 1 WHERE status = 'pending'")
MOST_MB = 200
LEAST_GAIN = 1.3


def memory(kind: str, url: str, answer: Any) -> None:
    """In a process of its own: one pass over a full inbox."""
    with Inbox.open(url) as inbox:
        report = inbox.work()
        found = sum(report.unregistered.values()) + report.driven
    answer.send((found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def measure_memory(*, pending: int) -> list[str]:
    """What was missed by a pass over `pending` reviews that wait and as many to be driven."""
    missed = []
    print(f"\nMemory of work(), {pending:,} pending reviews, every one of them to be driven")
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("sqlite", "postgresql"):
            with inbox_lists.filled(kind, Path(folder), pending=pending) as ledger:
                with ledger._transactions.write() as session:
                    session.run(WAKE_ALL)
                found, peak = _in_a_process(memory, kind, ledger.url)
            print(f"  {kind:<12}{peak:>8.0f} MB for {found:,} reviews (at most {MOST_MB})")
            if found != pending:
                missed.append(f"work() on {kind} saw {found} of {pending} reviews")
            if peak > MOST_MB:
                missed.append(f"memory of work() on {kind}: {peak:.0f} MB")
    return missed


def _in_a_process(function: Any, *arguments: Any) -> Any:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=function, args=(*arguments, there))
    process.start()
    found = here.recv()
    process.join()
    return found


def worker(place: str, ready: Barrier) -> None:
    """One worker: it works until nothing is left."""
    with PostgresSaver.from_conn_string(place) as saver, Inbox.open(url_of(place)) as inbox:
        inbox.register(inbox_decide.graph(inbox, saver), "benchmark")
        ready.wait()
        while not inbox.work().idle:
            pass


def seconds(place: str, *, workers: int, reviews: int) -> float:
    """Until so many workers have resumed so many decided reviews."""
    with PostgresSaver.from_conn_string(place) as saver, Inbox.open(url_of(place)) as inbox:
        app = inbox.register(inbox_decide.graph(inbox, saver), "benchmark")
        for _ in range(reviews):
            app.invoke({"draft": "Hello"}, {"configurable": {"thread_id": uuid4().hex}})
        for review in inbox.pending(limit=reviews):
            inbox.decide(review.id, Approve(), by="maria", resume="worker")
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(workers + 1)
    running = [context.Process(target=worker, args=(place, ready)) for _ in range(workers)]
    for process in running:
        process.start()
    ready.wait()
    begun = time.perf_counter()
    for process in running:
        process.join()
    return time.perf_counter() - begun


def measure_workers(*, reviews: int, rounds: int) -> list[str]:
    """What was missed by two workers against one."""
    one, two = [], []
    for _ in range(rounds):
        with postgres.database(uuid4().hex[:8]) as place:
            one.append(seconds(place, workers=1, reviews=reviews))
            two.append(seconds(place, workers=2, reviews=reviews))
    gain = min(one) / min(two)
    print(
        f"\nWorkers on PostgreSQL, {reviews} decided reviews\n"
        f"  one {min(one):.2f} s   two {min(two):.2f} s   gain {gain:.2f} (at least {LEAST_GAIN})"
    )
    return [] if gain >= LEAST_GAIN else [f"gain of a second worker: {gain:.2f}"]
