"""What the writer is told."""

from __future__ import annotations

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

OUTLINE = (
    "You plan a short blog post. Reply with its title on the first line, then three to five "
    "points, each on a line that starts with '- '. Nothing else."
)
DRAFT = (
    "You write a short blog post from an outline. Reply with the title on the first line, then one "
    "paragraph for each point. Nothing else."
)
REVISE = (
    "You revise a text after a review. Answer the feedback and change nothing that it does not "
    "ask for. Reply with the whole new text, nothing else."
)
FEEDBACK = "\n\nFeedback: "


def for_outline(topic: str, audience: str) -> list[BaseMessage]:
    return [SystemMessage(OUTLINE), HumanMessage(f"{topic}\n\nFor {audience}.")]


def for_draft(outline: str) -> list[BaseMessage]:
    return [SystemMessage(DRAFT), HumanMessage(outline)]


def for_revision(text: str, feedback: str) -> list[BaseMessage]:
    return [SystemMessage(REVISE), HumanMessage(f"{text}{FEEDBACK}{feedback}")]
