"""Answers as a client sends them that does not ask `resume` first."""

from __future__ import annotations

from typing import Any

from langgraph.types import Command

from langgraph_hitl import Reviewer
from langgraph_hitl.review import Decision, ReviewRequest
from langgraph_hitl.review.decision import to_json


def claim(request: ReviewRequest, decision: Decision, by: str | Reviewer) -> Command[Any]:
    answer = {**to_json(decision), "round": request.round, "digest": request.digest}
    if isinstance(by, Reviewer):
        answer |= {"by": by.id, "roles": list(by.roles)}
    else:
        answer["by"] = by
    return Command(resume={request.interrupt_id: answer})
