"""Fair shares, also where people work at different speeds."""

from __future__ import annotations

import heapq
import random
from collections import Counter, deque
from collections.abc import Mapping
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.people import Member, evened, least_loaded
from tests.people.crowd import at, away, member

PEOPLE = tuple(f"p{number:02}" for number in range(20))
LOADS = st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 9), min_size=1)


def test_the_shortest_queue_then_the_longest_wait_then_the_id() -> None:
    waits = {"ann": at(-1), "bob": at(-3), "cem": at(-2)}
    assert least_loaded("abc", {"a": 1, "b": 1}) == "c"
    assert least_loaded(waits, {"ann": 0, "bob": 1, "cem": 1}, waits) == "ann"
    assert least_loaded(waits, {}, waits) == "bob"
    assert least_loaded([*waits, "dee"], {}, waits) == "dee"
    assert least_loaded(["bob", "ann"], {}) == "ann"
    assert least_loaded([], {"ann": 1}) is None


@given(st.sets(st.sampled_from(PEOPLE), min_size=1), st.integers(0, 100), st.randoms())
def test_while_nobody_finishes_queues_differ_by_one_at_most(
    people: set[str], reviews: int, chance: random.Random
) -> None:
    loads: Counter[str] = Counter()
    order = sorted(people)
    for _ in range(reviews):
        chance.shuffle(order)
        loads[str(least_loaded(order, loads))] += 1
    assert max(loads[one] for one in people) - min(loads[one] for one in people) <= 1


@given(LOADS)
def test_evened_queues_differ_by_one_at_most_and_nothing_is_lost(loads: dict[str, int]) -> None:
    now = dict(loads)
    for giver, taker in evened(loads):
        assert now[giver] - now[taker] > 1
        now[giver] -= 1
        now[taker] += 1
    assert max(now.values()) - min(now.values()) <= 1
    assert sum(now.values()) == sum(loads.values())
    assert evened(now) == ()


@given(LOADS)
def test_no_more_moves_than_it_takes(loads: dict[str, int]) -> None:
    mean, over = divmod(sum(loads.values()), len(loads))
    full = sorted(loads.values(), reverse=True)
    targets = [mean + 1] * over + [mean] * (len(loads) - over)
    needed = sum(max(0, load - goal) for load, goal in zip(full, targets, strict=True))
    assert len(evened(loads)) == needed


def test_without_anybody_nothing_moves() -> None:
    assert evened({}) == ()
    assert evened({"ann": 9}) == ()


class Desk:
    """A simulated office: reviews come, people of different speeds work, queues are evened."""

    def __init__(self, people: Mapping[str, Member], seed: int) -> None:
        self.people = people
        self.chance = random.Random(seed)  # noqa: S311
        self.minutes = {one: self.chance.uniform(1, 15) for one in people}
        self.queues: dict[str, deque[int]] = {one: deque() for one in people}
        self.given: dict[str, datetime] = {}
        self.got: list[tuple[str, datetime]] = []
        self.ends: list[tuple[float, str]] = []
        self.done: Counter[str] = Counter()
        self.moved = 0

    def there(self, hour: float) -> list[str]:
        return [one for one, person in self.people.items() if person.is_working(at(hour))]

    def come(self, hour: float, review: int) -> None:
        loads = {one: len(queue) for one, queue in self.queues.items()}
        taker = least_loaded(self.there(hour), loads, self.given)
        assert taker is not None
        self._give(taker, review, hour)

    def finish(self, hour: float, one: str) -> None:
        self.queues[one].popleft()
        self.done[one] += 1
        self._begin(one, hour)
        there = self.there(hour)
        for giver, taker in evened({name: len(self.queues[name]) for name in there}, self.given):
            self.moved += 1
            assert len(self.queues[giver]) > 1  # the first is begun with
            self._give(taker, self.queues[giver].pop(), hour)

    def _give(self, one: str, review: int, hour: float) -> None:
        self.queues[one].append(review)
        self.given[one] = at(hour)
        self.got.append((one, at(hour)))
        if len(self.queues[one]) == 1:
            self._begin(one, hour)

    def _begin(self, one: str, hour: float) -> None:
        if self.queues[one]:
            minutes = self.minutes[one] * self.chance.expovariate(1)
            heapq.heappush(self.ends, (hour + minutes / 60, one))


def simulated(people: Mapping[str, Member], reviews: int, seed: int) -> Desk:
    """Reviews come a little faster than people work, and then no more until all are done."""
    desk = Desk(people, seed)
    pace = 1.05 * sum(60 / minutes for minutes in desk.minutes.values())
    hour, review = 0.0, 0
    while review < reviews or desk.ends:
        if review < reviews and (not desk.ends or hour < desk.ends[0][0]):
            now = hour
            desk.come(now, review)
            review += 1
            hour += desk.chance.expovariate(pace)
        else:
            now, one = heapq.heappop(desk.ends)
            desk.finish(now, one)
        lengths = [len(desk.queues[one]) for one in desk.there(now)]
        if all(len(person.absences) == 0 for person in people.values()):
            assert max(lengths) - min(lengths) <= 1
    return desk


def test_ten_thousand_reviews_on_twenty_people_of_different_speeds() -> None:
    desk = simulated({one: member(one) for one in PEOPLE}, 10_000, seed=2026)
    assert sum(desk.done.values()) == 10_000
    fastest, slowest = (pick(PEOPLE, key=lambda one: desk.minutes[one]) for pick in (min, max))
    assert desk.done[fastest] > 3 * desk.done[slowest]
    assert desk.moved > 0


def test_nobody_who_is_away_gets_anything() -> None:
    chance = random.Random(11)  # noqa: S311
    people = {
        one: member(one, absences=[away(start := chance.uniform(0, 40), start + 8)])
        for one in PEOPLE
    }
    desk = simulated(people, 10_000, seed=11)
    assert sum(desk.done.values()) == 10_000
    assert not any(people[one].is_absent(moment) for one, moment in desk.got)
    came = {moment for _, moment in desk.got}
    assert all(any(one.is_absent(moment) for moment in came) for one in people.values())
