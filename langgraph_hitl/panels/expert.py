"""`expert`: decided by people who know the subject."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.panel import Panel
from langgraph_hitl.panels.quorum import quorum
from langgraph_hitl.panels.who import Skill
from langgraph_hitl.review.reviewer import checked_names


def expert(
    *,
    skill: str | Iterable[str],
    n: int = 1,
    size: int | None = None,
    blind: bool = False,
    may_change: bool = True,
) -> Panel:
    """`n` people who have the skill and say the same let it pass; one is enough without it.

    Args:
        skill: What it takes; of several skills any one. (Where each is needed,
            `all_of(expert(skill="tax"), expert(skill="german"))` says so.)
        n: How many.
        size: How many people have it, if that is known.
        blind: Votes are not shown before it is settled.
        may_change: A voter may replace the vote while it is open.

    Raises `GateError` for a panel that nobody can fill.

    >>> from langgraph_hitl import Reviewer
    >>> panel = expert(skill="tax")
    >>> panel.refusal(Reviewer("maria", skills="law"))
    "it takes the skill 'tax'"
    >>> panel.may_vote(Reviewer("cem", skills=("tax", "law")))
    True
    """
    names = checked_names(skill, "expert: skill", "a skill")
    if not names:
        raise GateError("expert: skill names no skill, so that nobody would have it")
    of: Any = [Skill(name) for name in names]
    return quorum(n, of=of, size=size, blind=blind, may_change=may_change)
