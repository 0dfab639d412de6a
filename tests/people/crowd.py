"""People and moments of the tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from langgraph_hitl import Reviewer
from langgraph_hitl.people import Absence, Member

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    """So many hours after noon."""
    return NOON + hours * HOUR


def away(begins: float = -1, ends: float = 1, delegate: str | None = None) -> Absence:
    """An absence, in hours from noon."""
    return Absence(at(begins), at(ends), delegate)


def member(id: str, *skills: str, **options: Any) -> Member:
    """A person with these skills."""
    return Member(Reviewer(id, skills=skills), **options)
