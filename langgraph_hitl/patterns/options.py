"""`ReviewOptions`: what presets about a subject have in common, for their signatures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from inspect import signature
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from langgraph_hitl._subgraph.clock import Clock
from langgraph_hitl._subgraph.desk import Desk
from langgraph_hitl._subgraph.filing_options import Reviewers
from langgraph_hitl._subgraph.spec import OnExhausted, Priority
from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.decision import Decision
from langgraph_hitl.review.request import ReviewRequest

if TYPE_CHECKING:
    from langgraph_hitl.deadlines import OnDefer, OnTimeout
    from langgraph_hitl.policies import Escalation
    from langgraph_hitl.precedents import Similar


class WaitingOptions(TypedDict, total=False):
    """The keyword options of `human_approval` that say where it waits, and how long."""

    inbox: Desk | None
    timeout: timedelta | str | None
    on_timeout: OnTimeout | None
    remind: timedelta | str | Sequence[timedelta | str] | None
    on_defer: OnDefer | None
    escalations: Mapping[str, Escalation] | None
    requester: str | Callable[[Any], Any] | None
    similar: Similar | None
    queue: str | None
    priority: Priority | Callable[[Any], Any] | None
    on_asked: Callable[[ReviewRequest], Any] | None
    on_decided: Callable[[ReviewRequest, Decision], Any] | None
    on_recall: Callable[..., Any] | None


class FilingOptions(WaitingOptions, total=False):
    """The keyword options of `human_approval` that say who decides, and where it waits."""

    reviewers: Reviewers | None


class SubjectOptions(TypedDict, total=False):
    """The keyword options of `human_approval` that are about what is decided, but `when`."""

    action: str | None
    allowed_decisions: Sequence[str] | None
    context: str | Sequence[str] | Callable[[Any], Mapping[str, Any]] | None
    required_context: Sequence[str]
    criteria: str | Sequence[str] | Callable[[Any], Any] | None
    edit_schema: Any
    revise: Any
    prompt: Callable[[Any], Any] | None
    max_revisions: int
    on_exhausted: OnExhausted
    resubmit_edits: bool
    reads: Sequence[str]
    state_schema: type[Any] | None
    write_back: bool
    clock: Clock


class ReviewOptions(FilingOptions, SubjectOptions, total=False):
    """The keyword options of `human_approval` (described there) but `when`."""


class NoOptions(TypedDict):
    """The keyword options of a preset that has all of them in its signature."""


def known(
    preset: Callable[..., Any] | str,
    options: Any,
    kind: type[Any] = ReviewOptions,
    *,
    meant: Mapping[str, str] | None = None,
) -> Any:
    """The options of a preset's caller, if they are options.

    `meant` has the names that options have elsewhere. Raises `GateError` for any other.
    """
    for option in options:
        if option in kind.__annotations__:
            continue
        names = [*_own(preset), *kind.__annotations__]
        other = _meant(option, names, meant or {})
        cure = suggestion(option, names) if other is None else f"; did you mean {other!r}?"
        name = preset if isinstance(preset, str) else preset.__name__
        raise GateError(f"{name}: unknown option {option!r}{cure}")
    return options


def _meant(option: str, names: Sequence[str], meant: Mapping[str, str]) -> str | None:
    """The name that an option has here, where it has another elsewhere."""
    common = "reviewers" if option == "approvers" else option
    return meant.get(common, common if common != option and common in names else None)


def _own(preset: Callable[..., Any] | str) -> list[str]:
    """The options in the signature of a preset itself."""
    if isinstance(preset, str):
        return []
    given = signature(preset).parameters.values()
    return [option.name for option in given if option.kind is option.KEYWORD_ONLY]
