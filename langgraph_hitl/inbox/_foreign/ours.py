"""`is_ours`: whether a gate that files with the inbox by itself asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.inbox._foreign.filing import Asking

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.reading import Reading


def is_ours(specs: Iterable[GateSpec], rx: Reading, asking: Asking) -> bool:
    """By the id of its review, which the ledger has; else by the gates of its graph."""
    bound = asking.items[0].detail.get("bound")
    if bound is None:
        return False
    item = asking.items[0]
    filing = {(spec.kind, spec.rules.action) for spec in specs if spec.desk is not None}
    return (item.kind, item.action) in filing or rx.get(bound["review_id"]) is not None
