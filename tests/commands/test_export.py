"""`langgraph-hitl export`: training data in a file or on the standard output."""

from __future__ import annotations

import json

import pytest

from tests.commands.project import AS_MARIA, URL, Project, one_line_without_traceback

WHERE = ("--inbox", URL)


@pytest.fixture
def edited(project: Project) -> str:
    """A review whose text maria has changed."""
    (review,) = project.start("A text")
    done = project.run("edit", review, "--value", "Another", *AS_MARIA, *WHERE)
    assert done.status == 0, done
    return review


def test_on_the_standard_output(project: Project, edited: str) -> None:
    done = project.run("export", *WHERE)
    [line] = done.stdout.splitlines()
    assert done.stderr == "Written: 1 rows.\n"
    row = json.loads(line)
    assert (row["review_id"], row["by"], row["decided"]) == (edited, "maria", "Another")


def test_into_a_file(project: Project, edited: str) -> None:
    given = ("export", "--kind", "preferences", "--out", "pairs.jsonl", *WHERE)
    assert project.run(*given, "--json").document == {
        "kind": "preferences",
        "rows": 1,
        "out": "pairs.jsonl",
    }
    assert "1 rows" in project.run(*given).stderr
    row = json.loads((project.folder / "pairs.jsonl").read_text())
    assert (row["chosen"], row["rejected"]) == ("Another", "A text")


def test_pseudonyms(project: Project, edited: str) -> None:
    assert "maria" not in project.run("export", "--people", "hashed", *WHERE).stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--json"], "give --out FILE"),
        (["--until", "never"], "until= is a date"),
        (["--out", "no/such/folder"], "cannot be written"),
    ],
)
def test_what_cannot_be_exported(project: Project, given: list[str], said: str) -> None:
    project.module()
    done = project.run("export", *given, *WHERE)
    assert done.status != 0
    one_line_without_traceback(done, [said])


def test_an_unknown_kind_is_a_usage_error(project: Project) -> None:
    project.module()
    assert project.run("export", "--kind", "all", *WHERE).status == 2


def test_of_the_last_days(project: Project, edited: str) -> None:
    assert edited in project.run("export", "--since", "7d", *WHERE).stdout
