"""Lists: the right reviews in the right order, page by page, whatever is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.inbox._ledger.query import Filter, Order, cursor, statement
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox.review import Review
from tests.inbox.ledgers import MONDAY, LedgerPlace, filing, pending_ids, settlement

KEYS = ("*", "role:editors", "role:legal", "person:maria")
ORDERS: tuple[Order, ...] = ("priority", "oldest", "newest")


def variety() -> Iterator[Any]:
    """Filings that differ in everything that a list can ask for."""
    for number in range(60):
        yield filing(
            f"r{number * 37 % 60:02}",
            queue=("default", "legal", "späti")[number % 3],
            rank=number * 7 % 4,
            due=None if number % 4 == 0 else MONDAY + timedelta(hours=number * 11 % 5),
            kind=("human_approval", "qa_sample")[number % 2],
            risk=(None, "low", "high")[number * 5 % 3],
            action=("publish", "pay")[number // 2 % 2],
            thread_id=f"thread-{number % 10}",
            graph=("blog", "shop")[number // 3 % 2],
            eligible=tuple(key for bit, key in enumerate(KEYS) if (number % 15 + 1) >> bit & 1),
        )


@pytest.fixture(params=["file", "memory", "postgresql"])
def full(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Ledger, list[Review]]]:
    """A ledger of many reviews, and the reviews."""
    url = {"file": f"sqlite:///{tmp_path / 'reviews.db'}", "memory": "sqlite://"}.get(request.param)
    ledger = LedgerPlace(request.param, url or request.getfixturevalue("postgres_url")).open()
    with ledger.transaction() as tx:
        reviews = [tx.file(one)[0] for one in variety()]
    with ledger.transaction() as tx:
        for review in reviews[40:]:
            tx.settle(settlement(review.id))
        tx.park([(review.id, 0) for review in reviews[:30]])
    with ledger.reading() as rx:
        found = [rx.get(review.id) for review in reviews]
    yield ledger, [review for review in found if review is not None]
    ledger.close()


def sort_key(order: Order) -> Callable[[Review], Any]:
    if order == "priority":
        return lambda review: (
            review.rank,
            review.due or MONDAY.max.replace(tzinfo=MONDAY.tzinfo),
            review.created_at,
            review.id,
        )
    return lambda review: (review.created_at, review.id)


def expected(reviews: list[Review], *, order: Order = "priority", **asked: Any) -> list[str]:
    """What a list has to give, said once more in plain Python."""
    names = {"thread": "thread_id"}
    keys, role = asked.pop("reviewer_keys", None), asked.pop("role", None)
    status = asked.pop("status", "pending")
    chosen = [
        review
        for review in reviews
        if review.status == status
        and all(getattr(review, names.get(name, name)) == value for name, value in asked.items())
        and (status == "pending" or (keys is None and role is None))
        and (keys is None or set(keys) & set(review.eligible))
        and (role is None or f"role:{role}" in review.eligible)
    ]
    chosen.sort(key=sort_key(order), reverse=order == "newest")
    return [review.id for review in chosen]


def optional(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, None, *values])


ASKED = st.fixed_dictionaries(
    {
        "queue": optional("default", "legal", "späti", "other"),
        "role": optional("editors", "legal", "nobody"),
        "reviewer_keys": st.one_of(
            st.none(), st.lists(st.sampled_from([*KEYS, "role:nobody"]), max_size=4).map(tuple)
        ),
        "kind": optional("qa_sample"),
        "risk": optional("high", "low"),
        "action": optional("pay"),
        "thread": optional("thread-3", "thread-4"),
        "graph": optional("blog"),
        "status": st.sampled_from(["pending", "pending", "settled", "applied"]),
        "order": st.sampled_from(ORDERS),
    }
).map(lambda asked: {name: value for name, value in asked.items() if value is not None})


def test_a_list_gives_what_is_asked_for_page_by_page(full: tuple[Ledger, list[Review]]) -> None:
    ledger, reviews = full

    @settings(max_examples=150, deadline=None, database=None)
    @given(asked=ASKED, limit=st.integers(1, 70))
    def check(asked: dict[str, Any], limit: int) -> None:
        wanted = expected(reviews, **asked)
        with ledger.reading() as rx:
            assert [review.id for review in rx.pending(limit=1000, **asked)] == wanted
            page = rx.pending(limit=limit, **asked)
            assert [review.id for review in page] == wanted[:limit]
            if page:
                after = cursor(page[-1], asked["order"])
                more = rx.pending(limit=limit, after=after, **asked)
                assert [review.id for review in more] == wanted[limit : 2 * limit]

    check()


def test_who_comes_first_is_served_first(ledger: Ledger) -> None:
    soon = MONDAY + timedelta(days=1)
    with ledger.transaction() as tx:
        for review_id in ("late", "early", "b", "a"):
            tx.file(filing(review_id, due=soon if review_id == "early" else None))
        tx.file(filing("urgent", rank=0))
    with ledger.transaction() as tx:  # neither a new version nor a second look goes to the end
        tx.settle(settlement("late", outcome="needs_revision"))
        tx.file(filing("late", round=1))
        tx.settle(settlement("b"))
        tx.reopen("b", 0, actor="system:graph", reason="the answer did not fit")
    for asked in ({}, {"queue": "default"}, {"reviewer_keys": ("*",)}):
        assert pending_ids(ledger, **asked) == ["urgent", "early", "late", "b", "a"]
        assert pending_ids(ledger, limit=1, after=place(ledger, "early"), **asked) == ["late"]


def place(ledger: Ledger, review_id: str) -> str:
    """The cursor of a review, in the order of priority."""
    with ledger.reading() as rx:
        review = rx.get(review_id)
    assert review is not None
    return cursor(review, "priority")


def test_of_those_filed_at_the_same_moment_the_id_decides(ledger_place: LedgerPlace) -> None:
    ledger = ledger_place.open(clock=lambda: MONDAY)
    with ledger.transaction() as tx:
        for review_id in ("b", "c", "a"):
            tx.file(filing(review_id))
    assert pending_ids(ledger) == pending_ids(ledger, reviewer_keys=("*",)) == ["a", "b", "c"]
    ledger.close()


def test_a_list_has_whole_reviews_or_leaves_the_contents_out(
    full: tuple[Ledger, list[Review]],
) -> None:
    ledger, reviews = full
    known = {review.id: review for review in reviews}
    with ledger.reading() as rx:
        whole, bare = rx.pending(), rx.pending(content=False)
    assert whole == [known[review.id] for review in whole]
    assert [review.id for review in bare] == [review.id for review in whole]
    assert {len(review.request) for review in bare} == {0}


def test_a_page_goes_on_where_the_last_one_ended_though_reviews_come_and_go(
    ledger: Ledger,
) -> None:
    with ledger.transaction() as tx:
        for number in range(10):
            tx.file(filing(f"r{number}"))
    with ledger.reading() as rx:
        after = cursor(rx.pending(limit=4)[-1], "priority")
    with ledger.transaction() as tx:
        tx.file(filing("r0-urgent", rank=0))
        tx.file(filing("r0-later"))
        tx.settle(settlement("r3"))
        tx.settle(settlement("r4"))
    assert pending_ids(ledger, after=after) == ["r5", "r6", "r7", "r8", "r9", "r0-later"]


def test_the_reviews_of_a_thread_are_found(full: tuple[Ledger, list[Review]]) -> None:
    ledger, reviews = full
    with ledger.transaction() as tx:
        (first, *_) = [review for review in reviews if review.status == "settled"]
        tx.apply([(first.id, 0, "approved", None)])
    open_ids = {
        review.id
        for review in reviews
        if (review.status == "pending" or review.wake) and review.id != first.id
    }
    with ledger.reading() as rx:
        for thread in {review.thread_id for review in reviews}:
            for graph in ("blog", "shop"):
                found = {review.id for review in rx.open_on(thread, graph)}
                assert found == {
                    review.id
                    for review in reviews
                    if (review.thread_id, review.graph) == (thread, graph) and review.id in open_ids
                }


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_what_has_to_be_driven_is_walked_by_id(
    full: tuple[Ledger, list[Review]], limit: int
) -> None:
    ledger, reviews = full
    walked: list[str] = []
    with ledger.reading() as rx:
        while page := rx.wakeful(after=walked[-1] if walked else None, limit=limit):
            walked += [review.id for review in page]
    assert walked == sorted(review.id for review in reviews if review.wake)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"after": "%%%"}, "cursor"),
        ({"after": "bm8"}, "cursor"),
        ({"after": "e30"}, "cursor"),
        ({"after": ""}, "cursor"),
        ({"order": "random"}, "no order 'random'"),
        ({"status": "open"}, "no status 'open'"),
        ({"limit": 0}, "limit="),
        ({"limit": 1_000_000}, "limit="),
        ({"limit": "50"}, "limit="),
        ({"limit": True}, "limit="),
        ({"queue": "a\x00"}, "queue="),
        ({"reviewer_keys": ("a\ud800",)}, "reviewer_keys="),
    ],
)
def test_a_question_that_makes_no_sense_is_told(
    ledger: Ledger, asked: dict[str, Any], told: str
) -> None:
    with pytest.raises(InboxError, match=told), ledger.reading() as rx:
        rx.pending(**asked)
    assert pending_ids(ledger) == []


def test_the_cursor_of_another_order_is_told(ledger: Ledger) -> None:
    with ledger.transaction() as tx:
        review, _ = tx.file(filing())
    with pytest.raises(InboxError, match="another order"), ledger.reading() as rx:
        rx.pending(order="oldest", after=cursor(review, "priority"))


INDEXED: list[dict[str, Any]] = [
    {},
    {"order": "oldest"},
    {"order": "newest"},
    {"queue": "legal"},
    {"kind": "qa_sample"},
    {"role": "editors"},
    {"keys": ("*", "role:editors", "person:maria")},
    {"status": "applied", "order": "newest"},
]


@pytest.mark.parametrize("asked", INDEXED, ids=str)
@pytest.mark.parametrize("after", [False, True])
def test_sqlite_walks_an_index_and_sorts_no_more_than_a_page(
    tmp_path: Path, asked: dict[str, Any], after: bool
) -> None:
    import sqlite3

    place = LedgerPlace("file", f"sqlite:///{tmp_path / 'reviews.db'}")
    ledger = place.open()
    with ledger.transaction() as tx:
        review, _ = tx.file(filing())
    ledger.close()
    order = asked.get("order", "priority")
    wanted = Filter(**asked, after=cursor(review, order) if after else None)
    sql, values = statement(wanted, "sqlite")
    connection = sqlite3.connect(tmp_path / "reviews.db")
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    connection.close()
    keyed = asked.keys() & {"keys", "role"}  # pages are merged
    assert keyed or not any("TEMP B-TREE" in step for step in plan), plan
    assert all("USING" in step for step in plan if step.startswith(("SEARCH r", "SCAN r"))), plan
    if after:
        assert any((step.startswith("SEARCH") and ">" in step) or "<" in step for step in plan), (
            plan
        )


_INDEXES_ONLY = "-c enable_seqscan=off -c enable_bitmapscan=off -c enable_sort=off"


@pytest.mark.parametrize("asked", INDEXED, ids=str)
@pytest.mark.parametrize("after", [False, True])
def test_postgresql_can_walk_an_index_without_sorting(
    postgres_url: str, asked: dict[str, Any], after: bool
) -> None:
    ledger = LedgerPlace("postgresql", postgres_url).open()
    with ledger.transaction() as tx:
        review, _ = tx.file(filing())
    ledger.close()
    start = cursor(review, asked.get("order", "priority")) if after else None
    sql, values = statement(Filter(**asked, after=start), "postgresql")
    with psycopg.connect(postgres_url, options=_INDEXES_ONLY) as connection:
        rows = connection.execute(f"EXPLAIN {Sql(sql).postgresql}".encode(), values).fetchall()
    plan = [step.strip().removeprefix("->").strip() for (step,) in rows]
    scans = [step for step in plan if "Scan" in step]
    assert not any(step.startswith(("Sort  ", "Incremental Sort")) for step in plan), plan
    assert all(step.startswith("Index") for step in scans), plan
    if after:
        assert any("Index Cond" in step and "ROW(" in step for step in plan), plan
