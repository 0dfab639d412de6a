"""The options that say who decides, where the question is filed, and which hooks hear of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypedDict, get_args

from langgraph_hitl._subgraph.desk import Desk
from langgraph_hitl._subgraph.spec import Hooks, Mode, Priority
from langgraph_hitl.errors import GateError

if TYPE_CHECKING:
    from langgraph_hitl._subgraph.terms import Possible
    from langgraph_hitl.deadlines import Limit
    from langgraph_hitl.panels import Panel
    from langgraph_hitl.policies import Escalation, Policy
    from langgraph_hitl.precedents import Similar

Reviewers: TypeAlias = Any
"""A role, a `Reviewer`, several of these, or a panel."""

DEFAULT_QUEUE = "default"
_DESK_METHODS = ("clerk",)


class FilingFields(TypedDict):
    """The fields of a `GateSpec` that are about people and the inbox."""

    desk: Desk | None
    panel: Panel | None
    chair: Panel | None
    limit: Limit | None
    policy: Policy | None
    escalations: Mapping[str, Escalation]
    similar: Similar | None
    queue: str
    hooks: Hooks
    mode: Mode


class Votes(NamedTuple):
    """What the terms of a gate let people say beside deciding.

    `climbs`: there may be somebody above those who decide. `escalations` names whom else it can be
    passed to. `claims_roles`: the answers are taken from the graph itself, and roles matter.
    """

    several: bool
    climbs: bool
    in_inbox: bool
    escalations: tuple[str, ...] = ()
    claims_roles: bool = False

    @property
    def passes_on(self) -> bool:
        """Whether it can be passed to others."""
        return self.climbs or bool(self.escalations)

    @classmethod
    def of(cls, filed: FilingFields) -> Votes:
        in_inbox = filed["desk"] is not None
        names = tuple(filed["escalations"])
        chair = filed["chair"]
        if filed["panel"] is None and filed["policy"] is None and not names:
            return cls(several=False, climbs=False, in_inbox=in_inbox)
        from langgraph_hitl._subgraph.terms import terms_in
        from langgraph_hitl.panels.chain import Chain

        every = terms_in(
            filed["panel"], filed["limit"], filed["policy"], filed["escalations"], chair
        )
        asked = [terms.panel for terms in every if terms.panel is not None]
        panels = [one for panel in asked for one in panel.alternatives]
        return cls(
            several=not all(panel.single for panel in panels),
            climbs=any(isinstance(panel, Chain) for panel in panels),
            in_inbox=in_inbox,
            escalations=names,
            claims_roles=not in_inbox and any(panel.names_roles for panel in asked),
        )


def filing_fields(
    *,
    inbox: Any,
    reviewers: Any,
    chair: Any = None,
    timeout: Any,
    on_timeout: Any,
    remind: Any,
    on_defer: Any,
    policy: Any,
    escalations: Any,
    requester: Any,
    similar: Any,
    queue: str | None,
    priority: Any,
    mode: Mode,
    on_asked: Callable[..., Any] | None,
    on_decided: Callable[..., Any] | None,
    on_recall: Callable[..., Any] | None,
) -> FilingFields:
    """Check the options and give the fields."""
    if inbox is not None and not all(hasattr(inbox, name) for name in _DESK_METHODS):
        raise GateError(f"inbox must be an Inbox (Inbox.open(url)), not {inbox!r}")
    if mode != "blocking" and inbox is None:
        raise GateError("a review that does not block needs an inbox, where it waits")
    if inbox is None:
        _check_needs_inbox(
            timeout=timeout,
            on_timeout=on_timeout,
            remind=remind,
            on_defer=on_defer,
            escalations=escalations,
            requester=requester,
            similar=similar,
            queue=queue,
            priority=priority,
            on_recall=on_recall,
        )
    for name, hook in (
        ("on_asked", on_asked),
        ("on_decided", on_decided),
        ("on_recall", on_recall),
    ):
        _check_hook(name, hook)
    if queue is not None and (not isinstance(queue, str) or not queue.strip()):
        raise GateError(f"queue must be a text that is not blank, not {queue!r}")
    panel, checked = _panel(reviewers), _policy(policy)
    final = None if chair is None else _chair(chair)
    limit = _limit(timeout, on_timeout, remind, on_defer)
    passed_on = _escalations(escalations)
    _check_terms(panel, limit, checked, passed_on, final, has_inbox=inbox is not None)
    return {
        "desk": inbox,
        "panel": panel,
        "chair": final,
        "limit": limit,
        "policy": checked,
        "escalations": passed_on,
        "similar": _similar(similar),
        "queue": DEFAULT_QUEUE if queue is None else queue,
        "hooks": Hooks(on_asked, on_decided, on_recall),
        "mode": mode,
    }


def checked_priority(priority: Any) -> Priority:
    """A priority that does not depend on the case."""
    if priority is None:
        return "normal"
    if priority not in get_args(Priority):
        raise GateError(
            f"priority must be one of {', '.join(get_args(Priority))}, or a function of the "
            f"state that gives one, not {priority!r}"
        )
    found: Priority = priority
    return found


def _panel(reviewers: Any) -> Panel | None:
    if reviewers is None:
        return None
    from langgraph_hitl.panels import panel_of

    return panel_of(reviewers)


def _chair(given: Any) -> Panel:
    from langgraph_hitl.panels import panel_of

    return panel_of(given, "chair")


def _policy(given: Any) -> Policy | None:
    if given is None:
        return None
    from langgraph_hitl.policies import Policy

    if not isinstance(given, Policy):
        raise GateError(
            f"policy must be a Policy (langgraph_hitl.policies, load_policy(path)), not {given!r}"
        )
    return given


def _escalations(given: Any) -> Mapping[str, Escalation]:
    if given is None:
        return {}
    from langgraph_hitl.policies.escalation import checked_escalations

    return checked_escalations(given)


def _similar(given: Any) -> Similar | None:
    if given is not None and not callable(getattr(given, "nearest", None)):
        raise GateError(
            "similar must have a method nearest, as by_keys('amount') of "
            f"langgraph_hitl.precedents has, not {given!r}"
        )
    found: Similar | None = given
    return found


def _limit(timeout: Any, on_timeout: Any, remind: Any, on_defer: Any) -> Limit | None:
    if (timeout, on_timeout, remind, on_defer) == (None, None, None, None):
        return None
    from langgraph_hitl.deadlines import Limit

    if on_timeout is not None and timeout is None:
        raise GateError(f"on_timeout={on_timeout!r:.40} has no effect without a timeout")
    return Limit(
        timeout,
        on_timeout=on_timeout or "reject",
        remind=() if remind is None else remind,
        on_defer=on_defer or "run_on",
    )


def _check_terms(
    panel: Panel | None,
    limit: Limit | None,
    policy: Policy | None,
    escalations: Mapping[str, Escalation],
    chair: Panel | None,
    *,
    has_inbox: bool,
) -> None:
    """Raises `GateError` for terms that could have no effect, of the gate or of a rule."""
    from langgraph_hitl._subgraph.terms import terms_in

    every = [*terms_in(panel, limit, policy, escalations, chair)]
    for terms in every:
        try:
            _check(terms, has_inbox=has_inbox)
        except GateError as error:
            raise GateError(terms.blamed(str(error))) from None
    _check_pauses(every)


def _check(terms: Possible, *, has_inbox: bool) -> None:
    from langgraph_hitl.panels import anyone

    panel, limit, _ = terms
    if panel is not None and panel.names_authority and not has_inbox:
        raise GateError(
            "a panel that goes by level or skill needs an inbox: an answer to the graph itself "
            "could claim any"
        )
    if limit is not None and not has_inbox:
        raise GateError("a timeout in the policy has no effect without inbox=")
    if limit is not None:
        limit.check(panel or anyone())


def _check_pauses(every: Iterable[Possible]) -> None:
    """Raises `GateError` where a time is to stand still, and nobody has any."""
    from langgraph_hitl.panels import anyone

    pausing = [(one.limit, one.panel or anyone()) for one in every if one.limit is not None]
    pausing = [(limit, panel) for limit, panel in pausing if limit.on_defer == "pause"]
    if pausing and not any(limit.has_time(panel) for limit, panel in pausing):
        raise GateError(
            "on_defer='pause' has no effect without a timeout, or a time of some level: "
            "timeout=, or chain(..., within=...)"
        )


def expires(panel: Panel | None, limit: Limit | None) -> bool:
    """Whether a review on these terms could be over without an answer."""
    from langgraph_hitl.deadlines import Limit
    from langgraph_hitl.panels import anyone

    found = limit or Limit()
    return any(found.expires(one) for one in (panel or anyone()).alternatives)


def _check_needs_inbox(**options: Any) -> None:
    for name, given in options.items():
        if given is not None:
            raise GateError(f"{name} has no effect without inbox=")


def _check_hook(name: str, hook: Any) -> None:
    if hook is None:
        return
    if not callable(hook):
        raise GateError(f"{name} must be a function, not {hook!r}")
    if iscoroutinefunction(hook):
        raise GateError(f"{name} must be a synchronous function: it is called inside a node")
