"""What a callable reads is declared in one of three ways, and it gets its state in that form."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from langchain_core.runnables import RunnableLambda
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from langgraph_hitl import human_approval, pending
from langgraph_hitl._reads import (
    Reads,
    declared_reads,
    is_state_schema,
    refuse_coroutine,
    schema_defaults,
    schema_keys,
)
from langgraph_hitl.errors import GateError
from tests.paused import graph, new_thread, pause, spec


class Typed(TypedDict):
    draft: str
    amount: int


class Model(BaseModel):
    draft: str = ""
    amount: int = 7
    tags: list[str] = Field(default_factory=list)


@dataclass
class Data:
    draft: str = ""
    amount: int = 7
    tags: list[str] = field(default_factory=list)


def reads_typed(state: Typed) -> bool:
    return state["amount"] > 5


def reads_model(state: Model) -> bool:
    return state.amount > 5


def reads_data(state: Data) -> bool:
    return state.amount > 5


def reads_anything(state: Any) -> bool:
    return True


class Caller:
    def __call__(self, state: Typed) -> bool:
        return True

    def method(self, state: Typed) -> bool:
        return True


def declared(function: Any, **more: Any) -> Reads:
    return declared_reads(function, **{"what": "when", "reads": (), "state_schema": None} | more)


@pytest.mark.parametrize(
    "function", [reads_typed, Caller(), Caller().method, RunnableLambda(reads_typed)]
)
def test_an_annotation_declares_its_keys(function: Any) -> None:
    assert declared(function).keys == {"draft", "amount"}


@pytest.mark.parametrize(("function", "schema"), [(reads_model, Model), (reads_data, Data)])
def test_a_model_gets_an_instance_of_itself(function: Any, schema: Any) -> None:
    seen = declared(function).view({"draft": "x", "amount": 3, "other": 1})
    assert seen == schema(draft="x", amount=3)


def test_a_typed_dict_gets_its_own_keys_only() -> None:
    assert declared(reads_typed).view({"draft": "x", "other": 1}) == {"draft": "x"}


def test_reads_declares_for_a_function_without_an_annotation() -> None:
    found = declared(lambda state: True, reads=("amount",))
    assert found.view({"draft": "x", "amount": 3}) == {"amount": 3}


def test_a_state_schema_declares_for_a_function_without_an_annotation() -> None:
    found = declared(reads_anything, state_schema=Model)
    assert found.view({"amount": 3}) == Model(amount=3)


def test_an_annotation_comes_before_a_state_schema() -> None:
    assert declared(reads_typed, state_schema=Model).model is None


def test_an_annotation_comes_before_reads() -> None:
    """`reads=` is for all functions of a gate; an annotated one still gets what it asks for."""
    assert declared(reads_data, reads=("amount",)).model is Data


@pytest.mark.parametrize("function", [reads_anything, lambda state: True, partial(reads_typed)])
def test_an_undeclared_function_is_an_error_that_names_the_three_ways(function: Any) -> None:
    with pytest.raises(GateError) as raised:
        declared(function)
    message = str(raised.value)
    assert message.startswith("when: which state keys does ")
    for cure in ("Annotate its first parameter", 'reads=("key", ...)', "state_schema="):
        assert cure in message


def test_the_function_is_named() -> None:
    with pytest.raises(GateError, match="does reads_anything read"):
        declared(reads_anything)


def test_a_function_takes_the_state() -> None:
    with pytest.raises(GateError, match="takes no parameter; it is called with the state"):
        declared(lambda: True)


@pytest.mark.parametrize("option", ["when", "context", "revise"])
@pytest.mark.parametrize("schema", [Typed, Model, Data])
def test_every_option_can_be_declared_by_a_state_schema(option: str, schema: Any) -> None:
    given: dict[str, Any] = {option: lambda state: {}}
    gate = human_approval("draft", state_schema=schema, **given)
    assert set(spec(gate).input_keys) >= {"draft", "amount"}


@pytest.mark.parametrize("option", ["when", "context", "revise"])
def test_every_option_can_be_declared_by_reads(option: str) -> None:
    given: dict[str, Any] = {option: lambda state: {}}
    gate = human_approval("draft", reads=("amount",), **given)
    assert spec(gate).input_keys == ("amount", "draft")


@pytest.mark.parametrize("option", ["when", "context", "revise"])
def test_every_option_has_to_be_declared(option: str) -> None:
    given: dict[str, Any] = {option: lambda state: {}}
    with pytest.raises(GateError, match=f"{option}: which state keys does"):
        human_approval("draft", **given)


@pytest.mark.parametrize("function", [reads_typed, reads_model, reads_data])
@pytest.mark.parametrize(("amount", "asked"), [(9, 1), (2, 0)])
def test_a_condition_reads_the_state_in_its_own_form(
    function: Any, amount: int, asked: int
) -> None:
    app, config = graph(human_approval("draft", when=function)), new_thread()
    app.invoke({"draft": "x", "amount": amount}, config)
    assert len(pending(app, config)) == asked


def test_reads_for_one_function_leaves_an_annotated_one_alone() -> None:
    gate = human_approval(
        "draft", when=reads_data, revise=lambda state: {"draft": "y"}, reads=("sources",)
    )
    sentence = pause(gate, {"draft": "x", "amount": 9}).request.finding["sentence"]
    assert sentence == "The condition for a review holds."


@pytest.mark.parametrize(
    ("schema", "is_one"),
    [(Typed, True), (Model, True), (Data, True), (dict, False), (int, False), (None, False)],
)
def test_what_a_state_schema_is(schema: Any, is_one: bool) -> None:
    assert is_state_schema(schema) is is_one


def test_an_instance_is_no_schema() -> None:
    assert not is_state_schema(Data())
    assert not is_state_schema(Model())


@pytest.mark.parametrize("schema", [Model, Data])
def test_defaults_of_a_schema_are_made_anew_each_time(schema: Any) -> None:
    defaults = schema_defaults(schema)
    assert {key: make() for key, make in defaults.items()} == {
        "draft": "",
        "amount": 7,
        "tags": [],
    }
    assert defaults["tags"]() is not defaults["tags"]()


def test_a_typed_dict_and_required_fields_have_no_defaults() -> None:
    class Required(BaseModel):
        draft: str

    @dataclass
    class Strict:
        draft: str

    assert schema_defaults(Typed) == schema_defaults(Required) == schema_defaults(Strict) == {}


@pytest.mark.parametrize("schema", [Model, Data])
def test_the_keys_of_a_schema(schema: Any) -> None:
    assert schema_keys(schema) == {"draft", "amount", "tags"}


async def later(state: Typed) -> bool:
    return True


class Later:
    async def __call__(self, state: Typed) -> bool:
        return True


@pytest.mark.parametrize("function", [later, Later(), partial(later)])
def test_conditions_are_plain_functions(function: Any) -> None:
    with pytest.raises(GateError, match=r"when: .* is async; pass a plain function"):
        refuse_coroutine(function, "when")
    with pytest.raises(GateError, match="is async; pass a plain function"):
        human_approval("draft", when=function, reads=("draft",))
    with pytest.raises(GateError, match=r"context: .* is async"):
        human_approval("draft", context=function, reads=("draft",))


class Aliased(BaseModel):
    high_risk: bool = Field(False, alias="highRisk")


class ByName(Aliased):
    model_config = {"populate_by_name": True}


def test_a_model_whose_fields_have_other_names_in_the_state_is_an_error() -> None:
    """It would be made with its defaults, whatever the state says."""

    def risky(state: Aliased) -> bool:
        return state.high_risk

    def risky_by_name(state: ByName) -> bool:
        return state.high_risk

    with pytest.raises(GateError, match=r"Aliased.high_risk has an alias, but state keys are read"):
        human_approval("draft", when=risky)
    assert spec(human_approval("draft", when=risky_by_name)).input_keys == ("draft", "high_risk")
