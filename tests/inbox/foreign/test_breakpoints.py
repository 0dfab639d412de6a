"""Static breakpoints: approve lets the graph go on, reject leaves it where it is."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.types import Command

from langgraph_hitl import Approve, Edit, Reject
from langgraph_hitl.errors import AlreadyDecided, InvalidDecision, NotAuthorised, StaleReview
from tests.inbox.foreign.conftest import OPS, Watched, thread
from tests.inbox.foreign.graphs import one_after_the_other

GO_ON: list[Any] = [None, Command(resume=True), Command(resume={"0" * 32: 1})]


def stopping(watched: Watched, **options: Any) -> Any:
    stops = {key: options.pop(key) for key in list(options) if key.startswith("interrupt_")}
    app = one_after_the_other("a", "b", "c").compile(checkpointer=watched.saver, **stops)
    return watched.inbox.watch(app, "graph", **options)


@pytest.mark.parametrize("stops", [{"interrupt_before": ["b"]}, {"interrupt_after": ["a"]}])
def test_approve_goes_on(watched: Watched, ran: Any, stops: dict[str, Any]) -> None:
    app = stopping(watched, **stops)
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    assert (review.kind, review.request["subject"]) == ("breakpoint", {"next": ["b"]})
    with pytest.raises(InvalidDecision):
        watched.inbox.decide(review.id, Edit("x"), by="ann")
    assert watched.inbox.decide(review.id, Approve(), by="ann").status == "applied"
    assert ran(app, config) == ["a", "b", "c"]
    assert watched.inbox.pending() == []


def test_every_stop_is_asked(watched: Watched, ran: Any) -> None:
    app = stopping(watched, interrupt_before="*")
    config = thread()
    app.invoke({}, config)
    seen = []
    while waiting := watched.inbox.pending():
        seen.append(waiting[0].request["subject"]["next"])
        watched.inbox.decide(waiting[0].id, Approve(), by="ann")
    assert seen == [["a"], ["b"], ["c"]]
    assert ran(app, config) == ["a", "b", "c"]


def test_reject_leaves_it_and_nobody_is_asked_again(watched: Watched, ran: Any) -> None:
    app = stopping(watched, interrupt_before=["b"])
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    done = watched.inbox.decide(review.id, Reject("no"), by="ann")
    assert (done.status, done.outcome) == ("applied", "rejected")
    assert watched.inbox.reconcile().filed == 0
    assert watched.inbox.work().idle
    for go_on in GO_ON[:2]:
        with pytest.raises(AlreadyDecided, match="rejected by ann"):
            app.invoke(go_on, config)
    assert ran(app, config) == ["a"]


def test_whoever_lets_it_go_on_decides_as_direct(watched: Watched, ran: Any) -> None:
    app = stopping(watched, interrupt_before=["b"])
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    app.invoke(None, config)
    assert ran(app, config) == ["a", "b", "c"]
    assert watched.inbox.get(review.id).decided_by == "direct"


@pytest.mark.parametrize("go_on", GO_ON)
def test_where_reviewers_are_named_nobody_else_passes(
    watched: Watched, ran: Any, go_on: Any
) -> None:
    app = stopping(watched, interrupt_before=["b"], reviewers="ops")
    config = thread()
    app.invoke({}, config)
    with pytest.raises(NotAuthorised):
        app.invoke(go_on, config)
    assert ran(app, config) == ["a"]
    watched.inbox.decide(watched.inbox.pending()[0].id, Approve(), by=OPS)
    assert ran(app, config) == ["a", "b", "c"]


def test_a_breakpoint_that_was_given_with_the_run(watched: Watched, ran: Any) -> None:
    app = stopping(watched)
    config = thread()
    app.invoke({}, config, interrupt_before=["c"])
    assert watched.inbox.reconcile().ended == 0
    (review,) = watched.inbox.pending()
    watched.inbox.decide(review.id, Approve(), by="ann")
    assert ran(app, config) == ["a", "b", "c"]


def test_a_graph_that_has_ended_asks_nothing(watched: Watched) -> None:
    app = stopping(watched, interrupt_after=["c"])
    app.invoke({}, thread())
    assert watched.inbox.pending() == []
    watched.inbox.reconcile()
    assert watched.inbox.pending() == []


def test_a_worker_that_finds_an_undecided_one_does_not_pass_it(watched: Watched, ran: Any) -> None:
    app = stopping(watched, interrupt_before=["b"])
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    with watched.inbox._office.ledger.transaction() as tx:
        tx.rouse([(review.id, review.round)])  # as where a process was killed after it had filed it
    watched.inbox.work()
    assert ran(app, config) == ["a"]
    assert watched.inbox.work().idle
    watched.inbox.decide(review.id, Approve(), by="ann")
    assert ran(app, config) == ["a", "b", "c"]


@pytest.mark.parametrize("decision", [Approve(), Reject("no")])
def test_one_that_was_passed_without_the_inbox_takes_no_decision(
    watched: Watched, ran: Any, decision: Any
) -> None:
    app = stopping(watched, interrupt_before=["b"])
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    one_after_the_other("a", "b", "c").compile(checkpointer=watched.saver).invoke(None, config)
    with pytest.raises(StaleReview, match="past the inbox"):
        watched.inbox.decide(review.id, decision, by="ann")
    assert watched.inbox.get(review.id).status == "superseded"
    assert ran(app, config) == ["a", "b", "c"]
