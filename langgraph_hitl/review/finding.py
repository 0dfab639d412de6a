"""`Finding`: why a person is asked, or why nobody needs to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from langgraph_hitl.review.digest import NotJson, plain_json


@dataclass(frozen=True, slots=True, kw_only=True)
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
        """The inverse of `to_json`."""
        parts = tuple(cls.from_json(part) for part in found.get("parts", ()))
        return cls(**{**found, "parts": parts})


ALWAYS = Finding(needed=True, sentence="Every case is reviewed.")


def finding_of(result: Any, *, name: str | None = None) -> Finding:
    """The finding that a condition's result stands for. Only a clear no means that nobody is asked.

    >>> finding_of(False).needed, finding_of(None).needed, finding_of(float("nan")).needed
    (False, True, True)
    """
    if isinstance(result, Finding):
        return checked(result)
    condition = f"The condition {name}" if name else "The condition"
    if result is True:
        return Finding(needed=True, sentence=f"{condition} for a review holds.")
    if result is False:
        return Finding(needed=False, sentence=f"{condition} for a review does not hold.")
    return Finding(
        needed=True,
        sentence=f"{condition} gave {type(result).__name__} instead of true or false.",
    )


def failed(error: BaseException, *, what: str = "The condition") -> Finding:
    """A condition that raised means that a person is asked, and sees why."""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:
        text = type(error).__name__
    return Finding(needed=True, sentence=f"{what} failed ({readable(text)}).")


def checked(finding: Finding) -> Finding:
    """The finding, if it is well formed; only `needed=False` itself means that nobody is asked."""
    try:
        plain_json(finding.to_json())
    except (NotJson, TypeError, ValueError, AttributeError) as error:
        return failed(error)
    factors = () if finding.factors is None else finding.factors.values()
    score = 0.0 if finding.score is None else finding.score
    if not isinstance(finding.sentence, str):
        return failed(TypeError("the sentence of a finding is a text"))
    if not all(map(_is_number, (score, *factors))):
        return failed(TypeError("the score and the factors of a finding are numbers"))
    if not 0 <= score <= 1:
        return failed(ValueError(f"the score of a finding is {score}, outside 0 to 1"))
    if finding.needed is False:
        return finding
    return replace(finding, needed=True)


def readable(text: str, limit: int = 200) -> str:
    """A text of unknown origin, short enough for a sentence and storable everywhere."""
    clean = text.replace("\x00", "").encode(errors="replace").decode()
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
