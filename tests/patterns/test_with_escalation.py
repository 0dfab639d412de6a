"""A node that fails for good waits for a person, and runs when a person says so."""

from __future__ import annotations

import gc
import operator
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import NodeError
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, RetryPolicy, Send
from pydantic import BaseModel, Field

from langgraph_hitl import (
    Approve,
    Choose,
    Edit,
    Inbox,
    Respond,
    ReviewState,
    pending,
    resume,
    with_escalation,
)
from langgraph_hitl.errors import GateError, InvalidDecision
from langgraph_hitl.panels import quorum
from langgraph_hitl.review import AllReviews, Decision, LatestReview
from tests.paused import App, new_thread

AT_ONCE = RetryPolicy(max_attempts=3, initial_interval=0, jitter=False, retry_on=TimeoutError)


class State(ReviewState, total=False):
    """A payment."""

    amount: int
    note: str
    ran: Annotated[list[str], operator.add]


class Bank:
    """A node that acts, and then fails as often as it is told to."""

    def __init__(self, failures: int = 1, error: Exception | None = None) -> None:
        self.failures = failures
        self.error = error or TimeoutError("the bank does not answer")
        self.acted: list[int] = []

    def __call__(self, state: State) -> dict[str, Any]:
        self.acted.append(state["amount"])
        if len(self.acted) <= self.failures:
            raise self.error
        return {"ran": [f"paid {state['amount']}"]}


def noting(word: str) -> Any:
    return RunnableLambda(lambda _: {"ran": [word]}, name=word)


def built(node: Any, schema: type[Any] = State, **options: Any) -> App:
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(schema)
    with_escalation(builder, "pay", node, **{"then": "ship", "aborted": "undo", **options})
    builder.add_node("ship", noting("ship"))
    builder.add_node("undo", noting("undo"))
    builder.add_edge(START, "pay")
    return builder.compile(checkpointer=InMemorySaver())


class Failing:
    """A thread whose node has failed."""

    def __init__(self, app: App, **values: Any) -> None:
        self.app, self.config = app, new_thread()
        self.app.invoke({"amount": 5, **values}, self.config)

    @property
    def request(self) -> Any:
        (request,) = pending(self.app, self.config)
        return request

    def say(self, decision: Decision, by: str | None = None) -> list[str]:
        self.app.invoke(resume(self.request, decision, by=by), self.config)
        return self.ran

    @property
    def ran(self) -> list[str]:
        values = self.app.get_state(self.config).values
        found: list[str] = values["ran"] if isinstance(values, dict) else values.ran
        return found


@pytest.mark.parametrize(
    ("decision", "ran", "acted"),
    [
        (Choose("retry"), ["paid 5", "ship"], [5, 5]),
        (Edit({"amount": 6}), ["paid 6", "ship"], [5, 6]),
        (Respond({"ran": ["paid by hand"]}), ["paid by hand", "ship"], [5]),
        (Choose("skip"), ["ship"], [5]),
        (Choose("abort"), ["undo"], [5]),
    ],
)
def test_what_a_person_can_say(decision: Decision, ran: list[str], acted: list[int]) -> None:
    bank = Bank()
    assert Failing(built(bank)).say(decision) == ran
    assert bank.acted == acted


def test_a_node_that_works_asks_nobody() -> None:
    thread = Failing(built(Bank(failures=0)))
    assert thread.ran == ["paid 5", "ship"]
    assert pending(thread.app, thread.config) == []


def test_the_person_sees_error_attempts_time_and_input() -> None:
    thread = Failing(built(Bank(9), retry=AT_ONCE), note="rent")
    request = thread.request
    assert (request.kind, request.action) == ("with_escalation", "pay")
    assert request.subject == {"amount": 5, "note": "rent", "ran": []}
    assert request.context["error"] == "TimeoutError: the bank does not answer"
    assert (request.context["node"], request.context["attempts"]) == ("pay", 3)
    assert request.context["first_attempt_at"] <= request.context["failed_at"]
    assert request.allowed_decisions == ["edit", "respond", "choose"]
    assert request.answer == {"options": ["retry", "skip", "abort"], "multiple": False}


def test_the_policies_of_langgraph_come_first() -> None:
    bank = Bank(2)
    assert Failing(built(bank, retry=AT_ONCE)).ran == ["paid 5", "ship"]
    assert bank.acted == [5, 5, 5]


@pytest.mark.parametrize("several", [tuple, list])
def test_errors_that_are_not_retryable_go_straight_to_the_person(several: Any) -> None:
    bank = Bank(9, PermissionError("the account is closed"))
    anything = AT_ONCE._replace(retry_on=Exception)
    never = several((PermissionError, ValueError))
    thread = Failing(built(bank, retry=anything, not_retryable=never))
    assert (bank.acted, thread.request.context["attempts"]) == ([5], 1)


@pytest.mark.parametrize("retry_on", [(TimeoutError,), TimeoutError, lambda _: True])
def test_what_a_policy_retries_is_said_in_any_of_langgraphs_ways(retry_on: Any) -> None:
    bank = Bank(9)
    policy = AT_ONCE._replace(retry_on=retry_on)
    Failing(built(bank, retry=[policy], not_retryable=KeyError))
    assert bank.acted == [5, 5, 5]


def test_a_handler_comes_before_the_person() -> None:
    def mend(state: State, error: NodeError) -> dict[str, Any]:
        return {"ran": [f"mended {error.error}"]}

    thread = Failing(built(Bank(), handler=mend))
    assert pending(thread.app, thread.config) == []
    assert thread.ran[0] == "mended the bank does not answer"


def test_a_node_that_goes_elsewhere_goes_to_what_is_next_too() -> None:
    def pay(state: State) -> Any:
        return Command(update={"ran": ["paid"]}, goto="undo")

    assert Failing(built(pay)).ran == ["paid", "ship", "undo"]


def test_a_handler_says_where_to_go_on() -> None:
    def mend(state: State, error: NodeError) -> Any:
        return Command(update={"ran": ["mended"]}, goto="ship")

    assert Failing(built(Bank(), handler=mend)).ran == ["mended", "ship"]


def test_a_handler_that_fails_leaves_it_to_the_person() -> None:
    def fail(state: State, error: NodeError) -> dict[str, Any]:
        raise ValueError("no idea")

    thread = Failing(built(Bank(), handler=fail))
    assert thread.request.context["error"] == "ValueError: no idea"


def test_a_retry_that_fails_asks_again_about_what_it_ran_with() -> None:
    bank = Bank(2)
    thread = Failing(built(bank))
    first = thread.request.review_id
    assert thread.say(Edit({"amount": 7})) == []
    assert thread.request.review_id != first
    assert thread.request.subject["amount"] == 7
    assert thread.say(Choose("retry")) == ["paid 7", "ship"]
    assert bank.acted == [5, 7, 7]


@given(st.lists(st.sampled_from(["retry", "edit"]), max_size=4), st.integers(0, 4))
def test_it_acts_exactly_as_often_as_a_person_decided(words: list[str], failures: int) -> None:
    bank = Bank(failures)
    thread = Failing(built(bank))
    expected, amount = [5], 5
    for number, word in enumerate(words):
        if not pending(thread.app, thread.config):
            break
        pending(thread.app, thread.config)  # to look at it runs nothing
        assert bank.acted == expected
        amount = 100 + number if word == "edit" else amount
        thread.say(Edit({"amount": amount}) if word == "edit" else Choose("retry"))
        expected.append(amount)
    assert bank.acted == expected


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"type": "edit", "value": {"amont": 5}}, "the input has no 'amont'"),
        ({"type": "edit", "value": 5}, "an object of state keys|expected JSON of the kind object"),
        ({"type": "respond", "message": {"sum": 5}}, "an update has no 'sum'"),
        ({"type": "respond", "message": "done"}, "an update is an object"),
        ({"type": "choose", "choices": ["again"]}, "again"),
        ({"type": "approve"}, "approve is not allowed"),
    ],
)
def test_what_does_not_fit_runs_nothing(answer: dict[str, Any], problem: str) -> None:
    bank = Bank()
    thread = Failing(built(bank))
    with pytest.raises(ValueError, match=problem):
        thread.app.invoke(_command(thread.request, answer), thread.config)
    assert bank.acted == [5]
    assert thread.request


def _command(request: Any, answer: dict[str, Any]) -> Any:
    from langgraph.types import Command

    return Command(resume={request.interrupt_id: answer})


def test_approving_a_failure_says_nothing() -> None:
    thread = Failing(built(Bank()))
    with pytest.raises(InvalidDecision):
        resume(thread.request, Approve())


def test_several_people_may_have_to_agree() -> None:
    bank = Bank()
    thread = Failing(built(bank, reviewers=quorum(2, of=3)))
    assert thread.say(Choose("retry"), by="ann") == []
    assert bank.acted == [5]
    assert thread.say(Choose("retry"), by="bob") == ["paid 5", "ship"]


@pytest.mark.parametrize("wrap", [lambda node: node, RunnableLambda])
async def test_asynchronous_nodes(wrap: Callable[[Any], Any]) -> None:
    bank = Bank()

    async def pay(state: State) -> dict[str, Any]:
        return bank(state)

    app, config = built(wrap(pay)), new_thread()
    await app.ainvoke({"amount": 5}, config)
    (request,) = pending(app, config)
    values = await app.ainvoke(resume(request, Choose("retry")), config)
    assert values["ran"] == ["paid 5", "ship"]


class Model(BaseModel):
    amount: int = 0
    ran: Annotated[list[str], operator.add] = Field(default_factory=list)
    review: LatestReview = None
    reviews: AllReviews = Field(default_factory=list)


@dataclass
class Data:
    amount: int = 0
    ran: Annotated[list[str], operator.add] = field(default_factory=list)
    review: LatestReview = None
    reviews: AllReviews = field(default_factory=list)


@pytest.mark.parametrize("schema", [Model, Data])
def test_states_of_other_kinds(schema: type[Any]) -> None:
    acted: list[int] = []

    def pay(state: Any) -> dict[str, Any]:
        acted.append(state.amount)
        if len(acted) == 1:
            raise TimeoutError
        return {"ran": [f"paid {state.amount}"]}

    thread = Failing(built(pay, schema))
    assert thread.say(Edit({"amount": 8})) == ["paid 8", "ship"]
    assert acted == [5, 8]


def test_what_is_not_json_is_named_and_stays_as_it_is() -> None:
    class Keeping(ReviewState, total=False):
        amount: int
        raw: Any
        ran: Annotated[list[str], operator.add]

    seen: list[Any] = []

    def pay(state: Keeping) -> dict[str, Any]:
        seen.append(state["raw"])
        if len(seen) == 1:
            raise TimeoutError
        return {"ran": ["paid"]}

    thread = Failing(built(pay, Keeping), raw=b"key")
    assert thread.request.context["not_shown"] == ["raw"]
    assert "raw" not in thread.request.subject
    assert thread.say(Edit({"amount": 6})) == ["paid", "ship"]
    assert seen == [b"key", b"key"]


class Order(ReviewState, total=False):
    """An order with a discount that is not always there."""

    amount: int
    discount: int | None
    ran: Annotated[list[str], operator.add]


class Till:
    """A node that notes what it got, and fails the first time."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []

    def __call__(self, state: Order) -> dict[str, Any]:
        given: Any = state
        self.got.append({key: given[key] for key in ("amount", "discount") if key in given})
        if len(self.got) == 1:
            raise TimeoutError
        return {"ran": ["paid"]}


def test_what_runs_again_is_what_was_shown_whatever_others_have_written_since() -> None:
    till = Till()
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(Order)
    with_escalation(builder, "pay", till, then=END)
    builder.add_node("haggle", lambda state: {"discount": 99})
    builder.add_edge(START, "pay")
    builder.add_edge(START, "haggle")
    thread = Failing(builder.compile(checkpointer=InMemorySaver()))
    assert thread.request.subject == {"amount": 5, "ran": []}
    assert thread.say(Choose("retry")) == ["paid"]
    assert till.got == [{"amount": 5}, {"amount": 5}]


@pytest.mark.parametrize(
    ("edit", "runs"),
    [
        ({"amount": 6}, {"amount": 6, "discount": 7}),
        ({"discount": None}, {"amount": 5, "discount": None}),
        ({}, {"amount": 5, "discount": 7}),
    ],
)
def test_an_edit_says_what_changes_and_the_record_has_all_that_runs(
    edit: dict[str, Any], runs: dict[str, Any]
) -> None:
    till = Till()
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(Order)
    with_escalation(builder, "pay", till, then=END)
    builder.add_node("haggle", lambda state: {"discount": 99})
    builder.add_edge(START, "pay")
    builder.add_edge(START, "haggle")
    thread = Failing(builder.compile(checkpointer=InMemorySaver()), discount=7)
    thread.say(Edit(edit))
    assert till.got == [{"amount": 5, "discount": 7}, runs]
    (record,) = thread.app.get_state(thread.config).values["reviews"]
    assert record["value"] == {**runs, "ran": []}


def test_a_branch_that_was_sent_runs_again_with_what_it_was_sent() -> None:
    till = Till()
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(Order)
    with_escalation(builder, "pay", till, then=END)
    builder.add_conditional_edges(START, lambda _: [Send("pay", {"amount": 1})])
    thread = Failing(builder.compile(checkpointer=InMemorySaver()), discount=50)
    thread.say(Choose("retry"))
    assert till.got == [{"amount": 1}, {"amount": 1}]


@pytest.mark.parametrize(
    ("schema", "update", "problem"),
    [
        (State, {"ran": 5}, "ran: its reducer does not take it"),
        (Model, {"amount": "many"}, "amount: Input should be a valid integer"),
    ],
)
def test_an_update_that_the_state_cannot_take_is_refused(
    schema: type[Any], update: dict[str, Any], problem: str
) -> None:
    def pay(state: Any) -> dict[str, Any]:
        raise TimeoutError

    thread = Failing(built(pay, schema))
    with pytest.raises(ValueError, match=problem):
        thread.app.invoke(Command(resume={"type": "respond", "message": update}), thread.config)
    assert thread.say(Choose("skip")) == ["ship"]


class Away(Exception):
    """An error that can be looked after."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_while_people_are_asked_the_error_is_kept_in_memory() -> None:
    """LangGraph takes an interrupt with the `id` of a handled error for handled.

    What other tests have left open is collected here too, and is none of its business.
    """
    raised: list[weakref.ref[Away]] = []
    alive: list[bool] = []

    async def pay(state: State) -> dict[str, Any]:
        error = Away()
        raised.append(weakref.ref(error))
        raise error

    def asked(request: Any) -> None:
        gc.collect()
        alive.append(raised[0]() is not None)

    with Inbox.open("sqlite:///:memory:") as inbox:
        app = inbox.register(built(pay, inbox=inbox, on_asked=asked), "payments")
        await app.ainvoke({"amount": 5}, new_thread())
    assert alive == [True]


def test_side_by_side_each_failure_is_a_question_of_its_own() -> None:
    acted: list[int] = []

    def pay(state: State) -> dict[str, Any]:
        acted.append(state["amount"])
        if acted.count(state["amount"]) == 1:
            raise TimeoutError(str(state["amount"]))
        return {"ran": [f"paid {state['amount']}"]}

    builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
    with_escalation(builder, "pay", pay, then="ship", reads=["amount"])
    builder.add_node("ship", noting("ship"))
    builder.add_conditional_edges(START, lambda _: [Send("pay", {"amount": n}) for n in (1, 2)])
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    app.invoke({"amount": 0}, config)
    one, two = sorted(pending(app, config), key=lambda request: request.subject["amount"])
    app.invoke(resume(one, Choose("retry")), config)
    values = app.invoke(resume(two, Choose("skip")), config)
    assert sorted(acted) == [1, 1, 2]
    assert "paid 1" in values["ran"]
    assert "paid 2" not in values["ran"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"reads": ["sum"]}, "reads names 'sum'"),
        ({"reads": "amount"}, "reads takes a list"),
        ({"reads": ["reviews"]}, "reads names 'reviews'"),
        ({"not_retryable": TimeoutError}, "no effect without retry="),
        ({"not_retryable": "TimeoutError", "retry": AT_ONCE}, "classes of errors"),
        ({"not_retryable": [TimeoutError, "x"], "retry": AT_ONCE}, "classes of errors"),
        ({"not_retryable": [TimeoutError]}, "no effect without retry="),
        ({"timeout": "1h"}, "timeout has no effect without inbox="),
        ({"schema": dict}, "state needs review and reviews|schema"),
    ],
)
def test_options_that_do_not_fit_are_errors_when_it_is_built(
    options: dict[str, Any], problem: str
) -> None:
    class Bare(BaseModel):
        amount: int = 0

    if options.get("schema") is dict:
        options = {"schema": Bare}
    with pytest.raises(GateError, match=problem):
        built(Bank(), **options)


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("colour", "known: then, .*, reviewers"),
        ("reviewer", "did you mean 'reviewers'"),
        ("retry_policy", "did you mean 'retry'"),
        ("error_handler", "did you mean 'handler'"),
    ],
)
def test_an_unknown_option_is_an_error(option: str, problem: str) -> None:
    unknown: dict[str, Any] = {option: None}
    with pytest.raises(GateError, match=f"with_escalation: unknown option '{option}'; {problem}"):
        built(Bank(), **unknown)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"retry": 3}, "retry takes a RetryPolicy.*not 3"),
        ({"retry": [RetryPolicy(), "twice"]}, "retry takes a RetryPolicy"),
        ({"handler": "refund"}, "handler takes a function.*not 'refund'"),
    ],
)
def test_how_a_failure_is_handled_is_checked_when_it_is_built(
    options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(GateError, match=problem):
        built(Bank(), **options)
