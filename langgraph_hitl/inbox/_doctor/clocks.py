"""Whether the clocks of this process, of the database, and of whoever wrote agree."""

from __future__ import annotations

from datetime import datetime, timedelta

from langgraph_hitl.inbox._doctor.examination import Examination
from langgraph_hitl.inbox._doctor.finding import Finding
from langgraph_hitl.inbox._ledger.clocks import Clocks
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.steps import Call, Steps

TOLERANCE = timedelta(seconds=5)
_FORMAT = "%Y-%m-%d %H:%M:%S"
_CURE = (
    "Synchronise the clocks of all machines (NTP). Nothing is lost meanwhile: the audit counts "
    "its rows, and times decide no conflict; but ages, deadlines and retries are wrong by as much."
)


def check_clocks(examined: Examination) -> Steps[None]:
    """Clock skew, and rows from the future."""
    office = examined.office
    before = office.clock()
    clocks: Clocks = yield Call(lambda: _clocks(office))
    after = office.clock()
    if clocks.database is not None:
        _compare(examined, clocks.database, before, after)
    if clocks.latest is not None and clocks.latest > after + TOLERANCE:
        examined.add(
            Finding(
                kind="clock skew",
                sentence=f"The audit has a row from the future, of {clocks.latest:{_FORMAT}} UTC; "
                f"here it is {after:{_FORMAT}} UTC.",
                cure=_CURE,
                review_id=clocks.review_id,
            )
        )


def _compare(examined: Examination, database: datetime, before: datetime, after: datetime) -> None:
    ahead = before - database if database < before else after - database
    if abs(ahead) > TOLERANCE and not before <= database <= after:
        side = "ahead of" if ahead > timedelta(0) else "behind"
        examined.add(
            Finding(
                kind="clock skew",
                sentence=f"The clock of this process is {abs(ahead).total_seconds():.0f} seconds "
                f"{side} that of the database.",
                cure=_CURE,
            )
        )


def _clocks(office: Office) -> Clocks:
    with office.ledger.reading() as rx:
        return rx.clocks()
