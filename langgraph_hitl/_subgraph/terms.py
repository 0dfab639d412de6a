"""`ReviewTerms`: who decides one review, by when, and where it waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from langgraph_hitl._subgraph.channels import Question
    from langgraph_hitl._subgraph.spec import GateSpec, Priority
    from langgraph_hitl.deadlines import Limit
    from langgraph_hitl.panels import Panel
    from langgraph_hitl.policies import Escalation, Policy, Terms


class ReviewTerms(NamedTuple):
    """`panel` is the one for this review; None is anybody. `limit` is None without a deadline."""

    panel: Panel | None
    limit: Limit | None
    queue: str
    priority: Priority

    def deadline(self, asked_at: datetime) -> datetime | None:
        """When the review is over without an answer."""
        if self.limit is None:
            return None
        from langgraph_hitl.panels import anyone

        times = self.limit.timetable(asked_at, self.panel or anyone())
        return None if times is None else times.deadline


def terms_of(spec: GateSpec, question: Question) -> ReviewTerms:
    """The terms of a question: those of the gate, and of the rule of its policy that asks.

    Who was asked about an earlier version by another rule has to approve too.
    """
    finding = question["finding"]
    panel, limit, queue = spec.panel, spec.limit, spec.queue
    priority: Any = question.get("priority") or spec.priority
    ruled = _ruled(spec, finding)
    if ruled is not None:
        panel = ruled.reviewers or panel
        limit = limit_of(ruled, spec.limit)
        queue = ruled.queue or queue
        priority = ruled.priority or priority
    if question.get("final") and spec.chair is not None:
        panel = spec.chair
    if panel is not None:
        panel = panel.for_review(score=finding.get("score"), risk=risk_in(finding))
        limit = limit and limit.fit_for(panel)
    if question.get("asked"):
        panel, limit = _beside(question["asked"], panel, limit)
    return ReviewTerms(panel, limit, queue, priority)


def _beside(
    asked: dict[str, Any], panel: Panel | None, limit: Limit | None
) -> tuple[Panel, Limit | None]:
    """Those who were asked before, and with them who is asked now."""
    from langgraph_hitl.deadlines import Limit
    from langgraph_hitl.panels import Chain, anyone, panel_from_json
    from langgraph_hitl.panels.joint import joint

    now = panel or anyone()
    together = joint(panel_from_json(asked), now)
    if together == now or isinstance(together, Chain):
        return together, limit and limit.fit_for(together)
    return together, (limit or Limit()).overall(now)


class Possible(NamedTuple):
    """Terms on which a gate may ask. `whose` says in errors where they stand; None: in the gate."""

    panel: Panel | None
    limit: Limit | None
    whose: str | None = None

    def blamed(self, problem: str) -> str:
        """What is wrong with these terms, and whose they are."""
        return problem if self.whose is None else f"{self.whose}: {problem}"


def terms_in(
    panel: Panel | None,
    limit: Limit | None,
    policy: Policy | None,
    escalations: Mapping[str, Escalation],
    chair: Panel | None = None,
) -> Iterator[Possible]:
    """The terms that there can be.

    Those of the gate, or of the policy's rules, of its chair, and of the types of escalation.
    """
    if chair is not None:
        yield Possible(chair, limit, "the chair")
    for name, passed_on in escalations.items():
        who = passed_on.reviewers or panel
        yield Possible(who, _limit_on(passed_on), f"escalation {name!r}")
    if policy is None:
        yield Possible(panel, limit)
        return
    asking = [(f"rule {rule.name!r}", rule.terms) for rule in policy.rules if rule.terms]
    for name, terms in (*asking, ("the default", policy.default)):
        whose = f"{name} of policy {policy.title}"
        yield Possible(terms.reviewers or panel, limit_of(terms, limit), whose)


def limit_of(terms: Terms, gate: Limit | None) -> Limit | None:
    """The limit that a rule says, with what it leaves to the gate."""
    from langgraph_hitl.deadlines import Limit

    if (terms.timeout, terms.remind, terms.on_defer) == (None, None, None):
        return gate
    before = gate or Limit()
    if terms.timeout is None:
        timeout, on_timeout = before.timeout, before.on_timeout
    else:
        timeout, on_timeout = terms.timeout, terms.on_timeout or "reject"
    return Limit(
        timeout,
        on_timeout=on_timeout,
        remind=before.remind if terms.remind is None else terms.remind,
        on_defer=terms.on_defer or before.on_defer,
    )


def _limit_on(passed_on: Escalation) -> Limit | None:
    """How long those have to whom it is passed on."""
    if passed_on.timeout is None:
        return None
    from langgraph_hitl.deadlines import Limit

    return Limit(passed_on.timeout)


def risk_in(finding: dict[str, Any]) -> str | None:
    """The level of risk that a finding, or one of its parts, names."""
    level = (finding.get("details") or {}).get("level")
    if isinstance(level, str):
        return level
    return next(filter(None, map(risk_in, finding.get("parts", []))), None)


def _ruled(spec: GateSpec, finding: dict[str, Any]) -> Terms | None:
    """The terms of the rule that a finding names; the policy's own where it names none."""
    if spec.policy is None:
        return None
    name = (finding.get("details") or {}).get("rule")
    rules = (rule.terms for rule in spec.policy.rules if rule.name == name and not rule.passes)
    return next(rules, None) or spec.policy.default
