"""Wiring a gate into a graph: which outcome leads to which node."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from copy import copy
from dataclasses import replace
from typing import Annotated, Any, Literal

from langgraph.channels import BinaryOperatorAggregate, EphemeralValue
from langgraph.graph import END, StateGraph, add_messages
from langgraph.types import CachePolicy, RetryPolicy, Send

from langgraph_hitl._subgraph._pregel import default_error_handler
from langgraph_hitl._subgraph.channels import HANDED, typed_dict
from langgraph_hitl._subgraph.gate import Gate, build, check_builder, never_the_same, spec_of
from langgraph_hitl._subgraph.router import RouterSpec, anything, placed
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl._text.suggestion import meant
from langgraph_hitl.errors import GateError, NotApproved
from langgraph_hitl.review.calls import only_calls
from langgraph_hitl.review.outcome import APPROVING, OUTCOMES, way_of
from langgraph_hitl.review.state import (
    approved_calls,
    approved_items,
    keep_latest,
    merge_reviews,
)

_FOLLOWERS = ("auto_approved", "cancelled", "edited")
_GOOD = ("approved", "answered", "chosen", "partial")


def add_review(builder: StateGraph[Any, Any, Any, Any], name: str, gate: Gate, **ways: str) -> None:
    """Add `gate` as the node `name` and connect every outcome that it can have.

    Args:
        builder: The graph under construction. Its schema has the keys that the gate reads, and
            `review` and `reviews` (from `ReviewState`).
        name: The node's name.
        gate: What a preset returned. That of `submit_review` has no outcome yet and takes no ways:
            follow it by a plain edge. A router has the outcomes of all its patterns.
        ways: The node (or `END`) for an outcome. The good one (`approved`; `answered` or `chosen`
            for a question) must be named, and `rejected` where the gate can reject. `edited` and
            `auto_approved` follow `approved`, as does `answered` where the answer replaces the
            subject; every other outcome follows `rejected`.

    Raises:
        GateError: A way is missing or leads from an outcome that the gate cannot have, a key is
            not part of the graph's schema, or the subject is `tool_calls`, behind which stands
            `run_calls`.

    ```python
    add_review(builder, "approve", human_approval("draft"), approved="publish", rejected="archive")
    ```
    """
    check_builder(name, builder)
    spec = anything(gate)
    if spec is None:
        raise GateError(f"{name!r}: add_review takes a gate that a preset returned, not {gate!r}")
    _check_calls(name, spec)
    _check_ways(name, spec, ways)
    if spec.mode == "submitted":
        _check_keys(name, spec, builder)
    else:
        _check_channels(name, spec, builder)
    _place(builder, name, gate, spec)
    if spec.mode == "submitted":
        return
    labels = _labels(ways)
    path_map: dict[Hashable, str] = {labels[way]: node for way, node in ways.items()}
    builder.add_conditional_edges(name, _path(ways, labels), path_map)


def add_check(
    builder: StateGraph[Any, Any, Any, Any],
    name: str,
    gate: Gate,
    *,
    needed: tuple[str, str],
    passes: tuple[str, str],
) -> None:
    """Add the node that finds out whether `gate` has to ask, and leads to where it stands.

    Args:
        gate: A gate with a condition, made by `split`.
        needed: The label of the way to the other half of the gate, and its node.
        passes: The label of the way for what passes, and its node.
    """
    spec = spec_of(gate)
    assert spec is not None
    _check_channels(name, spec, builder)
    _place(builder, name, gate, spec)

    def go(state):  # type: ignore[no-untyped-def]  # an annotation would add channels to the parent
        return needed[0] if state.get(HANDED) else passes[0]

    go.__name__ = "check"
    builder.add_conditional_edges(name, go, dict([needed, passes]))


def split(gate: Gate) -> tuple[Gate, Gate]:
    """The two halves of a gate with a condition: whether a person is needed, and the question."""
    spec = spec_of(gate)
    assert spec is not None
    return build(replace(spec, part="check")), asks(gate)


def asks(gate: Gate) -> Gate:
    """The same gate, for a node after one that has found out why a person is asked."""
    spec = spec_of(gate)
    return gate if spec is None else build(replace(spec, part="rest"))


def _place(
    builder: StateGraph[Any, Any, Any, Any], name: str, gate: Gate, spec: GateSpec | RouterSpec
) -> None:
    keys = [key for key in spec.input_keys if key in builder.channels]
    handed = {HANDED: Annotated[Any, EphemeralValue]} if HANDED in spec.input_keys else {}
    builder.add_node(
        name,
        placed(gate, builder.state_schema),
        input_schema=typed_dict("ReviewInput", dict.fromkeys(keys, Any) | handed),
        retry_policy=RetryPolicy(max_attempts=1),
        cache_policy=CachePolicy(key_func=never_the_same),
    )


def route(**ways: str) -> Callable[[Any], str]:
    """The branch function behind a gate, for `add_conditional_edges`; `add_review` does more.

    Reads `state["review"]` and returns the node of the way that its outcome takes; whatever has
    no way of its own follows `rejected`, or ends the run where `rejected` is not named. Behind
    `tool_calls`, where `run_calls` is at home, the node of a good way sees only the calls that may
    run.

    >>> from langgraph_hitl import route
    >>> go = route(approved="publish", rejected="archive")
    >>> go({"review": {"outcome": "edited", "subject_key": "draft"}}), go({})
    ('publish', 'archive')
    """
    _check_names(ways)
    if not any(good in ways for good in _GOOD):
        raise GateError(f"route: name the good way, one of {', '.join(_GOOD)}")
    go = _path(ways)
    go.__annotations__ = {"return": Literal[tuple(dict.fromkeys([*ways.values(), _bad(ways)]))]}
    return go


def send_items(node: str, *, key: str, otherwise: str = END) -> Callable[[Any], Any]:
    """The branch behind `plan_approval`: each item that may go on to a run of `node` of its own.

    The node gets what `approved_items` has of one: `id`, `value`, `idempotency_key`, ...; where
    none may go on, the graph goes to `otherwise`.

    Raises `GateError` for what names no key and no node; and in the graph `NotApproved` where `key`
    has not been reviewed, or was approved as a whole (`human_approval`). With the branch mended,
    `app.invoke(None, config)`, `app.update_state(config, None, as_node="approve")` and
    `app.invoke(None, config)` send the items.

    ```python
    builder.add_node("approve", plan_approval("invoices"))
    builder.add_conditional_edges("approve", send_items("pay", key="invoices", otherwise="report"))
    ```
    """
    for target in (node, otherwise):
        if not isinstance(target, str) or not target.strip():
            raise GateError(f"send_items takes the name of a node, not {target!r:.60}")
    if not isinstance(key, str) or not key.strip():
        raise GateError(f"send_items: key= is the state key of the list, not {key!r:.60}")

    def go(state):  # type: ignore[no-untyped-def]  # an annotation would add channels to the parent
        return [Send(node, item) for item in _going_on(state, key)] or otherwise

    go.__name__ = "send_items"
    go.__annotations__ = {"return": Literal[node, otherwise]}
    return go


def _going_on(state: Any, key: str) -> list[dict[str, Any]]:
    """The items that may go on; none where the list was refused as a whole."""
    reviews = state.get("reviews") if isinstance(state, dict) else getattr(state, "reviews", None)
    about = {record["subject_key"]: record for record in reviews or []}
    newest = about.get(key)
    if newest is None:
        known = [known for known in about if known is not None]
        raise NotApproved(f"{key!r} has not been reviewed{meant(key, known)}")
    if "items" not in newest and newest["outcome"] not in APPROVING:
        return []
    return approved_items(state, key)


def _labels(ways: Mapping[str, str]) -> dict[str, str]:
    """The label of each way. LangGraph draws one edge between two nodes, so it bears all names."""
    return {
        way: ", ".join(other for other, same in ways.items() if same == node)
        for way, node in ways.items()
    }


def _path(ways: Mapping[str, str], labels: Mapping[str, str] | None = None) -> Callable[[Any], Any]:
    def go(state):  # type: ignore[no-untyped-def]  # an annotation would add channels to the parent
        record = state.get("review") if isinstance(state, dict) else getattr(state, "review", None)
        way = None
        if isinstance(record, dict):
            replaces = record.get("subject_key") is not None
            way = way_of(str(record.get("outcome")), ways, replaces_subject=replaces)
        if labels is not None:
            return labels[way or "rejected"]
        node = ways[way] if way else _bad(ways)
        if isinstance(record, dict) and record.get("form") == "calls" and node != END:
            return _to_calls(node, state, record, otherwise=_bad(ways))
        return node

    go.__name__ = "route"
    return go


def _to_calls(node: str, state: Any, record: Mapping[str, Any], *, otherwise: str) -> str | Send:
    """The node of an outcome; it sees only the calls that may run, as a `ToolNode` runs all."""
    if record.get("outcome") not in APPROVING:
        return node
    key = str(record.get("subject_key"))
    left = [call["id"] for call in approved_calls(state, key)]
    if not left:
        return otherwise
    messages = state[key] if isinstance(state, dict) else getattr(state, key)
    seen = only_calls(messages, left)
    if seen == [*messages]:
        return node
    if isinstance(state, dict):
        return Send(node, {**state, key: seen})
    own = copy(state)
    setattr(own, key, seen)
    return Send(node, own)


def _bad(ways: Mapping[str, str]) -> str:
    return ways.get("rejected", END)


def _check_names(ways: Mapping[str, str]) -> None:
    for outcome, target in ways.items():
        if outcome not in OUTCOMES:
            raise GateError(f"{outcome!r} is not an outcome; known: {', '.join(OUTCOMES)}")
        if not isinstance(target, str) or not target:
            raise GateError(f"{outcome}= takes the name of a node, not {target!r}")


def _check_calls(name: str, spec: GateSpec | RouterSpec) -> None:
    """What follows runs calls, and a way for all of them would run the refused ones too."""
    lenses = [gate.subject for gate in spec.gates if gate.subject is not None]
    if spec.mode == "blocking" and any(lens.refused is not None for lens in lenses):
        raise GateError(
            f"{name!r}: of tool calls each goes its own way: builder.add_node({name!r}, gate) and "
            f"builder.add_conditional_edges({name!r}, run_calls('tools', otherwise=...))"
        )


def _check_ways(name: str, spec: GateSpec | RouterSpec, ways: Mapping[str, str]) -> None:
    if spec.mode == "submitted":
        if ways:
            raise GateError(
                f"{name!r}: what is submitted has no outcome yet. Connect it by "
                f"builder.add_edge({name!r}, ...), and the gate of await_review by its outcomes."
            )
        return
    _check_names(ways)
    ends = {outcome for gate in spec.gates for outcome in gate.outcomes}
    for outcome in ways:
        stands = any(_stands_for_another(outcome, gate, ways) for gate in spec.gates)
        if outcome not in ends and not stands:
            raise GateError(
                f"{name!r}: the gate cannot end as {outcome!r}; "
                f"it can end as {', '.join(sorted(ends))}"
            )
    if any(gate.rules.items is not None for gate in spec.gates) and "partial" not in ways:
        raise GateError(
            f"{name!r}: name the way for what is approved in part: partial= (often the node of "
            "approved=)"
        )
    lost = {
        outcome
        for gate in spec.gates
        for outcome in gate.outcomes
        if way_of(outcome, ways, replaces_subject=gate.subject is not None) is None
    }
    if lost:
        named = [f"{outcome}=" for outcome in sorted(lost) if outcome not in _FOLLOWERS]
        raise GateError(
            f"{name!r}: no way for {', '.join(map(repr, sorted(lost)))}; name "
            f"{' and '.join(named or ['approved='])} (see add_review for what follows what)"
        )


def _stands_for_another(outcome: str, spec: GateSpec, ways: Mapping[str, str]) -> bool:
    """`approved` and `rejected` also serve the outcomes that follow them."""
    replaces = spec.subject is not None
    return outcome in ("approved", "rejected") and any(
        other not in ways and way_of(other, ways, replaces_subject=replaces) == outcome
        for other in spec.outcomes
    )


def _check_channels(
    name: str, spec: GateSpec | RouterSpec, builder: StateGraph[Any, Any, Any, Any]
) -> None:
    channels = builder.channels
    if default_error_handler(builder) is not None:
        raise GateError(
            f"{name!r}: the graph has a default error_handler, which would take a malformed answer "
            "for a failed node and end the review. Give error_handler= to the nodes that need it."
        )
    _check_keys(name, spec, builder)
    for gate in spec.gates:
        _check_reducer(name, gate, channels)
    for key, reducer in (("review", keep_latest), ("reviews", merge_reviews)):
        channel = channels.get(key)
        if not isinstance(channel, BinaryOperatorAggregate) or channel.operator is not reducer:
            raise GateError(
                f"{name!r}: the graph's schema {builder.state_schema.__name__} needs the key "
                f"{key!r} with its reducer; derive it from ReviewState, or declare "
                "review: LatestReview and reviews: AllReviews (langgraph_hitl.review)"
            )


def _check_keys(
    name: str, spec: GateSpec | RouterSpec, builder: StateGraph[Any, Any, Any, Any]
) -> None:
    for key in spec.parent_keys:
        if key not in builder.channels:
            raise GateError(
                f"{name!r}: the gate needs the state key {key!r}, which the graph's schema "
                f"{builder.state_schema.__name__} does not have"
            )


def _check_reducer(name: str, spec: GateSpec, channels: Mapping[str, Any]) -> None:
    """An edit replaces the subject; a reducer would add it to what is there."""
    changes = {"edit", "respond", "revise", "items"} & {*spec.rules.allowed}
    if spec.subject is None or not spec.write_back or not changes:
        return
    channel = channels[spec.subject.key]
    if isinstance(channel, BinaryOperatorAggregate) and channel.operator is not add_messages:
        raise GateError(
            f"{name!r}: the subject {spec.subject.key!r} has a reducer, which would add an edited "
            "value to the old one. Review another key, or pass write_back=False."
        )
