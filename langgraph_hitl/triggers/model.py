"""`from_model`: a level, a score or several factors that a model is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langchain_core.runnables import Runnable
from pydantic import BaseModel

from langgraph_hitl._reads import refuse_coroutine
from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.source import Function, Source


def from_model(
    model: Runnable[Any, Any],
    *,
    prompt: Callable[[Any], Any],
    field: str | None = None,
    reads: Sequence[str] = (),
) -> Source:
    """What a model answers, as a source for `risk_at_least`, `complexity_above` and the others.

    Args:
        model: A chat model, or `model.with_structured_output(Schema)`; any runnable.
        prompt: A function from the state to the model's input: a text or messages.
        field: The field of a structured answer, or of a text that is a JSON object.
        reads: The state keys that `prompt` reads, where its annotation does not tell.

    The answer of a chat model is its text. The model is called once, while the review is prepared;
    resuming never calls it again. An answer that cannot be read asks a person.

    >>> from langchain_core.language_models import FakeListChatModel
    >>> from langgraph_hitl.triggers import risk_at_least
    >>> risk = from_model(
    ...     FakeListChatModel(responses=["High"]),
    ...     prompt=lambda state: f"low, medium, high or critical? {state['draft']}",
    ... )
    >>> risk_at_least("medium", risk=risk)({"draft": "Pay 5,000."}).sentence
    'The risk is high, at least medium.'
    """
    if not isinstance(model, Runnable):
        raise GateError(f"from_model takes a chat model or another runnable, not {model!r}")
    if not callable(prompt):
        raise GateError(f"prompt must be a function from the state to messages, not {prompt!r}")
    refuse_coroutine(prompt, "prompt")

    def ask(state: Any) -> Any:
        return read_answer(model.invoke(prompt(state)), field)

    return Function(ask, "prompt", declares=prompt, reads=tuple(reads), once=True)


def read_answer(answer: Any, field: str | None) -> Any:
    """A model's answer as plain JSON: the text of a message, the fields of a structured output."""
    if isinstance(answer, BaseModel):
        text = getattr(answer, "text", None)
        answer = answer.model_dump() if text is None or not hasattr(answer, "type") else str(text)
    if field is None:
        return answer
    if isinstance(answer, str):
        answer = _object(answer)
    if not isinstance(answer, Mapping) or field not in answer:
        raise Unreadable(f"The model's answer has no {field}: {quoted(answer)}.")
    return answer[field]


def _object(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Unreadable(f"The model's answer is not JSON: {quoted(text)}.") from None
