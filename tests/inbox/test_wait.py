"""How long a review will wait: by the formula, and by what was observed."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl import Inbox
from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox import EstimatedWait
from langgraph_hitl.inbox._ledger import traffic
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.traffic import Passage
from langgraph_hitl.inbox._wait import CAME, LEFT, Wanted, estimate
from langgraph_hitl.stats.waiting import expected_wait
from tests.inbox.ledgers import MONDAY, LedgerPlace, Ticking, ballot, filing, settlement

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
USUAL = Wanted(
    queue=None, reviewers=None, share=0.5, within=timedelta(days=7), pause=30 * MINUTE, least=3
)


def at(minutes: float) -> datetime:
    return MONDAY + minutes * MINUTE


def passage(
    review_id: str,
    event: str,
    minutes: float,
    *,
    actor: str = "system:graph",
    filed: float | None = None,
    queue: str = "default",
) -> Passage:
    came = None if event in ("claimed", "released") else at(minutes if filed is None else filed)
    return Passage(review_id, 0, queue, event, actor, at(minutes), came)


def reviewed(
    review_id: str, filed: float, settled: float, *, by: str = "maria", **changes: Any
) -> list[Passage]:
    """A review that one person decides."""
    return [
        passage(review_id, "filed", filed, **changes),
        passage(review_id, "settled", settled, actor=by, filed=filed, **changes),
    ]


def wait(
    passages: Sequence[Passage],
    *,
    now: float | None = None,
    waiting: Sequence[float] = (),
    **wanted: Any,
) -> EstimatedWait:
    ordered = sorted(passages, key=lambda one: one.at)
    moment = at(now) if now is not None else max(one.at for one in ordered)
    ages = [at(filed) for filed in waiting]
    return estimate(ordered, ages, Wanted(**vars(USUAL) | wanted), now=moment)


STEADY = [event for n in range(24) for event in reviewed(f"r{n}", 30 * n, 30 * n + 10)]
"""One every half an hour, for twelve hours; each takes ten minutes."""


def test_one_after_another() -> None:
    found = wait(STEADY, now=720)
    rate = 23 / 12  # what begins the time that is looked at does not count as an arrival in it
    minutes = expected_wait(rate, minutes_each=10, people=1, variation=0)
    assert found.arrivals_per_hour == pytest.approx(rate)
    assert found.service == 10 * MINUTE
    assert found.expected == pytest.approx(minutes * MINUTE, abs=timedelta(milliseconds=1))
    assert (found.observed, found.reviewers, found.waiting) == (10 * MINUTE, 1, 0)
    assert not found.overloaded


def test_more_people_wait_less() -> None:
    one, two = wait(STEADY, now=720).expected, wait(STEADY, now=720, reviewers=2).expected
    assert one is not None
    assert two is not None
    assert two < one


def test_too_few_tell_nothing() -> None:
    found = wait(STEADY, now=720, least=25)
    assert (found.expected, found.observed, found.arrivals_per_hour) == (None, None, None)
    assert (found.service, found.overloaded) == (None, False)
    assert wait([], now=0) == EstimatedWait(
        expected=None,
        overloaded=False,
        observed=None,
        share=0.5,
        arrivals_per_hour=None,
        service=None,
        reviewers=0,
        waiting=0,
    )


def test_a_batch_is_worked_off_one_by_one() -> None:
    batch = [event for n in range(20) for event in reviewed(f"r{n}", 0, 6 * (n + 1))]
    later = reviewed("last", 200, 206)
    found = wait([passage("first", "filed", -1), *batch, *later], now=240)
    assert found.service == 6 * MINUTE
    assert found.observed == 60 * MINUTE


def test_work_begins_with_the_claim() -> None:
    claims = [passage(f"r{n}", "claimed", 60 * n + 20, actor="maria") for n in range(5)]
    decided = [event for n in range(5) for event in reviewed(f"r{n}", 60 * n, 60 * n + 25)]
    assert wait([*claims, *decided]).service == 5 * MINUTE
    released = [passage(f"r{n}", "released", 60 * n + 21, actor="maria") for n in range(5)]
    assert wait([*claims, *released, *decided]).service == 25 * MINUTE
    others = [one._replace(actor="jo") for one in claims]
    assert wait([*others, *decided]).service == 25 * MINUTE


def test_a_night_is_no_work() -> None:
    overnight = [event for n in range(3) for event in reviewed(f"n{n}", 800 + n, 1400 + n / 60)]
    found = wait([*STEADY, *overnight])
    assert found.service is not None
    assert found.service < 11 * MINUTE


def test_who_is_busy_in_another_queue_is_busy() -> None:
    both = [
        event
        for n in range(5)
        for event in (
            *reviewed(f"a{n}", 60 * n, 60 * n + 20, queue="payments"),
            *reviewed(f"b{n}", 60 * n, 60 * n + 25, queue="refunds"),
        )
    ]
    assert wait(both, queue="refunds").service == 5 * MINUTE
    assert wait(both, queue="payments").service == 20 * MINUTE
    assert wait(both, queue="other") == wait(both, queue="another")


def test_more_than_they_can_do() -> None:
    found = wait([event for n in range(30) for event in reviewed(f"r{n}", n, 5 * (n + 1))], now=30)
    assert found.overloaded
    assert found.expected is None


def test_what_waits_still_counts_with_the_time_so_far() -> None:
    assert wait(STEADY, now=720, waiting=[719.0] * 50).observed == 10 * MINUTE
    stuck = wait(STEADY, now=720, waiting=[0.0] * 50)
    assert (stuck.observed, stuck.waiting) == (None, 50)


@pytest.mark.parametrize(
    ("event", "actor"),
    [("settled", "system:deadline"), ("cancelled", "maria"), ("superseded", "system:graph")],
)
def test_what_no_decision_ended_would_have_waited_longer(event: str, actor: str) -> None:
    ended = [
        one
        for n in range(30)
        for one in (
            passage(f"e{n}", "filed", 20 * n),
            passage(f"e{n}", event, 20 * n + 15, actor=actor, filed=20 * n),
        )
    ]
    found = wait([*STEADY, *ended], now=720, share=0.9)
    assert found.observed is None
    assert found.reviewers == 1


def test_a_panel_takes_the_time_of_several() -> None:
    votes = [
        one
        for n in range(10)
        for one in (
            passage(f"r{n}", "filed", 60 * n),
            passage(f"r{n}", "voted", 60 * n + 10, actor="jo", filed=60 * n),
            passage(f"r{n}", "voted", 60 * n + 20, actor="maria", filed=60 * n),
            passage(f"r{n}", "settled", 60 * n + 20, actor="maria", filed=60 * n),
        )
    ]
    found = wait(votes, now=600)
    assert (found.service, found.reviewers, found.observed) == (15 * MINUTE, 2, 20 * MINUTE)
    minutes = expected_wait(2 * 0.9, minutes_each=15, people=2, variation=1 / 3)
    assert found.expected == pytest.approx(minutes * MINUTE, abs=timedelta(milliseconds=1))


def test_only_the_time_that_is_asked_for() -> None:
    early = [event for n in range(100) for event in reviewed(f"e{n}", n, n + 1, by="jo")]
    late = [event for n in range(24) for event in reviewed(f"r{n}", 1440 + 30 * n, 1450 + 30 * n)]
    found = wait([*early, *late], now=1440 + 12 * 60, within=12 * HOUR + MINUTE)
    assert found.reviewers == 1
    assert found.arrivals_per_hour == pytest.approx(24 / (12 + 1 / 60))


def test_two_people_and_arrivals_at_random_as_the_formula_says() -> None:
    """A simulation: the estimate is near the formula and near what those that came had to wait."""
    draw = random.Random(5)  # noqa: S311  # a simulation
    free = [(0.0, "maria"), (0.0, "jo")]
    events: list[Passage] = []
    clock, waits = 0.0, []
    for number in range(4_000):
        clock += draw.expovariate(6 / 60)
        ready, person = heapq.heappop(free)
        begun = max(ready, clock)
        done = begun + draw.expovariate(1 / 12)
        heapq.heappush(free, (done, person))
        waits.append(begun - clock)
        name = f"r{number}"
        events.append(passage(name, "claimed", begun, actor=person))
        events += reviewed(name, clock, done, by=person)
    found = wait(events, within=timedelta(days=3650), pause=24 * HOUR)
    assert found.expected is not None
    assert found.expected / MINUTE == pytest.approx(
        expected_wait(6, minutes_each=12, people=2), rel=0.15
    )
    assert found.expected / MINUTE == pytest.approx(sum(waits) / len(waits), rel=0.15)


EVENTS = st.lists(
    st.builds(
        Passage,
        review_id=st.sampled_from(["r1", "r2", "r3"]),
        round=st.sampled_from([None, 0, 1]),
        queue=st.sampled_from(["default", "legal"]),
        event=st.sampled_from(
            ["filed", "renewed", "claimed", "released", "voted", "settled", "cancelled", CAME, LEFT]
        ),
        actor=st.sampled_from(["maria", "jo", "panel", "direct", "system:deadline"]),
        at=st.integers(0, 600).map(at),
        filed=st.none() | st.integers(0, 600).map(at),
        queued=st.none() | st.integers(0, 600).map(at),
    ),
    max_size=30,
)


@given(EVENTS, st.lists(st.integers(0, 700)), st.sampled_from([None, "legal"]), st.integers(1, 3))
def test_whatever_happened_in_whatever_order_is_no_error(
    passages: list[Passage], waiting: list[int], queue: str | None, least: int
) -> None:
    """Clocks may have been set back."""
    wanted = Wanted(**vars(USUAL) | {"queue": queue, "least": least})
    found = estimate(passages, [at(one) for one in waiting], wanted, now=at(500))
    for told in (found.expected, found.observed, found.service):
        assert told is None or told >= timedelta(0)
    assert found.waiting == len(waiting)
    assert not (found.overloaded and found.expected)


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def inbox(ledger_place: LedgerPlace, clock: Ticking) -> Iterator[Inbox]:
    with Inbox.open(ledger_place.url, clock=clock) as opened:
        yield opened


def test_it_is_read_from_the_audit_and_from_what_waits(inbox: Inbox, clock: Ticking) -> None:
    ledger = inbox._office.ledger
    for number in range(6):
        name = f"r{number}"
        clock.now = at(30 * number)
        with ledger.transaction() as tx:
            tx.file(filing(name, queue="refunds"))
        clock.now = at(30 * number + 5)
        with ledger.transaction() as tx:
            tx.note(name, "claimed", actor="maria", channel="inbox")
        clock.now = at(30 * number + 10)
        with ledger.transaction() as tx:
            tx.vote(ballot(name, at=clock()), replace=False)
            tx.settle(settlement(name, at=clock()))
    with ledger.transaction() as tx:
        tx.file(filing("waits", queue="refunds"))
        tx.file(filing("other", queue="payments"))
        later, _ = tx.file(filing("later", queue="refunds"))
        tx.advance(later, course=None, keys=("*",), hidden_until=clock.now + timedelta(days=1))
    found = inbox.estimated_wait(queue="refunds", least=5)
    assert found.waiting == 1
    assert found.service is not None
    assert round(found.service / MINUTE) == 5
    assert found.observed is not None
    assert round(found.observed / MINUTE) == 10
    assert found.expected is not None
    assert inbox.estimated_wait(least=5).waiting == 2
    assert inbox.estimated_wait(queue="payments", least=1).observed is None
    assert inbox.estimated_wait(queue="refunds", least=1, last=3).arrivals_per_hour is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"reviewers": 0},
        {"reviewers": "maria"},
        {"share": 0},
        {"share": True},
        {"within": 7},
        {"pause": timedelta(0)},
        {"least": 0},
        {"last": 0},
        {"queue": "a\x00"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_told(inbox: Inbox, wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(InboxError, match=f"{name}="):
        inbox.estimated_wait(**wrong)


STATEMENTS = [
    pytest.param(traffic._passages(10_000), {}, id="passages"),
    pytest.param(traffic._waiting(10_000, True), {"now": 0, "queue": "q"}, id="queue"),
    pytest.param(traffic._waiting(10_000, False), {"now": 0}, id="all queues"),
]


@pytest.mark.parametrize(("sql", "values"), STATEMENTS)
def test_sqlite_walks_indexes(tmp_path: Path, sql: Sql, values: dict[str, Any]) -> None:
    import sqlite3

    LedgerPlace("file", f"sqlite:///{tmp_path / 'reviews.db'}").open().close()
    connection = sqlite3.connect(tmp_path / "reviews.db")
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql.sqlite}", values)]
    connection.close()
    scans = [step for step in plan if step.startswith("SCAN") and "hitl_audit" not in step]
    assert all(step in ("SCAN a", "SCAN p") or "INDEX" in step for step in scans), plan


@pytest.mark.parametrize(("sql", "values"), STATEMENTS)
def test_postgresql_walks_indexes(postgres_url: str, sql: Sql, values: dict[str, Any]) -> None:
    LedgerPlace("postgresql", postgres_url).open().close()
    with psycopg.connect(postgres_url, options="-c enable_seqscan=off") as connection:
        rows = connection.execute(f"EXPLAIN {sql.postgresql}".encode(), values).fetchall()
    assert not any("Seq Scan" in step for (step,) in rows), rows
