"""`stream` and `astream`: what a client sees, and the package's own events, once each."""

from __future__ import annotations

from typing import Any

from langgraph.types import Command

from langgraph_hitl import Approve, Revise, human_approval, resume
from tests.apps import Crash, Fuse, State, noting, one_gate
from tests.contract.presets import over_presets
from tests.drivers import Driver
from tests.subject_presets import SubjectPreset


def events(chunks: list[Any]) -> list[str]:
    """The package's own events; with `subgraphs=True` a chunk has its namespace in front."""
    payloads = [chunk[1] if isinstance(chunk, tuple) else chunk for chunk in chunks]
    return [payload["event"] for payload in payloads if payload.get("type") == "review"]


@over_presets()
def test_a_gate_streams_its_interrupt_and_its_updates(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(one_gate(preset("draft")))
    chunks = thread.stream({"draft": "Hello"}, "updates")
    (interrupt,) = chunks[-1]["__interrupt__"]
    assert interrupt.value["subject"] == "Hello"
    assert interrupt.id == thread.request.interrupt_id
    chunks = thread.stream(resume(thread.request, Approve()), "updates")
    assert [name for chunk in chunks for name in chunk] == ["gate", "act"]
    assert thread.ran == ["act:Hello"]


@over_presets()
def test_asked_and_decided_are_streamed_exactly_once(driver: Driver, preset: SubjectPreset) -> None:
    thread = driver.thread(one_gate(preset("draft")))
    asked = thread.stream({"draft": "Hello"}, subgraphs=True)
    review_id = thread.request.review_id
    again = thread.stream(None, subgraphs=True)
    decided = thread.stream(resume(thread.request, Approve()), subgraphs=True)
    assert events(asked) == ["asked"]
    assert events(again) == []
    assert events(decided) == ["decided"]
    event = decided[0][1]
    assert event == {
        "type": "review",
        "event": "decided",
        "review_id": review_id,
        "outcome": "approved",
    }


@over_presets()
def test_a_revision_loop_is_asked_and_decided_once(driver: Driver, preset: SubjectPreset) -> None:
    def rewrite(state: State) -> dict[str, Any]:
        return {"draft": state["draft"] + "!"}

    thread = driver.thread(one_gate(preset("draft", revise=rewrite)))
    seen = thread.stream({"draft": "Hello"}, subgraphs=True)
    for decision in (Revise("x"), Revise("y"), Approve()):
        seen += thread.stream(resume(thread.request, decision), subgraphs=True)
    assert events(seen) == ["asked", "decided"]


def test_an_automatic_pass_says_that_nobody_was_needed(driver: Driver) -> None:
    def never(state: State) -> bool:
        return False

    thread = driver.thread(one_gate(human_approval("draft", when=never)))
    assert events(thread.stream({"draft": "Hello"}, subgraphs=True)) == ["not_needed", "decided"]


@over_presets()
def test_a_crash_behind_the_gate_does_not_repeat_its_events(
    driver: Driver, preset: SubjectPreset
) -> None:
    fuse = Fuse(1)

    def build() -> Any:
        builder = one_gate(preset("draft"), {"approved": "go", "rejected": "stop"})()
        builder.nodes.pop("go")
        return builder.add_node("go", noting("go", fuse))

    thread = driver.thread(build)
    thread.stream({"draft": "Hello"}, subgraphs=True)
    try:
        thread.stream(resume(thread.request, Approve()), subgraphs=True)
    except Crash:
        pass
    else:  # pragma: no cover
        raise AssertionError("the fuse did not blow")
    assert events(thread.stream(None, subgraphs=True)) == []
    assert thread.ran == ["go:Hello"]


@over_presets()
def test_a_stream_whose_reader_leaves_early_can_be_resumed(
    driver: Driver, preset: SubjectPreset
) -> None:
    """A client that closes its connection at the question loses nothing."""
    thread = driver.thread(one_gate(preset("draft")))

    async def aleave(app: Any) -> None:
        stream = app.astream({"draft": "Hello"}, thread.config, stream_mode="updates")
        async for chunk in stream:
            if "__interrupt__" in chunk:
                break
        await stream.aclose()

    def leave(app: Any) -> None:
        stream = app.stream({"draft": "Hello"}, thread.config, stream_mode="updates")
        next(chunk for chunk in stream if "__interrupt__" in chunk)
        stream.close()

    driver.run(thread.build, leave, aleave)
    thread.stream(Command(resume={"type": "approve"}))
    assert thread.ran == ["act:Hello"]
