"""What breaks the other ways to put a person into a graph, case by case."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.errors import GraphBubbleUp
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from pydantic import ValidationError
from typing_extensions import TypedDict

from langgraph_hitl import (
    Approve,
    Edit,
    Inbox,
    Reject,
    Respond,
    Reviewer,
    ReviewState,
    add_review,
    approved,
    human_approval,
    human_as_tool,
    review_tools,
)
from langgraph_hitl.errors import (
    AlreadyDecided,
    Drifted,
    Expired,
    GateError,
    InvalidDecision,
    NotAuthorised,
    ReviewError,
    StaleReview,
    UnknownReview,
)
from langgraph_hitl.panels import chain, quorum
from langgraph_hitl.testing import FixedClock
from tests.inbox.foreign.agents import GO, agent, mail, results
from tests.tools import agents as tools

TRIES = 20
BILL: dict[str, Any] = {"to": "ACME", "amount": 120}
MARIA, JO = (Reviewer(name, roles=("finance",)) for name in ("maria", "jo"))
EVE = Reviewer("eve")


class Payment(ReviewState):
    """What is paid."""

    payment: dict[str, Any]


class Counter:
    """An inbox, a graph that pays after a gate, and what was paid."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.inbox = Inbox.open("sqlite:///:memory:", clock=self.clock)
        self.saver = InMemorySaver()
        self.paid: list[dict[str, Any]] = []
        self.declined = 0
        self._threads = 0

    def app(self, name: str = "payments", **options: Any) -> Any:
        builder = StateGraph(Payment)
        gate = human_approval("payment", action="pay", inbox=self.inbox, **options)
        add_review(builder, "approve", gate, approved="pay", rejected="decline")
        builder.add_node("pay", self._pay)
        builder.add_node("decline", self._decline)
        builder.add_edge(START, "approve")
        return self.inbox.register(builder.compile(checkpointer=self.saver), name)

    def thread(self) -> RunnableConfig:
        self._threads += 1
        return {"configurable": {"thread_id": f"bill-{self._threads}"}}

    def ask(self, app: Any, payment: dict[str, Any] = BILL) -> tuple[Any, RunnableConfig]:
        config = self.thread()
        app.invoke({"payment": payment}, config)
        (review,) = self.inbox.pending(thread=config["configurable"]["thread_id"])
        return review, config

    def _pay(self, state: Payment) -> dict[str, Any]:
        self.paid.append(approved(state, "payment"))
        return {}

    def _decline(self, state: Payment) -> dict[str, Any]:
        self.declined += 1
        return {}


@pytest.fixture
def counter() -> Iterator[Counter]:
    made = Counter()
    yield made
    assert made.inbox.verify()
    made.inbox.close()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each gave, or raised."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int) -> None:
        gate.wait()
        try:
            results[place] = acts[place]()
        except ReviewError as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return results


def test_interrupt_approve_against_reject_at_once_runs_one(counter: Counter) -> None:
    app = counter.app()
    for number in range(1, TRIES + 1):
        review, _ = counter.ask(app)
        outcomes = at_once(
            partial(counter.inbox.decide, review.id, Approve(), by="ann"),
            partial(counter.inbox.decide, review.id, Reject(), by="bob"),
        )
        assert sum(isinstance(one, AlreadyDecided | StaleReview) for one in outcomes) == 1
        assert len(counter.paid) + counter.declined == number


def test_interrupt_resumed_twice_at_once_runs_once(counter: Counter) -> None:
    app = counter.app()
    for number in range(1, TRIES + 1):
        _, config = counter.ask(app)
        at_once(*[partial(app.invoke, Command(resume={"type": "approve"}), config)] * 2)
        assert len(counter.paid) == number


@pytest.mark.parametrize("bad", [None, "yes", 7, {"type": "ok"}, {"approve": True}, []])
def test_interrupt_a_bad_answer_does_not_brick_the_thread(counter: Counter, bad: Any) -> None:
    review, config = counter.ask(counter.app())
    with pytest.raises((ValidationError, InvalidDecision)):
        counter.app().invoke(Command(resume=bad), config)
    assert counter.paid == []
    counter.inbox.decide(review.id, Approve(), by="ann")
    assert counter.paid == [BILL]


def test_interrupt_who_decided_by_when_is_known(counter: Counter) -> None:
    app = counter.app(reviewers="finance", timeout="1d")
    review, _ = counter.ask(app)
    with pytest.raises(NotAuthorised):
        counter.inbox.decide(review.id, Approve(), by=EVE)
    counter.inbox.decide(review.id, Approve(), by=MARIA)
    rows = [(row.event, row.actor) for row in counter.inbox.history(review.id)]
    assert rows == [
        ("filed", "system:graph"),
        ("refused", "eve"),
        ("settled", "maria"),
        ("applied", "system:graph"),
    ]


@pytest.mark.parametrize("bad", ["yes", {"decisions": []}, {"decisions": [{"type": "fine"}]}])
def test_langchain_batched_is_not_bricked_by_a_malformed_answer(counter: Counter, bad: Any) -> None:
    sent: list[str] = []
    made = agent(counter.saver, [[mail("ann")]], lambda to, _: sent.append(to))
    app, config = counter.inbox.watch(made, "agent"), counter.thread()
    app.invoke(GO, config)
    with pytest.raises(InvalidDecision):
        app.invoke(Command(resume=bad), config)
    counter.inbox.decide(counter.inbox.pending()[0].id, Approve(), by="ann")
    assert sent == ["ann"]


def test_langchain_two_approvals_at_once_send_one_mail(counter: Counter) -> None:
    sent: list[str] = []
    made = agent(counter.saver, [[mail("ann")]], lambda to, _: sent.append(to))
    app = counter.inbox.watch(made, "agent")
    for number in range(1, TRIES + 1):
        app.invoke(GO, counter.thread())
        (review,) = counter.inbox.pending()
        at_once(*[partial(counter.inbox.decide, review.id, Approve(), by="ann")] * 2)
        assert len(sent) == number


def test_langchain_one_reject_does_not_discard_what_was_approved(counter: Counter) -> None:
    sent: list[str] = []
    calls = [[mail("ann"), mail("bob"), mail("cid")]]
    made = agent(counter.saver, calls, lambda to, _: sent.append(to))
    app, config = counter.inbox.watch(made, "agent"), counter.thread()
    app.invoke(GO, config)
    for review in counter.inbox.pending():
        to = review.request["subject"]["to"]
        decision = Reject("not him") if to == "bob" else Approve()
        counter.inbox.decide(review.id, decision, by="ann")
    assert sorted(sent) == ["ann", "cid"]
    assert len(results(app.get_state(config).values)) == 3


class Mailer:
    """An agent whose mails come before people, and what was sent."""

    def __init__(self, counter: Counter, says: Any = None, **options: Any) -> None:
        self.desk, self.config = counter.inbox, counter.thread()
        self.outbox = tools.Outbox()
        self.subagents: list[Any] = []
        self._says = says or tools.once(tools.mails("ann", "bob", "cid"))
        self._saver, self._options = counter.saver, options

    def start(self, reviews: Any = None) -> Any:
        middleware = review_tools(reviews or {"mail": True}, inbox=self.desk, **self._options)
        tools_of = [self.outbox.mail, *self.subagents]
        made = tools.agent(self._says, tools_of, middleware, checkpointer=self._saver)
        self.app = self.desk.register(made, "mailer")
        return self.app.invoke({"messages": [HumanMessage("go")]}, self.config)

    @property
    def waiting(self) -> dict[str, str]:
        return {review.request["subject"]["to"]: review.id for review in self.desk.pending()}

    def decide(self, to: str, decision: Any) -> None:
        self.desk.decide(self.waiting[to], decision, by="ann")


def test_langchain_a_gate_with_a_misspelt_name_is_not_open(counter: Counter) -> None:
    """Langchain #38838."""
    mailer = Mailer(counter)
    with pytest.raises(GateError, match="no tool 'mial'"):
        mailer.start({"mial": True})
    assert mailer.outbox.sent == []


@pytest.mark.parametrize("stubborn", [True, False])
def test_langchain_a_call_that_was_edited_is_not_made_again(
    counter: Counter, stubborn: bool
) -> None:
    """Langchain #33787: the model was not told, and made its own call after the edited one."""

    def says(messages: list[BaseMessage]) -> AIMessage:
        if "do not make your original call again" in messages[-1].text and not stubborn:
            return AIMessage("done")
        return tools.calls(tools.call("mail", len(messages), to="ann"))

    mailer = Mailer(counter, says)
    mailer.start()
    mailer.decide("ann", Edit({"to": "bob"}))
    assert mailer.outbox.sent == ["bob"]
    assert [*mailer.waiting] == (["ann"] if stubborn else [])


def test_langchainjs_one_reject_leaves_what_was_approved(counter: Counter) -> None:
    """Langchainjs #10176 and #11391."""
    mailer = Mailer(counter)
    mailer.start()
    for to, decision in (("ann", Approve()), ("bob", Reject("not him")), ("cid", Approve())):
        mailer.decide(to, decision)
    assert mailer.outbox.sent == ["ann", "cid"]
    assert "not him" in tools.told(mailer.app.get_state(mailer.config).values)["call-1"].text


@pytest.mark.parametrize("asks", [True, False])
def test_deepagents_a_subagent_keeps_its_approvals(counter: Counter, asks: bool) -> None:
    """Deepagents #554."""
    mailer = Mailer(counter, tools.once(tools.calls(tools.call("task", 9, to="ann"))))

    @tool
    def task(to: str) -> str:
        """Let another agent do it."""
        model = tools.Scripted(says=tools.once(tools.mails(to)))
        reviews = [review_tools({"mail": True}, inbox=counter.inbox)] if asks else []
        inner = create_agent(model, [mailer.outbox.mail], middleware=reviews)
        return str(inner.invoke({"messages": [HumanMessage("go")]})["messages"][-1].text)

    mailer.subagents = [task]
    if asks:
        mailer.start()
        assert mailer.outbox.sent == []
        mailer.decide("ann", Approve())
        assert mailer.outbox.sent == ["ann"]
    else:
        with pytest.raises(GateError, match="a subagent called it without one"):
            mailer.start()
        assert mailer.outbox.sent == []


def test_openai_agents_some_are_decided_and_the_others_remain(counter: Counter) -> None:
    mailer = Mailer(counter)
    mailer.start()
    mailer.decide("bob", Approve())
    assert (mailer.outbox.sent, sorted(mailer.waiting)) == (["bob"], ["ann", "cid"])


def test_langfuse_an_interrupt_is_not_an_error(counter: Counter) -> None:
    """Langfuse #14034: only the nodes are told of it, as what it is, and neither run nor tool."""
    errors: list[tuple[Any, BaseException]] = []

    class Trace(BaseCallbackHandler):
        def on_chain_error(self, error: BaseException, **given: Any) -> None:
            errors.append((given["parent_run_id"], error))

        def on_tool_error(self, error: BaseException, **given: Any) -> None:
            errors.append((None, error))

    mailer = Mailer(counter)
    mailer.config["callbacks"] = [Trace()]
    mailer.start()
    assert errors
    assert all(isinstance(error, GraphBubbleUp) for _, error in errors)
    assert all(parent is not None for parent, _ in errors)


def test_crewai_nobody_waits_at_a_terminal(tmp_path: Path) -> None:
    """Nor in a process, as with HumanLayer: what asks has ended when somebody else answers."""
    threads, url = str(tmp_path / "threads.db"), f"sqlite:///{tmp_path / 'reviews.db'}"
    config: RunnableConfig = {"configurable": {"thread_id": "1"}}
    question = tools.calls(tools.call("ask_human", question="Which plan?"))
    for turn in ("ask", "answer"):
        with SqliteSaver.from_conn_string(threads) as saver, Inbox.open(url) as desk:
            built = tools.tool_node([human_as_tool(inbox=desk)]).compile(checkpointer=saver)
            app = desk.register(built, "asker")
            if turn == "ask":
                app.invoke({"messages": [question]}, config)
            else:
                desk.decide(desk.pending()[0].id, Respond("the blue one"), by="ann")
                told = tools.told(app.get_state(config).values)
                assert told["call-0"].text == "the blue one"


def test_agent_inbox_reads_and_answers_the_calls_of_an_agent(counter: Counter) -> None:
    """It reads `arguments`, where LangChain's middleware has `args`, and sends a list."""
    mailer = Mailer(counter, tools.once(tools.mails("ann")))
    mailer.start()
    (asked,) = mailer.app.get_state(mailer.config).interrupts
    (action,) = asked.value["action_requests"]
    assert action["arguments"] == action["args"] == {"to": "ann"}
    edit = {"type": "edit", "args": {"action": "mail", "args": {"to": "bob"}}}
    mailer.app.invoke(Command(resume=[edit]), mailer.config)
    assert mailer.outbox.sent == ["bob"]


def test_agent_chat_ui_answers_the_calls_of_an_agent(counter: Counter) -> None:
    mailer = Mailer(counter, tools.once(tools.mails("ann")))
    mailer.start()
    edit = {"type": "edit", "edited_action": {"name": "mail", "args": {"to": "bob"}}}
    mailer.app.invoke(Command(resume={"decisions": [edit]}), mailer.config)
    assert mailer.outbox.sent == ["bob"]


def test_agent_inbox_several_items_at_once(counter: Counter) -> None:
    mailer = Mailer(counter)
    mailer.start()
    waiting = counter.inbox.pending()
    done = counter.inbox.decide_many([(one, Approve()) for one in waiting], by="ann")
    assert [one.error for one in done] == [None] * 3
    assert sorted(mailer.outbox.sent) == ["ann", "bob", "cid"]


def test_agent_inbox_answers_keep_their_types(counter: Counter) -> None:
    _, config = counter.ask(app := counter.app())
    edited = {"action": "pay", "args": {"payment": '{"to": "ACME", "amount": 99}'}}
    app.invoke(Command(resume=[{"type": "edit", "args": edited}]), config)
    assert counter.paid == [{"to": "ACME", "amount": 99}]


def test_awaithumans_the_same_content_in_two_threads_is_decided_twice(counter: Counter) -> None:
    app = counter.app()
    one, _ = counter.ask(app)
    other, _ = counter.ask(app)
    assert one.id != other.id
    counter.inbox.decide(one.id, Approve(), by="ann")
    assert counter.paid == [BILL]
    assert [review.id for review in counter.inbox.pending()] == [other.id]


def test_awaithumans_an_answer_that_is_delivered_twice_pays_once(counter: Counter) -> None:
    review, config = counter.ask(app := counter.app())
    asked = app.get_state(config).interrupts[0].id
    for _ in range(2):
        app.invoke(Command(resume={asked: {"type": "approve"}}), config)
    with pytest.raises(AlreadyDecided):
        counter.inbox.decide(review.id, Approve(), by="ann")
    assert counter.paid == [BILL]


def test_awaithumans_two_of_three_decide(counter: Counter) -> None:
    """Awaithumans #76."""
    review, _ = counter.ask(counter.app(reviewers=quorum(2, of="finance", size=3)))
    assert counter.inbox.decide(review.id, Approve(), by=MARIA).status == "pending"
    assert counter.paid == []
    assert counter.inbox.decide(review.id, Approve(), by=JO).status == "applied"
    assert counter.paid == [BILL]


def test_awaithumans_nobody_in_time_pays_nothing(counter: Counter) -> None:
    review, _ = counter.ask(counter.app(timeout="2h"))
    counter.clock.advance(hours=3)
    with pytest.raises(Expired):
        counter.inbox.decide(review.id, Approve(), by="ann")
    assert (counter.paid, counter.declined) == ([], 1)


def test_awaithumans_without_a_server(tmp_path: Path) -> None:
    """Awaithumans #64: a file is enough, and whoever decides has no graph."""
    url = f"sqlite:///{tmp_path / 'reviews.db'}"
    with Inbox.open(url) as desk, SqliteSaver.from_conn_string(str(tmp_path / "t.db")) as saver:
        builder = StateGraph(Payment)
        builder.add_node("gate", human_approval("payment", action="pay", inbox=desk))
        builder.add_edge(START, "gate")
        app = desk.register(builder.compile(checkpointer=saver), "payments")
        config: RunnableConfig = {"configurable": {"thread_id": "1"}}
        app.invoke({"payment": BILL}, config)
        with Inbox.open(url, resume="worker") as elsewhere:
            elsewhere.decide(elsewhere.pending()[0].id, Approve(), by="ann")
        desk.work()
        assert approved(app.get_state(config).values, "payment") == BILL


def test_camunda_what_nobody_decides_goes_up_and_the_history_is_one(counter: Counter) -> None:
    levels = chain("member", "lead", within={"member": "4h"})
    review, _ = counter.ask(counter.app(reviewers=levels, timeout="2d"))
    counter.clock.advance(hours=5)
    counter.inbox.work()
    with pytest.raises(NotAuthorised):
        counter.inbox.decide(review.id, Approve(), by=Reviewer("jo", level="member"))
    counter.inbox.decide(review.id, Approve(), by=Reviewer("maria", level="lead"))
    events = [row.event for row in counter.inbox.history(review.id)]
    assert events == ["filed", "escalated", "refused", "settled", "applied"]
    assert counter.paid == [BILL]


def test_hitloop_tells_once_however_often_a_node_runs_again(counter: Counter) -> None:
    told: list[str] = []
    app = counter.app(on_asked=lambda request: told.append(request.review_id))
    review, config = counter.ask(app)
    for _ in range(3):
        app.invoke(None, config)
    assert told == [review.id]


class Loop(TypedDict, total=False):
    """How often, and what was said."""

    said: list[Any]


def test_langgraph_questions_in_a_loop_have_answers_of_their_own(counter: Counter) -> None:
    def ask(state: Loop) -> Loop:
        said = state.get("said", [])
        return {"said": [*said, interrupt(f"question {len(said)}")]}

    builder = StateGraph(Loop)
    builder.add_node("ask", ask)
    builder.add_edge(START, "ask")
    builder.add_conditional_edges("ask", lambda state: "ask" if len(state["said"]) < 3 else END)
    app = counter.inbox.watch(builder.compile(checkpointer=counter.saver), "loop")
    config = counter.thread()
    app.invoke({}, config)
    for number in range(3):
        (review,) = counter.inbox.pending()
        assert review.request["subject"] == f"question {number}"
        counter.inbox.decide(review.id, Respond(number), by="ann")
    assert app.get_state(config).values["said"] == [0, 1, 2]


def test_langgraph_an_answer_to_something_else_is_neither_taken_nor_dropped(
    counter: Counter,
) -> None:
    app = counter.app()
    one, config = counter.ask(app)
    other, _ = counter.ask(app, {"to": "Evil", "amount": 9})
    with pytest.raises(ValidationError, match="read the review again"):
        app.invoke(Command(resume={"type": "approve", "review_id": other.id}), config)
    with pytest.raises(StaleReview):
        counter.inbox.decide(one.id, Approve(), by="ann", seen=other.digest)
    with pytest.raises(UnknownReview):
        counter.inbox.decide("0" * 32, Approve(), by="ann")
    assert counter.paid == []


def test_langgraph_who_may_resume_is_checked(counter: Counter) -> None:
    review, config = counter.ask(app := counter.app(reviewers="finance"))
    app.invoke(Command(resume={"type": "approve", "by": "maria"}), config)
    assert counter.paid == []
    counter.inbox.decide(review.id, Approve(), by=MARIA)
    assert counter.paid == [BILL]


def test_langgraph_every_question_that_waits_is_listed(counter: Counter) -> None:
    builder = StateGraph(Loop)
    builder.add_node("ask", lambda state: {"said": [interrupt("?")]})
    builder.add_edge(START, "ask")
    elsewhere = builder.compile(checkpointer=counter.saver)
    for _ in range(15):
        elsewhere.invoke({}, counter.thread())
    counter.inbox.watch(builder.compile(checkpointer=counter.saver), "loop")
    assert counter.inbox.reconcile().filed == 15
    assert len(counter.inbox.pending()) == 15


def test_pydantic_ai_an_approval_is_bound_to_what_was_shown(counter: Counter) -> None:
    app = counter.app()
    review, config = counter.ask(app)
    counter.inbox.decide(review.id, Approve(), by="ann")
    state = app.get_state(config).values
    assert approved(state, "payment") == BILL
    with pytest.raises(Drifted):
        approved({**state, "payment": {"to": "ACME", "amount": 121}}, "payment")


def test_openai_agents_what_was_edited_runs(counter: Counter) -> None:
    review, _ = counter.ask(counter.app())
    less = {"to": "ACME", "amount": 100}
    done = counter.inbox.decide(review.id, Edit(less, "as agreed"), by="ann")
    assert (done.outcome, counter.paid) == ("edited", [less])
