"""`tool_calls`: the open calls of a model's message as the subject of a gate of one's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool
from langgraph.graph import END
from langgraph.types import Send

from langgraph_hitl._subgraph.edit_schema import Check
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.calls import message_of_calls, open_calls, refusal
from langgraph_hitl.review.lens import Lens
from langgraph_hitl.review.record import ReviewRecord
from langgraph_hitl.review.snapshot import Snapshot, take_calls
from langgraph_hitl.review.state import approved_calls
from langgraph_hitl.tools._gate import args_check
from langgraph_hitl.tools._hidden import visible_schema
from langgraph_hitl.tools._messages import refusal_text


def tool_calls(key: str = "messages", *, tools: Sequence[BaseTool] | None = None) -> Lens:
    """The lens onto the calls of the last message of the model in `key` that have no result yet.

    The subject is a list of `{"id", "name", "args"}`. An edit gives the same list with other
    arguments; a call with `"refused": "why"` does not run. What was refused, alone or with all,
    gets a `ToolMessage` that tells the model.

    Behind the gate stands `run_calls`, which leads to what is left, and `add_review` refuses the
    gate: a `ToolNode` runs every call of the message that it finds, also one that was refused. The
    refused cannot be taken out of the message, as providers want it back as the model wrote it.
    The model is not told of an edit, and finds the other arguments in its message.

    Args:
        key: The key of the messages, a list reduced by `add_messages`.
        tools: The tools, so that edited arguments are checked against theirs.

    >>> from langgraph_hitl import human_approval, tool_calls
    >>> gate = human_approval(tool_calls(), action="run_tools")
    """
    return Lens(
        key=key,
        name="calls",
        get=_open,
        put=_itself,
        shown_in=_replaced,
        refused=_all_refused,
        check=None if tools is None else partial(_problem, _checks(tools)),
    )


def run_calls(
    tools: str = "tools", *, otherwise: str = END, key: str = "messages"
) -> Callable[[Any], Any]:
    """The branch behind a gate of `tool_calls`: each approved call to the node `tools`.

    What runs is what was approved, or let pass: a call goes there that has no result yet and stands
    with its id, name and arguments in the newest review of `key`, which is in `reviews` of the
    state. Without such a review, nothing runs. `otherwise` is where it goes if no call is left,
    such as back to the model, which then reads why.

    ```python
    builder.add_node("review", human_approval(tool_calls()))
    builder.add_conditional_edges("review", run_calls("tools", otherwise="model"))
    ```
    """

    def go(state):  # type: ignore[no-untyped-def]  # an annotation would add channels
        left = approved_calls(state, key)
        return [Send(tools, [{**call, "type": "tool_call"}]) for call in left] or otherwise

    go.__name__ = "run_calls"
    go.__annotations__ = {"return": Literal[tools, otherwise]}
    return go


def _open(messages: Any) -> Snapshot | None:
    calls = open_calls(messages)
    message = message_of_calls(messages)
    return None if message is None or not calls else take_calls(message, calls)


def _itself(messages: Any) -> Any:
    return messages


def _replaced(messages: Any, decided: list[Any]) -> list[Any]:
    """The messages with the calls as they were decided."""
    message, *refused = decided
    old = message_of_calls(messages)
    kept = [message if each is old else each for each in messages or [message]]
    return [*kept, *refused]


def _all_refused(snapshot: Snapshot, record: ReviewRecord) -> list[ToolMessage]:
    return [
        refusal(call["id"], call["name"], refusal_text(call["name"], record))
        for call in snapshot.shown
    ]


def _checks(tools: Sequence[BaseTool]) -> dict[str, Check]:
    if not all(isinstance(tool, BaseTool) for tool in tools):
        raise GateError("tool_calls: tools= takes LangChain tools")
    return {tool.name: args_check(visible_schema(tool)) for tool in tools}


def _problem(checks: dict[str, Check], calls: list[dict[str, Any]]) -> str | None:
    """What is wrong with edited arguments; those of a tool that is not known are taken."""
    for call in calls:
        check = checks.get(call["name"])
        problem = check(call["args"]) if check is not None and "refused" not in call else None
        if problem:
            return f"{call['id']} ({call['name']}): {problem}"
    return None
