"""`Finding`: why a person is asked, or why nobody needs to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from langgraph_hitl.review.digest import NotJson, plain_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of asking whether a person is needed.

    `sentence` is shown to the reviewer and recorded. `score` (0 to 1) and `factors` (the share of
    each) are optional.

    >>> Finding(needed=True, sentence="The amount is above 1,000.").to_json()
    {'needed': True, 'sentence': 'The amount is above 1,000.'}
    """

    needed: bool
    sentence: str
    score: float | None = None
    factors: Mapping[str, float] | None = None

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"needed": self.needed, "sentence": self.sentence}
        if self.score is not None:
            found["score"] = self.score
        if self.factors is not None:
            found["factors"] = dict(self.factors)
        return found


ALWAYS = Finding(needed=True, sentence="Every case is reviewed.")


def finding_of(result: Any) -> Finding:
    """The finding that a condition's result stands for. Only a clear no means that nobody is asked.

    >>> finding_of(False).needed, finding_of(None).needed, finding_of(float("nan")).needed
    (False, True, True)
    """
    if isinstance(result, Finding):
        return _checked(result)
    if result is True:
        return Finding(needed=True, sentence="The condition for a review holds.")
    if result is False:
        return Finding(needed=False, sentence="The condition for a review does not hold.")
    return Finding(
        needed=True,
        sentence=f"The condition gave {type(result).__name__} instead of true or false.",
    )


def failed(error: BaseException) -> Finding:
    """A condition that raised means that a person is asked, and sees why."""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:
        text = type(error).__name__
    return Finding(needed=True, sentence=f"The condition failed ({_readable(text)}).")


def _checked(finding: Finding) -> Finding:
    """The finding, if it is well formed; only `needed=False` itself means that nobody is asked."""
    try:
        plain_json(finding.to_json())
    except (NotJson, TypeError, ValueError) as error:
        return failed(error)
    factors = () if finding.factors is None else finding.factors.values()
    if not isinstance(finding.sentence, str):
        return failed(TypeError("the sentence of a finding is a text"))
    if not all(map(_is_number, (finding.score or 0.0, *factors))):
        return failed(TypeError("the score and the factors of a finding are numbers"))
    if finding.needed is False:
        return finding
    return replace(finding, needed=True)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _readable(text: str, limit: int = 200) -> str:
    clean = text.replace("\x00", "").encode(errors="replace").decode()
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
