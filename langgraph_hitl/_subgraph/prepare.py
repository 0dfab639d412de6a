"""`prepare`: runs once and is committed; snapshot, trigger, context, filing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol, get_args

from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphBubbleUp
from langgraph.graph import END
from langgraph.runtime import Runtime
from langgraph.types import Command
from pydantic import ValidationError
from pydantic_core import from_json, to_json

from langgraph_hitl._reads import Reader
from langgraph_hitl._subgraph._pregel import checkpointer_of, spend_plain_answer
from langgraph_hitl._subgraph.basis import basis_of, reason_anew
from langgraph_hitl._subgraph.channels import (
    HANDED,
    QUESTION,
    UNSEEN,
    Handed,
    Question,
    store,
)
from langgraph_hitl._subgraph.desk import Clerk
from langgraph_hitl._subgraph.handed import handed_to
from langgraph_hitl._subgraph.put import put
from langgraph_hitl._subgraph.spec import GateSpec, Node, Priority
from langgraph_hitl._subgraph.traces import annotate
from langgraph_hitl.errors import ContextMissing, NoCheckpointer, ReviewError, SubjectError
from langgraph_hitl.review.digest import NotJson, plain_json
from langgraph_hitl.review.finding import MAX_SENTENCE, Finding, failed
from langgraph_hitl.review.items import items_problem
from langgraph_hitl.review.snapshot import Snapshot, take


class Defaulted(Protocol):
    """What has keys, and the defaults of some."""

    @property
    def defaults(self) -> Mapping[str, Callable[[], Any]]: ...

    @property
    def input_keys(self) -> tuple[str, ...]: ...


def prepare_node(spec: GateSpec) -> Node:
    """The first node of a gate."""

    def prepare(state: Any, config: RunnableConfig, runtime: Runtime[Any]) -> Any:
        question = made(spec, state, config, runtime)
        needed = question["finding"]["needed"]
        if needed and spec.part == "check":
            return Command(update={HANDED: Handed(finding=question["finding"])}, goto=END)
        passes = spec.mode == "sampled" or not needed
        outcome = "auto_approved" if passes else None
        annotate(config, review_id=question["review_id"], outcome=outcome)
        if needed:
            put(spec, question, config)
        announce(question, runtime)
        if spec.mode == "sampled":
            released: Question = {**question, "released": True}
            return {QUESTION: released if needed else question}
        if not needed:
            return Command(update={QUESTION: question}, goto="record")
        spend_plain_answer(config)
        update = {QUESTION: question, UNSEEN: True}
        return update if spec.when is None else Command(update=update, goto="ask")

    return prepare


def made(spec: GateSpec, state: Any, config: RunnableConfig, runtime: Runtime[Any]) -> Question:
    """The question of a gate, whether anybody has to answer it or not."""
    check_checkpointer(spec.name, config)
    clerk = spec.desk.clerk(spec, config) if spec.desk else None
    before: Question | None = state.get(QUESTION) if is_inner(runtime) else None
    replaced = before["review_id"] if before else None
    thread_id, review_id = identify(spec.name, runtime, clerk, replaced)
    again = reason_anew(spec, before, thread_id) if before else None
    values = with_defaults(spec, state)
    handed = handed_to(spec, values)
    route = handed.get("route")
    review_id = route["review_id"] if route else review_id
    question = clerk.filed(review_id) if clerk else None
    if question is None:
        question = _question(spec, values, thread_id, review_id, handed, again)
        if clerk and spec.similar is not None and _asks(spec, question["finding"]["needed"]):
            question["similar"] = clerk.similar(spec.payload(question), spec.similar)
    if question["finding"]["needed"] and spec.mode == "blocking":
        question["inputs"] = inputs_of(spec, values)
    return question


def check_checkpointer(name: str, config: RunnableConfig) -> None:
    """Raises `NoCheckpointer` where the graph could not be resumed."""
    if checkpointer_of(config) is None:
        raise NoCheckpointer(
            f"Gate {name!r} cannot pause: the graph has no checkpointer. "
            "Compile it with builder.compile(checkpointer=...)."
        )


def inputs_of(spec: GateSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """What later nodes of the gate need of the state."""
    return {key: values[key] for key in spec.later_keys if key in values}


def announce(question: Question, runtime: Runtime[Any]) -> None:
    """Tell the stream that somebody is asked, or that nobody needs to be."""
    event = "asked" if question["finding"]["needed"] else "not_needed"
    runtime.stream_writer({"type": "review", "event": event, "review_id": question["review_id"]})


def with_defaults(spec: Defaulted, state: Mapping[str, Any]) -> dict[str, Any]:
    """The state with the schema's defaults where a key was never written."""
    values = dict(state)
    for key, default in spec.defaults.items():
        if key in spec.input_keys and key not in values:
            values[key] = default()
    return values


def subject_of(spec: GateSpec, values: Mapping[str, Any]) -> Snapshot:
    """The snapshot of the subject, or of the question's text."""
    if spec.subject is None:
        return Snapshot(shown=_question_text(spec, values))
    value = values.get(spec.subject.key)
    subject = None if value is None else spec.subject.get(value)
    if subject is None and value and not spec.subject.is_whole_key:
        raise SubjectError(
            f"Gate {spec.name!r}: {spec.subject.key!r} has no {spec.subject.name} that anybody "
            "could decide. Lead to the gate only where it has."
        )
    if subject is None:
        raise SubjectError(
            f"Gate {spec.name!r}: the subject {spec.subject.key!r} is absent from the state. "
            "Write it before the gate, and check that the key is part of the graph's schema."
        )
    try:
        if spec.field is not None and not _has_messages(subject):
            return take(spec.field.read(subject))
        return take(subject)
    except ValidationError as error:
        raise SubjectError(
            f"Gate {spec.name!r}: the state's schema refuses the subject {spec.subject.key!r}: "
            f"{error.errors(include_url=False)[0]['msg']}"
        ) from None
    except NotJson as error:
        raise SubjectError(
            f"Gate {spec.name!r}: the subject {spec.subject.key!r} is neither plain JSON nor "
            f"messages ({error}). Keep it as JSON in the state, for example with model_dump()."
        ) from None


def _has_messages(value: Any) -> bool:
    items = value if isinstance(value, list | tuple) else [value]
    return any(isinstance(item, BaseMessage) for item in items)


def _question_text(spec: GateSpec, values: Mapping[str, Any]) -> str:
    text = spec.question(values) if isinstance(spec.question, Reader) else spec.question
    if not isinstance(text, str) or not text.strip():
        raise SubjectError(f"Gate {spec.name!r}: the question is not a text, or blank")
    return text


def _question(
    spec: GateSpec,
    values: dict[str, Any],
    thread_id: str,
    review_id: str,
    handed: Handed,
    again: str | None,
) -> Question:
    snapshot = subject_of(spec, values)
    if spec.rules.items is not None:
        _check_items(spec, snapshot, spec.rules.items.key)
    digest = snapshot.digest
    now = spec.clock()
    told = handed.get("finding")
    finding = Finding.from_json(told) if told else spec.evaluate(values, now)
    if again is not None:
        finding = put_anew(finding, again)
    asks = _asks(spec, finding.needed)
    question: Question = {
        "review_id": review_id,
        "thread_id": thread_id,
        "asked_at": now.isoformat(),
        "round": 0,
        "revisions": 0,
        "snapshot": store(snapshot),
        "digest": digest,
        "first_digest": digest,
        "context": _collect_context(spec, values) if asks else {},
        "finding": finding.to_json(),
        "decisions": [],
        "history": [],
        "inputs": {},
        "basis": basis_of(spec),
    }
    if "route" in handed:
        question["route"] = handed["route"]
    if asks and isinstance(spec.criteria, Reader):
        question["criteria"] = _criteria(spec.criteria, values)
    if asks and isinstance(spec.priority, Reader):
        question["priority"] = _priority(spec.priority, values)
    if asks and spec.requester is not None:
        question["requester"] = _requester(spec, spec.requester, values)
    return question


def _asks(spec: GateSpec, needed: bool) -> bool:
    """Whether this gate puts the question; one that only checks leaves it to another."""
    return needed and spec.part != "check"


def _check_items(spec: GateSpec, snapshot: Snapshot, key: str) -> None:
    if snapshot.shown == []:
        raise SubjectError(
            f"Gate {spec.name!r}: {spec.subject_key!r} is an empty list, so nobody can decide an "
            "item. Branch before the gate, and lead to it only where there is one."
        )
    if problem := items_problem(snapshot.shown, key):
        raise SubjectError(
            f"Gate {spec.name!r}: the items in {spec.subject_key!r} cannot be decided one by one: "
            f"{problem}"
        )


def _criteria(reader: Reader, values: dict[str, Any]) -> list[str]:
    """The criteria of this case. Where they cannot be told, the reviewer reads why."""
    try:
        found = reader(values)
    except GraphBubbleUp:
        raise
    except Exception as error:
        return [failed(error, what="The function of the criteria").sentence]
    texts = [found] if isinstance(found, str) else found
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        return [f"The function of the criteria gave {type(found).__name__} instead of texts."]
    return [_readable(text) for text in texts]


def _priority(reader: Reader, values: dict[str, Any]) -> Priority:
    """The priority of this case. One that cannot be told comes first, so that it is noticed."""
    try:
        found = reader(values)
    except GraphBubbleUp:
        raise
    except Exception:
        return "critical"
    return found if found in get_args(Priority) else "critical"


def _requester(spec: GateSpec, given: str | Reader, values: dict[str, Any]) -> str:
    """Who asked for it. Where that is not known, anybody could approve what they asked for."""
    found = given(values) if isinstance(given, Reader) else values.get(given)
    if not isinstance(found, str) or not found.strip():
        named = "its function" if isinstance(given, Reader) else f"the state key {given!r}"
        raise SubjectError(
            f"Gate {spec.name!r}: {named} does not give the id of who asked (requester=), a text, "
            "so that nobody could be kept from deciding it; write it before the gate"
        )
    return found


def put_anew(finding: Finding, again: str) -> Finding:
    """What somebody was asked before passes no more without anybody."""
    sentence = f"{again}. {finding.sentence}"[:MAX_SENTENCE]
    return replace(finding, needed=True, sentence=sentence)


def is_inner(runtime: Runtime[Any]) -> bool:
    """Whether a gate is a node of a graph: what it has asked before is of the same task then."""
    info = runtime.execution_info
    return info is not None and "|" in info.checkpoint_ns


def identify(
    name: str, runtime: Runtime[Any], clerk: Clerk | None, replaced: str | None
) -> tuple[str, str]:
    """The thread, and an id that a killed `prepare` finds again, from the gate's own task.

    What takes the place of the review `replaced` has another one.
    """
    info = runtime.execution_info
    if info is None:  # a node always has one
        raise NoCheckpointer(f"Gate {name!r} does not run inside a graph")
    thread_id = str(info.thread_id)
    gate_task = info.checkpoint_ns.rpartition("|")[0] or info.checkpoint_id
    graph = (clerk.graph,) if clerk else ()
    before = (replaced,) if replaced else ()
    text = "\n".join((*graph, name, thread_id, gate_task, *before))
    return thread_id, "rv-" + hashlib.sha256(text.encode()).hexdigest()[:24]


def _collect_context(spec: GateSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: values[key] for key in spec.context_keys if values.get(key) is not None}
    if spec.context_reader is not None:
        collected = _read_context(spec, spec.context_reader, values)
        if not isinstance(collected, Mapping):
            raise ContextMissing(spec.required_context or ("context",), gate=spec.name)
        found.update((str(name), value) for name, value in collected.items())
    if missing := [name for name in spec.required_context if _is_empty(found.get(name))]:
        raise ContextMissing(missing, gate=spec.name)
    return {_readable(name): as_shown(value) for name, value in found.items()}


def _read_context(spec: GateSpec, reader: Reader, values: Mapping[str, Any]) -> Any:
    try:
        return reader(values)
    except GraphBubbleUp:
        raise
    except Exception as error:
        raise ReviewError(
            f"Gate {spec.name!r} ({spec.rules.action!r}): the function of context= raised "
            f"{type(error).__name__}: {error}; nobody was asked"
        ) from error


def _is_empty(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, list | tuple | dict | set) and not value)


def _readable(name: str) -> str:
    return name.encode(errors="backslashreplace").decode().replace("\x00", "\\x00")


def as_shown(value: Any) -> Any:
    """A value of the context, which is only shown: what is not JSON is shown as text."""
    try:
        return take(value).shown
    except (NotJson, RecursionError):
        pass
    try:
        return plain_json(from_json(to_json(value, fallback=str, inf_nan_mode="strings")))
    except (ValueError, RecursionError):  # NotJson among them, bytes that are no text, cycles
        return ascii(value)
