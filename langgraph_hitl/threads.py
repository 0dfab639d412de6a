"""What waits on a thread, and the command that answers it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, Interrupt, StateSnapshot

from langgraph_hitl._text.blank import is_blank
from langgraph_hitl.errors import InvalidDecision, NoCheckpointer
from langgraph_hitl.review.choice import Choice
from langgraph_hitl.review.decision import Choose, Decision, Items, Revise, parse, to_json
from langgraph_hitl.review.digest import NotJson, plain_json
from langgraph_hitl.review.items import (
    ITEM_DECISIONS,
    ItemRules,
    checked_verdicts,
    ids_of,
    in_words,
)
from langgraph_hitl.review.parts import check_parts, parts_of
from langgraph_hitl.review.request import ReviewRequest

if TYPE_CHECKING:
    from langgraph_hitl.review.reviewer import Reviewer, Voter

    class HasState(Protocol):
        """A compiled graph, or a `RemoteGraph`."""

        def get_state(self, config: RunnableConfig, *, subgraphs: bool = False) -> StateSnapshot:
            """The newest state of the thread that `config` names."""
            ...

    class HasAsyncState(Protocol):
        """A compiled graph, or a `RemoteGraph`, with an asynchronous checkpointer."""

        async def aget_state(
            self, config: RunnableConfig, *, subgraphs: bool = False
        ) -> StateSnapshot:
            """The newest state of the thread that `config` names."""
            ...

    class Filed(Protocol):
        """A `Review` of an inbox."""

        @property
        def status(self) -> str:
            """`pending` while it can be decided."""
            ...

        @property
        def request(self) -> dict[str, Any]:
            """What people are shown."""
            ...


def pending(app: HasState, config: RunnableConfig) -> list[ReviewRequest]:
    """The reviews that wait on the thread of `config`; empty when none does.

    Interrupts that are not reviews of this package are left out, and so is a question whose answer
    was taken before the run failed: `app.invoke(None, config)` goes on from there. One thread can
    have several, from parallel branches. One that an inbox has decided is listed until its graph
    has gone on.

    Raises:
        NoCheckpointer: The graph has none, so nothing can wait.

    ```python
    request = pending(app, {"configurable": {"thread_id": "1"}})[0]
    ```
    """
    return _requests(open_interrupts(app, config))


async def apending(app: HasAsyncState, config: RunnableConfig) -> list[ReviewRequest]:
    """`pending` for graphs with an asynchronous checkpointer."""
    _check_checkpointer(app)
    state = await app.aget_state(config)
    if _failed(state):
        state = await app.aget_state(config, subgraphs=True)
    return _requests(_interrupts(state))


def open_interrupts(app: HasState, config: RunnableConfig) -> list[Interrupt]:
    """The interrupts that an answer would reach."""
    _check_checkpointer(app)
    state = app.get_state(config)
    if _failed(state):
        state = app.get_state(config, subgraphs=True)
    return _interrupts(state)


def resume(
    request: ReviewRequest, decision: Decision, by: str | Reviewer | None = None
) -> Command[Any]:
    """The command that answers `request`, and nothing but it.

    It is bound to the interrupt, the review, the round and the digest, so that it cannot be taken
    for the answer to anything else. Several: `Command(resume={**a.resume, **b.resume})`.

    Args:
        request: From `pending`.
        decision: `Approve()`, `Edit(value)`, ...
        by: Who decided: an id, or a `Reviewer`, whose roles count where a panel asks for them. A
            claim, as good as the code that passes it; an inbox believes none.

    Raises:
        InvalidDecision: The decision is not allowed here or is not complete, or would not count
            without a name or a role that its panel asks for; nothing was sent.

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
    if isinstance(decision, Choose) and request.answer:
        offered = Choice(*request.answer["options"], multiple=request.answer["multiple"])
        if problem := offered.problem(decision.choices):
            raise InvalidDecision(problem, review_id=request.review_id)
    try:
        if isinstance(decision, Items) and request.items is not None:
            _check_items(request, wire["items"])
        if isinstance(decision, Revise):
            known = parts_of(request.questions, request.subject, request.items)
            check_parts(decision.parts, known)
    except InvalidDecision as error:
        raise InvalidDecision(error.reason, review_id=request.review_id) from None
    wire |= {"review_id": request.review_id, "digest": request.digest, "round": request.round}
    if by is not None and not isinstance(by, str) and _is_reviewer(by):
        wire["by"] = by.id
        if by.roles and "roles" in _properties(request):
            wire["roles"] = list(by.roles)
    elif by is not None:
        if not isinstance(by, str) or is_blank(by):
            raise InvalidDecision(
                "by must be a text that is not blank", review_id=request.review_id
            )
        wire["by"] = by
    _check_voter(request, by)
    return Command(resume={request.interrupt_id: wire})


def remaining(request: ReviewRequest | Filed) -> list[str]:
    """The ids of the items that a request asks about: what no sitting has decided.

    Takes a review of an inbox too. Empty for one that is over, and for a request about anything but
    a list that is decided item by item (`plan_approval`).
    """
    if isinstance(request, ReviewRequest):
        items, subject = request.items, request.subject
    elif request.status != "pending":
        return []
    else:
        items, subject = request.request.get("items"), request.request["subject"]
    return [] if items is None else ids_of(subject, items["key"])


def _check_items(request: ReviewRequest, verdicts: dict[str, Any]) -> None:
    assert request.items is not None
    decided = in_words({entry["id"]: entry for entry in request.items["decided"]})
    allowed = tuple(request.items.get("allowed", ITEM_DECISIONS))
    rules = ItemRules(key=request.items["key"], allowed=allowed)
    checked_verdicts(verdicts, request.subject, decided, rules)


def _check_voter(request: ReviewRequest, by: str | Reviewer | None) -> None:
    """A vote that the panel does not count would only be asked for again."""
    panel = request.panel or {}
    if "by_name" not in panel:  # an inbox knows who decides
        return
    from langgraph_hitl.panels.who import holds, in_words
    from langgraph_hitl.review.reviewer import DIRECT, Identity

    voter: Voter = DIRECT if by is None else Identity(by) if isinstance(by, str) else by
    keys = panel["eligible"]
    if any(holds(key, voter, {}) for key in keys) and (by is not None or not panel["by_name"]):
        return
    whom = f"it takes {in_words(keys)}; " if "*" not in keys else ""
    roles = any(key.startswith("role:") for key in keys)
    cure = "by=Reviewer(id, roles=(...))" if roles else "by="
    problem = (
        f"a vote counts under the name of who gives it: {whom}say who decides with {cure}"
        if by is None
        else f"{voter.id!r} may not decide it: {whom}say who decides with {cure}"
    )
    raise InvalidDecision(problem, review_id=request.review_id)


def _is_reviewer(by: Any) -> bool:
    from langgraph_hitl.review.reviewer import Reviewer

    return isinstance(by, Reviewer)


def _properties(request: ReviewRequest) -> dict[str, Any]:
    properties: dict[str, Any] = (request.response_schema or {}).get("properties", {})
    return properties


def _check_checkpointer(app: Any) -> None:
    if getattr(app, "checkpointer", True) in (None, False):
        raise NoCheckpointer(
            "The graph has no checkpointer, so nothing can wait. "
            "Compile it with builder.compile(checkpointer=...)."
        )


def _failed(state: StateSnapshot) -> bool:
    """A task that failed still lists the interrupt that it had before it was answered."""
    return any(task.error for task in state.tasks)


def _interrupts(state: StateSnapshot) -> list[Interrupt]:
    """Those of the innermost tasks, where the state has them."""
    if not any(isinstance(task.state, StateSnapshot) for task in state.tasks):
        return list(state.interrupts)
    return [
        interrupt
        for task in state.tasks
        for interrupt in (
            _interrupts(task.state) if isinstance(task.state, StateSnapshot) else task.interrupts
        )
    ]


def _requests(interrupts: Iterable[Interrupt]) -> list[ReviewRequest]:
    found = (
        ReviewRequest.from_interrupt(
            interrupt.id, interrupt.value, getattr(interrupt, "response_schema", None)
        )
        for interrupt in interrupts
    )
    return [request for request in found if request is not None]
