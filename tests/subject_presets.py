"""Presets about a subject, each made so that it asks a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from langgraph_hitl import Edit, Respond, confidence_escalation, human_approval, qa_sample
from langgraph_hitl._subgraph.channels import typed_dict
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.review import Decision, Lens

SALT = "0123456789abcdef"


@dataclass(frozen=True)
class SubjectPreset:
    """A preset about a subject, called with the subject and the options of `human_approval`.

    `own` gives the options that make it ask, `replacing` a decision in its own words that puts
    another value in the subject's place. What a trigger looks at calls `looked`.
    """

    name: str
    preset: Callable[..., Gate]
    own: Callable[[Callable[[Any], Any]], dict[str, Any]]
    known: Any
    replacing: Callable[[Any], Decision]
    replaced: str

    def __call__(
        self, subject: str | Lens, *, looked: Callable[[], None] = lambda: None, **options: Any
    ) -> Gate:
        def look(state: Any) -> Any:
            looked()
            return self.known

        key = subject if isinstance(subject, str) else subject.key
        look.__annotations__["state"] = typed_dict("Seen", {key: Any})
        return self.preset(subject, **self.own(look), **options)


def _asks_always(_look: Any) -> dict[str, Any]:
    return {}


def _asks_unsure(look: Any) -> dict[str, Any]:
    return {"confidence": look}


def _asks_drawn(look: Any) -> dict[str, Any]:
    return {"rate": 1.0, "item_id": look, "salt": SALT}


def _qa_with_edits(subject: str | Lens, **options: Any) -> Gate:
    """QA takes no edits by default; here it does, so that it takes part where a value changes."""
    return qa_sample(
        subject, **{"allowed_decisions": ["approve", "edit", "revise", "reject"], **options}
    )


HUMAN_APPROVAL = SubjectPreset("human_approval", human_approval, _asks_always, None, Edit, "edited")
CONFIDENCE_ESCALATION = SubjectPreset(
    "confidence_escalation", confidence_escalation, _asks_unsure, 0.4, Respond, "answered"
)
QA_SAMPLE = SubjectPreset("qa_sample", _qa_with_edits, _asks_drawn, "item-1", Edit, "edited")
SUBJECT_PRESETS = {each.name: each for each in (HUMAN_APPROVAL, CONFIDENCE_ESCALATION, QA_SAMPLE)}
