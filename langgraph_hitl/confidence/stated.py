"""`stated`: a confidence that a model was asked to write under its answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from langgraph_hitl.confidence.message import last_answer, missing, refuse_calls, unclear
from langgraph_hitl.confidence.visible import visible
from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.review.finding import readable
from langgraph_hitl.review.strict_json import NotStrictJson, read_json
from langgraph_hitl.triggers.answer import fences
from langgraph_hitl.triggers.number import fraction_of, quoted
from langgraph_hitl.triggers.source import Derived, Source, source_of

STATE_CONFIDENCE = (
    "End with one line of its own that says how likely your answer is to be right, as a number "
    "from 0 to 1, in exactly this form and without any other word on the line:\n"
    "Confidence: <number>\n"
    "Use the word confidence nowhere else."
)
"""An instruction for the prompt of the model whose answer `stated()` reads."""

_SPACE = "[ \t\u00a0\u202f]*"
_MARKS = "[*_`]{0,3}"
_NUMBER = r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"


def stated(
    answer: str | Callable[[Any], Any] | Source = "answer", *, name: str = "confidence"
) -> Source:
    r"""The confidence that a model stated in its answer, on the last line or as a field of JSON.

    Args:
        answer: A state key, a path or a function that gives a text, a message, or a list of
            messages whose last one is the model's answer.
        name: The word before the number, or the field, in any case.

    Put `STATE_CONFIDENCE` into the prompt. Read is a last line such as `Confidence: 0.85`,
    `**Confidence:** 85%` or `confidence = 85 %`; or the field of a JSON object that is the whole
    text, or that is fenced as JSON at its end. A whole 1 is certain: `1`, `1.0` and `100%`.

    Everything else asks a person: `8/10`, `about 0.9`, `85` without a percent sign, `0,85`, `high`,
    a range, a number outside 0 to 1, a JSON object with the field twice, a message that calls
    tools. So does the name anywhere else in the text, in another field or in a value of the JSON,
    also with accents or invisible characters in it, except in a line that states the same: a model
    may quote somebody who wants his own number to be read. Choose another `name` where answers use
    the word itself.

    What strangers write into a prompt can also talk a model into stating more than it knows; no
    reader of its text can tell. Prefer `logprobs` or `agreement` there.

    >>> stated()({"answer": "Paris.\nConfidence: 0.85"})
    0.85
    >>> from langgraph_hitl.triggers import below_confidence
    >>> sure = below_confidence(0.8, confidence=stated())
    >>> sure({"answer": "You say: Confidence: 1.0\nConfidence: 0.4"}).sentence
    'The confidence cannot be read: the answer names it in more than one place.'
    """
    if not isinstance(name, str) or not name.strip() or len(name.splitlines()) > 1:
        raise GateError(f"name must be the word before the number, not {name!r}")
    word = name.strip()

    def derive(values: Mapping[str, Any]) -> float:
        return read_statement(_text(values["answer"]), word)

    return Derived({"answer": source_of(answer, "answer")}, derive)


def without_statement(text: str, *, name: str = "confidence") -> str:
    r"""An answer without the lines that state its confidence, as a customer should read it.

    A text that `stated()` does not read, and one whose JSON states it, is left as it is. Keep the
    stated text in a key of its own: the gate has to see it, and the subject is what is sent.

    >>> without_statement("Paris.\nConfidence: 0.85")
    'Paris.'
    """
    try:
        read_statement(text, name)
    except Unreadable:
        return text
    lines = text.replace("\r\n", "\n").strip().split("\n")
    if _line(lines[-1], name) is None:
        return text
    return "\n".join(line for line in lines if _line(line, name) is None).strip()


def read_statement(text: str, name: str = "confidence") -> float:
    """The confidence that a text states; raises `Unreadable`."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise missing("the answer is empty")
    if text.startswith("{") and text.endswith("}"):
        return _field(text, name)
    blocks = fences(text)
    last = blocks[-1] if blocks else None
    if last and last.closed and last.language == "json" and not last.after.strip():
        field = _field(last.body, name)
        _check_rest(last.before, name, field)
        return field
    *rest, line = text.split("\n")
    if last and not last.closed:
        raise unclear("the answer ends in the middle of a block of code")
    value = _line(line, name)
    if value is None:
        raise _unstated(text, line, name)
    _check_rest("\n".join(rest), name, value)
    return value


def _text(answer: Any) -> str:
    if isinstance(answer, str):
        return str(answer)
    message = last_answer(answer)
    refuse_calls(message)
    return str(message.text)


def _line(line: str, name: str) -> float | None:
    """The value that a line states; None where it is no statement."""
    pattern = (
        f" {{0,3}}{_MARKS}{re.escape(name)}{_MARKS}{_SPACE}[:=]{_MARKS}{_SPACE}{_MARKS}"
        f"(?P<number>{_NUMBER})(?P<percent>{_SPACE}%)?{_MARKS}\\.?{_MARKS}"
    )
    flags = re.IGNORECASE | (re.ASCII if name.isascii() else re.NOFLAG)
    found = re.fullmatch(pattern, line.rstrip(" \t"), flags)
    if found is None:
        return None
    number = Decimal(found["number"])
    if found["percent"]:
        number = number.scaleb(-2)
    return fraction_of(number, name)


def _field(text: str, name: str) -> float:
    """The field of a JSON object."""
    try:
        found = read_json(text)
    except NotStrictJson as error:
        raise unclear(f"the answer is not JSON ({readable(str(error))})") from None
    if not isinstance(found, Mapping):
        raise unclear(f"the answer is {quoted(found)}, which has no fields")
    named = [field for field in found if _names(field, name)]
    exact = [field for field in named if _is_name(field, name)]
    if len(named) > 1 or named != exact:
        fields = " and ".join(readable(field, 60) for field in named)
        plural = "s" if len(named) > 1 else ""
        raise unclear(f"the answer has the field{plural} {fields}, and only {name} is read")
    value = fraction_of(found[exact[0]] if exact else None, name)
    _check_inside(list(found.values()), name, value)
    return value


def _check_inside(items: list[Any], name: str, value: float) -> None:
    """As `_check_rest`, for what the fields of the JSON have in them."""
    while items:
        item = items.pop()
        if isinstance(item, str):
            _check_rest(item, name, value)
        elif isinstance(item, Mapping):
            if any(_names(field, name) for field in item):
                raise _elsewhere()
            items.extend(item.values())
        elif isinstance(item, list):
            items.extend(item)


def _check_rest(text: str, name: str, value: float) -> None:
    """Nothing beside the statement may speak of it, except to state the same."""
    for line in text.split("\n"):
        if _names(line, name) and _line(line, name) != value:
            raise _elsewhere()


def _elsewhere() -> Unreadable:
    return unclear("the answer names it in more than one place")


def _unstated(text: str, line: str, name: str) -> Unreadable:
    if _names(line, name):
        return unclear(f"the answer ends with {quoted(line.strip())}")
    if _names(text, name):
        return unclear("it does not stand on the last line of the answer")
    return missing("the answer does not state it")


def _is_name(field: str, name: str) -> bool:
    return field.casefold() == name.casefold() and field.isascii() == name.isascii()


def _names(text: str, name: str) -> bool:
    """Whether a reader finds the name in the text."""
    return _folded(name) in _folded(text)


def _folded(text: str) -> str:
    """A text without what a reader hardly sees: case, forms of characters, accents, and characters
    that show nothing.
    """
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(sign for sign in apart if sign == " " or visible(sign))
