"""`Order`: what a supervisor wants of a thread, in one transaction with its row of the audit."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from langgraph_hitl._text.blank import is_blank
from langgraph_hitl.errors import HitlError, InboxError, NotAuthorised, UnknownRun
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._oversight.held import held_error
from langgraph_hitl.inbox._oversight.terms import check_update, not_authorised, refusal
from langgraph_hitl.inbox.review import Channel
from langgraph_hitl.inbox.supervised_run import SupervisedRun
from langgraph_hitl.review.reviewer import Reviewer

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.writing import Transaction

Act = Literal["pause", "resume", "steer", "stop"]

Trial = Callable[[SupervisedRun], str | None]

MESSAGES = "messages"
"""The state key of `message=`."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Who wants what of which thread, and why."""

    office: Office
    run_id: str
    by: Reviewer
    reason: str | None
    channel: Channel

    def pause(self) -> SupervisedRun:
        """Hold the thread from its next step on."""

        def pause(tx: Transaction, run: SupervisedRun) -> None:
            _check_free(run)
            tx.hold_run(run.id, "pause", by=self.by.id, reason=self.reason)
            self._note(tx, run, "paused")

        return self._done("pause", pause)

    def resume(self) -> SupervisedRun:
        """Let it go on."""

        def resume(tx: Transaction, run: SupervisedRun) -> None:
            if run.hold == "stop":
                _check_free(run)
            if run.hold == "none":
                raise InboxError(f"the thread {run.thread_id!r} is not paused: it is {run.status}")
            tx.hold_run(run.id, "none", by=self.by.id, reason=self.reason)
            self._note(tx, run, "resumed")

        return self._done("resume", resume)

    def stop(self) -> SupervisedRun:
        """End it for good."""

        def stop(tx: Transaction, run: SupervisedRun) -> None:
            if run.hold == "stop":
                _check_free(run)
            tx.hold_run(run.id, "stop", by=self.by.id, reason=self.reason)
            self._note(tx, run, "stopped")

        return self._done("stop", stop)

    def steer(
        self, update: Mapping[str, Any] | None, message: str | None, trial: Trial | None = None
    ) -> SupervisedRun:
        """Keep a change of the state for when it goes on; `trial` tells what speaks against it."""

        def steer(tx: Transaction, run: SupervisedRun) -> None:
            change = _with_message(run, update, message)
            check_update(run, change)
            _check_stands(tx, run)
            tx.steer_run(run, change)
            problem = trial(replace(run, steers=(*run.steers, dict(change)))) if trial else None
            if problem is not None:
                raise InboxError(f"the graph {run.graph!r} could not take the change: {problem}")
            self._note(tx, run, "steered", {"update": change})

        return self._done("steer", steer)

    def _done(self, act: Act, do: Callable[[Transaction, SupervisedRun], None]) -> SupervisedRun:
        """Do it if this person may; whoever may not is on record."""
        roll = self.office.roll()
        error: NotAuthorised | None = None
        with self.office.ledger.transaction() as tx:
            run = tx.run_to_hold(self.run_id)
            if run is None:
                raise UnknownRun(self.run_id)
            needed = refusal(self.office, run, self.by, self.office.still(tx, roll))
            if needed is None:
                do(tx, run)
            else:
                error = not_authorised(run, self.by, act, needed)
                self._note(tx, run, "refused", reason=f"{act}: {needed}")
            after = tx.run(run.id)
        if error is not None:
            raise error
        assert after is not None
        return after

    def _note(
        self,
        tx: Transaction,
        run: SupervisedRun,
        event: str,
        content: dict[str, Any] | None = None,
        *,
        reason: str | None = None,
    ) -> None:
        told: Any = {"actor": self.by.id, "channel": self.channel, "content": content}
        tx.note(run.id, event, reason=reason or self.reason, **told)


def named(office: Office, thread: SupervisedRun | str, graph: str | None) -> SupervisedRun:
    """The run that somebody names; raises `UnknownRun`, or `InboxError` where there are several."""
    thread_id = thread.thread_id if isinstance(thread, SupervisedRun) else thread
    graph = thread.graph if isinstance(thread, SupervisedRun) else graph
    with office.ledger.looking() as rx:
        found = rx.runs_on(thread_id)
    left = [run for run in found if graph in (None, run.graph)]
    if not left:
        raise UnknownRun(thread_id, graph=graph)
    if len(left) > 1:
        graphs = ", ".join(repr(run.graph) for run in left)
        raise InboxError(f"several graphs have run on the thread {thread_id!r}: graph={graphs}")
    return left[0]


def _check_free(run: SupervisedRun) -> None:
    error: HitlError | None = held_error(run)
    if error is not None:
        raise error


def _with_message(
    run: SupervisedRun, update: Mapping[str, Any] | None, message: str | None
) -> Mapping[str, Any]:
    """The update with a message of the supervisor at its end; the id keeps it from coming twice."""
    if message is None:
        return update or {}
    if not isinstance(message, str) or is_blank(message):
        raise InboxError("message= is a text that is not blank")
    if MESSAGES not in run.keys:
        raise InboxError(
            f"the graph {run.graph!r} has no state key {MESSAGES!r} to which a message could be "
            f"added; give update={{...}} with: {', '.join(run.keys) or 'none'}"
        )
    if update is not None and not isinstance(update, Mapping):
        return update  # which the next check refuses
    said = {"role": "user", "content": message, "id": f"steer-{uuid.uuid4().hex}"}
    before = (update or {}).get(MESSAGES, [])
    earlier = before if isinstance(before, list) else [before]
    return {**(update or {}), MESSAGES: [*earlier, said]}


def _check_stands(tx: Transaction, run: SupervisedRun) -> None:
    """A change neither crosses a step that runs nor goes around what people are asked."""
    if run.hold == "stop":
        _check_free(run)
    if run.hold == "none":
        raise InboxError(f"pause the thread {run.thread_id!r} before it is steered")
    if run.state == "running":
        raise InboxError(
            f"the thread {run.thread_id!r} still runs the step in which it was paused; steer it "
            "when its status is paused (inbox.run(thread_id)). If its process has died, "
            "inbox.work() finds that out"
        )
    asked = [
        review
        for review in tx.open_on(run.thread_id, run.graph, content=False)
        if review.mode == "blocking"
    ]
    if asked and asked[0].status != "pending":
        raise InboxError(
            f"review {asked[0].id} of the thread {run.thread_id!r} is {asked[0].status}, and the "
            "graph goes on with that first: resume it, and pause it behind the review"
        )
    if asked or run.state == "waiting":
        what = f"review {asked[0].id}" if asked else "an answer"
        raise InboxError(
            f"the thread {run.thread_id!r} waits for {what}, and nobody steers around that: decide "
            "or cancel it"
        )
    if run.steered_at is not None:
        raise InboxError(
            f"what the thread {run.thread_id!r} was steered to has not run yet: resume it first"
        )
    if run.state == "inside":
        raise InboxError(
            f"a node of the thread {run.thread_id!r} that is a graph is under way, and its own "
            "steps would not see the change: resume it, and pause it when that node has ended"
        )
    if run.state == "failed":
        raise InboxError(
            f"a node of the thread {run.thread_id!r} has failed ({run.error}): resume it, change "
            "the state by app.update_state(config, {...}), and run it with app.invoke(None, config)"
        )
    if run.state != "halted":
        raise InboxError(
            f"the thread {run.thread_id!r} is {run.state}: no step is left before which its state "
            "could be changed"
        )
