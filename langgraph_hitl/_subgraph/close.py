"""`close`: the record of a review that is over, and the approved value for the parent."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from langgraph.runtime import Runtime

from langgraph_hitl._subgraph.channels import Question
from langgraph_hitl._subgraph.desk import Verdict
from langgraph_hitl._subgraph.remarks import feedback_text, rating_of
from langgraph_hitl._subgraph.rescore import scored_again
from langgraph_hitl._subgraph.settle import Settled
from langgraph_hitl._subgraph.sitting import item_entries
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.review.decision import Decision, Items
from langgraph_hitl.review.diff import difference
from langgraph_hitl.review.outcome import APPROVING
from langgraph_hitl.review.record import (
    SCHEMA_VERSION,
    ReviewRecord,
    idempotency_key,
    stored_value,
)
from langgraph_hitl.review.snapshot import Snapshot


def close(
    spec: GateSpec,
    question: Question,
    settled: Settled,
    verdict: Verdict,
    decision: Decision | None,
    runtime: Runtime[Any],
) -> dict[str, Any]:
    route = question.get("route")
    gate = route["gate"] if route else gate_of(spec.name, runtime)
    record = make_record(spec, question, settled, verdict, decision, gate=gate)
    runtime.stream_writer(
        {
            "type": "review",
            "event": "decided",
            "review_id": record["review_id"],
            "outcome": record["outcome"],
        }
    )
    shown = {**record, "items": [*map(lean, record["items"])]} if "items" in record else record
    update: dict[str, Any] = {
        "review": shown,
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


def gate_of(name: str, runtime: Runtime[Any]) -> str:
    """The name of the gate's node; a gate that is the whole graph has its own name."""
    info = runtime.execution_info
    above = info.checkpoint_ns.rpartition("|")[0] if info else ""
    return above.rpartition("|")[2].partition(":")[0] or name


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
    if spec.keeps is not None and spec.keeps in question["inputs"]:
        record["held"] = question["inputs"][spec.keeps]
    if "route" in question:
        route = question["route"]
        record["route"] = {name: route[name] for name in ("pattern", "by", "reason")}
    if spec.rules.items is not None:
        record["items"] = item_entries(spec, question, settled.outcome, verdict)
        record["feedback"] = _said_of_items(record["items"], decision)
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


def _said_of_items(entries: list[dict[str, Any]], last: Decision | None) -> str | None:
    """What was said in every sitting of the items, and what was said of all in the last one."""
    lines = [f"{entry['id']}: {entry['message']}" for entry in entries if entry.get("message")]
    of_all = last.comment if isinstance(last, Items) else feedback_text(last) if last else None
    return "\n".join([*([of_all] if of_all else []), *lines]) or None


def lean(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in entry.items() if key != "value"}
