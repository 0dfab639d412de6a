"""`committee`: experts vote with reasons, and a chair approves what they let pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from typing_extensions import Unpack

from langgraph_hitl._subgraph.filing_options import Reviewers
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.errors import GateError
from langgraph_hitl.patterns.options import SubjectOptions, WaitingOptions, known
from langgraph_hitl.review.lens import Lens
from langgraph_hitl.triggers.trigger import Trigger

if TYPE_CHECKING:
    from langgraph_hitl.panels import Panel


class CommitteeOptions(WaitingOptions, SubjectOptions, total=False):
    """The keyword options of `human_approval` (described there) without `reviewers`."""


def committee(
    subject: str | Lens,
    *,
    members: Panel,
    chair: Reviewers,
    when: Trigger | Callable[[Any], Any] | None = None,
    reasons: bool = True,
    name: str = "committee",
    **options: Unpack[CommitteeOptions],
) -> Gate:
    """A gate at which a committee votes first, and a chair has the last word.

    The members vote as their panel says: how many, with which weights, whose veto ends it, blind or
    not. What they refuse is over. What they let pass, as it was shown or as enough of them have
    edited it, is put before the chair as the next round of the same review, with all votes and
    their reasons in its history; the chair approves, edits or rejects it. A new version that either
    asks for (`Revise`, with `revise=`) begins with the members again.

    Args:
        subject: As of `human_approval`.
        members: A panel of `langgraph_hitl.panels`: `majority(of="board", size=5)`,
            `quorum(3, of="board", blind=True)`. Not one that depends on the score or the risk of a
            case.
        chair: Who approves at last: a role, a `Reviewer`, or a panel. Four eyes are the caller's
            choice: a chair who is a member too may vote in both rounds.
        when: As of `human_approval`.
        reasons: Every decision says why: a comment, a message, feedback.
        name: The gate's name in requests and traces.
        options: Those of `human_approval`, without `reviewers`.

    Raises:
        GateError: An option is unknown, contradicts another or could have no effect.

    >>> from langgraph_hitl import committee
    >>> from langgraph_hitl.panels import majority
    >>> committee("diagnosis", members=majority(of=5), chair="head").name
    'committee'
    """
    from langgraph_hitl.panels import Panel

    if not isinstance(members, Panel) or members.single or members.varies:
        raise GateError(
            "members must be a panel of several votes that does not depend on the case, such as "
            f"majority(of='board', size=5) of langgraph_hitl.panels, not {members!r:.80}"
        )
    if chair is None:
        raise GateError("committee needs a chair=; without one, human_approval(reviewers=...) does")
    if not isinstance(reasons, bool):
        raise GateError(f"reasons must be True or False, not {reasons!r:.60}")
    return review_gate(
        kind="committee",
        name=name,
        subject=subject,
        default_decisions=("approve", "edit", "reject"),
        when=when,
        reviewers=members,
        chair=chair,
        reasons=reasons,
        **known(committee, options, CommitteeOptions, meant={"reviewers": "members"}),
    )
