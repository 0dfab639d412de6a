"""`Trigger`: when a person is needed. Combined with `&`, `|` and `~`; plain functions join in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from langgraph_hitl._reads import refuse_coroutine
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.finding import Finding, finding_of
from langgraph_hitl.triggers.source import Atom, Function, Source

Judge: TypeAlias = Callable[[Mapping[str, Any], datetime], Finding]
"""Gives the finding, from the values of the trigger's sources and the moment of the question.

Raises `Unreadable` where the values do not tell.
"""


class Trigger:
    """When a person is needed: an option `when=` of a gate.

    `a & b` asks where both do, `a | b` where one of them does, `~a` where `a` does not. A plain
    function of the state takes part on either side. Every part is evaluated exactly once, none is
    skipped, and what cannot be evaluated asks a person, wherever it stands in the combination: also
    under `~`, and beside a part that says no. Called with a state, a trigger gives its `Finding`,
    so that it can be tried without a graph.

    >>> from langgraph_hitl.triggers import flagged, over
    >>> costly = over("amount", 1000) | flagged("disputed")
    >>> costly({"amount": 1200, "disputed": False}).sentence
    'The amount 1200 is over 1000.'
    >>> (~costly)({"amount": 1200, "disputed": False}).needed
    False
    """

    def __and__(self, other: Any) -> Trigger:
        return _combined(AllOf, self, other)

    def __rand__(self, other: Any) -> Trigger:
        return _combined(AllOf, other, self)

    def __or__(self, other: Any) -> Trigger:
        return _combined(AnyOf, self, other)

    def __ror__(self, other: Any) -> Trigger:
        return _combined(AnyOf, other, self)

    def __invert__(self) -> Trigger:
        return Inverse(self)

    def __bool__(self) -> bool:
        raise GateError(
            "a trigger is neither true nor false before it is evaluated: combine triggers with "
            "&, | and ~, not with and, or and not"
        )

    def __call__(self, state: Mapping[str, Any], *, at: datetime | None = None) -> Finding:
        """The finding for a state; `at` is the moment of the question, now by default."""
        from langgraph_hitl.triggers.condition import tried

        return tried(self, state, at)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leaf(Trigger):
    """One trigger. `of_value` says that a new version of the subject is judged again."""

    name: str
    judge: Judge
    sources: Mapping[str, Source] = field(default_factory=dict)
    of_value: bool = True

    @property
    def atoms(self) -> tuple[Atom, ...]:
        return tuple(atom for source in self.sources.values() for atom in source.atoms())

    @property
    def judges_again(self) -> bool:
        return self.of_value and not any(atom.once for atom in self.atoms)


@dataclass(frozen=True, slots=True, eq=False)
class Plain(Leaf):
    """A user's own function as a trigger; equal where the function is the same."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plain) and self.atoms == other.atoms

    def __hash__(self) -> int:
        return hash(self.atoms)


@dataclass(frozen=True, slots=True, eq=False)
class AllOf(Trigger):
    """Asks where both do."""

    left: Trigger
    right: Trigger


@dataclass(frozen=True, slots=True, eq=False)
class AnyOf(Trigger):
    """Asks where one of the two does."""

    left: Trigger
    right: Trigger


@dataclass(frozen=True, slots=True, eq=False)
class Inverse(Trigger):
    """Asks where the other does not."""

    of: Trigger


def trigger_of(given: Any, what: str = "when", *, named: bool = False) -> Trigger:
    """The trigger of an option `what`: a trigger as it is, or a plain function of the state.

    `named` puts the function's name into its sentence, to tell it from the other parts.
    """
    if isinstance(given, Trigger):
        return given
    if not callable(given):
        raise GateError(f"{what} must be a function of the state or a trigger, not {given!r}")
    refuse_coroutine(given, what)
    name = _name_of(given) if named else None

    def judge(values: Mapping[str, Any], _now: datetime) -> Finding:
        return finding_of(values["condition"], name=name)

    source = Function(given, what)
    return Plain(name=name or "condition", judge=judge, sources={"condition": source})


def _combined(kind: type[AllOf] | type[AnyOf], left: Any, right: Any) -> Trigger:
    return kind(
        trigger_of(left, "a trigger's other side"), trigger_of(right, "a trigger's other side")
    )


def _name_of(function: Any) -> str | None:
    name = getattr(function, "__name__", None)
    return name if isinstance(name, str) and name.isidentifier() else None
