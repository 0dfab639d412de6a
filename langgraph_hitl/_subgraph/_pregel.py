"""What the package relies on in LangGraph beyond its documented interface, all in one place.

Each function degrades to the safe side if LangGraph renames what it reads; the test beside it runs
on the oldest and the newest supported release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import count
from time import sleep
from typing import Any, NamedTuple

from langchain_core.runnables import RunnableConfig
from langgraph.channels.base import BaseChannel
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.types import Interrupt
from xxhash import xxh3_128_hexdigest

_CHECKPOINTER = "__pregel_checkpointer"
_RESUME_MAP = "__pregel_resume_map"
_RESUME = "__resume__"
_TASK = "__pregel_task_id"
_READ = "__pregel_read"
_TO = "branch:to:"
_RUNTIME = "__pregel_runtime"
_PUSH = "__pregel_push"
_SCRATCHPAD = "__pregel_scratchpad"
_DURABILITY = "__pregel_durability"
_RESUMING = "__pregel_resuming"
_RUN_ID = "run_id"
_ERROR = "__error__"
_INTERRUPT = "__interrupt__"
_HANDED_OVER = "__error_source_node__"
_CONTROL = frozenset((_RESUME, _ERROR, _HANDED_OVER, _INTERRUPT))
"""What is kept about a task that has not finished; every other write is the output of one that has.
"""
_NULL_TASK = "00000000-0000-0000-0000-000000000000"


def checkpointer_of(config: RunnableConfig) -> Any:
    """The saver that a node's graph writes to, or None.

    `execution_info.thread_id` does not tell: it is set whenever the configuration has one.
    """
    return _configurable(config).get(_CHECKPOINTER)


def through(config: RunnableConfig, saver: Any) -> RunnableConfig:
    """The configuration of a root run that reads and writes through `saver`."""
    return {**config, "configurable": {**_configurable(config), _CHECKPOINTER: saver}}


def root_checkpoint_of(config: RunnableConfig) -> str | None:
    """The id of the root checkpoint whose superstep a node runs in."""
    return (_configurable(config).get("checkpoint_map") or {}).get("")


def path_of(config: RunnableConfig) -> str:
    """The names of the nodes that lead to the gate whose node this is: `desk|manager`."""
    return names_in(_own_namespace(config))


def names_in(namespace: str) -> str:
    """The names of the nodes, and of calls, that a checkpoint namespace leads through."""
    return "|".join(part.partition(":")[0] for part in namespace.split("|"))


def place_of(config: RunnableConfig) -> list[list[str]]:
    """Where a gate stands: for every graph around it, the namespace and the checkpoint it runs at.

    From the root inwards; the namespaces name the tasks that lead to the gate.
    """
    checkpoints: dict[str, str] = _configurable(config).get("checkpoint_map") or {}
    own = _own_namespace(config)
    around = [name for name in checkpoints if name == "" or own.startswith(f"{name}|")]
    return [[name, checkpoints[name]] for name in sorted(around, key=len) if name != own]


def task_of(config: RunnableConfig) -> str:
    """The id of the task that a gate is, the same when it runs again."""
    return _own_namespace(config).rpartition(":")[2]


def is_task(config: Mapping[str, Any] | None) -> bool:
    """Whether a configuration belongs to a node of a running graph."""
    return _TASK in ((config or {}).get("configurable") or {})


def failed_nodes(pending_writes: Iterable[tuple[str, str, Any]]) -> bool:
    """Whether a node of the newest superstep raised, so that LangGraph has kept its error."""
    return any(channel == _ERROR for _, channel, _ in pending_writes)


def handed_over(
    pending_writes: Iterable[tuple[str, str, Any]], tasks: Iterable[str]
) -> frozenset[str]:
    """The tasks whose error waits for its handler; none of them where a handler has raised too."""
    writes = list(pending_writes)
    raised = {task for task, channel, _ in writes if channel == _ERROR}
    if raised - {*tasks}:  # a handler is a task of its own, which no state shows
        return frozenset()
    return frozenset(task for task, channel, _ in writes if channel == _HANDED_OVER) & raised


def given_at(pending_writes: Iterable[tuple[str, str, Any]]) -> frozenset[str]:
    """The state keys that a command has changed at a checkpoint, before its step."""
    return frozenset(
        channel
        for task, channel, _ in pending_writes
        if task == _NULL_TASK and channel not in _CONTROL
    )


def cancelled(error: Any) -> bool:
    """Whether the error that is kept of a task says that it was cancelled; savers keep the text."""
    text = error if isinstance(error, str) else repr(error)
    return text.startswith("CancelledError(")


class Waiting(NamedTuple):
    """An interrupt of a task; `failed` says that the task has raised, before it or after it."""

    task: str
    interrupt: Interrupt
    failed: bool


def waiting_in(
    pending_writes: Iterable[tuple[str, str, Any]], *, finished: bool = False
) -> list[Waiting]:
    """The interrupts that wait at a checkpoint; with `finished`, those of tasks that went on too.

    A task that was answered keeps its interrupt on the record until the superstep ends, and one
    that has failed whatever becomes of it.
    """
    writes = list(pending_writes)
    over = {task for task, channel, _ in writes if channel not in _CONTROL}
    failed = {task for task, channel, _ in writes if channel == _ERROR}
    return [
        Waiting(task, interrupt, task in failed)
        for task, channel, interrupts in writes
        if channel == _INTERRUPT and (finished or task not in over)
        for interrupt in interrupts
    ]


def interrupts_in(pending_writes: Iterable[tuple[str, str, Any]]) -> list[Any]:
    """The values of the interrupts that wait at a checkpoint."""
    return [waiting.interrupt.value for waiting in waiting_in(pending_writes)]


def next_interrupt_id(
    pending_writes: Iterable[tuple[str, str, Any]], *, namespace: str, name: str, task: str
) -> str:
    """The id of the question that a task would put next, after the answers that it has taken.

    A task that failed for a bad answer still waits at it; one that failed afterwards has its answer
    on the record, so that its last question has another id.
    """
    path = f"{namespace}|{name}:{task}" if namespace else f"{name}:{task}"
    taken = sum(
        len(answers)
        for owner, channel, answers in pending_writes
        if owner == task and channel == _RESUME
    )
    return xxh3_128_hexdigest((f"{path}|{taken}" if taken else path).encode())


def has_begun(pending_writes: Iterable[tuple[str, str, Any]]) -> bool:
    """Whether a task of the next superstep has run, finished or not."""
    return any(task != _NULL_TASK for task, _, _ in pending_writes)


def spend_plain_answer(config: RunnableConfig) -> None:
    """Take the plain answer of this root superstep off the record, so that it counts once.

    `Command(resume=value)` is kept on the root checkpoint until the root superstep ends, and every
    later run hands it to the next question of that superstep (langgraph issue 8837), also when it
    answered a question that is not ours. None in its place reads as "no answer". So it is spent
    before a question of ours is put, and as soon as it has answered one. Savers without a
    synchronous `put_writes` keep the behaviour of LangGraph.
    """
    saver, root = checkpointer_of(config), root_checkpoint_of(config)
    if root is None or saver is None:
        return
    try:
        saver.put_writes(_at_root(config, root), [(_RESUME, None)], _NULL_TASK)
    except NotImplementedError:
        return


def wait_for_plain_answer(config: RunnableConfig, *, wait: Callable[[float], None] = sleep) -> None:
    """Return when the plain answer that is at hand is on the record, where it has to come.

    LangGraph writes it in the background while its nodes run. Spending an answer that is still on
    its way would do nothing: it would arrive afterwards, and be handed to whatever is asked next.
    After four seconds it is taken as one that LangGraph does not write.
    """
    if not _plain_answer_at_hand(config) or _configurable(config).get(_DURABILITY) == "exit":
        return
    for pause in (0.0, *(2**n / 1000 for n in range(12))):
        wait(pause)
        found = _root_tuple(config)
        if found is None or _has_arrived(found.pending_writes or ()):
            return


def _has_arrived(pending_writes: Iterable[tuple[str, str, Any]]) -> bool:
    """Beside an update, an answer does not replace one that was spent, in some savers."""
    writes = list(pending_writes)
    updated = any(task == _NULL_TASK and channel != _RESUME for task, channel, _ in writes)
    return updated or has_plain_answer(writes)


def _plain_answer_at_hand(config: RunnableConfig) -> bool:
    try:
        return _configurable(config)[_SCRATCHPAD].get_null_resume(False) is not None
    except (AttributeError, KeyError, TypeError):
        return False


def has_plain_answer(pending_writes: Iterable[tuple[str, str, Any]]) -> bool:
    """Whether a checkpoint keeps a plain answer that was not spent."""
    return any(
        task == _NULL_TASK and channel == _RESUME and value is not None
        for task, channel, value in pending_writes
    )


def answers_by_id(config: RunnableConfig) -> bool:
    """Whether the run was resumed by interrupt id; such answers are not kept."""
    return _RESUME_MAP in _configurable(config)


def within_call(config: RunnableConfig, name: str, asked: Callable[[Any], bool]) -> RunnableConfig:
    """The configuration of a graph that a node runs for one of its calls, by a name of its own.

    LangGraph counts the graphs that a node runs, so that two at once would take each other's place
    when the node runs again. If it hides the counter one day, a call may be asked about anew.

    A plain answer is for the question that was told, of the one call for which `asked` is true of
    the interrupt's value; the others, which the node may have come to before, do not see it.
    """
    configurable = dict(_configurable(config))
    configurable["checkpoint_ns"] = f"{configurable.get('checkpoint_ns', '')}|{name}"
    pad: Any = configurable.get(_SCRATCHPAD)

    def plain_answer(consume: bool = False) -> Any:
        if pad.get_null_resume(False) is None or not _was_told(config, asked):
            return None
        return pad.get_null_resume(consume)

    with suppress(AttributeError, TypeError):
        configurable[_SCRATCHPAD] = replace(
            pad, subgraph_counter=count().__next__, get_null_resume=plain_answer
        )
    return {**config, "configurable": configurable}


def numbered(config: RunnableConfig) -> RunnableConfig | None:
    """The configuration of a graph that a node may run twice in the same place; None if it cannot.

    LangGraph counts the graphs that a node runs: the second run would have another place.
    """
    configurable = dict(_configurable(config))
    try:
        pad: Any = configurable[_SCRATCHPAD]
        number = pad.subgraph_counter()
        configurable[_SCRATCHPAD] = replace(pad, subgraph_counter=lambda: number)
    except (AttributeError, KeyError, TypeError):
        return None
    return {**config, "configurable": configurable}


def says_whether_it_resumes(config: RunnableConfig | None) -> bool:
    """Whether a configuration says if it goes on with a run, or names one that it may."""
    configurable = _configurable(config or {})
    metadata = (config or {}).get("metadata") or {}
    return _RESUMING in configurable or _RUN_ID in configurable or _RUN_ID in metadata


def without_plain_answer(config: RunnableConfig) -> RunnableConfig:
    """The configuration of a graph whose questions do not see the plain answer that is at hand."""
    pad: Any = _configurable(config)[_SCRATCHPAD]
    deaf = replace(pad, get_null_resume=lambda consume=False: None)
    return {**config, "configurable": {**_configurable(config), _SCRATCHPAD: deaf}}


def beginning_anew(config: RunnableConfig | None) -> RunnableConfig:
    """The configuration of a run that does not go on with an earlier one."""
    return {**(config or {}), "configurable": {**_configurable(config or {}), _RESUMING: False}}


def execution_of(config: RunnableConfig) -> Any:
    """An object that is the same for all that runs in one task; None if LangGraph has none."""
    return _configurable(config).get(_READ)


def channels_of(config: RunnableConfig) -> frozenset[str] | None:
    """The channels of the graph whose node runs, its state keys among them; None if hidden."""
    return frozenset(_channels(config)) or None


def is_scheduled(config: RunnableConfig, node: str) -> bool:
    """Whether an edge has led to this node in the superstep of the task; False if hidden."""
    channel = _channels(config).get(_TO + node)
    return channel is not None and bool(channel.is_available())


def _channels(config: RunnableConfig) -> Mapping[str, Any]:
    for given in getattr(_configurable(config).get(_READ), "args", ()):
        values = [*given.values()] if isinstance(given, Mapping) else []
        if values and all(isinstance(value, BaseChannel) for value in values):
            return {**given}
    return {}


def was_sent(config: RunnableConfig) -> bool:
    """Whether `Send` has run the node, or the one that has failed, where this is its handler."""
    return _PUSH in ((config.get("metadata") or {}).get("langgraph_path") or ())[:1]


def attempt_of(config: RunnableConfig) -> int:
    """The number of the attempt, where LangGraph tries a node again."""
    info = getattr(_configurable(config).get(_RUNTIME), "execution_info", None)
    return getattr(info, "node_attempt", 1)


def _was_told(config: RunnableConfig, asked: Callable[[Any], bool]) -> bool:
    """Whether the root of the thread has told of an interrupt.

    Where its saver has no synchronous face, it has not: only an answer by id counts then.
    """
    found = _root_tuple(config)
    return found is not None and any(map(asked, interrupts_in(found.pending_writes or ())))


def _root_tuple(config: RunnableConfig) -> CheckpointTuple | None:
    """What is on the record of the root superstep, or None where it cannot be read."""
    saver, root = checkpointer_of(config), root_checkpoint_of(config)
    if saver is None or root is None:
        return None
    found: CheckpointTuple | None = None
    with suppress(Exception):
        found = saver.get_tuple(_at_root(config, root))
    return found


def _at_root(config: RunnableConfig, root: str) -> RunnableConfig:
    thread = _configurable(config)["thread_id"]
    return {"configurable": {"thread_id": thread, "checkpoint_ns": "", "checkpoint_id": root}}


def default_error_handler(builder: Any) -> Any:
    """The error handler that `set_node_defaults` gives to all nodes, or None."""
    return getattr(getattr(builder, "_node_defaults", None), "error_handler", None)


def _own_namespace(config: RunnableConfig) -> str:
    """The namespace of the gate whose node this is."""
    return str(_configurable(config).get("checkpoint_ns", "")).rpartition("|")[0]


def _configurable(config: RunnableConfig) -> Mapping[str, Any]:
    return config.get("configurable") or {}
