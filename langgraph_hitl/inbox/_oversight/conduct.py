"""`conduct`: make true what supervisors want of a thread, where its graph is at hand."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal, assert_never

from langgraph_hitl.errors import HitlError, RunFailed, ThreadHeld, ThreadStopped
from langgraph_hitl.inbox._foreign.leave import leave
from langgraph_hitl.inbox._locks import Held
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._oversight.close import look, standing
from langgraph_hitl.inbox._oversight.held import held_on
from langgraph_hitl.inbox._oversight.stop import finish_stop
from langgraph_hitl.inbox._run.drive import look_again
from langgraph_hitl.inbox._run.lease import await_lock, thread_config, try_lock
from langgraph_hitl.inbox._run.progress import goes_on
from langgraph_hitl.inbox._run.run import Run
from langgraph_hitl.inbox._run.steps import Call, Graph, Steps
from langgraph_hitl.inbox._run.tasks import without_handled
from langgraph_hitl.inbox.supervised_run import SupervisedRun

Conducted = Literal["went on", "stopped", "stands", "busy", "not here"]
"""`stands`: nobody runs it, and it is where it has to be. `not here`: another process has to."""


def conduct(office: Office, found: SupervisedRun, *, wait: bool = False) -> Steps[Conducted]:
    """Go on with a thread, end it, or see that nobody runs it any more; if nobody else does.

    Args:
        wait: For whoever holds its lock; without it, a run that lives follows by itself.
    """
    if not office.registry.has(found.graph):
        return "not here"
    app = office.registry.named(found.graph)
    held: Held | None
    held = yield from (await_lock if wait else try_lock)(office, found.thread_id)
    if held is None:
        return "busy"
    run = Run(desk=office, graph=found.graph, thread_id=found.thread_id, lock=held)
    error: BaseException | None = None
    try:
        done = yield from _conduct(office, app, run, found.id)
    except BaseException as raised:
        error = raised.__cause__ if isinstance(raised, RunFailed) else raised
        if isinstance(raised, HitlError) or not isinstance(raised, Exception):
            raise
        raise _failed(found, raised) from raised  # the saver, which could not be read
    finally:
        yield from leave(office, run, app, error)
    yield from look_again(office, run)
    return done


def _conduct(office: Office, app: Any, run: Run, run_id: str) -> Steps[Conducted]:
    """What is wanted by now, under the lock."""
    found: SupervisedRun | None = yield Call(partial(_read, office, run_id))
    if found is None or not found.wake:
        return "stands"
    held: ThreadHeld | None = yield Call(partial(held_on, office, found.graph, found.thread_id))
    match found.hold:
        case "none" if held is not None:  # by another name of its graph, or by another graph
            if isinstance(held, ThreadStopped):
                yield from _settle(office, app, found, is_cut_off=False)
            return "stands"
        case "none":
            return (yield from _go_on(office, app, run, found))
        case "pause":
            yield from _settle(office, app, found, is_cut_off=True)
            return "stands"
        case "stop":
            done = yield from finish_stop(office, app, found)
            return "stopped" if done else "not here"
        case _:
            assert_never(found.hold)


def _go_on(office: Office, app: Any, run: Run, found: SupervisedRun) -> Steps[Conducted]:
    """Run the thread as far as it goes without anybody's answer."""
    config = thread_config(run)
    state = yield Graph(
        partial(app.get_state, config, subgraphs=True),
        partial(app.aget_state, config, subgraphs=True),
    )
    tasks = yield from without_handled(app, state)
    if not tasks or not goes_on(tasks):
        yield from _settle(office, app, found, is_cut_off=False)
        return "stands"
    office.point("resuming")
    own = run.within(config)
    try:
        yield Graph(partial(app.invoke, None, own), partial(app.ainvoke, None, own))
    except ThreadHeld:  # once more
        return "stands"
    except HitlError:
        raise
    except Exception as error:
        raise _failed(found, error, **_without_context(app)) from error
    return "went on"


def _without_context(app: Any) -> dict[str, str]:
    """The cure where the lack of a context may be what has failed."""
    schema = getattr(app, "context_schema", None)
    if schema is None:
        return {}
    name = getattr(schema, "__name__", schema)
    return {
        "cure": f"It had no context= ({name}), which the inbox does not keep: "
        "app.invoke(None, config, context=...) tries it again with one."
    }


def _failed(found: SupervisedRun, error: Exception, **more: str) -> RunFailed:
    reason = f"{type(error).__name__}: {error}"
    return RunFailed(found.id, reason=reason, decided=False, thread=found.thread_id, **more)


def _settle(office: Office, app: Any, found: SupervisedRun, *, is_cut_off: bool) -> Steps[None]:
    """Nobody runs it: its process has died, or it has nothing left to do."""
    stands = standing((yield from look(app, found.thread_id)), is_cut_off)
    yield Call(partial(_stands, office, found, stands))


def _stands(office: Office, found: SupervisedRun, state: Any) -> None:
    with office.ledger.transaction() as tx:
        tx.end_run(found.id, state, error=found.error, checkpoint=None, resumes=False)


def _read(office: Office, run_id: str) -> SupervisedRun | None:
    with office.ledger.looking() as rx:
        return rx.run(run_id)
