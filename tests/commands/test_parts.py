"""`revise --part`: what is said of single parts, and answers to open questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.commands.project import APP, AS_MARIA, Project, flow, one_line_without_traceback

PLAN = """
from langgraph_hitl import plan_together

class Trip(ReviewState, total=False):
    plan: list

def propose(given):
    return {
        "steps": ["book", "pay"],
        "questions": [{"id": "q1", "question": "When?"}, {"id": "q2", "question": "How?"}],
    }

builder = StateGraph(Trip)
plan_together(
    builder, "trip", "plan", propose=propose, execute=str, approved="stay", rejected="stay",
    inbox=inbox,
)
builder.add_node("stay", lambda state: {})
builder.add_edge(START, "trip")
trips = inbox.register(builder.compile(checkpointer=SqliteSaver(connection)), "trips")
"""
TRIPS = ("--app", "flow:trips")


@pytest.fixture
def trip(empty: Project) -> str:
    """The id of a plan that waits."""
    empty.write("flow.py", flow() + PLAN)
    [review_id] = empty.start("a", graph="trips")
    return review_id


def parts(*given: str) -> list[str]:
    return [word for part in given for word in ("--part", part)]


def revise(project: Project, review_id: str, given: Sequence[str], *more: str) -> Any:
    return project.run("revise", review_id, "cheaper", *parts(*given), *(more or TRIPS), *AS_MARIA)


def test_open_questions_are_shown_and_answered(empty: Project, trip: str) -> None:
    page = empty.run("show", trip, *TRIPS).stdout
    assert "Open questions\n│ q1: When?\n│ q2: How?\n" in page
    done = revise(empty, trip, ["q1=In May", "q2=a=b", "2= by card "])
    assert done.status == 0, done.stderr
    [review] = empty.inbox.pending()
    assert review.request["context"]["answers"] == {"q1": "In May", "q2": "a=b"}
    [settled] = [row for row in empty.inbox.history(trip) if row.event == "settled"]
    assert settled.content["decision"]["parts"]["2"] == "by card"


def test_parts_of_what_has_no_questions_are_remarks(project: Project) -> None:
    [review_id] = project.start("Hello")
    done = revise(project, review_id, ["title=dull"], *APP)
    assert done.status == 0, done.stderr
    assert "title: dull" in project.run("show", review_id, *APP).stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["q3=By train"], "there is no 'q3', only q1, q2, 1, 2"),
        (["Q1=In May"], "did you mean 'q1'?"),
        (["q1"], "--part takes ID=TEXT, not 'q1'"),
        (["=In May"], "--part takes ID=TEXT"),
        (["q1= "], "--part takes ID=TEXT"),
        (["q1=In May", "q1=In June"], "--part names 'q1' twice"),
    ],
)
def test_what_does_not_fit_decides_nothing(
    empty: Project, trip: str, given: list[str], said: str
) -> None:
    for app in (TRIPS, ("--inbox", "sqlite:///reviews.db", "--resume", "worker")):
        done = revise(empty, trip, given, *app)
        assert done.status == 2
        one_line_without_traceback(done, [said])
        assert empty.review(trip).status == "pending"


def test_help_says_how(empty: Project) -> None:
    shown = " ".join(empty.run("revise", "--help").stdout.split())
    assert "--part ID=TEXT" in shown
    assert "the answer to an open question" in shown
