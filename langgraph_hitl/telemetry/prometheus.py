"""`prometheus_text`: what waits and what was decided, in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from langgraph_hitl._subgraph.filing_options import DEFAULT_QUEUE

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.metrics import Metrics

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def prometheus_text(metrics: Metrics, outcomes: Mapping[str, int]) -> str:
    r"""The text of `inbox.metrics()`, and of all outcomes so far (`inbox.report().outcomes`).

    >>> from langgraph_hitl.inbox import Inbox
    >>> inbox = Inbox.open("sqlite:///:memory:")
    >>> prometheus_text(inbox.metrics(), inbox.report().outcomes).splitlines()[:2]
    ['# HELP langgraph_hitl_reviews Reviews by status.', '# TYPE langgraph_hitl_reviews gauge']
    """
    return "".join(f"{line}\n" for line in _lines(metrics, outcomes))


def _lines(metrics: Metrics, outcomes: Mapping[str, int]) -> Iterator[str]:
    yield from _family("reviews", "gauge", "Reviews by status.", "status", metrics.reviews)
    queues = {DEFAULT_QUEUE: 0, **metrics.queues}
    yield from _family("pending", "gauge", "Reviews that wait, by queue.", "queue", queues)
    longest = metrics.waiting.max
    oldest = 0.0 if longest is None else longest.total_seconds()
    yield from _single("oldest_seconds", "How long the oldest has waited.", oldest)
    yield from _single("overdue", "Reviews beyond their deadline.", metrics.overdue)
    yield from _single("to_drive", "Reviews whose graph has to go on.", metrics.wakeful)
    yield from _single("failing", "Those of them whose graph failed.", metrics.failing)
    yield from _family("decided_total", "counter", "Decisions by outcome.", "outcome", outcomes)


def _family(
    name: str, kind: str, text: str, label: str, values: Mapping[Any, float]
) -> Iterator[str]:
    yield f"# HELP langgraph_hitl_{name} {text}"
    yield f"# TYPE langgraph_hitl_{name} {kind}"
    for key, value in values.items():
        yield f'langgraph_hitl_{name}{{{label}="{str(key).translate(_ESCAPES)}"}} {value}'


def _single(name: str, text: str, value: float) -> Iterator[str]:
    yield f"# HELP langgraph_hitl_{name} {text}"
    yield f"# TYPE langgraph_hitl_{name} gauge"
    yield f"langgraph_hitl_{name} {value}"
