"""`Escalation`: to whom a review can be passed on, where it waits for them, and how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from inspect import iscoroutinefunction
from typing import Any, Protocol

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Panel
from langgraph_hitl.policies.terms import Priority, Terms
from langgraph_hitl.policies.words import checked_word
from langgraph_hitl.review.request import ReviewRequest
from langgraph_hitl.triggers.number import quoted


class EscalationHandler(Protocol):
    """What `Escalation(handler=...)` takes: a plain function of the request and the reason."""

    def __call__(self, request: ReviewRequest, reason: str | None, /) -> object:
        """Act on an escalation: page somebody, open a ticket.

        Called once for each escalation, after it is durable, in a process that has the graph: the
        one that escalates, else a worker. The review may have gone on by then. One that raises is
        logged, stands in the audit as `hook_failed`, and is not called again; one whose process is
        killed before it is noted is.
        """
        ...


@dataclass(frozen=True, init=False)
class Escalation:
    """One type of escalation of a gate. What is left out stays as it is.

    Args:
        reviewers: Who alone decides from then on, whatever the value: a role, a `Reviewer`, several
            of these, or a panel.
        queue: The queue in which it waits for them.
        timeout: How long they have, as `24h` or `1d 12h`. A deadline that comes before stays.
        priority: `critical`, `high`, `normal` or `low`.
        handler: Called once for each escalation; see `EscalationHandler`.

    Raises `GateError` where nothing is given, for an asynchronous handler, and as `Terms`.

    >>> legal = Escalation(reviewers="lawyer", queue="legal", timeout="4h")
    >>> legal.reviewers.rule, legal.queue
    ('any of lawyer', 'legal')
    """

    reviewers: Panel | None
    queue: str | None
    timeout: timedelta | None
    priority: Priority | None
    handler: EscalationHandler | None

    def __init__(
        self,
        *,
        reviewers: Any = None,
        queue: str | None = None,
        timeout: timedelta | str | None = None,
        priority: Priority | None = None,
        handler: EscalationHandler | None = None,
    ) -> None:
        if all(each is None for each in (reviewers, queue, timeout, priority, handler)):
            raise GateError(
                "an Escalation needs reviewers, a queue, a timeout, a priority or a handler"
            )
        terms = Terms(reviewers=reviewers, queue=queue, timeout=timeout, priority=priority)
        object.__setattr__(self, "reviewers", terms.reviewers)
        object.__setattr__(self, "queue", terms.queue)
        object.__setattr__(self, "timeout", terms.timeout)
        object.__setattr__(self, "priority", terms.priority)
        object.__setattr__(self, "handler", _checked_handler(handler))


def checked_escalations(given: Any) -> dict[str, Escalation]:
    """The types of escalation of a gate, by name. Raises `GateError`."""
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not given:
        raise GateError(
            "escalations maps names to Escalation(...), such as "
            f"{{'legal': Escalation(reviewers='lawyer')}}, not {quoted(given)}"
        )
    found: dict[str, Escalation] = {}
    for name, escalation in given.items():
        word = checked_word(name, "the name of an escalation")
        if not isinstance(escalation, Escalation):
            raise GateError(
                f"escalations: {word!r} must be an Escalation of langgraph_hitl.policies, not "
                f"{quoted(escalation)}"
            )
        if word in found:
            raise GateError(f"escalations: {word!r} comes twice")
        found[word] = escalation
    return found


def _checked_handler(handler: Any) -> EscalationHandler | None:
    if handler is None:
        return None
    if not callable(handler):
        raise GateError(f"handler must be a function of a request and a reason, not {handler!r}")
    method = getattr(handler, "__call__", None)  # noqa: B004  # looking at the method
    if iscoroutinefunction(handler) or iscoroutinefunction(method):
        raise GateError(f"handler must be a synchronous function, not {handler!r}")
    found: EscalationHandler = handler
    return found
