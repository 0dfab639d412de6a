"""Desks whose clock stands still, and providers that keep what they are given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from langgraph_hitl.inbox import Inbox
from langgraph_hitl.testing import FixedClock
from tests.inbox.conftest import ledger_uri as ledger_uri
from tests.inbox.conftest import postgres_url as postgres_url


class Collector:
    """A tracer provider and a meter provider in memory."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider([self.reader])

    @property
    def spans(self) -> list[ReadableSpan]:
        """The spans of reviews."""
        spans = self.exporter.get_finished_spans()
        return [span for span in spans if span.name == "human review"]

    def points(self, name: str) -> list[tuple[dict[str, Any], Any]]:
        """The points of a metric: attributes and value."""
        data = self.reader.get_metrics_data()
        return [
            (dict(point.attributes or {}), getattr(point, "value", getattr(point, "sum", None)))
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == f"langgraph_hitl.reviews.{name}"
            for point in metric.data.data_points
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.meters.shutdown()
    made.tracers.shutdown()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(params=["file", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where several inboxes, as of several processes, meet."""
    if request.param == "file":
        return f"sqlite:///{tmp_path / 'reviews.db'}"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def saver(tmp_path: Path) -> Iterator[SqliteSaver]:
    with SqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as opened:
        yield opened


@pytest.fixture
def inbox(url: str, clock: FixedClock) -> Iterator[Inbox]:
    with Inbox.open(url, clock=clock, overrides="boss") as opened:
        yield opened
