"""Building a gate: from options to a checked `GateSpec`, from the spec to a compiled subgraph."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeAlias, assert_never
from uuid import uuid4

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from langgraph_hitl._reads import schema_defaults
from langgraph_hitl._subgraph.ask import ask_node
from langgraph_hitl._subgraph.asking_graph import AskingGraph
from langgraph_hitl._subgraph.channels import input_schema, output_schema, state_schema
from langgraph_hitl._subgraph.edit_schema import Check
from langgraph_hitl._subgraph.field import field_of
from langgraph_hitl._subgraph.join import join_node
from langgraph_hitl._subgraph.prepare import prepare_node
from langgraph_hitl._subgraph.record import record_node
from langgraph_hitl._subgraph.revise import revise_node
from langgraph_hitl._subgraph.snapshot import snapshot_node
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl._subgraph.submit import submit_node
from langgraph_hitl.errors import GateError

Gate: TypeAlias = CompiledStateGraph[Any, Any, Any, Any]


class GateBuilder(StateGraph[Any, Any, Any, Any]):
    """The builder of a gate; it carries the spec, so that `add_review` can check the wiring."""

    spec: GateSpec

    def compile(self, *args: Any, **options: Any) -> Gate:
        built: Any = super().compile(*args, **options)
        built.__class__ = AskingGraph
        compiled: Gate = built
        return compiled


def check_builder(name: str, builder: Any) -> None:
    """Raises `GateError` for what is no graph under construction."""
    if not isinstance(builder, StateGraph):
        raise GateError(
            f"{name!r}: give the builder (StateGraph), before compile(), not a "
            f"{type(builder).__name__}"
        )


def build(spec: GateSpec) -> Gate:
    """The compiled subgraph of a spec. Nodes that the spec cannot reach are left out."""
    _check_similar(spec)
    builder = GateBuilder(
        state_schema(spec.channel_keys),
        input_schema=input_schema(spec.input_keys),
        output_schema=output_schema(spec.output_keys),
    )
    builder.spec = spec
    match spec.mode:
        case "submitted":
            builder.add_node("submit", submit_node(spec))
            builder.add_edge(START, "submit")
        case "sampled":
            builder.add_node("prepare", prepare_node(spec))
            builder.add_node("record", record_node(spec))
            builder.add_edge(START, "prepare")
            builder.add_edge("prepare", "record")
        case "blocking" if spec.part == "check":
            after = {"record": "not needed", END: "needed"}
            builder.add_node("prepare", prepare_node(spec), destinations=after)
            builder.add_node("record", record_node(spec))
            builder.add_edge(START, "prepare")
        case "blocking":
            _add_question(builder, spec)
        case _:
            assert_never(spec.mode)
    return builder.compile(name="await_review" if spec.joins else spec.name)


def _check_similar(spec: GateSpec) -> None:
    """A case has the keys of an object that is decided about as its own, not under the state's."""
    if spec.context_reader is not None or spec.subject_key in spec.context_keys:
        return
    for key in getattr(spec.similar, "keys", ()):
        root, _, own = key.partition(".")
        if own and root == spec.subject_key:
            raise GateError(
                f"{spec.name}: similar= compares by {key!r}, and {root!r} is what is decided "
                f"about: its keys are those of the case, so name {own!r}"
            )


def _add_question(builder: GateBuilder, spec: GateSpec) -> None:
    first, node = ("join", join_node(spec)) if spec.joins else ("prepare", prepare_node(spec))
    loops = (
        spec.reviser is not None
        or spec.resubmit_edits
        or spec.terms_vary
        or spec.rules.items is not None
        or spec.chair is not None
    )
    after_first = {"ask": "needed", "record": "not needed"} if spec.when else None
    after_record = {"ask": "not answered"}
    if spec.reviser is not None:
        after_record["revise"] = "to be revised"
    if spec.rules.items is not None:
        after_record["snapshot"] = "what is left"
    elif spec.chair is not None:
        after_record["snapshot"] = "to the chair"
    elif spec.resubmit_edits or spec.terms_vary:
        after_record["snapshot"] = "edited"
    builder.add_node(first, node, destinations=after_first)
    builder.add_node("ask", ask_node(spec))
    builder.add_node("record", record_node(spec), destinations=after_record)
    builder.add_edge(START, first)
    if not spec.when:
        builder.add_edge(first, "ask")
    builder.add_edge("ask", "record")
    if spec.reviser is not None:
        builder.add_node("revise", revise_node(spec, spec.reviser))
        builder.add_edge("revise", "snapshot")
    if loops:
        builder.add_node("snapshot", snapshot_node(spec))
        builder.add_edge("snapshot", "ask")


def spec_of(gate: Any) -> GateSpec | None:
    """The spec of a gate that a preset built, or None for any other object."""
    builder = getattr(gate, "builder", None)
    return builder.spec if isinstance(builder, GateBuilder) else None


def bound(spec: GateSpec, schema: Any) -> GateSpec:
    """The spec of a gate in a graph with this state: its defaults, its field for the subject."""
    defaults = {**schema_defaults(schema), **spec.defaults}
    whole_key = spec.subject is not None and spec.subject.is_whole_key
    field = field_of(schema, spec.subject_key) if whole_key else None
    if field is None or spec.field is not None:
        return replace(spec, defaults=defaults)
    rules = replace(spec.rules, check=_each_of(spec.rules.check, field.problem))
    if rules.items is not None:
        check = _each_of(rules.items.check, field.item_problem)
        items = replace(rules.items, check=check, check_all=field.problem)
        rules = replace(rules, items=items)
    return replace(spec, defaults=defaults, field=field, rules=rules)


def _each_of(*checks: Check | None) -> Check:
    """The first problem that one of these finds."""

    def check(value: Any) -> str | None:
        found = (one(value) for one in checks if one is not None)
        return next((problem for problem in found if problem), None)

    return check


def in_graph(gate: Gate, schema: Any) -> Gate:
    """The same gate, for a graph with this state."""
    spec = spec_of(gate)
    if spec is None or not (schema_defaults(schema) or field_of(schema, spec.subject_key)):
        return gate
    return build(bound(spec, schema))


def never_the_same(*_args: Any, **_kwargs: Any) -> str:
    """The cache key of a gate, which is asked every time, whatever the graph says about caches."""
    return uuid4().hex
