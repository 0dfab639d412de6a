"""The span of a review: as long as people took, with its own begin and end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from langgraph_hitl.telemetry.episode import Episode

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

NAME = "human review"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PROPAGATOR = TraceContextTextMapPropagator()


def current_trace() -> dict[str, str] | None:
    """The W3C trace context of the span that is open here, if one is."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier or None


def make_span(tracer: Tracer, episode: Episode) -> None:
    """Begin and end the span of an episode, a child of the span in which it was asked.

    Its status is left unset: to ask somebody is no error, and neither is a refusal.
    """
    parent = _PROPAGATOR.extract(episode.trace) if episode.trace else None
    span = tracer.start_span(
        NAME,
        context=parent,
        kind=SpanKind.INTERNAL,
        attributes={
            "hitl.review_id": episode.review_id,
            "hitl.graph": episode.graph,
            "hitl.kind": episode.kind,
            "hitl.action": episode.action,
            "hitl.queue": episode.queue,
            "hitl.outcome": episode.outcome,
            "hitl.rounds": episode.rounds,
            "hitl.wait_seconds": episode.waited.total_seconds(),
            **({} if episode.risk is None else {"hitl.risk": episode.risk}),
        },
        start_time=nanoseconds(episode.asked),
    )
    for name, at, actor in episode.events:
        span.add_event(name, {"hitl.actor": actor}, timestamp=nanoseconds(at))
    span.end(end_time=nanoseconds(episode.decided))


def nanoseconds(moment: datetime) -> int:
    """Since 1970, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1_000
