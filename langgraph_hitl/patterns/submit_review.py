"""`submit_review`: ask now and let the graph go on; `await_review` waits for the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typing_extensions import Unpack

from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.patterns.options import ReviewOptions, known
from langgraph_hitl.review.lens import Lens
from langgraph_hitl.triggers.trigger import Trigger


def submit_review(
    subject: str | Lens,
    *,
    when: Trigger | Callable[[Any], Any] | None = None,
    name: str = "submit_review",
    **options: Unpack[ReviewOptions],
) -> Gate:
    """A gate that files a review of the subject and lets the graph go on at once.

    People decide while the graph works; `await_review(submitted)` makes the gate that takes their
    decision, and pauses only if there is none yet.

    ```python
    submitted = submit_review("plan", inbox=inbox, reviewers="leads")
    add_review(builder, "ask", submitted)
    builder.add_edge("ask", "research")
    builder.add_edge("research", "decide")
    add_review(builder, "decide", await_review(submitted), approved="act", rejected=END)
    ```

    Args:
        subject: The state key of what is decided, or a lens such as `last_message()`. What is
            decided is the value that it has here; where the graph changes it meanwhile,
            `approved()` raises `Drifted`.
        when: A trigger or a function of the state, as in `human_approval`. Evaluated here.
        name: The review's name in requests. Two submissions of one graph have different names or
            different subjects, so that each join finds its own.
        options: Those of `human_approval`; `inbox=` is needed. All of the review is said here,
            the revision loop too, though it runs where the review is awaited.

    It has one way out and writes nothing to the state.

    Raises:
        GateError: As `human_approval`; there is no inbox.

    >>> from langgraph_hitl import submit_review
    >>> from langgraph_hitl.inbox import Inbox
    >>> submitted = submit_review("plan", inbox=Inbox.open("sqlite:///:memory:"))
    """
    return review_gate(
        kind="submit_review",
        name=name,
        subject=subject,
        default_decisions=("approve", "edit", "reject"),
        when=when,
        mode="submitted",
        **known(submit_review, options),
    )
