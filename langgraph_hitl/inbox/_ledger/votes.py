"""Votes on one version of a review, at most one of each voter."""

from __future__ import annotations

from langgraph_hitl.inbox._ledger import authority
from langgraph_hitl.inbox._ledger.audit import Entry
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import from_json, micros, moment, name_text, to_json
from langgraph_hitl.inbox.review import Authority, Ballot

_INSERT = (
    "INSERT INTO hitl_votes (review_id, round, voter, number, roles, decision, at, channel,"
    " authority)"
    " VALUES (:review_id, :round, :voter, (SELECT coalesce(max(number), 0) + 1 FROM hitl_votes"
    " WHERE review_id = :review_id AND round = :round), :roles, :decision, :at, :channel,"
    " :authority)"
    " ON CONFLICT (review_id, round, voter) DO "
)
_VOTE_ONCE = Sql(_INSERT + "NOTHING")
_VOTE_AGAIN = Sql(
    _INSERT + "UPDATE SET number = excluded.number, roles = excluded.roles,"
    " decision = excluded.decision, at = excluded.at, channel = excluded.channel,"
    " authority = excluded.authority"
)
_VOTES = Sql(
    "SELECT voter, roles, decision, at, channel, authority FROM hitl_votes"
    " WHERE review_id = :review_id AND round = :round ORDER BY number, voter"
)
_DROP = Sql("DELETE FROM hitl_votes WHERE review_id = :review_id AND round = :round")
_DROP_CONTENT = Sql("UPDATE hitl_votes SET decision = NULL WHERE review_id = :review_id")


def vote(session: Session, ballot: Ballot, *, replace: bool) -> bool:
    """Keep a vote; False if this voter has voted and `replace` is not set."""
    changed = session.run(
        _VOTE_AGAIN if replace else _VOTE_ONCE,
        review_id=ballot.review_id,
        round=ballot.round,
        voter=name_text(ballot.voter, "A voter"),
        roles=to_json(list(ballot.roles), "The roles of a voter"),
        decision=to_json(ballot.decision, "A vote"),
        at=micros(ballot.at),
        channel=ballot.channel,
        authority=authority.packed(_authority(ballot)),
    )
    return changed == 1


def votes(session: Session, review_id: str, round: int) -> list[Ballot]:
    """The votes on one version, in the order in which they were cast."""
    rows = session.rows(_VOTES, review_id=review_id, round=round)
    return [
        Ballot(
            review_id=review_id,
            round=round,
            voter=voter,
            roles=tuple(from_json(roles, list)),
            decision=from_json(decision, dict) or {},
            at=moment(at),
            channel=channel,
            level=had.level,
            skills=had.skills,
            acting_for=had.acting_for,
        )
        for voter, roles, decision, at, channel, packed in rows
        for had in (authority.unpacked(packed),)
    ]


def drop(session: Session, review_id: str, round: int) -> None:
    session.run(_DROP, review_id=review_id, round=round)


def drop_content(session: Session, review_id: str) -> None:
    session.run(_DROP_CONTENT, review_id=review_id)


def _authority(ballot: Ballot) -> Authority | None:
    """What it was beside the roles, which have a column of their own."""
    if ballot.level is None and not ballot.skills and ballot.acting_for is None:
        return None
    return Authority(level=ballot.level, skills=ballot.skills, acting_for=ballot.acting_for)


def entry(ballot: Ballot) -> Entry:
    """The audit row of a vote."""
    return Entry(
        review_id=ballot.review_id,
        event="voted",
        actor=ballot.voter,
        at=ballot.at,
        channel=ballot.channel,
        round=ballot.round,
        reason=str(ballot.decision.get("type")),
        content={
            "roles": list(ballot.roles),
            "decision": ballot.decision,
            **authority.told(_authority(ballot)),
        },
    )
