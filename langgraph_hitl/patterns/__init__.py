"""One preset per file, each a face of the one review subgraph."""

from langgraph_hitl.patterns.ask_human import ask_human
from langgraph_hitl.patterns.checkpoint import Checkpoint
from langgraph_hitl.patterns.confidence_escalation import confidence_escalation
from langgraph_hitl.patterns.human_approval import human_approval
from langgraph_hitl.patterns.qa_sample import qa_sample
from langgraph_hitl.patterns.rated_feedback import rated_feedback

__all__ = [
    "Checkpoint",
    "ask_human",
    "confidence_escalation",
    "human_approval",
    "qa_sample",
    "rated_feedback",
]
