"""A static breakpoint: `interrupt_before=` and `interrupt_after=` of a compiled graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langgraph_hitl._subgraph.desk import NOT_DECIDED
from langgraph_hitl.inbox._foreign.shapes.shape import NOTHING, Interrupted, Item, unreadable


class Breakpoint:
    """Approve lets the graph go on; reject leaves it where it is, and sends nothing."""

    name = "breakpoint"

    def stop(self, nodes: Sequence[str]) -> Item:
        """The question whether these nodes may run."""
        listed = ", ".join(map(repr, nodes))
        return Item(
            kind="breakpoint",
            action="continue",
            subject={"next": list(nodes)},
            allowed=("approve", "reject"),
            sentence=f"The graph stands at a breakpoint; {listed} would run next.",
        )

    def items(self, asked: Interrupted) -> tuple[Item, ...] | None:
        """A breakpoint is no interrupt with a value."""
        return None

    def encode(self, detail: Mapping[str, Any], decision: Mapping[str, Any], by: str) -> Any:
        if decision["type"] == "approve":
            return None
        if decision["type"] == "reject" or decision["type"] in NOT_DECIDED:
            return NOTHING
        raise unreadable(decision)

    def frame(self, answers: Sequence[Any]) -> Any:
        return answers[0]

    def decode(self, raw: Any, items: Sequence[Item]) -> list[dict[str, Any]]:
        return [{"type": "approve"}]


BREAKPOINT = Breakpoint()
