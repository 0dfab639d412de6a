"""`panel_of`: the panel that an option names."""

from __future__ import annotations

from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.panel import Panel
from langgraph_hitl.panels.quorum import anyone
from langgraph_hitl.review.reviewer import Reviewer


def panel_of(given: Any, what: str = "reviewers") -> Panel:
    """The panel that `reviewers=` names: a panel, or whom the first vote of is enough.

    Raises `GateError` for anything else.

    >>> panel_of("editors").rule
    'any of editors'
    """
    if isinstance(given, Panel):
        return given
    if isinstance(given, str | Reviewer):
        return anyone(given)
    if isinstance(given, list | tuple) and given:
        return anyone(*given)
    raise GateError(
        f"{what} takes a role (a text), a Reviewer, a list of these, or a panel of "
        f"langgraph_hitl.panels, not {type(given).__name__ if given else repr(given)}"
    )
