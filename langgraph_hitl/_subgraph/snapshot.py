"""`snapshot`: the next round of the same review, with a new digest and a new score."""

from __future__ import annotations

from typing import Any

from langchain_core.runnables import RunnableConfig

from langgraph_hitl._subgraph._pregel import spend_plain_answer
from langgraph_hitl._subgraph.asked import asked_before
from langgraph_hitl._subgraph.basis import check_basis
from langgraph_hitl._subgraph.channels import (
    ANSWER,
    QUESTION,
    REVISION,
    UNSEEN,
    Question,
    load,
)
from langgraph_hitl._subgraph.put import put
from langgraph_hitl._subgraph.rescore import scored_again
from langgraph_hitl._subgraph.spec import GateSpec, Node
from langgraph_hitl.review.record import with_version


def snapshot_node(spec: GateSpec) -> Node:
    """The node between a new version and the question about it."""

    def snapshot(state: Any, config: RunnableConfig) -> dict[str, Any]:
        question: Question = state[QUESTION]
        check_basis(spec, question, config)
        spend_plain_answer(config)
        revised = load(state[REVISION])
        last = question["decisions"][-1]
        finding = scored_again(spec, question, revised)
        renewed: Question = {
            **question,
            "round": question["round"] + 1,
            "revisions": question["revisions"] + (last["type"] == "revise"),
            "snapshot": state[REVISION],
            "digest": revised.digest,
            "finding": finding,
            "history": with_version(
                question["history"],
                round=question["round"],
                shown=question["snapshot"]["shown"],
                digest=question["digest"],
                decision=last,
                next_shown=revised.shown,
            ),
        }
        renewed.pop("asked", None)
        asked = asked_before(spec, question, finding, config)
        if asked is not None:
            renewed["asked"] = asked
        put(spec, renewed, config)
        return {QUESTION: renewed, ANSWER: None, REVISION: None, UNSEEN: True}

    return snapshot
