"""`ask`: one question per node, one node per question, and nothing else in it.

LangGraph runs a node that interrupts from its top on every resume, so this one only reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, NamedTuple

from langchain_core.runnables import RunnableConfig
from langgraph.types import interrupt

from langgraph_hitl._subgraph._pregel import spend_plain_answer, wait_for_plain_answer
from langgraph_hitl._subgraph.basis import check_basis
from langgraph_hitl._subgraph.channels import ANSWER, QUESTION, UNSEEN, Question
from langgraph_hitl._subgraph.desk import NOT_DECIDED, Verdict
from langgraph_hitl._subgraph.spec import GateSpec, Node
from langgraph_hitl._subgraph.verdict import PANEL, SETTLED
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review.answer import normalise


def ask_node(spec: GateSpec) -> Node:
    """The node that interrupts, unless the ledger knows the answer."""

    def ask(state: Any, config: RunnableConfig) -> dict[str, Any]:
        question: Question = state[QUESTION]
        check_basis(spec, question, config)
        if spec.desk is not None and (verdict := _verdict(spec, question, config)) is not None:
            return {ANSWER: {SETTLED: verdict}}
        payload = spec.payload(question)
        wait_for_plain_answer(config)
        if state.get(UNSEEN):
            # No answer can count yet, so the schema is only shown; that is cheaper.
            interrupt(payload, response_schema=spec.schema)
            # Nobody has seen the question, so this answers an earlier one: LangGraph hands a
            # plain answer on to the next question after a crash (langgraph issue 8837).
            spend_plain_answer(config)
            return {ANSWER: None}
        with _at_hand(AtHand(spec, question, config)):
            return {ANSWER: interrupt(payload, response_schema=answer_model()).root}

    return ask


def _verdict(spec: GateSpec, question: Question, config: RunnableConfig) -> Verdict | None:
    """The verdict of the ledger, if it fits the question."""
    assert spec.desk is not None
    clerk = spec.desk.clerk(spec, config)
    verdict = clerk.verdict(question)
    if verdict is not None and not _stands(spec, verdict):
        try:
            fitting = normalise(verdict["decision"], spec.rules, spec.asked(question))
        except InvalidDecision as error:
            clerk.reopen(question, error.reason)
            verdict = None
        else:
            verdict = {**verdict, "decision": fitting}
    if verdict is None:
        clerk.waits(question)
    return verdict


def _stands(spec: GateSpec, verdict: Verdict) -> bool:
    """Whether it is nobody's answer: an end without one, or votes that came to nothing."""
    kind = verdict["decision"]["type"]
    came_to_nothing = kind == "reject" and verdict["by"] == PANEL
    return kind in NOT_DECIDED or (came_to_nothing and kind not in spec.rules.allowed)


@cache
def answer_model() -> type[Any]:
    """The response schema of a question: refuses a bad answer before LangGraph saves it.

    One class for all questions, because `interrupt()` wraps it in a `TypeAdapter` every time, which
    is cheap only for a finished model. What the answer has to fit comes through a context variable.
    """
    from pydantic import RootModel, model_validator
    from pydantic_core import PydanticCustomError

    class Answer(RootModel[Any]):
        """An answer that fits."""

        @model_validator(mode="before")
        @classmethod
        def _fits(cls, raw: Any) -> Any:
            at_hand = _AT_HAND.get()
            spec = at_hand.spec
            try:
                return normalise(raw, spec.rules, spec.asked(at_hand.question))
            except InvalidDecision as error:
                # LangGraph has stored a plain answer by now, and what it reads back may differ: a
                # lone surrogate comes back as a question mark, and would be accepted.
                spend_plain_answer(at_hand.config)
                reason = {"reason": str(error)}
                raise PydanticCustomError("invalid_decision", "{reason}", reason) from None

        @classmethod
        def __get_pydantic_json_schema__(cls, _schema: Any, _handler: Any) -> dict[str, Any]:
            return _AT_HAND.get().spec.schema

    return Answer


class AtHand(NamedTuple):
    """What the answer has to fit."""

    spec: GateSpec
    question: Question
    config: RunnableConfig


_AT_HAND: ContextVar[AtHand] = ContextVar("question_at_hand")


@contextmanager
def _at_hand(at_hand: AtHand) -> Iterator[None]:
    token = _AT_HAND.set(at_hand)
    try:
        yield
    finally:
        _AT_HAND.reset(token)
