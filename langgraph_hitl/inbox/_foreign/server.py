"""`Server`: a graph on a LangGraph server, by the client of its `RemoteGraph`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._foreign.replies import Reply, Unlike, list_in, state_in, thread_in
from langgraph_hitl.inbox._run.cause import ServerAway, ServerBusy, ServerSilent
from langgraph_hitl.inbox._run.steps import Graph, Steps

PAGE = 100
HISTORY = 1_000
"""Checkpoints, or runs, that are looked through."""

PATIENCE = 30.0
"""Seconds for what a server has at hand; a run is waited for as long as its client says."""

PASSES = "hitl_passes"
"""Where the metadata of a run say which breakpoint the inbox passes with it."""

_NOT_FOUND, _CONFLICT = 404, 409
_FROM_BEFORE_IT = (502, 503, 504)
"""What a proxy says whose server is away."""


def is_remote(app: Any) -> bool:
    """Whether a graph lives on a server. Told by name, so that no client is imported for it."""
    return any(
        kind.__name__ == "RemoteGraph" and kind.__module__ == "langgraph.pregel.remote"
        for kind in type(app).__mro__
    )


class _NotFound(ServerAway):
    """Something is not there; or a server, or a proxy before it, knows nothing of such paths."""


class Server:
    """What is asked of a server about one graph; every method is performed by steps.

    All raise `ServerAway` for what a LangGraph server of a known version would not answer.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self.assistant: str = app.assistant_id

    def state(self, thread: str) -> Steps[Reply]:
        """The newest state of a thread."""
        found: Reply = yield from self._ask(lambda c: c.threads.get_state(thread), state_in)
        return found

    def thread(self, thread: str) -> Steps[Reply | None]:
        """What the server says about a thread, its `status` among it; None without it."""
        try:
            found: Reply = yield from self._ask(lambda c: c.threads.get(thread), thread_in)
        except _NotFound:
            # Believed only of a server that has threads: a wrong address would end every review.
            same: list[Reply] = yield from self._ask(
                lambda c: c.threads.search(ids=[thread], limit=1), _threads
            )
            if thread in [each["thread_id"] for each in same]:
                raise
            return None
        return found

    def history(self, thread: str) -> Steps[list[Reply]]:
        """The latest states of a thread, the newest first."""
        found: list[Reply] = yield from self._ask(
            lambda client: client.threads.get_history(thread, limit=HISTORY),
            lambda found: [state_in(each) for each in list_in(found, "states")],
        )
        return found

    def runs(self, thread: str) -> Steps[list[Reply]]:
        """The latest runs of a thread, the newest first."""
        found: list[Reply] = yield from self._ask(
            lambda client: client.runs.list(thread, limit=PAGE),
            lambda found: list_in(found, "runs"),
        )
        return found

    def threads(self, status: str, offset: int) -> Steps[list[str]]:
        """One page of the threads of this graph that have a status."""
        found = yield from self._ask(
            lambda client: client.threads.search(
                metadata=self._its_threads, status=status, limit=PAGE, offset=offset
            ),
            _threads,
        )
        return [each["thread_id"] for each in found]

    def resume(
        self, thread: str, by_id: dict[str, Any] | None, *, passes: str
    ) -> Steps[str | None]:
        """Run a thread on with answers by their interrupts, or with None past what `passes` names.

        What a node raised, if one did. A run that its client does not wait for any more goes on.
        """
        result = yield from self._ask(
            lambda client: client.runs.wait(
                thread,
                self.assistant,
                input=None,
                command=None if by_id is None else {"resume": by_id},
                metadata={PASSES: passes} if by_id is None else None,
                strict_resume=True,
                multitask_strategy="reject",
                on_disconnect="continue",
                raise_error=False,
            ),
            lambda found: found,
            runs=True,
        )
        error = result.get("__error__") if isinstance(result, dict) else None
        if error is None:
            return None
        told = error if isinstance(error, dict) else {"message": error}
        return f"{told.get('error', 'Error')}: {told.get('message', '')}"

    @property
    def _its_threads(self) -> dict[str, str]:
        """A graph is named by its own name, or by the id of an assistant."""
        is_id = len(self.assistant) == 36 and self.assistant.count("-") == 4
        return {"assistant_id" if is_id else "graph_id": self.assistant}

    def _ask(
        self, call: Callable[[Any], Any], read: Callable[[Any], Any], *, runs: bool = False
    ) -> Steps[Any]:
        """What a server answers, as `read` has it."""
        fit = _as_it_is if runs else _prompt
        try:
            found = yield Graph(
                lambda: call(fit(self._client())), lambda: call(fit(self._async_client()))
            )
            return read(found)
        except InboxError:
            raise
        except Exception as error:
            raise _away(self.assistant, error) from error

    def _client(self) -> Any:
        client = self._app.sync_client
        if client is None:
            raise ServerAway(_HAS_NO.format(self.assistant, "sync_client", "adecide, awork, ..."))
        return client

    def _async_client(self) -> Any:
        client = self._app.client
        if client is None:
            raise ServerAway(_HAS_NO.format(self.assistant, "client", "decide, work, ..."))
        return client


_HAS_NO = "RemoteGraph({!r}) was made without url= and {}=; give it one of them, or use {}"


def _threads(found: Any) -> list[Reply]:
    return [thread_in(each) for each in list_in(found, "threads")]


def _away(assistant: str, error: Exception) -> ServerAway:
    """What kept a server from answering, and what helps."""
    server = f"the server of the graph {assistant!r}"
    reason = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status == _CONFLICT:
        return ServerBusy(f"{server} has a run of the thread under way ({reason})")
    if status in _FROM_BEFORE_IT or isinstance(error, OSError) or _is_of_transport(error):
        return ServerSilent(
            f"{server} cannot be reached, or did not answer in time ({reason}); see that it runs, "
            "and whether url= is its address"
        )
    if isinstance(error, ValueError | Unlike):
        return ServerAway(
            f"{server} answers otherwise than LangGraph does ({reason}); see whether url= is its "
            "address, and whether langgraph_sdk fits its version"
        )
    kind = _NotFound if status == _NOT_FOUND else ServerAway
    return kind(f"{server} did not do what was asked: {reason}")


def _is_of_transport(error: Exception) -> bool:
    """Told by name, so that no client is imported for it."""
    return any(
        kind.__name__ == "TransportError" and kind.__module__.startswith("httpx")
        for kind in type(error).__mro__
    )


def _as_it_is(client: Any) -> Any:
    return client


def _prompt(client: Any) -> Any:
    """A client that does not wait for an answer as long as for a run: five minutes by default."""
    from langgraph_sdk.client import LangGraphClient, SyncLangGraphClient

    if type(client) in (LangGraphClient, SyncLangGraphClient):
        return type(client)(_Prompt(client.http.client))
    return client  # of somebody's own making


class _Prompt:
    """An HTTP client whose reading ends after `PATIENCE`, or sooner."""

    def __init__(self, http: Any) -> None:
        self._http = http
        own = http.timeout
        waits = {
            name: PATIENCE if limit is None else min(limit, PATIENCE)
            for name, limit in own.as_dict().items()
        }
        self._timeout = type(own)(**waits)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._http, name)

    def get(self, *args: Any, **options: Any) -> Any:
        return self._http.get(*args, timeout=self._timeout, **options)

    def post(self, *args: Any, **options: Any) -> Any:
        return self._http.post(*args, timeout=self._timeout, **options)
