"""`langgraph-hitl retain`: contents go, what happened stays."""

from __future__ import annotations

import sqlite3

import pytest

from tests.commands.project import AS_MARIA, URL, Project, one_line_without_traceback

WHERE = ("--inbox", URL)
AS_PRIVACY = ("--as", "privacy", "--yes")


def test_contents_that_are_old_enough_are_removed(project: Project) -> None:
    (review,) = project.start("A text")
    project.run("approve", review, *AS_MARIA, "--app", "flow:graph")
    long = ("retain", "--older-than", "365d", *AS_PRIVACY, *WHERE, "--json")
    assert project.run(*long).document == {"redacted": 0}
    with sqlite3.connect("reviews.db") as connection:
        connection.execute("UPDATE hitl_reviews SET updated_at = updated_at - 2000000")
    assert "1 reviews" in project.run("retain", "--older-than", "1s", *AS_PRIVACY, *WHERE).stderr
    assert project.run("verify", *WHERE).status == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--older-than", "365d", "--as", "privacy"], "give --yes"),
        (["--older-than", "soon", *AS_PRIVACY], "--older-than must be a duration"),
        (["--older-than", "365d", "--yes"], "Who decides?"),
    ],
)
def test_what_is_not_removed(project: Project, given: list[str], said: str) -> None:
    project.module()
    done = project.run("retain", *given, *WHERE)
    assert done.status != 0
    one_line_without_traceback(done, [said])
