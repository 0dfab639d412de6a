"""`Condition`: a trigger that knows what it reads, ready to be evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias, assert_never

from langgraph_hitl._reads import Reader
from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.review.finding import Finding, checked, failed, readable
from langgraph_hitl.triggers.number import kind_of
from langgraph_hitl.triggers.source import Atom, Declare, Reading, declare_all, let_through
from langgraph_hitl.triggers.trigger import AllOf, AnyOf, Inverse, Leaf, Plain, Trigger

MAX_DEPTH = 100
"""Deepest nesting of combinations; a chain of `|`, or of `&`, counts as one."""


class Verdict(NamedTuple):
    """What one leaf found. `needed` is None where it could not tell."""

    needed: bool | None
    finding: Finding


Verdicts: TypeAlias = Mapping[Leaf, Verdict]


class Condition(NamedTuple):
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
        """Those that a new version is scored by."""
        again = {atom for leaf in self.leaves if leaf.grades_again for atom in leaf.atoms}
        return _keys(self.readers[atom] for atom in again)

    def evaluate(self, values: Mapping[str, Any], now: datetime) -> Finding:
        """Whether a person is needed, and why. An error means yes."""
        verdicts = self._verdicts(self.leaves, values, now)
        return conclude(self.trigger, self.leaves, verdicts)

    def evaluate_again(
        self, values: Mapping[str, Any], now: datetime, before: Mapping[str, Any]
    ) -> Finding:
        """The same for a new version: what was scored is scored again, the rest stays as it was."""
        earlier = Finding.from_json(before)
        kept = self._kept(earlier)
        if kept is None:
            return earlier
        again = [leaf for leaf in self.leaves if _is_scored(leaf, kept[leaf])]
        if not again:
            return earlier
        verdicts = kept | self._verdicts(again, values, now)
        return conclude(self.trigger, self.leaves, verdicts)

    def _kept(self, earlier: Finding) -> dict[Leaf, Verdict] | None:
        """What each leaf found; None if other leaves found it."""
        parts = (earlier,) if isinstance(self.trigger, Leaf) else earlier.parts
        if len(parts) != len(self.leaves):
            return None
        found = dict(zip(self.leaves, parts, strict=True))
        if any(part.trigger != leaf.name for leaf, part in found.items() if not _is_plain(leaf)):
            return None
        try:
            return {leaf: _verdict(checked(part)) for leaf, part in found.items()}
        except Unreadable:
            return None

    def _verdicts(
        self, leaves: Iterable[Leaf], values: Mapping[str, Any], now: datetime
    ) -> dict[Leaf, Verdict]:
        read = Reading(self.readers, values)
        for atom in (atom for leaf in leaves for atom in leaf.atoms):
            read.tried(atom)  # nothing is skipped, also not beside what raises
        return {leaf: judged(leaf, read, now) for leaf in leaves}


def bind(trigger: Trigger, declare: Declare) -> Condition:
    """The condition of a trigger, whose functions declare their keys through `declare`."""
    leaves = tuple(dict.fromkeys(leaves_of(trigger)))
    readers: dict[Atom, Reader] = {}
    for atom in (atom for leaf in leaves for atom in leaf.atoms):
        reader = atom.reader(declare)
        readers[atom] = _joined(readers[atom], reader) if atom in readers else reader
    return Condition(trigger=trigger, leaves=leaves, readers=readers)


def tried(trigger: Trigger, state: Mapping[str, Any], at: datetime | None) -> Finding:
    """The finding of a trigger that belongs to no gate."""
    if at is not None and not isinstance(at, datetime):
        raise GateError(f"at= must be a datetime with a time zone, not {kind_of(at)}")
    if at is not None and at.tzinfo is None:
        raise GateError(f"at= must have a time zone, which {at} has not")
    return bind(trigger, declare_all(state)).evaluate(state, at or datetime.now(UTC))


def leaves_of(trigger: Trigger, depth: int = 0) -> Iterator[Leaf]:
    """The single triggers of a combination, from left to right."""
    if depth > MAX_DEPTH:
        raise GateError(f"triggers are nested in each other more than {MAX_DEPTH} deep")
    match trigger:
        case AllOf(sides=sides) | AnyOf(sides=sides):
            for side in sides:
                yield from leaves_of(side, depth + 1)
        case Inverse(of=of):
            yield from leaves_of(of, depth + 1)
        case Leaf():
            yield trigger
        case _:
            raise GateError(
                f"{kind_of(trigger)} is no trigger of this package; pass a plain function"
            )


def judged(leaf: Leaf, read: Reading, now: datetime) -> Verdict:
    """What a leaf finds. Whatever goes wrong is its reason to ask."""
    try:
        values = {name: read(source) for name, source in leaf.sources.items()}
        found = checked(leaf.judge(values, now))
    except Exception as error:
        let_through(error)
        return Verdict(None, _lost(leaf, error))
    return _verdict(replace(found, trigger=_trigger_name(leaf) or found.trigger))


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
        case AllOf(sides=sides):
            found = {truth(side, verdicts) for side in sides}
            return False if False in found else None if None in found else True
        case AnyOf(sides=sides):
            found = {truth(side, verdicts) for side in sides}
            return True if True in found else None if None in found else False
        case Inverse(of=of):
            inner = truth(of, verdicts)
            return None if inner is None else not inner
        case Leaf():
            return verdicts[trigger].needed
        case _:
            assert_never(trigger)  # type: ignore[arg-type]  # `leaves_of` refused any other


def witnesses(trigger: Trigger, verdicts: Verdicts) -> Iterator[Leaf]:
    """The leaves that a combination's being true, or false, rests on."""
    match trigger:
        case AllOf(sides=sides) | AnyOf(sides=sides):
            holds = truth(trigger, verdicts)
            for side in sides:
                if truth(side, verdicts) is holds:
                    yield from witnesses(side, verdicts)
        case Inverse(of=of):
            yield from witnesses(of, verdicts)
        case Leaf():
            yield trigger


def _verdict(recorded: Finding) -> Verdict:
    lost = (recorded.details or {}).get("unreadable") is True
    return Verdict(None if lost else recorded.needed, recorded)


def _is_scored(leaf: Leaf, earlier: Verdict) -> bool:
    """Whether `leaf` scores a new version; a user's own function does where it gave a score."""
    return leaf.grades_again and not (_is_plain(leaf) and earlier.finding.score is None)


def _is_plain(leaf: Leaf) -> bool:
    return isinstance(leaf, Plain)


def _trigger_name(leaf: Leaf) -> str | None:
    """The name in the finding; a user's own function has none."""
    return None if _is_plain(leaf) else leaf.name


def _all_factors(parts: list[Finding]) -> dict[str, float] | None:
    """The factors of all parts; the same name for another share gets the trigger's before it."""
    factors: dict[str, float] = {}
    for number, part in enumerate(parts, 1):
        trigger = part.trigger or "condition"
        for name, share in (part.factors or {}).items():
            names = (name, f"{trigger}: {name}", f"{trigger} {number}: {name}")
            free = (each for each in names if factors.get(each, share) == share)
            factors[next(free, names[-1])] = share
    return factors or None


def _lost(leaf: Leaf, error: Exception) -> Finding:
    """A person is asked; the details say that it is because the trigger could not tell."""
    what = leaf.name if isinstance(leaf, Plain) else f"The trigger {leaf.name}"
    found = failed(error, what=what)
    if isinstance(error, Unreadable):
        with suppress(Exception):
            found = replace(found, sentence=readable(str(error), 400) or f"{what} could not tell.")
    return replace(found, trigger=_trigger_name(leaf), details={"unreadable": True})


def _joined(one: Reader, other: Reader) -> Reader:
    """One reader for a function that stands in two places with different `reads`."""
    keys = one.reads.keys | other.reads.keys
    return one._replace(reads=one.reads._replace(keys=keys))


def _keys(readers: Iterable[Reader]) -> frozenset[str]:
    return frozenset[str]().union(*(reader.reads.keys for reader in readers))
