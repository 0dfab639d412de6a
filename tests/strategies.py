"""Hypothesis strategies for JSON and decisions."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from langgraph_hitl import Approve, Choose, Edit, Reject, Respond, Revise
from langgraph_hitl._text.blank import is_blank
from langgraph_hitl.review import Decision, Rating
from langgraph_hitl.review.decision import Abstain

Json = st.SearchStrategy[Any]

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
NOT_BLANK = TEXT.filter(lambda text: not is_blank(text))
SCALARS: Json = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
)


def _nested(inner: Json) -> Json:
    return st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3))


JSON: Json = st.recursive(SCALARS, _nested, max_leaves=8)
PRESENT = JSON.filter(lambda value: value is not None)

_OPTIONAL = st.none() | TEXT
_RATINGS: list[Rating] = list(get_args(Rating))
_REVISING = [rating for rating in _RATINGS if rating != "correct"]

DECISIONS: st.SearchStrategy[Decision] = st.one_of(
    st.builds(Approve, _OPTIONAL, st.sampled_from([None, "correct"])),
    st.builds(Edit, JSON, _OPTIONAL),
    st.builds(Reject, _OPTIONAL, st.sampled_from([None, *(r for r in _RATINGS if r != "correct")])),
    st.builds(
        Revise,
        NOT_BLANK,
        st.sampled_from([None, *_REVISING]),
        st.none() | st.dictionaries(TEXT, TEXT, max_size=2),
    ),
    st.builds(Respond, PRESENT.filter(lambda v: not isinstance(v, str) or not is_blank(v))),
    st.lists(TEXT, max_size=3).map(lambda choices: Choose(*choices)),
    st.builds(Abstain, _OPTIONAL),
)
