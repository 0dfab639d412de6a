"""A chat model in place of a function: what it is told, and in which shape it answers."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable, RunnableLambda

from langgraph_hitl._subgraph.prepare import as_shown
from langgraph_hitl.errors import GateError


class Chat(NamedTuple):
    """What a chat model is told before it gets, as JSON, what a function is called with."""

    instruction: str
    schema: dict[str, Any]


def asked(option: str, model: Runnable[Any, Any], chat: Chat | None) -> Runnable[Any, Any]:
    """The runnable with messages for its input, if a language model comes first in it.

    A bare chat model answers by the schema. Raises `GateError` for one that can not.
    """
    if not _begins_with_a_model(model):
        return model
    if chat is None:
        raise GateError(
            f"{option}= is a model, which takes messages: pass a function that calls it"
        )
    instruction, schema = chat

    def messages(given: dict[str, Any]) -> list[BaseMessage]:
        told = json.dumps(as_shown(given), ensure_ascii=False, indent=2)
        return [SystemMessage(instruction), HumanMessage(told)]

    return RunnableLambda(messages) | _structured(option, model, schema)


def _structured(
    option: str, model: Runnable[Any, Any], schema: dict[str, Any]
) -> Runnable[Any, Any]:
    if hasattr(model, "first"):
        return model
    from langchain_core.language_models import BaseChatModel

    try:
        if isinstance(model, BaseChatModel):
            return model.with_structured_output(schema)
    except NotImplementedError:
        pass
    raise GateError(
        f"{option}= is the model {type(model).__name__}, of which there is no structured output: "
        f"pass model.with_structured_output(...), or a function that calls it"
    )


def _begins_with_a_model(runnable: Any) -> bool:
    from langchain_core.language_models import BaseLanguageModel

    while not isinstance(runnable, BaseLanguageModel):
        runnable = getattr(runnable, "first", None) or getattr(runnable, "bound", None)
        if runnable is None:
            return False
    return True


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required]}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


SUGGESTIONS = Chat(
    "You suggest changes to a text; people decide on them one by one. You get as JSON the `text`, "
    "their `guidance`, and the `history` of what became of the suggestions before. Follow the "
    "guidance, suggest nothing again that was refused, and nothing where the text is good.",
    {
        "title": "Suggestions",
        "description": "Changes to the text; an empty list where there is nothing to change.",
        **_object(
            ("suggestions",),
            suggestions=_list(
                _object(
                    ("replaces", "replacement"),
                    replaces=_text("Words of the text, exactly, as many as stand there only once."),
                    replacement=_text("What stands there instead."),
                    why=_text("The reason, in a few words."),
                )
            ),
        ),
    },
)
PLAN = Chat(
    "You propose a plan; people change and approve it before its steps run one by one. You get as "
    "JSON what it is for, the `plan` before, their `feedback`, their `answers` by the ids of its "
    "questions, and the `history`. Follow the feedback, change nothing else, and do not ask again "
    "what is answered.",
    {
        "title": "Plan",
        "description": "The whole plan.",
        **_object(
            ("steps", "risks", "questions"),
            steps=_list(
                _object(
                    ("do",),
                    do=_text("What to do."),
                    ask=_text("Only if a person has to answer a question right before the step."),
                )
            ),
            risks=_list(_text("What could go wrong.")),
            questions=_list(_text("What has to be known to plan further.")),
        ),
    },
)
