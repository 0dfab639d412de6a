"""`flagged`: a person is asked where a flag is true, and where it is neither true nor false."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from langgraph_hitl import add_review, human_approval
from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers import flagged
from tests.apps import State
from tests.scale import scale
from tests.triggers.hostile import ANYTHING, condition, found


def test_the_finding_names_what_was_raised() -> None:
    trigger = flagged("legal", "item.press", "late")
    assert found(trigger, legal=True, item={"press": True}, late=False).to_json() == {
        "needed": True,
        "sentence": "Flagged as legal, item.press.",
        "trigger": "flagged",
        "details": {"raised": ["legal", "item.press"], "flags": ["legal", "item.press", "late"]},
    }


@pytest.mark.parametrize("item", [{}, {"legal": True}, {"legl": None}, None])
def test_a_path_to_something_that_is_not_there_asks(item: Any) -> None:
    """It may be misspelt, which no schema tells."""
    finding = found(flagged("item.legl"), item=item)
    assert finding.needed is True
    assert finding.sentence == "The flag item.legl is missing."
    assert found(flagged("item.legl", optional=True), item=item).needed is False


def test_an_optional_flag_may_stand_in_several_places() -> None:
    finding = found(flagged("legal", "item.legal", "press", optional=True))
    assert finding.sentence == "Not flagged as legal or press."


@pytest.mark.parametrize("values", [{}, {"legal": None}, {"legal": False}])
def test_absent_none_and_false_are_not_set(values: dict[str, Any]) -> None:
    finding = found(flagged("legal"), **values)
    assert finding.needed is False
    assert finding.sentence == "Not flagged as legal."


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (1, "The flag legal is 1 instead of true or false."),
        (0, "The flag legal is 0 instead of true or false."),
        ("no", "The flag legal is 'no' instead of true or false."),
        ("", "The flag legal is '' instead of true or false."),
        ([], "The flag legal is [] instead of true or false."),
    ],
)
def test_anything_else_asks_a_person_in_plain_words(value: Any, sentence: str) -> None:
    for trigger in (flagged("legal"), ~flagged("legal"), flagged("press", "legal")):
        finding = found(trigger, legal=value)
        assert finding.needed is True
        assert finding.sentence == sentence


@given(ANYTHING)
@settings(max_examples=scale(2_000), deadline=None)
def test_nothing_passes_but_false_or_nothing(value: Any) -> None:
    clear = value is None or value is False
    assert found(flagged("x"), x=value).needed is not clear
    assert found(flagged("a", "x"), a=False, x=value).needed is not clear
    if value is not True and not clear:
        assert found(~flagged("x"), x=value).needed is True


@given(ANYTHING)
@settings(max_examples=scale(2_000), deadline=None)
def test_a_way_into_anything_passes_only_where_there_is_a_place_for_the_flag(value: Any) -> None:
    finding = condition(flagged("x.high")).evaluate({"x": value}, None)  # type: ignore[arg-type]
    if not finding.needed:
        assert value is None or (isinstance(value, dict) and value.get("high") in (None, False))


def test_a_flag_that_is_a_method_asks_a_person() -> None:
    class Item:
        def high_risk(self) -> bool:
            return True

    for optional in (True, False):
        finding = found(flagged("item.high_risk", optional=optional), item=Item())
        assert finding.needed is True
        assert finding.sentence == "The item.high_risk cannot be read from an Item."


def test_a_flag_inside_of_a_text_asks_unless_it_is_optional() -> None:
    for subject in ("a letter", ["a", "b"], 5):
        assert found(flagged("x.high_risk"), x=subject).needed is True
        assert found(flagged("x.high_risk", optional=True), x=subject).needed is False


def test_a_misspelt_flag_is_an_error_when_the_gate_is_added() -> None:
    from langgraph.graph import END, StateGraph

    def added(**options: Any) -> None:
        gate = human_approval("draft", when=flagged("hihg_risk", **options))
        add_review(StateGraph(State), "check", gate, approved=END, rejected=END)

    with pytest.raises(GateError, match="hihg_risk"):
        added()
    added(optional=True)


def test_a_flag_that_stands_twice_counts_once() -> None:
    assert found(flagged("x", "x"), x=True).sentence == "Flagged as x."


@pytest.mark.parametrize(
    "flags", [(), ("",), (" ",), (None,), (5,), (["a", "b"],), ("a..b",), ("review",), ("a\x00",)]
)
def test_flags_are_state_keys_or_paths(flags: tuple[Any, ...]) -> None:
    with pytest.raises(GateError):
        flagged(*flags)
    with pytest.raises(GateError) as caught:
        flagged("x" * 1_000_000 + "\x00")
    assert len(str(caught.value)) < 200
