"""The writers: one that follows a script and needs no key, and real models by name."""

from __future__ import annotations

import re
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from langgraph_hitl._demo import prompts
from langgraph_hitl.errors import MissingExtra

ADMISSION = "(Written by a scripted model: no real model was asked.)"

_POINTS = {
    "An action cannot be taken back": (
        "A model writes a draft in seconds, and a draft can be thrown away. A payment, a mail or a "
        "published post cannot. The line between the two is where a person belongs."
    ),
    "A pause costs little": (
        "The graph stops at a checkpoint, and its process may end. Whoever answers an hour or a "
        "week later finds the same question, with all that is needed to decide."
    ),
    "What was shown is what runs": (
        "The approval is bound to the version that was on the screen. A value that changes "
        "afterwards is not approved any more."
    ),
}
_LONGER = "One more thought: every remark of a reviewer stays in the history, with its version."
_FEWER = re.compile(r"\b(short\w*|brief\w*|cut|less|fewer|trim)\b", re.IGNORECASE)
_MORE = re.compile(r"\b(long\w*|more|add|detail\w*|example\w*)\b", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“']([^\"“”']{3,80})[\"”']")


class ScriptedWriter(BaseChatModel):
    """Follows a few rules, and says so. The same messages always give the same text.

    Feedback with "shorter" takes the last paragraph off, "longer" or "more" adds one, a quoted text
    beside the word "title" becomes the title; other feedback is quoted in the text.
    """

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        task, text = messages[0].text, messages[-1].text
        if task == prompts.OUTLINE:
            written = "\n".join([text.splitlines()[0], *(f"- {point}" for point in _POINTS)])
        elif task == prompts.DRAFT:
            written = draft_of(text)
        else:
            old, _, feedback = text.partition(prompts.FEEDBACK)
            written = revised(old, feedback)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(written))])


def draft_of(outline: str) -> str:
    """The title and a paragraph for every point of the outline."""
    title, *points = [line.strip() for line in outline.splitlines() if line.strip()]
    names = [point.removeprefix("-").strip() for point in points]
    paragraphs = [
        _POINTS.get(name, f"{name}. The script has no more to say on this.") for name in names
    ]
    return "\n\n".join([title, *paragraphs, ADMISSION])


def revised(text: str, feedback: str) -> str:
    """`text` changed in a way that shows that the feedback arrived."""
    gap = "\n\n" if "\n\n" in text else "\n"
    title, *parts = text.split(gap)
    tail = [parts.pop()] if parts and parts[-1] == ADMISSION else []
    bullet = "- " if gap == "\n" else ""
    quoted = _QUOTED.search(feedback)
    if quoted and "title" in feedback.lower() and quoted[1] != title:
        title = quoted[1]
    elif _FEWER.search(feedback) and len(parts) > 1:
        parts.pop()
    elif _MORE.search(feedback) and bullet + _LONGER not in parts:
        parts.append(bullet + _LONGER)
    else:
        parts.append(f"{bullet}After the review: “{' '.join(feedback.split())}”")
    return gap.join([title, *parts, *tail])


def real_writer(name: str) -> BaseChatModel:
    """The chat model of `provider:name`; `MissingExtra` without langchain, else its own errors."""
    try:
        from langchain.chat_models import init_chat_model
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "langchain":
            raise
        raise MissingExtra("--model", extra="agent") from None
    model: BaseChatModel = init_chat_model(name)
    return model
