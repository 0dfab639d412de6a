"""`Standing`: what a review's times say at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True)
class Open:
    """It can be decided: by `level` if there are levels, and by them before `until`, if ever."""

    level: str | None
    until: datetime | None


@dataclass(frozen=True)
class Expired:
    """It was over at a moment, without an answer."""

    at: datetime


Standing: TypeAlias = Open | Expired
