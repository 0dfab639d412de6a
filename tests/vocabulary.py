"""`Vocabulary`: what a gate on a text allows, and the good answers to it in all three shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from langgraph_hitl._subgraph.gate import Gate
from tests.subject_presets import (
    CONFIDENCE_ESCALATION,
    HUMAN_APPROVAL,
    QA_SAMPLE,
    SubjectPreset,
)

Shape = Literal["ours", "middleware", "agent inbox"]

SUBJECT = "Hello"
ACTION = "post"

OURS: list[dict[str, Any]] = [
    {"type": "approve"},
    {"type": "approve", "comment": "fine", "rating": "correct"},
    {"type": "edit", "value": "Good day"},
    {"type": "edit", "value": "Good day", "comment": "typo"},
    {"type": "reject"},
    {"type": "reject", "message": "no"},
    {"type": "revise", "feedback": "shorter"},
    {"type": "revise", "feedback": "", "rating": "incorrect", "parts": {"title": "dull"}},
    {"type": "respond", "message": "Good day"},
]
EDITED: dict[str, Any] = {
    "type": "edit",
    "edited_action": {"name": ACTION, "args": {"draft": "Good day"}},
}
INBOX: dict[str, dict[str, Any]] = {
    "approve": {"type": "accept", "args": None},
    "edit": {"type": "edit", "args": {"action": ACTION, "args": {"draft": "Good day"}}},
    "reject": {"type": "ignore", "args": None},
}
RESPONSE: dict[str, Any] = {"type": "response", "args": "shorter"}


@dataclass(frozen=True)
class Vocabulary:
    """A preset and the decisions that it allows; `response` is what Agent Inbox's stands for."""

    preset: SubjectPreset
    allowed: tuple[str, ...]
    response: str

    @property
    def gate(self) -> Gate:
        return self.preset("draft", action=ACTION, allowed_decisions=self.allowed)

    @property
    def ours(self) -> list[dict[str, Any]]:
        return [one for one in OURS if one["type"] in self.allowed]

    @property
    def middleware(self) -> list[dict[str, Any]]:
        return [*self.ours, EDITED] if "edit" in self.allowed else self.ours

    @property
    def inbox(self) -> list[dict[str, Any]]:
        return [RESPONSE, *(one for kind, one in INBOX.items() if kind in self.allowed)]

    @property
    def good(self) -> dict[Shape, list[Any]]:
        return {
            "ours": list(self.ours),
            "middleware": [{"decisions": [one]} for one in self.middleware],
            "agent inbox": [[one] for one in self.inbox],
        }

    @property
    def elsewhere(self) -> list[Any]:
        """What is good where more is allowed."""
        ours = [one for one in OURS if one["type"] not in self.allowed]
        inbox = [[one] for kind, one in INBOX.items() if kind not in self.allowed]
        return [*ours, *({"decisions": [one]} for one in ours), *inbox]


HUMAN = Vocabulary(HUMAN_APPROVAL, ("approve", "edit", "reject", "revise"), "revise")
ESCALATION = Vocabulary(
    CONFIDENCE_ESCALATION, ("approve", "edit", "reject", "respond"), response="respond"
)
QA = Vocabulary(QA_SAMPLE, ("approve", "revise", "reject"), response="revise")
