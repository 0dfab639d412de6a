"""`ToolReview`: what was said about one tool, in our words or in those of LangChain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from langgraph_hitl._reads import refuse_coroutine
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.decision import DecisionType
from langgraph_hitl.review.finding import failed
from langgraph_hitl.tools._gate import call_gate, check_arguments
from langgraph_hitl.tools._reviewed import extra_at_hand
from langgraph_hitl.tools.options import ToolOptions
from langgraph_hitl.triggers.trigger import Trigger

PRESET = "review_tools"
DECISIONS: tuple[DecisionType, ...] = ("approve", "edit", "reject", "respond")
_LANGCHAIN = ("allowed_decisions", "description", "when", "args_schema")


@dataclass(frozen=True, kw_only=True)
class ToolReview:
    """When people are asked about a tool, what they are told, and on which terms they decide."""

    tool: str
    when: Any
    description: str | Callable[..., str] | None
    args_schema: Any
    options: Mapping[str, Any]

    def spec(self, args_schema: Any) -> GateSpec:
        """The gate of the tool, whose arguments the model knows as `args_schema`."""
        check_arguments(self.tool, self.when, args_schema)
        options = dict(self.options)
        if self.description is not None:
            options["criteria"] = self._described
        return call_gate(
            self.tool,
            PRESET,
            options=options,
            default_decisions=DECISIONS,
            when=self.when,
            args_schema=args_schema,
            more=self.args_schema,
        )

    def _described(self, _state: Any) -> str:
        """What the description says of the call at hand; where it cannot be told, why."""
        if isinstance(self.description, str):
            return self.description
        assert self.description is not None
        request = extra_at_hand()
        try:
            return self.description(request.tool_call, request.state, request.runtime)
        except Exception as error:
            return failed(error, what="The function of the description").sentence


def reviews_of(given: Any, options: Mapping[str, Any]) -> dict[str, ToolReview]:
    """What is said about each tool; those that run without a person are left out."""
    if not isinstance(given, Mapping) or not given:
        raise GateError(
            f"{PRESET} takes the tools that need a person, as {{'pay': True}}, not {given!r:.80}"
        )
    found = {name: _review_of(name, value, options) for name, value in given.items()}
    return {name: review for name, review in found.items() if review is not None}


def _review_of(name: Any, given: Any, options: Mapping[str, Any]) -> ToolReview | None:
    if not isinstance(name, str) or not name.strip():
        raise GateError(f"{PRESET}: {name!r} is no name of a tool")
    own: dict[str, Any] = {}
    when: Any = None
    if isinstance(given, Mapping):
        own = _own_options(name, given)
        when = own.pop("when", None)
        is_langchains = own.keys() <= {*_LANGCHAIN}
        if is_langchains and callable(when) and not isinstance(when, Trigger):
            when = _of_request(when)
    elif isinstance(given, bool):
        if not given:
            return None
    elif callable(given):
        when = given
    else:
        raise GateError(
            f"{PRESET}: {name!r} takes True, False, a trigger, a function of the arguments, or a "
            f"mapping of options, not {given!r:.80}"
        )
    description, args_schema = own.pop("description", None), own.pop("args_schema", None)
    if description is not None and not (callable(description) or _is_text(description)):
        raise GateError(f"{PRESET}: {name!r}: description is a text or a function")
    if description is not None and "criteria" in {**options, **own}:
        raise GateError(f"{PRESET}: {name!r}: say what to look at as description or as criteria")
    return ToolReview(
        tool=name,
        when=when,
        description=description,
        args_schema=args_schema,
        options={**options, **own},
    )


def _own_options(name: str, given: Mapping[Any, Any]) -> dict[str, Any]:
    known = [*dict.fromkeys((*_LANGCHAIN, *ToolOptions.__annotations__))]
    for option in given:
        if option not in known:
            raise GateError(
                f"{PRESET}: {name!r} has the unknown option {option!r}{suggestion(option, known)}"
            )
    return dict(given)


def _of_request(when: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """LangChain's predicate, which is called with the request of the call."""

    def needed(_args: Any) -> Any:
        return when(extra_at_hand())

    refuse_coroutine(when, "when")
    return needed


def _is_text(given: Any) -> bool:
    return isinstance(given, str) and bool(given.strip())
