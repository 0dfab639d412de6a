"""`Explanation`: what each rule found about a case, until the one that applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from langgraph_hitl.policies.rule import DEFAULT
from langgraph_hitl.policies.ruling import Ask, Ruling

_WORDS = {True: "true", False: "false", None: "not told"}


@dataclass(frozen=True, slots=True)
class Part:
    """One trigger of a condition. `holds` is None where it could not tell."""

    trigger: str
    holds: bool | None
    sentence: str

    @property
    def word(self) -> str:
        """`true`, `false` or `not told`."""
        return _WORDS[self.holds]


@dataclass(frozen=True, slots=True)
class RuleExplained:
    """One rule. `holds` is None where a part of its condition could not be told."""

    rule: str
    holds: bool | None
    parts: tuple[Part, ...]

    @property
    def word(self) -> str:
        """`true`, `false` or `not told`."""
        return _WORDS[self.holds]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a policy ruled so. As a text it is readable line by line."""

    ruling: Ruling
    rules: tuple[RuleExplained, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        rules = [
            {
                "rule": each.rule,
                "holds": each.holds,
                "parts": [
                    {"trigger": part.trigger, "holds": part.holds, "sentence": part.sentence}
                    for part in each.parts
                ],
            }
            for each in self.rules
        ]
        return {"ruling": self.ruling.to_json(), "rules": rules}

    def __str__(self) -> str:
        lines: list[str] = []
        for each in self.rules:
            lines.append(f"{each.rule}: {each.word}")
            lines += [f"  {part.trigger}: {part.word}. {part.sentence}" for part in each.parts]
        decision = "ask" if isinstance(self.ruling, Ask) else "pass"
        lines.append(f"-> {decision}, by {self.ruling.rule or DEFAULT}: {self.ruling.sentence}")
        return "\n".join(lines)
