"""`predicate`: a function with a sentence of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from langgraph_hitl._reads import refuse_coroutine
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.finding import Finding, finding_of
from langgraph_hitl.triggers.source import Function
from langgraph_hitl.triggers.trigger import Leaf, Trigger


def predicate(
    function: Callable[[Any], bool], sentence: str, *, reads: Sequence[str] = ()
) -> Trigger:
    """A person is asked where `function(state)` is true, for the reason that `sentence` gives.

    Args:
        function: Gives `True` or `False`; anything else asks a person.
        sentence: What is the case where it gives `True`.
        reads: The state keys that it reads, where its annotation does not tell.

    >>> new = predicate(lambda state: state["age_days"] < 30, "The account is new.")
    >>> new({"age_days": 3}).sentence, new({"age_days": 300}).sentence
    ('The account is new.', 'Not so: The account is new.')
    """
    if not callable(function):
        raise GateError(f"predicate takes a function of the state, not {function!r}")
    if not isinstance(sentence, str) or not sentence.strip():
        raise GateError(f"predicate needs a sentence that is not blank, not {sentence!r}")
    refuse_coroutine(function, "predicate")

    def judge(values: Mapping[str, Any], _now: datetime) -> Finding:
        result = values["predicate"]
        if result is True:
            return Finding(needed=True, sentence=sentence)
        if result is False:
            return Finding(needed=False, sentence=f"Not so: {sentence}")
        return finding_of(result, name=repr(sentence))

    source = Function(function, "predicate", reads=tuple(reads))
    return Leaf(name="predicate", judge=judge, sources={"predicate": source})
