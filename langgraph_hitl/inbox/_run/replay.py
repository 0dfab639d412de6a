"""`without_replay`: an answer that comes with the address of an old checkpoint.

A client that keeps `get_state(config).config` sends a checkpoint id with its answer. After somebody
else has answered, LangGraph takes that for time travel and runs what follows once more.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from langgraph_hitl._subgraph._pregel import interrupts_in
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.steps import Call, Graph, Steps
from langgraph_hitl.review.request import is_request

_CHECKPOINT = "checkpoint_id"


def without_replay(
    app: Any, given: Any, config: RunnableConfig | None, is_decided: Callable[[Any], bool]
) -> Steps[RunnableConfig | None]:
    """The configuration for an answer, to be asked while the lock is held.

    Where a review of the checkpoint that it names is decided, the answer lost: it goes to the
    newest checkpoint, where nothing waits for it. Everything else is time travel that is meant.
    `is_decided` tells it of the checkpoint as it was saved.
    """
    configurable = (config or {}).get("configurable") or {}
    answers = isinstance(given, Command) and given.resume is not None
    if config is None or not answers or _CHECKPOINT not in configurable:
        return config
    saver = app.checkpointer
    found = yield Graph(partial(saver.get_tuple, config), partial(saver.aget_tuple, config))
    if found is None or not (yield Call(partial(is_decided, found))):
        return config
    kept = {key: value for key, value in configurable.items() if key != _CHECKPOINT}
    newest: RunnableConfig = {**config, "configurable": kept}
    return newest


def gate_decided(office: Office, found: Any) -> bool:
    """Whether a review that a gate has asked for at a checkpoint is decided."""
    asked = interrupts_in(found.pending_writes or ())
    ids = [value["review_id"] for value in asked if is_request(value)]
    with office.ledger.reading() as rx:
        reviews = [rx.get(review_id) for review_id in ids]
    return any(review is not None and review.status != "pending" for review in reviews)
