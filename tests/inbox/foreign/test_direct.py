"""Who resumes a watched graph itself decides as `direct`, where anybody may."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from langgraph_hitl import Respond
from langgraph_hitl.errors import (
    AlreadyDecided,
    InboxError,
    InvalidDecision,
    NotAuthorised,
    StaleReview,
)
from tests.inbox.foreign.conftest import OPS, Watched, thread
from tests.inbox.foreign.graphs import State, asking


def ids(app: Any, config: Any) -> dict[str, str]:
    return {one.value: one.id for one in app.get_state(config).interrupts}


@pytest.mark.parametrize("how", ["plain", "by id"])
def test_it_is_a_decision_of_direct(watched: Watched, ran: Any, how: str) -> None:
    app = watched.watch(asking("?"))
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    answer = 7 if how == "plain" else {ids(app, config)["?"]: 7}
    app.invoke(Command(resume=answer), config)
    assert ran(app, config) == [7, "after"]
    found = watched.inbox.get(review.id)
    assert (found.status, found.decided_by) == ("applied", "direct")


@pytest.mark.parametrize("how", ["plain", "by id"])
def test_where_reviewers_are_named_it_is_refused(watched: Watched, ran: Any, how: str) -> None:
    app = watched.watch(asking("?"), reviewers="ops")
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    answer = 7 if how == "plain" else {ids(app, config)["?"]: 7}
    with pytest.raises(NotAuthorised, match="decide it with"):
        app.invoke(Command(resume=answer), config)
    assert ran(app, config) == []
    assert watched.events(review) == ["filed", "refused"]
    watched.inbox.decide(review.id, Respond(1), by=OPS)
    assert ran(app, config) == [1, "after"]


def test_the_lock_is_free_after_a_refusal(watched: Watched) -> None:
    app = watched.watch(asking("?"), reviewers="ops")
    config = thread()
    app.invoke({}, config)
    for _ in range(2):
        with pytest.raises(NotAuthorised):
            app.invoke(Command(resume=7), config)


def test_a_decision_that_no_graph_has_taken_goes_on_in_its_place(
    watched: Watched, ran: Any
) -> None:
    app = watched.watch(asking("?"), reviewers="ops")
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    watched.inbox.decide(review.id, Respond("theirs"), by=OPS, resume="worker")
    app.invoke(Command(resume="mine"), config)
    assert ran(app, config) == ["theirs", "after"]
    assert watched.inbox.work().idle


def test_a_run_that_goes_on_takes_what_was_decided(watched: Watched, ran: Any) -> None:
    app = watched.watch(asking("?"))
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    watched.inbox.decide(review.id, Respond(1), by="ann", resume="worker")
    app.invoke(None, config)
    assert ran(app, config) == [1, "after"]
    assert watched.inbox.get(review.id).status == "applied"


def test_one_of_two_questions_is_answered_by_its_id(watched: Watched, ran: Any) -> None:
    app = watched.watch(asking("one?", "two?"))
    config = thread()
    app.invoke({}, config)
    app.invoke(Command(resume={ids(app, config)["two?"]: 2}), config)
    assert list(watched.pending()) == ["one?"]
    watched.inbox.decide(watched.pending()["one?"].id, Respond(1), by="ann")
    assert ran(app, config) == [1, 2, "after"]


def test_a_plain_answer_to_two_questions_is_refused_by_langgraph(watched: Watched) -> None:
    app = watched.watch(asking("one?", "two?"))
    config = thread()
    app.invoke({}, config)
    with pytest.raises(RuntimeError, match="interrupt id"):
        app.invoke(Command(resume=2), config)
    assert sorted(watched.pending()) == ["one?", "two?"]


def test_a_blank_answer_is_refused(watched: Watched) -> None:
    app = watched.watch(asking("?"))
    config = thread()
    app.invoke({}, config)
    with pytest.raises(InvalidDecision):
        app.invoke(Command(resume="  "), config)
    assert list(watched.pending()) == ["?"]


def test_an_old_checkpoint_decides_nothing_for_reviewers(watched: Watched, ran: Any) -> None:
    elsewhere: Any = asking("?").compile(checkpointer=watched.saver)
    config = thread()
    elsewhere.invoke({}, config)
    old = elsewhere.get_state(config)
    elsewhere.invoke({}, config)
    app = watched.watch(asking("?"), reviewers="ops")
    with pytest.raises(InboxError, match="old checkpoint"):
        app.invoke(Command(resume={old.interrupts[0].id: 2}), old.config)
    assert ran(app, config) == []


def test_a_question_that_was_left_cannot_be_answered_any_more(watched: Watched, ran: Any) -> None:
    app = watched.watch(asking("?"))
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    watched.inbox.cancel(review.id, by="ann")
    with pytest.raises(AlreadyDecided, match="cancelled by ann"):
        app.invoke(Command(resume=7), config)
    assert ran(app, config) == []


def asks_twice(state: State) -> State:
    return {"ran": [interrupt("first?"), interrupt("second?")]}


def test_a_late_answer_is_not_given_to_the_next_question(watched: Watched, ran: Any) -> None:
    builder = StateGraph(State)
    builder.add_node("ask", asks_twice)
    builder.add_edge(START, "ask")
    app = watched.watch(builder)
    config = thread()
    app.invoke({}, config)
    late: Any = Command(resume={ids(app, config)["first?"]: "late"})
    watched.inbox.decide(watched.pending()["first?"].id, Respond(1), by="ann")
    app.invoke(late, config)
    assert list(watched.pending()) == ["second?"]
    watched.inbox.decide(watched.pending()["second?"].id, Respond(2), by="ann")
    assert ran(app, config) == [1, 2]


def test_an_answer_with_the_address_of_its_question_lost(watched: Watched, ran: Any) -> None:
    """Clients that keep `get_state(config).config` send it with their answer."""
    app = watched.watch(asking("?"))
    config = thread()
    app.invoke({}, config)
    state = app.get_state(config)
    watched.inbox.decide(watched.pending()["?"].id, Respond(1), by="ann")
    before = len(list(app.get_state_history(config)))
    app.invoke(Command(resume={state.interrupts[0].id: 2}), state.config)
    assert ran(app, config) == [1, "after"]
    assert len(list(app.get_state_history(config))) == before


def test_a_question_that_was_answered_without_the_inbox_takes_no_decision(
    watched: Watched, ran: Any
) -> None:
    app = watched.watch(asking("?"))
    config = thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    asking("?").compile(checkpointer=watched.saver).invoke(Command(resume="raw"), config)
    with pytest.raises(StaleReview, match="past the inbox"):
        watched.inbox.decide(review.id, Respond("mine"), by="ann")
    assert watched.inbox.get(review.id).status == "superseded"
    assert ran(app, config) == ["raw", "after"]
