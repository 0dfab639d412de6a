"""A plan as a model gives it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from langgraph_hitl.errors import ProposalFailed
from langgraph_hitl.review.plan import read_plan, step_problem


class Step(BaseModel):
    do: str
    ask: str | None = None


class Plan(BaseModel):
    steps: list[Step]
    risks: list[str] = []
    questions: list[str] = []


@pytest.mark.parametrize(
    "given",
    [
        Plan(steps=[Step(do="book"), Step(do="pay", ask="Which card?")], questions=["When?"]),
        {
            "steps": [{"do": "book"}, {"id": 2, "do": "pay", "ask": "Which card?"}],
            "questions": [{"id": "q1", "question": "When?"}],
        },
        {
            "steps": ["book", {"do": "pay", "ask": "Which card?"}],
            "risks": None,
            "questions": ["When?"],
        },
    ],
)
def test_the_shapes_in_which_a_model_may_say_it(given: Any) -> None:
    assert read_plan(given, of="propose=") == {
        "steps": [{"id": "1", "do": "book"}, {"id": "2", "do": "pay", "ask": "Which card?"}],
        "risks": [],
        "questions": [{"id": "q1", "question": "When?"}],
    }


def test_a_list_is_one_of_steps() -> None:
    assert read_plan(["book"], of="propose=")["steps"] == [{"id": "1", "do": "book"}]


def test_what_a_step_has_of_its_own_stays() -> None:
    plan = read_plan([{"do": "book", "cost": 90}], of="propose=")
    assert plan["steps"] == [{"id": "1", "do": "book", "cost": 90}]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (None, "propose= returned None instead of a plan"),
        ("book", "instead of a plan"),
        ({"plan": []}, "instead of a plan"),
        ({"steps": {}}, "propose=: steps: {} is no list"),
        ({"steps": []}, "the steps cannot be decided"),
        ({"steps": [5]}, "step 0 is 5 instead of an object"),
        ({"steps": [{"title": "book"}]}, "step 0: a step says what to do, in 'do'"),
        ({"steps": [{"do": " "}]}, "a step says what to do"),
        ({"steps": [{"do": "book", "ask": ""}]}, "'ask' is a question"),
        ({"steps": [{"id": "1", "do": "a"}, {"id": 1, "do": "b"}]}, "two items have the id '1'"),
        ({"steps": [{"do": "book", "cost": float("nan")}]}, "step 0 is not JSON"),
        ({"steps": ["book"], "questions": [{"id": "q"}]}, "question 0 has no text"),
        ({"steps": ["book"], "questions": [{"id": "q1", "question": "?"}] * 2}, "told apart"),
        ({"steps": ["book"], "risks": [object()]}, "the risks are not JSON"),
    ],
)
def test_garbage_is_an_error_that_names_it(given: Any, problem: str) -> None:
    with pytest.raises(ProposalFailed, match=problem):
        read_plan(given, of="propose=")


@pytest.mark.parametrize(
    ("step", "problem"),
    [("book", "an object"), ({"do": ""}, "'do'"), ({"do": "x", "ask": 5}, "'ask'")],
)
def test_what_is_no_step(step: Any, problem: str) -> None:
    assert problem in str(step_problem(step))
    assert step_problem({"do": "book"}) is None
