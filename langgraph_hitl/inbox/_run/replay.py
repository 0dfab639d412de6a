"""`without_replay`: an answer that comes with the address of an old checkpoint.

A client that keeps `get_state(config).config` sends a checkpoint id with its answer. After somebody
else has answered, LangGraph takes that for time travel and runs what follows once more.
"""

from __future__ import annotations

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
    office: Office, app: Any, given: Any, config: RunnableConfig | None
) -> Steps[RunnableConfig | None]:
    """The configuration for an answer, to be asked while the lock is held.

    Where a review of the checkpoint that it names is decided, the answer lost: it goes to the
    newest checkpoint, where nothing waits for it. Everything else is time travel that is meant.
    """
    configurable = (config or {}).get("configurable") or {}
    answers = isinstance(given, Command) and given.resume is not None
    if config is None or not answers or _CHECKPOINT not in configurable:
        return config
    saver = app.checkpointer
    found = yield Graph(partial(saver.get_tuple, config), partial(saver.aget_tuple, config))
    asked = interrupts_in(found.pending_writes or ()) if found is not None else []
    ids = [value["review_id"] for value in asked if is_request(value)]
    if not (yield Call(partial(_any_decided, office, ids))):
        return config
    kept = {key: value for key, value in configurable.items() if key != _CHECKPOINT}
    newest: RunnableConfig = {**config, "configurable": kept}
    return newest


def _any_decided(office: Office, ids: list[str]) -> bool:
    with office.ledger.reading() as rx:
        found = [rx.get(review_id) for review_id in ids]
    return any(review is not None and review.status != "pending" for review in found)
