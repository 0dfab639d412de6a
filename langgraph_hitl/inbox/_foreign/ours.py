"""`is_ours`: whether a gate that files with the inbox by itself asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.inbox._foreign.filing import Asking

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.reading import Reading


def is_ours(specs: Iterable[GateSpec], rx: Reading, asking: Asking) -> bool:
    """By the id of its review, which the ledger has for its thread; else by the gates of its graph.

    Whoever copies the payload of a gate puts a question of their own.
    """
    bound = asking.items[0].detail.get("bound")
    if bound is None:
        return False
    item = asking.items[0]
    filing = {(spec.kind, spec.rules.action) for spec in specs if spec.desk is not None}
    if (item.kind, item.action) in filing:
        return True
    review = rx.get(bound["review_id"])
    place = asking.place
    return review is not None and (review.graph, review.thread_id) == (place.graph, place.thread_id)
