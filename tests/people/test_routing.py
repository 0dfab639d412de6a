"""The right person: by skill, by who is there, by load; then delegates, then on call."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.people import (
    Assigned,
    Member,
    Nobody,
    OnCall,
    Routed,
    SessionLimit,
    WorkingHours,
    route_to_expert,
)
from tests.people.crowd import HOUR, NOON, at, away, member

NIGHT = WorkingHours("22:00-06:00", tz="UTC")
NAMES = ("ann", "bob", "cem", "dee")


@st.composite
def crowds(draw: st.DrawFn) -> list[Member]:
    crowd = []
    for name in draw(st.sets(st.sampled_from(NAMES))):
        skills = draw(st.sets(st.sampled_from(["tax", "law"])))
        others = [one for one in NAMES if one != name]
        person = member(
            name,
            *skills,
            absences=[away()] if draw(st.booleans()) else [],
            delegate=draw(st.none() | st.sampled_from(others)),
            hours=draw(st.none() | st.just(NIGHT)),
            on_call=draw(st.booleans()),
            limit=draw(st.none() | st.just(SessionLimit(decisions=1, within=HOUR))),
        )
        crowd.append(person)
    return crowd


def routed(*crowd: Member, skills: Any = "tax", **options: Any) -> Routed:
    return route_to_expert(crowd, at=NOON, skills=skills, **options)


def test_skill_goes_before_load() -> None:
    crowd = (member("ann", "tax"), member("bob"))
    assert routed(*crowd, loads={"ann": 99}) == Assigned("ann")
    assert routed(*crowd, skills=(), loads={"ann": 99}) == Assigned("bob")


def test_all_of_the_skills_are_needed() -> None:
    crowd = (member("ann", "tax"), member("bob", "german", "tax"))
    assert routed(*crowd, skills=("tax", "german"), loads={"bob": 9}) == Assigned("bob")


def test_who_is_there_goes_before_load() -> None:
    crowd = (member("ann", "tax", absences=[away()]), member("bob", "tax"))
    assert routed(*crowd, loads={"bob": 99}) == Assigned("bob")


def test_then_the_shortest_queue_and_the_longest_wait() -> None:
    crowd = [member(name, "tax") for name in ("ann", "bob", "cem")]
    assert routed(*crowd, loads={"ann": 2, "bob": 1, "cem": 1}) == Assigned("bob")
    waits = {"ann": at(-1), "bob": at(-2), "cem": at(-3)}
    assert routed(*crowd, waiting_since=waits) == Assigned("cem")


def test_who_has_to_rest_gets_nothing() -> None:
    crowd = (
        member("ann", "tax", limit=SessionLimit(decisions=2, within=HOUR)),
        member("bob", "tax"),
    )
    tired = {"ann": [at(-0.5), at(-0.1)]}
    assert routed(*crowd, loads={"bob": 5}, decisions=tired) == Assigned("bob")
    assert routed(*crowd, loads={"bob": 5}, decisions={"ann": tired["ann"][:1]}) == Assigned("ann")


def test_only_what_is_as_urgent_comes_first() -> None:
    crowd = (member("ann", "tax"), member("bob", "tax"))
    loads = {"ann": {"low": 9}, "bob": {"critical": 1, "high": 1}}
    assert routed(*crowd, loads=loads, priority="low") == Assigned("bob")
    assert routed(*crowd, loads=loads, priority="normal") == Assigned("ann")
    assert routed(*crowd, loads=loads, priority="critical") == Assigned("ann")


def test_what_is_no_priority_is_urgent() -> None:
    crowd = (member("ann", "tax"), member("bob", "tax"))
    loads = {"ann": {"high": 2}, "bob": {"unheard of": 1}}
    assert routed(*crowd, loads=loads, priority="asap") == Assigned("ann")


def test_a_delegate_acts_where_no_expert_is_there() -> None:
    crowd = (member("ann", "tax", absences=[away()], delegate="bob"), member("bob"))
    assert routed(*crowd) == Assigned("bob", acting_for="ann")
    assert routed(*crowd, member("cem", "tax"), loads={"cem": 9}) == Assigned("cem")


def test_on_call_is_the_last_resort() -> None:
    asleep = member("ann", "tax", hours=NIGHT, on_call=True)
    stranger = member("bob", hours=NIGHT, on_call=True)
    assert routed(asleep, stranger, loads={"ann": 9}) == OnCall("ann", has_skills=True)
    assert routed(stranger) == OnCall("bob", has_skills=False)
    assert routed(asleep, stranger, member("cem", "tax")) == Assigned("cem")
    assert routed(member("ann", "tax", absences=[away()], on_call=True), stranger) == OnCall(
        "bob", has_skills=False
    )


def test_who_is_on_call_comes_last_whatever_the_queues() -> None:
    called, cem = member("bob", "tax", on_call=True), member("cem", "tax")
    assert routed(called, cem, loads={"cem": 99}) == Assigned("cem")
    assert routed(called, member("cem", "tax", hours=NIGHT)) == OnCall("bob", has_skills=True)
    day = WorkingHours("09:00-17:00", tz="UTC")
    as_others = member("bob", "tax", on_call=True, hours=day)
    assert routed(as_others, cem, loads={"cem": 99}) == Assigned("bob")


def test_a_delegate_may_be_on_call() -> None:
    away_now = member("ann", "tax", absences=[away()], delegate="bob")
    others = (member("bob", on_call=True), member("abe", on_call=True))
    assert routed(away_now, *others) == OnCall("bob", has_skills=True)


def test_who_has_to_rest_is_not_called() -> None:
    tired = member("ann", "tax", on_call=True, limit=SessionLimit(decisions=1, within=HOUR))
    assert isinstance(routed(tired, decisions={"ann": [NOON]}), Nobody)


@pytest.mark.parametrize(
    ("crowd", "skills", "reason"),
    [
        ([], (), "there is nobody, and nobody is on call"),
        ([member("ann")], "tax", "nobody has the skill 'tax', and nobody is on call"),
        (
            [member("ann", "tax")],
            ("tax", "law"),
            "nobody has the skills 'tax' and 'law', and nobody is on call",
        ),
        (
            [
                member("ann", "tax", absences=[away()]),
                member("bob", "tax", hours=NIGHT),
                member("cem", "tax", limit=SessionLimit(decisions=1, within=HOUR)),
            ],
            "tax",
            "of 3 with the skill 'tax' nobody is there (1 away, 1 outside working hours, 1 to "
            "rest), and nobody is on call",
        ),
        (
            [member("ann", absences=[away()])],
            (),
            "of 1 nobody is there (1 away), and nobody is on call",
        ),
    ],
)
def test_nobody_at_all_is_a_result(crowd: list[Member], skills: Any, reason: str) -> None:
    decisions = {"cem": [NOON]}
    assert routed(*crowd, skills=skills, decisions=decisions) == Nobody(reason)


@given(crowds(), st.sets(st.sampled_from(["tax", "law"])), st.sets(st.sampled_from(NAMES)))
def test_whoever_gets_it_may_have_it(
    crowd: list[Member], skills: set[str], tired: set[str]
) -> None:
    found = route_to_expert(
        crowd, at=NOON, skills=skills, decisions={name: [NOON] for name in tired}
    )
    by_id = {one.id: one for one in crowd}

    def ready(one: Member) -> bool:
        return one.is_working(NOON) and (one.limit is None or one.id not in tired)

    def called(one: Member) -> bool:
        rested = one.limit is None or one.id not in tired
        return rested and one.on_call and not one.is_absent(NOON)

    experts = [one for one in crowd if skills <= {*one.reviewer.skills}]
    match found:
        case Assigned(to, None):
            assert by_id[to] in experts
            assert ready(by_id[to])
        case Assigned(to, absent):
            assert not any(map(ready, experts))
            assert by_id[str(absent)] in experts
            assert by_id[str(absent)].delegate_at(NOON) == to
            assert ready(by_id[to])
        case OnCall(to, has_skills):
            assert not any(map(ready, experts))
            assert called(by_id[to])
            represents = [one for one in experts if one.delegate_at(NOON) == to]
            assert (by_id[to] in experts or bool(represents)) is has_skills
        case Nobody():
            assert not any(map(ready, experts))
            assert not any(map(called, crowd))


@given(crowds(), st.randoms())
def test_the_order_of_people_does_not_matter(crowd: list[Member], chance: Any) -> None:
    shuffled = list(crowd)
    chance.shuffle(shuffled)
    first, second = (route_to_expert(some, at=NOON, skills="tax") for some in (crowd, shuffled))
    if isinstance(first, Assigned) and isinstance(second, Assigned):
        assert first.to == second.to
    else:
        assert first == second


def test_a_moment_has_a_zone() -> None:
    with pytest.raises(GateError, match="at has no time zone"):
        route_to_expert([], at=NOON.replace(tzinfo=None))
