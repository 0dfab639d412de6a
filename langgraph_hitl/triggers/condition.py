"""`Condition`: a trigger that knows what it reads, ready to be evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias, assert_never

from langgraph_hitl._reads import Reader
from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.review.finding import Finding, checked, failed, readable
from langgraph_hitl.triggers.source import Atom, Declare, declare_all
from langgraph_hitl.triggers.trigger import AllOf, AnyOf, Inverse, Leaf, Plain, Trigger


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one leaf found. `needed` is None where it could not tell."""

    needed: bool | None
    finding: Finding


Verdicts: TypeAlias = Mapping[Leaf, Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A trigger with a reader for each of its sources."""

    trigger: Trigger
    leaves: tuple[Leaf, ...]
    readers: Mapping[Atom, Reader]

    @property
    def keys(self) -> frozenset[str]:
        """The state keys that it reads."""
        return _keys(self.readers.values())

    @property
    def optional_keys(self) -> frozenset[str]:
        """Those of them that the graph may lack."""
        needed = _keys(reader for atom, reader in self.readers.items() if not atom.optional)
        return self.keys - needed

    @property
    def later_keys(self) -> frozenset[str]:
        """Those that a new version is judged by."""
        again = {atom for leaf in self.leaves if leaf.judges_again for atom in leaf.atoms}
        return _keys(self.readers[atom] for atom in again)

    def evaluate(self, values: Mapping[str, Any], now: datetime) -> Finding:
        """Whether a person is needed, and why. An error means yes."""
        verdicts = self._verdicts(self.leaves, values, now)
        return conclude(self.trigger, self.leaves, verdicts)

    def evaluate_again(
        self, values: Mapping[str, Any], now: datetime, before: Mapping[str, Any]
    ) -> Finding:
        """The same for a new version: what does not depend on the version stays as it was found."""
        again = [leaf for leaf in self.leaves if leaf.judges_again]
        verdicts: dict[Leaf, Verdict] = {}
        if len(again) < len(self.leaves):
            earlier = Finding.from_json(before)
            parts = earlier.parts or (earlier,)
            if not again or [part.trigger for part in parts] != self._names:
                return earlier
            kept = zip(self.leaves, parts, strict=True)
            verdicts = {leaf: Verdict(part.needed, part) for leaf, part in kept}
        verdicts |= self._verdicts(again, values, now)
        return conclude(self.trigger, self.leaves, verdicts)

    @property
    def _names(self) -> list[str | None]:
        return [trigger_name(leaf) for leaf in self.leaves]

    def _verdicts(
        self, leaves: list[Leaf] | tuple[Leaf, ...], values: Mapping[str, Any], now: datetime
    ) -> dict[Leaf, Verdict]:
        @cache
        def read(atom: Atom) -> tuple[Any, Exception | None]:
            try:
                return self.readers[atom](values), None
            except Exception as error:
                _let_through(error)
                return None, error

        def value(atom: Atom) -> Any:
            found, error = read(atom)
            if error is not None:
                raise error
            return found

        return {leaf: judged(leaf, value, now) for leaf in leaves}


def bind(trigger: Trigger, declare: Declare) -> Condition:
    """The condition of a trigger, whose functions declare their keys through `declare`."""
    leaves = tuple(dict.fromkeys(leaves_of(trigger)))
    atoms = dict.fromkeys(atom for leaf in leaves for atom in leaf.atoms)
    readers = {atom: atom.reader(declare) for atom in atoms}
    return Condition(trigger=trigger, leaves=leaves, readers=readers)


def tried(trigger: Trigger, state: Mapping[str, Any], at: datetime | None) -> Finding:
    """The finding of a trigger that belongs to no gate."""
    if at is not None and at.tzinfo is None:
        raise GateError(f"at= must have a time zone, which {at} has not")
    return bind(trigger, declare_all(state)).evaluate(state, at or datetime.now(UTC))


def leaves_of(trigger: Trigger) -> Iterator[Leaf]:
    """The single triggers of a combination, from left to right."""
    match trigger:
        case AllOf(left, right) | AnyOf(left, right):
            yield from leaves_of(left)
            yield from leaves_of(right)
        case Inverse(of):
            yield from leaves_of(of)
        case Leaf():
            yield trigger
        case _:
            raise GateError(f"{trigger!r} is no trigger of this package; pass a plain function")


def judged(leaf: Leaf, value: Callable[[Atom], Any], now: datetime) -> Verdict:
    """What a leaf finds. Whatever goes wrong is its reason to ask."""
    try:
        read = {name: source.value(value) for name, source in leaf.sources.items()}
        found = checked(leaf.judge(read, now))
    except Exception as error:
        _let_through(error)
        found = _failed(leaf, error)
        return Verdict(None, found)
    return Verdict(found.needed, replace(found, trigger=trigger_name(leaf)))


def trigger_name(leaf: Leaf) -> str | None:
    """The name in the finding; a user's own function has none."""
    return None if isinstance(leaf, Plain) else leaf.name


def conclude(trigger: Trigger, leaves: tuple[Leaf, ...], verdicts: Verdicts) -> Finding:
    """One finding out of those of the leaves; the sentence names those that it rests on."""
    if isinstance(trigger, Leaf):
        return verdicts[trigger].finding
    holds = truth(trigger, verdicts)
    lost = [leaf for leaf in leaves if verdicts[leaf].needed is None]
    because = set(lost)
    if holds is not None and (holds or not lost):
        because |= set(witnesses(trigger, verdicts))
    parts = [verdicts[leaf].finding for leaf in leaves]
    sentences = [verdicts[leaf].finding.sentence for leaf in leaves if leaf in because]
    scores = [part.score for part in parts if part.score is not None]
    return Finding(
        needed=bool(lost) or holds is not False,
        sentence=" ".join(dict.fromkeys(sentences)),
        score=max(scores, default=None),
        factors=_all_factors(parts),
        parts=tuple(parts),
    )


def truth(trigger: Trigger, verdicts: Verdicts) -> bool | None:
    """Whether a combination asks; None where that hangs on a part that could not tell (Kleene)."""
    match trigger:
        case AllOf(left, right):
            both = {truth(left, verdicts), truth(right, verdicts)}
            return False if False in both else None if None in both else True
        case AnyOf(left, right):
            both = {truth(left, verdicts), truth(right, verdicts)}
            return True if True in both else None if None in both else False
        case Inverse(of):
            inner = truth(of, verdicts)
            return None if inner is None else not inner
        case Leaf():
            return verdicts[trigger].needed
        case _:
            assert_never(trigger)  # type: ignore[arg-type]  # `leaves_of` refused any other


def witnesses(trigger: Trigger, verdicts: Verdicts) -> Iterator[Leaf]:
    """The leaves that a combination's being true, or false, rests on."""
    match trigger:
        case AllOf(left, right) | AnyOf(left, right):
            holds = truth(trigger, verdicts)
            for side in (left, right):
                if truth(side, verdicts) is holds:
                    yield from witnesses(side, verdicts)
        case Inverse(of):
            yield from witnesses(of, verdicts)
        case Leaf():
            yield trigger


def _all_factors(parts: list[Finding]) -> dict[str, float] | None:
    factors: dict[str, float] = {}
    for part in parts:
        for name, share in (part.factors or {}).items():
            taken = name in factors and factors[name] != share
            factors[f"{part.trigger}: {name}" if taken else name] = share
    return factors or None


def _failed(leaf: Leaf, error: Exception) -> Finding:
    trigger = trigger_name(leaf)
    if isinstance(error, Unreadable):
        return Finding(needed=True, sentence=readable(str(error), 400), trigger=trigger)
    what = leaf.name if trigger else "The condition"
    return replace(failed(error, what=what), trigger=trigger)


def _let_through(error: Exception) -> None:
    """LangGraph's own signals are no errors of a condition."""
    from langgraph.errors import GraphBubbleUp

    if isinstance(error, GraphBubbleUp):
        raise error


def _keys(readers: Iterator[Reader] | Any) -> frozenset[str]:
    return frozenset[str]().union(*(reader.reads.keys for reader in readers))
