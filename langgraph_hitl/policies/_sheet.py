"""`Plan` and `Sheet`: the rules of a policy, ready for many cases, and one case on them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
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
Input: TypeAlias = tuple[tuple[str, Source], ...]
"""The sources that a leaf reads, by name."""

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


class Shelf:
    """The leaves that compare one value with texts: of all of them, those of one text hold."""

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._by_text: dict[str, list[int]] = {}

    def add(self, number: int, texts: frozenset[str]) -> None:
        self._numbers.append(number)
        for text in texts:
            self._by_text.setdefault(text, []).append(number)

    def tell(self, memo: Memo, text: str) -> None:
        """What all of them find."""
        for number in self._numbers:
            memo[number] = False
        for number in self._by_text.get(text, ()):
            memo[number] = True


class Plan:
    """What does not depend on the case: the leaves, each once, and who reads what."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.leaves: list[Leaf] = []
        numbers: dict[Hashable, int] = {}
        for leaf in (leaf for rule in rules for leaf in leaves_of(rule.when)):
            if numbers.setdefault(leaf.meaning, len(self.leaves)) == len(self.leaves):
                self.leaves.append(leaf)
        self.rows = [
            Row(
                rule,
                tuple(dict.fromkeys(numbers[leaf.meaning] for leaf in leaves_of(rule.when))),
                _truth(rule.when, numbers),
            )
            for rule in rules
        ]
        self.atoms: tuple[Atom, ...] = tuple(
            dict.fromkeys(atom for leaf in self.leaves for atom in leaf.atoms)
        )
        inputs: dict[Input, int] = {}
        self.tests = [
            (leaf.test, inputs.setdefault(tuple(leaf.sources.items()), len(inputs)))
            for leaf in self.leaves
        ]
        self.inputs: tuple[Input, ...] = tuple(inputs)
        self.shelves: dict[int, Shelf] = {}
        for number, leaf in enumerate(self.leaves):
            if leaf.texts is not None:
                self.shelves.setdefault(self.tests[number][1], Shelf()).add(number, leaf.texts)
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
        self._inputs: list[Any] = [_UNREAD] * len(plan.inputs)

    def open(self) -> Iterator[Row]:
        """The rules whose condition holds, or could not be told. No part of one is skipped."""
        memo, tested = self._memo, self._tested
        for row in self._plan.rows:
            lost = False
            for number in row.leaves:
                found = memo[number]
                if found is _UNREAD:
                    found = memo[number] = tested(number)
                if found is None:
                    lost = True
            if lost or row.truth(memo):
                yield row

    def step(self, row: Row) -> Step:
        """The same with all the words."""
        leaves = tuple(dict.fromkeys(leaves_of(row.rule.when)))
        verdicts = {leaf: judged(leaf, self._read, self._at) for leaf in leaves}
        lost = any(verdict.needed is None for verdict in verdicts.values())
        return Step(
            rule=row.rule,
            holds=None if lost else truth(row.rule.when, verdicts),
            finding=conclude(row.rule.when, leaves, verdicts),
            parts=tuple(_part(leaf, verdict) for leaf, verdict in verdicts.items()),
            templates=tuple(
                leaf.template
                for leaf, verdict in verdicts.items()
                if isinstance(leaf, Matching) and verdict.needed
            ),
        )

    def _tested(self, number: int) -> bool | None:
        test, place = self._plan.tests[number]
        if test is None:
            return judged(self._plan.leaves[number], self._read, self._at).needed
        values = self._inputs[place]
        if values is _UNREAD:
            values = self._inputs[place] = self._values(place)
            if self._memo[number] is not _UNREAD:  # told with all of its shelf
                found: bool = self._memo[number]
                return found
        if values is None:
            return None
        try:
            return test(values, self._at)
        except Exception as error:
            let_through(error)
            return None

    def _values(self, place: int) -> Mapping[str, Any] | None:
        """What the sources of a leaf give, by name; None where one of them raises."""
        try:
            values = {name: self._read(source) for name, source in self._plan.inputs[place]}
        except Exception as error:
            let_through(error)
            return None
        shelf = self._plan.shelves.get(place)
        if shelf is not None:
            [text] = values.values()
            if type(text) is str:
                shelf.tell(self._memo, text)
        return values


def _part(leaf: Leaf, verdict: Verdict) -> tuple[str, bool | None, str]:
    return repr(leaf), verdict.needed, verdict.finding.sentence


def _truth(trigger: Trigger, numbers: Mapping[Hashable, int]) -> Truth:
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
            return itemgetter(numbers[trigger.meaning])


def _first(parts: list[Truth], *, wanted: bool) -> Truth:
    """Whether one of the parts is as wanted; a loop, as a generator takes three times as long."""

    def found(memo: Memo) -> bool:
        for part in parts:  # see above
            if part(memo) is wanted:
                return wanted
        return not wanted

    return found
