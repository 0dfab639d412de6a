"""From an answer to a verdict: who decided what, or that the question stays open.

With an inbox the ledger says it. Without one, a single answer is the verdict, and the votes of a
panel are counted in the question itself: the graph asks again, vote by vote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from langchain_core.runnables import RunnableConfig

from langgraph_hitl._subgraph.channels import Question
from langgraph_hitl._subgraph.desk import Verdict
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl._subgraph.terms import terms_of
from langgraph_hitl.review.decision import parse, to_json

if TYPE_CHECKING:
    from langgraph_hitl.panels import Panel, Vote

SETTLED = "verdict"
"""The key under which `ask` hands a verdict of the ledger on."""


class Unsettled(NamedTuple):
    """The question is put again, with the votes so far."""

    question: Question


def verdict_of(
    spec: GateSpec, question: Question, answer: dict[str, Any], config: RunnableConfig
) -> Verdict | Unsettled:
    """What the answer to a question comes to."""
    if SETTLED in answer:
        settled: Verdict = answer[SETTLED]
        return settled
    decision = {key: item for key, item in answer.items() if key not in ("by", "roles")}
    if spec.desk is not None:
        verdict = spec.desk.clerk(spec, config).direct(question, decision)
        return Unsettled(question) if verdict is None else verdict
    at = spec.clock().isoformat()
    panel = terms_of(spec, question).panel
    if panel is None:
        return {"decision": decision, "by": answer.get("by"), "at": at}
    from langgraph_hitl.review.reviewer import DIRECT

    vote = {
        "by": answer.get("by") or DIRECT.id,
        "roles": answer.get("roles", []),
        "decision": decision,
        "at": at,
    }
    return _counted(panel, question, vote)


def votes_in(votes: list[dict[str, Any]]) -> list[Vote]:
    """Stored votes, for a panel to count."""
    from langgraph_hitl.panels import Vote

    return [
        Vote(
            voter=vote.get("acting_for") or vote["by"],
            cast_by=vote["by"] if vote.get("acting_for") else None,
            roles=tuple(vote["roles"]),
            level=vote.get("level"),
            skills=tuple(vote.get("skills", ())),
            decision=parse(vote["decision"]),
        )
        for vote in votes
    ]


def single_decisions(votes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stored votes, for a record."""
    return [
        {**vote["decision"], "by": vote["by"], "at": vote["at"], **_for(vote)} for vote in votes
    ]


def _for(vote: dict[str, Any]) -> dict[str, Any]:
    """Whose vote it is, where a delegate has cast it."""
    return {"acting_for": vote["acting_for"]} if vote.get("acting_for") else {}


PANEL = "panel"
"""Who decided, where the vote that settled it was for something else: an abstention, a minority."""


def settled_by(result: dict[str, Any], voter: str, votes: list[dict[str, Any]]) -> str:
    """Who a settlement is put down to: the last voter if the vote agrees with the result."""
    own = next((vote["decision"] for vote in votes if vote["by"] == voter), result)
    return voter if own["type"] == result["type"] else PANEL


def _counted(panel: Panel, question: Question, vote: dict[str, Any]) -> Verdict | Unsettled:
    from langgraph_hitl.panels.per_item import adds_only, joined
    from langgraph_hitl.review.reviewer import Identity

    earlier = question.get("votes", [])
    voter = Identity(vote["by"], tuple(vote["roles"]))
    own = next((other["decision"] for other in earlier if other["by"] == vote["by"]), None)
    if panel.refusal(voter):
        return Unsettled(question)
    if own is not None:
        if not panel.may_change and not adds_only(own, vote["decision"]):
            return Unsettled(question)
        vote = {**vote, "decision": joined(own, vote["decision"])}
    votes = [*(other for other in earlier if other["by"] != vote["by"]), vote]
    tally = panel.tally(votes_in(votes))
    if tally.result is None:
        return Unsettled({**question, "votes": votes})
    return {
        "decision": to_json(tally.result),
        "by": settled_by(to_json(tally.result), vote["by"], votes),
        "at": vote["at"],
        "roles": list(vote["roles"]),
        "votes": single_decisions(votes),
    }
