"""Chats to fine-tune with, where the subject is a message: the rows of `export("chat")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langgraph_hitl.inbox._export.prompt import prompt_of
from langgraph_hitl.inbox._export.value import GOOD, decided

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.exported import Case


def chat_row(case: Case) -> dict[str, Any] | None:
    """The context as the user's message, and the message that went out as the assistant's.

    None where there is no context, so that nobody knows what was asked, or the message is no text.
    """
    good = case.form == "message" and case.is_newest and case.decision.get("type") in GOOD
    answer = decided(case) if good else None
    if not isinstance(answer, str) or not case.request.get("context"):
        return None
    return {
        "messages": [
            {"role": "user", "content": prompt_of(case)},
            {"role": "assistant", "content": answer},
        ]
    }
