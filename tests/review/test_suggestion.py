"""Suggestions go into a text where they were made, or not at all."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from langgraph_hitl.errors import ProposalFailed
from langgraph_hitl.review.suggestion import (
    CHANGED,
    GONE,
    NOTHING_LEFT,
    SEVERAL,
    anchored,
    read_suggestions,
    with_suggestions,
)

TEXT = "a bad day, a bad night"


def one(replaces: str, replacement: Any = "x", **more: Any) -> dict[str, Any]:
    return {"id": "1", "replaces": replaces, "replacement": replacement, **more}


def read(*given: Any, text: str = TEXT, **options: Any) -> list[dict[str, Any]]:
    return read_suggestions(list(given), of="suggest=", text=text, **options)


def test_what_has_no_id_is_numbered_and_knows_its_place() -> None:
    first, second = read(
        {"replaces": "day", "replacement": "dawn", "why": "rhythm"},
        {"id": None, "replaces": "night", "replacement": "dusk", "why": None},
        numbered_from=4,
    )
    assert (first["id"], first["at"], first["why"]) == ("4", 6, "rhythm")
    assert (second["id"], second["at"], "why" in second) == ("5", 17, False)
    assert first["on"] == second["on"]


class Said(BaseModel):
    replaces: str
    replacement: str
    why: str | None = None


class All(BaseModel):
    suggestions: list[Said]


@pytest.mark.parametrize(
    "given",
    [
        [Said(replaces="day", replacement="dawn")],
        All(suggestions=[Said(replaces="day", replacement="dawn")]),
        {"suggestions": [{"replaces": "day", "replacement": "dawn"}]},
        ({"replaces": "day", "replacement": "dawn", "conflict": "mine", "on": "mine"},),
    ],
)
def test_the_shapes_in_which_a_model_may_say_it(given: Any) -> None:
    (found,) = read_suggestions(given, of="suggest=", text=TEXT)
    assert (found["id"], found["at"]) == ("1", 6)
    assert "conflict" not in found
    assert found["on"].startswith("sha256:")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (None, "suggest= returned None instead of a list"),
        ("shorter", "instead of a list of suggestions"),
        ({"suggestions": [], "more": 1}, "instead of a list"),
        (["shorter"], "suggestion 0 is 'shorter' instead of an object"),
        ([{"replaces": "day"}], "suggestion 0: 'replacement' is no text: None"),
        ([one("day"), one("night", replacement=5, id="2")], "suggestion 1: 'replacement'"),
        ([one("")], "'replaces' is empty; to insert"),
        ([one("day", "day")], "changes nothing"),
        ([one("day"), one("night")], "two open suggestions have the id '1'"),
        ([one("day", id=" ")], "its id ' ' is no text"),
        ([one("day", id=True)], "its id True is no text"),
        ([one("day", why=object())], "is not JSON"),
        ([one("day", "\x00")], "is not JSON"),
    ],
)
def test_garbage_is_an_error_that_names_it(given: Any, problem: str) -> None:
    with pytest.raises(ProposalFailed, match=problem):
        read_suggestions(given, of="suggest=", text=TEXT)


@pytest.mark.parametrize(
    ("replaces", "at", "place"),
    [
        ("day", None, 6),
        ("day", 99, 6),
        ("bad", None, SEVERAL),
        ("bad", 2, 2),
        ("bad", 13, 13),
        ("bad", 3, SEVERAL),
        ("bad", -9, SEVERAL),
        ("bad", "2", SEVERAL),
        ("bad", True, SEVERAL),
        ("good", None, GONE),
        ("good", 2, GONE),
    ],
)
def test_words_that_stand_once_need_no_place(replaces: str, at: Any, place: Any) -> None:
    found = anchored(one(replaces, at=at), TEXT)
    assert found.get("at", found.get("conflict")) == place
    assert ("at" in found) != ("conflict" in found)


def test_words_that_overlap_themselves_stand_several_times() -> None:
    assert anchored(one("aa"), "aaa")["conflict"] == SEVERAL


def test_a_place_in_another_text_does_not_count() -> None:
    before = anchored(one("bad", at=2), TEXT)
    after = anchored(before, "so " + TEXT)
    assert after["conflict"] == SEVERAL
    assert anchored(before, "so a bad day")["at"] == 5


def test_the_conflict_of_one_text_is_not_that_of_another() -> None:
    gone = anchored(one("good"), TEXT)
    assert anchored(gone, "a good day")["at"] == 2


def test_what_was_shown_with_another_text_is_not_applied() -> None:
    before = anchored(one("day"), "today")
    assert with_suggestions(TEXT, [before]) == (TEXT, {"1": CHANGED})


def test_two_that_replace_the_same_words_are_both_left_out() -> None:
    long, inner, free = read(
        {"replaces": "a bad day", "replacement": "one"},
        {"replaces": "day", "replacement": "dawn"},
        {"replaces": "night", "replacement": "dusk"},
    )
    done = with_suggestions(TEXT, [inner, free, long])
    assert done.text == "a bad day, a bad dusk"
    assert set(done.conflicts) == {"1", "2"}
    assert "replaces words that '2' replaces too" in done.conflicts["1"]


def test_of_many_that_replace_the_same_words_some_are_named() -> None:
    same = read(*[{"replaces": "night", "replacement": f"dusk {n}"} for n in range(300)])
    done = with_suggestions(TEXT, same)
    assert (done.text, len(done.conflicts)) == (TEXT, 300)
    assert "replaces words that '1', '10', '100' and others replaces too" in done.conflicts["300"]
    assert max(map(len, done.conflicts.values())) < 200


def test_neighbours_do_not_touch_each_other() -> None:
    left, right = read(
        {"replaces": "day", "replacement": "d"}, {"replaces": ", a", "replacement": "; one"}
    )
    assert with_suggestions(TEXT, [right, left]) == ("a bad d; one bad night", {})


def test_nothing_may_be_left_of_a_text_by_a_person_who_says_so() -> None:
    gone = anchored(one("day", " "), "day")
    assert with_suggestions("day", [gone]) == ("day", {"1": NOTHING_LEFT})


@st.composite
def cuts(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]]]:
    """A text and suggestions that quote parts of it which do not overlap, in any order."""
    text = draw(st.text("ab ", min_size=1, max_size=12))
    marks = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    suggestions = [
        {
            "id": str(number),
            "replaces": text[start:end],
            "replacement": draw(st.text("xyz", min_size=1, max_size=3)),
            "at": start,
        }
        for number, (start, end) in enumerate(pairwise(marks))
    ]
    return text, [anchored(each, text) for each in suggestions]


@given(cuts(), st.data())
def test_the_order_of_what_is_accepted_does_not_matter_and_the_rest_changes_nothing(
    drawn: tuple[str, list[dict[str, Any]]], data: st.DataObject
) -> None:
    text, suggestions = drawn
    accepted = data.draw(st.permutations(suggestions))[: data.draw(st.integers(0, 8))]
    done = with_suggestions(text, accepted)
    assert done == with_suggestions(text, data.draw(st.permutations(accepted)))
    assert done.conflicts == {}
    expected, here = [], 0
    for each in sorted(accepted, key=lambda s: int(s["at"])):
        expected += [text[here : each["at"]], each["replacement"]]
        here = each["at"] + len(each["replaces"])
    assert done.text == "".join([*expected, text[here:]])


@given(
    st.text("abc ", min_size=1, max_size=10),
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(1, 9), st.text("xy", max_size=3)), max_size=5
    ),
    st.data(),
)
def test_of_any_set_the_result_is_the_same_in_any_order_and_conflicts_change_nothing(
    text: str, drawn: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    quoted = [
        {"id": str(n), "replaces": text[start : start + size], "replacement": word, "at": start}
        for n, (start, size, word) in enumerate(drawn)
    ]
    accepted = [anchored(each, text) for each in quoted if each["replaces"]]
    done = with_suggestions(text, accepted)
    assert done == with_suggestions(text, data.draw(st.permutations(accepted)))
    free = [each for each in accepted if each["id"] not in done.conflicts]
    assert with_suggestions(text, free) == (done.text, {})
    assert done.text.strip() or not text.strip()
