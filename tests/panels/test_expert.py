"""People who know the subject decide."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Vote, all_of, expert, panel_from_json, quorum
from langgraph_hitl.review.reviewer import DIRECT
from tests.panels.voting import SAID, ends, vote

SKILLS = st.lists(st.sampled_from(["tax", "law", "german"]), unique=True)


def known(voter: str, said: str, *skills: str) -> Vote:
    return Vote(voter=voter, skills=skills, decision=SAID[said])


@given(SKILLS.filter(bool), SKILLS)
def test_one_of_the_skills_is_enough(needed: list[str], skills: list[str]) -> None:
    panel = expert(skill=needed)
    person = Reviewer("ann", skills=skills)
    assert panel.may_vote(person) is bool({*needed} & {*skills})
    if not panel.may_vote(person):
        assert panel.refusal(person) == f"it takes the skill {' or '.join(map(repr, needed))}"


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from(list(SAID))), max_size=5),
    st.integers(1, 3),
    st.integers(0, 2**32),
)
def test_experts_are_counted_like_people_of_a_role(
    cast: list[tuple[bool, str]], n: int, seed: int
) -> None:
    order = list(enumerate(cast))
    random.Random(seed).shuffle(order)  # noqa: S311
    experts = [known(f"p{i}", said, *(["tax"] if is_one else [])) for i, (is_one, said) in order]
    roles = [vote(f"p{i}", said, *(["tax"] if is_one else [])) for i, (is_one, said) in order]
    for size in (None, 5):
        panel, other = expert(skill="tax", n=n, size=size), quorum(n, of="tax", size=size)
        assert ends(panel, experts) == ends(other, roles)
        assert panel_from_json(panel.to_json()) == panel


def test_a_role_of_that_name_is_no_skill() -> None:
    panel = expert(skill="tax")
    assert panel.eligible_keys == ("skill:tax",)
    assert not panel.may_vote(Reviewer("tax", roles="tax", level="tax"))
    assert not panel.may_vote(DIRECT)


def test_what_people_are_shown() -> None:
    assert expert(skill="tax").shown()["rule"] == "any of experts in tax"
    assert expert(skill="tax", n=2, size=3).rule == "2 of 3 by experts in tax"
    assert expert(skill="tax").names_authority


def test_each_of_several_skills() -> None:
    panel = all_of(expert(skill="tax"), expert(skill="german"))
    assert ends(panel, [known("ann", "yes", "tax")]) is None
    assert ends(panel, [known("ann", "yes", "tax"), known("bob", "yes", "german")]) == "yes"
    assert ends(panel, [known("cem", "yes", "tax", "german")]) == "yes"


@pytest.mark.parametrize(
    "options",
    [
        {"skill": ""},
        {"skill": ()},
        {"skill": None},
        {"skill": [5]},
        {"skill": "tax", "n": 0},
        {"skill": "tax", "n": 3, "size": 2},
        {"skill": "tax", "blind": "no"},
    ],
    ids=str,
)
def test_experts_that_nobody_can_be(options: Any) -> None:
    with pytest.raises(GateError):
        expert(**options)
