"""`always` and `never`."""

from __future__ import annotations

from hypothesis import given

from langgraph_hitl.triggers import always, never
from tests.triggers.hostile import ANYTHING, condition, found


@given(ANYTHING)
def test_whatever_the_state_is(value: object) -> None:
    assert found(always(), x=value).to_json() == {
        "needed": True,
        "sentence": "Every case is reviewed.",
        "trigger": "always",
    }
    assert found(never(), x=value).to_json() == {
        "needed": False,
        "sentence": "No case is reviewed.",
        "trigger": "never",
    }


def test_nothing_is_read() -> None:
    assert condition(always() & never(), "x").keys == frozenset()


def test_they_are_each_others_opposite() -> None:
    assert found(~always()).needed is False
    assert found(~never()).needed is True
