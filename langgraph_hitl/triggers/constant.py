"""`always` and `never`."""

from __future__ import annotations

from langgraph_hitl.review.finding import ALWAYS, Finding
from langgraph_hitl.triggers.trigger import Leaf, Trigger

_NEVER = Finding(needed=False, sentence="No case is reviewed.")


def always() -> Trigger:
    """A person is asked every time.

    >>> always()({}).sentence
    'Every case is reviewed.'
    """
    return Leaf(name="always", options="", judge=lambda *_: ALWAYS, test=lambda *_: True)


def never() -> Trigger:
    """Nobody is asked; the pass is recorded.

    >>> never()({}).needed
    False
    """
    return Leaf(name="never", options="", judge=lambda *_: _NEVER, test=lambda *_: False)
