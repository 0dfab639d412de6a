"""The scripted writer reacts to feedback, and always in the same way."""

from __future__ import annotations

import pytest

from langgraph_hitl._demo import prompts
from langgraph_hitl._demo.writer import ADMISSION, ScriptedWriter, draft_of, revised

OUTLINE = ScriptedWriter().invoke(prompts.for_outline("A topic", "people")).text
DRAFT = ScriptedWriter().invoke(prompts.for_draft(OUTLINE)).text


def test_it_says_what_it_is() -> None:
    assert ADMISSION in DRAFT
    assert ScriptedWriter()._llm_type == "scripted"


def test_the_same_messages_give_the_same_text() -> None:
    assert draft_of(OUTLINE) == DRAFT
    assert OUTLINE.startswith("A topic\n- ")


@pytest.mark.parametrize("text", [OUTLINE, DRAFT, "One line"])
@pytest.mark.parametrize(
    "feedback",
    ["shorter", "longer", "Call the title “New name”", "nicer\nplease", "", "title: 'A topic'"],
)
def test_feedback_always_changes_something(text: str, feedback: str) -> None:
    once = ScriptedWriter().invoke(prompts.for_revision(text, feedback)).text
    assert once != text
    assert (ADMISSION in once) == (ADMISSION in text)


def test_what_feedback_does() -> None:
    assert len(revised(DRAFT, "too long, make it shorter")) < len(DRAFT)
    assert len(revised(DRAFT, "more detail")) > len(DRAFT)
    assert revised(DRAFT, "the title should be 'Stop'").startswith("Stop\n\n")
    assert revised(OUTLINE, "mention costs").endswith("\n- After the review: “mention costs”")
    longer = revised(DRAFT, "longer")
    assert "After the review: “longer”" in revised(longer, "longer")
    assert revised("Title\n- only", "shorter").endswith("After the review: “shorter”")
