"""One level at a time, and upwards from there."""

from __future__ import annotations

import math
import random
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl import Approve, Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Chain, Ladder, Vote, all_of, anyone, chain, panel_from_json
from langgraph_hitl.review.reviewer import DIRECT
from tests.panels.voting import SAID, end_of, ends

LEVELS = ("member", "lead", "director", "executive")
ANYONES = st.sampled_from([None, "boss", *LEVELS])
SCORES = st.none() | st.just(math.nan) | st.floats(0, 1)


class Case(NamedTuple):
    """A chain through some levels of the ladder of the package."""

    levels: tuple[str, ...]
    panel: Chain


@st.composite
def chains(draw: st.DrawFn) -> Case:
    levels = draw(st.sets(st.sampled_from(LEVELS), min_size=1))
    ordered = tuple(level for level in LEVELS if level in levels)
    edges = draw(
        st.none()
        | st.lists(
            st.floats(0.01, 1), min_size=len(levels) - 1, max_size=len(levels) - 1, unique=True
        )
    )
    return Case(ordered, chain(*ordered, bands=sorted(edges) if edges else None))


def by(level: str | None, said: str = "yes", voter: str = "ann") -> Vote:
    return Vote(voter=voter, level=level, decision=SAID[said])


@given(chains(), SCORES, ANYONES, ANYONES)
def test_whoever_has_the_level_or_a_higher_one_decides(
    case: Case, score: Any, reached: str | None, level: str | None
) -> None:
    panel = case.panel.for_review(score=score, level=reached)
    person = Reviewer("ann", level=level)
    high_enough = level in LEVELS and LEVELS.index(level) >= LEVELS.index(panel.level)
    assert panel.may_vote(person) is high_enough
    assert (f"level:{level}" in panel.eligible_keys) is high_enough
    if not high_enough:
        assert panel.refusal(person) == f"it takes the level {panel.level!r} or above"


@given(chains())
def test_passed_upwards_it_reaches_every_level_once_and_ends_at_the_highest(case: Case) -> None:
    panel = case.panel.for_review(score=0)
    way = [panel.level]
    while panel.next_level is not None:
        assert panel.raised().level == panel.next_level
        panel = panel.raised()
        way.append(panel.level)
    assert tuple(way) == case.levels
    with pytest.raises(GateError, match=f"nobody is above '{case.levels[-1]}'"):
        panel.raised()


@given(chains(), SCORES, SCORES, ANYONES, ANYONES)
def test_it_never_comes_down_again(
    case: Case, score: Any, new_score: Any, level: str | None, new_level: str | None
) -> None:
    before = case.panel.for_review(score=score, level=level)
    after = before.for_review(score=new_score, level=new_level)
    assert LEVELS.index(after.level) >= LEVELS.index(before.level)


@given(chains(), SCORES)
def test_a_review_begins_where_its_score_takes_it(case: Case, score: Any) -> None:
    panel = case.panel.for_review(score=score)
    assert panel.level == case.panel.authority_needed(score)
    if not case.panel.edges:
        assert panel.level == case.levels[0]
    elif score is None or math.isnan(score):
        assert panel.level == case.levels[-1] == case.panel.level


@given(chains(), st.lists(st.tuples(ANYONES, st.sampled_from(list(SAID)))), st.integers(0, 2**32))
def test_the_first_vote_of_somebody_who_may_decides_it(
    case: Case, cast: list[tuple[str | None, str]], seed: int
) -> None:
    votes = [by(level, said, f"p{number}") for number, (level, said) in enumerate(cast)]
    random.Random(seed).shuffle(votes)  # noqa: S311
    counting = [vote for vote in votes if case.panel.may_vote(vote.identity)]
    first = next((vote for vote in counting if vote.decision != SAID["abstain"]), None)
    assert ends(case.panel, votes) == (first and end_of(first.decision))
    assert ends(case.panel, [*votes, *votes]) == ends(case.panel, votes)


@given(chains(), SCORES, ANYONES)
def test_it_is_stored_as_it_stands(case: Case, score: Any, level: str | None) -> None:
    for panel in (case.panel, case.panel.for_review(score=score, level=level)):
        assert panel_from_json(panel.to_json()) == panel


def test_each_level_has_its_own_time() -> None:
    hours = timedelta(hours=4)
    panel = chain("member", "lead", within={"member": hours})
    assert (panel.time_limit, panel.raised().time_limit) == (hours, None)


def test_a_level_above_the_chain_decides_at_once() -> None:
    panel = chain("member", "lead")
    assert panel.tally([by("executive")]).result == Approve()
    assert chain("ii", ladder=Ladder("i", "ii", "iii")).eligible_keys == ("level:ii", "level:iii")


def test_levels_of_ones_own_are_a_ladder() -> None:
    panel = chain("clerk", "head", ladder=Ladder("clerk", "head"))
    assert panel.ladder == Ladder("clerk", "head")
    assert not panel.may_vote(Reviewer("ann", level="executive"))


def test_a_level_between_two_of_the_chain_takes_the_higher() -> None:
    panel = chain("member", "director").for_review(level="lead")
    assert panel.level == "director"


def test_whoever_resumes_the_graph_has_no_level() -> None:
    assert chain("member").refusal(DIRECT) == "it takes the level 'member' or above"


def test_a_role_of_that_name_is_no_level() -> None:
    assert not chain("lead").may_vote(Reviewer("ann", roles="lead", skills="lead"))


def test_what_people_are_shown() -> None:
    shown = chain("member", "lead").raised().shown()
    assert shown["rule"] == "lead or above, in the chain member, lead"
    assert shown["needed"] == ["one of the level 'lead' or above"]
    assert shown["eligible"] == ["level:lead", "level:director", "level:executive"]


def test_only_panels_of_levels_and_skills_name_authority() -> None:
    assert chain("member").names_authority
    assert not chain("member").names_roles
    assert not anyone("member").names_authority


def test_as_a_part_of_another_panel_it_follows_the_review() -> None:
    panel = all_of(anyone("legal"), chain("member", "lead", bands=(0.5,)))
    calm, hot = (panel.for_review(score=score) for score in (0.1, 0.9))
    ann, lee = Reviewer("ann", level="member"), Reviewer("lee", roles="legal")
    assert calm.may_vote(ann)
    assert not hot.may_vote(ann)
    assert hot.may_vote(lee)
    assert hot.refusal(ann) == (
        "it takes the role 'legal', or the level 'lead' or 'director' or 'executive'"
    )


@pytest.mark.parametrize(
    ("levels", "options", "message"),
    [
        ((), {}, "a ladder without levels has no top"),
        (("member", "lead", "member"), {}, "goes round has no top: member > lead > member"),
        (("lead", "member"), {}, "lead, member does not rise; the ladder is member, lead, "),
        (("member", "boss"), {"ladder": Ladder("member", "lead")}, "'boss'; known: member, lead"),
        (("member", "leed"), {}, "unknown level 'leed'; did you mean 'lead'"),
        (("clerk", "head"), {}, "unknown level 'clerk'; known: .* .ladder= takes levels of your"),
        (("member",), {"ladder": ("member",)}, "ladder must be a Ladder, not tuple"),
        (("member",), {"within": {"lead": timedelta(1)}}, "a time for 'lead', which is none of"),
        (("member",), {"within": {"member": 60}}, "the time of 'member' must be a duration"),
        (("member",), {"within": {"member": "soon"}}, "the time of 'member' must be a duration"),
        (("member",), {"within": {"member": timedelta(0)}}, "must be more than nothing"),
        (("member",), {"within": timedelta(1)}, "within maps levels to times"),
        (("member", "lead"), {"bands": (0.3, 0.6)}, "chain: bands: 2 levels .* take 1 edges"),
        (("member", "lead"), {"bands": (math.nan,)}, "chain: bands: an edge is a number"),
        ((5,), {}, "a level of a Ladder"),
    ],
)
def test_a_chain_that_is_none(levels: Any, options: Any, message: str) -> None:
    with pytest.raises(GateError, match=message):
        chain(*levels, **options)
