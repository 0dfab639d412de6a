"""`SupervisedRun`: what the inbox knows of one thread of a supervised graph.

```
            a run begins             the run ends
(nothing) ------------> running --------------------> waiting, finished, failed, left
              ^            |  pause, at the next step
              |            v
              '- halted, inside --> stopped
                resume           stop
```

`hold` is what a supervisor wants: `pause` and `stop` outlive the run and its process. `status` says
both in one word.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, assert_never, get_args

RunState = Literal[
    "running", "halted", "inside", "waiting", "finished", "failed", "left", "stopped"
]
"""`halted`: at a step, by a supervisor, or where the ledger could not be asked. `inside`: so, while
a node that is a graph of its own is under way. `waiting`: for people. `left`: at a breakpoint, or
whoever ran it has gone. `running` says only that a run has begun, and that nobody has seen its end.
"""
RUN_STATES: tuple[RunState, ...] = get_args(RunState)
HALTED: tuple[Literal["halted"], Literal["inside"]] = ("halted", "inside")

Hold = Literal["none", "pause", "stop"]
HOLDS: tuple[Hold, ...] = get_args(Hold)

RunStatus = Literal[
    "running",
    "pausing",
    "paused",
    "waiting",
    "finished",
    "failed",
    "left",
    "stopping",
    "stopped",
]
"""`pausing` and `stopping`: it was asked for, and takes effect at the next step."""

OVER: tuple[RunStatus, ...] = ("finished", "failed", "left", "stopped")
"""Nothing runs until somebody begins anew, if that; what was said of it can be removed."""

STEPS = 20
"""So many steps are kept of a thread, the latest."""


def run_id_of(graph: str, thread_id: str) -> str:
    """The id of a thread of a graph, in the audit too."""
    text = "\n".join((str(len(graph)), graph, thread_id))
    return "run-" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:24]


class Step(NamedTuple):
    """The nodes that have finished since the step before; those of subgraphs as `desk|write`."""

    number: int
    nodes: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SupervisedRun:
    """One thread of a supervised graph.

    `steps` are the latest ones, the newest last. `by`, `at` and `reason` are those of the hold, or
    of its end. `steers` are the changes that wait for the thread to go on. `supervisors` is the
    stored panel of those who may hold it, None where that is anybody; `supervised_at` is since when
    they are. `recursion_limit` is what its run was given, if it was.
    """

    id: str
    graph: str
    thread_id: str
    state: RunState
    hold: Hold
    wake: bool
    steps: tuple[Step, ...]
    started_at: datetime
    updated_at: datetime
    by: str | None = None
    at: datetime | None = None
    reason: str | None = None
    error: str | None = None
    keys: tuple[str, ...] = ()
    supervisors: dict[str, Any] | None = None
    steers: tuple[dict[str, Any], ...] = ()
    steered_at: str | None = None
    supervised_at: datetime | None = None
    recursion_limit: int | None = None

    @property
    def status(self) -> RunStatus:
        """State and hold in one word."""
        match self.hold:
            case "none":
                # Nobody holds it any more, and somebody has to go on with it.
                return "running" if self.state in HALTED else self.state
            case "pause":
                return "pausing" if self.state == "running" else "paused"
            case "stop":
                return "stopped" if self.state == "stopped" else "stopping"
            case _:
                assert_never(self.hold)


class Stopped(NamedTuple):
    """What `on_stop=` is called with: the thread as it was stopped, and by whom."""

    thread_id: str
    graph: str
    values: dict[str, Any]
    by: str
    at: datetime
    reason: str | None
