"""Pause in one process, resume in another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.processes.conftest import Elsewhere, in_a_new_interpreter


def test_every_call_in_a_process_of_its_own(elsewhere: Elsewhere) -> None:
    asked = elsewhere.call(input={"draft": "Hello"})
    (request,) = asked["pending"]
    assert request["subject"] == "Hello"
    assert asked["ran"] == []
    revised = elsewhere.call(decision={"type": "revise", "feedback": "louder"}, by="maria")
    assert revised["pending"][0]["subject"] == "Hello!"
    assert revised["pending"][0]["review_id"] == request["review_id"]
    done = elsewhere.call(plain={"type": "approve"})
    assert done["ran"] == ["act:Hello!"]
    assert done["pending"] == []
    assert done["next"] == []
    (review,) = done["reviews"]
    assert [decision["by"] for decision in review["decisions"]] == ["maria", None]


@pytest.mark.parametrize("strict", ["false", "true"])
def test_in_an_interpreter_that_starts_from_nothing(anywhere: Elsewhere, strict: str) -> None:
    """`LANGGRAPH_STRICT_MSGPACK` refuses types that it does not know; there are none."""
    ask = replace(anywhere.job, send={"input": {"draft": "Hello"}})
    edit = replace(anywhere.job, send={"decision": {"type": "edit", "value": "Hi"}})
    asked = in_a_new_interpreter(ask, LANGGRAPH_STRICT_MSGPACK=strict)
    assert asked["pending"][0]["subject"] == "Hello"
    done = in_a_new_interpreter(edit, LANGGRAPH_STRICT_MSGPACK=strict)
    assert done["ran"] == ["act:Hi"]
