"""What people decided in cases like this one, and said: for deciders, forms and later runs.

>>> from datetime import UTC, datetime
>>> monday = datetime(2026, 1, 5, tzinfo=UTC)
>>> past = [
...     Precedent(f"rv-{n}", "refund", {"amount": 10 * n}, "approved", "maria", monday)
...     for n in (1, 2, 30)
... ]
>>> [found.precedent.review_id for found in by_keys("amount").nearest({"amount": 12}, past, 2)]
['rv-1', 'rv-2']
"""

from langgraph_hitl.precedents.by_keys import ByKeys, by_keys
from langgraph_hitl.precedents.familiarity import familiarity
from langgraph_hitl.precedents.guidance import Guidance, guidance
from langgraph_hitl.precedents.precedent import Precedent
from langgraph_hitl.precedents.similar import Comparable, Similar, similar
from langgraph_hitl.precedents.suggestion import Suggestion, suggestion

__all__ = [
    "ByKeys",
    "Comparable",
    "Guidance",
    "Precedent",
    "Similar",
    "Suggestion",
    "by_keys",
    "familiarity",
    "guidance",
    "similar",
    "suggestion",
]
