"""`Terms`: who is asked by a rule, and by when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Literal, get_args

from langgraph_hitl._text.duration import duration_of, duration_text
from langgraph_hitl.deadlines.limit import Limit, OnDefer, OnTimeout
from langgraph_hitl.deadlines.stage import reminders_of
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Panel, panel_of
from langgraph_hitl.policies.words import checked_word
from langgraph_hitl.triggers.number import quoted

Priority = Literal["critical", "high", "normal", "low"]
ON_DEFER: tuple[OnDefer, ...] = get_args(OnDefer)
ON_TIMEOUT: tuple[OnTimeout, ...] = get_args(OnTimeout)
PRIORITIES: tuple[Priority, ...] = get_args(Priority)


class Terms:
    """Who is asked, by when, and where the review waits. What is None is left to the gate.

    Args:
        reviewers: A role, a `Reviewer`, several of these, or a panel.
        timeout: A duration, as a text (`24h`, `1d 12h`) or a `timedelta`.
        on_timeout: What becomes of a review that nobody answered: `reject` (the default with a
            timeout) or `escalate`.
        priority: `critical`, `high`, `normal` or `low`.
        queue: The name of a queue.
        remind: How long before the end people are reminded: a duration, or several.
        on_defer: What the time does while the review is deferred: `run_on` or `pause`.

    Raises:
        GateError: An argument is wrong, or has no effect.

    >>> Terms(reviewers="finance", timeout="24h").to_json()
    {'reviewers': 'any of finance', 'timeout': '1d', 'on_timeout': 'reject'}
    """

    reviewers: Panel | None
    timeout: timedelta | None
    on_timeout: OnTimeout | None
    priority: Priority | None
    queue: str | None
    remind: tuple[timedelta, ...] | None
    on_defer: OnDefer | None

    def __init__(
        self,
        *,
        reviewers: Any = None,
        timeout: str | timedelta | None = None,
        on_timeout: OnTimeout | None = None,
        priority: Priority | None = None,
        queue: str | None = None,
        remind: str | timedelta | Iterable[str | timedelta] | None = None,
        on_defer: OnDefer | None = None,
    ) -> None:
        self.reviewers = None if reviewers is None else panel_of(reviewers)
        self.timeout = None if timeout is None else duration_of(timeout, "timeout")
        if on_timeout is not None and timeout is None:
            raise GateError("on_timeout has no effect without a timeout")
        if timeout is not None and on_timeout is None:
            on_timeout = "reject"
        self.on_timeout = on_timeout
        _check_one_of(on_timeout, ON_TIMEOUT, "on_timeout")
        self.priority = priority
        _check_one_of(priority, PRIORITIES, "priority")
        self.queue = None if queue is None else checked_word(queue, "queue")
        self.on_defer = on_defer
        _check_one_of(on_defer, ON_DEFER, "on_defer")
        self.remind = None if remind is None else reminders_of(remind, "remind")
        if self.remind == ():
            raise GateError("remind names no duration")
        if self.reviewers is not None and self.timeout is not None:
            self._limit(self.timeout).check(self.reviewers)

    def to_json(self) -> dict[str, Any]:
        """What was said, in plain JSON; the panel by its rule in words."""
        found = {
            "reviewers": None if self.reviewers is None else self.reviewers.rule,
            "timeout": None if self.timeout is None else duration_text(self.timeout),
            "on_timeout": self.on_timeout,
            "priority": self.priority,
            "queue": self.queue,
            "remind": self.remind and [*map(duration_text, self.remind)],
            "on_defer": self.on_defer,
        }
        return {name: value for name, value in found.items() if value is not None}

    def _limit(self, timeout: timedelta) -> Limit:
        return Limit(timeout, on_timeout=self.on_timeout or "reject", remind=self.remind or ())

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if isinstance(other, Terms) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.timeout, self.on_timeout, self.priority, self.queue))

    def __repr__(self) -> str:
        return f"Terms({', '.join(f'{name}={value!r}' for name, value in self.to_json().items())})"


def _check_one_of(given: Any, known: tuple[str, ...], what: str) -> None:
    if given is not None and given not in known:
        raise GateError(f"{what} must be one of {', '.join(known)}, not {quoted(given)}")
