"""What a node's attempts came to, for the person who is asked when they are used up."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import Any, TypeAlias

from langchain_core.runnables import Runnable, RunnableLambda
from langgraph.errors import GraphBubbleUp, NodeError
from langgraph.runtime import get_runtime
from langgraph.types import Command, RetryPolicy, Send
from typing_extensions import is_typeddict

from langgraph_hitl._subgraph.clock import Clock
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.digest import NotJson, plain_json

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

    A retry is sent the state as a mapping, from which a node with another kind of state gets its
    own.
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
        async def acall(state: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return await node(_read(schema, state), *args, **kwargs)
            except Exception as error:
                attempts.note(error)
                raise

        return acall

    @functools.wraps(node)
    def call(state: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            done = node(_read(schema, state), *args, **kwargs)
        except Exception as error:
            attempts.note(error)
            raise
        attempts.done()
        return done

    return call


def _invoking(
    node: Runnable[Any, Any], schema: type[Any], attempts: Attempts
) -> Callable[..., Any]:
    def invoke(state: Any, config: Any) -> Any:
        try:
            return node.invoke(_read(schema, state), config)
        except Exception as error:
            attempts.note(error)
            raise

    return invoke


def _ainvoking(
    node: Runnable[Any, Any], schema: type[Any], attempts: Attempts
) -> Callable[..., Any]:
    async def ainvoke(state: Any, config: Any) -> Any:
        try:
            return await node.ainvoke(_read(schema, state), config)
        except Exception as error:
            attempts.note(error)
            raise

    return ainvoke


def _read(schema: type[Any], state: Any) -> Any:
    """A retry's state as the node's schema has it; what others send stays as it is."""
    if not isinstance(state, dict) or "reviews" not in state or is_typeddict(schema):
        return state
    validate = getattr(schema, "model_validate", None)
    return schema(**state) if validate is None else validate(state)


def retried(
    given: RetryPolicy | Sequence[RetryPolicy] | None, never: type[Exception] | tuple[Any, ...]
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
    attempts: Attempts,
    clock: Clock,
) -> Runnable[Any, Any] | Callable[..., Any]:
    """LangGraph's error handler of the node: the user's own first, then a person."""

    def ask(state: Any, error: NodeError) -> Any:
        tried = attempts.of(error.error)
        return Command(goto=Send(gate, asked_of(name, state, error.error, keys, tried, clock())))

    if handler is None:
        return ask
    if iscoroutinefunction(handler):

        async def ahandle(state: Any, error: NodeError) -> Any:
            try:
                return await handler(state, error)
            except GraphBubbleUp:
                raise
            except Exception as failed:
                return ask(state, replace(error, error=failed))

        return ahandle

    def handle(state: Any, error: NodeError) -> Any:
        try:
            return handler(state, error)
        except GraphBubbleUp:
            raise
        except Exception as failed:
            return ask(state, replace(error, error=failed))

    return handle


def asked_of(
    name: str,
    state: Any,
    error: BaseException,
    keys: Sequence[str],
    tried: Attempt,
    now: datetime,
) -> dict[str, Any]:
    """What the gate is sent."""
    shown: dict[str, Any] = {}
    kept: list[str] = []
    for key in keys:
        if isinstance(state, dict) and key not in state:
            continue
        try:
            shown[key] = plain_json(state[key] if isinstance(state, dict) else getattr(state, key))
        except NotJson:
            kept.append(key)
    attempts, begun = tried
    failure: dict[str, Any] = {"node": name, "error": _text(error)}
    if attempts is not None:
        failure["attempts"] = attempts
    if begun is not None:
        failure["first_attempt_at"] = datetime.fromtimestamp(begun, UTC).isoformat()
    failure["failed_at"] = now.isoformat()
    if kept:
        failure["not_shown"] = kept
    return {INPUT: shown, FAILURE: _Kept(failure, error)}


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
