"""Whether the audit is whole, and the tables say what it says."""

from __future__ import annotations

from langgraph_hitl.inbox._doctor.examination import Examination
from langgraph_hitl.inbox._doctor.finding import Finding
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.steps import Call, Steps


def check_chain(examined: Examination) -> Steps[None]:
    """Broken chains."""
    problem: str | None = yield Call(lambda: _problem(examined.office))
    if problem is not None:
        examined.add(
            Finding(
                kind="broken chain",
                sentence=f"The audit does not hold: {problem}.",
                cure="Somebody or something changed the tables. Compare with a backup, and find "
                "out who can write there; nothing is repaired here.",
            )
        )


def _problem(office: Office) -> str | None:
    with office.ledger.reading() as rx:
        return rx.verify().problem
