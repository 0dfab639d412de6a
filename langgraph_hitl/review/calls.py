"""The open tool calls of a model's message, as a subject that people decide.

>>> from langchain_core.messages import AIMessage
>>> call = {"name": "pay", "args": {"amount": 5}, "id": "call-1"}
>>> open_calls([AIMessage("", tool_calls=[call])])
[{'id': 'call-1', 'name': 'pay', 'args': {'amount': 5}}]
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from langgraph_hitl.errors import SubjectError
from langgraph_hitl.review.digest import NotJson, plain_json

REFUSED = "refused"
"""The key that says in an edited list why one of the calls is not to run."""
_KEYS = frozenset(("id", "name", "args"))


def message_of_calls(messages: Sequence[BaseMessage] | None) -> AIMessage | None:
    """The last message of the model."""
    return next((m for m in reversed(messages or ()) if isinstance(m, AIMessage)), None)


def open_calls(messages: Sequence[BaseMessage] | None) -> list[dict[str, Any]]:
    """The calls of the model's last message that have no result yet, as plain JSON.

    Raises `SubjectError` for calls that an answer could not be told apart by.
    """
    asked = message_of_calls(messages)
    if asked is None or not messages:
        return []
    after = messages[len(messages) - 1 - [*reversed(messages)].index(asked) :]
    over = {message.tool_call_id for message in after if isinstance(message, ToolMessage)}
    found = [call for call in asked.tool_calls if call["id"] not in over]
    ids = [call["id"] for call in found]
    if not all(isinstance(one, str) and one for one in ids) or len({*ids}) < len(ids):
        raise SubjectError(
            f"The calls of a message need ids, and each its own, to be decided; it has {ids}. Use "
            "a chat model that gives its tool calls ids."
        )
    try:
        plain = [{"id": c["id"], "name": c["name"], "args": c["args"]} for c in found]
        return [*plain_json(plain)]
    except NotJson as error:
        raise SubjectError(f"The arguments of a call are not JSON ({error})") from None


def calls_problem(shown: list[dict[str, Any]], edited: Any) -> str | None:
    """None if `edited` decides every call that was shown, each once; else what is wrong."""
    if not isinstance(edited, list) or not all(isinstance(one, dict) for one in edited):
        return "expected a list of calls"
    by_id = {call["id"]: call for call in shown}
    ids = [one.get("id") for one in edited]
    if sorted(map(str, ids)) != sorted(by_id) or not all(isinstance(one, str) for one in ids):
        return f"expected each of the calls {sorted(by_id)} once, got {ids}"
    if all(REFUSED in one for one in edited):
        return "no call is left; reject them instead"
    problems = (_call_problem(by_id[one["id"]], one) for one in edited)
    return next((problem for problem in problems if problem), None)


def _call_problem(shown: dict[str, Any], edited: dict[str, Any]) -> str | None:
    if set(edited) - {REFUSED} != _KEYS:
        return f"a call has id, name and args, and perhaps {REFUSED}; not {sorted(edited)}"
    if edited["name"] != shown["name"]:
        return f"the call {shown['id']} is of {shown['name']!r} and stays so"
    if not isinstance(edited["args"], dict):
        return f"the args of the call {shown['id']} are an object"
    if REFUSED not in edited:
        return None
    if not isinstance(edited[REFUSED], str):
        return f"{REFUSED} is a text that says why"
    return None if edited["args"] == shown["args"] else f"{shown['id']} is refused and edited"


def present_calls(message: BaseMessage, decided: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the calls that were decided are in a message now; a refused one may have left it."""
    calls = {call["id"]: call for call in getattr(message, "tool_calls", ())}
    calls = {one["id"]: one for one in decided if REFUSED in one} | calls
    return [
        {**one, "name": calls[one["id"]]["name"], "args": calls[one["id"]]["args"]}
        for one in decided
        if one["id"] in calls
    ]


def only_calls(messages: Sequence[BaseMessage], ids: Collection[str]) -> list[BaseMessage]:
    """The messages for a node that runs all calls of the last one, which keeps these alone.

    The others are left out with what came of them. This is for the node alone: a provider wants
    all calls of the conversation, and a result for each.
    """
    asked = message_of_calls(messages)
    every = [] if asked is None else asked.tool_calls
    over = {call["id"] for call in every if call["id"] not in ids}
    kept = [call for call in every if call["id"] in ids]
    return [
        each.model_copy(update={"tool_calls": kept}) if each is asked else each
        for each in messages
        if not (isinstance(each, ToolMessage) and each.tool_call_id in over)
    ]


def refusal(call_id: str, name: str, text: str, artifact: Any = None) -> ToolMessage:
    """The message in place of the result of a call that did not run."""
    content = (
        f"{text}\nIt was not run. Do not make the same call again unless the user asks for it."
    )
    return ToolMessage(content, name=name, tool_call_id=call_id, status="error", artifact=artifact)


def refused_by_edit(calls: list[dict[str, Any]]) -> list[ToolMessage]:
    """The messages for the calls that an edited list refuses."""
    return [
        refusal(call["id"], call["name"], _why(call["name"], call[REFUSED]))
        for call in calls
        if REFUSED in call
    ]


def _why(name: str, reason: str) -> str:
    said = f": {reason}" if reason.strip() else "."
    return f"A person refused this call of `{name}`{said}"
