"""`Run`: one root run of a registered graph, which holds the lock of its thread."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from langchain_core.runnables import RunnableConfig

from langgraph_hitl._subgraph.desk import Verdict
from langgraph_hitl.inbox.review import Mode

if TYPE_CHECKING:
    from langgraph_hitl.inbox._locks.lock import Held
    from langgraph_hitl.inbox._oversight.overseer import Overseer
    from langgraph_hitl.inbox.supervised_run import SupervisedRun

KEY = "hitl_run"
"""Where a run stands among the configurable values, for the gates of its graph to find."""

GRAPH = "hitl_graph"
"""Where the name of the graph stands in the metadata of its checkpoints and traces."""

_LOOK_EVERY = 1.0

Version: TypeAlias = tuple[str, int]
"""The id of a review, and the round."""


class Taken(NamedTuple):
    """What the graph made of the verdict on a version, and the digest of that version."""

    outcome: str
    digest: str


@dataclass(kw_only=True)
class Run:
    """What a run knows while it goes on; gates of parallel branches share it.

    `verdicts` were handed over by whoever decided; `waiting` are the questions that it came to;
    `taken` are the verdicts that the graph has followed; `went_on` are the
    versions that were filed, or found again, without waiting for them; `aim` is the version that it
    was started for. `plain_answer` is false where the thread was seen to keep none.
    `found` is the newest root checkpoint as it was just read, for the next run to begin with.
    `handed` are verdicts on foreign reviews with which the graph was resumed; `stops` says that the
    run was given static breakpoints of its own; `overseer` asks for those who supervise the graph;
    `steered` has what they have changed, if the run goes on with that.
    """

    desk: Any
    graph: str
    thread_id: str
    lock: Held
    verdicts: dict[Version, Verdict] = field(default_factory=dict)
    waiting: set[Version] = field(default_factory=set)
    taken: dict[Version, Taken] = field(default_factory=dict)
    went_on: dict[Version, Mode] = field(default_factory=dict)
    aim: Version | None = None
    plain_answer: bool = True
    found: Any = None
    handed: dict[Version, Taken] = field(default_factory=dict)
    stops: bool = False
    overseer: Overseer | None = None
    steered: SupervisedRun | None = None
    seen_alive: float = field(default_factory=time.monotonic)

    @property
    def is_held(self) -> bool:
        """Whether a supervisor has ended it at a step."""
        return self.overseer is not None and self.overseer.held is not None

    def asks_lock(self) -> bool:
        """Whether to ask for the lock: something hints at its loss, or a second is over."""
        return time.monotonic() - self.seen_alive >= _LOOK_EVERY or self.lock.in_doubt()

    def holds_lock(self) -> bool:
        """Whether the run holds the lock of its thread; it is asked only where `asks_lock`."""
        if not self.asks_lock():
            return True
        now = time.monotonic()
        if not self.lock.alive():
            return False
        self.seen_alive = now
        return True

    def within(self, config: RunnableConfig | None) -> RunnableConfig:
        """The configuration of the graph's run."""
        given = config or {}
        configurable = {**given.get("configurable", {}), KEY: self}
        metadata = {**given.get("metadata", {}), GRAPH: self.graph}
        return {**given, "configurable": configurable, "metadata": metadata}


def run_in(config: RunnableConfig | None) -> Run | None:
    """The run that a configuration belongs to."""
    found = ((config or {}).get("configurable") or {}).get(KEY)
    return found if isinstance(found, Run) else None
