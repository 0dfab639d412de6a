"""`bind`: from now on every root run of a graph holds the lock of its thread."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import aclosing, closing, contextmanager
from functools import partial
from typing import Any, NamedTuple

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import var_child_runnable_config
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphDrained
from langgraph.types import Command

from langgraph_hitl._subgraph._pregel import is_task
from langgraph_hitl.errors import GateError
from langgraph_hitl.inbox._foreign.direct import foreign_decided, with_decided
from langgraph_hitl.inbox._foreign.leave import leave
from langgraph_hitl.inbox._locks import Held
from langgraph_hitl.inbox._office import Office
from langgraph_hitl.inbox._oversight.begin import begin, overseen
from langgraph_hitl.inbox._oversight.held import check_held
from langgraph_hitl.inbox._run.detour import as_new_input, check_detour
from langgraph_hitl.inbox._run.drive import look_again
from langgraph_hitl.inbox._run.lease import await_lock, still_held, try_lock
from langgraph_hitl.inbox._run.replay import gate_decided, without_replay
from langgraph_hitl.inbox._run.run import Run, run_in
from langgraph_hitl.inbox._run.steps import Call, Steps, aperform, perform
from langgraph_hitl.inbox.review import OVERRULED, Review, is_foreign

_BOUND, _TO = "_hitl_bound", "_hitl_bound_to"


class Started(NamedTuple):
    """A run that holds its lock, and what the graph is called with."""

    run: Run
    input: Any
    config: RunnableConfig


class Bound(NamedTuple):
    """What a registered graph belongs to."""

    office: Office
    name: str


def bound_to(app: Any) -> Bound | None:
    """The inbox that a graph is registered with, and the name; None for any other graph."""
    bound: Bound | None = getattr(type(app), _TO, None) or vars(app).get(_TO)
    return bound


def bind_remote(office: Office, app: Any, name: str) -> None:
    """Note which inbox a graph on a server belongs to; its runs are locked there."""
    setattr(app, _TO, Bound(office, name))


def bind(office: Office, app: Any, name: str) -> None:
    """Replace the class of a graph by one whose runs are locked; `with_config` keeps it."""
    check_saver(office, app)
    plain = getattr(type(app), _BOUND, type(app))

    class Registered(plain):  # type: ignore[misc, valid-type]  # the class of the user's graph
        """A graph that is registered with an inbox."""

        def stream(
            self, input: Any, config: RunnableConfig | None = None, **options: Any
        ) -> Iterator[Any]:
            thread_id = root_thread(self, config)
            if thread_id is None:
                driven = _driven(config)
                given, options = input, _durable(config, options)
                if driven is not None:
                    given = perform(begin(office, self, driven, input))
                    config, options = overseen(driven, config or {}, options)
                with _told_as_held(driven):
                    for chunk in super().stream(given, config, **options):
                        if driven is not None:
                            perform(still_held(driven))
                        yield chunk
                return
            check_saver(office, self)
            run, given, own = perform(start(office, self, name, thread_id, input, config))
            error: BaseException | None = None
            ended = False
            try:
                options["durability"] = "sync"
                run.stops = _has_stops(options)
                own, options = overseen(run, own, options)
                # A run that nobody listens to any more is over when its nodes are.
                with _told_as_held(run), closing(super().stream(given, own, **options)) as chunks:
                    last = yield from _all_but_the_end(chunks, run)
                ended = True
                perform(leave(office, run, self, None))
                perform(look_again(office, run))  # before the consumer may leave
                yield from last
            except BaseException as raised:
                error = raised
                raise
            finally:
                if not ended:
                    perform(leave(office, run, self, error))

        async def astream(
            self, input: Any, config: RunnableConfig | None = None, **options: Any
        ) -> AsyncIterator[Any]:
            thread_id = root_thread(self, config)
            if thread_id is None:
                driven = _driven(config)
                given, options = input, _durable(config, options)
                if driven is not None:
                    given = await aperform(begin(office, self, driven, input), office.executor)
                    config, options = overseen(driven, config or {}, options)
                with _told_as_held(driven):
                    async for chunk in super().astream(given, config, **options):
                        if driven is not None:
                            await aperform(still_held(driven), office.executor)
                        yield chunk
                return
            check_saver(office, self)
            starting = start(office, self, name, thread_id, input, config)
            run, given, own = await aperform(starting, office.executor)
            error: BaseException | None = None
            ended = False
            try:
                options["durability"] = "sync"
                run.stops = _has_stops(options)
                own, options = overseen(run, own, options)
                held: list[Any] = []
                streaming = aclosing(super().astream(given, own, **options))
                with _told_as_held(run):
                    async with streaming as chunks:
                        async for chunk in chunks:
                            await aperform(still_held(run), office.executor)
                            if _has_interrupt(chunk):
                                held.append(chunk)
                                continue
                            for earlier in held:
                                yield earlier
                            held = []
                            yield chunk
                ended = True
                await aperform(leave(office, run, self, None), office.executor)
                await aperform(look_again(office, run), office.executor)
                for chunk in held:
                    yield chunk
            except BaseException as raised:
                error = raised
                raise
            finally:
                if not ended:
                    await aperform(leave(office, run, self, error), office.executor)

    setattr(Registered, _BOUND, plain)
    setattr(Registered, _TO, Bound(office, name))
    Registered.__name__ = Registered.__qualname__ = plain.__name__
    app.__class__ = Registered


def start(
    office: Office,
    app: Any,
    name: str,
    thread_id: str,
    given: Any,
    config: RunnableConfig | None,
) -> Steps[Started]:
    """Take the lock of the thread. An answer to what another run has answered is dropped."""
    if _is_plain_answer(given):
        held, still_meant = yield from _lock_to_answer(office, name, thread_id)
        given = given if still_meant else None
    else:
        held = yield from await_lock(office, thread_id)
    run = Run(desk=office, graph=name, thread_id=thread_id, lock=held)
    watch = office.registry.watch_of(name)
    try:
        yield from check_held(office, name, thread_id)
        yield from check_detour(office, app, run, watch, given)
        if _ends_questions(given):
            yield Call(partial(_rouse, office, name, thread_id))
        config = yield from without_replay(app, given, config, partial(gate_decided, office))
        if watch is not None:
            config = yield from as_new_input(app, run, given, config)
            decided = partial(foreign_decided, office, run)
            config = yield from without_replay(app, given, config, decided)
            given = yield from with_decided(office, app, run, watch, given, config)
        given = yield from begin(office, app, run, given, config or {})
    except BaseException:
        held.release()
        raise
    return Started(run, given, run.within(config))


def root_thread(app: Any, config: RunnableConfig | None) -> str | None:
    """The thread of a root run; None for a subgraph, a run that is driven, and without a saver."""
    given = (config or {}).get("configurable") or {}
    around = {} if "thread_id" in given else (var_child_runnable_config.get() or {})
    if is_task(config) or is_task(around) or run_in(config) is not None:
        return None
    if app.checkpointer in (None, False, True):
        return None
    bound = (app.config or {}).get("configurable") or {}
    thread_id = given.get("thread_id", bound.get("thread_id"))
    return None if thread_id is None else str(thread_id)


def check_saver(office: Office, app: Any) -> None:
    """Raises `GateError` for a saver that forgets what the inbox remembers."""
    if office.durable and type(app.checkpointer) is InMemorySaver:
        raise GateError(
            "the graph has an InMemorySaver beside an inbox in a database: after a restart the "
            "inbox would wait for threads that nobody has. Use SqliteSaver or PostgresSaver, or "
            'for an experiment Inbox.open("sqlite:///:memory:").'
        )


def _driven(config: RunnableConfig | None) -> Run | None:
    """The run that the inbox drives by this call, and not one of its subgraphs."""
    return None if is_task(config) else run_in(config)


@contextmanager
def _told_as_held(run: Run | None) -> Iterator[None]:
    """Whoever runs a graph is told who has held it, in place of LangGraph's `GraphDrained`."""
    try:
        yield
    except GraphDrained as drained:
        held = None if run is None or run.overseer is None else run.overseer.held
        if held is None:
            raise
        raise held from drained


def _has_stops(options: dict[str, Any]) -> bool:
    """Whether a run is given static breakpoints of its own."""
    return bool(options.get("interrupt_before") or options.get("interrupt_after"))


def _durable(config: RunnableConfig | None, options: dict[str, Any]) -> dict[str, Any]:
    return options if run_in(config) is None else options | {"durability": "sync"}


def _all_but_the_end(chunks: Iterator[Any], run: Run) -> Generator[Any, None, list[Any]]:
    """Pass chunks on; those that tell of an interrupt wait for another, and the last are returned.

    So the run is over, and its lock free, before anybody can answer what it asks.
    """
    held: list[Any] = []
    for chunk in chunks:
        perform(still_held(run))
        if _has_interrupt(chunk):
            held.append(chunk)
            continue
        yield from held
        held = []
        yield chunk
    return held


def _has_interrupt(chunk: Any) -> bool:
    """In any stream mode of either version; a chunk that only looks so waits without harm."""
    if isinstance(chunk, tuple):
        return any(map(_has_interrupt, chunk))
    if not isinstance(chunk, dict):
        return False
    told = "__interrupt__" in chunk or bool(chunk.get("interrupts"))
    return told or any(_has_interrupt(chunk.get(part)) for part in ("data", "payload"))


def _lock_to_answer(office: Office, graph: str, thread_id: str) -> Steps[tuple[Held, bool]]:
    """The lock, and whether a plain answer is still meant for what waits.

    It is meant for the questions that were put when the call began, as long as all of them wait:
    what follows one that was answered already, or meanwhile, may not even be ours. What a run has
    filed that holds the lock (`wake`) nobody was asked yet. What is decided of a foreign question
    takes the place of an answer to it anyway.
    """
    before: list[Review] = yield Call(partial(_open, office, thread_id, graph))
    asked = [review for review in before if review.status == "pending"]
    held = yield from try_lock(office, thread_id)
    if held is None:
        asked = [review for review in asked if not review.wake]
        held = yield from await_lock(office, thread_id)
    try:
        now: list[Review] = yield Call(partial(_waiting, office, thread_id, graph))
    except BaseException:
        held.release()
        raise
    decided = any(review.status != "pending" and not is_foreign(review) for review in before)
    return held, not decided and _versions(now) == _versions(asked)


def _rouse(office: Office, graph: str, thread_id: str) -> None:
    """New input ends the questions of a thread: somebody has to look at them, also after a kill."""
    waiting = _waiting(office, thread_id, graph)
    parked = [(review.id, review.round) for review in waiting if not review.wake]
    if parked:
        with office.ledger.transaction() as tx:
            tx.rouse(parked)


def _waiting(office: Office, thread_id: str, graph: str) -> list[Review]:
    return [each for each in _open(office, thread_id, graph) if each.status == "pending"]


def _open(office: Office, thread_id: str, graph: str) -> list[Review]:
    with office.ledger.looking() as rx:
        found = rx.open_on(thread_id, graph, content=False)
    asked = [review for review in found if review.mode == "blocking"]
    return [review for review in asked if OVERRULED not in review.hooks]  # only a hook is called


def _versions(reviews: list[Review]) -> set[tuple[str, int]]:
    return {(review.id, review.round) for review in reviews}


def _ends_questions(given: Any) -> bool:
    return given is not None and not (isinstance(given, Command) and given.resume is not None)


def _is_plain_answer(given: Any) -> bool:
    if not isinstance(given, Command) or given.resume is None:
        return False
    resume = given.resume
    by_id = isinstance(resume, dict) and all(
        isinstance(key, str) and len(key) == 32 for key in resume
    )
    return not by_id
