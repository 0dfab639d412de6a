"""What happens to the inbox: each operation for the model and for the real thing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeAlias

from langgraph.types import Command

from langgraph_hitl import Approve, Edit, Reject, Respond, Revise
from langgraph_hitl.errors import InboxError, InvalidDecision
from langgraph_hitl.inbox import Review
from langgraph_hitl.review.decision import Decision, to_json
from langgraph_hitl.review.reviewer import Reviewer
from tests.inbox.model import EDITORS, Case, Refusal, Thread, Word, all_cases
from tests.inbox.model_world import Process, input_of

Threads: TypeAlias = dict[str, Thread]
SeenKind = Literal["nothing", "current", "digest", "older", "other"]


class Op(Protocol):
    """One operation. `on` changes the model, `run` the world; both say what was refused."""

    def on(self, threads: Threads) -> str | None: ...

    def run(self, process: Process, threads: Threads) -> str | None: ...


@dataclass(frozen=True)
class Start:
    """New input on a thread."""

    thread: str

    def on(self, threads: Threads) -> str | None:
        threads[self.thread].start()
        return None

    def run(self, process: Process, threads: Threads) -> str | None:
        run = threads[self.thread].runs + 1
        process.run(self.thread, input_of(self.thread, run))
        return None


@dataclass(frozen=True)
class Decide:
    """A decision, through the inbox, on the review number `which`.

    `shown` is the review that the person has before them, if it is not read just before.
    """

    which: int
    word: Word
    by: str
    seen: SeenKind
    now: bool
    shown: Review | None = None

    def on_shown(self, process: Process, threads: Threads) -> Decide:
        """The same decision, which may be sent twice about what is shown now."""
        case = chosen(threads, self.which)
        return self if case is None else replace(self, shown=review_of(process, case))

    def on(self, threads: Threads) -> Refusal | None:
        case = chosen(threads, self.which)
        if case is None:
            return None
        seen_round = {"nothing": None, "older": case.round - 1, "other": -1}.get(
            self.seen, case.round
        )
        thread = threads[case.key.thread]
        return thread.decide(case, self.word, self.by, seen_round=seen_round, now=self.now)

    def run(self, process: Process, threads: Threads) -> str | None:
        case = chosen(threads, self.which)
        if case is None:
            return None
        inbox = process.inbox
        review = self.shown or review_of(process, case)
        seen = {
            "nothing": None,
            "current": review,
            "digest": review.digest,
            "older": replace(review, round=review.round - 1),
            "other": "sha256:" + "0" * 64,
        }[self.seen]
        decision = decision_of(self.word, case)
        try:
            inbox.decide(
                review.id,
                decision,
                by=person(self.by),
                seen=seen,
                resume="now" if self.now else "worker",
            )
        except (InboxError, InvalidDecision) as error:
            return type(error).__name__
        return None


@dataclass(frozen=True)
class Cancel:
    """A cancellation of the review number `which`."""

    which: int
    by: str
    now: bool

    def on(self, threads: Threads) -> Refusal | None:
        case = chosen(threads, self.which)
        if case is None:
            return None
        return threads[case.key.thread].cancel(case, self.by, now=self.now)

    def run(self, process: Process, threads: Threads) -> str | None:
        case = chosen(threads, self.which)
        if case is None:
            return None
        review = review_of(process, case)
        try:
            process.inbox.cancel(
                review.id, by=person(self.by), resume="now" if self.now else "worker"
            )
        except InboxError as error:
            return type(error).__name__
        return None


@dataclass(frozen=True)
class Answer:
    """`Command(resume=...)` on the graph itself, at one of the questions that the thread shows."""

    thread: str
    which: int
    word: Word
    plain: bool

    def on(self, threads: Threads) -> str | None:
        thread = threads[self.thread]
        if not thread.questions:
            return None
        case = thread.questions[self.which % len(thread.questions)]
        if self._is_ambiguous(thread, case):
            return None
        refused = self._fails(thread, case)
        thread.answer(case, self.word)
        return "invalid" if refused else None

    def run(self, process: Process, threads: Threads) -> str | None:
        thread = threads[self.thread]
        if not thread.questions:
            return None
        case = thread.questions[self.which % len(thread.questions)]
        if self._is_ambiguous(thread, case):
            return None
        review = review_of(process, case)
        shown = process.state(self.thread).interrupts
        [question] = [one for one in shown if one.value["review_id"] == review.id]
        answer = to_json(decision_of(self.word, case))
        alone = self.plain and len(shown) == 1
        resume: Command[Any] = Command(resume=answer if alone else {question.id: answer})
        try:
            process.run(self.thread, resume)
        except Exception:
            return "invalid"
        return None

    def _is_ambiguous(self, thread: Thread, case: Case) -> bool:
        """Whether a run fails at one question beside another that it may come to first, or not."""
        others = any(other.waits_for_graph or other.kept for other in thread.questions)
        return others and self._fails(thread, case)

    def _fails(self, thread: Thread, case: Case) -> bool:
        return case.status == "pending" and case.kept is None and not thread.allows(self.word)


@dataclass(frozen=True)
class Work:
    """A pass of a worker."""

    def on(self, threads: Threads) -> str | None:
        for thread in threads.values():
            if any(case.waits_for_graph for case in thread.asked):
                thread.go_on()
        return None

    def run(self, process: Process, threads: Threads) -> str | None:
        report = process.inbox.work()
        assert not report.failed
        assert not report.busy
        return None


def chosen(threads: Threads, which: int) -> Case | None:
    """A review by number, the newest first."""
    cases = sorted(all_cases(threads), key=lambda case: case.key, reverse=True)
    cases.sort(key=lambda case: case.followed or case.status == "superseded")
    return cases[which % len(cases)] if cases else None


def review_of(process: Process, case: Case) -> Review:
    [review_id] = [one for one, key in process.known.items() if key == case.key]
    return process.inbox.get(review_id)


def person(name: str) -> Reviewer | str:
    return Reviewer(name, roles="editors") if name in EDITORS else name


def decision_of(word: Word, case: Case) -> Decision:
    match word:
        case "approve":
            return Approve()
        case "edit":
            return Edit(f"{case.key.run}:by hand")
        case "reject":
            return Reject()
        case "revise":
            return Revise("louder")
        case "respond":
            return Respond("a plan of my own")
