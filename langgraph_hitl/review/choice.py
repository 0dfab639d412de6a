"""What kind of answer a question takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langgraph_hitl.errors import GateError


class Choice:
    """One of the offered options, or several with `multiple=True`.

    >>> Choice("a", "b").problem(["a", "b"])
    'choose one of the options'
    >>> Choice("a", "b", multiple=True).problem(["a", "b"]) is None
    True
    """

    __slots__ = ("multiple", "options")

    def __init__(self, *options: str, multiple: bool = False) -> None:
        if not all(isinstance(option, str) and option.strip() for option in options):
            raise GateError(f"The options of a Choice are texts that are not blank: {options!r}")
        if len(options) < 2 or len(set(options)) != len(options):
            raise GateError(f"Choice needs at least two different options, got {options!r}")
        self.options = options
        self.multiple = multiple

    def problem(self, choices: Sequence[str]) -> str | None:
        """What is wrong with an answer, or None."""
        if not choices:
            return "nothing was chosen"
        if unknown := [choice for choice in choices if choice not in self.options]:
            return f"{unknown[0]!r} is not offered; offered: {', '.join(self.options)}"
        if len(set(choices)) != len(choices):
            return "an option was chosen twice"
        if len(choices) > 1 and not self.multiple:
            return "choose one of the options"
        return None

    def to_json(self) -> dict[str, Any]:
        return {"options": list(self.options), "multiple": self.multiple}
