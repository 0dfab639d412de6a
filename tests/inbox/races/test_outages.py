"""A database that goes away in the middle: clear errors, work that goes on, and nothing lost.

Half of it is done when the outage begins, at a fail point of the inbox or at a moment of the user's
own graph. When it is over, the same process finishes the rest, and everything has run once.
"""

from __future__ import annotations

import re
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

import psycopg
import pytest
from langgraph.checkpoint.postgres import PostgresSaver
from psycopg.conninfo import make_conninfo

from langgraph_hitl import Approve
from langgraph_hitl.errors import InboxUnavailable, RunFailed
from langgraph_hitl.inbox import Inbox
from tests.inbox.lock_places import url_of, within
from tests.inbox.races.checks import check_finished
from tests.inbox.races.outages import (
    PLACE_NAMES,
    Cut,
    FullDisk,
    Locked,
    Outage,
    ReadOnly,
    Restarted,
    ShortPlace,
    Stopped,
    name_of,
    short_sqlite,
)
from tests.inbox.races.play import Play, config_of, input_of, perform
from tests.inbox.races.processes import answer_of
from tests.inbox.races.survey import Survey, survey
from tests.inbox.races.world import World, opened_world
from tests.postgres import OwnServer, own_server
from tests.scale import scale
from tests.terminal.support import command, environment

BACKLOG = max(4, scale(20))
"""Reviews, of which every other one leads to another question."""

PASSES = 5
"""Passes of `work()` after an outage, at most, until everything is done."""

CLEAR = re.compile(
    r"The inbox's database cannot be used now \(.+\); try again"
    r"|The locks of the inbox: .+"
    r"|[Tt]he lock of the thread '.+' was lost .+"
    r"|The run of the graph for review \S+ failed: .+",
    re.DOTALL,
)

COMMANDED = "tests.inbox.races.commanded"
TEMPLATES = ("inbox", "threads")

Door = Literal["work", "decide"]
WORKING = (
    "locking",
    "resuming",
    "recording",
    "save",
    "effect",
    "filing",
    "asking",
    "parking",
    "applying",
    "auditing",
    "committed",
    "releasing",
    "looking",
)
DECIDING = ("settling", "auditing", "committed", "locking", "recording", "applying", "looking")
WITHIN = ("settling", "filing", "parking", "applying", "auditing")
"""Passed in a transaction, when nobody else can write to a file."""
MOMENTS: tuple[tuple[Door, str], ...] = (
    *(("work", point) for point in WORKING),
    *(("decide", point) for point in DECIDING),
)


@dataclass(frozen=True)
class Moment:
    """When an outage begins: at a passage of a point, while people decide or a worker works."""

    door: Door
    point: str
    outage: str

    def __str__(self) -> str:
        return f"{self.outage}-{self.door}-{self.point}"


def moments(*outages: str, sample: int = 1, but: tuple[str, ...] = ()) -> list[Moment]:
    """Every moment of each outage; every `sample`-th of them in a short run."""
    every = [
        Moment(door, point, outage)
        for outage in outages
        for door, point in MOMENTS
        if point not in but
    ]
    return every[:: sample if scale(2) == 1 else 1]


@pytest.fixture(scope="module")
def server(worker_id: str) -> Iterator[OwnServer]:
    """A server with databases to be copied: an inbox, and threads of a saver."""
    with own_server(f"{worker_id}-outages") as server:
        with psycopg.connect(server.uri, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # a checkpoint ends every stop
            connection.execute("SELECT pg_reload_conf()")
            for name in TEMPLATES:
                connection.execute(f"CREATE DATABASE {name}")
        inbox, threads = (make_conninfo(server.uri, dbname=name) for name in TEMPLATES)
        Inbox.open(url_of(inbox)).close()
        with PostgresSaver.from_conn_string(threads) as saver:
            saver.setup()
        yield server


@pytest.fixture
def shared(server: OwnServer, tmp_path: Path) -> ShortPlace:
    """An inbox and a saver in databases of their own."""
    names = {template: f"{template}_{uuid.uuid4().hex[:12]}" for template in TEMPLATES}
    with psycopg.connect(server.uri, autocommit=True) as connection:
        for template, name in names.items():
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    inbox, threads = (make_conninfo(server.uri, dbname=name) for name in names.values())
    return ShortPlace("postgresql", str(tmp_path), url_of(inbox), threads)


def outage_of(name: str, server: OwnServer, place: ShortPlace) -> Outage:
    threads = name_of(place.threads)
    inbox = place.url.partition("?")[0].rpartition("/")[2]
    match name:
        case "stopped":
            return Stopped(server)
        case "restarted":
            return Restarted(server)
        case "inbox-cut":
            return Cut(server.uri, (inbox,))
        case "saver-cut":
            return Cut(server.uri, (threads,))
        case "all-cut":
            return Cut(server.uri, (inbox, threads))
        case "read-only":
            return ReadOnly(server.uri, (inbox, threads), pooled=threads)
        case _:
            raise AssertionError(name)


@pytest.mark.parametrize(
    "moment",
    [
        *moments("all-cut", sample=3),
        *moments("inbox-cut", "saver-cut", "read-only", sample=7),
        *moments("stopped", "restarted", sample=11),
    ],
    ids=str,
)
def test_postgresql(server: OwnServer, shared: ShortPlace, moment: Moment) -> None:
    go_through(shared, moment, outage_of(moment.outage, server, shared))


@pytest.mark.parametrize(
    "moment",
    [*moments("reviews.db", sample=3, but=WITHIN), *moments("threads.db", sample=5)],
    ids=str,
)
def test_sqlite_is_locked(tmp_path: Path, moment: Moment) -> None:
    go_through(short_sqlite(tmp_path), moment, Locked(tmp_path / moment.outage))


@pytest.mark.parametrize("moment", moments("full", sample=4), ids=str)
def test_disk_is_full(tmp_path: Path, moment: Moment) -> None:
    assert answer_of(_on_a_full_disk, str(tmp_path), moment) == "done"


def _on_a_full_disk(folder: str, moment: Moment, connection: Connection) -> None:
    go_through(short_sqlite(Path(folder)), moment, FullDisk(Path(folder)))
    connection.send("done")


@pytest.mark.timeout(300)
def test_a_worker_of_the_command_line_outlives_it(server: OwnServer, shared: ShortPlace) -> None:
    plays = backlog(2 * BACKLOG)
    with opened_world(shared, "here") as world:
        for review_id in begun(world, plays):
            world.inbox.decide(review_id, Approve(), by="ann", resume="worker")
        worker = commanded(shared)
        try:
            assert within(60, lambda: shared.journal.of("command line", "effect"))
            server.stop()
            assert any(isinstance(error, InboxUnavailable) for error in work(world).values())
            assert worker.stderr is not None
            assert any("cannot be" in line for line in worker.stderr)
            server.start()
            assert within(60, lambda: work(world) == {} and at_rest(world, plays))
            worker.terminate()
            _, said = worker.communicate(timeout=60)
        finally:
            worker.kill()
        assert worker.returncode == 0, said
        assert "Traceback" not in said
        check(world, plays)


def commanded(place: ShortPlace) -> subprocess.Popen[str]:
    """`langgraph-hitl work` in a process of its own."""
    apps = [part for name in ("one", "nested") for part in ("--app", f"{COMMANDED}:{name}")]
    where = dict(zip(PLACE_NAMES, (place.folder, place.url, place.threads), strict=True))
    return subprocess.Popen(
        command("work", *apps, "--interval", "0.05"),
        cwd=Path(__file__).parents[3],
        env=environment(**where),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def at_rest(world: World, plays: dict[str, Play]) -> bool:
    return not any(review.wake for thread in plays for review in world.reviews(thread))


def go_through(place: ShortPlace, moment: Moment, outage: Outage) -> None:
    """People decide or a worker works, and an outage strikes; afterwards everything is done."""
    plays = backlog(BACKLOG)
    with opened_world(place, "worker") as world:
        ids = begun(world, plays)
        if moment.door == "work":
            for review_id in ids:
                world.inbox.decide(review_id, Approve(), by="ann", resume="worker")
        world.points.passed.clear()
        world.points.call_at(moment.point, outage.begin, nth=BACKLOG // 2)
        try:
            told = work(world) if moment.door == "work" else decide(world, ids)
            assert world.points.passed[moment.point] >= BACKLOG // 2
        finally:
            outage.end()
        check_told(world, told)
        finish(world)
        check(world, plays)


def backlog(count: int) -> dict[str, Play]:
    return {f"thread {n}": Play("one" if n % 2 else "nested", "worker") for n in range(count)}


def begun(world: World, plays: dict[str, Play]) -> list[str]:
    """Ask the first question of every thread; the ids of the reviews."""
    ids: list[str] = []
    for thread, play in plays.items():
        world.app(play.graph).invoke(input_of(thread), config_of(thread))
        (review,) = world.inbox.pending(thread=thread)
        ids.append(review.id)
    return ids


def work(world: World) -> dict[str, Exception | str]:
    """A pass, and what a worker hears of it."""
    try:
        return {**world.inbox.work().failed}
    except InboxUnavailable as error:
        return {"": error}


def decide(world: World, ids: list[str]) -> dict[str, Exception | str]:
    """Decisions one after the other, and what people hear of them."""
    told: dict[str, Exception | str] = {}
    for review_id in ids:
        try:
            world.inbox.decide(review_id, Approve(), by="ann")
        except (InboxUnavailable, RunFailed) as error:
            told[review_id] = error
    return told


def check_told(world: World, told: dict[str, Exception | str]) -> None:
    """Every error is clear, and true: whoever is told to try again has not decided."""
    for review_id, error in told.items():
        assert CLEAR.fullmatch(str(error)), error
        if isinstance(error, InboxUnavailable) and review_id:
            assert world.inbox.get(review_id).status == "pending", error
        if isinstance(error, RunFailed):
            assert world.inbox.get(review_id).status != "pending", error


def finish(world: World) -> None:
    """A worker comes back, until nothing is left to do."""
    heard = [work(world) for _ in range(PASSES)]
    assert heard[-1] == {}, heard
    assert world.inbox.work().idle


def check(world: World, plays: dict[str, Play]) -> None:
    """Nothing is half done; when people have answered the rest, everything was done once."""
    for thread, play in plays.items():
        check_at_rest(survey(world, play, thread))
    for thread, play in plays.items():
        perform(world, play, thread)
    for thread, play in plays.items():
        check_finished(survey(world, play, thread), play, world.place.journal.effects(thread))
    assert world.place.journal.unexcused([]) == []
    assert world.inbox.verify()
    report = world.inbox.doctor()
    assert report.healthy, report


def check_at_rest(found: Survey) -> None:
    """What waits is asked, and whatever was decided has been followed."""
    assert not any(review.wake or review.error for review in found.reviews), found
    assert {review.status for review in found.reviews} <= {"pending", "applied"}, found
    pending = {(r.id, r.round) for r in found.reviews if r.status == "pending"}
    assert found.asked == pending, found
