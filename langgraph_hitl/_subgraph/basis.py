"""`Basis`: what an answer relies on beside the subject, and whether it is another by now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphBubbleUp
from typing_extensions import TypedDict

from langgraph_hitl._subgraph._pregel import spend_plain_answer, wait_for_plain_answer
from langgraph_hitl._subgraph.desk import CANCEL
from langgraph_hitl.review.decision import POSTPONING

if TYPE_CHECKING:
    from langgraph_hitl._subgraph.channels import Question
    from langgraph_hitl._subgraph.spec import GateSpec

ASKED_ANEW = "Asked anew: "
"""How the reason begins where the code has become another between a question and its answer."""


_LEAVES_IT_OPEN = frozenset({*POSTPONING, "abstain"})
"""Kinds of answers that end nothing. Who decides says whether there are any, and is filed."""


class Basis(TypedDict):
    """What a person relies on who answers; what is only shown, or only says when, is no part of it.

    `panel` is that of a gate without an inbox, which has no other place where it was kept.
    """

    pattern: str
    action: str
    subject: str | None
    question: str | None
    choice: dict[str, Any] | None
    into: str | None
    decisions: list[str]
    item_id: str | None
    item_decisions: list[str]
    chair: bool
    panel: dict[str, Any] | None


class Anew(GraphBubbleUp):
    """What was asked is not what the gate asks by now, so that no answer to it counts."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def basis_of(spec: GateSpec) -> Basis:
    """What answers to the questions of a gate rely on."""
    rules, items = spec.rules, spec.rules.items
    return Basis(
        pattern=spec.kind,
        action=rules.action,
        subject=_subject(spec),
        question=spec.question if isinstance(spec.question, str) else None,
        choice=rules.choice.to_json() if rules.choice else None,
        into=spec.into,
        decisions=sorted({*rules.allowed} - _LEAVES_IT_OPEN),
        item_id=items.key if items else None,
        item_decisions=sorted(items.allowed) if items else [],
        chair=spec.chair is not None,
        panel=spec.panel.to_json() if spec.panel and spec.desk is None else None,
    )


def changed(spec: GateSpec, question: Question) -> str | None:
    """What a question relied on and is another by now, in words; None if nothing is.

    A question that an older version of the package has asked says less, or nothing.
    """
    asked: Any = question.get("basis", {})
    now: Any = basis_of(spec)
    told = [
        f"{name} was {asked[name]!r:.200} and is {now[name]!r:.200}"
        for name in now
        if name in asked and asked[name] != now[name]
    ]
    return "; ".join(told) or None


def moved(question: Question, thread_id: str) -> str | None:
    """In which thread a question was asked, if that is another; its rows were copied from there."""
    if question["thread_id"] == thread_id:
        return None
    return f"thread was {question['thread_id']!r:.200} and is {thread_id!r:.200}"


def check_basis(spec: GateSpec, question: Question, config: RunnableConfig) -> None:
    """Raises `Anew` where no answer to the question may count: of another thread, to another gate.

    A review that was cancelled stays so.
    """
    thread_id = str((config.get("configurable") or {}).get("thread_id"))
    copied = moved(question, thread_id)
    difference = copied or changed(spec, question)
    if difference is None:
        return
    if copied is None and spec.desk is not None:
        clerk = spec.desk.clerk(spec, config)
        verdict = clerk.verdict(question)
        if verdict is not None and verdict["decision"].get("type") == CANCEL:
            return
        clerk.withdraw(question, ASKED_ANEW + difference)
    wait_for_plain_answer(config)
    spend_plain_answer(config)
    raise Anew(ASKED_ANEW + difference)


def reason_anew(spec: GateSpec, before: Question, thread_id: str) -> str:
    """Why a question takes the place of the one before."""
    difference = moved(before, thread_id) or changed(spec, before)
    return ASKED_ANEW + (difference or "its gate was changed meanwhile")


def _subject(spec: GateSpec) -> str | None:
    if spec.subject is None or spec.subject.is_whole_key:
        return spec.subject_key
    return f"{spec.subject.name} of {spec.subject.key}"
