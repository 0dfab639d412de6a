"""A plan: steps in their order, risks, and questions that are open.

>>> plan = read_plan({"steps": [{"do": "book"}], "questions": ["When?"]}, of="propose=")
>>> plan["steps"], plan["questions"]
([{'id': '1', 'do': 'book'}], [{'id': 'q1', 'question': 'When?'}])
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NotRequired

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from langgraph_hitl._text.blank import is_blank
from langgraph_hitl._text.suggestion import meant, suggestion
from langgraph_hitl.errors import ProposalFailed
from langgraph_hitl.review.digest import NotJson, plain_json
from langgraph_hitl.review.items import items_problem
from langgraph_hitl.review.suggestion import with_id


def _not_blank(text: str) -> str:
    if is_blank(text):
        raise PydanticCustomError("blank", "it is blank")
    return text


NotBlank = Annotated[str, Field(pattern=r"\S"), AfterValidator(_not_blank)]
"""A text that says something; what the pattern of the JSON schema leaves open, `str.strip` says."""

_FIELDS = ("steps", "risks", "questions")
_OF_STEP = ("id", "do", "ask")


class Step(TypedDict):
    """One step, as plain JSON; other fields are the caller's own.

    `ask` is a question that a person answers right before the step runs.
    """

    id: str
    do: NotBlank
    ask: NotRequired[NotBlank]


def read_plan(given: Any, *, of: str) -> dict[str, list[Any]]:
    """What a model returned, as a plan. Steps and questions without an id are numbered.

    Raises `ProposalFailed`, which names `of` and the culprit.
    """
    if hasattr(given, "model_dump"):
        given = given.model_dump(mode="json")
    if isinstance(given, list | tuple):
        given = {"steps": list(given)}
    if not isinstance(given, Mapping):
        raise ProposalFailed(f"{of} returned {given!r:.80} instead of a plan: {', '.join(_FIELDS)}")
    for field in given:
        if field not in _FIELDS:
            known = suggestion(field, _FIELDS)
            raise ProposalFailed(f"{of}: a plan has no field {field!r:.80}{known}")
    lists = {field: _list(given.get(field), f"{of}: {field}") for field in _FIELDS}
    steps = [_step(raw, f"{of}: step {n}", str(n + 1)) for n, raw in enumerate(lists["steps"])]
    questions = [
        _question(raw, f"{of}: question {n}", f"q{n + 1}")
        for n, raw in enumerate(lists["questions"])
    ]
    if problem := items_problem(steps, "id"):
        raise ProposalFailed(f"{of}: the steps cannot be decided: {problem}")
    if questions and (problem := items_problem(questions, "id")):
        raise ProposalFailed(f"{of}: the questions cannot be told apart: {problem}")
    try:
        return {"steps": steps, "risks": plain_json(lists["risks"]), "questions": questions}
    except NotJson as error:
        raise ProposalFailed(f"{of}: the risks are not JSON ({error})") from None


def step_problem(step: Any) -> str | None:
    """What is wrong with a step, or None."""
    if not isinstance(step, dict):
        return "a step is an object"
    for field in step:
        if field not in _OF_STEP and field.strip().lower() in _OF_STEP:
            return f"unknown field {field!r}{meant(field, _OF_STEP)}"
    if "do" not in step:
        return f"a step says what to do, in 'do', and this has {_named(step)}"
    if not isinstance(step.get("do"), str) or is_blank(step["do"]):
        return f"a step says what to do, in 'do': a text that is not blank, not {step.get('do')!r}"
    if "ask" in step and (not isinstance(step["ask"], str) or is_blank(step["ask"])):
        return f"'ask' is a question, a text that is not blank, not {step['ask']!r}"
    return None


def _of_ones_own(step: Any) -> Any:
    problem = step_problem(step)
    if problem is None and "id" not in step:
        problem = "a step of your own has an 'id', a text that no other step has"
    if problem is not None:
        raise PydanticCustomError("step", "{problem}", {"problem": problem})
    return step


OwnStep = Annotated[Step, BeforeValidator(_of_ones_own)]
"""A step that a person wrote, or changed."""


def _named(step: Mapping[str, Any]) -> str:
    has = ", ".join(map(repr, step)) or "nothing"
    return f"{has:.200}; fields: {', '.join(_OF_STEP)}, and your own"


def _list(given: Any, what: str) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, list | tuple):
        raise ProposalFailed(f"{what}: {given!r:.80} is no list")
    return [each.model_dump(mode="json") if hasattr(each, "model_dump") else each for each in given]


def _step(raw: Any, what: str, number: str) -> dict[str, Any]:
    step = with_id({"do": raw} if isinstance(raw, str) else raw, what, number)
    if problem := step_problem(step):
        raise ProposalFailed(f"{what}: {problem}")
    return step


def _question(raw: Any, what: str, number: str) -> dict[str, Any]:
    found = with_id({"question": raw} if isinstance(raw, str) else raw, what, number)
    if not isinstance(found.get("question"), str) or is_blank(found["question"]):
        only = ", ".join(repr(field) for field in found if field != "id")
        raise ProposalFailed(f"{what} has no text in 'question', only {only or 'an id':.200}")
    return found
