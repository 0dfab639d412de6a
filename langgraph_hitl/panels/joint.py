"""`joint`: the panel that is as strict as each of several."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langgraph_hitl.panels.all_of import AllOf
from langgraph_hitl.panels.chain import Chain
from langgraph_hitl.panels.panel import Panel
from langgraph_hitl.panels.who import ANYBODY


def joint(*panels: Panel) -> Panel:
    """Every one of them has to approve, the same one once.

    Anybody is everybody else too. Of chains on one ladder the last one is enough, at the highest
    level of them; where it does not reach that, the one that does. In a panel of several parts a
    chain stays at the level that it has.

    Args:
        panels: As they are for the review (`for_review`).

    >>> from langgraph_hitl.panels import anyone, chain
    >>> joint(anyone("board"), anyone(), anyone("finance"), anyone("board")).rule
    'any of board; and any of finance'
    >>> joint(chain("member", "lead").raised(), chain("member", "director")).level
    'director'
    """
    parts: list[Any] = []
    strict: list[Any] = [panel for panel in panels if not _is_anybody(panel)]
    for panel in strict:
        own: tuple[Any, ...] = panel.parts if isinstance(panel, AllOf) else (panel,)
        for part in own:
            parts = _with(parts, replace(part, blind=False, may_change=True))
    if not parts:
        return panels[-1]
    manner = {
        "blind": any(panel.blind for panel in strict),
        "may_change": all(panel.may_change for panel in strict),
    }
    if len(parts) == 1:
        only: Panel = replace(parts[0], **manner)
        return only
    return AllOf(parts=tuple(parts), **manner)


def _is_anybody(panel: Panel) -> bool:
    return panel.single and panel.eligible_keys == (ANYBODY,)


def _with(parts: list[Any], part: Any) -> list[Any]:
    for number, other in enumerate(parts):
        if part == other:
            return parts
        if isinstance(part, Chain) and isinstance(other, Chain) and part.ladder == other.ladder:
            return [*parts[:number], _higher(other, part), *parts[number + 1 :]]
    return [*parts, part]


def _higher(before: Chain, chain: Chain) -> Chain:
    raised = chain.for_review(level=before.level, score=0)
    return raised if chain.ladder.reaches(raised.level, before.level) else before
