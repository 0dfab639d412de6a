"""What a person types, and which decision it is."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import (
    Approve,
    Choose,
    Edit,
    Items,
    Reject,
    RejectRest,
    Respond,
    Revise,
    Skip,
)
from langgraph_hitl._terminal import editor as editor_module
from langgraph_hitl._terminal.keyboard import Keyboard
from langgraph_hitl.review.answer_schema import answer_schema
from langgraph_hitl.review.choice import Choice
from langgraph_hitl.review.decision import Decision, DecisionType
from langgraph_hitl.review.request import ReviewRequest
from tests.terminal.support import REQUEST, lines, screen, text_of

RATED = replace(REQUEST, kind="rated_feedback", allowed_decisions=["approve", "revise"])
JSON = replace(REQUEST, subject={"a": 1})


def question(answer: dict[str, Any] | None, **schema: Any) -> ReviewRequest:
    choice = Choice("a", "b") if answer else None
    kind: DecisionType = "choose" if answer else "respond"
    return replace(
        REQUEST,
        subject_key=None,
        subject="Which?",
        allowed_decisions=[kind],
        answer=answer,
        response_schema=answer_schema(["reject", kind], choice=choice, **schema),
    )


ONE = question({"options": ["small", "large"], "multiple": False})
SEVERAL = question({"options": ["x", "y", "z"], "multiple": True})
OPEN = question(None)
COUNT = question(None, value_schema={"type": "integer"})
ENUM = question(None, value_schema={"enum": ["yes", "no"]})


def typed(request: ReviewRequest, *keys: str) -> tuple[Decision | None, str]:
    """The decision of these lines, and what was said meanwhile."""
    on = screen()
    decision = Keyboard(on, lines(*keys)).decide(request)
    return decision, text_of(on)


@pytest.mark.parametrize(
    ("request_", "keys", "decision"),
    [
        (REQUEST, ["a"], Approve()),
        (REQUEST, [" Approve "], Approve()),
        (REQUEST, ["a: nice: really"], Approve("nice: really")),
        (REQUEST, ["r", "too long"], Reject("too long")),
        (REQUEST, ["reject: too long"], Reject("too long")),
        (REQUEST, ["r", "."], Reject()),
        (REQUEST, ["v", "shorter"], Revise("shorter")),
        (REQUEST, ["v: shorter"], Revise("shorter")),
        (REQUEST, ["e", "one", "", "two", "."], Edit("one\n\ntwo")),
        (REQUEST, ["e: new"], Edit("new")),
        (JSON, ["e", "{", '"a": 2}', "."], Edit({"a": 2})),
        (JSON, ['e: {"a": 3}'], Edit({"a": 3})),
        (RATED, ["1"], Approve(None, "correct")),
        (RATED, ["1: good"], Approve("good", "correct")),
        (RATED, ["2", "the end"], Revise("the end", "partially_correct")),
        (RATED, ["3", "."], Revise("", "incorrect")),
        (RATED, ["needs_improvement: tone"], Revise("tone", "needs_improvement")),
        (ONE, ["2"], Choose("large")),
        (SEVERAL, ["3, 1 3"], Choose("z", "x")),
        (OPEN, ["s", "hello", "."], Respond("hello")),
        (OPEN, ["s: 7"], Respond("7")),
        (COUNT, ["s: 7"], Respond(7)),
        (ENUM, ["s: yes"], Respond("yes")),
        (replace(COUNT, response_schema=None), ["s: 7"], Respond("7")),
    ],
)
def test_decisions(request_: ReviewRequest, keys: list[str], decision: Decision) -> None:
    assert typed(request_, *keys)[0] == decision


@pytest.mark.parametrize(
    ("request_", "keys", "said"),
    [
        (REQUEST, [""], "An empty line decides nothing."),
        (REQUEST, ["  "], "An empty line decides nothing."),
        (REQUEST, ["yes"], "Not understood; nothing is decided."),
        (REQUEST, ["a lot of this is wrong"], "Not understood"),
        (REQUEST, ["s: x"], "Not understood"),
        (REQUEST, ["1"], "Not understood"),
        (REQUEST, ["\x1b[A"], "Not understood"),
        (REQUEST, ["r", ""], "Nothing is decided."),
        (REQUEST, ["v", ""], "Nothing is decided."),
        (REQUEST, ["v:", " "], "Nothing is decided."),
        (REQUEST, ["e", "."], "Nothing was written"),
        (REQUEST, ["e", " ", "."], "Nothing was written"),
        (JSON, ["e: {'a': 1}"], "That is no JSON"),
        (JSON, ['e: {"a": 1, "a": 2}'], "stands twice"),
        (RATED, ["2", ""], "Nothing is decided."),
        (RATED, ["5"], "Not understood"),
        (ONE, ["3"], "numbered 1 to 2"),
        (ONE, ["0"], "numbered 1 to 2"),
        (ONE, ["1 2"], "Choose one number."),
        (ONE, ["small"], "Not understood"),
        (ONE, ["²"], "Not understood"),
        (ONE, [","], "Not understood"),
        (COUNT, ["s: many"], "That is no JSON"),
        (replace(REQUEST, allowed_decisions=[]), ["a"], "Not understood"),
    ],
)
def test_what_is_no_decision_is_explained_and_asked_again(
    request_: ReviewRequest, keys: list[str], said: str
) -> None:
    decision, text = typed(request_, *keys)
    assert decision is None
    assert said in text
    assert "\x1b" not in text


def test_asked_again_until_there_is_a_decision() -> None:
    assert typed(REQUEST, "", "what", "v", "", "e", ".", "a")[0] == Approve()


@pytest.mark.parametrize(
    "keys", [["q"], ["QUIT"], [], ["v", "q"], ["r"], ["e", "half"], ["2", "q"]]
)
def test_the_person_can_stop_anywhere(keys: list[str]) -> None:
    assert typed(RATED if keys[:1] == ["2"] else REQUEST, *keys)[0] is None


def test_interrupt_ends_with_nothing_decided() -> None:
    def interrupted(_prompt: str) -> str:
        raise KeyboardInterrupt

    assert Keyboard(screen(), interrupted).decide(REQUEST) is None


def test_a_refusal_is_explained_without_the_list() -> None:
    on = screen()
    assert Keyboard(on, lines("a")).decide(REQUEST, refused="not \x1b this") == Approve()
    assert "Not accepted: not <ESC> this" in text_of(on)
    assert "What do you say?" not in text_of(on)


def test_bytes_that_are_no_text_decide_nothing() -> None:
    typed = lines("a")
    broken = iter([True])

    def read(prompt: str) -> str:
        if next(broken, False):
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no")
        return typed(prompt)

    on = screen()
    assert Keyboard(on, read).decide(REQUEST) == Approve()
    assert "encoding" in text_of(on)


def test_a_pipe_shows_what_it_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a: fi\x1bne\n"))
    assert Keyboard(screen()).decide(REQUEST) == Approve("fi\x1bne")
    assert capsys.readouterr().out == "> a: fi<ESC>ne\n"


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor_module, "at_terminal", lambda: True)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)


def editor(folder: Path, body: str) -> str:
    """An editor that does `body` to the file `path`."""
    program = folder / "editor.py"
    program.write_text(f"import sys, pathlib\npath = pathlib.Path(sys.argv[1])\n{body}\n")
    return f"{sys.executable} {program}"


@pytest.mark.usefixtures("terminal")
class TestEditor:
    def test_edits_the_text(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        body = "path.write_text(path.read_text() + ', world\\n')"
        monkeypatch.setenv("EDITOR", editor(tmp_path, body))
        assert typed(REQUEST, "e")[0] == Edit("Hello, world")

    def test_keeps_the_newline_that_was_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("VISUAL", editor(tmp_path, "path.write_text('new\\n')"))
        assert typed(replace(REQUEST, subject="old\n"), "e")[0] == Edit("new\n")

    def test_edits_json(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        body = "path.write_text(path.read_text().replace('1', '2'))"
        monkeypatch.setenv("EDITOR", editor(tmp_path, body))
        assert typed(JSON, "e")[0] == Edit({"a": 2})

    def test_without_a_change_nothing_is_decided(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("EDITOR", editor(tmp_path, ""))
        decision, text = typed(REQUEST, "e")
        assert decision is None
        assert "Nothing was changed" in text

    @pytest.mark.parametrize("body", ["sys.exit(3)", "path.unlink()", "path.write_bytes(b'\\xff')"])
    def test_that_fails_leaves_the_text_to_be_typed(
        self, body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("EDITOR", editor(tmp_path, body))
        decision, text = typed(REQUEST, "e", "typed", ".")
        assert decision == Edit("typed")
        assert "Type it here instead." in text

    @pytest.mark.parametrize("name", ["no-such-editor", "'", ""])
    def test_that_is_not_there(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EDITOR", name)
        assert typed(REQUEST, "e", "typed", ".")[0] == Edit("typed")

    def test_an_answer_is_typed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EDITOR", editor(tmp_path, "sys.exit(1)"))
        assert typed(OPEN, "s", "typed", ".")[0] == Respond("typed")

    def test_input_of_a_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", FakeTerminal("a\n"))
        assert Keyboard(screen()).decide(REQUEST) == Approve()


LIST = replace(
    REQUEST,
    subject=[{"id": "a"}, {"id": "b c"}],
    allowed_decisions=["approve", "reject", "items"],
    items={"key": "id", "decided": []},
)


@pytest.mark.parametrize(
    ("keys", "verdicts"),
    [
        (["i: a=approve"], {"a": Approve()}),
        (["i: a=reject:twice 'b c=skip:not now'"], {"a": Reject("twice"), "b c": Skip("not now")}),
        (["items", "a=reject_rest"], {"a": RejectRest()}),
        (['i: \'a={"id": "a", "n": 1}\''], {"a": Edit({"id": "a", "n": 1})}),
    ],
)
def test_verdicts_on_items(keys: list[str], verdicts: dict[str, Any]) -> None:
    assert typed(LIST, *keys)[0] == Items(verdicts)


LIMITED = replace(LIST, items={"key": "id", "allowed": ["approve", "reject"], "decided": []})


@pytest.mark.parametrize("keys", [["?", "q"], ["i", ""], ["i: a"]])
def test_only_verdicts_that_are_taken_are_offered(keys: list[str]) -> None:
    shown = typed(LIMITED, *keys)[1]
    assert "i: a=approve b=reject:WHY)" in shown
    assert "skip" not in shown
    assert "reject_rest" not in shown
    assert "JSON" not in shown
    assert "c=skip" in typed(LIST, "q")[1]
    assert "ID=reject_rest, or ID=JSON" in typed(LIST, "i", "")[1]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("i: a", "is no verdict"),
        ("i: =approve", "is no verdict"),
        ("i: a=accept", "neither a verdict nor JSON"),
        ("i: a=approve a=reject", "named twice"),
        ("i: 'a=approve", "No closing quotation"),
    ],
)
def test_what_is_no_verdict_on_an_item_decides_nothing(key: str, said: str) -> None:
    decision, shown = typed(LIST, key, "q")
    assert decision is None
    assert said in shown


PLAN = replace(
    LIST,
    allowed_decisions=["approve", "revise", "items"],
    questions={"q1": "When?", "q2": "How?\nq3: Why?"},
)


@pytest.mark.parametrize(
    ("keys", "decision"),
    [
        (["v: cheaper", "In May", "."], Revise("cheaper", parts={"q1": "In May"})),
        (["v", "cheaper", ".", "by train"], Revise("cheaper", parts={"q2": "by train"})),
        (["v: cheaper", ".", "."], Revise("cheaper")),
        (["v: cheaper", "", "v: dearer", "May", "."], Revise("dearer", parts={"q1": "May"})),
        (["v: cheaper", "May", "q"], None),
        (["v: cheaper", "May"], None),
    ],
)
def test_open_questions_are_answered_one_by_one(keys: list[str], decision: Decision | None) -> None:
    found, shown = typed(PLAN, *keys)
    assert found == decision
    assert "v: TEXT, then your answers" in shown
    assert "q1: When? (one line; a single . says nothing; an empty line goes back)" in shown
    assert "\nq3:" not in shown
