"""Payloads that are hardly JSON: each is asked all the same, and holds up no other graph."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from langgraph_hitl import Approve, Respond
from tests.inbox.foreign.conftest import Watched, thread
from tests.inbox.foreign.graphs import asking


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


ODD: dict[str, Any] = {
    "bytes": b"now",
    "a set": {1, 2},
    "not a number": {"amount": math.nan},
    "endless": math.inf,
    "keys that are no texts": {1: 2},
    "a NUL": "a\x00b",
    "large": "x" * 2_000_000,
    "deep": deep(200),
    "a batch of nothing": {"action_requests": [], "review_configs": []},
    "half a batch": {"action_requests": "x", "review_configs": 3},
    "a call with bytes": {
        "action_requests": [{"name": "a", "args": {"x": b"1"}}],
        "review_configs": [{"action_name": "a", "allowed_decisions": ["approve"]}],
    },
    "as if it were a gate": {"review_id": "rv-1", "round": 0, "kind": "approval"},
}


@pytest.mark.parametrize("name", list(ODD))
def test_what_is_hardly_json_is_a_question(watched: Watched, ran: Any, name: str) -> None:
    app, other = watched.watch(asking(ODD[name])), watched.watch(asking("ok?"), "other")
    config = thread()
    app.invoke({}, config)
    other.invoke({}, thread())
    watched.inbox.reconcile()
    asked = {review.graph: review for review in watched.inbox.pending()}
    assert asked.keys() == {"graph", "other"}
    done = watched.inbox.decide(asked["graph"].id, Respond("yes"), by="ann")
    assert (done.status, ran(app, config)) == ("applied", ["yes", "after"])


class Own:
    """No saver can write it down."""


@pytest.mark.parametrize("make", [Own, lambda: deep(900), lambda: 10**30])
def test_what_no_saver_takes_is_an_error_of_the_run(
    watched: Watched, make: Callable[[], Any]
) -> None:
    app, other = watched.watch(asking(make())), watched.watch(asking("ok?"), "other")
    with pytest.raises(TypeError):
        app.invoke({}, thread())
    other.invoke({}, thread())
    report = watched.inbox.reconcile()
    assert (report.filed, report.failed) == (0, {})
    (review,) = watched.inbox.pending()
    assert watched.inbox.decide(review.id, Respond(1), by="ann").status == "applied"


def test_many_calls_in_one_question(watched: Watched, ran: Any) -> None:
    batch = {
        "action_requests": [{"name": "a", "args": {"n": number}} for number in range(12)],
        "review_configs": [{"action_name": "a", "allowed_decisions": ["approve"]}],
    }
    app = watched.watch(asking(batch))
    config = thread()
    app.invoke({}, config)
    reviews = watched.inbox.pending()
    assert len(reviews) == 12
    for review in reviews:
        watched.inbox.decide(review.id, Approve(), by="ann")
    assert len(ran(app, config)[0]["decisions"]) == 12
