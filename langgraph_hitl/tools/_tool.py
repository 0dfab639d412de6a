"""A LangChain tool that runs only after a person has agreed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, assert_never

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import ensure_config
from langchain_core.tools import BaseTool

from langgraph_hitl.errors import GateError, NotApproved
from langgraph_hitl.tools._call import Call, call_of
from langgraph_hitl.tools._function import DECISIONS, PRESET, numbered, refuse_reviewed
from langgraph_hitl.tools._gate import call_gate, check_arguments, check_context
from langgraph_hitl.tools._guard import guarded
from langgraph_hitl.tools._hidden import hidden_names, shown_args, visible_schema
from langgraph_hitl.tools._messages import answered, refusal_text, refused, with_notice
from langgraph_hitl.tools._reviewed import Answered, AtHand, Body, Came, Ran, Refused, ReviewedCalls
from langgraph_hitl.tools._steps import Steps, aperform, perform

_REVIEWED = "_hitl_reviewed"


class _Reviewed(NamedTuple):
    """What the runs of a tool come to: the name that people read, its own class, the gate."""

    name: str
    plain: Any
    calls: ReviewedCalls


def reviewed_tool(
    tool: BaseTool, *, name: str | None, when: Any, options: Mapping[str, Any]
) -> BaseTool:
    """A copy of the tool whose runs come to a gate first."""
    if hasattr(type(tool), _REVIEWED):
        raise GateError(f"{tool.name!r} needs an approval already: give all options to one")
    refuse_reviewed(getattr(tool, "func", None), tool.name)
    refuse_reviewed(getattr(tool, "coroutine", None), tool.name)
    called = name or tool.name
    schema = visible_schema(tool)
    check_arguments(called, when, schema)
    check_context(called, options, schema)
    spec = call_gate(
        called,
        PRESET,
        options=options,
        default_decisions=DECISIONS,
        when=when,
        args_schema=schema,
        hidden=hidden_names(tool),
    )
    return behind(tool, called, ReviewedCalls(spec))


def behind(tool: BaseTool, name: str, calls: ReviewedCalls) -> BaseTool:
    """A copy of the tool whose calls come to a gate first."""
    plain: Any = type(tool)
    reviewed = _Reviewed(name, plain, calls)

    class Reviewed(plain):  # type: ignore[misc]  # the class of the user's tool
        """A tool that needs an approval."""

        def run(self, tool_input: Any, *args: Any, **options: Any) -> Any:
            return perform(_steps(reviewed, self, tool_input, args, options))

        async def arun(self, tool_input: Any, *args: Any, **options: Any) -> Any:
            return await aperform(_steps(reviewed, self, tool_input, args, options))

    setattr(Reviewed, _REVIEWED, reviewed)
    Reviewed.__name__ = Reviewed.__qualname__ = plain.__name__
    copy = tool.model_copy()
    object.__setattr__(copy, "__class__", Reviewed)
    return copy


def _steps(reviewed: _Reviewed, tool: BaseTool, given: Any, rest: Any, options: Any) -> Steps[Any]:
    """Ask, then run the tool as `BaseTool.run` was called."""
    config = ensure_config(options.get("config"))
    is_text = isinstance(given, str)
    key = next(iter(tool.args), "input")
    args = {key: given} if is_text else dict(given)
    shown = shown_args(tool, args, config)
    injected = {key: value for key, value in args.items() if key not in shown}
    call_id = options.get("tool_call_id")
    if call_id is None:
        call = numbered(reviewed.name, shown, config)
    else:
        call = call_of(reviewed.name, shown, call_id)

    def prepared(approved: dict[str, Any], config: RunnableConfig) -> tuple[Any, dict[str, Any]]:
        value = approved.get(key, "") if is_text else injected | approved
        return value, {**options, "config": config}

    def run(approved: dict[str, Any], config: RunnableConfig) -> Any:
        value, own = prepared(approved, config)
        return reviewed.plain.run(tool, value, *rest, **own)

    async def arun(approved: dict[str, Any], config: RunnableConfig) -> Any:
        value, own = prepared(approved, config)
        return await reviewed.plain.arun(tool, value, *rest, **own)

    at_hand = AtHand(Body(run, arun))
    steps = reviewed.calls.came(call, config, at_hand, call.args)
    came = yield from guarded(steps, decided=(tool.name, call_id))
    return _result(call, came, is_models=call_id is not None)


def _result(call: Call, came: Came, *, is_models: bool) -> Any:
    """What the caller gets; a model is told what became of its call."""
    match came:
        case Ran(value) as ran:
            return with_notice(call, ran) if is_models else value
        case Answered(answer, record):
            return answered(call, answer, record) if is_models else answer
        case Refused(record) if is_models:
            return refused(call, record)
        case Refused(record):
            raise NotApproved(refusal_text(call.name, record))
        case _:
            assert_never(came)
