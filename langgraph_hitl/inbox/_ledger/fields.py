"""Redacting named fields of a review, or of a supervised run: what is left still verifies.

A row of the audit commits to its content by a digest with a salt. Where a field goes, that salt has
to go, or who knows the rest could try values until the digest fits. So the row gets a new salt, and
the row `redacted` commits to the new digest. It counts only where a key of the audit holds: else
anybody with the database could put another content in the place of one that was committed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger import audit, runs
from langgraph_hitl.inbox._ledger.audit import AuditRow
from langgraph_hitl.inbox._ledger.blackening import Blackening, Path
from langgraph_hitl.inbox._ledger.reviews import Shown
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._ledger.transaction import Row, Session
from langgraph_hitl.inbox._ledger.values import from_json, to_json
from langgraph_hitl.inbox.supervised_run import SupervisedRun

_VERSIONS = Sql(
    "SELECT round, request FROM hitl_versions WHERE review_id = :review_id"
    " AND request IS NOT NULL ORDER BY round"
)
_DECISIONS = {
    "hitl_settlements": Sql(
        "SELECT round, '' AS voter, decision FROM hitl_settlements WHERE review_id = :review_id"
    ),
    "hitl_votes": Sql("SELECT round, voter, decision FROM hitl_votes WHERE review_id = :review_id"),
}
_SET_VERSION = Sql(
    "UPDATE hitl_versions SET request = :request, question = NULL"
    " WHERE review_id = :review_id AND round = :round"
)
_SET_DECISION = {
    "hitl_settlements": Sql(
        "UPDATE hitl_settlements SET decision = :decision"
        " WHERE review_id = :review_id AND round = :round AND :voter = ''"
    ),
    "hitl_votes": Sql(
        "UPDATE hitl_votes SET decision = :decision"
        " WHERE review_id = :review_id AND round = :round AND voter = :voter"
    ),
}
_SET_ROW = Sql(
    "UPDATE hitl_audit SET reason = :reason, content = :content, salt = :salt WHERE seq = :seq"
)

_CLIENTS = ("action_requests", "review_configs")
"""What clients read of a request repeats the subject and the context."""

Digests = dict[str, str]
"""The new digests of the contents of audit rows, by their numbers."""


def redact_fields(
    session: Session, review_id: str, paths: list[Path], *, token: Callable[[], str]
) -> Digests:
    """Remove fields from everything that a review keeps; what its audit rows commit to now.

    Raises:
        InboxError: One of them is nowhere.
    """
    black = Blackening(paths)
    versions = session.rows(_VERSIONS, review_id=review_id)
    requests = {number: _without(black, from_json(text, dict)) for number, text in versions}
    tables = {name: session.rows(sql, review_id=review_id) for name, sql in _DECISIONS.items()}
    for rows in tables.values():
        for row in rows:
            _decision(black, from_json(row[2]))
    history = audit.history(session, review_id)
    contents = {row.seq: _content(black, row.content) for row in history if not row.redacted}
    _check_all(black, paths, versions)

    names = {".".join(path) for path in paths}
    shown: dict[int, str] = {}
    for number, request in requests.items():
        told = {"redacted": sorted(names | {*request.get("redacted", ())})}
        shown[number] = _set_version(session, review_id, number, _clean(black, request) | told)
    for name, rows in tables.items():
        for number, voter, text in rows:
            if text is not None:
                decision = to_json(_clean(black, _decision(black, from_json(text))), "A decision")
                where: Any = {"review_id": review_id, "round": number, "voter": voter}
                session.run(_SET_DECISION[name], decision=decision, **where)
    return dict(
        _set_row(session, row, black, _recommitted(row, contents[row.seq], shown), salt=token())
        for row in history
        if row.seq in contents
    )


def redact_run_fields(
    session: Session, run: SupervisedRun, paths: list[Path], *, token: Callable[[], str]
) -> Digests:
    """`redact_fields` of what was changed in the state of a supervised run."""
    black = Blackening(paths)
    history = [
        row
        for row in audit.history(session, run.id)
        if not row.redacted and row.event != audit.SUPERVISED
    ]
    contents = {row.seq: _content(black, row.content) for row in history}
    missing = [path for path in paths if path not in black.removed]
    if missing:
        told = [row.content["update"] for row in history if row.event == "steered"]
        known = sorted({f"update.{key}" for update in told for key in update})
        raise InboxError(
            f"No change of the state of {run.id} has a field {'.'.join(missing[0])!r} that could "
            f"be removed; it has {', '.join(known) or 'none any more'}"
        )
    runs.forget(session, run, reason=black.clean(run.reason), error=black.clean(run.error))
    return dict(_set_row(session, row, black, contents[row.seq], salt=token()) for row in history)


def _without(black: Blackening, request: dict[str, Any]) -> dict[str, Any]:
    """A request without the fields, and without what repeats them in other forms."""
    left = {name: item for name, item in request.items() if name not in _CLIENTS}
    left["subject"] = black.remove("subject", request.get("subject"))
    left["context"] = black.remove("context", request.get("context"))
    left["history"] = [
        {name: item for name, item in entry.items() if name != "diff"}
        | ({"version": black.remove("subject", entry["version"])} if "version" in entry else {})
        | {"decision": _decision(black, entry.get("decision"))}
        for entry in request.get("history") or []
    ]
    return left


def _decision(black: Blackening, decision: Any) -> Any:
    """A decision without the fields: an edited value has those of the subject."""
    if not isinstance(decision, dict):
        return decision
    left = black.remove("decision", decision)
    return {**left, "value": black.remove("subject", left["value"])} if "value" in left else left


def _content(black: Blackening, content: Any) -> Any:
    """The content of an audit row without the fields."""
    if not isinstance(content, dict):
        return content
    left = dict(content)
    if "decision" in left:
        left["decision"] = _decision(black, left["decision"])
    if isinstance(left.get("earlier"), dict):
        earlier = left["earlier"]
        left["earlier"] = earlier | {"decision": _decision(black, earlier.get("decision"))}
    if "result" in left:
        left["result"] = black.remove("result", left["result"])
    if "update" in left:
        left["update"] = black.remove("update", left["update"])
    return left


_WORDS = frozenset(
    (
        *("schema_version", "review_id", "thread_id", "kind", "action", "subject_key", "digest"),
        *("round", "revisions_left", "asked_at", "deadline", "allowed_decisions", "redacted"),
        *("type", "by", "at", "roles", "outcome", "decided_by", "decided_at", "distance"),
        *("needed", "score", "trigger"),
    )
)
"""What a record says in words of ours, ids and moments."""
_CONTENTS = ("subject", "context", "version", "value", "message", "choices", "result", "update")
"""Where a record has what is not ours, names too."""


def _clean(black: Blackening, record: Any) -> Any:
    """A record without what was removed from its contents; it can still be read as one."""
    match record:
        case list():
            return [_clean(black, each) for each in record]
        case dict():
            return {name: _cleaned(black, name, item) for name, item in record.items()}
        case _:
            return black.clean(record)


def _cleaned(black: Blackening, name: str, item: Any) -> Any:
    if name in _WORDS:
        return item
    return black.clean(item) if name in _CONTENTS else _clean(black, item)


_CLEANED = ("decision", "earlier", "result", "error", "update")
"""What people and actions wrote; the rest of a content is digests, names and moments."""


def _recommitted(row: AuditRow, content: Any, shown: Mapping[int, str]) -> Any:
    """The content of a row that says what a version shows, with what it shows now."""
    digest = None if row.round is None else shown.get(row.round)
    if digest is None or not isinstance(content, dict) or "shown" not in content:
        return content
    return content | {"shown": digest}


def _set_version(session: Session, review_id: str, number: int, request: Any) -> str:
    """Keep a request; the digest of what it shows. The question is for graphs that wait."""
    text = to_json(request, "A request")
    session.run(_SET_VERSION, review_id=review_id, round=number, request=text)
    return Shown(text, None).digest


def _set_row(
    session: Session, row: AuditRow, black: Blackening, content: Any, *, salt: str
) -> tuple[str, str]:
    """Keep what is left of an audit row; its number, and the digest of that."""
    if isinstance(content, dict):
        said = {name: item for name, item in content.items() if name in _CLEANED}
        content = content | _clean(black, said)
    reason = black.clean(row.reason)
    text = None if content is None else to_json(content, "The content of the audit")
    session.run(_SET_ROW, seq=row.seq, reason=reason, content=text, salt=salt)
    return str(row.seq), audit.content_digest(salt=salt, reason=reason, content=text)


def _check_all(black: Blackening, paths: list[Path], versions: Sequence[Row]) -> None:
    missing = [path for path in paths if path not in black.removed]
    if not missing:
        return
    known: set[str] = set()
    for _, text in versions:
        request = from_json(text, dict)
        for root in ("subject", "context"):
            found = request.get(root)
            known |= {f"{root}.{name}" for name in found} if isinstance(found, dict) else {root}
    raise InboxError(
        f"The review has no field {'.'.join(missing[0])!r} that could be removed; it shows "
        f"{', '.join(sorted(known)) or 'nothing any more'}"
    )
