"""How long a page of pending reviews takes, in ledgers of several sizes, on both databases.

Reviews are written straight into the tables, because only reading is measured. One tenth of them is
pending. Each question is asked again and again, in turns, and the 95th percentile counts.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))

from langgraph_hitl.inbox._ledger.ledger import Ledger, Reading
from langgraph_hitl.inbox._ledger.query import cursor
from langgraph_hitl.inbox.review import Review
from tests import postgres
from tests.inbox.lock_places import url_of

PAGE = 50
LIMIT_MS = 2.0
FLAT = 2.0
"""How much longer a page may take in the largest ledger than in the smallest."""

ROLES, QUEUES = 8, 8
START = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp()) * 1_000_000
NEVER = 2**63 - 1
DIGEST = "sha256:" + 64 * "0"


@dataclass(frozen=True, slots=True)
class Timing:
    """The 95th percentile of one question, in milliseconds."""

    question: str
    database: str
    pending: int
    p95: float


# --- what is in the ledgers ---------------------------------------------------------------------


def review_rows(pending: int) -> Iterator[tuple[Any, ...]]:
    """Rows of `hitl_reviews`: `pending` of them pending, and nine times as many applied."""
    chance = random.Random(0)  # noqa: S311  # no secret: what a ledger holds
    for number in range(10 * pending):
        waits = number % 10 == 0
        due = NEVER if chance.random() < 0.5 else START + chance.randrange(10**12)
        yield (
            *(f"review-{number:07}", "blog", f"thread-{number:07}", "desk", None),
            *("human_approval", "publish_post", "blocking", "pending" if waits else "applied"),
            *(0, DIGEST, f"queue-{chance.randrange(QUEUES)}", chance.randrange(5), due),
            *(None, None, json.dumps(["*", f"role:{chance.randrange(ROLES)}"])),
            *(START + number, START + number),
            *((None, None, None) if waits else ("approved", "maria", START + number)),
            *(0, 0, None, "[]"),
            *(None, None, hidden(number), None, None, None, None, None),
        )


def hidden(number: int) -> int:
    """Until when a review is deferred: one in twenty is."""
    return START + 10**15 if number % 200 == 0 else 0


def version_rows(pending: int, payload: int) -> Iterator[tuple[Any, ...]]:
    """Rows of `hitl_versions`, each with `payload` characters to show."""
    request = json.dumps({"subject": payload * "x"})
    for number in range(0, 10 * pending, 10):
        yield (f"review-{number:07}", 0, DIGEST, START + number, request, None)


def eligible_rows(pending: int) -> Iterator[tuple[Any, ...]]:
    """Rows of `hitl_eligible`."""
    for row in review_rows(pending):
        if row[8] == "pending":
            for key in json.loads(row[16]):
                yield (key, row[12], row[13], row[17], row[0], row[28])


def fill(ledger: Ledger, pending: int, payload: int) -> None:
    tables: dict[str, Iterable[tuple[Any, ...]]] = {
        "hitl_reviews": review_rows(pending),
        "hitl_versions": version_rows(pending, payload),
        "hitl_eligible": eligible_rows(pending),
    }
    write = _copy if ledger.dialect == "postgresql" else _insert
    write(ledger, tables)


def _insert(ledger: Ledger, tables: dict[str, Iterable[tuple[Any, ...]]]) -> None:
    with closing(sqlite3.connect(ledger.path or "")) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        for table, rows in tables.items():
            width = len(connection.execute(f"SELECT * FROM {table}").description)  # noqa: S608  # names of ours
            marks = ", ".join("?" * width)
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608


def _copy(ledger: Ledger, tables: dict[str, Iterable[tuple[Any, ...]]]) -> None:
    with psycopg.connect(ledger.url, autocommit=True) as connection:
        for table, rows in tables.items():
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        connection.execute("VACUUM ANALYZE")


@contextmanager
def filled(kind: str, folder: Path, *, pending: int, payload: int = 300) -> Iterator[Ledger]:
    """A ledger with so many pending reviews."""

    def opened(url: str) -> Ledger:
        ledger = Ledger.open(url, clock=lambda: datetime.now(UTC))
        fill(ledger, pending, payload)
        return ledger

    name = f"lists_{pending}_{payload}"
    if kind == "sqlite":
        with closing(opened(f"sqlite:///{folder / name}.db")) as ledger:
            yield ledger
    else:
        with postgres.database(name) as uri, closing(opened(url_of(uri))) as ledger:
            yield ledger


# --- what is asked ------------------------------------------------------------------------------

Question = Callable[[Reading, random.Random], list[Review]]


def questions(middle: str) -> dict[str, Question]:
    """The pages that are timed; `middle` is the cursor of a review in the middle of the queue."""
    now = datetime.now(UTC)

    def page(rx: Reading, **wanted: Any) -> list[Review]:
        return rx.pending(limit=PAGE, now=now, **wanted)

    def role(chance: random.Random) -> str:
        return str(chance.randrange(ROLES))

    return {
        "first page": lambda rx, _: page(rx),
        "from the middle": lambda rx, _: page(rx, after=middle),
        "of a queue": lambda rx, chance: page(rx, queue=f"queue-{chance.randrange(QUEUES)}"),
        "of a role": lambda rx, chance: page(rx, role=role(chance)),
        "of a role, middle": lambda rx, chance: page(rx, role=role(chance), after=middle),
        "of a reviewer": lambda rx, chance: page(
            rx, reviewer_keys=("*", f"role:{role(chance)}", "person:maria")
        ),
        "the newest": lambda rx, _: page(rx, order="newest"),
    }


def middle_of(ledger: Ledger, pending: int) -> str:
    """The cursor of the review in the middle, found by going there."""
    after, seen = None, 0
    with ledger.reading() as rx:
        while seen < pending // 2:
            page = rx.pending(limit=min(10_000, pending // 2 - seen), after=after, content=False)
            seen += len(page)
            after = cursor(page[-1], "priority")
    assert after is not None
    return after


def measure(ledger: Ledger, *, pending: int, rounds: int) -> list[Timing]:
    """Every question in turns; the first tenth of the rounds warms up."""
    chance = random.Random(0)  # noqa: S311  # no secret: whose list is read
    asked = questions(middle_of(ledger, pending))
    spent: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds + rounds // 10):
        for name in chance.sample(list(asked), len(asked)):
            begun = time.perf_counter()
            with ledger.looking() as rx:
                page = asked[name](rx, chance)
            spent[name].append(1000 * (time.perf_counter() - begun))
            if len(page) < 0.9 * PAGE:  # the smallest queues have few left in their middle
                raise RuntimeError(f"{name}: a page of {len(page)}")
    return [
        Timing(name, ledger.dialect, pending, percentile(times[-rounds:], 0.95))
        for name, times in spent.items()
    ]


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


# --- what it has to be --------------------------------------------------------------------------


def report(timings: Sequence[Timing]) -> list[str]:
    """Print the table; what was missed."""
    sizes = sorted({timing.pending for timing in timings})
    found = {(one.database, one.question, one.pending): one.p95 for one in timings}
    missed = []
    print(f"\nA page of {PAGE} out of so many pending reviews among ten times as many, p95 in ms")
    print(f"  {'database':<12}{'question':<20}" + "".join(f"{size:>12,}" for size in sizes))
    for database, question in dict.fromkeys((one.database, one.question) for one in timings):
        times = [found[database, question, size] for size in sizes]
        slow = max(times) > LIMIT_MS
        steep = times[-1] > FLAT * times[0]
        verdict = "  MISSED" if slow or steep else ""
        print(f"  {database:<12}{question:<20}" + "".join(f"{t:>12.3f}" for t in times) + verdict)
        missed += [f"{database}, {question}"] if slow or steep else []
    return missed
