"""`Trigger`: when a person is needed. Combined with `&`, `|` and `~`; plain functions join in."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, Self, TypeAlias

from langgraph_hitl._reads import refuse_coroutine
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.finding import Finding, finding_of
from langgraph_hitl.triggers.number import kind_of, quoted
from langgraph_hitl.triggers.source import Atom, Function, Source

Judge: TypeAlias = Callable[[Mapping[str, Any], datetime], Finding]
"""Gives the finding, from the values of the trigger's sources and the moment of the question.

Raises `Unreadable` where the values do not tell.
"""
Test: TypeAlias = Callable[[Mapping[str, Any], datetime], bool]
"""The `needed` of the judge's finding without its words; raises where the judge does."""


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

    def __and__(self, other: Callable[[Any], Any]) -> Trigger:
        return _combined(AllOf, self, other)

    def __rand__(self, other: Callable[[Any], Any]) -> Trigger:
        return _combined(AllOf, other, self)

    def __or__(self, other: Callable[[Any], Any]) -> Trigger:
        return _combined(AnyOf, self, other)

    def __ror__(self, other: Callable[[Any], Any]) -> Trigger:
        return _combined(AnyOf, other, self)

    def __invert__(self) -> Trigger:
        return Inverse(self)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self

    def __bool__(self) -> bool:
        raise GateError(
            "a trigger is neither true nor false before it is evaluated: combine triggers with "
            "&, | and ~, not with and, or and not"
        )

    def __call__(self, state: Mapping[str, Any], *, at: datetime | None = None) -> Finding:
        """The finding for a state; `at` is the moment of the question, now by default."""
        from langgraph_hitl.triggers.condition import tried

        return tried(self, state, at)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Leaf(Trigger):
    """One trigger. `grades` says that it scores the subject, so that a new version is scored again.

    What only says yes or no is not asked again: a person is already needed.
    """

    name: str
    judge: Judge
    sources: Mapping[str, Source] = field(default_factory=dict)
    grades: bool = False
    options: str = "..."
    """How its options are written, for its representation."""
    test: Test | None = None
    """For those who have many triggers and want the words of one."""
    same: Hashable | None = None
    """What tells it from others of its name; two with the same one always find the same."""

    @property
    def atoms(self) -> tuple[Atom, ...]:
        return tuple(atom for source in self.sources.values() for atom in source.atoms())

    texts: frozenset[str] | None = None
    """Of a trigger with one source: the texts for which it holds; it holds for no other text."""

    @property
    def meaning(self) -> Hashable:
        """The same for two triggers that always find the same, as far as they say so."""
        return self if self.same is None else (self.name, self.same)

    @property
    def grades_again(self) -> bool:
        """Whether a new version is scored; a model that was asked is not asked again."""
        return self.grades and not any(atom.once for atom in self.atoms)

    def __repr__(self) -> str:
        return f"{self.name}({self.options})"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Plain(Leaf):
    """A user's own function as a trigger; equal where the function is the same."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plain) and self.atoms == other.atoms

    def __hash__(self) -> int:
        return hash(self.atoms)

    def __repr__(self) -> str:
        return self.options


class _Several(Trigger):
    """Several triggers. Those of the same kind are taken in, so that chains stay flat."""

    def __init__(self, *sides: Trigger) -> None:
        parts = (side.sides if isinstance(side, type(self)) else (side,) for side in sides)
        self.sides: tuple[Trigger, ...] = tuple(chain.from_iterable(parts))


class AllOf(_Several):
    """Asks where all of them do."""

    def __repr__(self) -> str:
        return " & ".join(f"({s!r})" if isinstance(s, AnyOf) else repr(s) for s in self.sides)


class AnyOf(_Several):
    """Asks where one of them does."""

    def __repr__(self) -> str:
        return " | ".join(map(repr, self.sides))


class Inverse(Trigger):
    """Asks where the other does not."""

    def __init__(self, of: Trigger) -> None:
        self.of = of

    def __invert__(self) -> Trigger:
        return self.of

    def __repr__(self) -> str:
        return f"~{self.of!r}" if isinstance(self.of, Leaf) else f"~({self.of!r})"


def trigger_of(given: Any, what: str = "when", *, named: bool = False) -> Trigger:
    """The trigger of an option `what`: a trigger as it is, or a plain function of the state.

    `named` puts the function's name into its sentence, to tell it from the other parts.
    """
    if isinstance(given, Trigger):
        return given
    if isinstance(given, Source):
        raise GateError(
            f"{what}: a source gives a value, not whether to ask; pass it to a trigger, as in "
            "risk_at_least('high', risk=...)"
        )
    if not callable(given):
        raise GateError(f"{what} must be a function of the state or a trigger, not {quoted(given)}")
    refuse_coroutine(given, what)
    name = _name_of(given)
    shown = name if named else None

    def judge(values: Mapping[str, Any], _now: datetime) -> Finding:
        return finding_of(values["condition"], name=shown)

    return Plain(
        name=f"The condition {shown}" if shown else "The condition",
        judge=judge,
        sources={"condition": Function(given, what)},
        grades=True,
        options=name or kind_of(given),
    )


def _combined(kind: type[AllOf] | type[AnyOf], *sides: Any) -> Trigger:
    return kind(*(trigger_of(side, "a trigger's other side", named=True) for side in sides))


def _name_of(function: Any) -> str | None:
    function = function.func if isinstance(function, partial) else function
    name = getattr(function, "__name__", type(function).__name__)
    return name if isinstance(name, str) and name.isidentifier() else None
