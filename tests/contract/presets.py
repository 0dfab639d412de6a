"""The presets, as the common suite sees them. A new preset joins with one entry.

`PRESETS` is for what every preset promises, whatever it asks. What presets about a subject promise
beyond that runs `over_presets`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from langgraph_hitl import (
    Approve,
    Choice,
    Choose,
    Reject,
    Respond,
    Revise,
    ask_human,
    confidence_escalation,
    human_approval,
    qa_sample,
    rated_feedback,
)
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.review import Decision
from tests.apps import APPROVAL
from tests.savers import INBOX_ROWS, ROWS, SAMPLE_ROWS, Row
from tests.subject_presets import HUMAN_APPROVAL, SALT, SUBJECT_PRESETS


@dataclass(frozen=True)
class Preset:
    """`make` takes the options that all presets share; `good` is an answer that ends the review.

    `given` is what the state holds beside the draft, `value` the draft behind the gate.
    """

    name: str
    make: Callable[..., Gate]
    ways: dict[str, str]
    good: Decision
    outcome: str
    plain: list[Any] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)
    value: str = "Hello"
    rows: tuple[Row, ...] = (*ROWS, *INBOX_ROWS)

    @property
    def ran(self) -> list[str]:
        """What the graph's own nodes note after `good`."""
        return [f"{self.ways.get(self.outcome) or self.ways['approved']}:{self.value}"]


def _question(**options: Any) -> Gate:
    return ask_human("Which plan?", answer=Choice("a", "b"), into="answer", **options)


def _free_question(**options: Any) -> Gate:
    return ask_human("How many?", answer=int, into="answer", **options)


def _approval(**options: Any) -> Gate:
    return human_approval("draft", **options)


def _rated(**options: Any) -> Gate:
    return rated_feedback("draft", **options)


def _escalation(**options: Any) -> Gate:
    return confidence_escalation("draft", confidence="score", **options)


def _sample(**options: Any) -> Gate:
    return qa_sample("draft", rate=1.0, item_id="case", salt=SALT, **options)


APPROVALS = [{"type": "approve"}, {"decisions": [{"type": "approve"}]}, [{"type": "accept"}]]
UNSURE = {"score": 0.4}
ITEM = {"case": "item-1"}
QA_WAYS = {"approved": "act", "needs_revision": "again", "rejected": "stop"}

PRESETS = [
    Preset("human_approval", _approval, APPROVAL, Approve(), "approved", APPROVALS),
    Preset(
        "rated_feedback",
        _rated,
        {"approved": "act", "improve": "improve", "regenerate": "regenerate"},
        Approve(),
        "approved",
        APPROVALS,
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
    Preset(
        "confidence_escalation", _escalation, APPROVAL, Approve(), "approved", APPROVALS, UNSURE
    ),
    Preset(
        "confidence_escalation-respond",
        _escalation,
        APPROVAL,
        Respond("Hi"),
        "answered",
        [
            {"type": "respond", "message": "Hi"},
            {"decisions": [{"type": "respond", "message": "Hi"}]},
            [{"type": "response", "args": "Hi"}],
        ],
        UNSURE,
        value="Hi",
        rows=SAMPLE_ROWS,
    ),
    Preset("qa_sample", _sample, QA_WAYS, Approve(), "approved", APPROVALS, ITEM),
    Preset(
        "qa_sample-revise",
        _sample,
        QA_WAYS,
        Revise("shorter"),
        "needs_revision",
        [
            {"type": "revise", "feedback": "shorter"},
            {"decisions": [{"type": "revise", "feedback": "shorter"}]},
            [{"type": "response", "args": "shorter"}],
        ],
        ITEM,
        rows=SAMPLE_ROWS,
    ),
    Preset(
        "qa_sample-reject",
        _sample,
        QA_WAYS,
        Reject(),
        "rejected",
        [
            {"type": "reject"},
            {"decisions": [{"type": "reject", "message": "no"}]},
            [{"type": "ignore", "args": None}],
        ],
        ITEM,
        rows=SAMPLE_ROWS,
    ),
]


_FEW_ROWS = {
    "confidence_escalation": (
        Row("sqlite", asynchronous=False, durability="async"),
        Row("aiopostgres", asynchronous=True, durability="exit"),
    ),
    "qa_sample": (
        Row("memory", asynchronous=True, durability="sync"),
        Row("postgres", asynchronous=False, durability="sync"),
    ),
}


def over_presets(
    driver: str = "driver", rows: Iterable[Row] = (*ROWS, *INBOX_ROWS)
) -> pytest.MarkDecorator:
    """Run a test with `preset`: human_approval on all `rows`, each of the others on two.

    They differ in what `prepare` evaluates and in what they allow, never in how they store; the
    rows of the others together have every kind of saver, both faces and all durabilities.
    """
    pairs = [(row, HUMAN_APPROVAL) for row in rows]
    pairs += [(row, SUBJECT_PRESETS[name]) for name, few in _FEW_ROWS.items() for row in few]
    return pytest.mark.parametrize(
        (driver, "preset"),
        [pytest.param(row, preset, id=f"{row.id}-{preset.name}") for row, preset in pairs],
        indirect=[driver],
    )


each_preset = pytest.mark.parametrize("preset", [*SUBJECT_PRESETS.values()], ids=[*SUBJECT_PRESETS])
"""Run a test with every `preset`; for tests with a saver of their own."""
