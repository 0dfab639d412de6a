"""`ask_human`: a question to a person, without a subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from typing_extensions import Unpack

from langgraph_hitl._subgraph.clock import Clock, system_clock
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.patterns.options import FilingOptions, known
from langgraph_hitl.review.choice import Choice
from langgraph_hitl.review.decision import DecisionType
from langgraph_hitl.triggers.trigger import Trigger


def ask_human(
    question: str | Callable[[Any], str],
    *,
    answer: Any = str,
    into: str | None = None,
    action: str | None = None,
    allowed_decisions: Sequence[str] | None = None,
    context: str | Sequence[str] | Callable[[Any], Mapping[str, Any]] | None = None,
    required_context: Sequence[str] = (),
    when: Trigger | Callable[[Any], Any] | None = None,
    criteria: str | Sequence[str] | Callable[[Any], Any] | None = None,
    reads: Sequence[str] = (),
    state_schema: type[Any] | None = None,
    clock: Clock = system_clock,
    name: str = "ask_human",
    **filing: Unpack[FilingOptions],
) -> Gate:
    """A gate that puts a question to a person.

    Args:
        question: The text, or a function of the state that gives it.
        answer: `Choice("a", "b")` ends as `chosen`; a type or a JSON schema (a text by default) is
            what `Respond(...)` has to fit, and ends as `answered`.
        into: The state key that takes the answer. It also stands in `state["review"]["answer"]`.
        allowed_decisions: Add "reject" to let people decline to answer.
        when: Where nobody needs to be asked, the review ends as `auto_approved` without an answer.

    The other options, `inbox=` and `reviewers=` among them, are those of `human_approval`.

    >>> from langgraph_hitl import Choice, ask_human
    >>> gate = ask_human("Which plan?", answer=Choice("a", "b", multiple=True))
    """
    choice = answer if isinstance(answer, Choice) else None
    default: DecisionType = "choose" if choice else "respond"
    return review_gate(
        kind="ask_human",
        name=name,
        subject=None,
        question=question,
        default_decisions=(default,),
        choice=choice,
        edit_schema=None if choice else answer,
        into=into,
        action=action,
        allowed_decisions=allowed_decisions,
        context=context,
        required_context=required_context,
        when=when,
        criteria=criteria,
        reads=reads,
        state_schema=state_schema,
        clock=clock,
        **known(ask_human, filing, FilingOptions),
    )
