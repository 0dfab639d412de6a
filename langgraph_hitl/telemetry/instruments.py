"""The metrics: what waits now, read from the ledger, and what was decided, as it is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from opentelemetry.metrics import CallbackOptions, Observation

from langgraph_hitl._subgraph.filing_options import DEFAULT_QUEUE
from langgraph_hitl.telemetry.episode import Episode

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

    from langgraph_hitl.inbox import Inbox
    from langgraph_hitl.inbox._ledger.metrics import Metrics

_log = logging.getLogger(__name__)


class Instruments:
    """The instruments of one inbox."""

    def __init__(self, inbox: Inbox, meter: Meter) -> None:
        self._inbox = inbox
        self._queues = {DEFAULT_QUEUE}
        for name, unit, text, read in (
            ("pending", "{review}", "Reviews that wait, by queue", self._pending),
            ("oldest", "s", "How long the oldest of them has waited", _oldest),
            ("overdue", "{review}", "Reviews beyond their deadline", _overdue),
        ):
            meter.create_observable_gauge(
                f"langgraph_hitl.reviews.{name}",
                callbacks=[self._reading(read)],
                unit=unit,
                description=text,
            )
        self._decided = meter.create_counter(
            "langgraph_hitl.reviews.decided", "{review}", "Reviews that are over, by outcome"
        )
        self._wait = meter.create_histogram(
            "langgraph_hitl.reviews.wait", "s", "How long people were asked, in all rounds"
        )

    def count(self, episode: Episode) -> None:
        """Count a review that is over, and how long it took if anybody was asked."""
        about = {"action": episode.action, "queue": episode.queue, "outcome": episode.outcome}
        self._decided.add(1, about)
        if not episode.automatic:
            self._wait.record(episode.waited.total_seconds(), about)

    def _pending(self, metrics: Metrics) -> Iterable[Observation]:
        """Of every queue that was seen: one that is empty is told, or it would seem to be full."""
        self._queues = seen = self._queues | {*metrics.queues}
        return [
            Observation(metrics.queues.get(queue, 0), {"queue": queue}) for queue in sorted(seen)
        ]

    def _reading(
        self, read: Callable[[Metrics], Iterable[Observation]]
    ) -> Callable[[CallbackOptions], Iterable[Observation]]:
        """An inbox that cannot be read tells nothing."""

        def callback(_options: CallbackOptions) -> Iterable[Observation]:
            try:
                return read(self._inbox.metrics(last=1))
            except Exception:
                _log.exception("the inbox could not be measured")
                return []

        return callback


def _oldest(metrics: Metrics) -> Iterable[Observation]:
    longest = metrics.waiting.max
    return [Observation(0.0 if longest is None else longest.total_seconds())]


def _overdue(metrics: Metrics) -> Iterable[Observation]:
    return [Observation(metrics.overdue)]
