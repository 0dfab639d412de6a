"""`Finding`: why a person is asked, or why nobody needs to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from inspect import iscoroutine
from typing import Any

from langgraph_hitl.errors import Unreadable
from langgraph_hitl.review.digest import NotJson, plain_json

MAX_SENTENCE = 2_000
MAX_FACTS = 20_000
"""Characters of the factors and details of one finding; every pause stores them."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of asking whether a person is needed.

    `sentence` is shown to the reviewer and recorded. `score` (0 to 1: how much speaks for a review)
    and `factors` (what went into the score, by name) are there where something was graded.
    `trigger` names what found it, and `details` are its facts in plain JSON, such as a draw and its
    rate. The finding of a combination of triggers has those of its `parts`.

    >>> Finding(needed=True, sentence="The amount is above 1,000.").to_json()
    {'needed': True, 'sentence': 'The amount is above 1,000.'}
    """

    needed: bool
    sentence: str
    score: float | None = None
    factors: Mapping[str, float] | None = None
    trigger: str | None = None
    details: Mapping[str, Any] | None = None
    parts: tuple[Finding, ...] = ()

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"needed": self.needed, "sentence": self.sentence}
        if self.score is not None:
            found["score"] = self.score
        if self.factors is not None:
            found["factors"] = dict(self.factors)
        if self.trigger is not None:
            found["trigger"] = self.trigger
        if self.details is not None:
            found["details"] = dict(self.details)
        if self.parts:
            found["parts"] = [part.to_json() for part in self.parts]
        return found

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Finding:
        """The inverse of `to_json`. What another version of the package stored is no error."""
        factors, details, parts = (found.get(name) for name in ("factors", "details", "parts"))
        parts = parts if isinstance(parts, list | tuple) else ()
        return cls(
            needed=found.get("needed", True),
            sentence=found.get("sentence", ""),
            score=found.get("score"),
            factors=factors if isinstance(factors, Mapping) else None,
            trigger=found.get("trigger"),
            details=details if isinstance(details, Mapping) else None,
            parts=tuple(cls.from_json(part) for part in parts if isinstance(part, Mapping)),
        )


ALWAYS = Finding(needed=True, sentence="Every case is reviewed.")


def finding_of(result: Any, *, name: str | None = None) -> Finding:
    """The finding that a condition's result stands for.

    Raises `Unreadable` for all but a clear yes or no; then a person is asked, also where the
    condition stands under `~`.

    >>> finding_of(False).needed
    False
    >>> finding_of(None)
    Traceback (most recent call last):
    langgraph_hitl.errors.Unreadable: The condition gave nothing instead of true or false.
    """
    condition = f"The condition {name}" if name else "The condition"
    if isinstance(result, Finding):
        return checked(result, condition)
    subject = condition if name else f"{condition} for a review"
    if result is True:
        return Finding(needed=True, sentence=f"{subject} holds.")
    if result is False:
        return Finding(needed=False, sentence=f"{subject} does not hold.")
    if iscoroutine(result):
        result.close()
    given = "nothing" if result is None else _type_name(result)
    raise Unreadable(f"{condition} gave {given} instead of true or false.")


def _type_name(value: Any) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def failed(error: BaseException, *, what: str = "The condition") -> Finding:
    """A condition that raised means that a person is asked, and sees why."""
    return Finding(needed=True, sentence=f"{what} failed ({_said(error)}).")


def checked(finding: Finding, condition: str = "The condition") -> Finding:
    """The finding in plain JSON types; raises `Unreadable` if it is not well formed."""
    try:
        plain = Finding.from_json(plain_json(finding.to_json()))
        problem = _problem(plain)
    except NotJson as error:
        problem = readable(str(error))
    except Exception as error:  # whatever fields of other types lead to
        problem = _said(error)
    if problem is not None:
        raise Unreadable(f"{condition} gave a finding that is not valid ({problem}).")
    if len(plain.sentence) > MAX_SENTENCE:
        return replace(plain, sentence=readable(plain.sentence, MAX_SENTENCE))
    return plain


def readable(text: str, limit: int = 200) -> str:
    """A text of unknown origin in one line, short enough for a sentence and storable everywhere."""
    start = text[: 4 * limit]
    clean = " ".join("".join(c if c.isprintable() else " " for c in start).split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _problem(finding: Finding) -> str | None:
    """What is wrong with a finding of plain JSON."""
    if not isinstance(finding.needed, bool):
        return "needed is neither true nor false"
    if not isinstance(finding.sentence, str):
        return "the sentence is not a text"
    if not isinstance(finding.trigger, str | None):
        return "the trigger is not a text"
    score = 0.0 if finding.score is None else finding.score
    if not all(map(_is_number, (score, *(finding.factors or {}).values()))):
        return "the score and the factors are not all numbers"
    if not 0 <= score <= 1:
        return f"the score is {score}, outside 0 to 1"
    if len(str((finding.factors, finding.details))) > MAX_FACTS:
        return "its factors and details are too large"
    return next(filter(None, map(_problem, finding.parts)), None)


def _said(error: BaseException) -> str:
    name = type(error).__name__
    try:
        text = readable(str(error))
    except Exception:
        text = ""
    return f"{name}: {text}" if text else name


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
