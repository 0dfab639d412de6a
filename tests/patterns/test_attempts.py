"""A person is told how often a node was tried, however its error has come to the handler."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import RetryPolicy, Send

from langgraph_hitl import Choose, apending, resume, with_escalation
from langgraph_hitl.patterns._attempts import MAX_TASKS, Attempts
from tests.patterns.test_with_escalation import AT_ONCE, Bank, State, built
from tests.paused import new_thread


@pytest.mark.parametrize("wrap", [lambda bank: bank, RunnableLambda], ids=["function", "runnable"])
@pytest.mark.parametrize("retry", [None, AT_ONCE])
async def test_an_error_that_asyncio_makes_anew_keeps_its_attempts(
    wrap: Any, retry: RetryPolicy | None
) -> None:
    bank, config = Bank(9), new_thread()
    node = wrap(lambda state: bank(state))
    app = built(node, retry=retry)
    await app.ainvoke({"amount": 5}, config)
    (request,) = await apending(app, config)
    assert request.context["attempts"] == len(bank.acted) == (1 if retry is None else 3)
    assert request.context["first_attempt_at"] <= request.context["failed_at"]
    await app.ainvoke(resume(request, Choose("retry")), config)
    (request,) = await apending(app, config)
    assert request.context["attempts"] == len(bank.acted) / 2


async def test_tasks_that_fail_side_by_side_keep_their_own() -> None:
    tries: dict[int, int] = {}

    def pay(state: State) -> Any:
        amount = state["amount"]
        tries[amount] = tries.get(amount, 0) + 1
        if tries[amount] == amount:
            raise TimeoutError("given up")
        raise TimeoutError("once more")

    builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
    retry = AT_ONCE._replace(max_attempts=9, retry_on=lambda error: "once more" in str(error))
    with_escalation(builder, "pay", pay, then="__end__", reads=["amount"], retry=retry)
    builder.add_conditional_edges(
        START, lambda _: [Send("pay", {"amount": amount}) for amount in (1, 2, 3)], ["pay"]
    )
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    await app.ainvoke({}, config)
    asked = await apending(app, config)
    assert {one.subject["amount"]: one.context["attempts"] for one in asked} == {1: 1, 2: 2, 3: 3}


async def test_a_node_that_succeeds_at_last_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Attempts] = []

    class Seen(Attempts):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    pattern = import_module("langgraph_hitl.patterns.with_escalation")
    monkeypatch.setattr(pattern, "Attempts", Seen)
    bank = Bank(2)
    app = built(lambda state: bank(state), retry=AT_ONCE)
    await app.ainvoke({"amount": 5}, new_thread())
    (attempts,) = made
    assert (len(bank.acted), len(attempts)) == (3, 0)


def test_only_the_latest_are_kept_of_tasks_that_nobody_asked_about() -> None:
    attempts = Attempts()
    for number in range(MAX_TASKS + 1):
        attempts.keep(f"task-{number}", (1, None))
    assert len(attempts) == MAX_TASKS
    lost, kept = TimeoutError(), TimeoutError()
    lost.add_note("with id 'task-0'")
    kept.add_note(f"with id 'task-{MAX_TASKS}'")
    assert attempts.of(lost) == (None, None)
    assert attempts.of(kept) == (1, None)
    assert len(attempts) == MAX_TASKS - 1
