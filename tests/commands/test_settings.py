"""What the options, the environment and the files say together."""

from __future__ import annotations

from pathlib import Path

import pytest

from langgraph_hitl._commands.options import Where
from langgraph_hitl._commands.settings import Settings, settings_of
from langgraph_hitl._commands.status import Refusal
from tests.commands.project import Project


def test_without_anything_nothing_is_set(empty: Project) -> None:
    assert settings_of(Where()) == Settings()


@pytest.mark.parametrize(
    ("name", "head"),
    [("langgraph-hitl.toml", ""), ("pyproject.toml", "[tool.langgraph-hitl]\n")],
)
def test_a_file_of_the_folder(empty: Project, name: str, head: str) -> None:
    text = 'inbox = "sqlite:///a.db"\nas = "maria"\nroles = ["a", "b"]\napps = "flow:graph"\n'
    empty.write(name, head + text)
    assert settings_of(Where()) == Settings(
        inbox="sqlite:///a.db",
        identity="maria",
        roles=("a", "b"),
        apps=("flow:graph",),
        chosen=True,
        source=name,
    )


def test_the_own_file_comes_before_the_project(empty: Project) -> None:
    empty.write("langgraph-hitl.toml", 'as = "maria"')
    empty.write("pyproject.toml", '[tool.langgraph-hitl]\nas = "jo"\ninbox = "x"')
    assert settings_of(Where()) == Settings(identity="maria", source="langgraph-hitl.toml")


@pytest.mark.parametrize("text", ["", "[tool.ruff]\n", "[project]\nname = 'x'\n"])
def test_a_project_that_says_nothing(empty: Project, text: str) -> None:
    empty.write("pyproject.toml", text)
    assert settings_of(Where()) == Settings()


def test_options_come_first(empty: Project) -> None:
    empty.write("langgraph-hitl.toml", 'inbox = "a"\napps = ["a:b"]')
    found = settings_of(Where(inbox="b", app=["c:d"]))
    assert (found.inbox, found.apps) == ("b", ("c:d",))


def test_graphs_of_the_folder_were_found_and_not_chosen(empty: Project) -> None:
    empty.write("langgraph.json", "{}")
    found = settings_of(Where())
    assert (found.graphs_file, found.chosen) == (Path("langgraph.json"), False)
    chosen = settings_of(Where(config=Path("langgraph.json")))
    assert (chosen.graphs_file, chosen.chosen) == (Path("langgraph.json"), True)
    assert settings_of(Where(app=["a:b"])).graphs_file is None


def test_a_given_file_is_the_only_one(empty: Project) -> None:
    empty.write("langgraph-hitl.toml", 'as = "maria"')
    other = empty.write("other.toml", 'inbox = "x"')
    assert settings_of(Where(config=other)) == Settings(inbox="x", source=str(other))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("inbox", "no TOML"),
        ("\x00", "no TOML"),
        ("inbox = 1", "inbox must be a text"),
        ('inbox = " "', "not blank"),
        ("as = ['maria']", "as must be a text"),
        ("roles = [1]", "roles must be a list of texts"),
        ("apps = {}", "apps must be a list of texts"),
        ("identity = 'maria'", "'identity' is not known"),
    ],
)
def test_a_broken_file_is_named(empty: Project, text: str, said: str) -> None:
    empty.write("langgraph-hitl.toml", text)
    with pytest.raises(Refusal, match=said) as refused:
        settings_of(Where())
    assert "langgraph-hitl.toml" in str(refused.value)


@pytest.mark.parametrize("text", ["tool = 1\n", "[tool]\nlanggraph-hitl = 1\n"])
def test_a_project_with_something_else_there(empty: Project, text: str) -> None:
    empty.write("pyproject.toml", text)
    if "langgraph" in text:
        with pytest.raises(Refusal, match="not a table"):
            settings_of(Where())
    else:
        assert settings_of(Where()) == Settings()


def test_bytes_that_are_no_text(empty: Project) -> None:
    Path("langgraph-hitl.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Refusal, match="no TOML"):
        settings_of(Where())


def test_a_file_that_there_is_not(empty: Project) -> None:
    with pytest.raises(Refusal, match="no such file"):
        settings_of(Where(config=Path("none.toml")))
    with pytest.raises(Refusal, match="no such file"):
        settings_of(Where(config=empty.folder))
