"""`rated_feedback`: a person rates the subject, and the rating chooses the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langgraph_hitl._subgraph.clock import Clock, system_clock
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl._subgraph.spec import OnExhausted
from langgraph_hitl.review.lens import Lens


def rated_feedback(
    subject: str | Lens,
    *,
    action: str | None = None,
    allowed_decisions: Sequence[str] | None = None,
    context: str | Sequence[str] | Callable[[Any], Mapping[str, Any]] | None = None,
    required_context: Sequence[str] = (),
    when: Callable[[Any], Any] | None = None,
    criteria: str | Sequence[str] | None = None,
    edit_schema: Any = None,
    revise: Any = None,
    prompt: Callable[[Any], Any] | None = None,
    max_revisions: int = 3,
    on_exhausted: OnExhausted = "rejected",
    resubmit_edits: bool = False,
    reads: Sequence[str] = (),
    state_schema: type[Any] | None = None,
    write_back: bool = True,
    clock: Clock = system_clock,
    name: str = "rated_feedback",
) -> Gate:
    """A gate at which a person rates the subject, with a comment where there is more to say.

    | rating | decision | outcome |
    |---|---|---|
    | correct | `Approve()` | `approved` |
    | partially_correct, needs_improvement | `Revise("...", rating=...)` | `improve` |
    | incorrect | `Revise("...", rating="incorrect")` | `regenerate` |

    With `revise=`, the last two go to the reviser instead, which finds the rating in
    `state["review"]`; after `max_revisions` the outcome is `on_exhausted`. Approve and revise are
    allowed by default. The other options are those of `human_approval`.

    >>> from langgraph_hitl import rated_feedback
    >>> gate = rated_feedback("answer", criteria="Every claim has a source.")
    """
    return review_gate(
        kind="rated_feedback",
        name=name,
        subject=subject,
        default_decisions=("approve", "revise"),
        rated=True,
        action=action,
        allowed_decisions=allowed_decisions,
        context=context,
        required_context=required_context,
        when=when,
        criteria=criteria,
        edit_schema=edit_schema,
        revise=revise,
        prompt=prompt,
        max_revisions=max_revisions,
        on_exhausted=on_exhausted,
        resubmit_edits=resubmit_edits,
        reads=reads,
        state_schema=state_schema,
        write_back=write_back,
        clock=clock,
    )
