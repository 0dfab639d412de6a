"""What a node's attempts came to, for the person who is asked when they are used up."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import Any, TypeAlias

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langgraph.errors import GraphBubbleUp, NodeError
from langgraph.runtime import get_runtime
from langgraph.types import Command, RetryPolicy, Send

from langgraph_hitl._subgraph._pregel import was_sent
from langgraph_hitl._subgraph.clock import Clock
from langgraph_hitl.errors import GateError
from langgraph_hitl.patterns._held import HELD, Shown, shown_of, taken, with_edits

INPUT, FAILURE = "hitl_input", "hitl_failure"
"""What the gate about a failure is sent: the node's input, and what went wrong."""

MAX_TEXT = 2_000
MAX_TASKS = 1_000
_ATTEMPT = "_hitl_attempt"

Attempt: TypeAlias = tuple[int | None, float | None]
"""Which one it was, and when the first one began."""


class Attempts:
    """Which attempt each failed task of a node has come to.

    An error knows that by itself. But of a `TimeoutError` of a thread asyncio makes another one for
    its loop, which knows nothing; so these are kept by the task, whose id LangGraph notes on it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, Attempt] = {}

    def __len__(self) -> int:
        return len(self._of)

    def note(self, error: Exception) -> None:
        """A task has failed, within which this is called."""
        info = get_runtime().execution_info
        if info is None or isinstance(error, GraphBubbleUp):
            return
        told = (info.node_attempt, info.node_first_attempt_time)
        if type(error) is TimeoutError:
            self.keep(info.task_id, told)
        try:
            setattr(error, _ATTEMPT, told)
        except Exception:  # an error class may take no attributes; it is told without them
            return

    def keep(self, task: str, told: Attempt) -> None:
        """What is known of a task, until somebody asks."""
        with self._lock:
            self._of[task] = told
            if len(self._of) > MAX_TASKS:  # of runs that were given up
                del self._of[next(iter(self._of))]

    def done(self) -> None:
        """The task has not failed after all, within which this is called."""
        info = get_runtime().execution_info
        if info is not None and self._of:
            with self._lock:
                self._of.pop(info.task_id, None)

    def of(self, error: BaseException) -> Attempt:
        """What is known of the attempts that an error has ended."""
        notes = "\n".join(map(str, getattr(error, "__notes__", ())))
        with self._lock:
            task = next((task for task in self._of if task in notes), None)
            kept = (None, None) if task is None else self._of.pop(task)
        told: Attempt = getattr(error, _ATTEMPT, kept)
        return told


def noting_attempts(node: Any, schema: type[Any], attempts: Attempts) -> Any:
    """The same node; what it raises knows which attempt it was, and when the first one began.

    Of a retry, it gets what is held for it, and what was edited is written with what it returns.
    """
    if isinstance(node, Runnable):
        return RunnableLambda(
            _invoking(node, schema, attempts),
            afunc=_ainvoking(node, schema, attempts),
            name=node.get_name(),
        )
    if not callable(node):
        raise GateError(f"a node is a function or a Runnable, not {node!r:.80}")
    if iscoroutinefunction(node):

        @functools.wraps(node)
        async def acall(given: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                state, edits = taken(schema, given)
                return with_edits(await node(state, *args, **kwargs), edits)
            except Exception as error:
                attempts.note(error)
                raise

        return acall

    @functools.wraps(node)
    def call(given: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            state, edits = taken(schema, given)
            done = with_edits(node(state, *args, **kwargs), edits)
        except Exception as error:
            attempts.note(error)
            raise
        attempts.done()
        return done

    return call


def _invoking(
    node: Runnable[Any, Any], schema: type[Any], attempts: Attempts
) -> Callable[..., Any]:
    def invoke(given: Any, config: Any) -> Any:
        try:
            state, edits = taken(schema, given)
            return with_edits(node.invoke(state, config), edits)
        except Exception as error:
            attempts.note(error)
            raise

    return invoke


def _ainvoking(
    node: Runnable[Any, Any], schema: type[Any], attempts: Attempts
) -> Callable[..., Any]:
    async def ainvoke(given: Any, config: Any) -> Any:
        try:
            state, edits = taken(schema, given)
            return with_edits(await node.ainvoke(state, config), edits)
        except Exception as error:
            attempts.note(error)
            raise

    return ainvoke


def retried(
    given: RetryPolicy | Sequence[RetryPolicy] | None, never: tuple[type[Exception], ...]
) -> list[RetryPolicy] | None:
    """The policies, without the errors that go to a person at once."""
    if given is None:
        return None
    policies = [given] if isinstance(given, RetryPolicy) else [*given]
    return [policy._replace(retry_on=_unless(policy.retry_on, never)) for policy in policies]


def _unless(retry_on: Any, never: Any) -> Callable[[Exception], bool]:
    def decide(error: Exception) -> bool:
        if isinstance(error, never):
            return False
        if isinstance(retry_on, type) or not callable(retry_on):
            kinds = (retry_on,) if isinstance(retry_on, type) else tuple(retry_on)
            return isinstance(error, kinds)
        return bool(retry_on(error))

    return decide


def on_failure(
    name: str,
    gate: str,
    keys: Sequence[str],
    handler: Callable[..., Any] | None,
    schema: type[Any],
    attempts: Attempts,
    clock: Clock,
) -> Runnable[Any, Any] | Callable[..., Any]:
    """LangGraph's error handler of the node: the user's own first, then a person."""

    def ask(given: Any, error: NodeError, config: RunnableConfig) -> Any:
        tried = attempts.of(error.error)
        try:
            shown = shown_of(name, given, keys, sent=was_sent(config))
        except GateError as refused:
            raise refused from error.error
        return Command(goto=Send(gate, asked_of(name, shown, error.error, tried, clock())))

    if handler is None:
        return ask
    if iscoroutinefunction(handler):

        async def ahandle(given: Any, error: NodeError, config: RunnableConfig) -> Any:
            try:
                state, edits = taken(schema, given)
                return with_edits(await handler(state, error), edits)
            except GraphBubbleUp:
                raise
            except Exception as failed:
                return ask(given, replace(error, error=failed), config)

        return ahandle

    def handle(given: Any, error: NodeError, config: RunnableConfig) -> Any:
        try:
            state, edits = taken(schema, given)
            return with_edits(handler(state, error), edits)
        except GraphBubbleUp:
            raise
        except Exception as failed:
            return ask(given, replace(error, error=failed), config)

    return handle


def asked_of(
    name: str, shown: Shown, error: BaseException, tried: Attempt, now: datetime
) -> dict[str, Any]:
    """What the gate is sent."""
    attempts, begun = tried
    failure: dict[str, Any] = {"node": name, "error": _text(error)}
    if attempts is not None:
        failure["attempts"] = attempts
    if begun is not None:
        failure["first_attempt_at"] = datetime.fromtimestamp(begun, UTC).isoformat()
    failure["failed_at"] = now.isoformat()
    if shown.unseen:
        failure["not_shown"] = shown.unseen
    return {INPUT: shown.values, HELD: shown.held, FAILURE: _Kept(failure, error)}


class _Kept(dict[str, Any]):
    """A plain dict that keeps an error in memory while the gate about it runs.

    LangGraph knows the errors that a handler has dealt with by their `id`, for the whole run. If
    the error were gone, the interrupt of the gate could get its place in memory and its `id`, would
    be taken as dealt with too, and the thread would end without the question.
    """

    def __init__(self, failure: dict[str, Any], error: BaseException) -> None:
        super().__init__(failure)
        self.error = error


def _text(error: BaseException) -> str:
    text = f"{type(error).__name__}: {error}"
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
