"""`Keyboard`: a person who types, at a terminal or through a pipe."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Callable, Sequence
from typing import Any

from langgraph_hitl._terminal.editor import EditorFailed, edit_in, editor_command
from langgraph_hitl._terminal.menu import (
    QUIT,
    Entry,
    chosen,
    expects_text,
    find,
    menu_of,
    verdicts_of,
)
from langgraph_hitl._terminal.render import value_text
from langgraph_hitl._terminal.sanitise import clean, one_line
from langgraph_hitl._terminal.screen import Screen
from langgraph_hitl._terminal.verdicts import form, items_of
from langgraph_hitl.review.decision import (
    Approve,
    Decision,
    Edit,
    Items,
    Reject,
    Respond,
    Revise,
)
from langgraph_hitl.review.request import ReviewRequest
from langgraph_hitl.review.strict_json import NotStrictJson, read_json

PROMPT = "> "
END_OF_TEXT = "."


class _Ended(Exception):
    """The person wants to stop."""


class _NotDecided(Exception):
    """The line was no decision; says why."""


class Keyboard:
    """Reads one line at a time. An empty line decides nothing, at every prompt."""

    def __init__(self, screen: Screen, read: Callable[[str], str] | None = None) -> None:
        self.screen = screen
        self._read_line = read or _input

    def decide(self, request: ReviewRequest, refused: str | None = None) -> Decision | None:
        entries = menu_of(request)
        if refused is not None:
            self.screen.say(f"Not accepted: {refused}", "yellow")
        else:
            forget_what_was_typed_ahead()
            self.screen.offer(request, entries)
        try:
            while True:
                try:
                    line = self._read().strip()
                    if line == "?":
                        self.screen.offer(request, entries)
                        continue
                    return self._answer(request, entries, line)
                except _NotDecided as why:
                    self.screen.say(str(why), "yellow")
        except (_Ended, EOFError, KeyboardInterrupt):
            self.screen.say("")
            return None

    def _answer(self, request: ReviewRequest, entries: list[Entry], line: str) -> Decision:
        if not line:
            raise _NotDecided(f"An empty line decides nothing. Type {_keys(entries)}.")
        choice = chosen(request, line)
        if isinstance(choice, str):
            raise _NotDecided(choice)
        if choice is not None:
            return choice
        word, colon, text = line.partition(":")
        entry = find(entries, word)
        if entry is None:
            raise _NotDecided(
                f"Not understood; nothing is decided. Type {_keys(entries)} (? shows the list)."
            )
        if entry is QUIT:
            raise _Ended
        return self._decision(request, entry, text.strip() if colon else "")

    def _decision(self, request: ReviewRequest, entry: Entry, text: str) -> Decision:
        if entry.rating == "correct" or entry.word == "approve":
            return Approve(text or None, entry.rating)
        if entry.rating is not None:
            return Revise(self._words("What should change?", text), entry.rating)
        match entry.word:
            case "reject":
                return Reject(self._words("Why?", text) or None)
            case "revise":
                return Revise(text or self._feedback(), parts=self._answers(request))
            case "edit":
                return Edit(self._value(request, "edit", text))
            case "items":
                return self._items(text, verdicts_of(request))
            case _:
                return Respond(self._value(request, "respond", text))

    def _items(self, text: str, allowed: Sequence[str]) -> Items:
        if not text:
            self.screen.say(
                f"{form(allowed)}; several with blanks between, in quotes where they have some"
            )
            text = self._one_line()
        try:
            return items_of(shlex.split(text), allowed=allowed)
        except ValueError as error:  # NoVerdict, or quotes that are not closed
            raise _NotDecided(f"{error}. Nothing is decided.") from None

    def _feedback(self) -> str:
        self.screen.say("What should change? (one line; an empty line goes back)")
        return self._one_line()

    def _answers(self, request: ReviewRequest) -> dict[str, str] | None:
        """What the person answers of the open questions."""
        asked = (request.questions or {}).items()
        said = {part: self._words(one_line(f"{part}: {text}"), "") for part, text in asked}
        return {part: words for part, words in said.items() if words} or None

    def _words(self, question: str, text: str) -> str:
        """What was typed; "" for a deliberate nothing."""
        if text:
            return text
        self.screen.say(f"{question} (one line; a single . says nothing; an empty line goes back)")
        typed = self._one_line()
        return "" if typed == END_OF_TEXT else typed

    def _value(self, request: ReviewRequest, kind: str, text: str) -> Any:
        """The value of an edit or an answer: a text, or typed as JSON."""
        is_text = expects_text(request, kind)
        text = text or self._written(request, kind, is_text=is_text)
        if not text.strip():
            raise _NotDecided("Nothing was written, nothing is decided.")
        if is_text:
            return text
        try:
            return read_json(text)
        except NotStrictJson as error:
            raise _NotDecided(f"That is no JSON ({error}), nothing is decided.") from None

    def _written(self, request: ReviewRequest, kind: str, *, is_text: bool) -> str:
        command = editor_command()
        if command is not None and kind == "edit":
            try:
                return self._edited(request, command, suffix=".txt" if is_text else ".json")
            except EditorFailed as error:
                self.screen.say(f"{error}. Type it here instead.", "yellow")
        what = "text" if is_text else "JSON value"
        self.screen.say(f"Type the whole {what}. A line with a single . ends it.")
        lines: list[str] = []
        while (line := self._read()) != END_OF_TEXT:
            lines.append(line)
        return "\n".join(lines)

    def _edited(self, request: ReviewRequest, command: list[str], *, suffix: str) -> str:
        before = value_text(request.subject)
        after = edit_in(command, before, suffix=suffix)
        if after == before:
            raise _NotDecided("Nothing was changed, nothing is decided.")
        return after

    def _one_line(self) -> str:
        line = self._read().strip()
        if line == QUIT.key:
            raise _Ended
        if not line:
            raise _NotDecided("Nothing is decided.")
        return line

    def _read(self) -> str:
        while True:
            try:
                return self._read_line(PROMPT)
            except UnicodeDecodeError:
                self.screen.say("That line is not text of this terminal's encoding.", "yellow")


def _keys(entries: list[Entry]) -> str:
    """The letters of a menu; options have numbers of their own."""
    *others, last = dict.fromkeys(entry.key for entry in entries)
    return f"{', '.join(others)} or {last}" if others else last


def _input(prompt: str) -> str:
    """`input` with line editing at a terminal; through a pipe the answer is shown as well."""
    if sys.stdin.isatty():
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  # importing it gives input() its line editing
        return input(prompt)
    line = input(prompt)
    print(clean(line))
    return line


def forget_what_was_typed_ahead() -> None:
    """What was typed before a question was shown is no answer to it."""
    with contextlib.suppress(ImportError, OSError, ValueError, AttributeError):
        import termios

        if sys.stdin.isatty():
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
