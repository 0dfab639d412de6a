"""`from_model`: a level, a score or several factors that a model is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from langgraph_hitl._reads import refuse_coroutine
from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers.answer import read_answer
from langgraph_hitl.triggers.source import Function, Source

ASIDE: RunnableConfig = {"tags": ["nostream"]}
"""For calls whose tokens are no part of the conversation (`langgraph.constants.TAG_NOSTREAM`)."""


def from_model(
    model: Runnable[Any, Any],
    *,
    prompt: Callable[[Any], Any],
    field: str | None = None,
    reads: str | Sequence[str] = (),
) -> Source:
    """What a model answers, as a source for `risk_at_least`, `complexity_above` and the others.

    Args:
        model: A chat model, or `model.with_structured_output(Schema)`; any runnable.
        prompt: A function from the state to the model's input: a text or messages.
        field: The field of a structured answer, or of a text that is a JSON object.
        reads: The state keys that `prompt` reads, where its annotation does not tell.

    The answer of a chat model is its text; a text that is JSON, as a whole or in its one block
    that is fenced as JSON, is the JSON value. The model is called once, while the review is
    prepared, however many triggers of the gate share the source; resuming never calls it again.
    An answer that cannot be read asks a person, and so does an error of the model.

    Raises:
        GateError: No runnable, or one that is only asynchronous (reviews are prepared by a plain
            function, under `ainvoke` too); a prompt that is no plain function.

    >>> from langchain_core.language_models import FakeListChatModel
    >>> from langgraph_hitl.triggers import risk_at_least
    >>> risk = from_model(
    ...     FakeListChatModel(responses=["High"]),
    ...     prompt=lambda state: f"low, medium, high or critical? {state['draft']}",
    ...     reads=("draft",),
    ... )
    >>> risk_at_least("medium", risk=risk)({"draft": "Pay 5,000."}).sentence
    'The risk is high, at least medium.'
    """
    check_model(model, prompt, "from_model")
    if field is not None and (not isinstance(field, str) or not field.strip()):
        raise GateError(f"field must be the name of a field, not {field!r}")

    def ask(state: Any) -> Any:
        return read_answer(model.invoke(prompt(state), ASIDE), field)

    return Function(ask, "prompt", declares=prompt, reads=texts(reads), once=True)


def check_model(model: Any, prompt: Any, what: str) -> None:
    """Refuse what could not be called while a review is prepared."""
    if not isinstance(model, Runnable):
        raise GateError(f"{what} takes a chat model or another runnable, not {model!r}")
    if isinstance(model, RunnableLambda) and not hasattr(model, "func"):
        raise GateError(f"{what}: the model {model!r} is async; pass one that can be invoked")
    if not callable(prompt):
        raise GateError(f"prompt must be a function from the state to messages, not {prompt!r}")
    refuse_coroutine(prompt, "prompt")


def texts(given: str | Sequence[str]) -> tuple[str, ...]:
    """One key or several."""
    return (given,) if isinstance(given, str) else tuple(given)
