"""What every preset promises, whatever it asks. `presets.py` lists them.

Every preset runs on every row with one of its decisions; its other decisions, and the tests over
many values, on a sample of the rows, because no saver sees which decision it is.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from langgraph.graph import START, StateGraph

from langgraph_hitl import resume
from langgraph_hitl.review.decision import to_json
from tests.apps import Crash, Fuse, State, one_gate
from tests.contract.presets import PRESETS, Preset
from tests.drivers import Build, Builder, Driver

DRAFT = {"draft": "Hello"}


on_its_rows = pytest.mark.parametrize(
    ("driver", "preset"),
    [
        pytest.param(row, preset, id=f"{row.id}-{preset.name}")
        for preset in PRESETS
        for row in preset.rows
    ],
    indirect=["driver"],
)
on_bare_rows = pytest.mark.parametrize(
    ("driver", "preset"),
    [
        pytest.param(row, preset, id=f"{row.id}-{preset.name}")
        for preset in PRESETS
        for row in preset.rows
        if not row.inbox
    ],
    indirect=["driver"],
)
"""For a clock that fails while the answer is recorded: with an inbox it was read before."""

on_a_sample = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)


def build_of(preset: Preset, **options: Any) -> Build:
    return one_gate(preset.make(**options), preset.ways)


@on_its_rows
def test_it_pauses_and_goes_on_with_a_fresh_graph(driver: Driver, preset: Preset) -> None:
    thread = driver.thread(build_of(preset))
    assert "__interrupt__" in thread.send(DRAFT | preset.given)
    assert thread.ran == []
    thread.decide(preset.good, by="maria")
    assert thread.ran == preset.ran
    record = thread.record
    assert record["outcome"] == preset.outcome
    assert record["decided_by"] == "maria"
    assert [(d["type"], d["by"]) for d in record["decisions"]] == [
        (to_json(preset.good)["type"], "maria")
    ]
    assert thread.over
    json.dumps(thread.values, allow_nan=False)


@on_its_rows
def test_it_is_asked_and_decided_once_on_the_stream(driver: Driver, preset: Preset) -> None:
    thread = driver.thread(build_of(preset))
    chunks = thread.stream(DRAFT | preset.given, subgraphs=True)
    chunks += thread.stream(None, subgraphs=True)
    chunks += thread.stream(resume(thread.request, preset.good), subgraphs=True)
    assert [payload["event"] for _, payload in chunks] == ["asked", "decided"]
    assert len({payload["review_id"] for _, payload in chunks}) == 1


@on_its_rows
def test_it_works_two_subgraphs_down(driver: Driver, preset: Preset) -> None:
    def build() -> Builder:
        builder = build_of(preset)()
        for _ in range(2):
            outer: Builder = StateGraph(State)
            outer.add_node("inner", builder.compile())
            outer.add_edge(START, "inner")
            builder = outer
        return builder

    thread = driver.thread(build)
    thread.send(DRAFT | preset.given)
    thread.decide(preset.good)
    assert thread.ran == preset.ran


@on_its_rows
def test_a_bad_answer_then_the_right_one(driver: Driver, preset: Preset) -> None:
    thread = driver.thread(build_of(preset))
    thread.send(DRAFT | preset.given)
    request = thread.request
    answers: list[Any] = ["yes", {"type": "yes"}, {"decisions": []}, [{"type": "yes"}]]
    for bad in answers:
        with pytest.raises(Exception, match=request.review_id):
            thread.plain(bad)
        assert thread.ran == []
        assert thread.request == request
    thread.decide(preset.good)
    assert thread.ran == preset.ran


@on_bare_rows
def test_a_crash_while_the_answer_is_recorded(driver: Driver, preset: Preset) -> None:
    fuse = Fuse(2)

    def clock() -> datetime:
        fuse()
        return datetime(2026, 1, 2, tzinfo=UTC)

    thread = driver.thread(build_of(preset, clock=clock))
    thread.send(DRAFT | preset.given)
    with pytest.raises(Crash):
        thread.decide(preset.good)
    thread.send(None)
    assert thread.ran == preset.ran
    assert len(thread.record["decisions"]) == 1


@on_its_rows
def test_two_answers_count_once(driver: Driver, preset: Preset) -> None:
    thread = driver.thread(build_of(preset))
    thread.send(DRAFT | preset.given)
    request = thread.request
    thread.answer((request, preset.good))
    thread.answer((request, preset.good))
    assert thread.ran == preset.ran
    assert len(thread.values["reviews"]) == 1


@on_a_sample
def test_it_takes_the_plain_answers_of_every_client(sample: Driver, preset: Preset) -> None:
    assert len(preset.plain) > 1
    for answer in preset.plain:
        thread = sample.thread(build_of(preset))
        thread.send(DRAFT | preset.given)
        thread.plain(answer)
        assert thread.ran == preset.ran


@on_a_sample
def test_it_shows_context_and_criteria(sample: Driver, preset: Preset) -> None:
    thread = sample.thread(build_of(preset, context=["sources"], criteria="Is it true?"))
    thread.send(DRAFT | preset.given | {"sources": ["a"]})
    assert thread.request.context == {"sources": ["a"]}
    assert thread.request.criteria == ["Is it true?"]


@on_a_sample
def test_the_payload_shows_it_to_todays_clients(sample: Driver, preset: Preset) -> None:
    thread = sample.thread(build_of(preset, action="publish"))
    thread.send(DRAFT | preset.given)
    (interrupt,) = thread.state().interrupts
    (action,) = interrupt.value["action_requests"]
    (config,) = interrupt.value["review_configs"]
    assert action["name"] == config["action_name"] == "publish"
    assert action["args"] == action["arguments"]
    assert action["description"]
    assert set(config["allowed_decisions"]) >= set(interrupt.value["allowed_decisions"])
    schema = interrupt.response_schema
    assert schema is not None
    assert {shape["properties"]["type"]["const"] for shape in schema["oneOf"]} == set(
        interrupt.value["allowed_decisions"]
    )
