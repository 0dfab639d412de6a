"""`Limit`: what `timeout=`, `on_timeout=` and `remind=` say, as the timetable of a review."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from langgraph_hitl._text.duration import duration_of, duration_text
from langgraph_hitl.deadlines.stage import Stage, reminders_of
from langgraph_hitl.deadlines.timetable import Timetable
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Panel
from langgraph_hitl.panels.chain import Chain

OnTimeout = Literal["reject", "escalate"]
"""What happens when the time is over: it is over, or the next level has as much time."""

OnDefer = Literal["run_on", "pause"]
"""What the time does while a review is deferred."""


@dataclass(frozen=True, init=False)
class Limit:
    """How long people have.

    Args:
        timeout: The time of the whole review (`reject`), or of each level of a chain that has none
            of its own (`escalate`).
        on_timeout: Whether the review is over then, or passes up; over it is in any case when the
            highest level has not decided. It never approves anything.
        remind: How long before the end people are reminded, each level before its own.
        on_defer: Whether the time of a review that somebody defers runs on, or stands still.

    Raises `GateError` for what could have no effect.

    >>> from datetime import UTC
    >>> from langgraph_hitl.panels import chain
    >>> asked = datetime(2026, 1, 5, 9, tzinfo=UTC)
    >>> times = Limit("4h", on_timeout="escalate").timetable(asked, chain("member", "lead"))
    >>> [(span.stage.level, span.ends.hour) for span in times.spans]
    [('member', 13), ('lead', 17)]
    """

    timeout: timedelta | None
    on_timeout: OnTimeout
    remind: tuple[timedelta, ...]
    on_defer: OnDefer

    def __init__(
        self,
        timeout: timedelta | str | None = None,
        *,
        on_timeout: OnTimeout = "reject",
        remind: timedelta | str | Iterable[timedelta | str] = (),
        on_defer: OnDefer = "run_on",
    ) -> None:
        if on_defer not in get_args(OnDefer):
            raise GateError(f"on_defer must be run_on or pause, not {on_defer!r}")
        if on_timeout not in get_args(OnTimeout):
            raise GateError(f"on_timeout must be reject or escalate, not {on_timeout!r}")
        if timeout is None and on_timeout == "escalate":
            raise GateError("on_timeout='escalate' has no effect without a timeout")
        whole = None if timeout is None else duration_of(timeout, "timeout")
        object.__setattr__(self, "timeout", whole)
        object.__setattr__(self, "on_timeout", on_timeout)
        object.__setattr__(self, "remind", reminders_of(remind, "remind"))
        object.__setattr__(self, "on_defer", on_defer)

    def fit_for(self, panel: Panel) -> Limit:
        """The same for a panel without levels, where another one passes the review up."""
        if self.on_timeout == "reject" or isinstance(panel, Chain):
            return self
        return Limit(self.timeout, remind=self.remind, on_defer=self.on_defer)

    def overall(self, panel: Panel) -> Limit:
        """The same for those of a panel together with others: the time of all its levels."""
        limits = [limit for _, limit in self._stages(panel)]
        known = [limit for limit in limits if limit is not None]
        ends = [sum(known, timedelta(0))] if len(known) == len(limits) else []
        whole = min([*ends, *([] if self._whole is None else [self._whole])], default=None)
        remind = [one for one in self.remind if whole is not None and one < whole]
        return Limit(whole, remind=remind, on_defer=self.on_defer)

    def expires(self, panel: Panel) -> bool:
        """Whether a review of this panel could be over without an answer."""
        stages = self._stages(panel)
        return self._whole is not None or all(limit is not None for _, limit in stages)

    def has_time(self, panel: Panel) -> bool:
        """Whether there is a review of this panel whose time runs."""
        stages = (stage for one in panel.alternatives for stage in self._stages(one))
        return any(limit is not None for _, limit in stages)

    def check(self, panel: Panel) -> None:
        """Raises `GateError` where this panel could never do what is said here.

        That is to pass up without a chain, and a reminder that comes before its stage has begun, or
        for a stage without an end.
        """
        decide = panel.alternatives
        if self.on_timeout == "escalate" and not any(isinstance(one, Chain) for one in decide):
            raise GateError(
                "on_timeout='escalate' needs somebody to pass it up to: reviewers=chain(...)"
            )
        for one in decide:
            self.fit_for(one)._check(one)

    def _check(self, panel: Panel) -> None:
        if isinstance(panel, Chain) and panel.at is None:  # any level may be the first
            panel = replace(panel, at=panel.levels[0])
        stages = self._stages(panel)
        if self.remind and not any(limit is not None for _, limit in stages):
            raise GateError("remind has no effect without a timeout, or a time of some level")
        for level, limit in stages:
            ends = limit if self._whole is None else min(limit or self._whole, self._whole)
            if self.remind and ends is not None and self.remind[0] >= ends:
                whose = f"of {level!r}" if level else "of the review"
                raise GateError(
                    f"remind {duration_text(self.remind[0])} before the end comes before the time "
                    f"{whose} ({duration_text(ends)}) has begun"
                )

    def timetable(self, begins: datetime, panel: Panel) -> Timetable | None:
        """The times of a review that was asked for at a moment; None where it has all the time.

        `panel` is that of the review: a chain begins at the level that it stands at. Where `check`
        allows the panel, it allows what is left of it.
        """
        stages = self._stages(panel)
        if all(limit is None for _, limit in stages):
            return None
        return Timetable(
            begins,
            [Stage(name, limit, remind=self.remind if limit else ()) for name, limit in stages],
            within=self._whole,
        )

    @property
    def _whole(self) -> timedelta | None:
        """The time of all stages together."""
        return self.timeout if self.on_timeout == "reject" else None

    def _stages(self, panel: Panel) -> list[tuple[str | None, timedelta | None]]:
        if not isinstance(panel, Chain):
            return [(None, self.timeout)]
        left = panel.levels[panel.levels.index(panel.level) :]
        return [(level, panel.within.get(level, self.timeout)) for level in left]
