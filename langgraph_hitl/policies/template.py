"""`Template`: a pattern that somebody approved beforehand, with an owner and a last day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.policies.moment import When, checked_when, end_of
from langgraph_hitl.policies.pattern import Bounds, Pattern
from langgraph_hitl.policies.words import checked_version, checked_word
from langgraph_hitl.review.finding import Finding
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.trigger import Leaf, Trigger


class Template:
    """What was approved beforehand, as data.

    Args:
        name: Unique within a policy.
        version: A text or a whole number. A new one belongs to every change.
        owner: Who answers for it.
        expires: Its last day, by UTC, or the moment (with an offset) from which on it is void.
        matches: A bound, or a tuple of them, by state key or path (`payment.amount`).

    Raises:
        GateError: An argument is wrong, or two bounds exclude each other.

    >>> from langgraph_hitl.policies import Equal, Max, Template, matches
    >>> small = Template(
    ...     "small refund",
    ...     version=2,
    ...     owner="finance",
    ...     expires="2030-12-31",
    ...     matches={"kind": Equal("refund"), "amount": Max(50)},
    ... )
    >>> unusual = ~matches(small)
    >>> unusual({"kind": "refund", "amount": 20}).needed
    False
    >>> unusual({"kind": "refund", "amount": 70}).sentence
    "No match with the template 'small refund' (version 2): The amount 70 is not at most 50."
    """

    def __init__(
        self, name: str, *, version: str | int, owner: str, expires: When | str, matches: Bounds
    ) -> None:
        self.name = checked_word(name, "the name of a template")
        try:
            self.version = checked_version(version)
            self.owner = checked_word(owner, "owner")
            self.expires = checked_when(expires, "expires")
            self.pattern = Pattern(matches)
        except GateError as error:
            raise GateError(f"template {quoted(self.name)}: {error}") from None
        self._end = end_of(self.expires)

    def expired(self, at: datetime) -> bool:
        """Whether it is void by then."""
        return at >= self._end

    @property
    def title(self) -> str:
        """What it is called in sentences."""
        return f"{self.name!r} (version {self.version})"

    def __repr__(self) -> str:
        return f"Template({self.name!r}, version={self.version!r})"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Matching(Leaf):
    """The trigger of a template."""

    template: Template


def matches(template: Template) -> Trigger:
    """Holds where a case matches a template: `when=~matches(template)` asks for everything else.

    The template's name and version are in the `details` of the finding. One that has expired, and
    a value that is missing or of another kind than its bound, asks a person, also under `~`.
    """
    if not isinstance(template, Template):
        raise GateError(f"matches takes a Template, not {quoted(template)}")

    def test(values: Mapping[str, Any], now: datetime) -> bool:
        _check_valid(template, now)
        return template.pattern.holds(values)

    def judge(values: Mapping[str, Any], now: datetime) -> Finding:
        held = test(values, now)
        said = "Matches" if held else "No match with"
        return Finding(
            needed=held,
            sentence=f"{said} the template {template.title}: {template.pattern.sentence(values)}",
            details={
                "template": template.name,
                "version": template.version,
                "owner": template.owner,
                "expires": template.expires.isoformat(),
            },
        )

    return Matching(
        name="matches",
        judge=judge,
        sources=template.pattern.sources,
        options=template.name,
        test=test,
        template=template,
    )


def _check_valid(template: Template, now: datetime) -> None:
    if now.utcoffset() is None:
        raise Unreadable(f"The clock gives {now}, which has no time zone.")
    if template.expired(now):
        raise Unreadable(
            f"The template {template.title} of {template.owner} expired: "
            f"{template.expires.isoformat()}."
        )
