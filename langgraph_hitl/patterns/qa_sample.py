"""`qa_sample`: a person looks at a share of what is released, and at everything that is flagged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typing_extensions import Unpack

from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.errors import GateError
from langgraph_hitl.patterns.options import ReviewOptions, known
from langgraph_hitl.review.lens import Lens
from langgraph_hitl.triggers.draw import QA_SAMPLE, Salt
from langgraph_hitl.triggers.flag import flagged
from langgraph_hitl.triggers.sample import sampled
from langgraph_hitl.triggers.source import Source
from langgraph_hitl.triggers.trigger import Trigger, trigger_of

FLAGS = ("high_risk", "flagged_for_review")
HIGH_RISK = flagged(*FLAGS, optional=True)
"""The flags of the state, where the graph has them. `qa_sample` adds those of the subject."""


def qa_sample(
    subject: str | Lens,
    *,
    rate: float = 0.1,
    item_id: str | Callable[[Any], str] | Source,
    salt: str | bytes | Salt,
    also: Trigger | Callable[[Any], Any] | None = HIGH_RISK,
    when: Trigger | Callable[[Any], Any] | None = None,
    purpose: str = QA_SAMPLE,
    blocking: bool = True,
    name: str = "qa_sample",
    **options: Unpack[ReviewOptions],
) -> Gate:
    """A gate at which a person checks a sample of the subjects; the others pass.

    Args:
        subject: The state key of what is released, or a lens such as `last_message()`.
        rate: The share that is drawn, from 0 to 1.
        item_id: A state key, a path into it (`item.id`), or a function of the state. The same item
            is drawn the same, whatever runs again. An id that is missing, blank or no text asks.
        salt: The secret of the draw: a text, bytes, or a `Salt` with a name.
        also: What is checked in any case. By default whatever is flagged as `high_risk` or
            `flagged_for_review`, by a state key or by a field of the subject; None for the sample
            alone.
        when: One more reason to check: a trigger or a function of the state.
        purpose: Two samples with different purposes are independent of each other.
        blocking: `False` lets the subject go on at once, as `auto_approved`, and has it looked at
            afterwards; needs `inbox=`. The record says `released`; it is not the place where the
            decision is found, the inbox is. Every decision but an approval (a refusal, a request
            for changes, a corrected value) calls `on_recall(request, decision)`, when the run that
            let the subject go on is over; where it raises, `inbox.work()` calls it again. The
            thread is left alone.
        name: The gate's name in requests and traces.
        options: Those of `human_approval`. `criteria=` may be a function of the state, for criteria
            per item. Approve (release), revise and reject are allowed by default.

    The record's finding keeps the draw, the rate, the item's id and the salt's name. With `revise=`
    the new version comes back to the same reviewer's desk; without it the outcome is
    `needs_revision`, and an edge may lead back to the gate, where the same item is drawn again.

    Raises:
        GateError: As `human_approval`; the rate lies outside 0 to 1, or the salt is missing;
            `revise=` or `resubmit_edits=True` with `blocking=False`, where there is no next
            version.

    >>> from langgraph_hitl import qa_sample
    >>> gate = qa_sample("letter", rate=0.05, item_id="case_id", salt="0123456789abcdef")
    """
    trigger = sampled(rate, item_id=item_id, salt=salt, purpose=purpose)
    if also is HIGH_RISK and isinstance(subject, str) and subject.strip():
        also = flagged(*FLAGS, *(f"{subject}.{flag}" for flag in FLAGS), optional=True)
    for option, reason in (("also", also), ("when", when)):
        if reason is not None:
            trigger |= trigger_of(reason, option, named=True)
    if not isinstance(blocking, bool):
        raise GateError(f"blocking must be True or False, not {blocking!r}")
    return review_gate(
        kind="qa_sample",
        name=name,
        subject=subject,
        default_decisions=("approve", "revise", "reject"),
        when=trigger,
        mode="blocking" if blocking else "sampled",
        **known(qa_sample, options),
    )
