"""How a request looks."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from langgraph_hitl._terminal.menu import menu_of
from langgraph_hitl._terminal.render import MAX_CONTEXT
from langgraph_hitl._terminal.screen import MAX_WIDTH, Screen
from langgraph_hitl.review.diff import MAX_TEXT, difference
from langgraph_hitl.review.request import ReviewRequest
from tests.terminal.support import REQUEST, Ascii, screen, text_of

HOSTILE = "\x1b]8;;http://evil\x07click\x1b]8;;\x07 [red]x[/red] a\rb \u202e \x9b2J :smile:"


def shown(request: ReviewRequest, *, file: io.StringIO | None = None, waiting: int = 1) -> str:
    on = screen(file)
    on.show(request, waiting=waiting)
    on.offer(request, menu_of(request))
    return text_of(on)


def revised(before: Any, after: Any, **decision: Any) -> ReviewRequest:
    entry = {
        "round": 0,
        "digest": "sha256:0",
        "decision": {"type": "revise", **decision},
        "diff": difference(before, after),
    }
    return replace(REQUEST, subject=after, round=1, history=[entry], revisions_left=2)


def test_open_questions_have_a_place_of_their_own() -> None:
    context = {"questions": [{"id": "q1", "question": "When?"}], "risks": ["rain"]}
    assert '"id": "q1"' in shown(replace(REQUEST, context=context))
    text = shown(replace(REQUEST, context=context, questions={"q1": "When?", "q\n2": HOSTILE}))
    assert "Open questions\n│ q1: When?\n│ q 2: <ESC>" in text
    assert '"id"' not in text
    assert "rain" in text


def test_a_channel_of_ours_has_a_human_title_and_no_digests() -> None:
    subject = [{"id": "1", "replaces": "grate", "on": "sha256:" + "0" * 64, "why": "sha256: on"}]
    text = shown(replace(REQUEST, subject_key="hitl_suggestions", subject=subject))
    assert "Suggestions\n│ [" in text
    assert "hitl_" not in text
    assert '"on"' not in text
    assert '"why": "sha256: on"' in text
    assert "Input\n│ Hello" in shown(replace(REQUEST, subject_key="hitl_input", subject="Hello"))
    assert '"on":' in shown(replace(REQUEST, subject_key="marks", subject=subject))


def test_everything_of_a_request_is_shown() -> None:
    request = replace(
        REQUEST,
        finding={"sentence": "Large.", "score": 0.7512, "factors": {"amount": 0.5, "age": 0.25}},
        context={"links": ["a"], "cost": "9 EUR", "rationale": "because", "n": 3},
        criteria=["Is it true?"],
        revisions_left=3,
        deadline="tomorrow",
    )
    text = shown(request, waiting=2)
    for part in (
        "Review: publish_post",
        "Why: Large. (score 0.751)",
        "amount 0.5, age 0.25",
        "new versions left: 3, deadline: tomorrow, reviews that wait: 2, thread t1",
        "│ - Is it true?",
        "draft\n│ Hello",
        "a  approve",
        "v  revise",
        "q  quit",
    ):
        assert part in text
    order = [text.index(word) for word in ("rationale", "cost", "links", "│ Hello", "approve ")]
    assert order == sorted(order)


def test_only_what_is_allowed_is_offered() -> None:
    text = shown(replace(REQUEST, allowed_decisions=["approve"]))
    assert "reject" not in text
    assert "edit" not in text


def test_text_is_wrapped_at_80_columns_behind_a_bar() -> None:
    long = "word " * 60 + "x" * 200 + "\n\n> a\nWhat do you say?"
    request = replace(REQUEST, subject=long, context={"k" * 60: long}, criteria=[long])
    text = shown(request)
    assert max(map(len, text.splitlines())) <= 80
    assert "│ What do you say?" in text.splitlines()
    assert text.splitlines().count("What do you say?") == 1


def test_wide_terminals_are_not_used_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    assert Screen(io.StringIO()).console.width == MAX_WIDTH


def test_json_is_pretty() -> None:
    assert '│ {\n│   "a": 1\n│ }' in shown(replace(REQUEST, subject={"a": 1}))


def test_a_long_context_is_cut_and_the_subject_is_not() -> None:
    long = "ab " * MAX_CONTEXT
    text = shown(replace(REQUEST, subject=long, context={"k": long}))
    assert f"({2 * MAX_CONTEXT} more characters)" in text
    assert text.count("ab") > MAX_CONTEXT


def test_the_diff_of_a_text_and_what_was_said() -> None:
    text = shown(revised("one\ntwo", "one\n2", feedback="digits", by="maria", parts={"end": "no"}))
    assert "Review, version 2" in text
    assert "version 1, revise by maria: digits end: no" in text
    assert "│ -two\n│ +2" in text


def test_the_diff_of_json() -> None:
    text = shown(revised({"a": 1, "b": [1]}, {"a": 2, "b": [1, 3]}, rating="incorrect"))
    assert "version 1, revise: (incorrect)" in text
    assert "replace /a: 2" in text
    assert "add /b/1: 3" in text


def test_a_diff_of_everything_and_a_move() -> None:
    text = shown(revised([1], {"a": 1}))
    assert "replace (everything): " in text
    assert "version 1, revise\n" in text
    moved = revised({"a": "x", "b": 1}, {"c": "x", "b": 1})
    assert "move /c from /a" in shown(moved)


def test_no_change_and_too_many_changes_are_said() -> None:
    assert "the same as the one before" in shown(revised("a", "a"))
    big = revised("x\n" * MAX_TEXT, "y\n" * MAX_TEXT)
    assert "too many to show" in shown(replace(big, subject="short"))


def test_options_are_numbered() -> None:
    request = replace(
        REQUEST,
        subject_key=None,
        subject="Which plan?",
        allowed_decisions=["choose"],
        answer={"options": ["small", "la\x1brge"], "multiple": True},
    )
    text = shown(request)
    assert "Question\n│ Which plan?" in text
    assert "1  small\n2  la<ESC>rge\n   several as 1, 2" in text
    single = replace(request, answer={"options": ["a", "b"], "multiple": False})
    assert "several" not in shown(single)


def test_ratings_are_numbered_as_far_as_they_are_allowed() -> None:
    rated = replace(REQUEST, kind="rated_feedback", allowed_decisions=["approve", "revise"])
    text = shown(rated)
    for line in ("1  correct", "2  partially_correct", "3  incorrect", "4  needs_improvement"):
        assert line in text
    assert "incorrect" not in shown(replace(rated, allowed_decisions=["approve"]))


@pytest.mark.parametrize("place", ["subject", "context", "history", "action", "thread", "finding"])
def test_what_a_model_wrote_cannot_control_the_terminal(place: str) -> None:
    request = {
        "subject": replace(REQUEST, subject=HOSTILE),
        "context": replace(REQUEST, context={HOSTILE: HOSTILE, "k": [HOSTILE]}),
        "history": revised({"a": 1}, {"a": HOSTILE, HOSTILE: 1}, feedback=HOSTILE, by=HOSTILE),
        "action": replace(REQUEST, action=HOSTILE, subject_key=HOSTILE, criteria=[HOSTILE]),
        "thread": replace(REQUEST, thread_id=HOSTILE, deadline=HOSTILE),
        "finding": replace(
            REQUEST, finding={"sentence": HOSTILE, "score": HOSTILE, "factors": {HOSTILE: HOSTILE}}
        ),
    }[place]
    text = shown(request)
    for harmful in "\x1b\x07\r\x9b\u202e":
        assert harmful not in text
    assert "[red]x[/red]" in text.replace("\n", "")
    assert max(map(len, text.splitlines())) <= 80


def test_hostile_text_on_a_coloured_terminal_sends_only_our_own_sequences() -> None:
    file = io.StringIO()
    on = Screen(file)
    on.console = Console(file=file, force_terminal=True, color_system="truecolor", width=80)
    on.show(replace(REQUEST, subject=HOSTILE))
    text = file.getvalue()
    assert "\x1b[" in text
    for harmful in ("\x1b]", "\x07", "\r", "\x9b", "\u202e"):
        assert harmful not in text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_only_on_a_terminal_that_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[" in written(Terminal())
    assert "\x1b" not in written(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in written(Terminal())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in written(Terminal())


def written(file: io.StringIO) -> str:
    Screen(file).show(REQUEST)
    return file.getvalue()


def test_a_stream_that_cannot_take_a_character_gets_another() -> None:
    text = shown(replace(REQUEST, subject="naïve 世界"), file=Ascii())
    assert "| na?ve ??" in text
    assert text.isascii()


def test_a_foreign_interrupt_is_named() -> None:
    on = screen()
    on.foreign({"question": "\x1b[2J"})
    assert "Command(resume=...)" in text_of(on)
    assert "\x1b" not in text_of(on)
