"""`run_in_terminal`: a graph with a person at the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig

from langgraph_hitl.errors import MissingExtra

if TYPE_CHECKING:
    from langgraph_hitl._terminal.drive import App


def run_in_terminal(app: App, input: Any, config: RunnableConfig, *, by: str | None = None) -> Any:
    """Run a graph and put every review that it asks for to the person at the terminal.

    Each request is shown with its subject, context and, after a revision, what changed; several
    from parallel branches one after the other. An answer that does not fit is explained and asked
    again, and an empty line decides nothing. Through a pipe, answers are read line by line.

    Args:
        app: The compiled graph, with a checkpointer that works synchronously.
        input: The input of a new run, or None to go on. Where the thread waits for an answer, or
            stopped before its end, it goes on from there and `input` is not used: new input would
            kill the open question.
        config: Names the thread, as for `invoke`.
        by: Who decides. A claim, as good as the code that passes it.

    Returns:
        The values of the state at the end; or those so far, with the question still open, where
        the person ended it (`q`, Ctrl-C, end of input). `pending(app, config)` tells which.

    Raises:
        MissingExtra: rich is not installed (extra `[cli]`).
        ReviewError: `config` names an old checkpoint.

    ```python
    state = run_in_terminal(app, {"draft": "Hello"}, config)
    ```
    """
    try:
        from langgraph_hitl._terminal.drive import drive
        from langgraph_hitl._terminal.keyboard import Keyboard
        from langgraph_hitl._terminal.screen import Screen
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "rich":
            raise
        raise MissingExtra("run_in_terminal", extra="cli") from None
    screen = Screen()
    return drive(app, input, config, person=Keyboard(screen), screen=screen, by=by)
