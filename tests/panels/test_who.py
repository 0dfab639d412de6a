"""The keys that fit somebody."""

from __future__ import annotations

import pytest

from langgraph_hitl import Reviewer
from langgraph_hitl.panels.who import ANYBODY, Skill, holds, keys_of, name_in, who_of
from langgraph_hitl.review.reviewer import DIRECT, Identity

MARIA = Reviewer("maria", roles=("editors", "legal"), level="lead", skills=("tax", "german"))


def test_every_key_of_somebody_fits_them() -> None:
    keys = keys_of(MARIA)
    assert keys == (
        ANYBODY,
        "person:maria",
        "role:editors",
        "role:legal",
        "level:lead",
        "skill:tax",
        "skill:german",
    )
    assert all(holds(key, MARIA, {}) for key in keys)
    assert keys_of(DIRECT) == (ANYBODY, "person:direct")


@pytest.mark.parametrize("key", ["person:lead", "role:tax", "level:editors", "skill:maria", "lead"])
def test_a_name_of_another_kind_does_not_fit(key: str) -> None:
    assert not holds(key, MARIA, {})


def test_a_role_may_be_given_with_a_person() -> None:
    assert holds("role:finance", MARIA, {"maria": ("finance",)})
    assert not holds("skill:finance", MARIA, {"maria": ("finance",)})
    assert not holds("level:finance", MARIA, {"maria": ("finance",)})


def test_who_has_no_level_holds_none() -> None:
    assert not holds("level:None", Identity("maria"), {})


def test_skills_are_named_among_roles_and_people() -> None:
    assert who_of(["editors", Skill("editors"), MARIA], "of").keys == (
        "role:editors",
        "skill:editors",
        "person:maria",
    )
    assert name_in("skill:tax") == "experts in tax"
