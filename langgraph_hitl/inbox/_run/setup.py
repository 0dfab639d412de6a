"""`set_up`: what a graph needs of its databases, also where several processes start at once."""

from __future__ import annotations

from functools import partial
from typing import Any

from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._run.escalated import begin
from langgraph_hitl.inbox._run.lease import await_lock
from langgraph_hitl.inbox._run.steps import Call, Steps

_KEY = "hitl:set-up-of-the-saver"


def set_up(office: Office, app: Any, name: str) -> Steps[None]:
    """Call `setup()` of a saver on PostgreSQL while no other process does.

    From now on it is known for which escalations the handlers of the graph were called.

    It creates indexes concurrently and is not safe when several processes run it at once; for the
    others LangGraph does it by itself.
    """
    yield Call(partial(begin, office, name))
    saver = app.checkpointer
    if not is_synchronous_postgres(saver):
        return
    held = yield from await_lock(office, _KEY)
    try:
        yield Call(partial(saver.setup))
    finally:
        held.release()


def is_synchronous_postgres(saver: Any) -> bool:
    """Told by name, because the package need not be installed."""
    return any(kind.__name__ == "PostgresSaver" for kind in type(saver).__mro__)
