"""`ask`: one question per node, one node per question, and nothing else in it.

LangGraph runs a node that interrupts from its top on every resume, so this one is pure.
"""

from __future__ import annotations

from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import interrupt
from pydantic_core import PydanticCustomError, core_schema

from langgraph_hitl._subgraph._pregel import spend_plain_answer
from langgraph_hitl._subgraph.channels import ANSWER, QUESTION, UNSEEN, Question
from langgraph_hitl._subgraph.spec import GateSpec, Node
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review.answer import normalise


def ask_node(spec: GateSpec) -> Node:
    """The node that interrupts."""

    def ask(state: Any, config: RunnableConfig) -> dict[str, Any]:
        question: Question = state[QUESTION]
        unseen = bool(state.get(UNSEEN))
        answer = interrupt(spec.payload(question), response_schema=_schema(spec, question, unseen))
        if unseen:
            # Nobody has seen the question, so this answers an earlier one: LangGraph hands a
            # plain answer on to the next question after a crash (langgraph issue 8837).
            spend_plain_answer(config)
            return {ANSWER: None}
        return {ANSWER: answer}

    return ask


def _schema(spec: GateSpec, question: Question, unseen: bool) -> Any:
    """The published schema alone while no answer can count: building it from a type costs more."""
    return spec.schema if unseen else AnswerSchema(spec, question)


class AnswerSchema:
    """The response schema of one question: refuses a bad answer before LangGraph saves it."""

    __slots__ = ("question", "spec")

    def __init__(self, spec: GateSpec, question: Question) -> None:
        self.spec = spec
        self.question = question

    def validate(self, raw: Any) -> Any:
        try:
            return normalise(raw, self.spec.rules, self.spec.asked(self.question))
        except InvalidDecision as error:
            reason = {"reason": str(error)}
            raise PydanticCustomError("invalid_decision", "{reason}", reason) from None

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, _schema: Any, _handler: Any) -> dict[str, Any]:
        return self.spec.schema
