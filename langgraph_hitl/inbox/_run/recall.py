"""`recall`: a sampled item that went on before it was looked at, and should not have."""

from __future__ import annotations

from functools import partial

from langgraph_hitl._subgraph.desk import CANCEL
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.filing import question_of
from langgraph_hitl.inbox.review import Review
from langgraph_hitl.review.decision import parse
from langgraph_hitl.review.outcome import APPROVING


def recall(office: Office, review: Review) -> None:
    """Tell the hooks of a sampled item what was decided, and close its review.

    `on_decided` hears every decision, `on_recall` those that do not let the item stand: a refusal,
    a request for changes, a corrected value.
    """
    office.registry.app(review)
    spec = office.registry.spec_of(review)
    with office.ledger.reading() as tx:
        settlement = tx.settlement(review.id, review.round)
    if settlement is None:
        return
    if spec is not None and settlement.decision["type"] != CANCEL:
        request = spec.request(question_of(review))
        decision = parse(settlement.decision)
        if spec.hooks.decided is not None:
            call = partial(spec.hooks.decided, request, decision)
            office.once(review.id, review.round, "decided", call)
        if spec.hooks.recall is not None and not _stands(settlement.outcome):
            call = partial(spec.hooks.recall, request, decision)
            office.once(review.id, review.round, "recall", call)
    with office.ledger.transaction() as tx:
        if not _stands(settlement.outcome):
            tx.note(review.id, "recalled", actor=settlement.by, channel="worker")
        tx.apply([(review.id, review.round, settlement.outcome, None)])


def _stands(outcome: str) -> bool:
    return outcome in APPROVING - {"edited", "answered"}
