"""`AnswerRules` and `Asked`: what a gate accepts, and the question that an answer has to fit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from langgraph_hitl.review.choice import Choice
from langgraph_hitl.review.decision import DecisionType
from langgraph_hitl.review.items import ItemRules
from langgraph_hitl.review.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)  # imports faster
class AnswerRules:
    """What a gate accepts, whatever the review.

    `argument` is what clients call the subject, or None where the subject is the arguments of the
    action. `check` gives the problem with a value, or None; `with_roles` lets an answer claim
    roles. `answers` says that a response stands for what the action gives, and is no new value.
    `escalations` names whom it can be passed to, and `climbs` says that it can be passed up.
    `items` is set where a list is decided item by item. `reasons`: whoever decides says why.
    `check_answer` is of such a response. `patches`: an edit names what changes in an object,
    of what is shown or of these keys.
    """

    action: str
    argument: str | None
    allowed: tuple[DecisionType, ...]
    rated: bool = False
    choice: Choice | None = None
    is_question: bool = False
    with_roles: bool = False
    check: Callable[[Any], str | None] | None = None
    answers: bool = False
    escalations: tuple[str, ...] = ()
    climbs: bool = True
    items: ItemRules | None = None
    reasons: bool = False
    check_answer: Callable[[Any], str | None] | None = None
    patches: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Asked:
    """The question that an answer has to fit. `decided` has the items that are not open any more.

    It says in words what became of each; `going_on` has the items that are not refused, in order.
    `parts` are what a revision may name, or None where that is anything.
    """

    review_id: str
    digest: str
    round: int
    snapshot: Snapshot
    decided: Mapping[str, str] = field(default_factory=dict)
    going_on: Mapping[str, Any] = field(default_factory=dict)
    parts: Collection[str] | None = None
