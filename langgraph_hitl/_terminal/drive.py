"""`drive`: run a graph, put what it asks to a person, and go on with the answers."""

from __future__ import annotations

from typing import Any, Protocol

from langchain_core.runnables import RunnableConfig
from langgraph.errors import is_invalid_resume
from langgraph.types import StateSnapshot
from pydantic import ValidationError

from langgraph_hitl._terminal.person import Person
from langgraph_hitl._terminal.screen import Screen
from langgraph_hitl.errors import InvalidDecision, ReviewError
from langgraph_hitl.review.decision import Decision, to_json
from langgraph_hitl.review.request import ReviewRequest
from langgraph_hitl.threads import open_interrupts, pending, resume


class App(Protocol):
    """A compiled graph with a synchronous checkpointer."""

    def get_state(self, config: RunnableConfig, *, subgraphs: bool = False) -> StateSnapshot:
        """The newest state of the thread that `config` names."""
        ...

    def invoke(self, input: Any, config: RunnableConfig | None = None, /) -> Any:
        """Run until the end, or until something is asked."""
        ...


def drive(
    app: App,
    input: Any,
    config: RunnableConfig,
    *,
    person: Person,
    screen: Screen,
    by: str | None = None,
) -> Any:
    """The state at the end, or the state so far where the person ended it."""
    if (config.get("configurable") or {}).get("checkpoint_id"):
        # LangGraph replays what was decided there and ignores another answer silently.
        raise ReviewError("run_in_terminal goes on from the newest checkpoint; omit checkpoint_id")
    _start(app, input, config, screen)
    refused: str | None = None
    shown: str | None = None
    while requests := pending(app, config):
        request = requests[0]
        if request.interrupt_id != shown:
            screen.show(request, waiting=len(requests))
            shown, refused = request.interrupt_id, None
        decision = person.decide(request, refused)
        if decision is None:
            screen.say("Paused. Nothing is decided on this question; it stays open.", "bold")
            return app.get_state(config).values
        refused = _send(app, config, request, decision, screen, by)
        if refused is None:
            shown = None
    state = app.get_state(config)
    for interrupt in open_interrupts(app, config):
        screen.foreign(interrupt.value)
    return state.values


def _start(app: App, input: Any, config: RunnableConfig, screen: Screen) -> None:
    """Run up to the first question.

    New input would silently kill a question that waits, and would start a run over that a crash or
    a breakpoint has stopped, so neither happens.
    """
    state = app.get_state(config)
    if open_interrupts(app, config):
        if input is not None:
            screen.say("This thread waits for an answer already; the new input is not used.")
    elif state.next or state.tasks:
        if input is not None:
            screen.say("This thread stopped before its end; it goes on, the new input is not used.")
        app.invoke(None, config)
    else:
        app.invoke(input, config)


def _send(
    app: App,
    config: RunnableConfig,
    request: ReviewRequest,
    decision: Decision,
    screen: Screen,
    by: str | None,
) -> str | None:
    """Resume with the decision; why it was refused, or None."""
    try:
        command = resume(request, decision, by=by)
    except InvalidDecision as error:
        return error.reason
    if all(request.interrupt_id != other.interrupt_id for other in pending(app, config)):
        screen.say("Somebody else has answered this question meanwhile.", "yellow")
        return None
    try:
        app.invoke(command, config)
    except ValidationError as error:
        if not is_invalid_resume(error):
            raise
        return str(error.errors()[0]["msg"]).removeprefix(f"Review {request.review_id}: ")
    screen.say(f"Recorded: {to_json(decision)['type']}.", "green")
    return None
