"""What tracers are told of a review: `review_id` and `outcome`, in the metadata of the runs.

LangSmith finds the traces of a review by them. Tracing never stops a review.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from langchain_core.runnables import RunnableConfig

_log = logging.getLogger(__name__)


def annotate(config: RunnableConfig, **metadata: str | None) -> None:
    """Add to the metadata of the node that runs, and of every run around it.

    Args:
        config: Of the node.
        metadata: What is None is left out. Of several reviews in one run the last one counts.
    """
    told = {name: value for name, value in metadata.items() if value is not None}
    try:
        manager: Any = config.get("callbacks")
        for run in _runs(getattr(manager, "handlers", ()), getattr(manager, "parent_run_id", None)):
            run.extra.setdefault("metadata", {}).update(told)
    except Exception:
        _log.exception("the traces of a review could not be annotated")


def _runs(handlers: Iterable[Any], run_id: Any) -> Iterable[Any]:
    """The run of an id and those around it, in every tracer that keeps them."""
    for handler in handlers:
        known = getattr(handler, "run_map", None)
        if not isinstance(known, dict):
            continue
        run = known.get(str(run_id))
        while run is not None:
            yield run
            run = known.get(str(run.parent_run_id))
