"""What waits on a thread, and the command that answers it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, Interrupt, StateSnapshot

from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review.decision import Decision, parse, to_json
from langgraph_hitl.review.digest import NotJson, plain_json
from langgraph_hitl.review.request import ReviewRequest


class HasState(Protocol):
    """A compiled graph, or a `RemoteGraph`."""

    def get_state(self, config: RunnableConfig, /) -> StateSnapshot:
        """The newest state of the thread that `config` names."""
        ...


class HasAsyncState(Protocol):
    """A compiled graph, or a `RemoteGraph`, with an asynchronous checkpointer."""

    async def aget_state(self, config: RunnableConfig, /) -> StateSnapshot:
        """The newest state of the thread that `config` names."""
        ...


def pending(app: HasState, config: RunnableConfig) -> list[ReviewRequest]:
    """The reviews that wait on the thread of `config`; empty when none does.

    Interrupts that are not reviews of this package are left out. One thread can have several, from
    parallel branches.

    ```python
    request = pending(app, {"configurable": {"thread_id": "1"}})[0]
    ```
    """
    return _requests(app.get_state(config).interrupts)


async def apending(app: HasAsyncState, config: RunnableConfig) -> list[ReviewRequest]:
    """`pending` for graphs with an asynchronous checkpointer."""
    return _requests((await app.aget_state(config)).interrupts)


def resume(request: ReviewRequest, decision: Decision, by: str | None = None) -> Command[Any]:
    """The command that answers `request`, and nothing but it.

    It is bound to the interrupt, the review, the round and the digest, so that it cannot be taken
    for the answer to anything else. Several: `Command(resume={**a.resume, **b.resume})`.

    Args:
        request: From `pending`.
        decision: `Approve()`, `Edit(value)`, ...
        by: Who decided. A claim, as good as the code that passes it.

    Raises:
        InvalidDecision: The decision is not allowed here or is not complete; nothing was sent.

    ```python
    app.invoke(resume(request, Approve(), by="maria"), config)
    ```
    """
    wire = to_json(decision)
    try:
        parse(plain_json(wire, "decision"))
    except NotJson as error:
        raise InvalidDecision(str(error), review_id=request.review_id) from None
    except InvalidDecision as error:
        raise InvalidDecision(error.reason, review_id=request.review_id) from None
    if wire["type"] not in request.allowed_decisions:
        raise InvalidDecision(
            f"{wire['type']} is not allowed here; allowed: {', '.join(request.allowed_decisions)}",
            review_id=request.review_id,
        )
    wire |= {"review_id": request.review_id, "digest": request.digest, "round": request.round}
    if by is not None:
        if not isinstance(by, str) or not by.strip():
            raise InvalidDecision(
                "by must be a text that is not blank", review_id=request.review_id
            )
        wire["by"] = by
    return Command(resume={request.interrupt_id: wire})


def _requests(interrupts: Iterable[Interrupt]) -> list[ReviewRequest]:
    found = (
        ReviewRequest.from_interrupt(
            interrupt.id, interrupt.value, getattr(interrupt, "response_schema", None)
        )
        for interrupt in interrupts
    )
    return [request for request in found if request is not None]
