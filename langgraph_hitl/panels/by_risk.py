"""`by_risk`: another panel for every risk, or for every band of the score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.given import panel_of
from langgraph_hitl.panels.ladder import BANDS, band_of, checked_edges
from langgraph_hitl.panels.panel import VERSION, Panel
from langgraph_hitl.panels.verdict import Verdict
from langgraph_hitl.panels.vote import Vote
from langgraph_hitl.review.reviewer import Voter

RISKS = ("low", "medium", "high", "critical")


@dataclass(frozen=True, kw_only=True)
class ByRisk(Panel):
    """The panel of the highest risk, until `for_review` gives the one of a review.

    It goes by `risks`, or where there are none by the `edges` of the score.
    """

    parts: tuple[Panel, ...]
    risks: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    blind: bool = field(init=False)
    may_change: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "blind", any(part.blind for part in self.parts))
        object.__setattr__(self, "may_change", all(part.may_change for part in self.parts))

    @property
    def strictest(self) -> Panel:
        """The panel of the highest risk."""
        return self.parts[-1]

    @property
    def varies(self) -> bool:
        return True

    @property
    def alternatives(self) -> tuple[Panel, ...]:
        return tuple(one for part in self.parts for one in part.alternatives)

    def for_review(
        self, *, score: Any = None, risk: str | None = None, level: str | None = None
    ) -> Panel:
        """The panel of a review; the last one where neither its risk nor its score can be read.

        By risks, a score counts as the risk that it stands for, and the higher of both counts.
        """
        part = self._part_for(score, risk)
        return part.for_review(score=score, risk=risk, level=level)

    def _part_for(self, score: Any, risk: Any) -> Panel:
        if not self.risks:
            return self.parts[band_of(score, self.edges)]
        found = [RISKS.index(risk) if risk in RISKS else len(RISKS)] if risk is not None else []
        if score is not None or not found:
            found.append(band_of(score, BANDS))
        worst = max(found)
        covering = (
            part
            for name, part in zip(self.risks, self.parts, strict=True)
            if RISKS.index(name) >= worst
        )
        return next(covering, self.strictest)

    @property
    def rule(self) -> str:
        names = self.risks or tuple(f"from {edge:g}" for edge in (0.0, *self.edges))
        return "; ".join(
            f"{name}: {part.rule}" for name, part in zip(names, self.parts, strict=True)
        )

    @property
    def single(self) -> bool:
        return self.strictest.single

    @property
    def eligible_keys(self) -> tuple[str, ...]:
        return self.strictest.eligible_keys

    def is_eligible(self, voter: Voter) -> bool:
        return self.strictest.is_eligible(voter)

    def refusal(self, voter: Voter) -> str | None:
        return self.strictest.refusal(voter)

    def judge(self, votes: Sequence[Vote]) -> Verdict | None:
        return self.strictest.judge(votes)

    def needed(self, votes: Sequence[Vote]) -> tuple[str, ...]:
        return self.strictest.needed(votes)

    def weighed(self, votes: Sequence[Vote]) -> tuple[float, float, int]:
        return self.strictest.weighed(votes)

    def to_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "panel": "by_risk",
            "from": [*self.risks] or [0, *self.edges],
            "parts": [part.to_json() for part in self.parts],
            "blind": self.blind,
            "may_change": self.may_change,
        }

    def _keys(self) -> Iterable[str]:
        return (key for part in self.parts for key in part._keys())


def by_risk(panels: Mapping[Any, Any]) -> Panel:
    """Another panel for every risk, or for every band of the score.

    Args:
        panels: Panels, or what `reviewers=` takes, by risk (`low`, `medium`, `high`, `critical`)
            or by the score from which on each decides, the lowest of which is 0. A risk that is
            not named has the panel of the next higher one that is; those above the highest have
            its panel.

    A review whose risk (or score) is missing or cannot be read gets the last panel. The risk of
    a review with nothing but a score is that of its band: medium from 0.3 on, high from 0.6,
    critical from 0.9.

    Raises `GateError` for anything else.

    >>> from langgraph_hitl.panels import anyone, quorum
    >>> panel = by_risk({"low": anyone(), "high": quorum(2, of="security")})
    >>> panel.for_review(risk="low").rule, panel.for_review(risk="medium").rule
    ('anybody', '2 by security')
    >>> by_risk({0: "editors", 0.6: "lawyers"}).for_review(score=0.7).rule
    'any of lawyers'
    """
    if not isinstance(panels, Mapping) or len(panels) < 2:
        raise GateError("by_risk maps two risks or scores or more to panels; one needs no by_risk")
    if all(isinstance(name, str) for name in panels):
        for name in panels:
            if name not in RISKS:
                raise GateError(f"by_risk: unknown risk {name!r:.40}{suggestion(name, RISKS)}")
        risks = tuple(name for name in RISKS if name in panels)
        return ByRisk(parts=_parts(panels, risks), risks=risks)
    if any(isinstance(name, str) for name in panels):
        raise GateError("by_risk goes by risks or by scores, not by both")
    first, *edges = panels
    if isinstance(first, bool) or first != 0:
        raise GateError(f"by_risk: the lowest score must be 0, and stand first, not {first!r:.40}")
    checked = checked_edges(edges, tuple(panels), "by_risk")
    return ByRisk(parts=_parts(panels, tuple(panels)), edges=checked)


def _parts(panels: Mapping[Any, Any], names: tuple[Any, ...]) -> tuple[Panel, ...]:
    return tuple(panel_of(panels[name], f"by_risk: {name!r}") for name in names)
