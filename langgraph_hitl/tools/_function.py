"""A function that runs only after a person has agreed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial, wraps
from inspect import isabstract
from types import GenericAlias, NoneType
from typing import Any, assert_never, get_type_hints

from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import ensure_config
from langgraph.types import Command
from pydantic import ConfigDict, create_model
from typing_extensions import is_protocol

from langgraph_hitl._subgraph._pregel import attempt_of
from langgraph_hitl.errors import GateError, NotApproved
from langgraph_hitl.review.decision import DecisionType
from langgraph_hitl.tools._call import Call, call_of
from langgraph_hitl.tools._gate import call_gate, check_arguments, check_context
from langgraph_hitl.tools._messages import refusal_text
from langgraph_hitl.tools._reviewed import Answered, AtHand, Body, Came, Ran, Refused, ReviewedCalls
from langgraph_hitl.tools._sitting import sitting_of
from langgraph_hitl.tools._steps import Steps, aperform, perform

PRESET = "require_approval"
"""Whose options these are."""
DECISIONS: tuple[DecisionType, ...] = ("approve", "edit", "reject")
_REVIEWED = "_hitl_reviewed"
_KEPT = (str, int, float, dict, list, tuple, NoneType, BaseMessage, Command)
"""What a checkpoint keeps as it is, if it is JSON inside."""


def reviewed_function(
    function: Callable[..., Any], *, name: str | None, when: Any, options: Mapping[str, Any]
) -> Callable[..., Any]:
    """The function behind a gate; synchronous where it is."""
    called = name or str(getattr(function, "__name__", type(function).__name__))
    refuse_reviewed(function, called)
    _check_result(function, called)
    signature = inspect.signature(function)
    schema = _schema(function, signature)
    check_arguments(called, when, schema)
    check_context(called, options, schema)
    spec = call_gate(
        called, PRESET, options=options, default_decisions=DECISIONS, when=when, args_schema=schema
    )
    calls = ReviewedCalls(spec)

    def steps(*args: Any, **kwargs: Any) -> Steps[Any]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        config = ensure_config(None)
        call = numbered(called, dict(bound.arguments), config)
        body = Body(partial(_call, function, signature), partial(_acall, function, signature))
        return _given(call, (yield from calls.came(call, config, AtHand(body), call.args)))

    if any(map(inspect.iscoroutinefunction, (function, type(function).__call__))):

        @wraps(function)
        async def asynchronous(*args: Any, **kwargs: Any) -> Any:
            return await aperform(steps(*args, **kwargs))

        return _marked(asynchronous)

    @wraps(function)
    def synchronous(*args: Any, **kwargs: Any) -> Any:
        return perform(steps(*args, **kwargs))

    return _marked(synchronous)


def refuse_reviewed(function: Any, name: str) -> None:
    """Raises `GateError` for a function, perhaps wrapped again, that comes to a gate already."""
    if hasattr(function, _REVIEWED):
        raise GateError(f"{name!r} needs an approval already: give all options to one")


def _marked(function: Callable[..., Any]) -> Callable[..., Any]:
    setattr(function, _REVIEWED, True)
    return function


def _check_result(function: Callable[..., Any], name: str) -> None:
    """Raises `GateError` where the annotation says that the result could not be kept."""
    try:
        result = get_type_hints(function).get("return")
    except (NameError, TypeError):
        return
    if not isinstance(result, type) or result in (object, Any) or isabstract(result):
        return
    if not is_protocol(result) and not issubclass(result, _KEPT):
        raise GateError(
            f"{name!r} gives {result.__name__}, which is no JSON, so that it could not be kept "
            "where its node runs again: return JSON or messages, as with model_dump()"
        )


def numbered(name: str, args: dict[str, Any], config: RunnableConfig) -> Call:
    """A call that has no id of its own: what tells it from others is how many equal ones came."""
    call = call_of(name, args, name)
    number = sitting_of(config).number(attempt_of(config), call.digest)
    return call_of(name, args, f"{name}-{call.digest[7:19]}-{number}")


def _given(call: Call, came: Came) -> Any:
    match came:
        case Ran(value):
            return value
        case Answered(answer):
            return answer
        case Refused(record):
            raise NotApproved(refusal_text(call.name, record))
        case _:
            assert_never(came)


def _call(
    function: Callable[..., Any],
    signature: inspect.Signature,
    args: dict[str, Any],
    _config: RunnableConfig,
) -> Any:
    bound = inspect.BoundArguments(signature, args)
    bound.apply_defaults()
    return function(*bound.args, **bound.kwargs)


async def _acall(
    function: Callable[..., Any],
    signature: inspect.Signature,
    args: dict[str, Any],
    config: RunnableConfig,
) -> Any:
    return await _call(function, signature, args, config)


def _schema(function: Callable[..., Any], signature: inspect.Signature) -> Any:
    """What edited arguments have to look like: of what no annotation tells, their names alone."""
    parameters = signature.parameters.values()
    try:
        hints = get_type_hints(function)
    except (NameError, TypeError):
        hints = {}
    fields: Any = {one.name: (_type(one, hints), _default(one)) for one in parameters}
    try:
        return create_model("Arguments", __config__=ConfigDict(extra="forbid"), **fields)
    except Exception:  # an annotation that pydantic does not read, or a name that it does not take
        return {
            "type": "object",
            "properties": {name: {} for name in fields},
            "required": [name for name, (_, default) in fields.items() if default is ...],
            "additionalProperties": False,
        }


def _type(parameter: inspect.Parameter, hints: Mapping[str, Any]) -> Any:
    hint = hints.get(parameter.name, Any)
    match parameter.kind:
        case inspect.Parameter.VAR_POSITIONAL:
            return GenericAlias(list, (hint,))
        case inspect.Parameter.VAR_KEYWORD:
            return GenericAlias(dict, (str, hint))
        case _:
            return hint


def _default(parameter: inspect.Parameter) -> Any:
    match parameter.kind:
        case inspect.Parameter.VAR_POSITIONAL:
            return []
        case inspect.Parameter.VAR_KEYWORD:
            return {}
        case _:
            empty = parameter.default is inspect.Parameter.empty
            return ... if empty else parameter.default
