"""`hitl_router`: one entry for several patterns; rules, or the request, say which of them asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langgraph_hitl._reads import Reader, Reads, declared_reads
from langgraph_hitl._subgraph.gate import Gate, spec_of
from langgraph_hitl._subgraph.router import FINISH, PICK, RouterSpec, Rule, build_router
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers.condition import bind
from langgraph_hitl.triggers.source import Atom, Declare, checked_keys, checked_text, source_of
from langgraph_hitl.triggers.trigger import Trigger, trigger_of


def hitl_router(
    patterns: Mapping[str, Gate],
    *,
    rules: Sequence[tuple[Trigger | Callable[[Any], Any], str]] = (),
    default: str,
    explicit: str | Callable[[Any], Any] | None = None,
    reads: Sequence[str] = (),
    state_schema: type[Any] | None = None,
    name: str = "hitl_router",
) -> Gate:
    """A gate that is several: for each request one of the patterns asks.

    The pattern that the request names, else that of the first rule that holds, else the default. A
    rule that raises or cannot tell ends the search, and the default asks. It stands in a graph as
    any gate does, with the outcomes of all its patterns.

    The record's `route` has the `pattern`, `by` what it was picked (`request`, `rule`, `default`)
    and the `reason`; where the pattern asks always, the reviewer reads the reason too. What happens
    is told on the `custom` stream and, with an inbox, in the audit of the review, as
    `pattern_started`, `pattern_succeeded` (with the outcome) and `pattern_failed` (with the error).

    Args:
        patterns: Gates by name. `Checkpoint.gate()` and what presets return, but `submit_review`.
        rules: A trigger, or a function of the state, and the name of a pattern: the first that
            holds wins, and those behind it are not looked at.
        default: The pattern that asks where no rule does. It asks always: it has no `when`.
        explicit: The state key (or a path into it, or a function) in which a request names its
            pattern; None there leaves it to the rules. Who may write it picks who is asked.
        reads: State keys that the functions read, where neither the annotation of their first
            parameter nor `state_schema` tells.
        state_schema: The schema of the graph's state, for functions without an annotation.
        name: The router's name in traces and errors.

    Raises:
        GateError: A rule names no pattern, a pattern cannot be reached, the default may let
            something pass, or an option contradicts another.

    While it runs, `UnknownPattern` is raised where a request names a pattern that there is not:
    nobody was asked, and the graph can be run again with another name. A pattern that was renamed
    or removed while people are asked raises it too, until the router has one of this name again.

    >>> from langgraph_hitl import hitl_router, human_approval, qa_sample
    >>> from langgraph_hitl.triggers import over
    >>> approval = human_approval("payment", action="pay")
    >>> sample = qa_sample("payment", item_id="case", salt="0123456789abcdef")
    >>> desk = hitl_router(
    ...     {"approval": approval, "sample": sample},
    ...     rules=[(~over("payment.amount", 100), "sample")],
    ...     default="approval",
    ... )
    """
    gates = _checked_patterns(patterns)
    if not isinstance(rules, list | tuple):
        raise GateError(f"rules must be a list of pairs (trigger, pattern), not {rules!r:.80}")
    declare = _declare(tuple(checked_keys(reads)), state_schema)
    spec = RouterSpec(
        name=checked_text(name, "name"),
        patterns=gates,
        rules=tuple(_rule(gates, number, rule, declare) for number, rule in enumerate(rules, 1)),
        default=_checked_default(gates, default),
        explicit=_explicit(explicit, declare),
    )
    _check_reached(spec)
    return build_router(spec)


def _declare(reads: tuple[str, ...], schema: type[Any] | None) -> Declare:
    def declare(function: Callable[..., Any], what: str) -> Reads:
        return declared_reads(function, what=what, reads=reads, state_schema=schema)

    return declare


def _checked_patterns(patterns: Any) -> dict[str, GateSpec]:
    if not isinstance(patterns, Mapping) or not patterns:
        raise GateError(f"hitl_router takes gates by name, not {patterns!r:.80}")
    found: dict[str, GateSpec] = {}
    for name, gate in patterns.items():
        checked_text(name, "the name of a pattern")
        if name in (PICK, FINISH) or name.startswith("__") or {*"|:"} & {*name}:
            raise GateError(
                f"hitl_router: {name!r} cannot name a pattern: {PICK!r} and {FINISH!r} are nodes "
                "of the router, and LangGraph keeps '|', ':' and '__' to itself"
            )
        spec = spec_of(gate)
        if spec is None:
            raise GateError(f"{name!r}: hitl_router takes gates of presets, not {gate!r:.80}")
        if spec.mode == "submitted":
            raise GateError(
                f"{name!r}: submit_review has no outcome, so that it is no pattern of a router"
            )
        found[name] = spec
    if len({id(gate.desk) for gate in found.values() if gate.desk is not None}) > 1:
        raise GateError("hitl_router: its patterns have different inboxes; give them the same one")
    return found


def _rule(gates: Mapping[str, GateSpec], number: int, rule: Any, declare: Declare) -> Rule:
    if not isinstance(rule, tuple | list) or len(rule) != 2:
        raise GateError(
            f"rule {number} must be a trigger and the name of a pattern, not {rule!r:.80}"
        )
    when, pattern = rule
    _check_known(gates, pattern, f"rule {number}")
    return Rule(bind(trigger_of(when, f"rule {number}"), declare), pattern)


def _check_known(gates: Mapping[str, GateSpec], pattern: Any, whose: str) -> None:
    if not isinstance(pattern, str) or pattern not in gates:
        raise GateError(f"{whose}: there is no pattern {pattern!r:.60}{suggestion(pattern, gates)}")


def _checked_default(gates: Mapping[str, GateSpec], default: Any) -> str:
    _check_known(gates, default, "default")
    gate = gates[default]
    if gate.when is not None or gate.mode != "blocking":
        raise GateError(
            f"default: {default!r} lets something pass by itself, and what no rule knows is asked "
            "about; name a pattern without when= or policy=, such as human_approval(...)"
        )
    found: str = default
    return found


def _explicit(given: Any, declare: Declare) -> Reader | None:
    if given is None:
        return None
    source = source_of(given, "explicit")
    if not isinstance(source, Atom):
        raise GateError("explicit must be a state key, a path, or a function of the state")
    return source.reader(declare)


def _check_reached(spec: RouterSpec) -> None:
    reached = {spec.default, *(rule.pattern for rule in spec.rules)}
    for name in spec.patterns:
        if spec.explicit is None and name not in reached:
            raise GateError(
                f"hitl_router: nothing leads to the pattern {name!r}: name it in a rule, or let "
                "requests name it with explicit="
            )
