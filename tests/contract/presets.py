"""The presets, as the common suite sees them. A new preset joins with one entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from langgraph_hitl import (
    Approve,
    Choice,
    Choose,
    Respond,
    ask_human,
    human_approval,
    rated_feedback,
)
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.review import Decision


@dataclass(frozen=True)
class Preset:
    """`make` takes the options that all presets share; `good` is an answer that lets it pass."""

    name: str
    make: Callable[..., Gate]
    ways: dict[str, str]
    good: Decision
    outcome: str
    plain: list[Any] = field(default_factory=list)

    @property
    def way(self) -> str:
        return self.ways[self.outcome]


def _question(**options: Any) -> Gate:
    return ask_human("Which plan?", answer=Choice("a", "b"), into="answer", **options)


def _free_question(**options: Any) -> Gate:
    return ask_human("How many?", answer=int, into="answer", **options)


def _approval(**options: Any) -> Gate:
    return human_approval("draft", **options)


def _rated(**options: Any) -> Gate:
    return rated_feedback("draft", **options)


PRESETS = [
    Preset(
        "human_approval",
        _approval,
        {"approved": "act", "rejected": "stop"},
        Approve(),
        "approved",
        [{"type": "approve"}, {"decisions": [{"type": "approve"}]}, [{"type": "accept"}]],
    ),
    Preset(
        "rated_feedback",
        _rated,
        {"approved": "act", "improve": "improve", "regenerate": "regenerate"},
        Approve(),
        "approved",
        [{"type": "approve"}, {"decisions": [{"type": "approve"}]}, [{"type": "accept"}]],
    ),
    Preset(
        "ask_human-choice",
        _question,
        {"chosen": "go"},
        Choose("b"),
        "chosen",
        [{"type": "choose", "choices": ["b"]}, [{"type": "response", "args": "b"}]],
    ),
    Preset(
        "ask_human",
        _free_question,
        {"answered": "go"},
        Respond(5),
        "answered",
        [
            {"type": "respond", "message": 5},
            {"decisions": [{"type": "respond", "message": 5}]},
            [{"type": "edit", "args": {"action": "ask_human", "args": {"answer": 5}}}],
        ],
    ),
]
