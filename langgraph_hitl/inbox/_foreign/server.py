"""`Server`: a graph on a LangGraph server, by the client of its `RemoteGraph`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._run.cause import ServerAway, ServerBusy
from langgraph_hitl.inbox._run.steps import Graph, Steps

PAGE = 100
HISTORY = 1_000
"""Checkpoints, or runs, that are looked through."""

_NOT_FOUND, _CONFLICT = 404, 409


def is_remote(app: Any) -> bool:
    """Whether a graph lives on a server. Told by name, so that no client is imported for it."""
    return any(
        kind.__name__ == "RemoteGraph" and kind.__module__ == "langgraph.pregel.remote"
        for kind in type(app).__mro__
    )


class Server:
    """What is asked of a server about one graph; every method is performed by steps."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.assistant: str = app.assistant_id

    def state(self, thread: str) -> Steps[dict[str, Any] | None]:
        """The newest state of a thread; None where there is no such thread."""
        found: dict[str, Any] | None = yield from self._ask(
            lambda client: client.threads.get_state(thread), none=True
        )
        return found

    def thread(self, thread: str) -> Steps[dict[str, Any] | None]:
        """What the server says about a thread, its `status` among it; None without it."""
        found: dict[str, Any] | None = yield from self._ask(
            lambda client: client.threads.get(thread), none=True
        )
        return found

    def history(self, thread: str) -> Steps[list[dict[str, Any]]]:
        """The latest states of a thread, the newest first."""
        found = yield from self._ask(
            lambda client: client.threads.get_history(thread, limit=HISTORY)
        )
        return list(found)

    def runs(self, thread: str) -> Steps[list[dict[str, Any]]]:
        """The latest runs of a thread, the newest first."""
        return list((yield from self._ask(lambda client: client.runs.list(thread, limit=PAGE))))

    def threads(self, status: str, offset: int) -> Steps[list[str]]:
        """One page of the threads of this graph that have a status."""
        found = yield from self._ask(
            lambda client: client.threads.search(
                metadata=self._its_threads, status=status, limit=PAGE, offset=offset
            )
        )
        return [str(each["thread_id"]) for each in found]

    def resume(self, thread: str, by_id: dict[str, Any] | None) -> Steps[str | None]:
        """Run a thread on with answers by their interrupts, or past a breakpoint with None.

        What a node raised, if one did. A run that its client does not wait for any more goes on.
        """
        result = yield from self._ask(
            lambda client: client.runs.wait(
                thread,
                self.assistant,
                input=None,
                command=None if by_id is None else {"resume": by_id},
                strict_resume=True,
                multitask_strategy="reject",
                on_disconnect="continue",
                raise_error=False,
            )
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

    def _ask(self, call: Callable[[Any], Any], *, none: bool = False) -> Steps[Any]:
        """What a client answers; with `none`, None for what is not there."""
        try:
            found = yield Graph(lambda: call(self._client()), lambda: call(self._async_client()))
        except InboxError:
            raise
        except Exception as error:
            status = getattr(getattr(error, "response", None), "status_code", None)
            if none and status == _NOT_FOUND:
                return None
            reason = f"{type(error).__name__}: {error}".partition("\n")[0][:300]
            away = ServerBusy if status == _CONFLICT else ServerAway
            raise away(
                f"the server of the graph {self.assistant!r} did not do what was asked: {reason}"
            ) from error
        return found

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
