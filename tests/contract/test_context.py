"""What the reviewer sees beside the subject."""

from __future__ import annotations

import json
from typing import Any

import pytest

from langgraph_hitl import Approve, ask_human, human_approval
from langgraph_hitl.errors import ContextMissing
from tests.apps import State, one_gate
from tests.contract.presets import over_presets
from tests.drivers import Driver
from tests.subject_presets import SubjectPreset


@over_presets()
def test_context_keys_are_shown(driver: Driver, preset: SubjectPreset) -> None:
    gate = preset("draft", context=["sources", "score"], criteria=["True?", "Kind?"])
    thread = driver.thread(one_gate(gate))
    thread.send({"draft": "Hello", "sources": ["a", "b"]})
    request = thread.request
    assert request.context == {"sources": ["a", "b"]}
    assert request.criteria == ["True?", "Kind?"]


@over_presets()
def test_context_may_be_a_function_of_the_state(driver: Driver, preset: SubjectPreset) -> None:
    def impact(state: State) -> dict[str, Any]:
        return {"impact": f"{len(state['sources'])} readers", "reversible": False}

    thread = driver.thread(one_gate(preset("draft", context=impact)))
    thread.send({"draft": "Hello", "sources": ["a", "b"]})
    assert thread.request.context == {"impact": "2 readers", "reversible": False}


def test_context_that_is_not_json_is_shown_as_json(driver: Driver) -> None:
    def odd(state: State) -> dict[str, Any]:
        return {"when": driver.row, "size": float("inf")}

    thread = driver.thread(one_gate(human_approval("draft", context=odd)))
    thread.send({"draft": "Hello"})
    assert json.loads(json.dumps(thread.request.context)) == thread.request.context
    assert isinstance(thread.request.context["size"], str)
    thread.decide(Approve())
    assert thread.ran == ["act:Hello"]


@pytest.mark.parametrize("sources", [None, [], "  "])
def test_nobody_is_asked_without_the_required_context(sample: Driver, sources: Any) -> None:
    gate = human_approval("draft", required_context=["sources"])
    thread = sample.thread(one_gate(gate))
    with pytest.raises(ContextMissing, match="sources") as caught:
        thread.send({"draft": "Hello", "sources": sources})
    assert caught.value.keys == ("sources",)
    assert thread.pending() == []
    assert thread.ran == []


@over_presets()
def test_with_the_context_filled_in_the_thread_goes_on(
    driver: Driver, preset: SubjectPreset
) -> None:
    thread = driver.thread(one_gate(preset("draft", required_context=["sources"])))
    with pytest.raises(ContextMissing):
        thread.send({"draft": "Hello"})
    thread.send({"draft": "Hello", "sources": ["a"]})
    assert thread.request.context == {"sources": ["a"]}
    thread.decide(Approve())
    assert thread.ran == ["act:Hello"]


def test_a_question_may_be_made_from_the_state(driver: Driver) -> None:
    def question(state: State) -> str:
        return f"Is {state['draft']!r} meant?"

    gate = ask_human(question, context=["sources"])
    thread = driver.thread(one_gate(gate, {"answered": "go"}))
    thread.send({"draft": "Hello", "sources": ["a"]})
    assert thread.request.subject == "Is 'Hello' meant?"
    assert thread.request.context == {"sources": ["a"]}


def test_a_number_that_is_none_is_shown_in_its_place(sample: Driver) -> None:
    def context(state: State) -> dict[str, Any]:
        return {"cost": {"amount": float("nan"), "currency": "EUR"}}

    thread = sample.thread(one_gate(human_approval("draft", context=context)))
    thread.send({"draft": "Hello"})
    assert thread.request.context == {"cost": {"amount": "NaN", "currency": "EUR"}}
