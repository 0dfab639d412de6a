"""`rated_feedback`: a person rates the subject, and the rating chooses the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typing_extensions import Unpack

from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.patterns.options import ReviewOptions, known
from langgraph_hitl.review.lens import Lens
from langgraph_hitl.triggers.trigger import Trigger


def rated_feedback(
    subject: str | Lens,
    *,
    when: Trigger | Callable[[Any], Any] | None = None,
    name: str = "rated_feedback",
    **options: Unpack[ReviewOptions],
) -> Gate:
    """A gate at which a person rates the subject, with a comment where there is more to say.

    | rating | decision | outcome |
    |---|---|---|
    | correct | `Approve()` | `approved` |
    | partially_correct, needs_improvement | `Revise("...", rating=...)` | `improve` |
    | incorrect | `Revise("...", rating="incorrect")` | `regenerate` |

    With `revise=`, the last two go to the reviser instead, which finds the rating in
    `state["review"]`; after `max_revisions` the outcome is `on_exhausted`. Approve and revise are
    allowed by default. The options are those of `human_approval`.

    >>> from langgraph_hitl import rated_feedback
    >>> gate = rated_feedback("answer", criteria="Every claim has a source.")
    """
    return review_gate(
        kind="rated_feedback",
        name=name,
        subject=subject,
        default_decisions=("approve", "revise"),
        rated=True,
        when=when,
        **known(rated_feedback, options),
    )
