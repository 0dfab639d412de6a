"""`edit` with a value for scripts; the editor is in `test_terminal`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.commands.project import APP, AS_MARIA, Project, one_line_without_traceback


@pytest.mark.parametrize(
    ("subject", "value", "became"),
    [
        ("Hello", "Bye", "Bye"),
        ("Hello", '{"a": 1}', '{"a": 1}'),
        ({"amount": 1}, '{"amount": 2}', {"amount": 2}),
        ([True], "[1]", [1]),
    ],
)
def test_a_text_stays_a_text_and_the_rest_is_json(
    project: Project, subject: Any, value: str, became: Any
) -> None:
    [review_id] = project.start(subject)
    done = project.run("edit", review_id, "--value", value, *APP, *AS_MARIA)
    assert done.status == 0, done.stderr
    module = project.module()
    state = module.graph.get_state({"configurable": {"thread_id": "0"}})
    assert state.values["draft"] == became
    assert type(state.values["draft"]) is type(became)


def test_the_value_through_the_standard_input(project: Project) -> None:
    [review_id] = project.start("Hello")
    done = project.run("edit", review_id, "--value", "-", *APP, *AS_MARIA, stdin="a\nb\n")
    assert done.status == 0
    state = project.module().graph.get_state({"configurable": {"thread_id": "0"}})
    assert state.values["draft"] == "a\nb"


@pytest.mark.parametrize(
    ("subject", "value"), [("Hello", "Hello"), ({"a": [1]}, '{"a": [1]}'), ("Hello", "Hello\n")]
)
def test_unchanged_is_not_sent(project: Project, subject: Any, value: str) -> None:
    [review_id] = project.start(subject)
    done = project.run("edit", review_id, "--value", "-", *APP, *AS_MARIA, stdin=value)
    assert done.status == 5
    assert "Nothing was changed" in done.stderr
    assert project.review(review_id).status == "pending"


@pytest.mark.parametrize(
    ("subject", "value", "said"),
    [
        ({"a": 1}, "{", "no JSON"),
        ({"a": 1}, '{"a": 1, "a": 2}', "stands twice"),
        ({"a": 1}, '{"a": NaN}', "NaN"),
        ({"a": 1}, "[" * 100_000, "no JSON"),
        ({"a": 1}, "[" * 100 + "]" * 100, "nested"),
        ({"a": 1}, '{"a": "\\u0000"}', "NUL"),
        ({"a": 1}, '{"a": "\\ud800"}', "surrogate"),
        ({"a": 1}, "9" * 5000, ""),
        ({"a": 1}, '"text"', "kind"),
        ("Hello", "a\x00b", "NUL"),
        ("Hello", "\udcff", "surrogate"),
    ],
)
def test_a_value_that_does_not_fit_decides_nothing(
    project: Project, subject: Any, value: str, said: str
) -> None:
    [review_id] = project.start(subject)
    done = project.run("edit", review_id, "--value", value, *APP, *AS_MARIA)
    assert done.status == 2
    one_line_without_traceback(done, [said])
    assert project.review(review_id).status == "pending"


def test_a_very_long_value(project: Project) -> None:
    [review_id] = project.start("Hello")
    value = "x" * 40_000_000
    done = project.run("edit", review_id, "--value", "-", *APP, *AS_MARIA, stdin=value)
    assert done.status == 2
    one_line_without_traceback(done, ["at most 8,000,000"])
    assert project.review(review_id).status == "pending"


def test_without_an_editor_the_value_is_asked_for(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    [review_id] = project.start("Hello")
    monkeypatch.setenv("EDITOR", "true")
    done = project.run("edit", review_id, *APP, *AS_MARIA)
    assert done.status == 2
    one_line_without_traceback(done, ["--value"])


def test_one_input_is_not_read_twice(project: Project) -> None:
    [review_id] = project.start("Hello")
    done = project.run("edit", review_id, "--value", "-", "-m", "-", *APP, *AS_MARIA, stdin="x")
    assert done.status == 2
    one_line_without_traceback(done, ["both"])


def test_an_edit_that_the_gate_does_not_allow(project: Project) -> None:
    project.write(
        "flow.py",
        (project.folder / "flow.py")
        .read_text()
        .replace("revise=louder", "allowed_decisions=['approve', 'reject']"),
    )
    [review_id] = project.start("Hello")
    done = project.run("edit", review_id, "--value", "x", *APP, *AS_MARIA)
    assert done.status == 2
    one_line_without_traceback(done, ["edit is not allowed here"])
