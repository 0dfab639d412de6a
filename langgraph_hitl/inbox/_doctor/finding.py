"""`Finding` and `DoctorReport`: what is wrong, and what helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "broken chain",
    "clock skew",
    "dead question",
    "failed run",
    "lost wake-up",
    "no deadline",
    "no graph",
    "no thread",
    "not examined",
    "stuck thread",
    "unfiled question",
    "unfinished run",
    "waiting for a worker",
    "lock held for long",
]
"""`broken chain`: the audit, or the tables that it tells of, were changed. `clock skew`: clocks
differ. `dead question`: a review waits, and its thread asks it no longer. `failed run`: a graph
raised. `lost wake-up`: a graph has to go on and nobody is at it. `no graph`, `no thread`: a review
whose graph is not registered here, or whose thread was deleted. `stuck thread`: all that a step
needs is there, and the step was not taken. `unfiled question`: a thread waits for a review that the
inbox does not have, or holds to be over. `unfinished run`: it was cut off before it filed.
`waiting for a worker`: it was decided a moment ago, and a graph has to go on."""

INFORMATIONAL: frozenset[Kind] = frozenset(
    {"no deadline", "not examined", "waiting for a worker", "lock held for long"}
)
"""What is told and needs no cure."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong: `sentence` says what, `cure` what helps, `repaired` that it did."""

    kind: Kind
    sentence: str
    cure: str
    review_id: str | None = None
    thread: str | None = None
    graph: str | None = None
    repaired: bool = False

    @property
    def informational(self) -> bool:
        """Whether it needs no cure."""
        return self.kind in INFORMATIONAL


@dataclass(frozen=True)
class DoctorReport:
    """What `doctor` found, in the order of its checks.

    >>> DoctorReport(()).healthy
    True
    """

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong, or not any more."""
        return all(finding.repaired or finding.informational for finding in self.findings)
