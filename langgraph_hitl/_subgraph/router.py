"""`RouterSpec`: several gates as one, of which rules pick the one that asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphBubbleUp
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command, Send

from langgraph_hitl._reads import Reader, schema_defaults
from langgraph_hitl._subgraph.basis import ASKED_ANEW
from langgraph_hitl._subgraph.channels import (
    HANDED,
    ROUTE,
    Handed,
    Route,
    input_schema,
    output_schema,
    router_schema,
)
from langgraph_hitl._subgraph.close import gate_of
from langgraph_hitl._subgraph.desk import Desk
from langgraph_hitl._subgraph.gate import Gate, bound, in_graph, spec_of
from langgraph_hitl._subgraph.pattern import note, pattern_of, said_of
from langgraph_hitl._subgraph.prepare import (
    check_checkpointer,
    identify,
    is_inner,
    put_anew,
    with_defaults,
)
from langgraph_hitl._subgraph.router_graph import RouterGraph
from langgraph_hitl._subgraph.spec import GateSpec, Mode
from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.errors import UnknownPattern
from langgraph_hitl.review.finding import Finding
from langgraph_hitl.triggers.condition import Condition

PICK, FINISH = "pick", "finish"
_ANEW = f"{ASKED_ANEW}what was asked before is another question by now"
_BROKEN = "Rule {number} could not be applied, so that {default!r} asks: {sentence}"


class Rule(NamedTuple):
    """The pattern that asks where the condition holds."""

    condition: Condition
    pattern: str


class Picked(NamedTuple):
    """A pattern, and why."""

    pattern: str
    by: Any
    finding: Finding


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RouterSpec:
    """Everything that a router was built from. `explicit` reads the pattern that is asked for."""

    name: str
    patterns: Mapping[str, GateSpec]
    rules: tuple[Rule, ...]
    default: str
    explicit: Reader | None
    mode: Mode = "blocking"
    defaults: Mapping[str, Callable[[], Any]] = field(default_factory=dict)

    @property
    def gates(self) -> tuple[GateSpec, ...]:
        return tuple(self.patterns.values())

    @property
    def desk(self) -> Desk | None:
        """The inbox of the patterns that have one."""
        return next((gate.desk for gate in self.gates if gate.desk is not None), None)

    @property
    def input_keys(self) -> tuple[str, ...]:
        """The state keys that the router takes from its parent."""
        of_rules = frozenset[str]().union(*(rule.condition.keys for rule in self.rules))
        return self._keys("input_keys", of_rules)

    @property
    def parent_keys(self) -> tuple[str, ...]:
        """The keys that the parent's schema has to have, beside `review` and `reviews`."""
        needed = (rule.condition.keys - rule.condition.optional_keys for rule in self.rules)
        return self._keys("parent_keys", frozenset[str]().union(*needed))

    @property
    def output_keys(self) -> tuple[str, ...]:
        return tuple(sorted({key for gate in self.gates for key in gate.output_keys}))

    def _keys(self, whose: str, of_rules: frozenset[str]) -> tuple[str, ...]:
        of_gates = {key for gate in self.gates for key in getattr(gate, whose)}
        named = self.explicit.reads.keys if self.explicit else frozenset[str]()
        return tuple(sorted((of_gates | of_rules | named) - {HANDED, "review", "reviews"}))

    def pick(self, values: Mapping[str, Any]) -> Picked:
        """The pattern that the request names, else that of the first rule that holds.

        Raises `UnknownPattern` where the request names one that there is not.
        """
        named = self.explicit(values) if self.explicit else None
        if named is not None:
            if not isinstance(named, str) or named not in self.patterns:
                known = suggestion(named, self.patterns)
                raise UnknownPattern(
                    f"Router {self.name!r} has asked nobody: the request names the pattern "
                    f"{named!r:.80}, and there is none of this name{known}"
                )
            return Picked(named, "request", _found(f"The request asks for {named!r}."))
        now = self.patterns[self.default].clock()
        for number, rule in enumerate(self.rules, 1):
            finding = rule.condition.evaluate(values, now)
            if _could_not_tell(finding):
                said = _BROKEN.format(
                    number=number, default=self.default, sentence=finding.sentence
                )
                return Picked(self.default, "default", _found(said))
            if finding.needed:
                return Picked(rule.pattern, "rule", finding)
        said = "No rule applies." if self.rules else "There are no rules."
        return Picked(self.default, "default", _found(said))


def _found(sentence: str) -> Finding:
    return Finding(needed=True, sentence=sentence, trigger="router")


def _could_not_tell(finding: Finding) -> bool:
    """Whether a part of a rule raised, or said nothing."""
    lost = (finding.details or {}).get("unreadable") is True
    return lost or any(map(_could_not_tell, finding.parts))


class RouterBuilder(StateGraph[Any, Any, Any, Any]):
    """The builder of a router; it carries the spec, as that of a gate does."""

    spec: RouterSpec

    def compile(self, *args: Any, **options: Any) -> Gate:
        built: Any = super().compile(*args, **options)
        built.__class__ = RouterGraph
        compiled: Gate = built
        return compiled


def build_router(spec: RouterSpec) -> Gate:
    """The compiled subgraph of a spec: `pick`, a node for each pattern, `finish`."""
    builder = RouterBuilder(
        router_schema({*spec.input_keys, *spec.output_keys}),
        input_schema=input_schema(spec.input_keys),
        output_schema=output_schema(spec.output_keys),
    )
    builder.spec = spec
    builder.add_node(PICK, _pick_node(spec), destinations=_labels(spec))
    builder.add_node(FINISH, _finish_node(spec))
    builder.add_edge(START, PICK)
    for name, gate in spec.patterns.items():
        builder.add_node(name, pattern_of(gate, spec.desk))
        builder.add_edge(name, FINISH)
    return builder.compile(name=spec.name)


def _labels(spec: RouterSpec) -> dict[str, str]:
    """What leads to each pattern, for drawings."""
    found: dict[str, list[str]] = {name: [] for name in spec.patterns}
    for number, rule in enumerate(spec.rules, 1):
        found[rule.pattern].append(f"rule {number}")
    found[spec.default].append("default")
    return {name: ", ".join(labels) or "named" for name, labels in found.items()}


def _pick_node(spec: RouterSpec) -> Any:
    def pick(state: Any, config: RunnableConfig, runtime: Runtime[Any]) -> Any:
        check_checkpointer(spec.name, config)
        tell = partial(note, spec.gates[0], spec.desk, config)
        clerk = spec.desk.clerk(spec.gates[0], config) if spec.desk else None
        before: Route | None = state.get(ROUTE) if is_inner(runtime) else None
        replaced = before["review_id"] if before else None
        _, review_id = identify(spec.name, runtime, clerk, replaced)
        values = with_defaults(spec, state)
        try:
            picked = spec.pick(values)
        except GraphBubbleUp:
            raise
        except Exception as error:
            tell("pattern_failed", review_id, error=said_of(error))
            raise
        reason = picked.finding.sentence
        route = Route(
            pattern=picked.pattern,
            by=picked.by,
            reason=reason,
            review_id=review_id,
            gate=gate_of(spec.name, runtime),
        )
        content = {"pattern": picked.pattern, "by": picked.by, "reason": reason}
        tell("pattern_started", review_id, **content)
        gate = spec.patterns[picked.pattern]
        handed = Handed(route=route)
        if before is not None:
            handed["finding"] = put_anew(picked.finding, _ANEW).to_json()
        elif gate.when is None:
            handed["finding"] = picked.finding.to_json()
        given = {key: values[key] for key in gate.input_keys if key in values}
        return Command(update={ROUTE: route}, goto=Send(picked.pattern, {**given, HANDED: handed}))

    return pick


def _finish_node(spec: RouterSpec) -> Any:
    def finish(state: Any, config: RunnableConfig) -> dict[str, Any]:
        route: Route = state[ROUTE]
        content = {"pattern": route["pattern"], "outcome": state["review"]["outcome"]}
        gate = spec.patterns[route["pattern"]]
        note(gate, spec.desk, config, "pattern_succeeded", route["review_id"], **content)
        # What the gate has written is gone after this step, unless it is written again.
        return {key: state[key] for key in spec.output_keys if key in state}

    return finish


def anything(gate: Any) -> GateSpec | RouterSpec | None:
    """The spec of a gate or of a router, or None for any other object."""
    builder = getattr(gate, "builder", None)
    return builder.spec if isinstance(builder, RouterBuilder) else spec_of(gate)


def placed(gate: Gate, schema: Any) -> Gate:
    """The same gate or router, for a graph with this state."""
    spec = anything(gate)
    if not isinstance(spec, RouterSpec):
        return in_graph(gate, schema)
    patterns = {name: bound(each, schema) for name, each in spec.patterns.items()}
    return build_router(replace(spec, patterns=patterns, defaults=schema_defaults(schema)))
