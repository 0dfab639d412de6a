"""Votes on a list whose items are decided one by one: each item has a tally of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, assert_never

from langgraph_hitl.panels.tally import Open, Settled, Tally
from langgraph_hitl.panels.vote import Vote
from langgraph_hitl.review.decision import (
    Abstain,
    Approve,
    Choose,
    Decision,
    Edit,
    Items,
    ItemVerdict,
    Reject,
    Respond,
    Revise,
)
from langgraph_hitl.review.items import RejectRest, Skip

_SKIP = "skip"


def are_of_items(votes: Sequence[Vote]) -> bool:
    """Whether somebody has decided item by item."""
    return any(isinstance(vote.decision, Items) for vote in votes)


def tally_items(votes: Sequence[Vote], tally: Callable[[Sequence[Vote]], Tally]) -> Tally:
    """Settled as soon as every item that somebody has decided is certain, by `tally` of its votes.

    An item that fewer people have decided than it takes keeps it open, so that no vote is lost.
    Whoever asks for another version, or abstains, says so of every item. The result has one verdict
    for each of these items, or is another version where one of them takes that.
    """
    tallies = {item: tally(_votes_on(item, votes)) for item in _items_in(votes)}
    settled = {item: one for item, one in tallies.items() if isinstance(one, Settled)}
    cast = _cast(tallies.values(), votes)
    if len(settled) == len(tallies):
        return _settled(settled, cast)
    left = {item: one for item, one in tallies.items() if isinstance(one, Open)}
    lacking = tuple(f"{item}: {what}" for item, one in left.items() for what in one.needed)
    return replace(next(iter(left.values())), needed=lacking, votes=cast)


def joined(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """A vote with what its voter has said before of items that it leaves out; plain JSON."""
    if earlier["type"] != "items" or later["type"] != "items":
        return later
    return {**later, "items": {**earlier["items"], **later["items"]}}


def adds_only(earlier: dict[str, Any], later: dict[str, Any]) -> bool:
    """Whether a vote takes nothing back of what its voter has said before."""
    both = earlier["type"] == later["type"] == "items"
    return both and not {*earlier["items"]} & {*later["items"]}


def _settled(tallies: dict[str, Settled], cast: tuple[Vote, ...]) -> Settled:
    again = next((one for one in tallies.values() if _is_of_all(one.result)), None)
    if again is not None:
        return replace(again, votes=cast)
    verdicts = {item: _verdict(one.result) for item, one in tallies.items()}
    first = next(iter(tallies.values()))
    return replace(first, result=Items(verdicts, _comments(cast)), votes=cast)


def _is_of_all(result: Decision) -> bool:
    """Whether a result is another version: one that is asked for, or another list of items."""
    return isinstance(result, Revise) or (
        isinstance(result, Edit) and isinstance(result.value, list)
    )


def _items_in(votes: Sequence[Vote]) -> list[str]:
    decided = (vote.decision for vote in votes)
    ids = (item for one in decided if isinstance(one, Items) for item in one.verdicts)
    return [*dict.fromkeys(ids)]


def _votes_on(item: str, votes: Sequence[Vote]) -> list[Vote]:
    """The votes as they are about one item."""
    found = []
    for vote in votes:
        if not isinstance(vote.decision, Items):
            found.append(vote)
        elif item in vote.decision.verdicts:
            found.append(replace(vote, decision=_as_vote(vote.decision.verdicts[item])))
    return found


def _as_vote(verdict: ItemVerdict) -> Decision:
    """A verdict as a vote: to leave an item out is an answer of its own."""
    match verdict:
        case Approve() | Edit() | Reject():
            return verdict
        case Skip():
            return Choose(_SKIP)
        case RejectRest(message):
            return Reject(message)
        case _:
            assert_never(verdict)


def _verdict(result: Decision) -> ItemVerdict:
    """What a panel came to on one item; where all have abstained it does not pass."""
    match result:
        case Approve(comment):
            return Approve(comment)
        case Edit():
            return result
        case Choose():
            return Skip()
        case Reject(message) | Abstain(message):
            return Reject(message)
        case Respond() | Items() | Revise():
            raise AssertionError("a panel gives one of the answers that it was given")
        case _:
            assert_never(result)


def _comments(votes: Iterable[Vote]) -> str | None:
    said = (
        f"{vote.said_by}: {vote.decision.comment}"
        for vote in votes
        if isinstance(vote.decision, Items) and vote.decision.comment
    )
    return "\n".join(said) or None


def _cast(tallies: Iterable[Tally], votes: Sequence[Vote]) -> tuple[Vote, ...]:
    """The votes that count for one item at least, as they were cast."""
    counted = {vote.voter for one in tallies for vote in one.votes}
    latest = {vote.voter: vote for vote in votes if vote.voter in counted}
    return tuple(vote for vote in votes if latest.get(vote.voter) is vote)
