"""From a gate's question to a filing, and back."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any, cast

from langgraph_hitl._subgraph.channels import Question
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl._subgraph.terms import ReviewTerms, risk_in, terms_of
from langgraph_hitl.inbox._catch_up import course_of
from langgraph_hitl.inbox._course import Course, begun, continued, stayed
from langgraph_hitl.inbox._destination import RANKS, destination_of
from langgraph_hitl.inbox.review import Filing, Review
from langgraph_hitl.panels import Panel, anyone
from langgraph_hitl.review.choice import Choice

ANYBODY = ("*",)


def filing_of(
    spec: GateSpec,
    question: Question,
    *,
    graph: str,
    gate: str,
    root_checkpoint: str | None,
    before: Review | None = None,
) -> Filing:
    """One version, as it is put before people. `before` is the review with the one before it."""
    terms = terms_of(spec, question)
    course = _course(terms, question, before, spec.clock())
    panel = terms.panel if course is None else course.panel_at(course.told)
    queue, rank = terms.queue, RANKS[str(terms.priority)]
    if before is not None and before.escalated_to:
        queue, rank = before.queue, before.rank
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
        queue=queue,
        rank=rank,
        due=None if course is None else course.deadline,
        risk=risk_in(question["finding"]),
        score=question["finding"].get("score"),
        eligible=panel.eligible_keys if panel else ANYBODY,
        request=spec.payload(question),
        question={
            "question": kept,
            "schema": spec.schema,
            "rules": rules_json(spec),
            "panel": panel.to_json() if panel else None,
            "on_defer": terms.limit.on_defer if terms.limit else "run_on",
            **_escalations(spec),
        },
        course=course,
        requester=question.get("requester"),
        moved_up=_moved_up(spec, before, panel),
    )


def _moved_up(spec: GateSpec, before: Review | None, panel: Panel | None) -> str | None:
    """What a value takes that was decided, and is asked about for that only."""
    comes_back = spec.resubmit_edits or spec.rules.items is not None
    written = ("answered",) if comes_back else ("edited", "answered")
    if before is None or panel is None or before.outcome not in written:
        return None
    return f"the new value takes: {panel.rule}"


def _course(
    terms: ReviewTerms, question: Question, before: Review | None, now: datetime
) -> Course | None:
    panel = terms.panel or anyone()
    last = None if before is None else course_of(before)
    if last is not None and last.theirs is not None:
        return stayed(last, _for_case(last.theirs, question["finding"]), now)
    if last is not None:
        return continued(last, panel, terms.limit, now)
    return begun(panel, terms.limit, datetime.fromisoformat(question["asked_at"]))


def _for_case(panel: Panel, finding: dict[str, Any]) -> Panel:
    return panel.for_review(score=finding.get("score"), risk=risk_in(finding))


def _escalations(spec: GateSpec) -> dict[str, Any]:
    """Whom it can be passed on to, for processes without the graph; nothing where to nobody."""
    found = {name: destination_of(one).to_json() for name, one in spec.escalations.items()}
    return {"escalations": found} if found else {}


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
        "answers": rules.answers,
        **({} if rules.patches is None else {"patches": [*rules.patches]}),
        **({"item_id": rules.items.key, "items": [*rules.items.allowed]} if rules.items else {}),
    }


def choice_of(found: dict[str, Any] | None) -> Choice | None:
    """The inverse of `Choice.to_json`."""
    return Choice(*found["options"], multiple=found["multiple"]) if found else None
