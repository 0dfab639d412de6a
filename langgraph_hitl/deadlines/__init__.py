"""When a review is over without an answer, and what happens on the way there.

Everything here is a function of moments: what became of a review never depends on when a worker
looked at it.

>>> from datetime import UTC, datetime, timedelta
>>> asked = datetime(2026, 1, 5, 9, tzinfo=UTC)
>>> times = Timetable(asked, [Stage("lead", "4h"), Stage("director", "8h")])
>>> times.at(asked + timedelta(hours=5))
Open(level='director', until=datetime.datetime(2026, 1, 5, 21, 0, tzinfo=datetime.timezone.utc))
>>> times.at(asked + timedelta(days=7))
Expired(at=datetime.datetime(2026, 1, 5, 21, 0, tzinfo=datetime.timezone.utc))
"""

from langgraph_hitl.deadlines.event import Event
from langgraph_hitl.deadlines.limit import Limit, OnDefer, OnTimeout
from langgraph_hitl.deadlines.pause import Pause
from langgraph_hitl.deadlines.stage import Stage
from langgraph_hitl.deadlines.standing import Expired, Open, Standing
from langgraph_hitl.deadlines.timetable import Timetable

__all__ = [
    "Event",
    "Expired",
    "Limit",
    "OnDefer",
    "OnTimeout",
    "Open",
    "Pause",
    "Stage",
    "Standing",
    "Timetable",
]
