"""The middleware of `review_tools`; it needs LangChain."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ToolCallRequest, hook_config
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.config import get_config

from langgraph_hitl._subgraph._pregel import channels_of
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.errors import GateError
from langgraph_hitl.tools._call import Call, call_of
from langgraph_hitl.tools._guard import approve_args, guarded
from langgraph_hitl.tools._hidden import hidden_names, visible_schema
from langgraph_hitl.tools._messages import (
    answered,
    mark_of,
    refused,
    refused_again,
    refused_too_often,
    with_notice,
)
from langgraph_hitl.tools._review import PRESET, ToolReview
from langgraph_hitl.tools._reviewed import (
    ARGS,
    CALL_ID,
    Answered,
    AtHand,
    Body,
    Ran,
    Refused,
    ReviewedCalls,
)
from langgraph_hitl.tools._steps import Run, Steps, aperform, perform

_COMES = re.compile(r"function|custom|(bash|text_editor|computer|memory)_\d+")
"""The types of tools in the words of a provider whose calls come to the agent."""


class ReviewTools(AgentMiddleware[Any, Any, Any]):
    """Puts the calls of an agent before people. Made by `review_tools`."""

    def __init__(
        self,
        reviews: Mapping[str, ToolReview],
        names: Sequence[str],
        *,
        repeats: int,
        refusals: int,
    ) -> None:
        super().__init__()
        self._reviews = reviews
        self._specs = [review.spec(None) for review in reviews.values()]
        self._names = names
        self._repeats = repeats
        self._refusals = refusals
        self._calls: dict[str, tuple[Any, ReviewedCalls]] = {}

    @hook_config(can_jump_to=["end"])
    def before_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """End the agent where it makes refused calls again and again."""
        marks = [mark for message in _turn(state) if (mark := mark_of(message))]
        again = sum(mark.get("again") is True for mark in marks)
        if again < self._repeats:
            return None
        text = f"I stop here: calls that people have refused were made again {again} times."
        return {"messages": [AIMessage(text)], "jump_to": "end"}

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Any]
    ) -> Any:
        """Refuse a configuration that names no tool of the agent."""
        self._check(request.tools)
        return handler(request)

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[Any]]
    ) -> Any:
        """`wrap_model_call` on an event loop."""
        self._check(request.tools)
        return await handler(request)

    def wrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Any]
    ) -> Any:
        """Run a call after its approval."""
        return perform(self._guarded(request, handler))

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Any]]
    ) -> Any:
        """`wrap_tool_call` on an event loop."""
        return await aperform(self._guarded(request, handler))

    def _guarded(self, request: ToolCallRequest, handler: Callable[[Any], Any]) -> Steps[Any]:
        """The steps of a call; what it leads other agents to call needs the same approvals."""
        call = request.tool_call
        decided = (call["name"], call["id"]) if call["name"] in self._names else None
        steps = self._steps(request, handler)
        return (yield from guarded(steps, tools=self._reviews, decided=decided))

    def _steps(self, request: ToolCallRequest, handler: Callable[[Any], Any]) -> Steps[Any]:
        name = request.tool_call["name"]
        review = self._reviews.get(name)
        if review is None:
            return (yield Run(lambda: handler(request), lambda: handler(request)))
        call = call_of(name, request.tool_call["args"], request.tool_call["id"])
        if (refusal := self._refused_before(call, _turn(request.state))) is not None:
            return refusal

        def run(args: dict[str, Any], _config: Any) -> Any:
            hidden = frozenset() if request.tool is None else hidden_names(request.tool)
            approve_args(args, hidden)
            return handler(request.override(tool_call={**request.tool_call, "args": args}))

        at_hand = AtHand(Body(run, run), extra=request)
        calls = self._calls_of(review, request.tool)
        match (yield from calls.came(call, request.runtime.config, at_hand, request.state)):
            case Ran() as ran:
                return with_notice(call, ran)
            case Answered(answer, record):
                return answered(call, answer, record)
            case Refused(record):
                return refused(call, record)

    def _refused_before(self, call: Call, turn: Sequence[BaseMessage]) -> ToolMessage | None:
        """The message for a call that nobody is asked about any more, if it is such a one."""
        for message in turn:
            mark = mark_of(message)
            if mark is not None and mark["call"] == call.digest:
                return refused_again(call, mark)
        rounds = _refused_rounds(turn, call.name)
        return refused_too_often(call, rounds) if rounds >= self._refusals else None

    def _calls_of(self, review: ToolReview, tool: BaseTool | None) -> ReviewedCalls:
        """The gate of a tool, made when the tool is known."""
        known, calls = self._calls.get(review.tool, (None, None))
        if calls is None or known is not tool:
            schema = None if tool is None else visible_schema(tool)
            calls = ReviewedCalls(review.spec(schema))
            self._calls[review.tool] = tool, calls
        return calls

    def _check(self, tools: Sequence[Any]) -> None:
        """Raises `GateError` for a name that no tool has, or a gate that does not fit its tool."""
        known = {_name(tool): tool for tool in tools}
        for name in self._names:
            if name not in known:
                raise GateError(
                    f"{PRESET}: the agent has no tool {name!r}{suggestion(name, known)}. (A "
                    "middleware that hides tools from the model comes after this one.)"
                )
        for name, review in self._reviews.items():
            if isinstance(known[name], BaseTool):
                _check_state(self._calls_of(review, known[name]).spec)
            else:
                _check_comes(name, known[name])


def _check_comes(name: str, tool: Mapping[str, Any]) -> None:
    """Raises `GateError` for a tool that the provider runs before the agent hears of it."""
    kind = tool.get("type", "function")
    if not isinstance(kind, str) or _COMES.fullmatch(kind) is None:
        raise GateError(
            f"{PRESET}: {name!r} is run by the provider of the model ({kind!r}), so that no call "
            "of it can be put before people. Give the agent a tool that it runs itself."
        )


def _check_state(spec: GateSpec) -> None:
    """Raises `GateError` for what a gate reads of the state of its agent, and the agent has not."""
    there = channels_of(get_config())
    lost = {*spec.parent_keys} - {ARGS, CALL_ID} - (there or frozenset())
    if there is not None and lost:
        raise GateError(
            f"{PRESET}: {spec.rules.action!r} needs the state key {min(lost)!r}, which the agent "
            "does not have. (The arguments of the call are shown anyway.)"
        )


def _turn(state: Any) -> list[BaseMessage]:
    """The messages since a person spoke last."""
    messages = state.get("messages") if isinstance(state, Mapping) else state.messages
    turn: list[BaseMessage] = []
    for message in reversed(messages or []):
        if isinstance(message, HumanMessage):
            break
        turn.append(message)
    return turn


def _refused_rounds(turn: Sequence[BaseMessage], tool: str) -> int:
    """How many messages of the model, from the newest, had calls of a tool that people refused."""
    rounds, refused_here = 0, False
    for message in turn:
        mark = mark_of(message)
        by_people = mark is not None and mark.get("again") is not True
        refused_here = refused_here or (by_people and message.name == tool)
        if isinstance(message, AIMessage):
            rounds, refused_here = rounds + refused_here, False
    return rounds


def _name(tool: Any) -> str:
    """The name of a tool, or of one that the provider runs."""
    if isinstance(tool, BaseTool):
        return tool.name
    function = tool.get("function")
    named = function if isinstance(function, Mapping) else tool
    return str(named.get("name", ""))
