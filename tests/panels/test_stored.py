"""A panel is stored as plain JSON, and read where the graph is not known."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import (
    Chain,
    Ladder,
    Panel,
    all_of,
    anyone,
    by_risk,
    chain,
    expert,
    majority,
    panel_from_json,
    poll,
    quorum,
    unanimous,
)
from langgraph_hitl.review.digest import plain_json
from tests.panels.voting import votes

LEE = Reviewer("lee", roles=("legal", "lead"))
PANELS = [
    anyone(),
    anyone("editors", LEE),
    quorum(2),
    quorum(2, of="security", size=3, blind=True),
    quorum(2.5, of=["editors", LEE], size=4, weights={"lead": 2, LEE: 0.5}, may_change=False),
    quorum(3, of=5, veto=["ciso", LEE], against=1),
    quorum(3, roles={"legal": 1, "finance": 2}),
    quorum(2, of=[LEE, Reviewer("ann")], roles={"legal": 1}, veto="lee"),
    majority(of=[LEE, Reviewer("ann")], weights={"lead": 2}, tie="approve"),
    majority(of="editors", size=5, veto="legal"),
    unanimous(of="editors", size=5, blind=True),
    poll(3),
    poll(4, of=["editors", LEE], consensus=0.7, early=True, blind=False),
    all_of(anyone("legal"), all_of(quorum(2), majority(of=3)), blind=True, may_change=False),
    expert(skill="tax"),
    expert(skill=("tax", "law"), n=2, size=4, blind=True, may_change=False),
    chain("member", "lead"),
    chain("lead", "director", bands=(0.5,), within={"lead": timedelta(hours=1.5)}),
    chain("ii", "iii", ladder=Ladder("i", "ii", "iii", "iv")).for_review(level="iii"),
    by_risk({"low": "editors", "high": all_of(chain("lead"), expert(skill="tax"))}),
    by_risk({0: "editors", 0.5: by_risk({"low": quorum(2, blind=True), "high": "legal"})}),
]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.rule)
def test_a_stored_panel_is_the_same_panel(panel: Panel) -> None:
    stored = panel.to_json()
    assert plain_json(stored) == stored
    again = panel_from_json(json.loads(json.dumps(stored)))
    assert again == panel
    assert again.to_json() == stored
    cast = votes("ann:yes bob:no lee:revise", "editors", "legal", "finance", "security")
    assert again.tally(cast) == panel.tally(cast)
    assert again.shown(cast) == panel.shown(cast)


def test_what_was_stored_by_the_first_release_is_read() -> None:
    stored = {
        "version": 1,
        "panel": "quorum",
        "of": ["role:security", "person:lee"],
        "size": 4,
        "given": {"lee": ["legal"]},
        "weights": {"role:legal": 2},
        "n": 3,
        "against": 2,
        "roles": {"legal": 1},
        "veto": ["role:ciso"],
        "blind": False,
        "may_change": True,
    }
    assert panel_from_json(stored) == quorum(
        3,
        of=["security", Reviewer("lee", roles="legal")],
        size=4,
        weights={"legal": 2},
        against=2,
        roles={"legal": 1},
        veto="ciso",
    )


@pytest.mark.parametrize("version", [0, 2, None, "1", True])
def test_another_version_is_refused(version: Any) -> None:
    with pytest.raises(GateError, match="this release reads panels of version 1"):
        panel_from_json(quorum(2).to_json() | {"version": version})


@pytest.mark.parametrize(
    "change",
    [
        {"panel": "chain"},
        {"panel": None},
        {"of": None},
        {"of": "role:editors"},
        {"of": []},
        {"of": [1]},
        {"of": ["editors"]},
        {"of": ["person:direct"]},
        {"n": None},
        {"n": "many"},
        {"n": 0},
        {"size": "3"},
        {"size": -1},
        {"weights": {"role:a": 0}},
        {"weights": []},
        {"roles": {"legal": "one"}},
        {"veto": 5},
        {"of": ["person:lee", "role:a"], "given": {"lee": None}},
        {"blind": "no"},
        {"against": {}},
    ],
    ids=str,
)
def test_a_damaged_panel_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(GateError):
        panel_from_json(quorum(2, of="editors").to_json() | change)


@pytest.mark.parametrize(
    "change",
    [
        {"levels": []},
        {"levels": ["member", "member"]},
        {"levels": ["lead", "member"]},
        {"levels": ["member", "boss"]},
        {"levels": 5},
        {"ladder": []},
        {"within": {"member": -1}},
        {"within": {"member": 1e300}},
        {"within": {"boss": 1}},
        {"within": []},
        {"bands": [2]},
        {"bands": [0.1, 0.2]},
        {"at": "boss"},
        {"at": []},
        {"blind": True},
        {"may_change": 0},
    ],
    ids=str,
)
def test_a_damaged_chain_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(GateError):
        panel_from_json(chain("member", "lead").to_json() | change)


@pytest.mark.parametrize(
    "change", [{"from": ["low"]}, {"from": ["low", "severe"]}, {"from": [0, "low"]}, {"parts": [1]}]
)
def test_a_damaged_choice_of_panels_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(GateError):
        panel_from_json(by_risk({"low": "a", "high": "b"}).to_json() | change)


def test_a_chain_is_stored_with_the_level_that_it_has_reached() -> None:
    panel = chain("member", "lead", "director")
    again = panel_from_json(panel.raised().to_json())
    assert isinstance(again, Chain)
    assert (again.level, again.next_level) == ("lead", "director")


@pytest.mark.parametrize("stored", [None, [], "quorum", 1, {}])
def test_what_is_no_panel_is_refused(stored: Any) -> None:
    with pytest.raises(GateError):
        panel_from_json(stored)
