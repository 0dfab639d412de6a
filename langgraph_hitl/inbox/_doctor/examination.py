"""`Examination`: what the checks share, and what they found so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from langgraph_hitl.inbox._doctor.finding import DoctorReport, Finding, Kind
from langgraph_hitl.inbox._office import Office

LISTED = 100
"""So many findings of a kind are listed; more of them are counted."""

GRACE = timedelta(minutes=1)
"""What was decided so lately may still wait for its worker."""

LONG = timedelta(minutes=10)
"""A run that has shown nothing for so long may belong to a process that was stopped."""


@dataclass(kw_only=True)
class Examination:
    """One visit of the doctor; with `repair`, what can safely be repaired is."""

    office: Office
    repair: bool
    silent: set[str] = field(default_factory=set)
    """Graphs whose server does not answer: nothing more is asked of it."""
    _found: list[Finding] = field(default_factory=list)
    _count: Counter[Kind] = field(default_factory=Counter)
    _unrepaired: Counter[Kind] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        """Report one finding."""
        self._count[finding.kind] += 1
        if self._count[finding.kind] <= LISTED:
            self._found.append(finding)
        elif not finding.repaired:
            self._unrepaired[finding.kind] += 1

    @property
    def report(self) -> DoctorReport:
        """Everything that was found."""
        further = [
            Finding(
                kind=kind,
                sentence=f"{count - LISTED} more of this kind were found.",
                cure="Do for them what helps those that are listed.",
                repaired=not self._unrepaired[kind],
            )
            for kind, count in self._count.items()
            if count > LISTED
        ]
        return DoctorReport((*self._found, *further))
