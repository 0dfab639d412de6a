"""`record`: turns the answer into an outcome, once, and writes the approved value back."""

from __future__ import annotations

from functools import partial
from typing import Any, assert_never

from langchain_core.runnables import RunnableConfig
from langgraph.runtime import Runtime
from langgraph.types import Command

from langgraph_hitl._subgraph._pregel import answers_by_id, spend_plain_answer
from langgraph_hitl._subgraph.basis import check_basis
from langgraph_hitl._subgraph.channels import (
    ANSWER,
    QUESTION,
    REVISION,
    UNSEEN,
    Question,
    load,
    store,
)
from langgraph_hitl._subgraph.close import close, lean
from langgraph_hitl._subgraph.desk import CANCEL, NOT_DECIDED, Verdict
from langgraph_hitl._subgraph.settle import AskAgain, AskReviser, PutAgain, Settled, led_to
from langgraph_hitl._subgraph.spec import GateSpec, Node
from langgraph_hitl._subgraph.traces import annotate
from langgraph_hitl._subgraph.verdict import Unsettled, verdict_of
from langgraph_hitl.review.decision import (
    Decision,
    parse,
)
from langgraph_hitl.review.record import (
    MAX_DECISIONS,
)

SYSTEM_TRIGGER = "system:trigger"


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
        check_basis(spec, question, config)
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
        return close(spec, question, settled, verdict, None, runtime)
    decision = parse(verdict["decision"])
    question, came = led_to(spec, question, decision, verdict, config)
    match came:
        case Settled() as settled:
            _tell(spec, question, settled.outcome, decision, config)
            return close(spec, question, settled, verdict, decision, runtime)
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
    if answer["type"] == "items":
        kept["items"] = {item: lean(one) for item, one in answer["items"].items()}
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
    return close(spec, question, settled, verdict, None, runtime)
