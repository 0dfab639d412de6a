"""`doctor`: every check, one after another."""

from __future__ import annotations

from langgraph_hitl.errors import InboxError, InboxUnavailable
from langgraph_hitl.inbox._doctor.chain import check_chain
from langgraph_hitl.inbox._doctor.clocks import check_clocks
from langgraph_hitl.inbox._doctor.deadlines import check_deadlines
from langgraph_hitl.inbox._doctor.examination import Examination
from langgraph_hitl.inbox._doctor.finding import DoctorReport, Finding
from langgraph_hitl.inbox._doctor.graphs import check_graphs
from langgraph_hitl.inbox._doctor.reviews import check_reviews
from langgraph_hitl.inbox._doctor.threads import check_threads
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.steps import Steps

CHECKS = (
    check_chain,
    check_clocks,
    check_graphs,
    check_reviews,
    check_threads,
    check_deadlines,
)
"""Reviews come before threads: what their repair moves on is not stuck any more."""


def doctor(office: Office, *, repair: bool) -> Steps[DoctorReport]:
    """Look, and with `repair` do what is safe."""
    examined = Examination(office=office, repair=repair)
    for check in CHECKS:
        try:
            yield from check(examined)
        except InboxUnavailable:
            raise
        except InboxError as error:
            examined.add(_not_examined(check.__name__, error))
    return examined.report


def _not_examined(check: str, error: InboxError) -> Finding:
    """What is damaged must not hide what else is wrong."""
    return Finding(
        kind="not examined",
        sentence=f"{check} came to an end: {error}.",
        cure="Mend what the audit does not hold for, and look again.",
    )
