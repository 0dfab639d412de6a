"""`Script`: a person who wrote the answers down beforehand, one decision a line."""

from __future__ import annotations

from pathlib import Path

from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review.decision import Decision, parse
from langgraph_hitl.review.request import ReviewRequest
from langgraph_hitl.review.strict_json import NotStrictJson, read_json
from langgraph_hitl.threads import resume


class BadScript(Exception):
    """A line of the script is no answer; names the line. The question stays open."""


class Script:
    """Answers from a JSON Lines file: `{"type": "approve"}`, `{"type": "revise", "feedback": "…"}`.

    A line is read when its question is asked, so that a bad one leaves what came before in force
    and its own question open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        content = path.read_bytes()
        self._lines = content.removesuffix(b"\n").split(b"\n") if content else []
        self._next = 0

    @property
    def unused(self) -> int:
        """How many lines were not needed."""
        return len(self._lines) - self._next

    def decide(self, request: ReviewRequest, refused: str | None = None) -> Decision | None:
        if refused is not None:
            raise self._bad(refused)
        if not self.unused:
            return None
        line = self._lines[self._next]
        self._next += 1
        decision = self._parse(line)
        try:
            resume(request, decision)
        except InvalidDecision as error:
            raise self._bad(error.reason) from None
        return decision

    def _parse(self, line: bytes) -> Decision:
        try:
            text = line.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise self._bad("not UTF-8") from None
        if not text.strip():
            raise self._bad("blank; every line is one decision")
        try:
            wire = read_json(text)
            if not isinstance(wire, dict):
                raise NotStrictJson("a decision is an object")
            return parse(wire)
        except NotStrictJson as error:
            raise self._bad(f'{error}; write for example {{"type": "approve"}}') from None
        except InvalidDecision as error:
            raise self._bad(error.reason) from None

    def _bad(self, reason: str) -> BadScript:
        return BadScript(f"{self.path}, line {self._next}: {reason}")
