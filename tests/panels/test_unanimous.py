"""Unanimity: everybody who does not abstain says the same."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import unanimous
from tests.panels.voting import shown_end


@pytest.mark.parametrize(
    ("cast", "end"),
    [
        ("ann:yes bob:yes", None),
        ("ann:yes bob:yes cem:yes", "yes"),
        ("ann:edit bob:edit cem:edit", "edit"),
        ("ann:abstain bob:yes cem:yes", "yes"),
        ("ann:abstain bob:abstain cem:yes", "yes"),
        ("ann:abstain bob:abstain cem:abstain", "no"),
        ("ann:no", "no"),
        ("ann:yes bob:revise", "revise"),
        ("ann:revise bob:no", "revise"),
        ("ann:yes bob:edit", "no"),
    ],
)
def test_of_three(cast: str, end: str | None) -> None:
    assert shown_end(unanimous(of=3), cast) == end
    assert shown_end(unanimous(of=[Reviewer(n) for n in ("ann", "bob", "cem")]), cast) == end
    assert shown_end(unanimous(of="legal", size=3), cast, "legal") == end


def test_the_rule_in_words() -> None:
    assert unanimous(of="legal", size=3).rule == "all of 3 by legal"
    assert unanimous(of=2).rule == "all of 2"


@pytest.mark.parametrize("of", [None, "legal", ["legal", Reviewer("ann")]])
def test_it_has_to_be_known_how_many_all_are(of: Any) -> None:
    with pytest.raises(GateError, match="unanimous: how many are all"):
        unanimous(of=of)


@pytest.mark.parametrize("of", [[], 0, -1, True])
def test_nobody_is_not_everybody(of: Any) -> None:
    with pytest.raises(GateError):
        unanimous(of=of)
