"""A panel is stored as plain JSON, and read where the graph is not known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import (
    Panel,
    all_of,
    anyone,
    majority,
    panel_from_json,
    panel_of,
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
    all_of(anyone("legal"), all_of(quorum(2), majority(of=3)), blind=True, may_change=False),
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


@pytest.mark.parametrize("stored", [None, [], "quorum", 1, {}])
def test_what_is_no_panel_is_refused(stored: Any) -> None:
    with pytest.raises(GateError):
        panel_from_json(stored)


def test_reviewers_are_named_in_short() -> None:
    assert panel_of("editors") == anyone("editors")
    assert panel_of(LEE) == anyone(LEE)
    assert panel_of(["editors", LEE]) == anyone("editors", LEE)
    assert panel_of(quorum(2)) == quorum(2)


@pytest.mark.parametrize("given", [None, [], (), "", 5, {}, {"a": 1}, [1], object()])
def test_reviewers_are_nothing_else(given: Any) -> None:
    with pytest.raises(GateError):
        panel_of(given)
