"""Combinations obey the laws of logic, evaluate nothing twice, and name what they rest on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from operator import and_, or_
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl.errors import GateError
from langgraph_hitl.review import Finding
from langgraph_hitl.triggers import Trigger, predicate
from langgraph_hitl.triggers.condition import MAX_DEPTH
from langgraph_hitl.triggers.trigger import trigger_of
from tests.scale import scale
from tests.triggers.hostile import NOW, condition

NAMES = "abcd"
LOST = "lost"

Tree = tuple[Any, ...]
"""`("leaf", name)`, `("not", tree)`, `("and", tree, tree)` or `("or", tree, tree)`."""


def trees(depth: int) -> st.SearchStrategy[Tree]:
    leaf = st.tuples(st.just("leaf"), st.sampled_from(NAMES))
    if depth == 0:
        return leaf
    inner = trees(depth - 1)
    return st.one_of(
        leaf,
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner),
    )


TREES = trees(3)
KINDS = st.fixed_dictionaries(
    dict.fromkeys(NAMES, st.sampled_from(["function", "finding", "predicate"]))
)
VALUES = st.fixed_dictionaries(dict.fromkeys(NAMES, st.booleans()))
LOSABLE = st.fixed_dictionaries(dict.fromkeys(NAMES, st.sampled_from([True, False, LOST])))


@dataclass
class Leaves:
    """One leaf per name, shared by all places that name it, and how often each was called."""

    kinds: Mapping[str, str]
    calls: Counter[str] = field(default_factory=Counter)
    made: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        if name not in self.made:
            self.made[name] = self._make(name)
        return self.made[name]

    def _make(self, name: str) -> Any:
        def holds(state: Mapping[str, Any]) -> bool:
            self.calls[name] += 1
            if state[name] == LOST:
                raise LookupError(f"no {name}")
            return bool(state[name])

        def finds(state: Mapping[str, Any]) -> Finding:
            needed = holds(state)
            return Finding(needed=needed, sentence=f"The finding {name} is {needed}.")

        holds.__name__ = finds.__name__ = name
        match self.kinds[name]:
            case "function":
                return holds
            case "finding":
                return finds
            case _:
                return predicate(holds, f"{name.upper()} is so.")

    def sentence(self, name: str, value: Any) -> str:
        match self.kinds[name], value:
            case "function", True:
                return f"The condition {name} holds."
            case "function", False:
                return f"The condition {name} does not hold."
            case "function", _:
                return f"The condition {name} failed (LookupError: no {name})."
            case "finding", bool():
                return f"The finding {name} is {value}."
            case "finding", _:
                return f"The condition {name} failed (LookupError: no {name})."
            case _, True:
                return f"{name.upper()} is so."
            case _, False:
                return f"Not so: {name.upper()} is so."
            case _:
                return f"The trigger predicate failed (LookupError: no {name})."


def built(tree: Tree, leaves: Leaves) -> Any:
    """The tree as a user would write it; a lone function stays a plain function."""
    match tree:
        case "leaf", name:
            return leaves[name]
        case "not", of:
            return ~trigger_of(built(of, leaves), named=True)
        case kind, left, right:
            combine: Callable[[Any, Any], Trigger] = and_ if kind == "and" else or_
            one, other = built(left, leaves), built(right, leaves)
            if not isinstance(one, Trigger) and not isinstance(other, Trigger):
                one = trigger_of(one, named=True)
            return combine(one, other)
    raise AssertionError(tree)


def names_in(tree: Tree) -> list[str]:
    """From left to right, each once."""
    if tree[0] == "leaf":
        return [tree[1]]
    return list(dict.fromkeys(name for inner in tree[1:] for name in names_in(inner)))


def expected(tree: Tree, values: Mapping[str, Any]) -> tuple[bool | None, set[str]]:
    """The truth, None where it hangs on what was lost, and the leaves that it rests on."""
    match tree:
        case "leaf", name:
            return (None, set()) if values[name] == LOST else (values[name], {name})
        case "not", of:
            truth, rests = expected(of, values)
            return (None if truth is None else not truth), rests
        case kind, left, right:
            decisive = kind == "or"  # one true side decides an or, one false side an and
            sides = [expected(left, values), expected(right, values)]
            if any(truth is decisive for truth, _ in sides):
                truth = decisive
            elif any(truth is None for truth, _ in sides):
                return None, set()
            else:
                truth = not decisive
            return truth, set().union(*(rests for each, rests in sides if each is truth))
    raise AssertionError(tree)


def needed(tree: Tree, values: Mapping[str, Any], kinds: Mapping[str, str]) -> bool:
    trigger = trigger_of(built(tree, Leaves(kinds)), named=True)
    return condition(trigger, *NAMES).evaluate(values, NOW).needed


@given(TREES, KINDS, VALUES)
@settings(max_examples=scale(5_000), deadline=None)
def test_a_combination_is_what_logic_says(
    tree: Tree, kinds: dict[str, str], values: dict[str, bool]
) -> None:
    leaves = Leaves(kinds)
    finding = condition(trigger_of(built(tree, leaves), named=True), *NAMES).evaluate(values, NOW)
    truth, rests = expected(tree, values)
    assert finding.needed is truth
    assert leaves.calls == Counter(names_in(tree))
    named = [leaves.sentence(name, values[name]) for name in names_in(tree) if name in rests]
    assert finding.sentence == " ".join(named)


@given(TREES, KINDS, LOSABLE)
@settings(max_examples=scale(5_000), deadline=None)
def test_what_cannot_be_evaluated_asks_a_person_wherever_it_stands(
    tree: Tree, kinds: dict[str, str], values: dict[str, Any]
) -> None:
    leaves = Leaves(kinds)
    finding = condition(trigger_of(built(tree, leaves), named=True), *NAMES).evaluate(values, NOW)
    truth, rests = expected(tree, values)
    lost = {name for name in names_in(tree) if values[name] == LOST}
    assert finding.needed is (bool(lost) or truth)
    assert leaves.calls == Counter(names_in(tree))
    because = lost if lost and not truth else lost | rests
    named = [leaves.sentence(name, values[name]) for name in names_in(tree) if name in because]
    assert finding.sentence == " ".join(dict.fromkeys(named))


LAWS: dict[str, Callable[[Tree, Tree, Tree], tuple[Tree, Tree]]] = {
    "double negation": lambda x, _y, _z: (("not", ("not", x)), x),
    "De Morgan and": lambda x, y, _z: (
        ("not", ("and", x, y)),
        ("or", ("not", x), ("not", y)),
    ),
    "De Morgan or": lambda x, y, _z: (
        ("not", ("or", x, y)),
        ("and", ("not", x), ("not", y)),
    ),
    "commutativity and": lambda x, y, _z: (("and", x, y), ("and", y, x)),
    "commutativity or": lambda x, y, _z: (("or", x, y), ("or", y, x)),
    "associativity and": lambda x, y, z: (
        ("and", ("and", x, y), z),
        ("and", x, ("and", y, z)),
    ),
    "associativity or": lambda x, y, z: (("or", ("or", x, y), z), ("or", x, ("or", y, z))),
    "distributivity and": lambda x, y, z: (
        ("and", x, ("or", y, z)),
        ("or", ("and", x, y), ("and", x, z)),
    ),
    "distributivity or": lambda x, y, z: (
        ("or", x, ("and", y, z)),
        ("and", ("or", x, y), ("or", x, z)),
    ),
    "idempotence and": lambda x, _y, _z: (("and", x, x), x),
    "idempotence or": lambda x, _y, _z: (("or", x, x), x),
}
ABSORPTION: dict[str, Callable[[Tree, Tree, Tree], tuple[Tree, Tree]]] = {
    "absorption and": lambda x, y, _z: (("and", x, ("or", x, y)), x),
    "absorption or": lambda x, y, _z: (("or", x, ("and", x, y)), x),
}


@pytest.mark.parametrize("law", LAWS)
@given(trees(2), trees(2), trees(2), KINDS, LOSABLE)
@settings(max_examples=scale(500), deadline=None)
def test_the_laws_of_logic_hold_also_where_something_is_lost(
    law: str, x: Tree, y: Tree, z: Tree, kinds: dict[str, str], values: dict[str, Any]
) -> None:
    one, other = LAWS[law](x, y, z)
    assert needed(one, values, kinds) is needed(other, values, kinds)


@pytest.mark.parametrize("law", ABSORPTION)
@given(trees(2), trees(2), KINDS, VALUES)
@settings(max_examples=scale(500), deadline=None)
def test_absorption_holds_where_everything_can_be_evaluated(
    law: str, x: Tree, y: Tree, kinds: dict[str, str], values: dict[str, bool]
) -> None:
    one, other = ABSORPTION[law](x, y, y)
    assert needed(one, values, kinds) is needed(other, values, kinds)


def test_every_pair_of_two_leaves_by_its_truth_table() -> None:
    a, b = (predicate(lambda state, n=n: state[n], f"{n.upper()} is so.") for n in "ab")  # type: ignore[misc]
    tables: dict[str, tuple[Trigger, Callable[[bool, bool], bool]]] = {
        "and": (a & b, lambda x, y: x and y),
        "or": (a | b, lambda x, y: x or y),
        "nand": (~(a & b), lambda x, y: not (x and y)),
        "nor": (~(a | b), lambda x, y: not (x or y)),
        "xor": ((a & ~b) | (~a & b), lambda x, y: x is not y),
        "implies": (~a | b, lambda x, y: not x or y),
    }
    for trigger, table in tables.values():
        for x, y in product((True, False), repeat=2):
            assert trigger({"a": x, "b": y}).needed is table(x, y)


def test_a_long_chain_is_no_deep_tree() -> None:
    parts = [predicate(lambda state, n=n: state["n"] == n, f"It is {n}.") for n in range(2_000)]  # type: ignore[misc]
    chain: Trigger = parts[0]
    for part in parts[1:]:
        chain = chain | part
    assert chain({"n": 1_999}).sentence == "It is 1999."


def test_a_tree_that_is_too_deep_is_an_error_at_build_time() -> None:
    deep: Trigger = predicate(lambda state: True, "So.")
    for number in range(MAX_DEPTH + 1):
        other = predicate(lambda state: True, "So.")
        deep = deep & other if number % 2 else deep | other
    with pytest.raises(GateError, match="nested in each other more than 100 deep"):
        condition(deep, "a")
