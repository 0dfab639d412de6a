"""What `reviewers=` takes instead of a panel."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import anyone, panel_of, quorum

LEE = Reviewer("lee", roles=("legal", "lead"))


def test_reviewers_are_named_in_short() -> None:
    assert panel_of("editors") == anyone("editors")
    assert panel_of(LEE) == anyone(LEE)
    assert panel_of(["editors", LEE]) == anyone("editors", LEE)
    assert panel_of(quorum(2)) == quorum(2)


@pytest.mark.parametrize("given", [None, [], (), "", 5, {}, {"a": 1}, [1], object()])
def test_reviewers_are_nothing_else(given: Any) -> None:
    with pytest.raises(GateError):
        panel_of(given)
