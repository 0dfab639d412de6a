"""The options that say what people may decide, and how often a subject comes back."""

from __future__ import annotations

from typing import Any, get_args

from langgraph_hitl._reads import refuse_coroutine
from langgraph_hitl._subgraph.spec import OnExhausted
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.choice import Choice
from langgraph_hitl.review.decision import DecisionType
from langgraph_hitl.review.items import ITEM_DECISIONS


def check_loop(
    allowed: tuple[DecisionType, ...],
    revise: Any,
    prompt: Any,
    max_revisions: int,
    on_exhausted: str,
    resubmit_edits: bool,
) -> None:
    if on_exhausted not in get_args(OnExhausted):
        raise GateError(
            f"on_exhausted must be one of {', '.join(get_args(OnExhausted))}, not {on_exhausted!r}"
        )
    if type(max_revisions) is not int or max_revisions < 1:
        raise GateError(
            f"max_revisions must be a whole number of at least 1, not {max_revisions!r}"
        )
    if prompt is not None and not callable(prompt):
        raise GateError(f"prompt must be a function from the state to messages, not {prompt!r}")
    if revise is None:
        _check_no_effect(prompt, max_revisions, on_exhausted)
    if prompt is not None:
        refuse_coroutine(prompt, "prompt")
    if resubmit_edits and not {"edit", "items"} & {*allowed}:
        raise GateError("resubmit_edits has no effect where 'edit' is not allowed")


def check_released(revise: Any, resubmit_edits: bool) -> None:
    """Of what has gone on there is no next version."""
    if revise is not None or resubmit_edits:
        raise GateError(
            "revise and resubmit_edits have no effect where the subject goes on before it is "
            "looked at; on_recall is called with the decision"
        )


def _check_no_effect(prompt: Any, max_revisions: int, on_exhausted: str) -> None:
    if prompt is not None:
        raise GateError("prompt has no effect without revise=")
    if max_revisions != 3 or on_exhausted != "rejected":
        raise GateError("max_revisions and on_exhausted have no effect without revise=")


def item_kinds(given: tuple[str, ...] | None, item_schema: Any, resubmit: bool) -> tuple[str, ...]:
    """What `item_decisions=` allows of an item, in the order of `ITEM_DECISIONS`."""
    if given is None:
        return ITEM_DECISIONS
    for kind in given:
        if kind not in ITEM_DECISIONS:
            raise GateError(
                f"item_decisions: {kind!r} is no verdict on an item; of {', '.join(ITEM_DECISIONS)}"
            )
    if "approve" not in given:
        raise GateError("item_decisions: nobody could approve an item without 'approve'")
    for option, said in (("item_schema", item_schema is not None), ("resubmit_edits", resubmit)):
        if said and "edit" not in given:
            raise GateError(f"{option} has no effect where item_decisions leaves out 'edit'")
    return tuple(kind for kind in ITEM_DECISIONS if kind in given)


def check_name(option: str, given: Any) -> None:
    if not isinstance(given, str) or not given.strip():
        raise GateError(f"{option} must be a text that is not blank, not {given!r}")


def check_answerable(allowed: tuple[DecisionType, ...], choice: Choice | None) -> None:
    wanted: DecisionType = "choose" if choice else "respond"
    if wanted not in allowed:
        raise GateError(f"allowed_decisions: nobody could answer the question without {wanted!r}")
    if others := set(allowed) - {wanted, "reject", "abstain", "defer", "escalate"}:
        raise GateError(
            f"allowed_decisions: a question takes {wanted!r} and 'reject', not {sorted(others)}"
        )
