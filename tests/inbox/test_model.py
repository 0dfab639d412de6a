"""The inbox does what a simple model of it does, whatever happens in which order, and who dies."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias

import pytest
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from langgraph_hitl.inbox._ledger.sql import Sql
from tests.inbox.model import EDITORS, STRANGER, THREADS, Key, Seen, Thread, new_threads
from tests.inbox.model_ops import Answer, Cancel, Decide, Op, Start, Threads, Work
from tests.inbox.model_world import (
    Files,
    Place,
    Process,
    Server,
    World,
    config_of,
    input_of,
    run_in,
)
from tests.scale import scale

STEPS, WHOLE = 50, 200
EXAMPLES = scale(WHOLE)
"""A tenth of them are the same ones in every run; the whole are drawn anew."""
TWICE = Sql(
    "SELECT review_id, round FROM hitl_audit WHERE event IN ('settled', 'cancelled')"
    " GROUP BY review_id, round HAVING count(*) > 1"
)
PHASES = [Phase.generate, *([Phase.shrink] if os.environ.get("HITL_SHRINK") == "1" else [])]
"""An example takes seconds, and its shrinking minutes: `HITL_SHRINK=1` asks for it."""
MOMENTS = 40
"""The latest moment of an operation at which a process dies."""

Reviews: TypeAlias = dict[Key, Seen]
Recovery = Literal["work", "again", "doctor"]

processes = st.integers(0, 1)
threads = st.sampled_from(sorted(THREADS))
words = st.sampled_from(["approve", "edit", "reject", "revise", "respond"])
persons = st.sampled_from([*EDITORS, STRANGER])
numbers = st.integers(0, 7)
operations: st.SearchStrategy[Op] = st.one_of(
    st.builds(Start, threads),
    st.builds(
        Decide,
        numbers,
        words,
        persons,
        st.sampled_from(["nothing", "current", "digest", "older", "other"]),
        st.booleans(),
    ),
    st.builds(Decide, numbers, st.just("approve"), persons, st.just("current"), st.booleans()),
    st.builds(Answer, threads, numbers, words, st.booleans()),
    st.builds(Cancel, numbers, persons, st.booleans()),
    st.builds(Work),
)


class InboxMachine(RuleBasedStateMachine):
    """Two processes work on one inbox; each step is compared with the model."""

    place: ClassVar[Place]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.place)
        self.model: Threads = new_threads()
        self.head: str | None = None
        self.compared: Threads = {}

    def teardown(self) -> None:
        try:
            for name, thread in self.model.items():
                self._compare_thread(name, thread)
        finally:
            self.world.close()

    @rule(at=processes, op=operations)
    def happens(self, at: int, op: Op) -> None:
        self._agrees(op, op.run(self.world.processes[at], self.model))

    @initialize(first=st.lists(threads, min_size=2, unique=True))
    def starts(self, first: list[str]) -> None:
        for thread in first:
            self.happens(0, Start(thread))

    @rule(
        at=processes,
        op=operations,
        moment=st.integers(1, MOMENTS),
        again=st.integers(0, MOMENTS),
        recovery=st.sampled_from(["work", "again", "doctor"]),
    )
    def dies(self, at: int, op: Op, moment: int, again: int, recovery: Recovery) -> None:
        process = self.world.processes[at]
        if isinstance(op, Decide):
            op = op.on_shown(process, self.model)
        process.fuse = moment
        said: Any = None
        try:
            said = op.run(process, self.model)
        except BaseException:
            if not process.dead:
                raise
        process.fuse = None
        if not process.dead:
            self._agrees(op, said)
            return
        event(f"died: {process.died_at}")
        self.world.reopen(at)
        if again:
            self._works_and_dies(1 - at, again)
        self._recover(at, op, recovery)

    @rule(at=processes, seconds=st.integers(-100_000, 100_000), reopens=st.booleans())
    def jumps(self, at: int, seconds: int, reopens: bool) -> None:
        self.world.clocks[at].now += timedelta(seconds=seconds)
        if reopens:
            self.world.reopen(at)

    @invariant()
    def the_world_agrees_with_the_model(self) -> None:
        self.every_review_is_as_the_model_says()
        self.what_waits_is_listed_in_order()
        self.what_followed_ran_once()
        self.threads_stand_at_their_questions()
        self.nothing_is_settled_twice()
        self.the_audit_holds()

    def every_review_is_as_the_model_says(self) -> None:
        assert self._reality() == self._prediction(self.model)

    def what_waits_is_listed_in_order(self) -> None:
        world = self.world
        waiting = world.processes[0].inbox.pending(limit=100)
        assert waiting == sorted(waiting, key=lambda review: (review.created_at, review.id))
        keys = sorted(world.known[review.id] for review in waiting)
        assert keys == sorted(
            case.key
            for thread in self.model.values()
            for case in thread.cases
            if case.status == "pending"
        )

    def what_followed_ran_once(self) -> None:
        ran = Counter((name, node) for name, t in self.model.items() for node in t.ran)
        assert Counter(self.world.effects) - self.world.excused == ran

    def threads_stand_at_their_questions(self) -> None:
        for name, thread in self.model.items():
            if thread != self.compared.get(name):
                self._compare_thread(name, thread)
                self.compared[name] = deepcopy(thread)

    def nothing_is_settled_twice(self) -> None:
        with self.world.processes[1].inbox._office.ledger.reading() as rx:
            assert rx._session.rows(TWICE) == []

    def the_audit_holds(self) -> None:
        verification = self.world.processes[1].inbox.verify(self.head)
        assert verification, verification.problem
        self.head = verification.head

    def _agrees(self, op: Op, said: str | None) -> None:
        self.world.reviews()
        expected = op.on(self.model)
        assert said == expected, f"{op} said {said}, and not {expected}"

    def _works_and_dies(self, at: int, moment: int) -> None:
        process = self.world.processes[at]
        process.fuse = moment
        try:
            process.inbox.work()
        except BaseException:
            if not process.dead:
                raise
        process.fuse = None
        if process.dead:
            event(f"the worker died too: {process.died_at}")
            self.world.reopen(at)

    def _recover(self, at: int, op: Op, recovery: Recovery) -> None:
        """After work, what the dead process did has happened as a whole, or not at all.

        Without `seen` a decision that is sent again may count for the next round.
        """
        before, after = deepcopy(self.model), deepcopy(self.model)
        op.on(after)
        process = self.world.processes[at]
        if recovery == "again" and isinstance(op, Decide) and op.seen != "nothing":
            self.world.reviews()
            op.run(process, self.model)
            before = after
        if recovery == "doctor":
            self._cure(process)
        else:
            Work().run(process, self.model)
        if isinstance(op, Start):
            self._start_again(process, op.thread)
        for candidate in (before, after):
            Work().on(candidate)
            reality = self._reality()
            if reality == self._prediction(candidate):
                self.model = candidate
                if isinstance(op, Answer):
                    self._look_for_kept(process, op)
                return
        differing = difference(self._prediction(before), reality, self._prediction(after))
        raise AssertionError(f"{op} came to what is neither before nor after:\n{differing}")

    def _look_for_kept(self, process: Process, op: Answer) -> None:
        """Whether the thread has stored the answer; see `Case.kept`."""
        tasks = process.app(op.thread).get_state(config_of(op.thread), subgraphs=True).tasks
        ahead = {task.name for task in tasks if task.state and answered(task.state)}
        for case in self.model[op.thread].questions:
            if case.status == "pending" and case.key.gate in ahead:
                case.kept = op.word

    def _cure(self, process: Process) -> None:
        """Jumping clocks cannot be cured, and runs without a review are their starter's."""
        report = process.inbox.doctor(repair=True)
        left = [
            finding
            for finding in report.findings
            if not (finding.repaired or finding.informational)
            and finding.kind not in ("clock skew", "unfinished run")
        ]
        assert not left, left

    def _start_again(self, process: Process, thread: str) -> None:
        """A run that died before it filed is its starter's to start again."""
        state = process.state(thread)
        if state.tasks and not state.interrupts:
            run = self.model[thread].runs + 1
            process.run(thread, input_of(thread, run))

    def _reality(self) -> Reviews:
        return {
            key: Seen(
                review.status,
                review.round,
                review.wake,
                None if review.status == "superseded" else review.outcome,
                None if review.status == "superseded" else review.decided_by,
            )
            for key, review in self.world.reviews().items()
        }

    def _prediction(self, model: Threads) -> Reviews:
        return {case.key: case.seen for thread in model.values() for case in thread.cases}

    def _compare_thread(self, name: str, thread: Thread) -> None:
        if not thread.runs:
            return
        state = self.world.processes[0].state(name)
        assert sorted(state.values.get("ran", [])) == sorted(thread.ran)
        shown = sorted(
            (run_in(one.value), one.value["round"], self.world.known[one.value["review_id"]].gate)
            for one in state.interrupts
        )
        assert shown == sorted((c.key.run, c.round, c.key.gate) for c in thread.questions)
        assert bool(state.next) == bool(thread.questions) == bool(state.tasks)


def answered(gate: Any) -> bool:
    """Whether a gate has taken an answer, and not yet recorded it."""
    asked = any(task.name == "ask" and task.result is not None for task in gate.tasks)
    return asked or gate.next == ("record",)


def difference(before: Reviews, found: Reviews, after: Reviews) -> str:
    return "\n".join(
        f"{key}: before {before.get(key)}, found {found.get(key)}, after {after.get(key)}"
        for key in sorted({*before, *found, *after})
        if not before.get(key) == found.get(key) == after.get(key)
    )


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        yield Files(tmp_path)
    else:
        yield Server(request.getfixturevalue("postgres_uri"))


@pytest.mark.timeout(3600)
def test_the_inbox_does_what_the_model_says(place: Place) -> None:
    machine = type("Machine", (InboxMachine,), {"place": place})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=EXAMPLES < WHOLE,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            phases=PHASES,
        ),
    )
