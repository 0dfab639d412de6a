"""`recall`: what becomes of a subject that went on before anybody looked at it."""

from __future__ import annotations

import logging
from copy import deepcopy
from datetime import datetime
from functools import partial
from inspect import signature
from typing import Any, Literal, NamedTuple

from langgraph_hitl._subgraph.channels import load
from langgraph_hitl._subgraph.close import final_digest
from langgraph_hitl._subgraph.desk import NOT_DECIDED
from langgraph_hitl._subgraph.settle import AskReviser, settle
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.errors import RunFailed
from langgraph_hitl.inbox._office import MAX_ERROR, Office
from langgraph_hitl.inbox._ruling import last_override, recall_of
from langgraph_hitl.inbox._run.filing import question_of
from langgraph_hitl.inbox._run.hook import call_once
from langgraph_hitl.inbox._run.lease import try_lock
from langgraph_hitl.inbox._run.steps import Call, Steps
from langgraph_hitl.inbox.recall import Recall
from langgraph_hitl.inbox.review import OVERRULED, RECALL, Review, Settlement
from langgraph_hitl.review.decision import Decision, parse
from langgraph_hitl.review.record import idempotency_key


class Made(NamedTuple):
    """The decision because of which something is called back."""

    decision: Decision
    by: str
    at: datetime
    reason: str | None = None


_log = logging.getLogger(__name__)

_NO_GATE = (
    "the graph {review.graph!r} has no gate at {review.gate!r} any more, whose on_recall would be "
    "called; register a version of the graph that has it"
)


def recall(office: Office, review: Review) -> Steps[Literal["driven", "busy", "nothing to do"]]:
    """Tell the hooks what was decided about a subject that has gone on; the thread is left alone.

    `on_decided` hears every decision, `on_recall` those that do not let the subject stand as it is.
    Nothing is lost if the process dies: `work()` finds the review. Where `on_recall` raises, it is
    called again by `work()`, and this raises `RunFailed`.
    """
    office.registry.app(review)
    tell = _tell_overruled if OVERRULED in review.hooks else _tell
    held = yield from try_lock(office, recall_lock(review.id))
    if held is None:
        return "busy"
    try:
        told = yield Call(partial(tell, office, review.id))
    finally:
        held.release()
    return "driven" if told else "nothing to do"


def recall_lock(review_id: str) -> str:
    """The name of the lock under which the hooks of a subject that has gone on are told."""
    return f"hitl:recall:{review_id}"


def _tell_overruled(office: Office, review_id: str) -> bool:
    """Call back what the graph has done: somebody with more authority decided over it."""
    with office.ledger.reading() as rx:
        review = rx.get(review_id)
        said = last_override(rx, review) if review else None
    if review is None or said is None or not review.wake or RECALL in review.hooks:
        return False
    spec = office.registry.spec_with(review, recall_of)
    if spec is None or spec.hooks.recall is None:
        raise _failed(office, review, _NO_GATE.format(review=review))
    with office.ledger.reading() as rx:
        earlier = rx.settlement(review.id, review.round)
    given = Made(parse(said.content["decision"]), said.actor, said.at, said.reason)
    _call_back(office, spec, review, earlier, given)
    with office.ledger.transaction() as tx:
        tx.recalled(review.id, review.round, actor=said.actor)
    return True


def _tell(office: Office, review_id: str) -> bool:
    with office.ledger.reading() as rx:
        review = rx.get(review_id)
        settlement = rx.settlement(review_id, review.round) if review else None
    if review is None or settlement is None or not review.wake:
        return False
    recalled = settlement.decision["type"] not in {*NOT_DECIDED, "approve"}
    spec = office.registry.spec_of(review)
    if spec is None and recalled:
        raise _failed(office, review, _NO_GATE.format(review=review))
    if spec is not None and settlement.decision["type"] not in NOT_DECIDED:
        _tell_decided(office, spec, review, settlement)
        if recalled:
            made = Made(parse(settlement.decision), settlement.by, settlement.at)
            _call_back(office, spec, review, None, made)
    with office.ledger.transaction() as tx:
        if recalled:
            tx.recalled(review.id, review.round, actor=settlement.by)
        tx.apply([(review.id, review.round, settlement.outcome, None)])
    return True


def _tell_decided(office: Office, spec: GateSpec, review: Review, settlement: Settlement) -> None:
    hook = spec.hooks.decided
    if hook is not None:
        request = spec.request(question_of(review))
        call = partial(hook, request, parse(settlement.decision))
        call_once(office, review.id, review.round, "decided", call)


def _call_back(
    office: Office, spec: GateSpec, review: Review, earlier: Settlement | None, made: Made
) -> None:
    """Unlike the other hooks it is called until it succeeds: somebody has to undo what went on."""
    hook = spec.hooks.recall
    if hook is None:
        return
    try:
        more = {"recall": _recall(spec, review, earlier, made)} if _names_recall(hook) else {}
        hook(spec.request(question_of(review)), made.decision, **more)
    except Exception as error:
        _log.exception("the hook on_recall failed")
        reason = f"on_recall: {type(error).__name__}: {error}"[:MAX_ERROR]
        raise _failed(office, review, reason) from error
    office.point("telling")


def _names_recall(hook: Any) -> bool:
    try:
        return "recall" in signature(hook).parameters
    except (TypeError, ValueError):  # a builtin, which names nothing
        return False


def _recall(spec: GateSpec, review: Review, earlier: Settlement | None, made: Made) -> Recall:
    """`earlier` is what the graph has followed; None where it went on before anybody decided."""
    question = question_of(review)
    snapshot, decided = load(question["snapshot"]), None
    if earlier is not None and earlier.decision and earlier.decision["type"] not in NOT_DECIDED:
        decided = parse(earlier.decision)
        came = settle(spec, question, decided)
        snapshot = snapshot if isinstance(came, AskReviser) else came.snapshot
    return Recall(
        review_id=review.id,
        outcome=review.outcome if earlier is not None and review.outcome else "auto_approved",
        value=deepcopy(snapshot.shown),
        idempotency_key=idempotency_key(review.id, final_digest(question, snapshot)),
        earlier=decided,
        earlier_by=None if earlier is None else earlier.by,
        earlier_at=None if earlier is None else earlier.at,
        decision=made.decision,
        by=made.by,
        at=made.at,
        reason=made.reason,
    )


def _failed(office: Office, review: Review, reason: str) -> RunFailed:
    with office.ledger.transaction() as tx:
        tx.failed(review.id, error=reason)
    return RunFailed(review.id, reason=reason, cure="inbox.work() tries it again.")
