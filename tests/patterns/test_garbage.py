"""Whatever an option of a gate gets, a gate comes back, or an error that names the option."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from langgraph_hitl import (
    Inbox,
    ask_human,
    await_review,
    confidence_escalation,
    human_approval,
    qa_sample,
    rated_feedback,
    submit_review,
)
from langgraph_hitl._subgraph.gate import spec_of
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.errors import GateError

INBOX = Inbox.open("sqlite:///:memory:")
GARBAGE: dict[str, Any] = {
    "none": None,
    "true": True,
    "minus": -1,
    "many": 10**400,
    "nan": math.nan,
    "empty": "",
    "blank": " ",
    "surrogate": "\ud800",
    "nul": "a\0b",
    "bytes": b"x",
    "list": [5],
    "dict": {"a": 1},
    "zero": timedelta(0),
    "object": object(),
    "type": int,
}


class Preset(NamedTuple):
    make: Callable[..., Any]
    usual: dict[str, Any]


PRESETS = (
    Preset(human_approval, {"subject": "draft"}),
    Preset(rated_feedback, {"subject": "draft"}),
    Preset(ask_human, {"question": "Which?"}),
    Preset(confidence_escalation, {"subject": "draft", "confidence": "score"}),
    Preset(qa_sample, {"subject": "draft", "item_id": "id", "rate": 0.1, "salt": "s" * 16}),
    Preset(submit_review, {"subject": "draft"}),
)
ALL_OPTIONS = inspect.signature(review_gate).parameters


def made(preset: Preset, option: str, given: Any) -> Any:
    return preset.make(**{"inbox": INBOX} | preset.usual | {option: given})


def takes(preset: Preset, option: str) -> bool:
    """Whether a preset has an option."""
    try:
        made(preset, option, object())
    except TypeError:
        return False
    except GateError as error:
        return "unknown option" not in str(error)
    return True


def options() -> list[Any]:
    return [
        pytest.param(preset, option, id=f"{preset.make.__name__}-{option}")
        for preset in PRESETS
        for option in {**inspect.signature(preset.make).parameters, **ALL_OPTIONS}
        if takes(preset, option)
    ]


@pytest.mark.parametrize(("preset", "option"), options())
def test_an_option_of_a_gate(preset: Preset, option: str) -> None:
    for given in GARBAGE.values():
        with suppress(GateError):
            assert spec_of(made(preset, option, given)) is not None


FREE = {"answer", "edit_schema"}
"""A dict is a JSON schema."""


@pytest.mark.parametrize("word", ["bytes", "many", "dict", "object"])
@pytest.mark.parametrize(
    "option", [*inspect.signature(human_approval).parameters, *FREE - {"edit_schema"}]
)
def test_what_fits_nothing_is_refused_by_name(option: str, word: str) -> None:
    preset = PRESETS[2] if option == "answer" else PRESETS[0]
    if (option in FREE and word == "dict") or option == "filing":
        return
    with pytest.raises(GateError, match=option):
        made(preset, option, GARBAGE[word])


def test_what_was_submitted_is_awaited() -> None:
    for given in GARBAGE.values():
        with pytest.raises(GateError):
            await_review(given)
