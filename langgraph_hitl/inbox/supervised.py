"""`supervised`: watch a running graph from anywhere, pause it, steer it, end it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Never, TypeVar

from langgraph_hitl._text.suggestion import suggestion
from langgraph_hitl.errors import GateError, InboxError
from langgraph_hitl.inbox import _check as check
from langgraph_hitl.inbox._foreign.server import is_remote
from langgraph_hitl.inbox._oversight.terms import terms_of
from langgraph_hitl.inbox._watching import check_one_inbox, name_in
from langgraph_hitl.inbox.inbox import Inbox
from langgraph_hitl.inbox.supervised_run import Stopped

App = TypeVar("App")


def supervised(
    app: App,
    *,
    inbox: Inbox,
    name: str | None = None,
    supervisors: Any = None,
    on_stop: Callable[[Stopped], object] | None = None,
    **unknown: Never,
) -> App:
    """Supervise a compiled graph, in every process that runs it; returns the same object.

    It is registered with the inbox, if it is not yet. From now on the inbox shows which step each
    of its threads has come to (`inbox.runs()`), and from any process a supervisor can `pause` it
    before its next step, `steer` it, `resume` it, or `stop` it for good. It takes no node of this
    package in the graph.

    The ledger is asked before every step. Where it cannot be read the run ends there with
    `InboxUnavailable`, and `inbox.work()` goes on with it: a pause is never missed. That a step
    could not be noted is logged, and ends nothing.

    ```python
    app = supervised(builder.compile(checkpointer=saver), inbox=inbox, supervisors="operators")
    app.invoke({...}, config)                                # raises ThreadPaused where it is held

    inbox.pause("thread-1", by=maria, reason="It mails the wrong list.")   # in another process
    inbox.steer("thread-1", message="Mail nobody outside of the company.", by=maria)
    inbox.resume("thread-1", by=maria)
    ```

    Args:
        app: What `builder.compile(checkpointer=...)` or `create_agent(...)` returned.
        inbox: Where it is registered.
        name: Its name, the same in every process, as for `inbox.register`.
        supervisors: Who may hold its threads: a role, a `Reviewer`, several of these, or a panel,
            of which one member is enough. Anybody without it. The inbox keeps it with each thread,
            as whoever ran it last has said: a new list holds from the next run of a thread on, and
            the audit has each change, with before and after.
        on_stop: Called with a `Stopped` after a thread was stopped, to clean up: once, unless its
            process is killed while it runs. One that raises is logged, stands in the audit, and is
            not called again.

    Raises:
        GateError: An option could have no effect, or the graph has no checkpointer.
        InboxError: It is a `RemoteGraph`, whose steps its server takes; or as `inbox.register`.
    """
    for option in unknown:
        known = suggestion(option, ("inbox", "name", "supervisors", "on_stop"))
        raise GateError(f"supervised: unknown option {option!r}{known}")
    if not isinstance(inbox, Inbox):
        raise GateError(f"inbox= takes an Inbox, not {type(inbox).__name__}")
    if is_remote(app):
        raise InboxError("a RemoteGraph runs on its server; supervise the graph there")
    graph = check.graph(app)
    if graph.checkpointer in (None, False, True):
        raise GateError(
            "the graph has no checkpointer, so that nobody could go on where it was paused: "
            "compile(checkpointer=...)"
        )
    terms = terms_of(supervisors, on_stop, inbox._office.roll())
    check_one_inbox(inbox._office, app)
    own = name_in(inbox._office, app)
    if own is None or name not in (None, own):
        inbox.register(app, name)
        own = name_in(inbox._office, app)
    assert own is not None
    inbox._office.registry.supervise(own, terms)
    return app
