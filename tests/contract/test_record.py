"""What is kept of a review that is over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from langgraph_hitl import Approve, Revise, human_approval
from langgraph_hitl.review import ReviewRecord, digest
from tests.apps import State, one_gate
from tests.contract.presets import over_presets
from tests.drivers import Driver
from tests.subject_presets import SubjectPreset

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_the_whole_record_of_an_approval(driver: Driver) -> None:
    gate = human_approval("draft", action="publish", clock=lambda: NOON)
    thread = driver.thread(one_gate(gate))
    thread.send({"draft": "Hello"})
    request = thread.request
    assert request.asked_at == NOON.isoformat()
    thread.decide(Approve(), by="maria")
    decided_at = thread.record["decided_at"] if driver.row.inbox else NOON.isoformat()
    record = {
        "schema_version": 1,
        "review_id": request.review_id,
        "kind": "human_approval",
        "gate": "gate",
        "action": "publish",
        "subject_key": "draft",
        "outcome": "approved",
        "decisions": [{"type": "approve", "round": 0, "by": "maria", "at": decided_at}],
        "decided_by": "maria",
        "decided_at": decided_at,
        "feedback": None,
        "rating": None,
        "answer": None,
        "changes": None,
        "digest": digest("Hello"),
        "round": 0,
        "finding": {"needed": True, "sentence": "Every case is reviewed."},
        "history": [],
        "idempotency_key": f"{request.review_id}-{digest('Hello')[7:23]}",
        "form": "json",
    }
    assert thread.record == record
    assert thread.values["reviews"] == [{**record, "value": "Hello"}]
    assert record.keys() == ReviewRecord.__required_keys__


@over_presets()
def test_the_digest_and_the_idempotency_key_are_of_the_value_that_runs(
    driver: Driver, preset: SubjectPreset
) -> None:
    def rewrite(state: State) -> dict[str, Any]:
        return {"draft": "b"}

    thread = driver.thread(one_gate(preset("draft", revise=rewrite)))
    thread.send({"draft": "a"})
    assert thread.request.digest == digest("a")
    thread.decide(Revise("x"))
    assert thread.request.digest == digest("b")
    thread.decide(preset.replacing("c"))
    assert thread.record["digest"] == digest("c")
    assert thread.record["idempotency_key"].endswith(digest("c")[7:23])
    assert thread.record["changes"]["lines"][-2:] == ["-b", "+c"]


@over_presets()
def test_two_threads_have_two_reviews(driver: Driver, preset: SubjectPreset) -> None:
    build = one_gate(preset("draft"))
    first, second = driver.thread(build), driver.thread(build)
    first.send({"draft": "Hello"})
    second.send({"draft": "Hello"})
    assert first.request.review_id != second.request.review_id


@over_presets()
def test_asking_again_for_the_state_changes_nothing(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(one_gate(preset("draft")))
    thread.send({"draft": "Hello"})
    before = thread.request
    thread.send(None)
    thread.send(None)
    assert thread.request == before


@over_presets()
def test_a_second_run_of_a_thread_is_a_second_review(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(one_gate(preset("draft")))
    thread.send({"draft": "one"})
    thread.decide(Approve())
    thread.send({"draft": "two"})
    thread.decide(preset.replacing("three"))
    assert thread.ran == ["act:one", "act:three"]
    assert [review["outcome"] for review in thread.values["reviews"]] == [
        "approved",
        preset.replaced,
    ]
    assert [review["value"] for review in thread.values["reviews"]] == ["one", "three"]
