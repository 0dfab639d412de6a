"""`Overseer`: asks the ledger before every step of a run whether somebody holds its thread.

LangGraph asks its `RunControl` at each boundary, after the checkpoint of the step before was stored
and before a node of the next one runs. So what is committed by then takes effect there, whichever
process has written it, and no step is cut in two.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

from langchain_core.runnables.config import var_child_runnable_config
from langgraph.pregel import Pregel
from langgraph.runtime import RunControl

from langgraph_hitl._subgraph._pregel import is_task
from langgraph_hitl.errors import InboxError, InboxUnavailable, ThreadHeld
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._oversight.held import held_on
from langgraph_hitl.inbox._oversight.nodes import NodeLog
from langgraph_hitl.inbox._run.run import Run, run_in
from langgraph_hitl.inbox.supervised_run import STEPS, Step, run_id_of

_log = logging.getLogger(__name__)


class Overseer(RunControl):
    """The control of one run. `given` is the user's own, which counts as well.

    `held` is set once the run has been told to end; what raises where LangGraph asks ends it too,
    so that a ledger that cannot be read lets nothing pass.
    """

    __slots__ = (
        "_app",
        "_given",
        "_kept",
        "_lock",
        "_office",
        "_run",
        "_writing",
        "held",
        "id",
        "limit",
        "log",
        "steps",
        "thread_id",
    )

    def __init__(
        self,
        office: Office,
        run: Run,
        app: Any,
        *,
        steps: tuple[Step, ...],
        limit: int | None = None,
    ) -> None:
        super().__init__()
        self._office = office
        self._run = run
        self._app = app
        self._given: RunControl | None = None
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._kept = steps
        self.id = run_id_of(run.graph, run.thread_id)
        self.thread_id = run.thread_id
        self.steps = steps
        self.limit = limit
        self.held: ThreadHeld | None = None
        self.log = NodeLog()

    def beside(self, given: RunControl | None) -> Overseer:
        """The same, with the control that the user has given to the run."""
        self._given = given
        return self

    @property
    def drain_requested(self) -> bool:
        """Whether the run has to end at this boundary."""
        if self._given is not None and self._given.drain_requested:
            return True
        self._tell()
        if not self._is_boundary():
            return False
        if self.held is None:
            self.held = self._read()
        return self.held is not None

    @property
    def drain_reason(self) -> str | None:
        """What the one who asked for it has said."""
        if self.held is not None:
            return self.held.why or self.held.state
        return None if self._given is None else self._given.drain_reason

    def tell(self) -> None:
        """Keep the steps that were not kept yet."""
        self._take()
        with self._writing:
            steps = self.steps
            if steps is not self._kept:
                with self._office.ledger.noting() as tx:
                    tx.tell_steps(self.id, steps)
                self._kept = steps

    def _take(self) -> None:
        """What has finished since the step before is one step, however late it is written."""
        with self._lock:
            taken = self.log.take()
            if taken is not None:
                step = Step(taken[0], taken[1], self._office.clock())
                self.steps = (*self.steps, step)[-STEPS:]

    def _tell(self) -> None:
        """Progress is told; it stops nothing. An event loop is not kept waiting for it."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self._tell_or_log()
            return
        self._take()
        try:
            self._office.executor.submit(self._tell_or_log)
        except InboxError:  # it was closed
            _log.exception("a step of the thread %s is not in the inbox", self.thread_id)

    def _tell_or_log(self) -> None:
        try:
            self.tell()
        except InboxError:
            _log.exception("a step of the thread %s is not in the inbox", self.thread_id)

    def _read(self) -> ThreadHeld | None:
        try:
            return held_on(self._office, self._run.graph, self.thread_id)
        except InboxUnavailable as error:
            raise InboxUnavailable(
                f"whether somebody has paused the thread {self.thread_id!r} cannot be asked, so "
                f"the run was ended at this step, and work() goes on with it ({error})"
            ) from error

    def _is_boundary(self) -> bool:
        """Whether a run that ends here goes on here.

        That is a step of the graph, or of subgraphs that are nodes. A graph that a node calls from
        within its function is a part of that node, which would begin anew.
        """
        config: Any = var_child_runnable_config.get()
        if not is_task(config) or run_in(config) is not self._run:
            return True
        graph = self._app
        namespace = str(config["configurable"].get("checkpoint_ns", ""))
        for part in namespace.split("|"):
            node = graph.nodes.get(part.partition(":")[0])
            graph = getattr(node, "bound", None)
            if not isinstance(graph, Pregel) or graph.checkpointer is False:
                return False
        return True
