"""Votes in a few words, and the sides that tallies come to."""

from __future__ import annotations

from collections.abc import Iterable

from langgraph_hitl import Abstain, Approve, Edit, Reject, Revise
from langgraph_hitl.panels import Open, Panel, Settled, Vote
from langgraph_hitl.panels.vote import ballot_of
from langgraph_hitl.review import Decision

SAID: dict[str, Decision] = {
    "yes": Approve(),
    "edit": Edit("another"),
    "no": Reject(),
    "revise": Revise("shorter"),
    "abstain": Abstain(),
}


def vote(voter: str, said: str | Decision, *roles: str) -> Vote:
    """One vote; `said` is a key of `SAID` or a decision."""
    decision = SAID[said] if isinstance(said, str) else said
    return Vote(voter=voter, roles=roles, decision=decision)


def votes(text: str, *roles: str) -> list[Vote]:
    """`ann:yes bob:no`, everybody with `roles`."""
    pairs = (part.partition(":") for part in text.split())
    return [vote(voter, said, *roles) for voter, _, said in pairs]


def end_of(decision: Decision) -> str:
    """What a decision comes to: one of `SAID`."""
    if ballot_of(decision) is None:
        return "revise" if isinstance(decision, Revise) else "no"
    return "yes" if isinstance(decision, Approve) else "edit"


def ends(panel: Panel, cast: Iterable[Vote]) -> str | None:
    """What the votes come to, or None while it is open."""
    tally = panel.tally(cast)
    match tally:
        case Open():
            assert tally.result is None
            return None
        case Settled(result=result):
            return end_of(result)


def shown_end(panel: Panel, text: str, *roles: str) -> str | None:
    """What `ann:yes bob:no` comes to."""
    return ends(panel, votes(text, *roles))
