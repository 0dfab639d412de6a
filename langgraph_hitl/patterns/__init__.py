"""One preset per file, each a face of the one review subgraph."""

from typing import TYPE_CHECKING, Any

from langgraph_hitl.patterns.ask_human import ask_human
from langgraph_hitl.patterns.await_review import await_review
from langgraph_hitl.patterns.co_edit import co_edit
from langgraph_hitl.patterns.committee import committee
from langgraph_hitl.patterns.confidence_escalation import confidence_escalation
from langgraph_hitl.patterns.crowd import consensus, crowd
from langgraph_hitl.patterns.hitl_router import hitl_router
from langgraph_hitl.patterns.human_approval import human_approval
from langgraph_hitl.patterns.plan_approval import plan_approval
from langgraph_hitl.patterns.plan_together import plan_together
from langgraph_hitl.patterns.qa_sample import qa_sample
from langgraph_hitl.patterns.rated_feedback import rated_feedback
from langgraph_hitl.patterns.submit_review import submit_review
from langgraph_hitl.patterns.with_escalation import with_escalation

if TYPE_CHECKING:
    from langgraph_hitl.patterns.checkpoint import Checkpoint

__all__ = [
    "Checkpoint",
    "ask_human",
    "await_review",
    "co_edit",
    "committee",
    "confidence_escalation",
    "consensus",
    "crowd",
    "hitl_router",
    "human_approval",
    "plan_approval",
    "plan_together",
    "qa_sample",
    "rated_feedback",
    "submit_review",
    "with_escalation",
]


def __getattr__(name: str) -> Any:
    """`Checkpoint`, imported when somebody asks for it."""
    if name != "Checkpoint":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from langgraph_hitl.patterns.checkpoint import Checkpoint

    return Checkpoint
