"""`predicate`: a function with a sentence of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from langgraph_hitl._reads import refuse_coroutine
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.finding import Finding, finding_of
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.source import Function, checked_keys, checked_text
from langgraph_hitl.triggers.trigger import Leaf, Trigger


def predicate(
    function: Callable[[Any], bool], sentence: str, *, reads: str | Sequence[str] = ()
) -> Trigger:
    """A person is asked where `function(state)` is true, for the reason that `sentence` gives.

    Args:
        function: Gives `True` or `False`; anything else asks a person.
        sentence: What is the case where it gives `True`.
        reads: The state keys that it reads, where its annotation does not tell.

    >>> new = predicate(lambda s: s["age_days"] < 30, "The account is new.", reads=["age_days"])
    >>> new({"age_days": 3}).sentence, new({"age_days": 300}).sentence
    ('The account is new.', 'Not so: The account is new.')
    """
    if not callable(function):
        raise GateError(f"predicate takes a function of the state, not {quoted(function)}")
    refuse_coroutine(function, "predicate")
    reason = checked_text(sentence, "the sentence of a predicate")
    keys = checked_keys(reads)

    def judge(values: Mapping[str, Any], _now: datetime) -> Finding:
        result = values["predicate"]
        if result is True:
            return Finding(needed=True, sentence=reason)
        if result is False:
            return Finding(needed=False, sentence=f"Not so: {reason}")
        return finding_of(result, name=quoted(reason))

    source = Function(function, "predicate", reads=keys)
    return Leaf(
        name="predicate", judge=judge, sources={"predicate": source}, options=quoted(reason)
    )
