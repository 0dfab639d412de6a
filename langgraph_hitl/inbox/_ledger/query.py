"""Lists of reviews, page by page: every page starts where the last one ended, on an index."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, assert_never

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger.reviews import joined, page, selected
from langgraph_hitl.inbox._ledger.sql import Dialect, Sql
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import due_micros, micros, name_text
from langgraph_hitl.inbox.review import STATUSES, Review, Status
from langgraph_hitl.triggers.number import quoted

Order = Literal["priority", "oldest", "newest"]
"""`oldest`, `newest`: by the time of filing. `priority`: by rank, by deadline, then the oldest."""

MAX_LIMIT = 10_000


def _both(select: str) -> dict[bool, Sql]:
    """A list with the contents of its reviews, and without them."""
    return {
        content: Sql(
            f"SELECT {selected(content=content)} FROM hitl_reviews AS r"  # noqa: S608  # constants
            f"{joined(content=content)} {select}"
        )
        for content in (True, False)
    }


_OPEN_ON = _both(
    "WHERE r.thread_id = :thread AND r.graph = :graph AND (r.status = 'pending' OR r.wake = 1)"
    " ORDER BY r.id"
)
_WAKEFUL = _both("WHERE r.wake = 1 AND r.id > :after ORDER BY r.id LIMIT :limit")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which reviews, in which order. `keys` names who asks: one of them has to be eligible.

    `now` leaves out what is deferred until later, or with `deferred` everything else.
    """

    queue: str | None = None
    role: str | None = None
    keys: tuple[str, ...] | None = None
    kind: str | None = None
    risk: str | None = None
    action: str | None = None
    thread: str | None = None
    graph: str | None = None
    status: Status = "pending"
    order: Order = "priority"
    limit: int = 50
    after: str | None = None
    assigned: str | None = None
    now: int | None = None
    deferred: bool = False


def pending(session: Session, wanted: Filter, *, content: bool) -> list[Review]:
    """One page of the reviews that a filter asks for."""
    _check(wanted)
    if wanted.keys == ():
        return []
    sql, values = statement(wanted, session.dialect, content=content)
    return page(session.rows(Sql(sql), **values))


def open_on(session: Session, thread_id: str, graph: str, *, content: bool) -> list[Review]:
    """The reviews of a thread that are pending, or that the graph has still to be driven for."""
    return page(session.rows(_OPEN_ON[content], thread=thread_id, graph=graph))


def wakeful(session: Session, *, after: str | None, limit: int, content: bool) -> list[Review]:
    """The next reviews whose graph has still to be driven, by id."""
    return page(session.rows(_WAKEFUL[content], after=after or "", limit=limit))


def cursor(review: Review, order: Order) -> str:
    """Where the page after `review` starts, in this order."""
    return packed(order, _place(review, order))


def packed(order: str, place: Sequence[Any]) -> str:
    """The cursor of a place in a list that is in this order."""
    text = json.dumps([order, *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(review: Review, order: Order) -> list[Any]:
    match order:
        case "priority":
            return [review.rank, due_micros(review.due), micros(review.created_at), review.id]
        case "oldest" | "newest":
            return [micros(review.created_at), review.id]
        case _:
            assert_never(order)


def unpacked(text: Any, order: str, types: list[type]) -> list[Any]:
    """The place of a cursor; raises `InboxError` for what is none, or one of another order."""
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        made_for: Any = found[0]
        place: list[Any] = found[1:]
    except (binascii.Error, ValueError, TypeError, LookupError):
        raise InboxError("after= is not the cursor of a review; take the one of a page") from None
    if made_for != order or [type(one) for one in place] != types:
        raise InboxError(f"after= is the cursor of another order than {quoted(order)}")
    return place


def check_limit(limit: Any) -> None:
    """Raises `InboxError` for what is no length of a page."""
    if type(limit) is not int or not 1 <= limit <= MAX_LIMIT:
        raise InboxError(f"limit= is a number from 1 to {MAX_LIMIT:,}, not {quoted(limit)}")


def _check(wanted: Filter) -> None:
    if wanted.order not in ("priority", "oldest", "newest"):
        raise InboxError(
            f"There is no order {quoted(wanted.order)}; use priority, oldest or newest"
        )
    if wanted.status not in STATUSES:
        raise InboxError(
            f"There is no status {quoted(wanted.status)}; use one of {', '.join(STATUSES)}"
        )
    check_limit(wanted.limit)


def statement(
    wanted: Filter, dialect: Dialect, *, content: bool = False
) -> tuple[str, dict[str, Any]]:
    """The statement of a list: led by who is eligible, where the order allows it.

    Status and limit stand in it as literals: a partial index is used only where its condition
    stands, and PostgreSQL keeps the plan of a prepared statement only if it knows the limit.
    """
    values: dict[str, Any] = {}
    conditions = []
    for column, value in _equal(wanted).items():
        conditions.append(f"r.{column} = :{column}")
        values[column] = name_text(value, f"{column}=")
    keys = list(dict.fromkeys(wanted.keys)) if wanted.keys is not None else None
    if wanted.role is not None:
        role = f"role:{wanted.role}"
        if keys is None:
            keys = [role]
        else:
            conditions.append(_is_eligible([role], values, "role"))
    if wanted.after is not None:
        values |= _after_values(wanted)
    if wanted.thread is not None and wanted.status == "pending":
        conditions.append("(r.status = 'pending' OR r.wake = 1)")  # as the index of threads says
    if wanted.now is not None and wanted.status == "pending":
        values["now"] = wanted.now
    if keys is not None and wanted.order == "priority" and wanted.status == "pending":
        return _merge(wanted, conditions, keys, values, content=content), values
    if keys is not None:
        conditions.append(_is_eligible(keys, values, "key"))
    conditions += [f"r.status = '{wanted.status}'", *_visible(wanted, "r")]
    return _walk(wanted, conditions, dialect, content=content), values


def _equal(wanted: Filter) -> dict[str, str]:
    given = {
        "queue": wanted.queue,
        "kind": wanted.kind,
        "risk": wanted.risk,
        "action": wanted.action,
        "thread_id": wanted.thread,
        "graph": wanted.graph,
        "assigned": wanted.assigned,
    }
    return {column: value for column, value in given.items() if value is not None}


def _after_values(wanted: Filter) -> dict[str, Any]:
    assert wanted.after is not None
    types = [int, int, int, str] if wanted.order == "priority" else [int, str]
    place = unpacked(wanted.after, wanted.order, types)
    return {f"after_{number}": value for number, value in enumerate(place)}


def _walk(wanted: Filter, conditions: Sequence[str], dialect: Dialect, *, content: bool) -> str:
    """Along an index of the reviews themselves."""
    match wanted.order:
        case "priority":
            columns, direction = ["r.rank", "r.due", "r.created_at", "r.id"], "ASC"
        case "oldest":
            columns, direction = ["r.created_at", "r.id"], "ASC"
        case "newest":
            columns, direction = ["r.created_at", "r.id"], "DESC"
        case _:
            assert_never(wanted.order)
    every = [*conditions, *_beyond(wanted, columns, ">" if direction == "ASC" else "<")]
    by = ", ".join(f"{column} {direction}" for column in columns)
    return (
        f"SELECT {selected(content=content)} FROM hitl_reviews AS r{_hint(wanted, dialect)}"  # noqa: S608
        f"{joined(content=content)} WHERE {' AND '.join(every)} ORDER BY {by} LIMIT {wanted.limit}"
    )


def _hint(wanted: Filter, dialect: Dialect) -> str:
    """SQLite takes the index with the most equal columns, and then sorts the whole queue."""
    if dialect != "sqlite" or wanted.status != "pending" or wanted.order != "priority":
        return ""
    if wanted.thread is not None:
        return " INDEXED BY hitl_reviews_thread"
    return f" INDEXED BY hitl_reviews_{'queue' if wanted.queue is None else 'named_queue'}"


def _merge(
    wanted: Filter,
    conditions: Sequence[str],
    keys: Sequence[str],
    values: dict[str, Any],
    *,
    content: bool,
) -> str:
    """Along the index of who is eligible: one page per key, merged without duplicates."""
    # CROSS JOIN keeps SQLite from starting with the reviews.
    also = " CROSS JOIN hitl_reviews AS r" if conditions else ""
    same = ["r.id = e.review_id"] if conditions else []
    place = ["e.rank", "e.due", "e.created_at", "e.review_id"]
    listed = ", ".join(place)
    parts = []
    for number, key in enumerate(keys):
        values[f"key_{number}"] = name_text(key, "reviewer_keys=")
        beyond = _beyond(wanted, place, ">")
        shown = _visible(wanted, "e")
        every = [f"e.key = :key_{number}", *same, *beyond, *shown, *conditions]
        parts.append(
            f"SELECT * FROM (SELECT {listed} FROM hitl_eligible AS e{also}"  # noqa: S608
            f" WHERE {' AND '.join(every)}"
            f" ORDER BY {listed} LIMIT {wanted.limit}) AS k{number}"
        )
    merged = f"{' UNION '.join(parts)} ORDER BY 1, 2, 3, 4 LIMIT {wanted.limit}"
    return (
        f"SELECT {selected(content=content)} FROM ({merged}) AS p CROSS JOIN hitl_reviews AS r"  # noqa: S608
        f"{joined(content=content)} WHERE r.id = p.review_id"
        " ORDER BY p.rank, p.due, p.created_at, p.review_id"
    )


def _visible(wanted: Filter, table: str) -> list[str]:
    if wanted.now is None or wanted.status != "pending":
        return []
    return [f"{table}.hidden {'>' if wanted.deferred else '<='} :now"]


def _beyond(wanted: Filter, columns: Sequence[str], sign: str) -> list[str]:
    if wanted.after is None:
        return []
    places = ", ".join(f":after_{number}" for number in range(len(columns)))
    return [f"({', '.join(columns)}) {sign} ({places})"]


def _is_eligible(keys: Sequence[str], values: dict[str, Any], name: str) -> str:
    values |= {f"{name}_{n}": name_text(key, "reviewer_keys=") for n, key in enumerate(keys)}
    listed = ", ".join(f":{name}_{number}" for number in range(len(keys)))
    return (
        f"EXISTS (SELECT 1 FROM hitl_eligible AS x WHERE x.key IN ({listed})"  # noqa: S608
        " AND x.rank = r.rank AND x.due = r.due AND x.created_at = r.created_at"
        " AND x.review_id = r.id)"
    )
