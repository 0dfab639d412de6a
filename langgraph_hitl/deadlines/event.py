"""`Event`: what happens to a review by time alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["reminder", "escalated", "expired"]


@dataclass(frozen=True)
class Event:
    """A reminder, the passing to the next level, or the end.

    `at` is the moment at which it is due, whenever somebody comes to it. `level` is whom it
    concerns: those who are reminded, or to whom the review passes; None at the end, and without
    levels. `raised` says that a person passed it on, before the time of the level was over.
    """

    kind: Kind
    at: datetime
    level: str | None = None
    raised: bool = False
