"""`revise`: the user's function, Runnable or chat model makes the next version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from langgraph_hitl._subgraph.channels import QUESTION, REVISION, Question, load, store
from langgraph_hitl._subgraph.close import make_record
from langgraph_hitl._subgraph.desk import Verdict
from langgraph_hitl._subgraph.settle import Settled
from langgraph_hitl._subgraph.spec import GateSpec, Reviser
from langgraph_hitl.errors import RevisionFailed
from langgraph_hitl.review.decision import parse
from langgraph_hitl.review.digest import NotJson
from langgraph_hitl.review.items import items_problem
from langgraph_hitl.review.record import ReviewRecord
from langgraph_hitl.review.snapshot import same_kind, take

INSTRUCTION = (
    "You revise a text or a JSON value after a human review. Answer the feedback and change "
    "nothing that it does not ask for. Reply with the new version only, without any comment."
)


def revise_node(spec: GateSpec, reviser: Reviser) -> Runnable[Any, Any]:
    """The node between a request for changes and the next round."""

    def run(state: Any, config: RunnableConfig) -> dict[str, Any]:
        if isinstance(reviser.runnable, RunnableLambda) and not hasattr(reviser.runnable, "func"):
            raise RevisionFailed(f"Gate {spec.name!r}: the reviser is async; run with ainvoke")
        result = reviser.runnable.invoke(reviser_input(spec, reviser, state), config)
        return _fold(spec, state, result)

    async def arun(state: Any, config: RunnableConfig) -> dict[str, Any]:
        result = await reviser.runnable.ainvoke(reviser_input(spec, reviser, state), config)
        return _fold(spec, state, result)

    return RunnableLambda(run, afunc=arun, name="revise")


def reviser_input(spec: GateSpec, reviser: Reviser, state: Any) -> Any:
    """What the reviser is called with: its keys, the subject, and the review so far."""
    assert spec.subject is not None
    question: Question = deepcopy(state[QUESTION])  # a reviser may change what it is given
    review = under_review(spec, question)
    key = spec.subject.key
    shown = load(question["snapshot"]).restore()
    subject = spec.subject.shown_in(question["inputs"].get(key), shown)
    values = {
        "feedback": review["feedback"],
        **question["inputs"],
        key: subject,
        "review": review,
    }
    if reviser.prompt is not None:
        return reviser.prompt(reviser.reads.view(values))
    if reviser.is_model:
        return default_prompt(question, review)
    return reviser.reads.view(values)


def under_review(spec: GateSpec, question: Question) -> ReviewRecord:
    """What a reviser finds under `review`: the record as it stands, with the last decision."""
    last = question["decisions"][-1]
    decision = parse({k: v for k, v in last.items() if k not in ("round", "by", "at", "votes")})
    settled = Settled(outcome="needs_revision", snapshot=load(question["snapshot"]))
    verdict: Verdict = {"decision": last, "by": last["by"], "at": last["at"]}
    return make_record(spec, question, settled, verdict, decision, gate=spec.name)


def default_prompt(question: Question, review: ReviewRecord) -> list[BaseMessage]:
    """Our messages to a chat model: all versions, and what was said about each."""
    parts = [
        f"Version {entry['round'] + 1} (superseded):\n{_text(entry.get('version', '(too long)'))}\n"
        f"Feedback: {entry['decision'].get('feedback', '')}"
        for entry in question["history"]
    ]
    remark = review["feedback"] or f"The reviewer rated it {review['rating']}."
    parts.append(f"Present version:\n{_text(question['snapshot']['shown'])}\nFeedback: {remark}")
    return [SystemMessage(INSTRUCTION), HumanMessage("\n\n".join(parts))]


def _fold(spec: GateSpec, state: Any, result: Any) -> dict[str, Any]:
    """The reviser's result as the next version of the snapshot, or `RevisionFailed`."""
    old = load(state[QUESTION]["snapshot"])
    value = _subject_in(spec, result)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise RevisionFailed(f"Gate {spec.name!r}: the reviser returned nothing")
    try:
        taken = take(value)
    except NotJson as error:
        raise RevisionFailed(
            f"Gate {spec.name!r}: the reviser's result is not JSON ({error})"
        ) from None
    shown = taken.shown
    if isinstance(shown, str) and not isinstance(old.shown, str):
        shown = _parsed(shown)
    if problem := same_kind(old, shown):
        raise RevisionFailed(f"Gate {spec.name!r}: the reviser's result does not fit: {problem}")
    if spec.rules.items is not None:
        decided = state[QUESTION].get("items", {})
        if problem := items_problem(shown, spec.rules.items.key, decided):
            raise RevisionFailed(f"Gate {spec.name!r}: the reviser gave no such items: {problem}")
    if spec.field is not None and (problem := spec.field.problem(shown)):
        raise RevisionFailed(f"Gate {spec.name!r}: the state refuses the result: {problem}")
    return {REVISION: store(spec.read(old.with_shown(shown)))}


def _subject_in(spec: GateSpec, result: Any) -> Any:
    """The subject in an update, the text of a bare message, or the bare subject."""
    assert spec.subject is not None
    key = spec.subject.key
    if isinstance(result, Mapping):
        if set(result) != {key}:
            raise RevisionFailed(
                f"Gate {spec.name!r}: the reviser may return only the subject, as "
                f"{{{key!r}: ...}}; it returned the keys {sorted(map(str, result))}"
            )
        result = result[key]
        if not spec.subject.is_whole_key and isinstance(result, list):
            return spec.subject.get(result)
        return result
    return result.text if isinstance(result, BaseMessage) else result


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
