"""`require_approval`: a function or a tool that runs only after a person has agreed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

from langchain_core.tools import BaseTool
from typing_extensions import Unpack

from langgraph_hitl.errors import GateError
from langgraph_hitl.tools._function import reviewed_function
from langgraph_hitl.tools._tool import reviewed_tool
from langgraph_hitl.tools.options import ToolOptions
from langgraph_hitl.triggers.trigger import Trigger

Target = TypeVar("Target", bound=Callable[..., Any] | BaseTool)


@overload
def require_approval(target: Target, /) -> Target: ...


@overload
def require_approval(
    target: Target,
    /,
    *,
    approvers: Any = None,
    when: Trigger | Callable[[Any], Any] | None = None,
    majority: bool = False,
    name: str | None = None,
    **options: Unpack[ToolOptions],
) -> Target: ...


@overload
def require_approval(
    *,
    approvers: Any = None,
    when: Trigger | Callable[[Any], Any] | None = None,
    majority: bool = False,
    name: str | None = None,
    **options: Unpack[ToolOptions],
) -> Callable[[Target], Target]: ...


def require_approval(
    target: Any = None,
    /,
    *,
    approvers: Any = None,
    when: Trigger | Callable[[Any], Any] | None = None,
    majority: bool = False,
    name: str | None = None,
    **options: Unpack[ToolOptions],
) -> Any:
    """A function or LangChain tool that asks a person before it runs; also a decorator.

    What runs is what was shown: the approval is for these very arguments, which have to be JSON. It
    works wherever LangGraph runs the call: in `ToolNode`, in `create_agent`, in a node of one's
    own. The call runs once, however often its node runs again. A tool that is refused gives the
    model a message that says so; a function raises `NotApproved`.

    Args:
        target: A function, synchronous or not, or a tool. Of `@tool` and this decorator, this one
            stands on top.
        approvers: Who decides, as `reviewers=` of `human_approval`.
        when: A trigger or a function of the arguments; where it says no, the call runs.
        majority: More than half of the `approvers`, a list of `Reviewer`s, have to agree.
        name: What the action is called; the name of the function or tool without it.

    The other options, `inbox=` and `timeout=` among them, are those of `human_approval`.

    Raises:
        GateError: An option is unknown, contradicts another or could have no effect.

    >>> from langgraph_hitl import require_approval
    >>> from langgraph_hitl.triggers import over
    >>> @require_approval(when=over("amount", 1000))
    ... def pay(amount: int) -> str:
    ...     return f"paid {amount}"
    >>> pay(amount=2000)
    Traceback (most recent call last):
    langgraph_hitl.errors.NoCheckpointer: 'pay' needs an approval, ... It was not run.
    """
    given: dict[str, Any] = {**options, "reviewers": _reviewers(approvers, majority, options)}

    def reviewed(thing: Any) -> Any:
        if isinstance(thing, BaseTool):
            return reviewed_tool(thing, name=name, when=when, options=given)
        if not callable(thing) or isinstance(thing, type):
            raise GateError(f"require_approval takes a function or a tool, not {thing!r:.80}")
        return reviewed_function(thing, name=name, when=when, options=given)

    return reviewed if target is None else reviewed(target)


def _reviewers(approvers: Any, majority: bool, options: ToolOptions) -> Any:
    if options.get("reviewers") is not None:
        raise GateError("require_approval: say who decides as approvers=, not reviewers=")
    if not majority:
        return approvers
    from langgraph_hitl.panels import majority as majority_of
    from langgraph_hitl.review.reviewer import Reviewer

    named = approvers if isinstance(approvers, list | tuple) else [approvers]
    if not all(isinstance(one, Reviewer) for one in named):
        raise GateError(
            "require_approval: majority=True takes the people by name, approvers=[Reviewer('ann'), "
            "...]; of a role it is approvers=majority(of=..., size=...) of langgraph_hitl.panels"
        )
    return majority_of(of=named)
