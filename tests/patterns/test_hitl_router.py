"""One entry for several patterns: rules pick one, or the request names it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send
from pydantic import BaseModel

from langgraph_hitl import (
    Approve,
    Choice,
    Choose,
    Edit,
    Reject,
    Reviewer,
    ReviewState,
    Revise,
    add_review,
    approved,
    ask_human,
    decided_items,
    hitl_router,
    human_approval,
    pending,
    plan_approval,
    qa_sample,
    resume,
    route,
    submit_review,
)
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.errors import ContextMissing, GateError, RunFailed, UnknownPattern
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.review import AllReviews, LatestReview
from langgraph_hitl.triggers import flagged, never, over
from tests.drivers import Builder, Driver, Thread
from tests.paused import Paused, new_thread
from tests.savers import Row

SALT = "0123456789abcdef"


class State(ReviewState, total=False):
    payment: dict[str, Any]
    pattern: Any
    urgent: Any
    went: str


WAYS = {"approved": "pay", "rejected": "stop"}


def sample(rate: float = 0.0, **options: Any) -> Gate:
    return qa_sample("payment", rate=rate, item_id="payment.id", salt=SALT, **options)


def router(**options: Any) -> Gate:
    given: dict[str, Any] = {
        "patterns": {
            "approval": human_approval("payment", action="pay"),
            "sample": sample(),
            "board": human_approval("payment", action="pay", allowed_decisions=["approve", "edit"]),
        },
        "rules": [(over("payment.amount", 1000), "board"), (~over("payment.amount", 10), "sample")],
        "default": "approval",
        "explicit": "pattern",
        **options,
    }
    return hitl_router(**given)


def built(gate: Gate, schema: type[Any] = State, **ways: str) -> Builder:
    builder: Builder = StateGraph(schema)
    ways = ways or WAYS
    add_review(builder, "desk", gate, **ways)
    builder.add_edge(START, "desk")
    for name in dict.fromkeys(ways.values()):
        builder.add_node(name, noting(name))
    return builder


def noting(name: str) -> Any:
    def node(state: Any) -> dict[str, Any]:
        if name != "pay":
            return {"went": name}
        return {"went": f"pay {approved(state, 'payment')['amount']}"}

    return node


def paused(amount: Any = 500, *, gate: Gate | None = None, **values: Any) -> Paused:
    app = built(gate or router()).compile(checkpointer=InMemorySaver())
    return Paused(app, {"payment": {"id": "p-1", "amount": amount}, **values})


def route_of(thread: Paused) -> dict[str, str]:
    found: dict[str, str] = thread.state()["review"]["route"]
    return found


# Which pattern


@pytest.mark.parametrize(
    ("amount", "named", "pattern", "by"),
    [
        (5000, None, "board", "rule"),
        (500, None, "approval", "default"),
        (5000, "approval", "approval", "request"),
        (5, "board", "board", "request"),
    ],
)
def test_rules_pick_and_the_request_overrides_them(
    amount: int, named: str | None, pattern: str, by: str
) -> None:
    thread = paused(amount, pattern=named)
    assert thread.send(resume(thread.request, Approve()))["went"] == f"pay {amount}"
    assert (route_of(thread)["pattern"], route_of(thread)["by"]) == (pattern, by)


def test_a_pattern_that_lets_pass_does_so_by_its_rule_only() -> None:
    thread = paused(5)
    assert (thread.outcome(), thread.state()["went"]) == ("auto_approved", "pay 5")
    assert route_of(thread) == {
        "pattern": "sample",
        "by": "rule",
        "reason": "The payment.amount 5 is not over 10.",
    }


def test_the_first_rule_that_holds_wins_and_the_others_are_not_looked_at() -> None:
    looked: list[str] = []

    def late(state: State) -> bool:
        looked.append("late")
        return True

    rules = [(over("payment.amount", 100), "board"), (late, "sample")]
    thread = paused(500, gate=router(rules=rules))
    assert thread.request.allowed_decisions == ["approve", "edit"]
    assert looked == []


def broken(state: State) -> bool:
    raise TimeoutError("the scorer is away")


@pytest.mark.parametrize(
    "rule",
    [
        broken,
        ~over("urgent", 3),
        flagged("urgent") | broken,
        never() & broken,
        lambda state: None,
    ],
)
def test_a_rule_that_cannot_tell_ends_the_search_and_the_default_asks(rule: Any) -> None:
    rules = [(rule, "sample"), (~over("payment.amount", 1000), "sample")]
    gate = router(rules=rules, reads=["payment"])
    thread = paused(5, gate=gate, urgent="very")
    sentence = thread.request.finding["sentence"]
    assert sentence.startswith("Rule 1 could not be applied, so that 'approval' asks: ")
    thread.send(resume(thread.request, Reject()))
    assert route_of(thread) == {"pattern": "approval", "by": "default", "reason": sentence}


def test_the_reviewer_reads_why_it_came_to_this_pattern() -> None:
    assert paused(500).request.finding["sentence"] == "No rule applies."
    assert paused(5000).request.finding["sentence"] == "The payment.amount 5000 is over 1000."
    named = paused(5, pattern="approval").request
    assert named.finding["sentence"] == "The request asks for 'approval'."


@pytest.mark.parametrize("named", ["aproval", "", " approval", 7, ["approval"], True])
def test_an_unknown_pattern_asks_nobody_and_bricks_nothing(named: Any) -> None:
    app = built(router()).compile(checkpointer=InMemorySaver())
    config = new_thread()
    with pytest.raises(UnknownPattern, match=r"asked nobody.*approval"):
        app.invoke({"payment": {"id": "p-1", "amount": 5}, "pattern": named}, config)
    assert pending(app, config) == []
    assert "went" not in app.get_state(config).values
    app.update_state(config, {"pattern": "approval"})
    app.invoke(None, config)
    (request,) = pending(app, config)
    assert app.invoke(resume(request, Approve()), config)["went"] == "pay 5"


def test_what_the_pattern_refuses_goes_the_way_of_a_refusal() -> None:
    thread = paused(500)
    assert thread.send(resume(thread.request, Reject("no")))["went"] == "stop"


def test_an_edit_comes_out_of_the_router_and_only_then() -> None:
    thread = paused(500)
    done = thread.send(resume(thread.request, Edit({"id": "p-1", "amount": 50})))
    assert (done["payment"]["amount"], done["went"]) == (50, "pay 50")


def test_a_bad_answer_leaves_the_question_open() -> None:
    thread = paused(500)
    with pytest.raises(ValueError, match="unknown decision type"):
        thread.plain({"type": "yes"})
    assert thread.send(resume(thread.request, Approve()))["went"] == "pay 500"


def test_the_record_is_that_of_the_node_in_which_the_router_stands() -> None:
    thread = paused(500)
    done = thread.send(resume(thread.request, Approve()))
    assert done["review"]["gate"] == "desk"
    assert approved(done, "payment", gate="desk")["amount"] == 500


def test_what_a_person_refused_does_not_pass_by_another_pattern() -> None:
    thread = paused(5, pattern="approval")
    thread.send(resume(thread.request, Reject()))
    with pytest.raises(LookupError, match="rejected"):
        thread.app.invoke({"pattern": None}, thread.config)


def again(state: Any) -> dict[str, Any]:
    return {"payment": state["payment"]}


def test_patterns_of_any_kind_and_subject() -> None:
    gate = router(
        patterns={
            "approval": human_approval("payment", revise=again, reads=["payment"]),
            "question": ask_human("Which?", answer=Choice("a", "b"), into="went"),
            "rest": plan_approval("urgent"),
        },
        rules=[(flagged("pattern"), "question"), (over("payment.amount", 9), "rest")],
        explicit=None,
    )
    app = built(gate, approved="ok", rejected="ok", chosen="ok", partial="ok").compile(
        checkpointer=InMemorySaver()
    )
    asked = Paused(app, {"payment": {"amount": 1}, "pattern": True, "urgent": [{"id": 1}]})
    asked.send(resume(asked.request, Choose("b")))
    assert asked.outcome() == "chosen"
    items = Paused(app, {"payment": {"amount": 10}, "pattern": False, "urgent": [{"id": 1}]})
    items.send(resume(items.request, Approve()))
    assert items.state()["review"]["items"][0]["type"] == "approve"
    revised = Paused(app, {"payment": {"amount": 1}, "pattern": False})
    revised.send(resume(revised.request, Revise("again")))
    revised.send(resume(revised.request, Approve()))
    assert revised.state()["review"]["round"] == 1


class Model(BaseModel):
    payment: dict[str, Any] = {"id": "p-1", "amount": 5000}
    pattern: str | None = None
    went: str = ""
    review: LatestReview = None
    reviews: AllReviews = []


def test_defaults_of_a_pydantic_state_are_seen() -> None:
    app = built(router(), Model).compile(checkpointer=InMemorySaver())
    thread = Paused(app, {"went": "nowhere"})
    assert thread.request.finding["sentence"] == "The payment.amount 5000 is over 1000."
    assert thread.send(resume(thread.request, Approve()))["went"] == "pay 5000"


def test_wired_by_hand() -> None:
    builder: Builder = StateGraph(State)
    builder.add_node("desk", router())
    builder.add_edge(START, "desk")
    builder.add_conditional_edges("desk", route(**WAYS))
    builder.add_node("pay", noting("pay"))
    builder.add_node("stop", noting("stop"))
    app = builder.compile(checkpointer=InMemorySaver())
    thread = Paused(app, {"payment": {"id": "p-1", "amount": 500}})
    assert thread.send(resume(thread.request, Approve()))["went"] == "pay 500"


RESULTS = st.sampled_from([True, False, None, "raises"])
NAMES = ["approval", "board", "sample"]


def giving(result: Any) -> Any:
    def rule(state: State) -> Any:
        if result == "raises":
            raise ValueError("no")
        return result

    return rule


@given(
    results=st.lists(st.tuples(RESULTS, st.sampled_from(NAMES)), max_size=4),
    named=st.sampled_from([None, *NAMES, "other"]),
)
def test_one_pattern_is_picked_and_nothing_passes_but_by_its_own_name(
    results: list[tuple[Any, str]], named: str | None
) -> None:
    gate = router(rules=[(giving(result), pattern) for result, pattern in results])
    app = built(gate).compile(checkpointer=InMemorySaver())
    config = new_thread()
    sent = {"payment": {"id": "p-1", "amount": 5}, "pattern": named}
    if named == "other":
        with pytest.raises(UnknownPattern):
            app.invoke(sent, config)
        return
    first = next(((result, name) for result, name in results if result is not False), None)
    by_rules = first[1] if first is not None and first[0] is True else "approval"
    done = app.invoke(sent, config)
    assert ("went" in done) == ((named or by_rules) == "sample")
    for request in pending(app, config):
        done = app.invoke(resume(request, Approve()), config)
    assert done["review"]["route"]["pattern"] == (named or by_rules)


# Where else it stands


class Batch(ReviewState, total=False):
    payments: list[dict[str, Any]]


def test_under_send_each_branch_has_its_own_pattern() -> None:
    gate = router(
        patterns={
            "approval": human_approval("payment", write_back=False),
            "board": human_approval("payment", write_back=False, allowed_decisions=["approve"]),
        },
        rules=[(over("payment.amount", 1000), "board")],
        explicit=None,
    )
    builder: Builder = StateGraph(Batch)
    builder.add_node("desk", gate)
    builder.add_node("join", lambda state: {"payments": decided_items(state, gate="desk")})
    builder.add_conditional_edges(
        START, lambda state: [Send("desk", {"payment": each}) for each in state["payments"]]
    )
    builder.add_edge("desk", "join")
    app = builder.compile(checkpointer=InMemorySaver())
    config = new_thread()
    app.invoke({"payments": [{"amount": 5}, {"amount": 5000}, {"amount": 6}]}, config)
    asked = pending(app, config)
    assert sorted(len(request.allowed_decisions) for request in asked) == [1, 3, 3]
    for request in asked:
        app.invoke(resume(request, Approve()), config)
    done = app.get_state(config).values
    assert sorted(item["value"]["amount"] for item in done["payments"]) == [5, 6, 5000]
    assert len({record["review_id"] for record in done["reviews"]}) == 3


def test_inside_a_graph_of_a_graph() -> None:
    inner = built(router()).compile()
    builder: Builder = StateGraph(State)
    builder.add_node("office", inner)
    builder.add_edge(START, "office")
    thread = Paused(
        builder.compile(checkpointer=InMemorySaver()), {"payment": {"id": "p-1", "amount": 5000}}
    )
    assert thread.send(resume(thread.request, Approve()))["went"] == "pay 5000"
    assert route_of(thread)["pattern"] == "board"


def test_the_whole_graph_may_be_a_router() -> None:
    builder: Any = router().builder
    app = builder.compile(checkpointer=InMemorySaver())
    config = new_thread()
    app.invoke({"payment": {"id": "p-1", "amount": 5000}}, config)
    (request,) = pending(app, config)
    done = app.invoke(resume(request, Approve()), config)
    assert (done["review"]["gate"], done["review"]["outcome"]) == ("hitl_router", "approved")


# What is told


def told(thread: Paused, given: Any) -> list[dict[str, Any]]:
    chunks: Any = thread.app.stream(given, thread.config, stream_mode="custom", subgraphs=True)
    return [chunk for _, chunk in chunks]


def test_start_success_and_error_are_told_on_the_stream() -> None:
    thread = paused(500)
    events = told(thread, {"payment": {"id": "p-1", "amount": 500}})
    review_id = thread.request.review_id
    assert events[0] == {
        "type": "review",
        "event": "pattern_started",
        "review_id": review_id,
        "pattern": "approval",
        "by": "default",
        "reason": "No rule applies.",
    }
    assert told(thread, resume(thread.request, Approve()))[-1] == {
        "type": "review",
        "event": "pattern_succeeded",
        "review_id": review_id,
        "pattern": "approval",
        "outcome": "approved",
    }


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:") as opened:
        yield opened


def filed(inbox: Inbox, **options: Any) -> Any:
    """A registered graph whose router files with an inbox."""
    patterns = {
        "approval": human_approval("payment", action="pay", inbox=inbox, reviewers="finance"),
        "sample": sample(inbox=inbox),
        "board": human_approval("payment", inbox=inbox, **options),
    }
    builder = built(router(patterns=patterns))
    return inbox.register(builder.compile(checkpointer=InMemorySaver()), name="desk")


def events(inbox: Inbox, review_id: str) -> list[tuple[str, str | None]]:
    """The audit of a review, as far as it is about its pattern."""
    rows = inbox.history(review_id)
    return [(row.event, row.reason) for row in rows if row.event.startswith("pattern_")]


def test_start_and_success_are_rows_of_the_audit(inbox: Inbox) -> None:
    app = filed(inbox)
    config = new_thread()
    app.invoke({"payment": {"id": "p-1", "amount": 500}}, config)
    (review,) = inbox.pending()
    maria = Reviewer("maria", roles=("finance",))
    assert inbox.decide(review, Approve(), by=maria).status == "applied"
    rows = {row.event: row for row in inbox.history(review.id)}
    assert rows["pattern_started"].reason == "No rule applies."
    assert rows["pattern_started"].content == {"pattern": "approval", "by": "default"}
    assert rows["pattern_succeeded"].content == {"pattern": "approval", "outcome": "approved"}
    assert list(rows)[:2] == ["pattern_started", "filed"]
    assert app.get_state(config).values["went"] == "pay 500"
    assert inbox.verify()


def test_an_automatic_pass_has_them_too(inbox: Inbox) -> None:
    app = filed(inbox)
    done = app.invoke({"payment": {"id": "p-1", "amount": 5}}, new_thread())
    names = [row.event for row in inbox.history(done["review"]["review_id"])]
    assert names == ["pattern_started", "auto_approved", "pattern_succeeded"]
    assert inbox.verify()


def test_an_unknown_pattern_is_audited_and_nobody_asked(inbox: Inbox) -> None:
    app = filed(inbox)
    with pytest.raises(UnknownPattern):
        app.invoke({"payment": {"id": "p-1", "amount": 5}, "pattern": "bord"}, new_thread())
    assert inbox.pending() == []
    (row,) = [row for row in inbox.report() if row.event == "pattern_failed"]
    assert row.reason is not None
    assert row.reason.endswith("; did you mean 'board'?")
    assert inbox.verify()


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_pattern_that_fails_is_audited_each_time(inbox: Inbox, asynchronous: bool) -> None:
    app = filed(inbox, required_context=["urgent"])
    config = new_thread()
    given = {"payment": {"id": "p-1", "amount": 5000}}

    def run(sent: Any) -> None:
        asyncio.run(app.ainvoke(sent, config)) if asynchronous else app.invoke(sent, config)

    for sent in (given, None):
        with pytest.raises(ContextMissing):
            run(sent)
    failures = [row for row in inbox.report() if row.event == "pattern_failed"]
    assert len(failures) == 2
    assert {row.content["pattern"] for row in failures} == {"board"}
    app.update_state(config, {"urgent": "yes"})
    app.invoke(None, config)
    (review,) = inbox.pending()
    assert inbox.decide(review, Approve(), by="maria").outcome == "approved"
    assert [name for name, _ in events(inbox, review.id)][-1] == "pattern_succeeded"
    assert inbox.verify()


def test_what_went_on_unseen_is_called_back(inbox: Inbox) -> None:
    recalled: list[str] = []
    gate = router(
        patterns={
            "approval": human_approval("payment", inbox=inbox),
            "sample": sample(
                1.0,
                inbox=inbox,
                blocking=False,
                on_recall=lambda request, decision: recalled.append(request.review_id),
            ),
        },
        rules=[(~over("payment.amount", 10), "sample")],
        explicit=None,
    )
    app = inbox.register(built(gate).compile(checkpointer=InMemorySaver()), name="desk")
    assert app.invoke({"payment": {"id": "p-1", "amount": 5}}, new_thread())["went"] == "pay 5"
    (review,) = inbox.pending()
    inbox.decide(review, Reject("never"), by="maria")
    assert recalled == [review.id]
    assert inbox.verify()


def test_what_others_say_of_an_error_is_not_kept(inbox: Inbox) -> None:
    def leak(state: State) -> str:
        raise ValueError("IBAN DE02 1203")

    gate = router(
        patterns={"approval": human_approval("payment", inbox=inbox)}, rules=[], explicit=leak
    )
    app = inbox.register(built(gate).compile(checkpointer=InMemorySaver()), name="desk")
    with pytest.raises(ValueError, match="IBAN"):
        app.invoke({"payment": {"id": "p-1", "amount": 5}}, new_thread())
    (row,) = inbox.report()
    assert (row.event, row.reason) == ("pattern_failed", "ValueError")


# Elsewhere, later

PROCESS = """
import json, sys
from tests.patterns.test_hitl_router import built, router
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph_hitl import Approve, pending, resume

with SqliteSaver.from_conn_string(sys.argv[1]) as saver:
    app = built(router()).compile(checkpointer=saver)
    config = {"configurable": {"thread_id": "t-1"}}
    (request,) = pending(app, config)
    done = app.invoke(resume(request, Approve(), by="maria"), config)
    print(json.dumps([done["went"], done["review"]["route"], request.review_id]))
"""


@pytest.mark.parametrize("asynchronous", [False, True])
def test_it_goes_on_in_a_fresh_graph_object(tmp_path: Path, asynchronous: bool) -> None:
    saver: Any = "aiosqlite" if asynchronous else "sqlite"
    row = Row(saver, asynchronous=asynchronous, durability="sync")
    with Driver(row, str(tmp_path / "threads.sqlite")) as driver:
        thread: Thread = driver.thread(lambda: built(router()))
        thread.send({"payment": {"id": "p-1", "amount": 5000}})
        thread.decide(Edit({"id": "p-1", "amount": 4000}))
        assert thread.over
        assert thread.values["went"] == "pay 4000"
        assert thread.record["route"]["pattern"] == "board"


def test_it_goes_on_in_a_fresh_process(tmp_path: Path) -> None:
    place = str(tmp_path / "threads.sqlite")
    row = Row("sqlite", asynchronous=False, durability="sync")
    with Driver(row, place) as driver:
        thread = driver.thread(lambda: built(router()), "t-1")
        thread.send({"payment": {"id": "p-1", "amount": 5000}})
        review_id = thread.request.review_id
    run = subprocess.run(
        [sys.executable, "-c", PROCESS, place], capture_output=True, text=True, check=True
    )
    went, found, asked = json.loads(run.stdout)
    assert (went, found["pattern"], asked) == ("pay 5000", "board", review_id)


# A pattern that is gone


def redeployed(last: str, saver: Any, inbox: Inbox | None = None) -> Any:
    """Two gates, of which the second is a router; `last` is the pattern of large amounts."""
    builder: Builder = StateGraph(State)
    first = human_approval("pattern", name="first", allowed_decisions=["approve"], inbox=inbox)
    add_review(builder, "first", first, approved="desk", **({"rejected": END} if inbox else {}))
    patterns = {name: human_approval("payment", inbox=inbox) for name in ("approval", last)}
    desk = hitl_router(patterns, rules=[(over("payment.amount", 10), last)], default="approval")
    add_review(builder, "desk", desk, approved="pay", rejected="stop")
    builder.add_edge(START, "first")
    for name in WAYS.values():
        builder.add_node(name, noting(name))
    app = builder.compile(checkpointer=saver)
    return app if inbox is None else inbox.register(app, name="app")


GIVEN = {"payment": {"id": "p-1", "amount": 5000}, "pattern": "x"}
GONE = r"its pattern 'board' was picked .*none of this name any more.* Give it back this name"


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("plain", [False, True])
def test_a_pattern_that_is_gone_loses_no_review(asynchronous: bool, plain: bool) -> None:
    saver, config = InMemorySaver(), new_thread()
    app = redeployed("board", saver)

    def run(app: Any, sent: Any) -> Any:
        if asynchronous:
            return asyncio.run(app.ainvoke(sent, config))
        return app.invoke(sent, config)

    run(app, GIVEN)
    run(app, resume(pending(app, config)[0], Approve()))
    (request,) = pending(app, config)
    other = redeployed("renamed", saver)
    answer = {"type": "reject", "message": "no"}
    for sent in (None, Command(resume=answer) if plain else resume(request, Reject("no"))):
        with pytest.raises(UnknownPattern, match=GONE):
            run(other, sent)
        assert other.get_state(config).next == ("desk",)
    if plain:  # it is kept by LangGraph, for the question that it has answered
        assert run(app, None)["went"] == "stop"
        return
    assert [again.review_id for again in pending(app, config)] == [request.review_id]
    assert run(app, resume(request, Approve()))["went"] == "pay 5000"


def test_a_router_on_its_own_loses_none_either() -> None:
    def whole(last: str) -> Any:
        patterns = {name: human_approval("payment") for name in ("approval", last)}
        rules = [(over("payment.amount", 10), last)]
        builder: Any = hitl_router(patterns, rules=rules, default="approval").builder
        return builder.compile(checkpointer=saver)

    saver, config = InMemorySaver(), new_thread()
    app, other = whole("board"), whole("renamed")
    for _ in range(2):  # the second time, the record of the first review is there
        app.invoke(GIVEN, config)
        (request,) = pending(app, config)
        with pytest.raises(UnknownPattern, match=GONE):
            other.invoke(resume(request, Reject("no")), config)
        with pytest.raises(UnknownPattern, match=GONE):
            list(other.stream(None, config))
        done = app.invoke(resume(request, Approve()), config)
        assert done["review"]["review_id"] == request.review_id
        assert other.invoke(None, config)["review"]["review_id"] == request.review_id


def test_a_new_case_does_not_wait_for_a_lost_pattern() -> None:
    saver, config = InMemorySaver(), new_thread()
    app, other = redeployed("board", saver), redeployed("renamed", saver)
    app.invoke(GIVEN, config)
    app.invoke(resume(pending(app, config)[0], Approve()), config)
    other.invoke({"payment": {"id": "p-2", "amount": 5}}, config)
    other.invoke(resume(pending(other, config)[0], Approve()), config)
    assert other.invoke(resume(pending(other, config)[0], Approve()), config)["went"] == "pay 5"


def test_the_inbox_keeps_the_answer_until_the_pattern_is_back(tmp_path: Path) -> None:
    config = new_thread()

    @contextmanager
    def process(last: str) -> Iterator[tuple[Any, Inbox]]:
        with (
            SqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver,
            Inbox.open(f"sqlite:///{tmp_path / 'inbox.db'}") as inbox,
        ):
            yield redeployed(last, saver, inbox), inbox

    with process("board") as (app, inbox):
        app.invoke(GIVEN, config)
        inbox.decide(inbox.pending()[0], Approve(), by="maria")
        (review,) = inbox.pending()
    with process("renamed") as (app, inbox):
        with pytest.raises(RunFailed, match=GONE):
            inbox.decide(review.id, Reject("no"), by="maria")
        assert "'board'" in inbox.work().failed[review.id]
        assert app.get_state(config).next == ("desk",)
        (found,) = [one for one in inbox.doctor().findings if one.review_id == review.id]
        assert "'board'" in found.sentence
        assert events(inbox, review.id)[-1][0] == "pattern_failed"
    with process("board") as (app, inbox):
        inbox.work()
        assert app.get_state(config).values["went"] == "stop"
        assert inbox.verify()


# The drawing


def test_the_drawing_says_what_leads_to_each_pattern() -> None:
    drawn = router().get_graph()
    edges = {(edge.source, edge.data, edge.target) for edge in drawn.edges}
    assert edges == {
        ("__start__", None, "pick"),
        ("pick", "default", "approval"),
        ("pick", "rule 1", "board"),
        ("pick", "rule 2", "sample"),
        ("approval", None, "finish"),
        ("board", None, "finish"),
        ("sample", None, "finish"),
        ("finish", None, "__end__"),
    }


# Bad input

ASKS = human_approval("payment")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"patterns": {}}, "takes gates by name"),
        ({"patterns": [ASKS]}, "takes gates by name"),
        ({"patterns": {"approval": "gate"}}, "'approval': hitl_router takes gates of presets"),
        ({"patterns": {"pick": ASKS}}, "'pick' cannot name a pattern"),
        ({"patterns": {"a|b": ASKS}}, "cannot name a pattern"),
        ({"patterns": {" ": ASKS}}, "the name of a pattern must be a text"),
        ({"patterns": {"approval": router()}}, "takes gates of presets"),
        ({"rules": [(over("payment.amount", 1), "bord")]}, "rule 1: there is no pattern 'bord'; "),
        ({"rules": [(over("payment.amount", 1), ["board"])]}, "rule 1: there is no pattern"),
        (
            {"rules": {"board": over("payment.amount", 1)}},
            "rules must be a list of pairs (trigger, pattern)",
        ),
        ({"rules": [over("payment.amount", 1)]}, "rule 1 must be a trigger and the name"),
        ({"rules": [("payment", "board")]}, "rule 1 must be a function of the state or a trigger"),
        ({"rules": [(lambda s: True, "board")]}, "rule 1: which state keys does"),
        ({"default": "bord"}, "default: there is no pattern 'bord'; did you mean 'board'?"),
        ({"default": "sample"}, "default: 'sample' lets something pass by itself"),
        ({"explicit": 7}, "explicit must be a state key"),
        ({"explicit": None, "rules": []}, "nothing leads to the pattern 'sample'"),
        ({"name": ""}, "name must be a text"),
    ],
)
def test_what_cannot_be_built(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(GateError) as raised:
        router(**options)
    assert problem in str(raised.value)


def test_a_submission_is_no_pattern(inbox: Inbox) -> None:
    with pytest.raises(GateError, match="submit_review has no outcome"):
        router(patterns={"approval": submit_review("payment", inbox=inbox)})


def test_patterns_have_one_inbox(inbox: Inbox) -> None:
    with (
        Inbox.open("sqlite:///:memory:") as other,
        pytest.raises(GateError, match="different inboxes"),
    ):
        router(
            patterns={
                "approval": human_approval("payment", inbox=inbox),
                "board": human_approval("payment", inbox=other),
            }
        )


@pytest.mark.parametrize(
    ("ways", "problem"),
    [
        ({"approved": "pay"}, "name needs_revision= and rejected="),
        ({"approved": "pay", "rejected": "stop", "chosen": "pay"}, "cannot end as 'chosen'"),
    ],
)
def test_ways_are_checked_for_all_patterns(ways: dict[str, Any], problem: str) -> None:
    with pytest.raises(GateError, match=problem):
        built(router(), **ways)


def test_a_key_that_the_state_lacks_is_found_when_it_is_wired() -> None:
    with pytest.raises(GateError, match="'missing'"):
        built(router(explicit="missing"))
