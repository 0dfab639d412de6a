"""`locked`: look at a thread while nobody runs it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, TypeVar

from langgraph_hitl.errors import HitlError
from langgraph_hitl.inbox._doctor.pages import read
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.drive import drive
from langgraph_hitl.inbox._run.lease import try_lock
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.review import Review

Result = TypeVar("Result")


def locked(
    office: Office, graph: str, thread: str, look: Callable[[Run], Steps[Result]]
) -> Steps[Result | Literal["busy"]]:
    """What `look` finds, or `busy` where somebody runs the thread.

    Whoever decides meanwhile finds the thread busy and leaves the rest to us, so it is done then.
    """
    before: set[str] = yield Call(partial(_to_follow, office, graph, thread))
    held = yield from try_lock(office, thread)
    if held is None:
        return "busy"
    try:
        result = yield from look(Run(desk=office, graph=graph, thread_id=thread, lock=held))
    finally:
        held.release()
    came: set[str] = yield Call(partial(_to_follow, office, graph, thread))
    if office.registry.has(graph):
        for review_id in sorted(came - before):
            yield from _follow(office, review_id)
    return result


def _to_follow(office: Office, graph: str, thread: str) -> set[str]:
    with office.ledger.reading() as rx:
        found = rx.open_on(thread, graph, content=False)
    return {review.id for review in found if review.wake and review.status != "pending"}


def _follow(office: Office, review_id: str) -> Steps[None]:
    review: Review | None = yield Call(partial(read, office, review_id))
    if review is None:
        return
    try:
        yield from drive(office, review)
    except HitlError:
        return  # it is on record, and `work()` tries it again
