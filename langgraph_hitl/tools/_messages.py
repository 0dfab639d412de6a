"""What a model reads about a call that people have refused, answered or changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import BaseMessage, ToolMessage
from langgraph.types import Command

from langgraph_hitl.review.calls import refusal
from langgraph_hitl.review.record import ReviewRecord
from langgraph_hitl.tools._call import Call
from langgraph_hitl.tools._reviewed import Ran

MARK = "review"
"""Where the artifact of a message, which no model sees, says that a call was refused."""

_WHY = {
    "rejected": "A person refused this call of `{}`",
    "timed_out": "Nobody approved this call of `{}` in time",
    "cancelled": "The request to approve this call of `{}` was withdrawn",
    "needs_revision": "A person wants this call of `{}` changed",
}

_UNANSWERED = {"rejected": "The person declined to answer", "timed_out": "Nobody answered in time"}


def refusal_text(name: str, record: ReviewRecord) -> str:
    """Why a call did not run."""
    if record["kind"] == "ask_human":
        why = _UNANSWERED.get(record["outcome"], "Nobody answered")
        return f"{why}: {record['feedback']}" if record["feedback"] else f"{why}."
    why = _WHY.get(record["outcome"], "A person did not approve this call of `{}`").format(name)
    return f"{why}: {record['feedback']}" if record["feedback"] else f"{why}."


def refused(call: Call, record: ReviewRecord) -> ToolMessage:
    """The message in place of the result of a call that did not run."""
    mark = {"call": call.digest, "id": record["review_id"], "outcome": record["outcome"]}
    if record["kind"] == "ask_human":
        content = refusal_text(call.name, record)
        return ToolMessage(content, name=call.name, tool_call_id=call.id, status="error")
    return refusal(call.id, call.name, refusal_text(call.name, record), {MARK: mark})


def refused_again(call: Call, earlier: dict[str, Any]) -> ToolMessage:
    """The message for a call that was refused before, and that nobody is asked about again."""
    return ToolMessage(
        f"This call of `{call.name}`, with the same arguments, was refused before. It was not run, "
        "and nobody was asked again. Do something else, or tell the user.",
        name=call.name,
        tool_call_id=call.id,
        status="error",
        artifact={MARK: {**earlier, "again": True}},
    )


def refused_too_often(call: Call, rounds: int) -> ToolMessage:
    """The message for another call of a tool whose calls people keep refusing."""
    return ToolMessage(
        f"People refused calls of `{call.name}` {rounds} times since the user spoke. This one was "
        "not run, and nobody was asked. Do something else, or tell the user.",
        name=call.name,
        tool_call_id=call.id,
        status="error",
        artifact={MARK: {"call": call.digest, "again": True}},
    )


def mark_of(message: BaseMessage) -> dict[str, Any] | None:
    """The mark of a message about a refused call."""
    if not isinstance(message, ToolMessage) or not isinstance(message.artifact, dict):
        return None
    mark = message.artifact.get(MARK)
    return mark if isinstance(mark, dict) and isinstance(mark.get("call"), str) else None


def answered(call: Call, answer: Any, record: ReviewRecord) -> ToolMessage:
    """The answer of a person as the result of a call; in place of a tool, the model is told so."""
    content = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    if record["kind"] != "ask_human":
        content = (
            f"A person answered this call of `{call.name}`, which did not run.\nAnswer: {content}"
        )
    return ToolMessage(content, name=call.name, tool_call_id=call.id)


def with_notice(call: Call, ran: Ran) -> Any:
    """The result of a call. What a person has changed or said, the model is told."""
    result, notice = ran.value, _notice(call, ran)
    if notice is None:
        return result
    match result:
        case ToolMessage():
            return _after(notice, result)
        case Command(update=dict() as update) if isinstance(update.get("messages"), list):
            messages = _noted(notice, call, update["messages"])
            return replace(result, update={**update, "messages": messages})
        case list():
            return _noted(notice, call, result)
        case _:
            return result


def _notice(call: Call, ran: Ran) -> str | None:
    said = ran.record["feedback"]
    if ran.edited:
        return (
            f"A person changed this call of `{call.name}` before it ran. It ran with the arguments "
            f"{json.dumps(ran.args, ensure_ascii=False)}; do not make your original call again."
            + (f" They say: {said}" if said else "")
        )
    return f"A person approved this call of `{call.name}` and says: {said}" if said else None


def _noted(notice: str, call: Call, results: Sequence[Any]) -> list[Any]:
    about = [isinstance(each, ToolMessage) and each.tool_call_id == call.id for each in results]
    return [_after(notice, each) if own else each for each, own in zip(results, about, strict=True)]


def _after(notice: str, message: ToolMessage) -> ToolMessage:
    content = message.content
    if isinstance(content, str):
        told: Any = f"{notice}\nResult: {content}"
    elif all(isinstance(block, str) for block in content):
        told = [notice, *content]
    else:
        told = [{"type": "text", "text": notice}, *content]
    return message.model_copy(update={"content": told})
