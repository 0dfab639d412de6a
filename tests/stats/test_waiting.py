"""How long a review waits, against published numbers and a simulation."""

from __future__ import annotations

import heapq
import math
import random
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.stats.waiting import allen_cunneen, erlang_c, expected_wait, observed_wait


class Row(NamedTuple):
    """A row of the published table: servers, rates of arrival and service, and what they give."""

    servers: int
    arrivals: float
    service: float
    waiting: float
    wait: float


TABLE = [
    Row(1, 0.5, 1, 0.5, 1),
    Row(3, 2, 1, 0.4444444444, 0.4444444444),
    Row(10, 8, 1, 0.4091801508, 0.2045900754),
    Row(20, 0.05555555556, 0.003333333333, 0.3381247679, 30.43122911),
    Row(3, 0.1666666667, 0.06666666667, 0.702247191, 21.06741573),
]


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_the_published_table(row: Row) -> None:
    load = row.arrivals / row.service
    assert erlang_c(load, row.servers) == pytest.approx(row.waiting, rel=1e-7)
    minutes = expected_wait(60 * row.arrivals, minutes_each=1 / row.service, people=row.servers)
    assert minutes == pytest.approx(row.wait, rel=1e-6)


def test_ten_an_hour_of_a_quarter_of_an_hour_by_three_people() -> None:
    assert expected_wait(10, minutes_each=15, people=3) == pytest.approx(21.067, abs=1e-3)


@pytest.mark.parametrize("arrivals", [12, 12.5, 1000])
def test_who_is_overloaded_never_catches_up(arrivals: float) -> None:
    assert expected_wait(arrivals, minutes_each=15, people=3) == math.inf
    assert erlang_c(arrivals / 4, 3) == 1


def test_nobody_waits_where_nothing_comes() -> None:
    assert erlang_c(0, 1) == 0
    assert expected_wait(0, minutes_each=15, people=1) == 0
    assert expected_wait(10, minutes_each=0, people=1) == 0


@given(st.floats(0.01, 0.999), st.integers(1, 60))
def test_a_probability_that_falls_with_every_further_person(use: float, servers: int) -> None:
    load = use * servers
    now, then = erlang_c(load, servers), erlang_c(load, servers + 1)
    assert 0 <= then < now <= 1


@given(st.floats(0.01, 0.99), st.floats(0, 3), st.integers(1, 30))
def test_variation_scales_the_wait(use: float, variation: float, people: int) -> None:
    arrivals = use * people * 4
    plain = expected_wait(arrivals, minutes_each=15, people=people)
    varied = expected_wait(arrivals, minutes_each=15, people=people, variation=variation)
    assert varied == pytest.approx(plain * (1 + variation**2) / 2)


@pytest.mark.parametrize(
    ("variation", "arrivals", "factor"), [(1, 1, 1), (0, 1, 0.5), (2, 1, 2.5), (0, 0, 0)]
)
def test_the_factor_of_allen_and_cunneen(variation: float, arrivals: float, factor: float) -> None:
    assert allen_cunneen(variation, arrivals) == factor


@pytest.mark.parametrize("variation", [0.0, 1.0])
def test_a_simulated_desk_waits_as_long_as_the_formula_says(variation: float) -> None:
    chance = random.Random(7)  # noqa: S311
    free, now, waited, count = [0.0] * 3, 0.0, 0.0, 500_000
    for _ in range(count):
        now += chance.expovariate(1 / 6)
        begins = max(now, heapq.heappop(free))
        waited += begins - now
        heapq.heappush(free, begins + (chance.expovariate(1 / 15) if variation else 15))
    expected = expected_wait(10, minutes_each=15, people=3, variation=variation)
    assert waited / count == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(
    ("share", "wait"), [(0.5, 5), (0.9, 9), (1, 10), (0.01, 1), (0.91, 10), (0.1, 1), (0.11, 2)]
)
def test_a_quantile_is_one_of_the_waits(share: float, wait: float) -> None:
    assert observed_wait([10, 1, 9, 2, 8, 3, 7, 4, 6, 5], share=share) == wait


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_enough_of_the_waits_are_no_longer(waits: list[float], percent: int) -> None:
    wait = observed_wait(waits, share=percent / 100)
    assert wait in waits
    assert 100 * sum(one <= wait for one in waits) >= percent * len(waits)
    assert 100 * sum(one < wait for one in waits) < percent * len(waits)


def test_without_any_wait_nothing_is_known() -> None:
    assert observed_wait([]) is None


def test_a_wait_that_is_not_over_is_the_longest() -> None:
    assert observed_wait([math.inf, 1, 2], share=0.5) == 2
    assert observed_wait([math.inf, 1, 2], share=0.9) == math.inf


@pytest.mark.parametrize("bad", [-1, math.nan, math.inf, None, "5", True, 10**400])
def test_numbers_that_cannot_be(bad: Any) -> None:
    with pytest.raises(GateError, match="load must be a number"):
        erlang_c(bad, 3)
    with pytest.raises(GateError, match="arrivals_per_hour must be a number"):
        expected_wait(bad, minutes_each=15, people=3)
    with pytest.raises(GateError, match="minutes_each must be a number"):
        expected_wait(1, minutes_each=bad, people=3)
    with pytest.raises(GateError, match="variation must be a number"):
        expected_wait(1, minutes_each=1, people=3, variation=bad)


@pytest.mark.parametrize("bad", [0, -1, 1.5, None, "3", True, 10**9])
def test_people_are_counted(bad: Any) -> None:
    with pytest.raises(GateError, match="servers must be a whole number"):
        erlang_c(1, bad)
    with pytest.raises(GateError, match="people must be a whole number"):
        expected_wait(1, minutes_each=1, people=bad)


@pytest.mark.parametrize("waits", [[-1], [math.nan], [None], ["5"], [True]])
def test_a_wait_is_a_number(waits: Any) -> None:
    with pytest.raises(GateError, match="a wait must be a number"):
        observed_wait(waits)


@pytest.mark.parametrize("share", [0, -0.5, 1.1, math.nan, None, "0.5", True])
def test_a_share_lies_between_nothing_and_all(share: Any) -> None:
    with pytest.raises(GateError, match="share must be a number above 0"):
        observed_wait([1], share=share)


# Months in remission of 21 patients with leukaemia (Freireich et al. 1963), whose median is 23.
RELAPSED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
STILL_WELL = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


@pytest.mark.parametrize(
    ("share", "months"), [(0.1, 6), (0.19, 7), (0.24, 10), (0.5, 23), (0.55, 23), (0.56, math.inf)]
)
def test_waits_that_are_not_over_as_published(share: float, months: float) -> None:
    assert observed_wait(RELAPSED, share=share, ongoing=STILL_WELL) == months


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=20),
    st.lists(st.floats(0, 100), max_size=20),
    st.sampled_from([0.1, 0.25, 0.5, 0.9, 1.0]),
)
def test_a_wait_that_goes_on_never_makes_the_result_shorter_by_going_on(
    waits: list[float], ongoing: list[float], share: float
) -> None:
    found = observed_wait(waits, share=share, ongoing=ongoing)
    later = observed_wait(waits, share=share, ongoing=[age + 10 for age in ongoing])
    assert found is not None
    assert later is not None
    assert later >= found
    assert found == math.inf or found in waits
    shorter = observed_wait(waits, share=share)
    assert shorter is not None
    assert found >= shorter


def test_those_that_have_just_begun_say_nothing() -> None:
    waits = [5.0, 6.0, 7.0, 8.0]
    assert observed_wait(waits, ongoing=[0.1] * 50) == observed_wait(waits) == 6


def test_without_any_that_is_over_nothing_is_known() -> None:
    assert observed_wait([], ongoing=[5, 6]) is None
    with pytest.raises(GateError):
        observed_wait([1], ongoing=[-1])
