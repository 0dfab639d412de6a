"""A plan as a model gives it."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
from hypothesis import example
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from langgraph_hitl._text.blank import is_blank
from langgraph_hitl.errors import ProposalFailed
from langgraph_hitl.review.plan import NotBlank, read_plan, step_problem
from langgraph_hitl.review.plan import Step as OneStep


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
        ({"plan": []}, "a plan has no field 'plan'; known: steps, risks, questions"),
        ({"stpes": []}, "a plan has no field 'stpes'; did you mean 'steps'"),
        ({"steps": ["book"], 5: 1}, "a plan has no field 5; known"),
        ({"steps": {}}, "propose=: steps: {} is no list"),
        ({"steps": []}, "the steps cannot be decided"),
        ({"steps": [5]}, "step 0 is 5 instead of an object"),
        (
            {"steps": [{"title": "book"}]},
            "step 0: a step says what to do, in 'do', .* 'title'; fields: id, do, ask, and",
        ),
        ({"steps": [{"do": "book", "ASK ": "When?"}]}, "'ASK '; did you mean 'ask'"),
        ({"steps": ["book"], "questions": [{"text": "?"}]}, "'question', only 'text'"),
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


@hypothesis.given(
    st.text(st.sampled_from("\x1c\x1d\x1e\x1f\x85\xa0\u200b\u2028\ufeff \n.")) | st.text()
)
@example("\x1f")
@example("\x85")
def test_a_step_of_a_person_is_blank_where_that_of_a_model_is(text: str) -> None:
    step = {"id": "1", "do": "book", "ask": text}
    assert _fits(OneStep, step) == (step_problem(step) is None)
    assert _fits(NotBlank, text) != is_blank(text)


def _fits(shape: Any, value: Any) -> bool:
    try:
        TypeAdapter(shape).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True
