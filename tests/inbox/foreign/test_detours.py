"""Commands that would go around what a watched thread waits for: `goto` and `update`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langgraph.types import Command, Send

from langgraph_hitl import Approve, Reject, Respond
from langgraph_hitl.errors import AlreadyDecided, InvalidDecision, NotAuthorised
from langgraph_hitl.panels import quorum
from tests.inbox.foreign.agents import GO, agent, mail
from tests.inbox.foreign.conftest import OPS, Watched, thread
from tests.inbox.foreign.graphs import asking, one_after_the_other

NOBODY = "0" * 32
DETOURS: dict[str, Any] = {
    "update": Command(update={"ran": ["changed"]}),
    "goto": Command(goto="after"),
    "send": Command(goto=Send("after", {})),
    "goto beside an answer to nobody": Command(resume={NOBODY: 1}, goto="after"),
    "update beside no answer": Command(resume={}, update={"ran": ["changed"]}),
}
Make = Callable[[Watched], Any]


def question(watched: Watched, **options: Any) -> Any:
    return watched.watch(asking("?"), **options)


def breakpoint_(watched: Watched, **options: Any) -> Any:
    app = one_after_the_other("before", "after").compile(
        checkpointer=watched.saver, interrupt_before=["after"]
    )
    return watched.inbox.watch(app, "graph", **options)


both = pytest.mark.parametrize("make", [question, breakpoint_])


@both
@pytest.mark.parametrize("how", DETOURS)
def test_where_reviewers_are_named_it_is_refused(
    watched: Watched, ran: Any, make: Any, how: str
) -> None:
    app, config = make(watched, reviewers="ops"), thread()
    app.invoke({}, config)
    before = ran(app, config)
    (review,) = watched.inbox.pending()
    for _ in range(2):
        with pytest.raises(NotAuthorised, match=r"decide it with inbox\.decide.* new input"):
            app.invoke(DETOURS[how], config)
    assert ran(app, config) == before
    assert watched.events(review) == ["filed", "refused", "refused"]
    decision = Respond("yes") if make is question else Approve()
    assert watched.inbox.decide(review.id, decision, by=OPS).status == "applied"
    assert ran(app, config)[-1] == "after"
    assert "changed" not in ran(app, config)


@both
async def test_it_is_refused_on_an_event_loop(watched: Watched, ran: Any, make: Any) -> None:
    app, config = make(watched, reviewers="ops"), thread()
    await app.ainvoke({}, config)
    for command in DETOURS.values():
        with pytest.raises(NotAuthorised):
            await app.ainvoke(command, config)
    assert "after" not in ran(app, config)


@both
def test_it_is_refused_where_nobody_has_filed_the_question(
    watched: Watched, ran: Any, make: Any
) -> None:
    plain = asking("?") if make is question else one_after_the_other("before", "after")
    stops = [] if make is question else ["after"]
    config = thread()
    elsewhere: Any = plain.compile(checkpointer=watched.saver, interrupt_before=stops)
    elsewhere.invoke({}, config)
    app = make(watched, reviewers="ops")
    with pytest.raises(NotAuthorised):
        app.invoke(DETOURS["goto"], config)
    assert len(watched.inbox.pending()) == 1


@both
def test_it_is_refused_from_an_old_checkpoint(watched: Watched, ran: Any, make: Any) -> None:
    app, config = make(watched, reviewers="ops"), thread()
    app.invoke({}, config)
    *_, first = app.get_state_history(config)
    with pytest.raises(NotAuthorised):
        app.invoke(DETOURS["goto"], first.config)
    assert "after" not in ran(app, config)


@both
def test_where_anybody_may_decide_it_is_as_without_an_inbox(
    watched: Watched, ran: Any, make: Any
) -> None:
    app, config = make(watched), thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    app.invoke(DETOURS["goto"], config)
    assert "refused" not in watched.events(review)
    assert watched.inbox.get(review.id).status == ("pending" if make is question else "superseded")


@both
def test_where_anybody_is_one_of_several_it_is_refused(
    watched: Watched, ran: Any, make: Any
) -> None:
    app, config = make(watched, reviewers=quorum(2)), thread()
    app.invoke({}, config)
    with pytest.raises(NotAuthorised, match="it takes 2"):
        app.invoke(DETOURS["goto"], config)
    assert "after" not in ran(app, config)


def test_beside_an_answer_where_anybody_may_decide(watched: Watched, ran: Any) -> None:
    app, config = question(watched), thread()
    app.invoke({}, config)
    app.invoke(Command(resume=7, update={"ran": ["changed"]}), config)
    assert ran(app, config) == ["changed", 7, "after"]


@pytest.mark.parametrize("reviewers", [None, "ops"])
@pytest.mark.parametrize("how", DETOURS)
def test_what_was_decided_runs_first(
    watched: Watched, ran: Any, how: str, reviewers: str | None
) -> None:
    app, config = question(watched, reviewers=reviewers), thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    watched.inbox.decide(review.id, Respond("theirs"), by=OPS, resume="worker")
    with pytest.raises(AlreadyDecided, match=r"app\.invoke\(None, config\)"):
        app.invoke(DETOURS[how], config)
    assert watched.events(review)[-1] == "refused"
    assert ran(app, config) == []
    app.invoke(None, config)
    assert ran(app, config) == ["theirs", "after"]


@both
def test_what_was_left_stays_left(watched: Watched, ran: Any, make: Any) -> None:
    app, config = make(watched), thread()
    app.invoke({}, config)
    (review,) = watched.inbox.pending()
    if make is question:
        watched.inbox.cancel(review.id, by="ann")
    else:
        watched.inbox.decide(review.id, Reject(), by="ann")
    with pytest.raises(AlreadyDecided, match="new input"):
        app.invoke(DETOURS["goto"], config)
    assert "after" not in ran(app, config)


@pytest.mark.parametrize("mode", ["batched", "per_call"])
@pytest.mark.parametrize("resume", [{"decisions": [{"type": "approve"}]}, {NOBODY: 1}, None])
@pytest.mark.parametrize("decided", [True, False])
def test_nothing_else_goes_out_than_what_was_approved(
    watched: Watched, mode: str, resume: Any, decided: bool
) -> None:
    sent: list[str] = []
    made = agent(watched.saver, [[mail("ann")]], lambda to, _text: sent.append(to), mode)
    app, config = watched.inbox.watch(made, "agent", reviewers="ops"), thread()
    app.invoke(GO, config)
    (review,) = watched.inbox.pending()
    if decided:
        watched.inbox.decide(review.id, Approve(), by=OPS, resume="worker")
    asked = app.get_state(config).values["messages"][-1]
    call = {**asked.tool_calls[0], "args": {"to": "eve"}}
    changed = {"messages": [AIMessage("", id=asked.id, tool_calls=[call])]}
    for more in ({"update": changed}, {"goto": "tools"}):
        with pytest.raises((AlreadyDecided, NotAuthorised)):
            app.invoke(Command(resume=resume, **more), config)
    assert sent == []
    if not decided:
        watched.inbox.decide(review.id, Approve(), by=OPS)
    watched.inbox.work()
    assert sent == ["ann"]


def test_new_input_and_a_changed_state_are_asked_about_anew(watched: Watched, ran: Any) -> None:
    app, config = question(watched, reviewers="ops"), thread()
    app.invoke({}, config)
    (first,) = watched.inbox.pending()
    app.invoke({"ran": ["new"]}, config)
    app.update_state(config, {"ran": ["changed"]})
    app.invoke(Command(goto="ask0"), config)  # nothing waits, as the owner has changed the thread
    assert watched.inbox.get(first.id).status == "superseded"
    assert "after" not in ran(app, config)


@pytest.mark.parametrize("forged", [{"__pregel_resuming": True}, {}])
def test_new_input_is_no_way_past_a_breakpoint(
    watched: Watched, ran: Any, forged: dict[str, Any]
) -> None:
    """LangGraph takes input of the same run for a run that goes on."""
    app, config = breakpoint_(watched, reviewers="ops"), thread()
    run: Any = {"metadata": {"run_id": "one"}}
    app.invoke({}, {**config, **run})
    again: Any = {"configurable": {**config["configurable"], **forged}, **run}
    app.invoke({"ran": ["new"]}, again)
    assert ran(app, config) == ["before", "new", "before"]
    assert len(watched.inbox.pending()) == 1


@pytest.mark.parametrize("empty", [Command(), Command(resume=None), Command(update={}, goto=())])
async def test_a_command_of_nothing_is_a_clear_error(watched: Watched, empty: Any) -> None:
    app, config = question(watched), thread()
    app.invoke({}, config)
    with pytest.raises(InvalidDecision, match="None is no answer"):
        app.invoke(empty, config)
    with pytest.raises(InvalidDecision, match="None is no answer"):
        await app.ainvoke(empty, config)
    assert len(watched.inbox.pending()) == 1
