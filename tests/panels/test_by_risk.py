"""Another panel for every risk, or for every band of the score."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Panel, all_of, anyone, by_risk, chain, panel_from_json, quorum
from langgraph_hitl.panels.by_risk import RISKS
from langgraph_hitl.triggers import LEVELS, level_of
from tests.panels.voting import SAID, vote

PANELS: dict[str, Panel] = {
    "low": anyone(),
    "medium": anyone("editors"),
    "high": quorum(2, of="security"),
    "critical": chain("director", "executive"),
}
SOME = st.sets(st.sampled_from(RISKS), min_size=2).map(
    lambda names: [risk for risk in RISKS if risk in names]
)
UNREADABLE = [math.nan, -1, 2, "0.1", True, []]


def test_the_risks_are_those_of_the_triggers() -> None:
    assert RISKS == LEVELS


@given(SOME, st.sampled_from(RISKS))
def test_a_risk_has_its_panel_or_that_of_the_next_higher(names: list[str], risk: str) -> None:
    panel = by_risk({name: PANELS[name] for name in names})
    higher = [name for name in names if RISKS.index(name) >= RISKS.index(risk)]
    assert panel.for_review(risk=risk) == PANELS[[*higher, names[-1]][0]].for_review()


@given(SOME, st.sampled_from([None, *RISKS, "severe", "High", 5]), st.floats(0, 1) | st.none())
def test_the_higher_of_risk_and_score_counts(names: list[str], risk: Any, score: Any) -> None:
    panel = by_risk({name: PANELS[name] for name in names})
    found = [risk if risk in RISKS else "critical"] if risk is not None else []
    found += [level_of(score)] if score is not None else []
    worst = max(found, key=RISKS.index, default="critical")
    assert panel.for_review(risk=risk, score=score) == panel.for_review(risk=worst)


@given(SOME, st.sampled_from(UNREADABLE), st.sampled_from([None, *RISKS]))
def test_what_cannot_be_read_gets_the_last_panel(names: list[str], score: Any, risk: Any) -> None:
    panel = by_risk({name: PANELS[name] for name in names})
    last = PANELS[names[-1]].for_review()
    assert panel.for_review(score=score, risk=risk) == last
    assert panel.for_review() == last


@given(st.floats(0, 1))
def test_bands_of_the_score(score: float) -> None:
    panel = by_risk({0: "writers", 0.25: "editors", 0.75: "lawyers"})
    expected = "writers" if score < 0.25 else "editors" if score < 0.75 else "lawyers"
    assert panel.for_review(score=score, risk="critical") == anyone(expected)


@pytest.mark.parametrize("score", [None, *UNREADABLE], ids=str)
def test_a_score_that_says_nothing_gets_the_last_band(score: Any) -> None:
    panel = by_risk({0: "writers", 0.5: "lawyers"})
    assert panel.for_review(score=score, risk="low") == anyone("lawyers")


@given(SOME, st.lists(st.sampled_from(list(SAID)), max_size=4))
def test_as_long_as_the_review_is_unknown_it_is_the_last_panel(
    names: list[str], said: list[str]
) -> None:
    panel, last = by_risk({name: PANELS[name] for name in names}), PANELS[names[-1]]
    cast = [vote(f"p{number}", word, "security") for number, word in enumerate(said)]
    assert panel.tally(cast) == last.tally(cast)
    assert panel.eligible_keys == last.eligible_keys
    assert panel.refusal(Reviewer("ann")) == last.refusal(Reviewer("ann"))
    assert panel.single == last.single
    assert panel_from_json(panel.to_json()) == panel


def test_the_chosen_panel_follows_the_review_too() -> None:
    panel = by_risk({"low": anyone(), "high": chain("member", "lead", bands=(0.95,))})
    assert panel.for_review(risk="high", score=0.99).refusal(Reviewer("ann", level="member"))
    assert panel.for_review(risk="high", score=0.9).refusal(Reviewer("ann", level="member")) is None


def test_as_a_part_of_another_panel_it_follows_the_review() -> None:
    panel = all_of(by_risk({"low": "editors", "high": "legal"}), anyone("finance"))
    assert panel.for_review(risk="low") == all_of(anyone("editors"), anyone("finance"))
    with pytest.raises(GateError, match="belong to all_of itself"):
        all_of(by_risk({"low": quorum(2, blind=True), "high": "legal"}), anyone())


def test_what_people_are_shown() -> None:
    assert by_risk({"low": "editors", "high": "legal"}).rule == (
        "low: any of editors; high: any of legal"
    )
    assert by_risk({0: "editors", 0.5: "legal"}).rule == (
        "from 0: any of editors; from 0.5: any of legal"
    )


def test_roles_and_levels_of_every_panel_matter() -> None:
    panel = by_risk({"low": chain("lead"), "medium": "editors", "high": anyone()})
    assert panel.names_roles
    assert panel.names_authority


@pytest.mark.parametrize(
    ("panels", "message"),
    [
        ({}, "two risks or scores or more"),
        ({"low": "editors"}, "two risks or scores or more"),
        (None, "two risks or scores or more"),
        (["low", "high"], "two risks or scores or more"),
        ({"low": "editors", "severe": "legal"}, "unknown risk 'severe'; known: low, medium"),
        ({"low": "editors", 0.5: "legal"}, "by risks or by scores, not by both"),
        ({0.1: "editors", 0.5: "legal"}, "the lowest score must be 0"),
        ({False: "editors", 0.5: "legal"}, "the lowest score must be 0"),
        ({0: "editors", 0.9: "legal", 0.5: "finance"}, "must rise"),
        ({0: "editors", 1.5: "legal"}, "an edge is a number above 0"),
        ({0: "editors", None: "legal"}, "an edge is a number above 0"),
        ({"low": "editors", "high": None}, "by_risk: 'high' takes a role"),
        ({"low": "editors", "high": 5}, "by_risk: 'high' takes a role"),
    ],
    ids=str,
)
def test_a_choice_that_is_none(panels: Any, message: str) -> None:
    with pytest.raises(GateError, match=message):
        by_risk(panels)
