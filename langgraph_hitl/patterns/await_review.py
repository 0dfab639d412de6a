"""`await_review`: pause for what `submit_review` has asked, unless it was answered meanwhile."""

from __future__ import annotations

from dataclasses import replace

from langgraph_hitl._subgraph.gate import Gate, build, spec_of
from langgraph_hitl.errors import GateError


def await_review(submitted: Gate) -> Gate:
    """The gate that takes the decision about what `submitted` has filed.

    It goes straight through if the review was decided, or needed nobody; else the graph pauses
    here until it is. Its outcomes, the revision loop and the record are those of `human_approval`,
    with the options given to `submit_review`.

    A gate takes the newest review that its thread submitted before and that no other gate has
    taken, so that a loop may submit and await again and again; a gate that was killed takes the
    same one when it runs again. Of several that were submitted at once by `Send`, it takes the one
    about the value that its own branch holds. Where none was submitted it asks by itself.

    Args:
        submitted: What `submit_review` returned. One graph has both gates, at any depth.

    Raises:
        GateError: `submitted` is something else.

    >>> from langgraph_hitl import await_review, submit_review
    >>> from langgraph_hitl.inbox import Inbox
    >>> submitted = submit_review("plan", inbox=Inbox.open("sqlite:///:memory:"))
    >>> gate = await_review(submitted)
    """
    spec = spec_of(submitted)
    if spec is None or spec.mode != "submitted":
        raise GateError(f"await_review takes what submit_review returned, not {submitted!r}")
    return build(replace(spec, mode="blocking"))
