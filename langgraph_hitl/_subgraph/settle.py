"""What a decision leads to: the one place where decisions become outcomes."""

from __future__ import annotations

from typing import Any, NamedTuple, assert_never

from langchain_core.runnables import RunnableConfig

from langgraph_hitl._subgraph.channels import Question, load, store
from langgraph_hitl._subgraph.desk import Verdict
from langgraph_hitl._subgraph.rescore import scored_again
from langgraph_hitl._subgraph.sitting import (
    Sat,
    edits_in,
    outcome_of,
    passing,
    rest_refused,
    sat,
    with_edits,
)
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl._subgraph.terms import risk_in, terms_of
from langgraph_hitl.review.decision import (
    Abstain,
    Approve,
    Choose,
    Decision,
    Edit,
    Items,
    Reject,
    Respond,
    Revise,
)
from langgraph_hitl.review.outcome import APPROVING, Outcome
from langgraph_hitl.review.snapshot import Snapshot


class Settled(NamedTuple):
    """The review is over."""

    outcome: Outcome
    snapshot: Snapshot
    answer: Any = None


class AskReviser(NamedTuple):
    """The reviser makes the next version."""


class AskAgain(NamedTuple):
    """`snapshot` is the next version."""

    snapshot: Snapshot


class PutAgain(NamedTuple):
    """The same version waits again, because of `reason`."""

    reason: str


def led_to(
    spec: GateSpec,
    question: Question,
    decision: Decision,
    verdict: Verdict,
    config: RunnableConfig,
) -> tuple[Question, Settled | AskReviser | AskAgain | PutAgain]:
    """What a decision leads to, by its author's authority, and what the question knows then."""
    if not isinstance(decision, Items):
        came = settle(spec, question, decision)
        if spec.chair is not None:
            return _before_the_chair(question, came)
        if spec.rules.items is not None and isinstance(came, Settled):
            question, came = _items_closed(spec, question, came, verdict)
        return question, _moved_up(spec, question, came, verdict, config)
    edits = edits_in(decision)
    if not edits:
        return _after(spec, sat(spec, question, decision, verdict))
    edited = with_edits(spec, question, decision)
    more = _takes_more(spec, question, edited, verdict, config)
    if more is None and not spec.resubmit_edits:
        return _after(spec, sat(spec, question, decision, verdict))
    if more is not None and not _comes_back(spec):
        return question, PutAgain(f"the new value takes: {more}")
    as_edited: Question = {**question, "snapshot": store(edited)}
    verdicts = {item: one for item, one in decision.verdicts.items() if item not in edits}
    rest = sat(spec, as_edited, Items(verdicts, decision.comment), verdict)
    return {**rest.question, "snapshot": question["snapshot"]}, AskAgain(rest.left)


def _before_the_chair(
    question: Question, came: Settled | AskReviser | AskAgain
) -> tuple[Question, Settled | AskReviser | AskAgain]:
    """What a committee lets pass goes to its chair; what the chair sends back, to the committee."""
    if question.get("final") or not isinstance(came, Settled):
        again: Question = {**question}
        again.pop("final", None)
        return again, came
    if came.outcome not in APPROVING:
        return question, came
    return {**question, "final": True}, AskAgain(came.snapshot)


def _after(spec: GateSpec, sitting: Sat) -> tuple[Question, Settled | AskAgain]:
    question, left = sitting
    if left.shown:
        return question, AskAgain(left)
    return question, Settled(outcome_of(question), passing(spec, question))


def _items_closed(
    spec: GateSpec, question: Question, came: Settled, verdict: Verdict
) -> tuple[Question, Settled]:
    """A refusal of what is open loses nothing of what was approved before."""
    if came.outcome != "rejected" or not question.get("items"):
        return question, came
    closed = rest_refused(spec, question, verdict)
    return closed, Settled(outcome_of(closed), passing(spec, closed))


def _moved_up(
    spec: GateSpec,
    question: Question,
    came: Settled | AskReviser | AskAgain,
    verdict: Verdict,
    config: RunnableConfig,
) -> Settled | AskReviser | AskAgain | PutAgain:
    """A value that takes more authority than its author has is put before those who have it.

    What was shown was decided by the panel that it was filed with. If the gate has another one by
    now and no way back from here, the version that was shown waits again. Those to whom it was
    passed on decide what an edit takes, whatever the gate says by now.
    """
    if not isinstance(came, Settled) or came.outcome not in ("edited", "answered"):
        return came
    more = _takes_more(spec, question, came.snapshot, verdict, config)
    if more is None:
        return came
    if _comes_back(spec):
        return AskAgain(came.snapshot)
    return came if spec.desk is None else PutAgain(f"the new value takes: {more}")


def _comes_back(spec: GateSpec) -> bool:
    """Whether a gate has a way back from a new version to those who decide it."""
    return (
        spec.terms_vary or spec.resubmit_edits or spec.reviser is not None or bool(spec.rules.items)
    )


def _takes_more(
    spec: GateSpec,
    question: Question,
    snapshot: Snapshot,
    verdict: Verdict,
    config: RunnableConfig,
) -> str | None:
    """The panel, in words, that a new value takes where its author is not enough; else None."""
    clerk = None if spec.desk is None else spec.desk.clerk(spec, config)
    theirs = None if clerk is None else clerk.theirs(question)
    plain = spec.panel is None and spec.policy is None and theirs is None
    if spec.subject is None or plain:
        return None
    from langgraph_hitl.panels.all_of import AllOf
    from langgraph_hitl.review.reviewer import Identity

    scored = scored_again(spec, question, snapshot)
    alone: Question = {**question, "finding": scored}
    alone.pop("asked", None)
    needed = terms_of(spec, alone).panel
    filed = terms_of(spec, question).panel
    if clerk is not None:
        filed = clerk.panel(question)
    if theirs is not None:
        needed = theirs.for_review(score=scored.get("score"), risk=risk_in(scored))
    author = Identity(
        verdict["by"] or "",
        tuple(verdict.get("roles", ())),
        verdict.get("level"),
        tuple(verdict.get("skills", ())),
    )
    decided = filed.parts if isinstance(filed, AllOf) else (filed,)
    if needed is None or needed in decided or (needed.single and not needed.refusal(author)):
        return None
    return needed.rule


def settle(
    spec: GateSpec, question: Question, decision: Decision
) -> Settled | AskReviser | AskAgain:
    """What a decision leads to. Pure; the one place where decisions become outcomes."""
    shown = load(question["snapshot"])
    match decision:
        case Approve():
            return Settled(outcome="approved", snapshot=shown)
        case Edit(value):
            edited = spec.read(shown.with_shown(value))
            if spec.resubmit_edits or spec.rules.items is not None:
                return AskAgain(edited)
            return Settled(outcome="edited", snapshot=edited)
        case Reject():
            return Settled(outcome="rejected", snapshot=shown)
        case Revise(_, rating):
            if spec.reviser is None:
                return Settled(outcome=_revision_outcome(spec, rating), snapshot=shown)
            if question["revisions"] >= spec.max_revisions:
                return Settled(outcome=spec.on_exhausted, snapshot=shown)
            return AskReviser()
        case Respond(message):
            replaces = spec.subject is not None and not spec.rules.answers
            answered = spec.read(shown.with_shown(message)) if replaces else shown
            return Settled(outcome="answered", snapshot=answered, answer=message)
        case Abstain():
            return Settled(outcome="rejected", snapshot=shown)
        case Items():
            return _after(spec, sat(spec, question, decision, None))[1]
        case Choose(choices):
            several = spec.rules.choice is not None and spec.rules.choice.multiple
            answer = list(choices) if several else choices[0]
            return Settled(outcome="chosen", snapshot=shown, answer=answer)
        case _:
            assert_never(decision)


def _revision_outcome(spec: GateSpec, rating: str | None) -> Outcome:
    if not spec.rules.rated:
        return "needs_revision"
    return "regenerate" if rating == "incorrect" else "improve"
