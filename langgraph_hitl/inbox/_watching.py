"""`Watching`: the part of `Inbox` that takes graphs, and what they ask by themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox import _check as check
from langgraph_hitl.inbox._foreign.reconcile import ReconcileReport, reconcile
from langgraph_hitl.inbox._foreign.server import is_remote
from langgraph_hitl.inbox._foreign.watch import watch_of
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._registry import gates
from langgraph_hitl.inbox._run.binding import bind, bind_remote, bound_to
from langgraph_hitl.inbox._run.setup import set_up
from langgraph_hitl.inbox._run.steps import Steps, aperform, perform
from langgraph_hitl.inbox._run.work import never
from langgraph_hitl.inbox._staffing import check_gate, check_gates

App = TypeVar("App")


class Watching:
    """`register`, `watch` and `reconcile`."""

    _office: Office

    def register(self, app: App, name: str | None = None) -> App:
        """Register a compiled graph, in every process that runs it; returns the same object.

        From now on every root run of it holds the lock of its thread from before the checkpoint is
        read until after the last write, and stores every step (`durability="sync"`). The tables of
        a PostgreSQL saver are set up on the way, which is safe for processes that start together.

        Args:
            app: What `builder.compile(checkpointer=...)` returned.
            name: The name that its reviews carry; the same in every process. The graph's own name
                without it.

        Raises:
            GateError: The graph has an `InMemorySaver` beside an inbox in a database, or a gate
                whose reviewers nobody in the directory can be.
            InboxError: Another graph has this name already, or two have none; the same graph may
                come again as another object. Or this object has another name already, or belongs
                to another inbox that is open; nothing is changed then.
        """
        if is_remote(app):
            raise InboxError(
                "a RemoteGraph lives on a server, which runs it: inbox.watch(app), and "
                "inbox.reconcile() finds what it waits for"
            )
        graph = check.graph(app)
        chosen = _name_for(self._office, graph, name) or graph.get_name()
        check_gates(self._office.roll(), graph)
        self._office.require_directory()
        self._office.registry.add(chosen, graph)
        perform(set_up(self._office, graph, chosen))
        bind(self._office, graph, chosen)
        return app

    def watch(
        self,
        app: App,
        name: str | None = None,
        *,
        reviewers: Any = None,
        queue: str | None = None,
        priority: Any = None,
        timeout: Any = None,
    ) -> App:
        """`register` a graph, and file what it asks by itself; returns the same object.

        Whatever pauses it becomes a review, and is answered in the shape that the asker expects:

        - LangChain's `HumanInTheLoopMiddleware`: one review for each tool call, with the decisions
          that its configuration allows. Where it asks for several at once, the graph goes on when
          all of them are decided.
        - The older `HumanInterrupt`, and gates of this package without an inbox.
        - A bare `interrupt(value)`: `Respond(...)`, of any JSON that its `response_schema` allows.
        - A static breakpoint: `Approve()` lets the graph go on, `Reject()` leaves it where it is.

        A `RemoteGraph` is watched as well: `reconcile()` files what its threads on the server wait
        for, and `decide` resumes them there. Whoever has access to the server can resume them too.

        Everything else is as for a gate: a review is decided once, by whoever may, and the graph
        is resumed once. Who resumes the graph itself decides as `direct` where anybody may; where
        reviewers are named that is refused with `NotAuthorised`, and a malformed answer with
        `InvalidDecision`, before it reaches the thread.

        ```python
        agent = inbox.watch(create_agent(..., checkpointer=saver), name="agent", reviewers="ops")
        ```

        Args:
            app: What `builder.compile(checkpointer=...)` or `create_agent(...)` returned.
            name: As for `register`.
            reviewers: Who decides: a role, a `Reviewer`, several of these, or a panel. Anybody
                without it.
            queue: Where the reviews wait.
            priority: `critical`, `high`, `normal` or `low`.
            timeout: How long people have. What nobody decided in time is rejected, where the asker
                understands that; else the thread stays where it is.

        Raises:
            GateError: As for `register`, or an option that could have no effect.
            InboxError: As for `register`, or a gate of the graph belongs to another inbox.
        """
        check.graph(app)
        roll = self._office.roll()
        watch = watch_of(
            self,
            reviewers=reviewers,
            queue=queue,
            priority=priority,
            timeout=timeout,
            roll=roll,
        )
        check_one_inbox(self._office, app)
        if is_remote(app):
            remote: Any = app
            name = _name_for(self._office, app, name) or remote.assistant_id
            self._office.require_directory()
            self._office.registry.add(name, app)
            bind_remote(self._office, app, name)
        else:
            self.register(app, name)
        bound = bound_to(app)
        assert bound is not None
        self._office.registry.watch(bound.name, watch)
        return app

    def enlist(self, spec: GateSpec) -> None:
        """What a gate of calls asks for; see `langgraph_hitl._subgraph.desk`."""
        check_gate(self._office.roll(), spec, where=repr(spec.rules.action))
        self._office.registry.enlist(spec)

    def reconcile(self, *, stop: Callable[[], bool] = never) -> ReconcileReport:
        """Look at the threads of the watched graphs; the queue is what they wait for afterwards.

        A run of a watched graph files what it asks by itself. This finds what nobody could file:
        the process was killed first, or the run was one of a graph that was not watched, in
        another program. It files what is missing, and ends what nobody asks any more.

        `langgraph-hitl work` does it when it starts, and every minute; in a worker of your own call
        it in the same way. It is no part of `work()`, which asks the database of the inbox alone
        and may be called every second: this asks each saver for its paused threads, and reads
        every one of them, from the saver or over the network.

        Nothing is decided, and no node is run, except what has been decided already.

        Args:
            stop: Asked before every thread; the pass ends where it says True.

        >>> from langgraph_hitl.inbox import Inbox
        >>> Inbox.open("sqlite:///:memory:").reconcile().filed
        0
        """
        return perform(self._reconcile(stop))

    async def areconcile(self, *, stop: Callable[[], bool] = never) -> ReconcileReport:
        """`reconcile` for graphs with an asynchronous saver."""
        return await aperform(self._reconcile(stop), self._office.executor)

    def _reconcile(self, stop: Callable[[], bool]) -> Steps[ReconcileReport]:
        return reconcile(self._office, check.function(stop, "stop="))


def check_one_inbox(office: Office, app: Any) -> None:
    """Raises `InboxError` where another inbox would be told of the same questions."""
    name_in(office, app)
    for _, spec in gates(app):
        desk = getattr(spec.desk, "_office", None)
        if spec.desk is not None and desk is not office:
            raise InboxError(
                f"the gate {spec.name!r} of the graph files with another inbox; one graph has one "
                "inbox, which is given as inbox= to its gates and watches it"
            )


def name_in(office: Office, app: Any) -> str | None:
    """The name of a graph in this inbox; None where it has none, and where its own was closed.

    Raises `InboxError` where it belongs to another inbox, whose people would be told nothing more
    of it, and could hold it no longer.
    """
    bound = bound_to(app)
    if bound is None or (bound.office is not office and bound.office.closed):
        return None
    if bound.office is not office:
        raise InboxError(
            f"the graph {bound.name!r} belongs to another inbox already; compile it once more for "
            "this one, or close that one and watch the graph by a single inbox"
        )
    return bound.name


def _name_for(office: Office, app: Any, name: str | None) -> str | None:
    """The name that is wanted for a graph, which is the one that it has already; None for any."""
    wanted, own = None if name is None else check.name(name, "name="), name_in(office, app)
    if None not in (wanted, own) and wanted != own:
        raise InboxError(
            f"the graph is registered as {own!r} already, by which its threads are held and its "
            f"reviews are known: keep that name, or compile it once more for name={wanted!r}"
        )
    return wanted or own
