"""Where the tables say something else than the audit: a status, a decision, a vote, a payload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._course import course_digest, course_from_json
from langgraph_hitl.inbox._ledger.audit import SUPERVISED
from langgraph_hitl.inbox._ledger.reviews import Shown
from langgraph_hitl.inbox._ledger.rows_hold import queue_problems, row_problems
from langgraph_hitl.inbox._ledger.runs import supervisors_digest
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Row, Session
from langgraph_hitl.inbox._ledger.values import due_micros, from_json, maybe_micros
from langgraph_hitl.inbox.supervised_run import Hold

FILED = ("filed", "renewed", "auto_approved")
DECIDED = ("settled", "cancelled", "auto_approved")
COURSED = ("filed", "renewed", "auto_approved", "reminded", "escalated", "deferred")
"""The events that say which course a review has from then on."""
TRANSITIONS = (
    *("filed", "renewed", "auto_approved", "settled", "cancelled"),
    *("reopened", "superseded", "applied", "run_failed"),
)
"""The events that change a status."""

OVERRIDDEN = "overridden"
"""Somebody has decided over what was decided; a `settled` follows where the graph can follow it."""

HELD: Mapping[str, Hold] = MappingProxyType(
    {"paused": "pause", "resumed": "none", "stopped": "stop"}
)
"""What a supervisor wants of a run from each of these events on."""

RESERVED = frozenset({*TRANSITIONS, "voted", "redacted", OVERRIDDEN})
"""The events that the tables are compared with."""

_STATUS_AFTER = {
    "filed": "pending",
    "renewed": "pending",
    "reopened": "pending",
    "superseded": "superseded",
    "auto_approved": "applied",
    "settled": "settled",
    "cancelled": "cancelled",
}


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _last(events: tuple[str, ...], *conditions: str) -> str:
    """The number of the last audit row with one of these events."""
    every = " AND ".join([f"b.event IN ({_listed(events)})", *conditions])
    return f"(SELECT max(b.seq) FROM hitl_audit AS b WHERE {every})"  # noqa: S608  # constants


def _not_followed_by(events: tuple[str, ...]) -> str:
    return (
        "NOT EXISTS (SELECT 1 FROM hitl_audit AS o WHERE o.review_id = a.review_id"  # noqa: S608
        f" AND o.round = a.round AND o.event IN ({_listed(events)}) AND o.seq > a.seq)"
    )


STANDS = _not_followed_by(("reopened", "superseded", *DECIDED))
"""That the decision of the audit row `a` was neither taken back, overtaken nor overridden."""

_NOT_HANDED_OVER = (
    "NOT EXISTS (SELECT 1 FROM hitl_audit AS h WHERE h.review_id = a.review_id"
    " AND h.round = a.round AND h.event = 'escalated' AND h.seq > a.seq"
    """ AND (h.salt IS NULL OR h.content LIKE '%"place":%'))"""
)
"""That no escalation after the vote `a` put the review before others, who begin anew."""

_REVIEWS = Sql(
    "SELECT r.id, r.status, r.round, r.outcome, r.digest, v.digest, a.event, a.round, a.outcome,"  # noqa: S608
    " c.event, r.decided_by, r.decided_at, s.decided_by, s.at FROM hitl_reviews AS r"
    " LEFT JOIN hitl_versions AS v ON v.review_id = r.id AND v.round = r.round"
    " LEFT JOIN hitl_settlements AS s ON s.review_id = r.id AND s.round = r.round"
    f" LEFT JOIN hitl_audit AS a ON a.seq = {_last(TRANSITIONS, 'b.review_id = r.id')}"
    " LEFT JOIN hitl_audit AS c"
    f" ON c.seq = {_last(DECIDED, 'b.review_id = r.id', 'b.round = r.round')}"
)
_COURSES = Sql(
    "SELECT r.id, r.course, r.next_at, r.due, r.eligible, a.content FROM hitl_reviews AS r"  # noqa: S608
    " LEFT JOIN hitl_audit AS a"
    f" ON a.seq = {_last(COURSED, 'b.review_id = r.id')} WHERE r.course IS NOT NULL"
)
_VERSIONS = Sql(
    "SELECT v.review_id, v.round, v.digest, v.request, v.question, a.digest, a.content, a.salt,"  # noqa: S608
    " v.filed_at, a.at FROM hitl_versions AS v LEFT JOIN hitl_audit AS a"
    f" ON a.seq = {_last(FILED, 'b.review_id = v.review_id', 'b.round = v.round')}"
)
_SETTLEMENTS = Sql(
    "SELECT s.review_id, s.round, s.digest, s.outcome, s.decided_by, s.at, s.channel, s.decision,"  # noqa: S608
    " s.authority, a.digest, a.outcome, a.actor, a.at, a.channel, a.content, a.event"
    f" FROM hitl_settlements AS s LEFT JOIN hitl_audit AS a"
    f" ON a.seq = {_last(DECIDED, 'b.review_id = s.review_id', 'b.round = s.round')}"
)
_SAME_VOTE = ("b.review_id = v.review_id", "b.round = v.round", "b.actor = v.voter")
_VOTES = Sql(
    "SELECT v.review_id, v.round, v.voter, v.at, v.channel, v.decision, v.roles,"  # noqa: S608
    " v.authority, a.at, a.channel, a.content, a.seq FROM hitl_votes AS v"
    " LEFT JOIN hitl_audit AS a"
    f" ON a.seq = {_last(('voted',), *_SAME_VOTE)}"
    " ORDER BY v.review_id, v.round, v.number, v.voter"
)
_LOST = {
    "review": Sql(
        "SELECT a.review_id FROM hitl_audit AS a WHERE a.event IN ('filed', 'auto_approved')"
        " AND NOT EXISTS (SELECT 1 FROM hitl_reviews AS r WHERE r.id = a.review_id) LIMIT 1"
    ),
    "version": Sql(
        f"SELECT a.review_id FROM hitl_audit AS a WHERE a.event IN ({_listed(FILED)})"  # noqa: S608
        " AND NOT EXISTS (SELECT 1 FROM hitl_versions AS v WHERE v.review_id = a.review_id"
        " AND v.round = a.round) LIMIT 1"
    ),
    "settlement": Sql(
        f"SELECT a.review_id FROM hitl_audit AS a WHERE a.event IN ({_listed(DECIDED)})"  # noqa: S608
        " AND NOT EXISTS (SELECT 1 FROM hitl_settlements AS s WHERE s.review_id = a.review_id"
        f" AND s.round = a.round) AND {STANDS} LIMIT 1"
    ),
    "vote": Sql(
        "SELECT a.review_id FROM hitl_audit AS a WHERE a.event = 'voted'"  # noqa: S608
        " AND NOT EXISTS (SELECT 1 FROM hitl_votes AS v WHERE v.review_id = a.review_id"
        f" AND v.round = a.round AND v.voter = a.actor)"
        f" AND {_not_followed_by(('reopened',))} AND {_NOT_HANDED_OVER} LIMIT 1"
    ),
    "run": Sql(
        f"SELECT a.review_id FROM hitl_audit AS a WHERE a.event IN ({_listed((*HELD,))})"  # noqa: S608
        " AND NOT EXISTS (SELECT 1 FROM hitl_runs AS r WHERE r.id = a.review_id) LIMIT 1"
    ),
}
_RUNS = Sql(
    "SELECT r.id, r.hold, a.event, r.supervisors, s.digest FROM hitl_runs AS r"  # noqa: S608
    f" LEFT JOIN hitl_audit AS a ON a.seq = {_last((*HELD,), 'b.review_id = r.id')}"
    f" LEFT JOIN hitl_audit AS s ON s.seq = {_last((SUPERVISED,), 'b.review_id = r.id')}"
)
_UNRECORDED_REMOVAL = Sql(
    "SELECT a.seq, a.event, a.review_id FROM hitl_audit AS a WHERE a.salt IS NULL AND NOT EXISTS"
    " (SELECT 1 FROM hitl_audit AS b WHERE b.review_id = a.review_id AND b.event = 'redacted'"
    " AND b.content IS NULL AND b.seq > a.seq) ORDER BY a.seq LIMIT 1"
)
"""One that names fields has a content, and has removed no whole one."""


def problems(session: Session) -> Iterator[str]:
    """What does not agree, the tables one after another."""
    return chain(
        _lost(session),
        _versions(session),
        _votes(session),
        _settlements(session),
        _reviews(session),
        _courses(session),
        row_problems(session),
        queue_problems(session),
        _runs(session),
        _removals(session),
    )


def _lost(session: Session) -> Iterator[str]:
    for what, sql in _LOST.items():
        row = session.row(sql)
        if row is not None:
            of = "" if what == "run" else " of review"
            yield f"a {what}{of} {row[0]} is in the audit, but not in its table"


def _reviews(session: Session) -> Iterator[str]:
    for row in session.stream(_REVIEWS):
        review_id, status, number, outcome, digest, version = row[:6]
        event, told_number, told_outcome, decided = row[6:10]
        by, at, settled_by, settled_at = row[10:]
        if event is None:
            yield f"review {review_id} is in its table, but not in the audit"
        elif (status, number) != (_status_after(event, decided), told_number):
            yield (
                f"review {review_id} is {status} in round {number}, but the audit says {event} "
                f"in round {told_number}"
            )
        elif outcome != told_outcome:
            yield f"review {review_id} is {outcome}, but the audit says {told_outcome}"
        elif digest != version:
            yield f"the digest of review {review_id} is not the one of its version"
        elif (by, at) != (settled_by, settled_at):
            yield f"review {review_id} names another person or time than its settlement"


def _courses(session: Session) -> Iterator[str]:
    for review_id, text, next_at, due, eligible, content in session.stream(_COURSES):
        told = from_json(content)
        if told is None:
            continue
        stored = _value(text)
        if told.get("course") != course_digest(stored) or not _led_by(
            stored, (next_at, due, _value(eligible))
        ):
            yield f"who decides review {review_id}, or by when, was changed"


def _led_by(stored: Any, found: tuple[int | None, int, Any]) -> bool:
    """Whether lists find a review by the moments of its course, and for those who decide it."""
    course = course_from_json(stored)
    keys = list(course.panel_at(course.told).eligible_keys)
    return (maybe_micros(course.next_at), due_micros(course.deadline), keys) == found


def _status_after(event: str, decided: str | None) -> str:
    """The status of a review after its last event; a cancelled one stays so when it is applied."""
    if event in ("applied", "run_failed"):
        return "cancelled" if decided == "cancelled" else "applied"
    return _STATUS_AFTER[event]


def _versions(session: Session) -> Iterator[str]:
    for row in session.stream(_VERSIONS):
        review_id, number, digest, request, question, told_digest, content, salt = row[:8]
        told = from_json(content)
        if told_digest != digest:
            yield f"the digest of review {review_id}, round {number}, was changed"
        elif row[8] != row[9]:
            yield f"when review {review_id}, round {number}, was filed was changed"
        elif told is not None and told["shown"] != Shown(request, question).digest:
            yield f"what review {review_id} shows in round {number} was changed"
        elif salt is None and (request, question) != (None, None):
            yield f"review {review_id} has a content in round {number} that its removal left behind"


def _settlements(session: Session) -> Iterator[str]:
    for row in session.stream(_SETTLEMENTS):
        review_id, number = row[:2]
        facts, decision, had, told_facts = row[2:7], row[7], row[8], row[9:14]
        told = from_json(row[14])
        if facts != told_facts:
            yield f"the settlement of review {review_id}, round {number}, was changed"
        elif row[15] != "auto_approved" and not _agree(decision, told, "decision"):
            yield f"the decision of review {review_id}, round {number}, was changed"
        elif told is not None and (_value(had) or {}) != told.get("authority", {}):
            yield f"the authority of {row[4]} on review {review_id}, round {number}, was changed"


def _votes(session: Session) -> Iterator[str]:
    before: Row = (None, None, 0)
    for row in session.stream(_VOTES):
        review_id, number, voter, at, channel, decision, roles, had = row[:8]
        told_at, told_channel, content, seq = row[8:]
        told = from_json(content)
        if (
            (at, channel) != (told_at, told_channel)
            or not _agree(decision, told, "decision")
            or (told is not None and _had(roles, had) != _had_told(told))
        ):
            yield f"the vote of {voter} on review {review_id}, round {number}, was changed"
        elif before[:2] == (review_id, number) and before[2] > seq:
            yield f"the order of the votes on review {review_id}, round {number}, was changed"
        before = (review_id, number, seq)


def _had(roles: str, authority: str | None) -> dict[str, Any]:
    more = _value(authority) or {}
    return {"roles": _value(roles), **(more if isinstance(more, dict) else {"": more})}


def _had_told(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "decision"}


def _runs(session: Session) -> Iterator[str]:
    for run_id, hold, event, supervisors, digest in session.stream(_RUNS):
        wanted = "none" if event is None else HELD[event]
        if hold != wanted:
            yield f"run {run_id} is held as {hold!r}, but the audit says {wanted!r}"
        elif digest not in (None, supervisors_digest(_value(supervisors))):
            yield f"who supervises run {run_id} was changed"


def _removals(session: Session) -> Iterator[str]:
    row = session.row(_UNRECORDED_REMOVAL)
    if row is not None:
        seq, event, review_id = row
        yield (
            f"the content of audit row {seq} ({event}, review {review_id}) was removed, "
            "and no row says by whom"
        )


def _agree(stored: str | None, told: Any, key: str) -> bool:
    """Whether a text is what the audit tells, or both were removed."""
    if stored is None or told is None:
        return stored is None and told is None
    return bool(_value(stored) == told[key])


def _value(text: str | None) -> Any:
    """The value of a text; of one that is damaged, something that no audit tells."""
    try:
        return from_json(text)
    except InboxError:
        return {"damaged": text}
