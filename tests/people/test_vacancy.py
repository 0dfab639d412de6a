"""Whether the people there are can fill a panel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl import Reviewer
from langgraph_hitl.panels import (
    Panel,
    all_of,
    anyone,
    by_risk,
    chain,
    expert,
    majority,
    quorum,
    unanimous,
)
from langgraph_hitl.people import Member, vacancy
from tests.people.crowd import away

ANN = Reviewer("ann", "editors", level="lead", skills="tax")
BOB = Reviewer("bob", ("editors", "legal"), level="member")
CEM = Reviewer("cem")
PEOPLE = [Member(ANN), Member(BOB), Member(CEM, absences=[away()])]


@pytest.mark.parametrize(
    "panel",
    [
        anyone(),
        anyone("editors"),
        anyone(CEM),
        quorum(2, of="editors"),
        quorum(2, of="editors", veto="legal"),
        quorum(2, roles={"editors": 1, "legal": 1}),
        majority(of=3),
        unanimous(of=[ANN, BOB, CEM]),
        expert(skill="tax"),
        chain("member", "lead"),
        all_of(anyone("legal"), expert(skill="tax")),
        by_risk({"low": anyone(), "high": chain("lead")}),
    ],
    ids=lambda panel: panel.rule,
)
def test_a_panel_that_is_filled(panel: Panel) -> None:
    assert vacancy(panel, PEOPLE) is None


@pytest.mark.parametrize(
    ("panel", "lack"),
    [
        (anyone("editor"), "nobody can decide it: it takes the role 'editor'"),
        (anyone(Reviewer("zoe")), "nobody can decide it: it takes 'zoe'"),
        (expert(skill="law"), "nobody can decide it: it takes the skill 'law'"),
        (quorum(3, of="editors"), "too few can decide it (3 by editors): 1 more"),
        (quorum(2, veto="ciso"), "too few can decide it (2, veto by ciso): the vote of ciso"),
        (unanimous(of=4), "too few can decide it (all of 4): 1 more"),
        (chain("lead", "director"), "nobody can decide it: it takes the level 'director' or above"),
        (
            chain("member", "executive", bands=(0.5,)),
            "nobody can decide it: it takes the level 'executive' or above",
        ),
        (all_of(anyone(), anyone("zoo")), "nobody can decide it: it takes the role 'zoo'"),
        (
            by_risk({"low": "zoo", "high": anyone()}),
            "nobody can decide it: it takes the role 'zoo'",
        ),
    ],
    ids=lambda given: given.rule if isinstance(given, Panel) else "",
)
def test_a_panel_that_is_not(panel: Panel, lack: str) -> None:
    assert vacancy(panel, PEOPLE) == lack


def test_without_people_nothing_is_decided() -> None:
    assert vacancy(anyone(), []) == "nobody can decide it: there is nobody"


@given(st.integers(0, 6), st.integers(1, 6))
def test_a_quorum_takes_so_many(there: int, n: int) -> None:
    people = [Member(Reviewer(f"p{number}", "editors")) for number in range(there)]
    assert (vacancy(quorum(n, of="editors"), people) is None) is (there >= n)
