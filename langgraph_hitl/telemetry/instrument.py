"""`instrument`: an inbox that tells OpenTelemetry how long people take."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from langgraph_hitl.errors import InboxError, MissingExtra
from langgraph_hitl.inbox._run.observed import Ended, begin, observe
from langgraph_hitl.inbox._run.steps import perform
from langgraph_hitl.inbox._run.work import never
from langgraph_hitl.telemetry.episode import episode_of
from langgraph_hitl.telemetry.guard import PATIENCE, Guard

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Tracer, TracerProvider

    from langgraph_hitl.inbox import Inbox
    from langgraph_hitl.inbox._office import Office
    from langgraph_hitl.telemetry.instruments import Instruments

_log = logging.getLogger(__name__)

_NAME = "langgraph_hitl"


class Instrumentation:
    """What `instrument` gives. `stop` ends it; the metrics of a provider go on until it ends."""

    def __init__(
        self, office: Office, tracer: Tracer, instruments: Instruments, guard: Guard
    ) -> None:
        self._office = office
        self._tracer = tracer
        self._instruments = instruments
        self._guard = guard

    def __call__(self, ended: Sequence[Ended], /) -> None:
        """Make the spans of reviews that are over, and count them."""
        self._guard(partial(self._tell, ended))

    def trace(self) -> dict[str, str] | None:
        """The trace that goes on here."""
        from langgraph_hitl.telemetry.span import current_trace

        try:
            return current_trace()
        except Exception:
            _log.exception("the trace of a review could not be read")
            return None

    def deliver(self) -> int:
        """Tell what is over by now, as `work()` does; how many reviews."""
        return perform(observe(self._office, never))

    def stop(self) -> None:
        """Tell nothing any more."""
        if self._office.observer is self:
            self._office.observer = None

    def _tell(self, ended: Sequence[Ended]) -> None:
        from langgraph_hitl.telemetry.span import make_span

        for one in ended:
            episode = episode_of(one)
            if episode is None:
                continue
            self._instruments.count(episode)
            if not episode.automatic:
                make_span(self._tracer, episode)


def instrument(
    inbox: Inbox,
    *,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
    patience: float = PATIENCE,
) -> Instrumentation:
    """Give every review of an inbox a span, and measure what waits.

    The span lasts from the question to the last decision, though they were in different processes;
    it is a child of the span in which the graph asked, where there was one. `work()` makes it, like
    `deliver()`, when the graph has gone on: once, in one of the processes that are instrumented.

    Metrics: the gauges `langgraph_hitl.reviews.pending` (by `queue`), `.oldest` (seconds) and
    `.overdue`, the same from every process; the counter `.decided` (by `action`, `queue` and
    `outcome`) and the histogram `.wait` (seconds), each review in one process.

    Args:
        inbox: Of this process; instrument it in the processes that run graphs, and those that work.
        tracer_provider: The global one without it.
        meter_provider: The global one without it.
        patience: Seconds that `work()` waits for a provider that hangs. What raises is logged.

    Raises:
        InboxError: It is instrumented already.
        MissingExtra: Install `langgraph-hitl[otel]`.

    >>> from langgraph_hitl.inbox import Inbox
    >>> telemetry = instrument(Inbox.open("sqlite:///:memory:"))
    >>> telemetry.deliver()
    0
    """
    try:
        from opentelemetry import metrics, trace

        from langgraph_hitl.telemetry.instruments import Instruments
    except ModuleNotFoundError as error:
        raise MissingExtra("Telemetry", extra="otel") from error
    office = inbox._office
    if office.observer is not None:
        raise InboxError("This inbox is instrumented already; call stop() on what that gave first")
    made = Instrumentation(
        office,
        trace.get_tracer(_NAME, tracer_provider=tracer_provider),
        Instruments(inbox, metrics.get_meter(_NAME, meter_provider=meter_provider)),
        Guard(patience),
    )
    begin(office)
    office.observer = made
    return made
