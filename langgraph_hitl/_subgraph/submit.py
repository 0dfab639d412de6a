"""`submit`: the one node of a gate that asks and does not wait."""

from __future__ import annotations

from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.runtime import Runtime

from langgraph_hitl._subgraph.prepare import announce, made
from langgraph_hitl._subgraph.put import put
from langgraph_hitl._subgraph.spec import GateSpec, Node


def submit_node(spec: GateSpec) -> Node:
    """The node that files a review for a later gate to wait for."""

    def submit(state: Any, config: RunnableConfig, runtime: Runtime[Any]) -> None:
        assert spec.desk is not None
        question = made(spec, state, config, runtime)
        if question["finding"]["needed"]:
            put(spec, question, config)
        else:
            spec.desk.clerk(spec, config).passed(question)
        announce(question, runtime)

    return submit
