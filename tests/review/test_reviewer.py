"""A reviewer is an id and roles; what could be taken for somebody else is refused."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.reviewer import DIRECT


def test_a_reviewer_has_an_id_roles_and_a_name() -> None:
    maria = Reviewer("maria@example.org", ["editors", "legal", "editors"], name="Maria")
    assert (maria.id, maria.roles, maria.name) == (
        "maria@example.org",
        ("editors", "legal"),
        "Maria",
    )
    assert Reviewer("maria").name == "maria"
    assert Reviewer("maria").roles == ()


def test_a_single_text_is_one_role() -> None:
    assert Reviewer("maria", "editors") == Reviewer("maria", roles=("editors",))


def test_reviewers_are_compared_and_cannot_be_changed() -> None:
    assert len({Reviewer("a", ["x"]), Reviewer("a", ("x",)), Reviewer("A", ("x",))}) == 2
    with pytest.raises(AttributeError):
        Reviewer("a").id = "b"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "not blank"),
        (" \n", "not blank"),
        (None, "not blank, not NoneType"),
        (5, "not blank, not int"),
        (b"maria", "not blank, not bytes"),
        ("a\x00b", "NUL"),
        ("a\ud800", "surrogate"),
        ("x" * 201, "at most 200 characters"),
        ("direct", "names of the package itself"),
        ("*", "stands for anybody"),
        ("system:deadline", "names of the package itself"),
        ("system:", "names of the package itself"),
    ],
)
def test_an_id_is_a_name_of_somebody(given: Any, message: str) -> None:
    with pytest.raises(GateError, match=message):
        Reviewer(given)


@pytest.mark.parametrize(
    "roles", [None, 5, b"editors", {"editors": 1}, [""], [None], ["a", 1], [["a"]], ["*"], ["\x00"]]
)
def test_roles_are_texts(roles: Any) -> None:
    with pytest.raises(GateError):
        Reviewer("maria", roles)


@pytest.mark.parametrize("name", ["", " ", 5, "a\x00"])
def test_a_name_is_a_text(name: Any) -> None:
    with pytest.raises(GateError, match="the name of a Reviewer"):
        Reviewer("maria", name=name)


def test_a_person_has_a_level_and_skills() -> None:
    maria = Reviewer("maria", level="lead", skills=["tax", "german", "tax"])
    assert (maria.level, maria.skills) == ("lead", ("tax", "german"))
    assert Reviewer("maria", skills="tax").skills == ("tax",)
    assert (Reviewer("maria").level, Reviewer("maria").skills) == (None, ())
    assert maria != Reviewer("maria", level="lead")


@pytest.mark.parametrize("level", ["", " ", 5, ["lead"], "a\x00", "*", True])
def test_a_level_is_a_text(level: Any) -> None:
    with pytest.raises(GateError, match="the level of a Reviewer"):
        Reviewer("maria", level=level)


@pytest.mark.parametrize("skills", [None, 5, b"tax", {"tax": 1}, [""], [None], ["tax", 1], ["*"]])
def test_skills_are_texts(skills: Any) -> None:
    with pytest.raises(GateError, match="skill"):
        Reviewer("maria", skills=skills)


def test_who_resumes_the_graph_itself_has_no_roles_level_or_skills() -> None:
    assert DIRECT == ("direct", (), None, ())
