"""Human review for LangGraph: subgraphs that pause, ask a person, and go on with the answer.

```python
gate = human_approval("draft", action="publish_post")
add_review(builder, "approve", gate, approved="publish", rejected="archive")
app = builder.compile(checkpointer=SqliteSaver(conn))

app.invoke({"draft": "Hello"}, config)                    # pauses
request = pending(app, config)[0]
app.invoke(resume(request, Approve(), by="maria"), config)
```
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from langgraph_hitl.patterns import (
    ask_human,
    await_review,
    co_edit,
    committee,
    confidence_escalation,
    consensus,
    crowd,
    hitl_router,
    human_approval,
    plan_approval,
    plan_together,
    qa_sample,
    rated_feedback,
    submit_review,
    with_escalation,
)
from langgraph_hitl.review.choice import Choice
from langgraph_hitl.review.decision import (
    Abstain,
    Approve,
    Choose,
    Defer,
    Edit,
    Escalate,
    Items,
    Reject,
    Respond,
    Revise,
)
from langgraph_hitl.review.items import RejectRest, Skip
from langgraph_hitl.review.lens import last_message
from langgraph_hitl.review.state import (
    ReviewState,
    approved,
    approved_items,
    decided_items,
    feedback,
    idempotency_key,
)
from langgraph_hitl.threads import apending, pending, remaining, resume
from langgraph_hitl.wiring import add_review, route, send_items

if TYPE_CHECKING:
    from langgraph_hitl._terminal.run import run_in_terminal
    from langgraph_hitl.inbox import Inbox
    from langgraph_hitl.inbox.supervised import supervised
    from langgraph_hitl.patterns.checkpoint import Checkpoint
    from langgraph_hitl.review.reviewer import Reviewer
    from langgraph_hitl.tools.human_as_tool import human_as_tool
    from langgraph_hitl.tools.require_approval import require_approval
    from langgraph_hitl.tools.review_tools import review_tools
    from langgraph_hitl.tools.tool_calls import run_calls, tool_calls
    from langgraph_hitl.workflow.hitl_workflow import hitl_workflow

__all__ = [
    "Abstain",
    "Approve",
    "Checkpoint",
    "Choice",
    "Choose",
    "Defer",
    "Edit",
    "Escalate",
    "Inbox",
    "Items",
    "Reject",
    "RejectRest",
    "Respond",
    "ReviewState",
    "Reviewer",
    "Revise",
    "Skip",
    "add_review",
    "apending",
    "approved",
    "approved_items",
    "ask_human",
    "await_review",
    "co_edit",
    "committee",
    "confidence_escalation",
    "consensus",
    "crowd",
    "decided_items",
    "feedback",
    "hitl_router",
    "hitl_workflow",
    "human_approval",
    "human_as_tool",
    "idempotency_key",
    "last_message",
    "pending",
    "plan_approval",
    "plan_together",
    "qa_sample",
    "rated_feedback",
    "remaining",
    "require_approval",
    "resume",
    "review_tools",
    "route",
    "run_calls",
    "run_in_terminal",
    "send_items",
    "submit_review",
    "supervised",
    "tool_calls",
    "with_escalation",
]


_LATER = {
    "Checkpoint": "patterns.checkpoint",
    "Inbox": "inbox",
    "Reviewer": "review.reviewer",
    "hitl_workflow": "workflow.hitl_workflow",
    "human_as_tool": "tools.human_as_tool",
    "require_approval": "tools.require_approval",
    "review_tools": "tools.review_tools",
    "run_calls": "tools.tool_calls",
    "run_in_terminal": "_terminal.run",
    "supervised": "inbox.supervised",
    "tool_calls": "tools.tool_calls",
}
"""What not every program needs is imported when somebody asks for it."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
