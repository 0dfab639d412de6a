"""The inbox as a simple model: what each thread's reviews come to, one operation after another.

It knows nothing of databases, locks, checkpoints or crashes. What it is compared with does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Word = Literal["approve", "edit", "reject", "revise", "respond"]
Refusal = Literal["NotAuthorised", "AlreadyDecided", "StaleReview", "InvalidDecision"]

MAX_REVISIONS = 2
DIRECT = "direct"
EDITORS = ("ann", "bob", "cy")
STRANGER = "eve"
OUTCOMES = {"approve": "approved", "edit": "edited", "reject": "rejected"}


@dataclass(frozen=True)
class Shape:
    """Gates by phase: those of one phase ask at once. With `panel`, two editors have to agree."""

    phases: tuple[tuple[str, ...], ...]
    panel: bool = False


SHAPES = {
    "single": Shape((("gate",),)),
    "panel": Shape((("gate",),), panel=True),
    "pair": Shape((("left", "right"),)),
    "chain": Shape((("first",), ("second",))),
}
THREADS = {
    "s0": "single",
    "s1": "single",
    "p0": "panel",
    "p1": "panel",
    "d0": "pair",
    "d1": "pair",
    "c0": "chain",
}
"""The graph of each thread."""


class Key(NamedTuple):
    """Which review: the gate that asked, in which run of which thread."""

    thread: str
    run: int
    gate: str


class Seen(NamedTuple):
    """What a review looks like from outside."""

    status: str
    round: int
    wake: bool
    outcome: str | None
    by: str | None


@dataclass
class Case:
    """One review. `followed` says that the graph knows of the decision.

    `kept` is an answer that the thread has stored and the inbox does not know: whoever gave it died
    between the two. It counts as soon as the thread runs, unless somebody has decided by then.
    """

    key: Key
    round: int = 0
    status: str = "pending"
    word: Word | None = None
    outcome: str | None = None
    by: str | None = None
    votes: dict[str, Word] = field(default_factory=dict)
    followed: bool = False
    kept: Word | None = None

    @property
    def waits_for_graph(self) -> bool:
        return self.status in ("settled", "cancelled") and not self.followed

    @property
    def seen(self) -> Seen:
        named = self.status != "superseded"
        return Seen(
            self.status,
            self.round,
            self.waits_for_graph,
            self.outcome if named else None,
            self.by if named else None,
        )

    def settle(self, word: Word, by: str) -> None:
        self.status, self.word, self.by = "settled", word, by
        self.outcome = OUTCOMES.get(word, "needs_revision")

    def follow(self) -> None:
        """The graph takes the decision."""
        if self.status == "settled" and self.word == "revise" and self.round < MAX_REVISIONS:
            self.round, self.status, self.votes = self.round + 1, "pending", {}
            self.word = self.outcome = self.by = None
            return
        self.followed = True
        if self.status == "settled":
            self.status = "applied"
            self.outcome = OUTCOMES.get(str(self.word), "rejected")


@dataclass
class Thread:
    """The runs of one thread; `ran` has what followed the gates, as `run:node`."""

    name: str
    runs: int = 0
    cases: list[Case] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    phase: int | None = None

    @property
    def shape(self) -> Shape:
        return SHAPES[THREADS[self.name]]

    @property
    def asked(self) -> list[Case]:
        """The reviews of the phase that the thread stands at."""
        if self.phase is None:
            return []
        gates = self.shape.phases[self.phase]
        return [c for c in self.cases if c.key.run == self.runs and c.key.gate in gates]

    @property
    def questions(self) -> list[Case]:
        """What the thread is paused at."""
        return [case for case in self.asked if not case.followed]

    def start(self) -> None:
        """New input: it ends what is open, and asks anew."""
        for case in self.questions:
            if case.status in ("pending", "settled"):
                case.status = "superseded"
            case.followed = True
        self.runs += 1
        self._ask(0)

    def decide(
        self, case: Case, word: Word, by: str, *, seen_round: int | None, now: bool
    ) -> Refusal | None:
        if self.shape.panel and by not in EDITORS:
            return "NotAuthorised"
        if case.status != "pending":
            return "AlreadyDecided"
        if seen_round not in (None, case.round):
            return "StaleReview"
        if not self.allows(word):
            return "InvalidDecision"
        self._vote(case, word, by)
        if now and case.status == "settled":
            self.go_on()
        return None

    def cancel(self, case: Case, by: str, *, now: bool) -> Refusal | None:
        if self.shape.panel and by not in EDITORS:
            return "NotAuthorised"
        if case.status != "pending":
            return "AlreadyDecided"
        case.status, case.outcome, case.by = "cancelled", "cancelled", by
        if now:
            self.go_on()
        return None

    def answer(self, case: Case, word: Word) -> None:
        """`Command(resume=...)` at a question; the ledger knows better where it was decided."""
        if case.status == "pending" and case.kept is None:
            if not self.allows(word):
                return
            case.kept = word
        self.go_on()

    def go_on(self) -> None:
        """A run of the graph: it follows what was decided, as far as it comes."""
        for case in self.asked:
            if case.status == "pending" and case.kept is not None and not self.shape.panel:
                case.settle(case.kept, DIRECT)
            case.kept = None
            if case.waits_for_graph:
                case.follow()
        if self.phase is None or self.questions:
            return
        done = self.asked
        nodes = [f"{case.key.gate}_{'yes' if passes(case) else 'no'}" for case in done]
        self.ran += [f"{self.runs}:{node}" for node in nodes]
        further = self.phase + 1 < len(self.shape.phases) and all(map(passes, done))
        self.phase = self.phase + 1 if further else None
        if further:
            self._ask(self.phase)

    def allows(self, word: Word) -> bool:
        return word != "respond" and not (self.shape.panel and word == "edit")

    def _ask(self, phase: int | None) -> None:
        assert phase is not None
        self.phase = phase
        self.cases += [Case(Key(self.name, self.runs, gate)) for gate in self.shape.phases[phase]]

    def _vote(self, case: Case, word: Word, by: str) -> None:
        if not self.shape.panel:
            case.settle(word, by)
            return
        case.votes[by] = word
        words = list(case.votes.values())
        if words.count("approve") == 2:
            case.settle("approve", by)
        elif len(words) - words.count("approve") == 2:
            case.settle("revise" if words.count("revise") == 2 else "reject", by)


def passes(case: Case) -> bool:
    return case.outcome in ("approved", "edited")


def new_threads() -> dict[str, Thread]:
    return {name: Thread(name) for name in THREADS}


def all_cases(threads: dict[str, Thread]) -> Iterator[Case]:
    for thread in threads.values():
        yield from thread.cases
