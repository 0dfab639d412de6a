"""From a gate's question to a filing, and back."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, cast

from langgraph_hitl._subgraph.channels import Question
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.inbox.review import Filing, Review
from langgraph_hitl.review.choice import Choice

RANKS = {"critical": 0, "high": 1, "normal": 2, "low": 3}
"""The order of the priorities."""

ANYBODY = ("*",)


def filing_of(
    spec: GateSpec,
    question: Question,
    *,
    graph: str,
    gate: str,
    root_checkpoint: str | None,
) -> Filing:
    """One version, as it is put before people."""
    priority = question.get("priority") or spec.priority
    kept = deepcopy(dict(question))
    kept["inputs"] = {}
    return Filing(
        review_id=question["review_id"],
        graph=graph,
        thread_id=question["thread_id"],
        gate=gate,
        root_checkpoint=root_checkpoint,
        kind=spec.kind,
        action=spec.rules.action,
        mode=spec.mode,
        round=question["round"],
        digest=question["digest"],
        queue=spec.queue,
        rank=RANKS[str(priority)],
        risk=risk_in(question["finding"]),
        score=question["finding"].get("score"),
        eligible=spec.panel.eligible_keys if spec.panel else ANYBODY,
        request=spec.payload(question),
        question={
            "question": kept,
            "schema": spec.schema,
            "rules": rules_json(spec),
            "panel": spec.panel.to_json() if spec.panel else None,
        },
    )


def question_of(review: Review) -> Question:
    """The question of a filed review, without the inputs, which the state still has."""
    assert review.question is not None
    return cast("Question", deepcopy(review.question["question"]))


def rules_json(spec: GateSpec) -> dict[str, Any]:
    """What a process without the graph needs to check an answer."""
    rules = spec.rules
    return {
        "action": rules.action,
        "argument": rules.argument,
        "allowed": list(rules.allowed),
        "rated": rules.rated,
        "choice": rules.choice.to_json() if rules.choice else None,
        "is_question": rules.is_question,
    }


def choice_of(found: dict[str, Any] | None) -> Choice | None:
    """The inverse of `Choice.to_json`."""
    return Choice(*found["options"], multiple=found["multiple"]) if found else None


def risk_in(finding: dict[str, Any]) -> str | None:
    """The level of risk that a finding, or one of its parts, names."""
    level = (finding.get("details") or {}).get("level")
    if isinstance(level, str):
        return level
    return next(filter(None, map(risk_in, finding.get("parts", []))), None)
