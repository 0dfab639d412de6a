"""`joint`: as strict as each of several panels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl import Approve, Reviewer
from langgraph_hitl.panels import (
    Ladder,
    Panel,
    Vote,
    all_of,
    anyone,
    chain,
    expert,
    panel_from_json,
    quorum,
    unanimous,
)
from langgraph_hitl.panels.joint import joint

LEVELS = ("member", "lead", "director", "executive")
PANELS = [
    anyone(),
    anyone("board"),
    anyone("finance", "board"),
    quorum(2, of="finance", blind=True),
    quorum(2, of="board", veto="legal", may_change=False),
    unanimous(of=[Reviewer("ann"), Reviewer("ben")]),
    all_of(anyone("board"), quorum(2, of="finance")),
    expert(skill="fraud"),
    chain("member", "lead"),
    chain("lead", "director").raised(),
    chain("clerk", "head", ladder=Ladder("clerk", "head")),
]
several = st.lists(st.sampled_from(PANELS), min_size=1, max_size=4)
votes = st.lists(
    st.builds(
        Vote,
        voter=st.sampled_from(["ann", "ben", "cid", "dan", "eve", "fay"]),
        roles=st.lists(st.sampled_from(["board", "finance", "legal"])).map(tuple),
        level=st.sampled_from([None, *LEVELS, "clerk", "head"]),
        skills=st.sampled_from([(), ("fraud",)]),
        decision=st.just(Approve()),
    ),
    max_size=6,
    unique_by=lambda vote: vote.voter,
)


@given(panels=several, cast=votes)
def test_what_passes_passes_with_each_of_them(panels: list[Panel], cast: list[Vote]) -> None:
    if joint(*panels).tally(cast).settled:
        assert all(panel.tally(cast).settled for panel in panels)


@given(panels=several)
def test_it_is_stored_and_takes_nobody_twice(panels: list[Panel]) -> None:
    panel = joint(*panels)
    assert panel_from_json(panel.to_json()) == panel
    assert joint(panel, *panels) == joint(*panels, panel) == panel or panel.names_authority


@pytest.mark.parametrize(
    ("panels", "rule"),
    [
        ([anyone(), anyone()], "anybody"),
        ([anyone("board"), anyone()], "any of board"),
        ([anyone("board"), anyone("board")], "any of board"),
        ([anyone("board"), anyone("finance")], "any of board; and any of finance"),
        (
            [chain("member", "lead"), chain("member", "lead").raised()],
            "lead or above, in the chain member, lead",
        ),
        (
            [chain("member", "lead").raised(), chain("member", "lead", "director")],
            "lead or above, in the chain member, lead, director",
        ),
        (
            [chain("lead", "director").raised(), chain("member", "lead")],
            "director or above, in the chain lead, director",
        ),
        (
            [chain("lead", "director"), anyone("finance")],
            "lead or above, in the chain lead, director; and any of finance",
        ),
    ],
)
def test_what_is_said_of_it(panels: list[Panel], rule: str) -> None:
    assert joint(*panels).rule == rule


def test_it_is_as_blind_as_the_blindest() -> None:
    panel = joint(quorum(2, of="board", blind=True), quorum(2, of="finance", may_change=False))
    assert (panel.blind, panel.may_change) == (True, False)
    alone = joint(quorum(2, of="board", blind=True), anyone())
    assert alone == quorum(2, of="board", blind=True)
