"""`put`: put a version before people, in the inbox and through the user's hook."""

from __future__ import annotations

from functools import partial

from langchain_core.runnables import RunnableConfig

from langgraph_hitl._subgraph.channels import Question
from langgraph_hitl._subgraph.spec import GateSpec


def put(spec: GateSpec, question: Question, config: RunnableConfig) -> None:
    """File the version, and say that it was asked; both once, also if the node runs again."""
    clerk = spec.desk.clerk(spec, config) if spec.desk else None
    if clerk is not None:
        clerk.file(question)
    if spec.hooks.asked is None:
        return
    call = partial(spec.hooks.asked, spec.request(question))
    if clerk is None:
        call()
    else:
        clerk.once(question, "asked", call)
