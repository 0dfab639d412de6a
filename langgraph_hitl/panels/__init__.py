"""Who decides, and how many: panels for `reviewers=`.

>>> from langgraph_hitl import Approve
>>> from langgraph_hitl.panels import Vote, quorum
>>> panel = quorum(2, of="security", size=3)
>>> votes = [Vote(voter=name, roles=("security",), decision=Approve()) for name in ("ann", "bob")]
>>> panel.tally(votes).result
Approve(comment=None, rating=None)
"""

from langgraph_hitl.panels.all_of import all_of
from langgraph_hitl.panels.by_risk import by_risk
from langgraph_hitl.panels.chain import Chain, chain
from langgraph_hitl.panels.expert import expert
from langgraph_hitl.panels.given import panel_of
from langgraph_hitl.panels.ladder import Bands, Ladder
from langgraph_hitl.panels.majority import majority
from langgraph_hitl.panels.panel import Panel
from langgraph_hitl.panels.poll import poll
from langgraph_hitl.panels.quorum import anyone, quorum
from langgraph_hitl.panels.stored import panel_from_json
from langgraph_hitl.panels.tally import Open, Settled, Tally
from langgraph_hitl.panels.unanimous import unanimous
from langgraph_hitl.panels.vote import Vote
from langgraph_hitl.review.reviewer import Reviewer

__all__ = [
    "Bands",
    "Chain",
    "Ladder",
    "Open",
    "Panel",
    "Reviewer",
    "Settled",
    "Tally",
    "Vote",
    "all_of",
    "anyone",
    "by_risk",
    "chain",
    "expert",
    "majority",
    "panel_from_json",
    "panel_of",
    "poll",
    "quorum",
    "unanimous",
]
