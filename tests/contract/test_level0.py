"""What LangGraph leaves open and a gate without an inbox cannot close. Each case has its name here.

These tests show the behaviour; they do not ask for it. If one fails, LangGraph has become better,
or worse: read it, and change what the documentation says.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from langgraph.types import Command

from langgraph_hitl import Approve, human_approval, resume
from tests.apps import noting, one_gate
from tests.contract.presets import over_presets
from tests.contract.test_nesting import two_gates_one_after_the_other
from tests.drivers import Builder, Driver
from tests.subject_presets import SubjectPreset


def test_the_same_plain_answer_sent_twice_answers_the_next_question(driver: Driver) -> None:
    """A client that repeats its request says yes to a question that nobody has seen."""
    thread = driver.thread(two_gates_one_after_the_other())
    thread.send({"draft": "Hello"})
    thread.plain({"type": "approve"})
    thread.plain({"type": "approve"})
    assert thread.ran == ["act:Hello"]


@over_presets()
def test_the_same_mapped_answer_sent_twice_does_not(driver: Driver, preset: SubjectPreset) -> None:
    """What `resume` makes is bound to its review."""
    thread = driver.thread(two_gates_one_after_the_other(preset))
    thread.send({"draft": "Hello"})
    request = thread.request
    thread.answer((request, Approve()))
    thread.answer((request, Approve()))
    assert thread.ran == []
    assert len(thread.pending()) == 1


def test_two_resumes_at_once_both_run_what_follows(bare: Driver) -> None:
    """The record is one, the effect happens twice: it needs the review's idempotency key."""
    both = threading.Barrier(2)
    effects: list[str] = []

    def effect() -> None:
        both.wait(timeout=30)
        effects.append("paid")

    def build() -> Builder:
        builder = one_gate(human_approval("draft"), {"approved": "pay", "rejected": "stop"})()
        builder.nodes.pop("pay")
        return builder.add_node("pay", noting("pay", effect))

    thread = bare.thread(build)
    thread.send({"draft": "Hello"})
    command = resume(thread.request, Approve())

    def resumed() -> Any:
        with Driver(bare.row, bare.place) as other:
            return other.thread(build, thread.id).send(command)

    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(resumed) for _ in range(2)]:
            running.result()
    assert effects == ["paid", "paid"]
    assert len(thread.values["reviews"]) == 1
    assert thread.ran == ["pay:Hello"]


def test_a_new_input_kills_the_question_silently(driver: Driver) -> None:
    """The old answer is ignored; the new question has a review of its own."""
    thread = driver.thread(one_gate(human_approval("draft")))
    thread.send({"draft": "Hello"})
    old = thread.request
    thread.send({"draft": "Other"})
    assert thread.request.review_id != old.review_id
    thread.answer((old, Approve()))
    assert thread.ran == []
    thread.decide(Approve())
    assert thread.ran == ["act:Other"]


def test_an_unknown_interrupt_id_is_ignored_silently(driver: Driver) -> None:
    thread = driver.thread(one_gate(human_approval("draft")))
    thread.send({"draft": "Hello"})
    before = thread.request
    thread.send(Command(resume={"0" * 32: {"type": "approve"}}))
    assert thread.ran == []
    assert thread.request == before


def test_any_answer_goes_on_where_a_run_has_stopped(driver: Driver) -> None:
    """After a crash behind the gate, an answer to nothing acts like `invoke(None)`."""
    from tests.apps import Crash, Fuse

    fuse = Fuse(1)

    def build() -> Builder:
        builder = one_gate(human_approval("draft"), {"approved": "go", "rejected": "stop"})()
        builder.nodes.pop("go")
        return builder.add_node("go", noting("go", fuse))

    thread = driver.thread(build)
    thread.send({"draft": "Hello"})
    request = thread.request
    try:
        thread.answer((request, Approve()))
    except Crash:
        assert thread.ran == []
    thread.send(Command(resume={"0" * 32: {"type": "reject"}}))
    assert thread.ran == ["go:Hello"]
    assert thread.record["outcome"] == "approved"
