"""`Ask` and `Pass`: what a policy says about a case, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from langgraph_hitl.policies.rule import DEFAULT
from langgraph_hitl.policies.template import Template
from langgraph_hitl.policies.terms import Terms
from langgraph_hitl.review.finding import MAX_SENTENCE, Finding, readable

_DOUBTS = 20


@dataclass(frozen=True, slots=True)
class Doubt:
    """A rule that could not be told, and why."""

    rule: str
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ruled:
    policy: str
    version: str
    owner: str | None
    rule: str | None
    """The rule that applies; None where none does, or where it could not be told which."""
    sentence: str
    templates: tuple[Template, ...] = ()
    """Those that the case matches, of the rule that applies."""
    found: Finding | None = None
    """What the condition of the rule found."""

    def _details(self) -> dict[str, Any]:
        details: dict[str, Any] = {"policy": self.policy, "version": self.version}
        if self.owner is not None:
            details["owner"] = self.owner
        details["rule"] = self.rule or DEFAULT
        if self.templates:
            details["templates"] = [
                {"template": each.name, "version": each.version} for each in self.templates
            ]
        return details

    def _finding(self, details: dict[str, Any], *, needed: bool) -> Finding:
        return Finding(
            needed=needed,
            sentence=self.sentence,
            score=self.found.score if self.found else None,
            factors=self.found.factors if self.found else None,
            trigger="policy",
            details=details,
            parts=(self.found,) if self.found else (),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask(_Ruled):
    """A person is asked, on these `terms`. `doubts` are the rules that could not be told."""

    terms: Terms
    doubts: tuple[Doubt, ...] = ()

    def finding(self) -> Finding:
        """The ruling as a finding; its `details` have the policy, its version and the rule."""
        details = self._details() | {"decision": "ask"}
        if self.doubts:
            details["unreadable"] = True
            details["doubts"] = [each.rule for each in self.doubts[:_DOUBTS]]
        return self._finding(details, needed=True)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        doubts = [{"rule": each.rule, "sentence": each.sentence} for each in self.doubts]
        return {
            "decision": "ask",
            **self._details(),
            "sentence": self.sentence,
            "terms": self.terms.to_json(),
            "doubts": doubts,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Pass(_Ruled):
    """Nobody needs to be asked: `rule` lets the case pass, and no rule before it holds."""

    rule: str

    def finding(self) -> Finding:
        """The ruling as a finding; its `details` have the policy, its version and the rule."""
        return self._finding(self._details() | {"decision": "pass"}, needed=False)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"decision": "pass", **self._details(), "sentence": self.sentence}


Ruling: TypeAlias = Ask | Pass


def sentence_of(title: str, rule: str | None, found: Finding | None, doubts: list[Doubt]) -> str:
    """Why, in words: the rule that applies with what it found, or why none could be told."""
    named = f"Rule {rule!r} of {title}" if rule else f"No rule of {title} applies"
    parts = [f"Rule {each.rule!r} could not be told: {each.sentence}" for each in doubts[:3]]
    if doubts and rule is None:
        parts.append(f"So a person is asked by {title}.")
    elif found is None:
        parts.append(f"{named}.")
    elif not doubts or doubts[-1].rule != rule:
        parts.append(f"{named}: {found.sentence}")
    else:
        parts.append(f"It is a rule of {title} that asks.")
    return readable(" ".join(parts), MAX_SENTENCE)
