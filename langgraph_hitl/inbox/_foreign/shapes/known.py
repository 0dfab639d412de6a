"""`shape_of`: the first shape that an interrupt has."""

from __future__ import annotations

from typing import NamedTuple

from langgraph_hitl.inbox._foreign.shapes.breakpoint import BREAKPOINT
from langgraph_hitl.inbox._foreign.shapes.hitl_request import HitlRequest
from langgraph_hitl.inbox._foreign.shapes.human_interrupt import HumanInterrupt
from langgraph_hitl.inbox._foreign.shapes.own_gate import OwnGate
from langgraph_hitl.inbox._foreign.shapes.question import Question
from langgraph_hitl.inbox._foreign.shapes.shape import Interrupted, Item, Shape
from langgraph_hitl.inbox._foreign.shapes.tool_approval import ToolApproval
from langgraph_hitl.review.digest import NotJson, plain_json

_QUESTION = Question()
_SHAPES: tuple[Shape, ...] = (OwnGate(), HitlRequest(), ToolApproval(), HumanInterrupt())
"""A gate's payload has the fields of a `HITLRequest` too, so that it comes first."""

_BY_NAME: dict[str, Shape] = {one.name: one for one in (*_SHAPES, _QUESTION, BREAKPOINT)}


class Shaped(NamedTuple):
    """An interrupt's shape, and what there is to decide."""

    shape: Shape
    items: tuple[Item, ...]


def shape_of(asked: Interrupted) -> Shaped:
    """How an interrupt asks. What fits no shape, or is not JSON, is a question.

    >>> shape_of(Interrupted("1", "Which plan?")).items[0].allowed
    ('respond',)
    """
    try:
        plain = asked._replace(value=plain_json(asked.value))
    except (NotJson, RecursionError):
        return Shaped(_QUESTION, _QUESTION.items(asked))
    for shape in _SHAPES:
        items = shape.items(plain)
        if items is not None:
            return Shaped(shape, items)
    return Shaped(_QUESTION, _QUESTION.items(plain))


def shape_named(name: str) -> Shape:
    """The shape that was kept with a review."""
    return _BY_NAME[name]
