"""For the tests of applications: a clock, people who answer, crashes, and a contract for stores.

Nothing here needs pytest.

>>> from langgraph_hitl.testing import FixedClock
>>> FixedClock()().isoformat()
'2026-01-05T09:00:00+00:00'
"""

from langgraph_hitl.testing.clock import FixedClock
from langgraph_hitl.testing.contract import DURABLE_RULES, RULES, Rule, Stand
from langgraph_hitl.testing.points import POINTS, Failed, FailPoints
from langgraph_hitl.testing.reviewer import ScriptedReviewer

__all__ = [
    "DURABLE_RULES",
    "POINTS",
    "RULES",
    "FailPoints",
    "Failed",
    "FixedClock",
    "Rule",
    "ScriptedReviewer",
    "Stand",
]
