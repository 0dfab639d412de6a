"""Reviews that may wait for ever, because they have no deadline."""

from __future__ import annotations

from functools import partial

from langgraph_hitl.inbox._doctor.examination import Examination
from langgraph_hitl.inbox._doctor.finding import Finding
from langgraph_hitl.inbox._doctor.pages import pending_pages
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.review import Review


def check_deadlines(examined: Examination) -> Steps[None]:
    """One finding per gate, with the review that has waited the longest; informational."""
    found: list[tuple[Review, int]] = yield Call(partial(_without, examined.office))
    for oldest, count in found:
        examined.add(
            Finding(
                kind="no deadline",
                sentence=f"{count} pending {'review' if count == 1 else 'reviews'} of the gate "
                f"{oldest.gate!r} without a deadline; the oldest has waited since "
                f"{oldest.created_at:%Y-%m-%d %H:%M} UTC.",
                cure="Nothing ends them but a decision: see that somebody looks at the queue "
                f"{oldest.queue!r}, and give the gate a timeout=.",
                review_id=oldest.id,
                thread=oldest.thread_id,
                graph=oldest.graph,
            )
        )


def _without(office: Office) -> list[tuple[Review, int]]:
    oldest: dict[tuple[str, str], Review] = {}
    count: dict[tuple[str, str], int] = {}
    for page in pending_pages(office):
        for review in page:
            if review.due is None:
                gate = (review.graph, review.gate)
                oldest.setdefault(gate, review)
                count[gate] = count.get(gate, 0) + 1
    return [(oldest[gate], count[gate]) for gate in sorted(oldest)]
