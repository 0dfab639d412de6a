"""`Overseeing`: what changes what is known of supervised threads; `Noting`: each of their steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langgraph_hitl.inbox._ledger import runs
from langgraph_hitl.inbox._ledger.audit import SUPERVISED, Entry, Trail
from langgraph_hitl.inbox._ledger.transaction import Session
from langgraph_hitl.inbox._ledger.values import Clock, maybe_micros, micros
from langgraph_hitl.inbox.supervised_run import Hold, RunState, Step, SupervisedRun, run_id_of


class Noting:
    """How far a run has come, step by step; nothing of it is audited."""

    def __init__(self, session: Session, *, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def tell_steps(self, run_id: str, steps: Sequence[Step]) -> None:
        """The steps of a run, the newest last."""
        runs.tell(self._session, run_id, steps, now=micros(self._clock()))


class Overseeing:
    """Where a supervised thread stands, and what is wanted of it. Who writes it, audits it.

    But that others supervise it from now on is audited here, so that nobody changes it unseen.
    """

    _session: Session
    _trail: Trail
    _clock: Clock
    _point: Callable[[str], None]

    def run_to_hold(self, run_id: str) -> SupervisedRun | None:
        """The run of this id, locked until the transaction ends."""
        return runs.get(self._session, run_id, lock=True)

    def begin_run(
        self,
        graph: str,
        thread_id: str,
        *,
        keys: Sequence[str],
        supervisors: Mapping[str, Any] | None,
        recursion_limit: int | None = None,
        resumes: bool = False,
    ) -> bool:
        """A run begins, or `resumes` as it was begun; False where the thread is held."""
        self._point("beginning")
        at, earlier = self._clock(), self.run_to_hold(run_id_of(graph, thread_id))
        before, since = None, None
        if earlier is not None:
            before, since = earlier.supervisors, earlier.supervised_at
        digest = runs.supervisors_digest(supervisors)
        changed = digest != runs.supervisors_digest(before)
        since = at if changed else since
        if resumes and earlier is not None:
            recursion_limit = earlier.recursion_limit
        told: Any = {"supervisors": supervisors, "supervised_at": maybe_micros(since)}
        told |= {"keys": keys, "recursion_limit": recursion_limit, "now": micros(at)}
        if not runs.begin(self._session, graph, thread_id, **told):
            return False
        if changed:
            entry = Entry(
                review_id=run_id_of(graph, thread_id),
                event=SUPERVISED,
                actor="system:graph",
                at=at,
                channel="graph",
                digest=digest,
                content={"before": before, "after": supervisors},
            )
            self._trail.add(entry)
        return True

    def end_run(
        self,
        run_id: str,
        state: RunState,
        *,
        error: str | None,
        checkpoint: str | None,
        resumes: bool,
    ) -> None:
        """A run is over; see `runs.end`."""
        self._point("ending")
        more: Any = {"error": error, "checkpoint": checkpoint, "resumes": resumes}
        runs.end(self._session, run_id, state, now=self._run_now(), **more)

    def hold_run(self, run_id: str, wanted: Hold, *, by: str, reason: str | None) -> None:
        """What a supervisor wants."""
        self._point("holding")
        runs.hold(self._session, run_id, wanted, by=by, reason=reason, now=self._run_now())

    def rest_run(self, run_id: str) -> None:
        """Nothing has to be done with a run."""
        runs.rest(self._session, run_id)

    def run_over(self, run_id: str) -> bool:
        """A thread that was stopped is over; False if it was before."""
        return runs.over(self._session, run_id, now=self._run_now())

    def steer_run(self, run: SupervisedRun, update: Mapping[str, Any]) -> None:
        """A change of the state, for when the thread goes on."""
        runs.steer(self._session, run, update)

    def steered_at(self, run_id: str, checkpoint: str) -> None:
        """The changes are handed to the graph, at this checkpoint."""
        self._point("steering")
        runs.steered_at(self._session, run_id, checkpoint)

    def steered(self, run_id: str) -> None:
        """The graph has gone on with the changes."""
        runs.steered(self._session, run_id)

    def _run_now(self) -> int:
        return micros(self._clock())
