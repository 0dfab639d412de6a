"""What every kind of `ThreadLocks` promises, within one process."""

from __future__ import annotations

import resource
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._locks import Held, ThreadLocks, open_locks
from langgraph_hitl.inbox._locks.lock import digest_of
from tests.inbox.lock_places import KINDS, Kind, Place, url_of

THREADS, KEYS = 8, 50


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    kind: Kind = request.param
    if kind == "postgres":
        return Place(kind, url_of(request.getfixturevalue("postgres_uri")))
    return Place(kind, str(tmp_path / "an inbox.db"))


@pytest.fixture
def locks(place: Place) -> Iterator[ThreadLocks]:
    locks = place.open()
    yield locks
    locks.close()


@pytest.fixture
def others(place: Place, locks: ThreadLocks) -> Iterator[ThreadLocks]:
    """The locks of the same place as another process opens them."""
    if place.kind == "memory":
        yield locks
        return
    others = place.open()
    yield others
    others.close()


def taken(locks: ThreadLocks, key: str) -> Held:
    held = locks.try_acquire(key)
    assert held is not None
    return held


def test_one_holder_at_a_time(locks: ThreadLocks, others: ThreadLocks) -> None:
    held = taken(locks, "a")
    assert held.alive()
    assert locks.try_acquire("a") is None
    assert others.try_acquire("a") is None
    held.release()
    assert not held.alive()
    assert taken(others, "a").alive()
    assert locks.try_acquire("a") is None


def test_one_key_says_nothing_of_another(locks: ThreadLocks, others: ThreadLocks) -> None:
    first = taken(locks, "a")
    assert taken(others, "b").alive()
    second = taken(locks, "c")
    first.release()
    assert second.alive()
    assert others.try_acquire("c") is None


def test_released_again_it_takes_nothing_from_the_next_holder(
    locks: ThreadLocks, others: ThreadLocks
) -> None:
    first = taken(locks, "a")
    first.release()
    second = taken(locks, "a")
    first.release()
    assert second.alive()
    assert not first.alive()
    assert others.try_acquire("a") is None


def test_released_by_another_thread(locks: ThreadLocks, others: ThreadLocks) -> None:
    held = taken(locks, "a")
    thread = threading.Thread(target=held.release)
    thread.start()
    thread.join()
    assert not held.alive()
    assert taken(others, "a").alive()


def test_threads_exclude_each_other(locks: ThreadLocks, others: ThreadLocks) -> None:
    keys = [f"key {number}" for number in range(KEYS)]
    won: Counter[str] = Counter()
    start = threading.Barrier(THREADS)

    def run(mine: ThreadLocks) -> None:
        start.wait()
        won.update([key for key in keys if mine.try_acquire(key)])

    pair = (locks, others)
    threads = [threading.Thread(target=run, args=(pair[n % 2],)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == Counter(keys)


def test_only_the_holder_is_inside(locks: ThreadLocks, others: ThreadLocks) -> None:
    inside, most, entered = [0], [0], [0]

    def run(mine: ThreadLocks) -> None:
        mine_entered = 0
        while mine_entered < KEYS:
            held = mine.try_acquire("a")
            if held is None:
                continue
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            mine_entered += 1
            entered[0] += 1
            inside[0] -= 1
            held.release()

    threads = [threading.Thread(target=run, args=(one,)) for one in (locks, others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most, entered) == ([0], [1], [2 * KEYS])


@pytest.fixture
def thousand_files() -> Iterator[None]:
    """As many open files as most systems allow a process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("thousand_files")
def test_two_thousand_at_once(locks: ThreadLocks, others: ThreadLocks, place: Place) -> None:
    """A folder opens a file for each."""
    keys = [f"key {number}" for number in range(200 if place.kind == "folder" else 2000)]
    held = [taken(locks, key) for key in keys]
    assert all(others.try_acquire(key) is None for key in keys)
    assert all(one.alive() for one in held)
    for one in held:
        one.release()
    assert all(others.try_acquire(key) for key in keys)


def test_closed_locks_are_given_back(locks: ThreadLocks, others: ThreadLocks, place: Place) -> None:
    held = taken(locks, "a")
    locks.close()
    locks.close()
    assert not held.alive()
    held.release()
    with pytest.raises(InboxError, match="closed; open the inbox again"):
        locks.try_acquire("a")
    if place.kind != "memory":
        assert taken(others, "a").alive()


@pytest.mark.parametrize("key", ["", "\0", "\ud800", "日本", "x" * 100_000, "%s $1 '", "../.."])
def test_any_text_is_a_key(locks: ThreadLocks, others: ThreadLocks, key: str) -> None:
    held = taken(locks, key)
    assert others.try_acquire(key) is None
    held.release()
    assert taken(others, key).alive()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from(["take", "give"])),
        max_size=20,
    )
)
def test_as_the_model_of_them(place: Place, steps: list[tuple[str, str, str]]) -> None:
    """Two processes take and give back in any order: a key has one holder, the one that took it."""
    first = place.open()
    openers = {"a": first, "b": first if place.kind == "memory" else place.open()}
    model: dict[str, Held] = {}
    owner: dict[str, str] = {}
    try:
        for who, key, what in steps:
            if what == "take":
                held = openers[who].try_acquire(key)
                assert (held is None) == (key in model)
                if held is not None:
                    model[key], owner[key] = held, who
            elif owner.get(key) == who:
                model.pop(key).release()
                del owner[key]
            assert all(held.alive() for held in model.values())
    finally:
        for opened in openers.values():
            opened.close()


@given(st.text(), st.text())
def test_a_digest_tells_keys_apart(one: str, other: str) -> None:
    assert (digest_of(one) == digest_of(other)) == (one == other)
    assert 0 <= digest_of(one) < 1 << 64


def test_a_digest_is_the_same_in_every_release() -> None:
    """Processes of two releases share the locks of one database."""
    assert digest_of("thread-1") == 0x99DE51A3F361A9F5


def test_locks_in_memory_are_those_of_one_ledger() -> None:
    first, second = (open_locks(dialect="sqlite", path=None, url="sqlite://") for _ in range(2))
    assert first.try_acquire("a")
    assert second.try_acquire("a")
