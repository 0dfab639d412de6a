"""What a model answered, as a plain value: the text of a message, the JSON in a text, the fields of
a structured output.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from langchain_core.messages import BaseMessage
from pydantic import BaseModel

from langgraph_hitl.errors import Unreadable
from langgraph_hitl.review.strict_json import NotStrictJson, read_json
from langgraph_hitl.triggers.number import quoted

_WITH_RAW = {"raw", "parsed", "parsing_error"}
"""What `with_structured_output(..., include_raw=True)` answers."""

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^`]*)")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block of a text, with what stands before and after it. `closed` unless it is cut."""

    language: str
    body: str
    before: str
    after: str
    closed: bool


def read_answer(answer: Any, field: str | None = None) -> Any:
    """The value that a model answered, or one field of it; raises `Unreadable`.

    A text that is JSON, as a whole or in its one block that is fenced as ```` ```json ````, is the
    JSON value; any other text is itself.

    >>> read_answer("high"), read_answer('{"risk": "high"}', "risk")
    ('high', 'high')
    """
    value = plain_answer(answer)
    if isinstance(value, str):
        value = _value_of(value, as_json=field is not None)
    if field is None:
        return value
    if not isinstance(value, Mapping) or field not in value:
        raise Unreadable(f"The model's answer has no {field}: {quoted(value)}.")
    return value[field]


def plain_answer(answer: Any) -> Any:
    """An answer without its wrapping: a text, or the plain fields of a structured output."""
    if isinstance(answer, Mapping) and set(answer) == _WITH_RAW:
        answer = _parsed(answer)
    if answer is None:
        raise Unreadable("The model gave no answer.")
    if isinstance(answer, BaseMessage):
        answer = str(answer.text)
    elif isinstance(answer, BaseModel):
        answer = answer.model_dump()
    if isinstance(answer, str) and not isinstance(answer, Enum) and not answer.strip():
        raise Unreadable("The model's answer has no text.")
    if isinstance(answer, Mapping):
        return {name: _plain(value) for name, value in answer.items()}
    return _plain(answer)


def fences(text: str) -> list[Fence]:
    """The fenced blocks of a text."""
    lines = text.replace("\r\n", "\n").split("\n")
    found = []
    start: int | None = None
    for number, line in enumerate(lines):
        mark = _FENCE.fullmatch(line)
        if mark and start is None:
            start, opening, info = number, mark[1], mark[2].split()
        elif mark and start is not None and mark[1].startswith(opening) and not mark[2].strip():
            found.append(_fence(lines, start, number, info))
            start = None
    if start is not None:
        found.append(_fence(lines, start, len(lines), info, closed=False))
    return found


def _fence(
    lines: list[str], start: int, end: int, info: list[str], *, closed: bool = True
) -> Fence:
    return Fence(
        language=info[0].casefold() if info else "",
        body="\n".join(lines[start + 1 : end]),
        before="\n".join(lines[:start]),
        after="\n".join(lines[end + 1 :]),
        closed=closed,
    )


def _parsed(answer: Mapping[str, Any]) -> Any:
    error, parsed = answer["parsing_error"], answer["parsed"]
    if error is not None:
        reason = f"{type(error).__name__}: {error}" if isinstance(error, Exception) else error
        raise Unreadable(f"The model's answer could not be parsed ({quoted(reason)}).")
    if parsed is None:
        raise Unreadable("The model's answer could not be parsed.")
    return parsed


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _value_of(text: str, *, as_json: bool) -> Any:
    body = _json_text(text)
    try:
        return read_json(text.strip() if body is None else body)
    except NotStrictJson as error:
        if as_json or body is not None or text.lstrip().startswith(("{", "[")):
            raise Unreadable(f"The model's answer is not JSON ({error}): {quoted(text)}.") from None
        return text


def _json_text(text: str) -> str | None:
    """The text of the one JSON block; None where there is no such block."""
    blocks = fences(text)
    found = [block for block in blocks if block.language == "json"]
    if not found and len(blocks) == 1 and not blocks[0].language:
        (block,) = blocks
        found = [] if block.before.strip() or block.after.strip() else blocks
    if len(found) > 1:
        raise Unreadable("The model's answer has several blocks of JSON.")
    if found and not found[0].closed:
        raise Unreadable("The model's answer ends in the middle of its JSON.")
    return found[0].body if found else None
