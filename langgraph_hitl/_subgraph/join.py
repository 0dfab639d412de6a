"""`join`: the first node of a gate that waits for what was submitted before."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.runtime import Runtime
from langgraph.types import Command

from langgraph_hitl._subgraph._pregel import spend_plain_answer
from langgraph_hitl._subgraph.channels import QUESTION, UNSEEN
from langgraph_hitl._subgraph.prepare import (
    check_checkpointer,
    inputs_of,
    prepare_node,
    subject_of,
    with_defaults,
)
from langgraph_hitl._subgraph.spec import GateSpec, Node
from langgraph_hitl.errors import SubjectError


def join_node(spec: GateSpec) -> Node:
    """The node that takes over the question that was submitted.

    Where the thread has submitted none before, the gate asks by itself, as any other does.
    """
    prepare = prepare_node(spec)

    def join(state: Any, config: RunnableConfig, runtime: Runtime[Any]) -> Any:
        assert spec.desk is not None
        check_checkpointer(spec.name, config)
        values = with_defaults(spec, state)
        question = spec.desk.clerk(spec, config).join(partial(_digest, spec, values))
        if question is None:
            return prepare(state, config, runtime)
        if not question["finding"]["needed"]:
            return Command(update={QUESTION: question}, goto="record")
        question["inputs"] = inputs_of(spec, values)
        spend_plain_answer(config)
        update = {QUESTION: question, UNSEEN: True}
        return update if spec.when is None else Command(update=update, goto="ask")

    return join


def _digest(spec: GateSpec, values: Mapping[str, Any]) -> str | None:
    """Of the value that this branch of the graph holds now."""
    try:
        return subject_of(spec, values).digest
    except SubjectError:
        return None
