"""`Supervising`: the part of `Inbox` by which somebody watches, holds and steers running graphs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from langgraph_hitl.errors import InboxError, UnknownRun
from langgraph_hitl.inbox import _check as check
from langgraph_hitl.inbox._office import Office, on_its_loop
from langgraph_hitl.inbox._oversight.conduct import conduct
from langgraph_hitl.inbox._oversight.order import Order, named
from langgraph_hitl.inbox._oversight.steering import trial_of
from langgraph_hitl.inbox._person import person
from langgraph_hitl.inbox._run.steps import Call, Steps, aperform, perform
from langgraph_hitl.inbox.review import CHANNELS, Channel
from langgraph_hitl.inbox.supervised_run import SupervisedRun
from langgraph_hitl.review.reviewer import Reviewer


class Supervising:
    """`runs`, `run`, `pause`, `resume`, `steer` and `stop`, for graphs that are `supervised`."""

    _office: Office

    def runs(self, *, graph: str | None = None, limit: int = 100) -> list[SupervisedRun]:
        """The threads of supervised graphs and how far they have come; who moved last is first.

        Args:
            graph: Of this graph only.
            limit: At most so many.

        >>> from langgraph_hitl.inbox import Inbox
        >>> Inbox.open("sqlite:///:memory:").runs()
        []
        """
        if graph is not None:
            check.name(graph, "graph=")
        with self._office.ledger.looking() as rx:
            return rx.runs(graph=graph, limit=check.count(limit, "limit="))

    def run(self, thread: SupervisedRun | str, *, graph: str | None = None) -> SupervisedRun:
        """How far one thread has come; raises `UnknownRun`.

        Args:
            thread: The id of the thread, or what `runs` gave.
            graph: Its graph, where several have run on threads of this id.
        """
        return named(self._office, thread, graph)

    def pause(
        self,
        thread: SupervisedRun | str,
        *,
        by: Reviewer | str,
        reason: str,
        graph: str | None = None,
        channel: Channel = "inbox",
    ) -> SupervisedRun:
        """Hold a thread before its next step, whichever process runs it; the run as it is then.

        Its status is `pausing` until the step at hand is over, then `paused`. The run ends there
        with `ThreadPaused` for whoever called it. The pause outlives it, and its process: nothing
        runs on the thread until somebody resumes it, neither `work()`, nor a decision, nor new
        input. A thread that waits for people, or has come to its end, is held as well, as its
        `state` says. A step is one of the graph, and of a subgraph that is a node.

        Args:
            thread: The id of the thread, or what `runs` gave.
            by: Who wants it; the inbox trusts the caller to have authenticated this person.
            reason: Why.
            graph: Its graph, where several have run on threads of this id.
            channel: Where it came from, for the audit.

        Raises:
            NotAuthorised: This person is no supervisor of the graph; nothing has happened.
            ThreadPaused: It is paused already; `by`, `at`, `why`.
            ThreadStopped: It is over.
            UnknownRun: No supervised graph has run on it.
        """
        return self._order(thread, graph, by, reason, channel).pause()

    def resume(
        self,
        thread: SupervisedRun | str,
        *,
        by: Reviewer | str,
        reason: str | None = None,
        graph: str | None = None,
        channel: Channel = "inbox",
    ) -> SupervisedRun:
        """Let a paused thread go on; the run as it stands afterwards.

        Where its graph is registered here it runs here, as far as it goes; else `work()` goes on
        with it, in a process that has the graph. No step that was over runs again.

        Raises:
            InboxError: It is not paused; or this thread runs the event loop of the graph's
                asynchronous saver, and `aresume` is meant.
            NotAuthorised, ThreadStopped, UnknownRun: As `pause`.
            RunFailed: It was resumed, and a node of it has raised.
        """
        order = self._order(thread, graph, by, reason, channel)
        self._check_loop(order, "aresume")
        return perform(self._resumed(order))

    def steer(
        self,
        thread: SupervisedRun | str,
        update: Mapping[str, Any] | None = None,
        *,
        message: str | None = None,
        by: Reviewer | str,
        reason: str | None = None,
        graph: str | None = None,
        channel: Channel = "inbox",
    ) -> SupervisedRun:
        """Change the state of a paused thread: it goes on with that, once, when it is resumed.

        Reducers apply as for the update of a node; branches that wait for their step stay. The
        inbox keeps it until then, so that it takes no graph here.

        Args:
            thread: The id of the thread, or what `runs` gave.
            update: New values of state keys, as JSON.
            message: Words to the agent, added to `messages` as the user's.
            by: Who wants it, as for `pause`.
            reason: Why.
            graph: Its graph, where several have run on threads of this id.
            channel: Where it came from, for the audit.

        Raises:
            InboxError: It is not paused, or not yet; it waits for an answer, around which nobody
                steers; a node that is a graph is under way; no step is left; the state has no such
                key; or a reducer or the schema refuses the value, where the graph is at hand.
                Elsewhere the thread is paused once more when it is resumed, and says why. Records
                of decisions and the rest of what this package keeps cannot be changed.
            NotAuthorised, ThreadStopped, UnknownRun: As `pause`.
        """
        order = self._order(thread, graph, by, reason, channel)
        return perform(self._steered(order, update, check.words(message, "message=")))

    def stop(
        self,
        thread: SupervisedRun | str,
        *,
        by: Reviewer | str,
        reason: str,
        graph: str | None = None,
        channel: Channel = "inbox",
    ) -> SupervisedRun:
        """End a thread for good before its next step; the run as it stands afterwards.

        Its open reviews are cancelled, `on_stop=` is called, and nothing runs on it any more. That
        is done by the process that runs it; else here, or by `work()`, where the graph is
        supervised. Until then its status is `stopping`, and nothing runs either.

        Raises as `pause`, but not for one that is paused; and `InboxError` where this thread runs
        the event loop of the graph's asynchronous saver, and `astop` is meant.
        """
        order = self._order(thread, graph, by, reason, channel)
        self._check_loop(order, "astop")
        return perform(self._stopped(order))

    async def aruns(self, **wanted: Any) -> list[SupervisedRun]:
        """`runs` off the event loop."""
        return await aperform(_called(partial(self.runs, **wanted)), self._office.executor)

    async def arun(self, thread: SupervisedRun | str, *, graph: str | None = None) -> SupervisedRun:
        """`run` off the event loop."""
        return await aperform(_called(partial(self.run, thread, graph=graph)), self._executor)

    async def apause(self, thread: SupervisedRun | str, **how: Any) -> SupervisedRun:
        """`pause` off the event loop."""
        return await aperform(_called(partial(self.pause, thread, **how)), self._executor)

    async def asteer(
        self,
        thread: SupervisedRun | str,
        update: Mapping[str, Any] | None = None,
        *,
        message: str | None = None,
        by: Reviewer | str,
        reason: str | None = None,
        graph: str | None = None,
        channel: Channel = "inbox",
    ) -> SupervisedRun:
        """`steer` for graphs with an asynchronous saver."""
        order = self._order(thread, graph, by, reason, channel)
        said = check.words(message, "message=")
        return await aperform(self._steered(order, update, said), self._executor)

    async def aresume(
        self,
        thread: SupervisedRun | str,
        *,
        by: Reviewer | str,
        reason: str | None = None,
        graph: str | None = None,
        channel: Channel = "inbox",
    ) -> SupervisedRun:
        """`resume` for graphs with an asynchronous saver."""
        order = self._order(thread, graph, by, reason, channel)
        return await aperform(self._resumed(order), self._executor)

    async def astop(
        self,
        thread: SupervisedRun | str,
        *,
        by: Reviewer | str,
        reason: str,
        graph: str | None = None,
        channel: Channel = "inbox",
    ) -> SupervisedRun:
        """`stop` for graphs with an asynchronous saver."""
        order = self._order(thread, graph, by, reason, channel)
        return await aperform(self._stopped(order), self._executor)

    @property
    def _executor(self) -> Any:
        return self._office.executor

    def _order(
        self,
        thread: SupervisedRun | str,
        graph: str | None,
        by: Reviewer | str,
        reason: str | None,
        channel: Channel,
    ) -> Order:
        who = person(by, "by=")
        found = named(self._office, thread, graph)
        return Order(
            office=self._office,
            run_id=found.id,
            by=who,
            reason=None if reason is None else check.text(reason, "reason="),
            channel=check.one_of(channel, "channel=", CHANNELS),
        )

    def _check_loop(self, order: Order, meant: str) -> None:
        """Raises `InboxError` where the graph could not run in the way that it is asked."""
        run, registry = self._now(order.run_id), self._office.registry
        if not registry.has(run.graph):
            return
        if on_its_loop(getattr(registry.named(run.graph), "checkpointer", None)):
            raise InboxError(
                f"the thread {run.thread_id!r} belongs to a graph with an asynchronous saver, "
                f"whose event loop this call would block: await {meant}(...). Nothing has happened."
            )

    def _resumed(self, order: Order) -> Steps[SupervisedRun]:
        after: SupervisedRun = yield Call(order.resume)
        if after.state != "running":
            # Whoever ran it may be about to give the lock back.
            yield from conduct(self._office, after, wait=True)
        now: SupervisedRun = yield Call(partial(self._now, after.id))
        return now

    def _steered(
        self, order: Order, update: Mapping[str, Any] | None, message: str | None
    ) -> Steps[SupervisedRun]:
        tried = yield from trial_of(self._office, order.run_id)
        after: SupervisedRun = yield Call(partial(order.steer, update, message, tried))
        return after

    def _stopped(self, order: Order) -> Steps[SupervisedRun]:
        after: SupervisedRun = yield Call(order.stop)
        yield from conduct(self._office, after)
        now: SupervisedRun = yield Call(partial(self._now, after.id))
        return now

    def _now(self, run_id: str) -> SupervisedRun:
        with self._office.ledger.looking() as rx:
            found = rx.run(run_id)
        if found is None:
            raise UnknownRun(run_id)
        return found


def _called(function: Any) -> Steps[Any]:
    return (yield Call(function))
