"""Only a clear no means that nobody is asked."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl.review import Finding
from langgraph_hitl.review.digest import plain_json
from langgraph_hitl.review.finding import ALWAYS, failed, finding_of


def test_true_and_false_are_clear() -> None:
    assert finding_of(True).needed is True
    assert finding_of(False).needed is False


@pytest.mark.parametrize(
    "unclear",
    [None, 0, 1, "", "no", "False", [], {}, float("nan"), 0.0, object(), b"", NotImplemented],
)
def test_everything_else_asks_a_person_and_says_what_came(unclear: Any) -> None:
    finding = finding_of(unclear)
    assert finding.needed is True
    assert f"gave {type(unclear).__name__} instead of true or false" in finding.sentence


def test_a_finding_is_taken_as_it_is() -> None:
    finding = Finding(needed=False, sentence="Small.", score=0.1, factors={"amount": 1.0})
    assert finding_of(finding) is finding


@pytest.mark.parametrize(
    "broken",
    [
        Finding(needed=False, sentence="s", score=float("nan")),
        Finding(needed=False, sentence="s\x00"),
        Finding(needed=False, sentence="\ud800"),
        Finding(needed=False, sentence="s", factors={"a": float("inf")}),
        Finding(needed=False, sentence="s", score=2**70),
    ],
)
def test_a_finding_that_cannot_be_stored_asks_a_person(broken: Finding) -> None:
    finding = finding_of(broken)
    assert finding.needed is True
    assert "The condition failed (NotJson: " in finding.sentence
    plain_json(finding.to_json())


@pytest.mark.parametrize("unclear", [None, 0, "", "no", [], 0.0])
def test_a_finding_says_no_only_with_false(unclear: Any) -> None:
    assert finding_of(Finding(needed=unclear, sentence="s")).needed is True


@pytest.mark.parametrize(
    "odd",
    [
        {"sentence": None},
        {"sentence": 5},
        {"sentence": "s", "score": "high"},
        {"sentence": "s", "score": [1]},
        {"sentence": "s", "factors": {"a": "much"}},
    ],
)
def test_a_finding_of_wrong_types_asks_a_person_in_words(odd: dict[str, Any]) -> None:
    finding = finding_of(Finding(needed=False, **odd))
    assert finding.needed is True
    assert isinstance(finding.sentence, str)
    assert finding.score is None or isinstance(finding.score, float)


def test_an_error_asks_a_person_who_sees_it() -> None:
    finding = failed(ValueError("no score"))
    assert finding.needed is True
    assert finding.sentence == "The condition failed (ValueError: no score)."


@pytest.mark.parametrize("text", ["x" * 10_000, "a\x00b", "\ud800"])
def test_an_error_is_shown_in_a_form_that_can_be_stored(text: str) -> None:
    sentence = failed(ValueError(text)).sentence
    assert len(sentence) < 300
    plain_json(sentence)


def test_an_error_that_has_no_text_asks_a_person_too() -> None:
    class Unprintable(Exception):
        def __str__(self) -> str:
            raise RuntimeError("not even this")

    finding = failed(Unprintable())
    assert finding.needed is True
    assert "Unprintable" in finding.sentence


def test_only_what_is_set_is_stored() -> None:
    assert ALWAYS.to_json() == {"needed": True, "sentence": "Every case is reviewed."}
    full = Finding(needed=True, sentence="s", score=0.0, factors={})
    assert full.to_json() == {"needed": True, "sentence": "s", "score": 0.0, "factors": {}}
