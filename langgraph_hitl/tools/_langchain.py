"""What was written for `HumanInTheLoopMiddleware`, of LangChain, in the words of `review_tools`."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature
from typing import Any

from langchain.agents.middleware import HumanInTheLoopMiddleware

from langgraph_hitl.errors import GateError
from langgraph_hitl.tools._review import PRESET

_INSTEAD = {
    "interrupt_on": "the mapping is the first argument here: review_tools({...})",
    "description_prefix": "say it as the description of each tool, or criteria= for all",
    "interrupt_mode": "leave it out: each call is a review of its own, as with 'per_call'",
    "edit_notice": "leave it out: the model is told of an edit in its own words",
}
"""The options that only LangChain's has, and what to write."""


def refuse_options(options: Mapping[str, Any]) -> None:
    """Raises `GateError` for an option of the other middleware."""
    for option in options:
        if option in _INSTEAD:
            raise GateError(f"{PRESET} has no {option}=; {_INSTEAD[option]}")


def tools_of(given: Any) -> Any:
    """The mapping that such a middleware was made with; anything else as it is."""
    if not isinstance(given, HumanInTheLoopMiddleware):
        return given
    if type(given) is not HumanInTheLoopMiddleware:
        raise GateError(
            f"{PRESET} does not call what {type(given).__name__} adds to its base: give it the "
            f"interrupt_on of {type(given).__name__}"
        )
    usual = signature(HumanInTheLoopMiddleware).parameters
    if given.edit_notice != usual["edit_notice"].default:
        raise GateError(f"{PRESET}: edit_notice: {_INSTEAD['edit_notice']}")
    prefix = given.description_prefix
    if prefix == usual["description_prefix"].default:
        return given.interrupt_on
    return {name: {"description": prefix, **own} for name, own in given.interrupt_on.items()}
