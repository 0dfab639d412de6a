"""`hitl_workflow`: complexity, confidence, QA, approval, release and learning, as one graph."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from langchain_core.runnables import Runnable
from langgraph.graph import END, START, StateGraph

from langgraph_hitl._reads import declared_reads, is_state_schema
from langgraph_hitl._subgraph.clock import Clock, system_clock
from langgraph_hitl._subgraph.desk import Desk
from langgraph_hitl._subgraph.gate import Gate, spec_of
from langgraph_hitl._subgraph.router import anything
from langgraph_hitl.errors import GateError
from langgraph_hitl.patterns import (
    ask_human,
    confidence_escalation,
    human_approval,
    qa_sample,
)
from langgraph_hitl.review.outcome import APPROVING
from langgraph_hitl.triggers.condition import bind
from langgraph_hitl.triggers.trigger import Trigger, trigger_of
from langgraph_hitl.wiring import add_check, add_review, asks, split
from langgraph_hitl.workflow._nodes import complexity_node, release_node

_log = logging.getLogger(__name__)

COMPLEXITY, EXPERT, DECISION = "complexity_check", "expert", "decision"
PROCESS, CONFIDENCE, REVIEW = "process", "confidence_check", "review"
QA, HUMAN_QA, FEEDBACK, REVISION = "qa_sample", "human_qa", "feedback", "revision"
APPROVAL, RELEASE, LEARN = "approval", "release", "log_and_learn"

_NONE: Mapping[str, Any] = MappingProxyType({})
_CURES = {
    "process": "the node that makes the subject, such as the call of a model",
    "revise": "the node that makes a new version of what failed QA, from feedback(state)",
    "release": "the node that does what was approved, with approved(state, subject)",
}


def hitl_workflow(
    state_schema: type[Any],
    subject: str,
    *,
    complexity: Trigger | Callable[[Any], Any],
    confidence: Mapping[str, Any],
    qa: Mapping[str, Any],
    process: Any = None,
    revise: Any = None,
    release: Any = None,
    expert: Any = _NONE,
    feedback: Any = None,
    learn: Any = None,
    decision: Mapping[str, Any] | Gate = _NONE,
    approval: Mapping[str, Any] | Gate = _NONE,
    inbox: Desk | None = None,
) -> StateGraph[Any, Any, Any, Any]:
    """The complete workflow, as a builder that is ready to be compiled.

    ```
    complexity_check -- complex --> expert --> decision
                     -- simple --> process --> confidence_check
    confidence_check -- low --> review --> decision
                     -- high --> qa_sample
    qa_sample -- drawn --> human_qa -- approved --> approval
              -- not drawn --> approval
    human_qa -- needs_revision --> feedback --> revision --> qa_sample
    decision, approval -- approved --> release
    expert, review, human_qa, decision, approval -- rejected --> log_and_learn
    ```

    Nothing is released but the value that `decision` or `approval` let go on; where time runs out,
    or a review is cancelled, it takes the way of `rejected`. Both ask about every case: say in so
    many words what may pass, such as `approval={"when": over("amount", 1000)}`.

    Args:
        state_schema: The state of the graph, with `review` and `reviews` (`ReviewState`).
        subject: The state key of what is made, checked and released.
        complexity: A trigger, or a function of the state; where it asks, the case is complex. What
            cannot be told is complex.
        confidence: The options of `confidence_escalation` for the confidence check and the review:
            `{"confidence": "score", "threshold": 0.9, "reviewers": "editors"}`.
        qa: The options of `qa_sample`: `{"rate": 0.1, "item_id": "case", "salt": SALT}`.
        process: The node that makes the subject.
        revise: The node that makes the next version of what failed QA.
        release: The node that does what was approved. It gets the whole state, and is not called if
            the value is not the one that `decision` or `approval` let go on in this case, however a
            run came there (`NotApproved`, `Drifted`).
        expert: Who takes complex cases: the options of `ask_human`, whose answer becomes the
            subject; a gate of any preset; or a node that makes the subject.
        feedback: A node for what failed QA, such as one that keeps it as an example.
        learn: The node for what is not released; one line in the log without it.
        decision: The options of the `human_approval` after an expert or a review, or a gate on the
            subject, such as a `committee`.
        approval: The same, before the release.
        inbox: An `Inbox` for all gates.

    Raises:
        GateError: A node is missing, an option is unknown or contradicts the workflow, or the state
            lacks a key.

    >>> from langgraph_hitl import ReviewState
    >>> from langgraph_hitl.triggers import complexity_above
    >>> class State(ReviewState):
    ...     case: str
    ...     complexity: float
    ...     answer: str
    ...     score: float
    >>> builder = hitl_workflow(
    ...     State,
    ...     "answer",
    ...     complexity=complexity_above(0.7),
    ...     confidence={"confidence": "score"},
    ...     qa={"rate": 0.1, "item_id": "case", "salt": "0123456789abcdef"},
    ...     process=lambda state: {"answer": "Yes.", "score": 0.9},
    ...     revise=lambda state: {"answer": "No."},
    ...     release=lambda state: {},
    ... )
    """
    _check_schema(state_schema)
    feedback = _nothing if feedback is None else feedback
    learn = _logged if learn is None else learn
    _check_nodes(process=process, revise=revise, release=release, feedback=feedback, learn=learn)
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(state_schema)
    gate = partial(_gate, subject, inbox)
    _add_expert(builder, _expert(expert, subject, inbox))
    _add_complexity(builder, complexity, subject, getattr(inbox, "clock", system_clock))
    builder.add_node(PROCESS, process)
    builder.add_edge(PROCESS, CONFIDENCE)
    _add_confidence(builder, gate(confidence_escalation, REVIEW, "confidence", confidence))
    _add_qa(builder, gate(qa_sample, HUMAN_QA, "qa", _checked_qa(qa)))
    builder.add_node(FEEDBACK, feedback)
    builder.add_node(REVISION, revise)
    builder.add_edge(FEEDBACK, REVISION)
    builder.add_edge(REVISION, QA)
    for name, options in ((DECISION, decision), (APPROVAL, approval)):
        asked = _last_word(gate, subject, name, options)
        add_review(builder, name, asked, approved=RELEASE, rejected=LEARN)
    let_go, seen = release_node(release, subject, gates=(DECISION, APPROVAL), schema=state_schema)
    builder.add_node(RELEASE, let_go, input_schema=seen)
    builder.add_node(LEARN, learn)
    builder.add_edge(RELEASE, END)
    builder.add_edge(LEARN, END)
    return builder


def _check_schema(state_schema: Any) -> None:
    if not is_state_schema(state_schema):
        raise GateError(
            "hitl_workflow: the first argument is the schema of the state (a TypedDict, dataclass "
            f"or pydantic model), not {state_schema!r:.80}"
        )


def _check_nodes(**nodes: Any) -> None:
    for name, node in nodes.items():
        if node is None:
            raise GateError(f"hitl_workflow has no {name} node: give {name}=, {_CURES[name]}")
        if not _is_node(node):
            raise GateError(f"{name} must be a node (a function or a Runnable), not {node!r:.80}")


def _is_node(given: Any) -> bool:
    return callable(given) or isinstance(given, Runnable)


def _gate(
    subject: str,
    inbox: Desk | None,
    preset: Callable[..., Gate],
    name: str,
    option: str,
    options: Any,
) -> Gate:
    """The gate of a preset, with the options that the user gave for it."""
    if not isinstance(options, Mapping):
        raise GateError(f"{option} takes the options of {preset.__name__}, not {options!r:.80}")
    try:
        return preset(subject, **{"name": name, "inbox": inbox, **options})
    except (TypeError, GateError) as error:
        raise GateError(f"{option}: {error}") from error


def _last_word(gate: Callable[..., Gate], subject: str, name: str, given: Any) -> Gate:
    """The gate, or the options of one, that lets the subject go on to the release."""
    if isinstance(given, Mapping):
        return gate(human_approval, name, name, {"action": "release", **given})
    spec = spec_of(given)
    if spec is None:
        raise GateError(
            f"{name} takes the options of human_approval, or a gate on {subject!r} such as "
            f"committee({subject!r}, ...), not {given!r:.80}"
        )
    if spec.subject_key != subject:
        raise GateError(f"{name} must be a gate on {subject!r}, not on {spec.subject_key!r}")
    checked: Gate = given
    return checked


def _expert(given: Any, subject: str, inbox: Desk | None) -> Any:
    """The gate, or the node, that takes complex cases."""
    if not isinstance(given, Mapping):
        if not _is_node(given):
            raise GateError(
                "expert must be a node, a gate, or the options of ask_human, not "
                f"{given!r:.80}; without expert=, ask_human asks"
            )
        return given
    if given.get("into", subject) != subject:
        raise GateError(
            f"expert: into={given['into']!r:.80} has no place here: the answer becomes the subject "
            f"{subject!r}, which is decided next; leave into= out"
        )
    options = {"into": subject, "action": "answer", **given}
    question = options.pop("question", "The case is complex. What is the answer?")
    return _gate(question, inbox, ask_human, EXPERT, "expert", options)


def _add_expert(builder: StateGraph[Any, Any, Any, Any], expert: Any) -> None:
    spec = anything(expert)
    if spec is None:
        builder.add_node(EXPERT, expert)
        builder.add_edge(EXPERT, DECISION)
        return
    outcomes = {outcome for gate in spec.gates for outcome in gate.outcomes}
    good = outcomes & {*APPROVING, "chosen"}
    ways = dict.fromkeys(sorted(good), DECISION)
    if outcomes - good:
        ways["rejected"] = LEARN
    add_review(builder, EXPERT, asks(expert), **ways)


def _add_complexity(
    builder: StateGraph[Any, Any, Any, Any],
    complexity: Trigger | Callable[[Any], Any],
    subject: str,
    clock: Clock,
) -> None:
    schema = builder.state_schema

    def declare(function: Callable[..., Any], what: str) -> Any:
        return declared_reads(function, what=what, reads=(), state_schema=schema)

    condition = bind(trigger_of(complexity, "complexity"), declare)
    for key in sorted(condition.keys - condition.optional_keys - {*builder.channels}):
        raise GateError(f"complexity reads {key!r}, which {schema.__name__} does not have")
    node: Any = complexity_node(
        condition, clock, needed=EXPERT, passes=PROCESS, subject=subject, builder=builder
    )
    ways = {EXPERT: "complex", PROCESS: "simple"}
    builder.add_node(COMPLEXITY, node, destinations=ways)
    builder.add_edge(START, COMPLEXITY)


def _add_confidence(builder: StateGraph[Any, Any, Any, Any], gate: Gate) -> None:
    check, review = split(gate)
    add_review(builder, REVIEW, review, approved=DECISION, rejected=LEARN)
    add_check(builder, CONFIDENCE, check, needed=("low", REVIEW), passes=("high", QA))


def _checked_qa(qa: Any) -> Any:
    if isinstance(qa, Mapping):
        if qa.get("blocking", True) is not True:
            raise GateError("qa: blocking=False has no place here: the release waits for QA")
        if qa.get("revise") is not None:
            raise GateError("qa: revise= has no place here: give the workflow its revise=")
    return qa


def _add_qa(builder: StateGraph[Any, Any, Any, Any], gate: Gate) -> None:
    check, human = split(gate)
    spec = spec_of(gate)
    assert spec is not None
    if "needs_revision" not in spec.outcomes:
        raise GateError("qa: allowed_decisions needs 'revise', which leads to the revision")
    ways = {"approved": APPROVAL, "needs_revision": FEEDBACK, "rejected": LEARN}
    add_review(builder, HUMAN_QA, human, **ways)
    add_check(builder, QA, check, needed=("drawn", HUMAN_QA), passes=("not drawn", APPROVAL))


def _nothing(state: Any) -> None:
    """The feedback is in the record, where `revise` finds it."""


def _logged(state: Any) -> None:
    record = state.get("review") if isinstance(state, dict) else state.review
    said = {name: (record or {}).get(name) for name in ("review_id", "gate", "outcome", "feedback")}
    _log.info("not released: %s", said)
