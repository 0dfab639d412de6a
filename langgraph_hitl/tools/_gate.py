"""The gate that the calls of a tool come to: its subject is the arguments, its action the tool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel
from typing_extensions import TypedDict

from langgraph_hitl._reads import Reads, declared_reads
from langgraph_hitl._subgraph.clock import Clock
from langgraph_hitl._subgraph.edit_schema import Check, edit_check
from langgraph_hitl._subgraph.gate import spec_of
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.errors import GateError
from langgraph_hitl.patterns.options import known
from langgraph_hitl.review.decision import DecisionType
from langgraph_hitl.review.finding import Finding
from langgraph_hitl.tools._reviewed import ARGS, CALL_ID
from langgraph_hitl.tools.options import ToolOptions
from langgraph_hitl.triggers.condition import Condition, bind, leaves_of
from langgraph_hitl.triggers.source import Path
from langgraph_hitl.triggers.trigger import Trigger, trigger_of


class CallState(TypedDict):
    """What a condition of a gate is given: the arguments of the call."""

    args: dict[str, Any]


def call_gate(
    tool: str,
    preset: str,
    *,
    options: Mapping[str, Any],
    default_decisions: Sequence[DecisionType],
    when: Any = None,
    args_schema: Any = None,
    more: Any = None,
    hidden: frozenset[str] = frozenset(),
) -> GateSpec:
    """The spec of the gate of one tool; `preset` is whose options these are.

    `args_schema` is what the model sees of the arguments: a type or a JSON schema, if there is one.
    An edit has to fit `more` beside it, and may have arguments that are `hidden` from the model.
    """
    check_more, shape_more = edit_check(more, "args_schema")
    given = dict(known(preset, options, ToolOptions))
    trigger = _trigger(when, given.get("policy"))
    allowed = given.get("allowed_decisions")
    editable = "edit" in (default_decisions if allowed is None else allowed)
    given["reads"] = (ARGS, *_listed(given.get("reads", ())))
    gate = review_gate(
        kind="tool_call",
        name="tool_call",
        subject=ARGS,
        action=tool,
        default_decisions=default_decisions,
        edit_schema=args_schema if editable else None,
        **given,
    )
    spec = spec_of(gate)
    assert spec is not None
    rules = replace(
        spec.rules,
        argument=None,
        answers=True,
        check=_both(_closed(spec.rules.check, args_schema, hidden), check_more),
    )
    return enlisted(
        replace(
            spec,
            rules=rules,
            schema=_published(spec.schema, args_schema, shape_more, hidden),
            context_keys=(CALL_ID, *spec.context_keys),
            when=None if trigger is None else _on_arguments(trigger, spec.clock),
        )
    )


def enlisted(spec: GateSpec) -> GateSpec:
    """The same spec, which its inbox knows, as it can be found in no graph."""
    if spec.desk is not None:
        spec.desk.enlist(spec)
    return spec


def check_arguments(tool: str, trigger: Any, args_schema: Any) -> None:
    """Raises `GateError` where a trigger reads an argument that the tool has not."""
    names = argument_names(args_schema)
    if names is None or not isinstance(trigger, Trigger):
        return
    atoms = [atom for leaf in leaves_of(trigger) for atom in leaf.atoms]
    paths = [atom for atom in atoms if isinstance(atom, Path) and not atom.optional]
    if lost := sorted({path.text.partition(".")[0] for path in paths} - names):
        raise GateError(
            f"{tool!r}: {trigger!r} reads {lost[0]!r}, which is no argument of the tool; it has "
            f"{', '.join(map(repr, sorted(names))) or 'none'}"
        )


def check_context(tool: str, options: Mapping[str, Any], args_schema: Any) -> None:
    """Raises `GateError` where the context is an argument that the tool has not."""
    names, context = argument_names(args_schema), options.get("context")
    keys = [context] if isinstance(context, str) else context
    if names is None or not isinstance(keys, list | tuple):
        return
    for key in keys:
        if key not in names:
            raise GateError(
                f"{tool!r}: context= names {key!r}, which is no argument of it; context= takes a "
                "function for what else people should see"
            )


def argument_names(args_schema: Any) -> frozenset[str] | None:
    """The arguments that a tool has; None where it may take any."""
    if isinstance(args_schema, type) and issubclass(args_schema, BaseModel):
        if args_schema.model_config.get("extra") == "allow":
            return None
        return frozenset(args_schema.model_fields)
    if not isinstance(args_schema, dict) or args_schema.get("additionalProperties"):
        return None
    properties = args_schema.get("properties")
    return frozenset(properties) if isinstance(properties, dict) else None


def _trigger(when: Any, policy: Any) -> Trigger | None:
    if policy is None:
        return None if when is None else trigger_of(when)
    if when is not None:
        raise GateError("policy= says when a person is asked; write when= as a rule of it")
    found: Trigger = policy.trigger()
    return found


def _on_arguments(trigger: Trigger, clock: Clock) -> Condition:
    """The condition of a gate whose state has the arguments under one key."""

    def needed(state: CallState) -> Finding:
        return trigger(state["args"], at=clock())

    return bind(trigger_of(needed), _declared)


def _declared(function: Any, what: str) -> Reads:
    return declared_reads(function, what=what, reads=(), state_schema=None)


def args_check(args_schema: Any) -> Check:
    """What is wrong with edited arguments, or None; of a tool without a schema any object fits."""
    found = _closed(edit_check(args_schema)[0], args_schema)
    return found or (lambda value: None if isinstance(value, dict) else "it is no object")


def _closed(
    check: Check | None, args_schema: Any, hidden: frozenset[str] = frozenset()
) -> Check | None:
    """A check that also refuses arguments that the tool would ignore."""
    if check is None:
        return None
    names = argument_names(args_schema)

    def problem(value: Any) -> str | None:
        if not isinstance(value, dict):
            return "the arguments of a call are an object"
        if names is not None and (unknown := sorted(value.keys() - names - hidden)):
            return f"the tool has no argument {unknown[0]!r}"
        return check({name: given for name, given in value.items() if name not in hidden})

    return problem


def _both(one: Check | None, other: Check | None) -> Check | None:
    if one is None or other is None:
        return one or other
    return lambda value: one(value) or other(value)


def _published(
    schema: dict[str, Any],
    args_schema: Any,
    more_schema: dict[str, Any] | None,
    hidden: frozenset[str],
) -> dict[str, Any]:
    """The schema of an answer: no edit adds an argument, and a response stands for the result."""

    def shape(one: dict[str, Any]) -> dict[str, Any]:
        fields = dict(one["properties"])
        match fields["type"]["const"]:
            case "edit":
                closed = argument_names(args_schema) is not None
                more = {"additionalProperties": False} if closed else {}
                fields["value"] = {"type": "object", **fields["value"], **more}
                if closed and hidden:
                    known = fields["value"].get("properties", {})
                    fields["value"]["properties"] = {key: {} for key in sorted(hidden)} | known
                if more_schema is not None:
                    fields["value"]["allOf"] = [more_schema]
            case "respond":
                fields["message"] = {}
        return {**one, "properties": fields}

    return {**schema, "oneOf": [*map(shape, schema["oneOf"])]}


def _listed(reads: Any) -> tuple[Any, ...]:
    return (reads,) if isinstance(reads, str) else tuple(reads)
