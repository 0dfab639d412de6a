"""Five checkpoints of one file, each at its stage of a workflow that plans, works and commits."""

from __future__ import annotations

import operator
from pathlib import Path
from typing import Annotated, Any

import pytest
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import (
    Approve,
    Checkpoint,
    Choose,
    Edit,
    Reject,
    Respond,
    ReviewState,
    add_review,
    approved,
)
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.errors import ContextMissing
from tests.drivers import Builder, Driver, Thread

FILE = Path(__file__).parent.parent / "fixtures" / "checkpoints.yaml"


class Work(ReviewState, total=False):
    goal: str
    plan: list[str]
    estimate: dict[str, Any]
    results: list[str]
    spent: int
    order: str
    checks: str
    commits: Annotated[list[list[str]], operator.add]
    lesson: str
    routine: bool


def plan(state: Work) -> dict[str, Any]:
    assert approved(state, "goal")
    return {"plan": ["read", "write", "test"], "results": [], "spent": 0}


def step(state: Work) -> dict[str, Any]:
    planned = approved(state, "plan")
    done = state["results"]
    return {"results": [*done, f"{planned[len(done)]} done"], "spent": state["spent"] + 1}


def commit(state: Work) -> dict[str, Any]:
    return {"commits": [approved(state, "results")]}


def after_step(state: Work) -> str:
    """The next step, unless all are done or the person said to stop."""
    if state.get("order") == "commit what is there" or len(state["results"]) == len(state["plan"]):
        return "release"
    return "step"


def checkpoint(name: str) -> Gate:
    return Checkpoint.from_yaml(FILE, name=name, state_schema=Work)


def workflow() -> Builder:
    builder: Builder = StateGraph(Work)
    for node in (plan, step, commit):
        builder.add_node(node.__name__, node)
    builder.add_node("next_step", lambda state: {})
    builder.add_edge(START, "admission")
    add_review(builder, "admission", checkpoint("admission"), approved="plan", rejected=END)
    builder.add_edge("plan", "plan_review")
    add_review(builder, "plan_review", checkpoint("plan_review"), approved="step", rejected=END)
    builder.add_edge("step", "budget")
    add_review(
        builder, "budget", checkpoint("budget"), chosen="next_step", auto_approved="next_step"
    )
    builder.add_conditional_edges("next_step", after_step, ["step", "release"])
    add_review(builder, "release", checkpoint("release"), approved="commit", rejected=END)
    builder.add_edge("commit", "retrospect")
    add_review(builder, "retrospect", checkpoint("retrospect"), answered=END, auto_approved=END)
    return builder


START_STATE = {
    "goal": "Translate the manual",
    "estimate": {"cost": 80, "risk": "low"},
    "checks": "12 passed",
}


def started(driver: Driver, **changes: Any) -> Thread:
    thread = driver.thread(workflow)
    thread.send({**START_STATE, **changes})
    return thread


def at(thread: Thread) -> tuple[str, str]:
    """The action and the stage that a person is asked about."""
    return thread.request.action, thread.request.context["stage"]


def test_a_person_is_asked_at_each_of_the_five_stages(sample: Driver) -> None:
    thread = started(sample)
    assert at(thread) == ("start_work", "before_execution")
    assert "plan" not in thread.values

    thread.decide(Approve())
    assert at(thread) == ("plan_review", "after_planning")
    assert thread.request.finding["sentence"] == "The estimate.cost 80 is over 50."
    assert thread.request.context["goal"] == "Translate the manual"
    assert thread.values["results"] == []

    thread.decide(Edit(["read", "write", "test", "print"]))
    assert at(thread) == ("budget", "between_steps")
    assert thread.request.context["results"] == ["read done", "write done", "test done"]
    assert thread.request.finding["sentence"] == "The spent 3 is over 2."

    thread.decide(Choose("go on"))
    assert at(thread) == ("budget", "between_steps")
    thread.decide(Choose("commit what is there"))
    assert at(thread) == ("commit", "before_commit")
    assert thread.request.context["checks"] == "12 passed"
    assert not thread.values.get("commits")

    thread.decide(Approve())
    assert at(thread) == ("retrospect", "after_execution")
    results = ["read done", "write done", "test done", "print done"]
    assert thread.values["commits"] == [results]

    thread.decide(Respond("Print last."))
    assert thread.over
    assert thread.values["lesson"] == "Print last."
    assert [record["gate"] for record in thread.values["reviews"]] == [
        "admission",
        "plan_review",
        "budget",
        "budget",
        "budget",
        "budget",
        "release",
        "retrospect",
    ]


def test_where_nothing_is_the_matter_only_start_and_commit_ask(sample: Driver) -> None:
    thread = started(sample, estimate={"cost": 20, "risk": "low"}, routine=True)
    thread.decide(Approve())
    assert at(thread) == ("budget", "between_steps")  # three steps are over the budget of two
    thread.decide(Choose("go on"), Approve())
    assert thread.over
    outcomes = {record["gate"]: record["outcome"] for record in thread.values["reviews"]}
    assert outcomes == {
        "admission": "approved",
        "plan_review": "auto_approved",
        "budget": "chosen",
        "release": "approved",
        "retrospect": "auto_approved",
    }


def test_a_no_before_execution_starts_nothing(sample: Driver) -> None:
    thread = started(sample)
    thread.decide(Reject("nobody asked for it"))
    assert thread.over
    assert "plan" not in thread.values


def test_a_no_after_planning_works_on_nothing(sample: Driver) -> None:
    thread = started(sample)
    thread.decide(Approve(), Reject("too dear"))
    assert thread.over
    assert thread.values["results"] == []


def test_between_steps_a_person_stops_the_work(sample: Driver) -> None:
    thread = started(sample, estimate={"cost": 20, "risk": "critical"})
    thread.decide(Approve(), Edit(["a", "b", "c", "d", "e"]))
    thread.decide(Choose("commit what is there"), Approve())
    assert thread.values["commits"] == [["a done", "b done", "c done"]]


def test_a_no_before_the_commit_commits_nothing(sample: Driver) -> None:
    thread = started(sample)
    thread.decide(Approve(), Approve(), Choose("go on"), Reject("the tests are missing"))
    assert thread.over
    assert not thread.values.get("commits")


def test_nobody_is_asked_to_commit_without_the_checks(sample: Driver) -> None:
    thread = started(sample, checks=" ")
    thread.decide(Approve(), Approve())
    with pytest.raises(ContextMissing, match="'checks'"):
        thread.decide(Choose("go on"))
    assert not thread.values.get("commits")
