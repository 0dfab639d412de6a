"""A function that runs only after a person has agreed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any, assert_never, get_type_hints

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import ensure_config
from pydantic import ConfigDict, create_model

from langgraph_hitl._subgraph._pregel import attempt_of
from langgraph_hitl.errors import NotApproved
from langgraph_hitl.review.decision import DecisionType
from langgraph_hitl.tools._call import Call, call_of
from langgraph_hitl.tools._gate import call_gate, check_arguments
from langgraph_hitl.tools._messages import refusal_text
from langgraph_hitl.tools._reviewed import Answered, AtHand, Body, Came, Ran, Refused, ReviewedCalls
from langgraph_hitl.tools._sitting import sitting_of
from langgraph_hitl.tools._steps import Steps, aperform, perform

PRESET = "require_approval"
"""Whose options these are."""
DECISIONS: tuple[DecisionType, ...] = ("approve", "edit", "reject")


def reviewed_function(
    function: Callable[..., Any], *, name: str | None, when: Any, options: Mapping[str, Any]
) -> Callable[..., Any]:
    """The function behind a gate; synchronous where it is."""
    called = name or str(getattr(function, "__name__", type(function).__name__))
    signature = inspect.signature(function)
    schema = _schema(function, signature)
    check_arguments(called, when, schema)
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

        return asynchronous

    @wraps(function)
    def synchronous(*args: Any, **kwargs: Any) -> Any:
        return perform(steps(*args, **kwargs))

    return synchronous


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
    return function(*bound.args, **bound.kwargs)


async def _acall(
    function: Callable[..., Any],
    signature: inspect.Signature,
    args: dict[str, Any],
    config: RunnableConfig,
) -> Any:
    return await _call(function, signature, args, config)


def _schema(function: Callable[..., Any], signature: inspect.Signature) -> Any:
    """What edited arguments have to look like; None where the annotations do not tell."""
    try:
        hints = get_type_hints(function)
    except (NameError, TypeError):
        return None
    kinds = {parameter.kind for parameter in signature.parameters.values()}
    if kinds & {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}:
        return None
    fields: Any = {
        name: (
            hints.get(name, Any),
            ... if parameter.default is inspect.Parameter.empty else parameter.default,
        )
        for name, parameter in signature.parameters.items()
    }
    try:
        return create_model("Arguments", __config__=ConfigDict(extra="forbid"), **fields)
    except Exception:  # an annotation that pydantic does not read
        return None
