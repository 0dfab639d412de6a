"""Reviews whose graph is not registered in this process."""

from __future__ import annotations

from functools import partial

from langgraph_hitl.inbox._doctor.examination import Examination
from langgraph_hitl.inbox._doctor.finding import Finding
from langgraph_hitl.inbox._doctor.pages import open_pages
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.review import Review


def check_graphs(examined: Examination) -> Steps[None]:
    """One finding per graph. Nothing is wrong where no graph is registered at all."""
    office = examined.office
    if not office.registry.names:
        return
    found: list[tuple[Review, int]] = yield Call(partial(_unregistered, office))
    for oldest, count in found:
        examined.add(
            Finding(
                kind="no graph",
                sentence=f"{count} open {'review' if count == 1 else 'reviews'} of the graph "
                f"{oldest.graph!r}, which is not registered here (there is: "
                f"{', '.join(map(repr, office.registry.names))}).",
                cure=f"inbox.register(app, name={oldest.graph!r}) in the process that resumes its "
                "threads; the name has to stay the same in every release.",
                review_id=oldest.id,
                thread=oldest.thread_id,
                graph=oldest.graph,
            )
        )


def _unregistered(office: Office) -> list[tuple[Review, int]]:
    oldest: dict[str, Review] = {}
    count: dict[str, int] = {}
    for page in open_pages(office):
        for review in page:
            if not office.registry.has(review.graph):
                oldest.setdefault(review.graph, review)
                count[review.graph] = count.get(review.graph, 0) + 1
    return [(oldest[graph], count[graph]) for graph in sorted(oldest)]
