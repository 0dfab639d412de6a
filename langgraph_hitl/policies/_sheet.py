"""`Plan` and `Sheet`: the rules of a policy, ready for many cases, and one case on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from langgraph_hitl._reads import Reader
from langgraph_hitl.policies.rule import Rule
from langgraph_hitl.policies.template import Matching, Template
from langgraph_hitl.review.finding import Finding
from langgraph_hitl.triggers.condition import Verdict, conclude, judged, leaves_of, truth
from langgraph_hitl.triggers.source import Atom, Path, Reading, Source, declare_all, let_through
from langgraph_hitl.triggers.trigger import AllOf, AnyOf, Inverse, Leaf, Trigger

Memo: TypeAlias = list[Any]
"""What each leaf found: True, False, None where it could not tell, or `_UNREAD`."""
Truth: TypeAlias = Callable[[Memo], bool]

_UNREAD = object()


class Row(NamedTuple):
    """A rule with its leaves, by number."""

    rule: Rule
    leaves: tuple[int, ...]
    truth: Truth


class Step(NamedTuple):
    """A rule on a case. `holds` is None where a part of it could not be told."""

    rule: Rule
    holds: bool | None
    finding: Finding
    parts: tuple[tuple[str, bool | None, str], ...]
    """Of each trigger of the condition: how it is written, what it found, and why."""
    templates: tuple[Template, ...]


class Plan:
    """What does not depend on the case: the leaves, each once, and who reads what."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.leaves: list[Leaf] = []
        numbers: dict[Leaf, int] = {}
        for leaf in (leaf for rule in rules for leaf in leaves_of(rule.when)):
            if leaf not in numbers:
                numbers[leaf] = len(self.leaves)
                self.leaves.append(leaf)
        self.rows = [
            Row(
                rule,
                tuple(dict.fromkeys(numbers[leaf] for leaf in leaves_of(rule.when))),
                _truth(rule.when, numbers),
            )
            for rule in rules
        ]
        self.atoms: tuple[Atom, ...] = tuple(
            dict.fromkeys(atom for leaf in self.leaves for atom in leaf.atoms)
        )
        slots: dict[Source, int] = {}
        self.sources = [
            tuple(
                (name, slots.setdefault(source, len(slots)))
                for name, source in leaf.sources.items()
            )
            for leaf in self.leaves
        ]
        self.slots: tuple[Source, ...] = tuple(slots)
        self._paths = {
            atom: atom.reader(declare_all({})) for atom in self.atoms if isinstance(atom, Path)
        }

    def reading(self, values: Mapping[str, Any]) -> Reading:
        """A case outside of a gate: functions that declare nothing read the whole of it."""
        declare = declare_all(values)
        readers: dict[Atom, Reader] = {
            atom: self._paths[atom] if isinstance(atom, Path) else atom.reader(declare)
            for atom in self.atoms
        }
        return Reading(readers, values)


class Sheet:
    """One case at one moment. Each source is read once, also where it raises."""

    def __init__(self, plan: Plan, read: Reading, at: datetime) -> None:
        self._plan = plan
        self._read = read
        self._at = at
        self._memo: Memo = [_UNREAD] * len(plan.leaves)
        self._values: list[Any] = [_UNREAD] * len(plan.slots)

    def holds(self, row: Row) -> bool | None:
        """Whether a rule's condition holds; None where a part of it could not be told."""
        memo, lost = self._memo, False
        for number in row.leaves:
            found = memo[number]
            if found is _UNREAD:
                found = memo[number] = self._tested(number)
            lost = lost or found is None
        return None if lost else row.truth(memo)

    def step(self, row: Row) -> Step:
        """The same with all the words."""
        leaves = [self._plan.leaves[number] for number in row.leaves]
        verdicts = {leaf: judged(leaf, self._read, self._at) for leaf in leaves}
        lost = any(verdict.needed is None for verdict in verdicts.values())
        return Step(
            rule=row.rule,
            holds=None if lost else truth(row.rule.when, verdicts),
            finding=conclude(row.rule.when, tuple(leaves), verdicts),
            parts=tuple(_part(leaf, verdict) for leaf, verdict in verdicts.items()),
            templates=tuple(
                leaf.template
                for leaf, verdict in verdicts.items()
                if isinstance(leaf, Matching) and verdict.needed
            ),
        )

    def _tested(self, number: int) -> bool | None:
        leaf = self._plan.leaves[number]
        if leaf.test is None:
            return judged(leaf, self._read, self._at).needed
        known = self._values
        try:
            values = {}
            for name, slot in self._plan.sources[number]:
                value = known[slot]
                if value is _UNREAD:
                    value = known[slot] = self._read(self._plan.slots[slot])
                values[name] = value
            return leaf.test(values, self._at)
        except Exception as error:
            let_through(error)
            return None


def _part(leaf: Leaf, verdict: Verdict) -> tuple[str, bool | None, str]:
    return repr(leaf), verdict.needed, verdict.finding.sentence


def _truth(trigger: Trigger, numbers: Mapping[Leaf, int]) -> Truth:
    """The truth of a condition, from what its leaves found."""
    match trigger:
        case AllOf(sides=sides):
            return _first([_truth(side, numbers) for side in sides], wanted=False)
        case AnyOf(sides=sides):
            return _first([_truth(side, numbers) for side in sides], wanted=True)
        case Inverse(of=of):
            inner = _truth(of, numbers)
            return lambda memo: not inner(memo)
        case _:
            assert isinstance(trigger, Leaf)
            return itemgetter(numbers[trigger])


def _first(parts: list[Truth], *, wanted: bool) -> Truth:
    """Whether one of the parts is as wanted; a loop, as a generator takes three times as long."""

    def found(memo: Memo) -> bool:
        for part in parts:  # see above
            if part(memo) is wanted:
                return wanted
        return not wanted

    return found
