"""The handlers of escalations: each is called once, by a process that has the graph.

The audit is the outbox, and a cursor for each graph says for what of it they were called. Whoever
escalates calls the handler at once, if it can; `work()` calls those that were left out.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from langgraph_hitl.errors import HitlError
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.hook import call_noted
from langgraph_hitl.inbox._run.lease import try_lock
from langgraph_hitl.inbox._run.steps import Call, Steps, perform
from langgraph_hitl.review.request import ReviewRequest

if TYPE_CHECKING:
    from langgraph_hitl._subgraph.spec import GateSpec
    from langgraph_hitl.inbox._ledger.audit import AuditRow
    from langgraph_hitl.inbox._ledger.cursor import Told
    from langgraph_hitl.inbox.review import Review
    from langgraph_hitl.policies import EscalationHandler

_log = logging.getLogger(__name__)

_PAGE = 500


def begin(office: Office, graph: str) -> None:
    """What was escalated before the graph had any handler is not told to one."""
    if not _has_handlers(office, graph):
        return
    with office.ledger.looking() as rx:
        begun = rx.position(_cursor(graph)).seq is not None
    if not begun:
        with office.ledger.transaction() as tx:
            tx.begin_cursor(_cursor(graph))


def tell(office: Office, review_id: str, name: str) -> None:
    """Call the handler of an escalation here, if that is possible; else a worker does it."""
    try:
        _tell(office, review_id, name)
    except HitlError:
        _log.exception("work() calls the handler of %r for review %s", name, review_id)


def tell_missed(office: Office, stop: Callable[[], bool]) -> Steps[int]:
    """Call the handlers that nobody has called; how many."""
    called = 0
    for graph in office.registry.names:
        if not _has_handlers(office, graph):
            continue
        while not stop():
            page: tuple[int, bool] = yield Call(partial(_tell_page, office, graph))
            called += page[0]
            if not page[1]:
                break
    return called


def _tell_page(office: Office, graph: str) -> tuple[int, bool]:
    """Call the handlers of one page of the audit; how many, and whether there may be more."""
    name = _cursor(graph)
    with office.ledger.reading() as rx:
        seq, end = rx.position(name)
        page: Sequence[Told] = () if seq is None else rx.audit_after(seq, limit=_PAGE)
    if seq is None:
        begin(office, graph)
        return 0, False
    called, to = 0, page[-1].seq if len(page) == _PAGE else end
    for row in page:
        passed_to = _passed_to(row)
        if passed_to is None or not _is_of(office, row.review_id, graph):
            continue
        done = _tell(office, row.review_id, passed_to)
        if done is None:  # somebody else is calling it, and may die
            to = row.seq - 1
            break
        called += done
    if to == seq:
        return called, False
    with office.ledger.transaction() as tx:
        moved = tx.advance_cursor(name, was=seq, to=to)
    return called, moved and to < end and len(page) == _PAGE


def _tell(office: Office, review_id: str, name: str) -> bool | None:
    """Whether the handler was called; None where somebody else does it at this moment."""
    held = perform(try_lock(office, f"hitl:escalated:{review_id}"))
    if held is None:
        return None
    try:
        return _call_once(office, review_id, name)
    finally:
        held.release()


def _call_once(office: Office, review_id: str, name: str) -> bool:
    with office.ledger.reading() as rx:
        review = rx.get(review_id)
        if review is None:
            return False
        shown = office.with_votes(rx, review)
        rows = rx.history(review_id)
    handler = _handler(office, review, name)
    escalated = next((row for row in rows if _passed_to(row) == name), None)
    request = ReviewRequest.from_interrupt("", shown.request, (shown.question or {}).get("schema"))
    hook = f"escalated:{name}"
    if handler is None or escalated is None or request is None or _has_run(rows, hook):
        return False
    call = partial(_call, handler, request, escalated.reason)
    call_noted(office, review_id, escalated.round or 0, hook, call)
    return True


def _call(handler: EscalationHandler, request: ReviewRequest, reason: str | None) -> None:
    made = handler(request, reason)
    if inspect.iscoroutine(made):
        made.close()
        raise TypeError("it gave a coroutine, which nobody awaits; give a plain function")


def _handler(office: Office, review: Review, name: str) -> EscalationHandler | None:
    spec = office.registry.spec_with(review, partial(_handler_in, name=name))
    return None if spec is None else _handler_in(spec, name)


def _handler_in(spec: GateSpec, name: str) -> EscalationHandler | None:
    escalation = spec.escalations.get(name)
    return None if escalation is None else escalation.handler


def _has_handlers(office: Office, graph: str) -> bool:
    specs = (*office.registry.specs_of(graph), *office.registry.calls)
    return any(one.handler is not None for spec in specs for one in spec.escalations.values())


def _is_of(office: Office, review_id: str, graph: str) -> bool:
    with office.ledger.looking() as rx:
        review = rx.get(review_id)
    return review is not None and review.graph == graph


def _passed_to(row: AuditRow | Told) -> str | None:
    """To whom an audit row says that a review was passed on."""
    content: Any = row.content if row.event == "escalated" else None
    return content.get("to") if isinstance(content, dict) else None


def _has_run(rows: Sequence[AuditRow], hook: str) -> bool:
    told = (row.content for row in rows if row.event == "hook_ran")
    return any(isinstance(content, dict) and content.get("hook") == hook for content in told)


def _cursor(graph: str) -> str:
    return f"escalated:{graph}"
