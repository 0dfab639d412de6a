"""`Case`: what a policy is expected to say, so that it can be tested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from langgraph_hitl.policies.policy import Policy
from langgraph_hitl.policies.rule import DEFAULT
from langgraph_hitl.policies.ruling import Ask, Ruling


@dataclass(frozen=True, kw_only=True)
class Case:
    """Values, and what the policy is expected to say about them.

    `rule` is the name of a rule, or `default` for none; None expects nothing of it. `at` is the
    moment, that of the test by default.
    """

    name: str
    values: Mapping[str, Any]
    expect: Literal["ask", "pass"]
    rule: str | None = None
    at: datetime | None = None

    @property
    def expected(self) -> str:
        """In words."""
        return self.expect if self.rule is None else f"{self.expect} by {self.rule}"


@dataclass(frozen=True, kw_only=True)
class Tested:
    """A case with what the policy said about it."""

    case: Case
    ruling: Ruling

    @property
    def decision(self) -> Literal["ask", "pass"]:
        return "ask" if isinstance(self.ruling, Ask) else "pass"

    @property
    def ok(self) -> bool:
        """Whether the policy said what was expected."""
        said = self.ruling.rule or DEFAULT
        return self.decision == self.case.expect and self.case.rule in (None, said)

    @property
    def got(self) -> str:
        """In words."""
        return f"{self.decision} by {self.ruling.rule or DEFAULT}"


def run_cases(policy: Policy, cases: Iterable[Case], at: datetime | None = None) -> list[Tested]:
    """The cases with what the policy says about them; `at` is the moment of those without one.

    >>> from langgraph_hitl.policies import Rule
    >>> from langgraph_hitl.triggers import over
    >>> policy = Policy([Rule("large", when=over("amount", 9), then="ask")], name="p", version=1)
    >>> [found] = run_cases(policy, [Case(name="small", values={"amount": 5}, expect="pass")])
    >>> found.ok, found.got
    (False, 'ask by default')
    """
    return [Tested(case=case, ruling=policy.decide(case.values, case.at or at)) for case in cases]
