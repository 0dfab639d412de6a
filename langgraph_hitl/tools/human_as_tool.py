"""`human_as_tool`: a model that wants to know something asks a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langchain_core.tools import BaseTool, StructuredTool
from pydantic import BaseModel
from typing_extensions import TypedDict, Unpack

from langgraph_hitl._subgraph.gate import spec_of
from langgraph_hitl.errors import GateError
from langgraph_hitl.patterns.ask_human import ask_human
from langgraph_hitl.patterns.options import FilingOptions, known
from langgraph_hitl.review.choice import Choice
from langgraph_hitl.tools._gate import enlisted
from langgraph_hitl.tools._reviewed import CALL_ID, ReviewedCalls
from langgraph_hitl.tools._tool import behind

DESCRIPTION = (
    "Ask a person a question, and wait for the answer. Use it for what only a person can know or "
    "decide; ask one thing at a time, with all that is needed to answer it."
)


class Question(BaseModel):
    """What the model gives."""

    question: str


class _State(TypedDict):
    args: dict[str, Any]


def _question(state: _State) -> str:
    found = state["args"].get("question")
    return found if isinstance(found, str) else ""


def _never(question: str) -> str:
    raise AssertionError(f"nobody runs this: {question}")


def human_as_tool(
    *,
    name: str = "ask_human",
    description: str = DESCRIPTION,
    answer: Any = str,
    **filing: Unpack[FilingOptions],
) -> BaseTool:
    """A tool with which a model asks a person; the answer is its result.

    Args:
        name: The name of the tool.
        description: What the model is told about it.
        answer: `Choice("a", "b")`, or a type or a JSON schema that the answer has to fit; a text
            by default. A person may also decline to answer, which the model is told.

    The other options, `inbox=` and `reviewers=` among them, are those of `human_approval`.

    >>> from langgraph_hitl import human_as_tool
    >>> human_as_tool(name="ask_finance").name
    'ask_finance'
    """
    if known(human_as_tool, filing, FilingOptions).get("on_recall") is not None:
        raise GateError("human_as_tool: on_recall has no effect: an answer is not called back")
    kind = "choose" if isinstance(answer, Choice) else "respond"
    gate = ask_human(
        _question,
        answer=answer,
        action=name,
        allowed_decisions=(kind, "reject"),
        name=name,
        **filing,
    )
    spec = spec_of(gate)
    assert spec is not None
    tool = StructuredTool(
        name=name,
        description=description,
        args_schema=Question,
        func=_never,
    )
    return behind(tool, name, ReviewedCalls(enlisted(replace(spec, context_keys=(CALL_ID,)))))
