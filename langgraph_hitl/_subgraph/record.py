"""`record`: turns the answer into an outcome, once, and writes the approved value back."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import Any, NamedTuple, assert_never

from langchain_core.runnables import RunnableConfig
from langgraph.runtime import Runtime
from langgraph.types import Command

from langgraph_hitl._subgraph._pregel import answers_by_id, spend_plain_answer
from langgraph_hitl._subgraph.channels import (
    ANSWER,
    QUESTION,
    REVISION,
    UNSEEN,
    Question,
    load,
    store,
)
from langgraph_hitl._subgraph.desk import CANCEL, NOT_DECIDED, Verdict
from langgraph_hitl._subgraph.remarks import feedback_text, rating_of
from langgraph_hitl._subgraph.rescore import scored_again
from langgraph_hitl._subgraph.spec import GateSpec, Node
from langgraph_hitl._subgraph.terms import risk_in, terms_of
from langgraph_hitl._subgraph.traces import annotate
from langgraph_hitl._subgraph.verdict import Unsettled, verdict_of
from langgraph_hitl.review.decision import (
    Abstain,
    Approve,
    Choose,
    Decision,
    Edit,
    Reject,
    Respond,
    Revise,
    parse,
)
from langgraph_hitl.review.diff import difference
from langgraph_hitl.review.outcome import APPROVING, Outcome
from langgraph_hitl.review.record import (
    MAX_DECISIONS,
    SCHEMA_VERSION,
    ReviewRecord,
    idempotency_key,
    stored_value,
)
from langgraph_hitl.review.snapshot import Snapshot

SYSTEM_TRIGGER = "system:trigger"


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


def record_node(spec: GateSpec) -> Node:
    """The node after the question."""

    def record(state: Any, config: RunnableConfig, runtime: Runtime[Any]) -> Any:
        question: Question = state[QUESTION]
        passes = not question["finding"]["needed"] or question.get("released", False)
        if passes and question["round"] == 0:
            overriding = _overriding(spec, question, config)
            if overriding is not None:
                return _follow(spec, question, overriding, config, runtime)
            return _pass(spec, question, config, runtime)
        if state.get(ANSWER) is None:
            return Command(goto="ask")
        _spend_plain_answer(spec, config)
        verdict = verdict_of(spec, question, state[ANSWER], config)
        if isinstance(verdict, Unsettled):
            again = {QUESTION: verdict.question, ANSWER: None, UNSEEN: True}
            return Command(update=again, goto="ask")
        return _follow(spec, question, verdict, config, runtime)

    return record


def _spend_plain_answer(spec: GateSpec, config: RunnableConfig) -> None:
    """Where none can be on the record, nothing has to be written."""
    if answers_by_id(config):
        return
    if spec.desk is None or spec.desk.clerk(spec, config).plain_answer:
        spend_plain_answer(config)


def _follow(
    spec: GateSpec,
    question: Question,
    verdict: Verdict,
    config: RunnableConfig,
    runtime: Runtime[Any],
) -> Any:
    """Where a verdict leads."""
    question = _with_verdict(question, verdict)
    if verdict["decision"]["type"] in NOT_DECIDED:
        settled = Settled(
            outcome="cancelled" if verdict["decision"]["type"] == CANCEL else "timed_out",
            snapshot=load(question["snapshot"]),
        )
        _tell(spec, question, settled.outcome, None, config)
        return _close(spec, question, settled, verdict, None, runtime)
    decision = parse(verdict["decision"])
    match _moved_up(spec, question, settle(spec, question, decision), verdict, config):
        case Settled() as settled:
            _tell(spec, question, settled.outcome, decision, config)
            return _close(spec, question, settled, verdict, decision, runtime)
        case AskReviser():
            _tell(spec, question, None, decision, config)
            return Command(update={QUESTION: question}, goto="revise")
        case AskAgain(snapshot):
            _tell(spec, question, None, decision, config)
            update = {QUESTION: question, REVISION: store(snapshot)}
            return Command(update=update, goto="snapshot")
        case PutAgain(reason):
            assert spec.desk is not None
            spec.desk.clerk(spec, config).reopen(question, reason)
            return Command(update={ANSWER: None, UNSEEN: True}, goto="ask")
        case other:
            assert_never(other)


def _tell(
    spec: GateSpec,
    question: Question,
    outcome: str | None,
    decision: Decision | None,
    config: RunnableConfig,
) -> None:
    """Tell the inbox and the tracers that the graph goes on, and the user's hook the decision."""
    annotate(config, review_id=question["review_id"], outcome=outcome)
    clerk = spec.desk.clerk(spec, config) if spec.desk else None
    if clerk is not None:
        clerk.took(question, outcome)
    hook = spec.hooks.decided
    if hook is None or decision is None:
        return
    call = partial(hook, spec.request(question), decision)
    if clerk is None:
        call()
    else:
        clerk.once(question, "decided", call)


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
    clerk = None if spec.desk is None else spec.desk.clerk(spec, config)
    theirs = None if clerk is None else clerk.theirs(question)
    plain = spec.panel is None and spec.policy is None and theirs is None
    if spec.subject is None or plain:
        return came
    from langgraph_hitl.panels.all_of import AllOf
    from langgraph_hitl.review.reviewer import Identity

    scored = scored_again(spec, question, came.snapshot)
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
        return came
    if spec.terms_vary or spec.resubmit_edits or spec.reviser is not None:
        return AskAgain(came.snapshot)
    return came if spec.desk is None else PutAgain(f"the new value takes: {needed.rule}")


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
            if spec.resubmit_edits:
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


def _with_verdict(question: Question, verdict: Verdict) -> Question:
    """The question with one more decision; values are kept once, in the record's `value`."""
    votes = [_without_value(vote) for vote in verdict.get("votes", [])]
    entry = _without_value(verdict["decision"])
    entry |= {"round": question["round"], "by": verdict["by"], "at": verdict["at"]}
    if votes:
        entry["votes"] = votes
    decisions = [*question["decisions"], entry][-MAX_DECISIONS:]
    asked: Question = {**question, "decisions": decisions}
    asked.pop("votes", None)
    return asked


def _without_value(answer: dict[str, Any]) -> dict[str, Any]:
    kept = {key: item for key, item in answer.items() if key not in ("value", "message")}
    if answer["type"] == "reject" and "message" in answer:
        kept["message"] = answer["message"]
    return kept


def _overriding(spec: GateSpec, question: Question, config: RunnableConfig) -> Verdict | None:
    """What somebody has decided since it was submitted, though nobody was asked."""
    if spec.desk is None or not spec.joins:
        return None
    verdict = spec.desk.clerk(spec, config).verdict(question)
    return verdict if verdict is not None and verdict["decision"] else None


def _pass(
    spec: GateSpec, question: Question, config: RunnableConfig, runtime: Runtime[Any]
) -> dict[str, Any]:
    """Nobody is asked, or nobody waits for the answer."""
    if spec.desk is not None and not question.get("released"):
        clerk = spec.desk.clerk(spec, config)
        clerk.passed(question)
        if spec.joins:
            clerk.took(question, "auto_approved")
    settled = Settled(outcome="auto_approved", snapshot=load(question["snapshot"]))
    at = spec.clock().isoformat()
    verdict: Verdict = {"decision": {}, "by": SYSTEM_TRIGGER, "at": at}
    return _close(spec, question, settled, verdict, None, runtime)


def _close(
    spec: GateSpec,
    question: Question,
    settled: Settled,
    verdict: Verdict,
    decision: Decision | None,
    runtime: Runtime[Any],
) -> dict[str, Any]:
    gate = gate_of(spec, runtime)
    record = make_record(spec, question, settled, verdict, decision, gate=gate)
    runtime.stream_writer(
        {
            "type": "review",
            "event": "decided",
            "review_id": record["review_id"],
            "outcome": record["outcome"],
        }
    )
    update: dict[str, Any] = {
        "review": record,
        "reviews": [{**record, "value": stored_value(settled.snapshot)}],
    }
    changed = record["digest"] != question["first_digest"]
    if spec.subject and spec.write_back and changed and record["outcome"] in APPROVING:
        update[spec.subject.key] = spec.subject.put(deepcopy(settled.snapshot.restore()))
    if spec.subject and spec.write_back and record["outcome"] not in APPROVING:
        refused = spec.subject.refused
        if refused is not None:
            update[spec.subject.key] = refused(settled.snapshot, record)
    if spec.into and settled.answer is not None:
        update[spec.into] = settled.answer
    return update


def gate_of(spec: GateSpec, runtime: Runtime[Any]) -> str:
    """The name of the gate's node; a gate that is the whole graph has its own name."""
    info = runtime.execution_info
    above = info.checkpoint_ns.rpartition("|")[0] if info else ""
    return above.rpartition("|")[2].partition(":")[0] or spec.name


def make_record(
    spec: GateSpec,
    question: Question,
    settled: Settled,
    verdict: Verdict,
    decision: Decision | None,
    *,
    gate: str,
) -> ReviewRecord:
    """The record of a review, as it stands after `settled`."""
    unchanged = _is_unchanged(question, settled.snapshot)
    digest = final_digest(question, settled.snapshot)
    record: ReviewRecord = {
        "schema_version": SCHEMA_VERSION,
        "review_id": question["review_id"],
        "kind": spec.kind,
        "gate": gate,
        "action": spec.rules.action,
        "subject_key": spec.subject_key,
        "outcome": settled.outcome,
        "decisions": question["decisions"],
        "decided_by": verdict["by"],
        "decided_at": verdict["at"],
        "feedback": feedback_text(decision) if decision else None,
        "rating": rating_of(decision) if decision else None,
        "answer": settled.answer,
        "changes": None
        if unchanged
        else difference(question["snapshot"]["shown"], settled.snapshot.shown),
        "digest": digest,
        "round": question["round"],
        "finding": _final_finding(spec, question, settled),
        "history": question["history"],
        "idempotency_key": idempotency_key(question["review_id"], digest),
        "form": settled.snapshot.form,
    }
    if question.get("released"):
        record["released"] = True
    return record


def final_digest(question: Question, snapshot: Snapshot) -> str:
    """The digest of what a gate goes on with, after this question."""
    return question["digest"] if _is_unchanged(question, snapshot) else snapshot.digest


def _is_unchanged(question: Question, snapshot: Snapshot) -> bool:
    return snapshot.shown is question["snapshot"]["shown"]


def _final_finding(spec: GateSpec, question: Question, settled: Settled) -> dict[str, Any]:
    """An edited value is scored again, and never below what a person was asked for."""
    if settled.outcome not in ("edited", "answered") or spec.subject is None:
        return question["finding"]
    return scored_again(spec, question, settled.snapshot)
