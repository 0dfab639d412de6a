"""Pause in one process, resume in another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.processes.conftest import (
    ESCALATION,
    SAMPLE,
    Elsewhere,
    in_a_new_interpreter,
    over_presets,
)
from tests.processes.worker import HUMANS


@over_presets("durable", ESCALATION, SAMPLE)
def test_every_call_in_a_process_of_its_own(elsewhere: Elsewhere, presets: tuple[str, ...]) -> None:
    elsewhere = elsewhere.at("one", presets)
    asked = elsewhere.call(input={"draft": "Hello"})
    (request,) = asked["pending"]
    assert request["subject"] == "Hello"
    assert asked["ran"] == []
    assert asked["looks"] == (presets != HUMANS)
    revised = elsewhere.call(decision={"type": "revise", "feedback": "louder"}, by="maria")
    assert revised["pending"][0]["subject"] == "Hello!"
    assert revised["pending"][0]["review_id"] == request["review_id"]
    done = elsewhere.call(plain={"type": "approve"})
    assert done["ran"] == ["act:Hello!"]
    assert done["pending"] == []
    assert done["next"] == []
    assert revised["looks"] == done["looks"] == 0
    (review,) = done["reviews"]
    assert review["kind"] == presets[0]
    assert [decision["by"] for decision in review["decisions"]] == ["maria", None]


@over_presets("anywhere", SAMPLE)
@pytest.mark.parametrize("strict", ["false", "true"])
def test_in_an_interpreter_that_starts_from_nothing(
    anywhere: Elsewhere, presets: tuple[str, ...], strict: str
) -> None:
    """`LANGGRAPH_STRICT_MSGPACK` refuses types that it does not know; there are none."""
    job = anywhere.at("one", presets).job
    ask = replace(job, send={"input": {"draft": "Hello"}})
    edit = replace(job, send={"decision": {"type": "edit", "value": "Hi"}})
    asked = in_a_new_interpreter(ask, LANGGRAPH_STRICT_MSGPACK=strict)
    assert asked["pending"][0]["subject"] == "Hello"
    done = in_a_new_interpreter(edit, LANGGRAPH_STRICT_MSGPACK=strict)
    assert done["ran"] == ["act:Hi"]
