"""A graph has one inbox and one name there, so that nobody goes past what others see of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl import Inbox, supervised
from langgraph_hitl.errors import InboxError, ThreadStopped
from langgraph_hitl.inbox._run.binding import bound_to
from tests.inbox.oversight.layers import Shape, build

CONFIG: Any = {"configurable": {"thread_id": "t"}}
MEMORY = "sqlite:///:memory:"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox.open(MEMORY) as opened:
        yield opened


@pytest.fixture
def other() -> Iterator[Inbox]:
    with Inbox.open(MEMORY) as opened:
        yield opened


def graph(note: Callable[[str], None] = lambda _: None, saver: Any = None) -> Any:
    return build(Shape(((0,), (0,))), note).compile(checkpointer=saver or InMemorySaver())


def stopped(inbox: Inbox, ran: list[str]) -> Any:
    """A supervised graph named `line`, whose thread was stopped after its first node."""

    def note(name: str) -> None:
        ran.append(name)
        if len(ran) == 1:
            inbox.stop("t", by="maria", reason="over")

    app = supervised(graph(note), inbox=inbox, name="line")
    with pytest.raises(ThreadStopped):
        app.invoke({"ran": []}, CONFIG)
    return app


BINDS: dict[str, Callable[[Inbox, Any, str], Any]] = {
    "register": lambda inbox, app, name: inbox.register(app, name),
    "watch": lambda inbox, app, name: inbox.watch(app, name),
    "supervised": lambda inbox, app, name: supervised(app, inbox=inbox, name=name),
}


@pytest.mark.parametrize("how", [*BINDS])
def test_under_another_name_it_is_refused(inbox: Inbox, how: str) -> None:
    ran: list[str] = []
    app = stopped(inbox, ran)
    for each in (app, app.with_config(tags=["a"]), app.copy()):
        with pytest.raises(InboxError, match="registered as 'line' already"):
            BINDS[how](inbox, each, "other")
        with pytest.raises(ThreadStopped):
            each.invoke(None, CONFIG)
    assert (ran, inbox._office.registry.names) == (["n0_0"], ("line",))


@pytest.mark.parametrize("how", [*BINDS])
def test_with_another_inbox_it_is_refused(inbox: Inbox, other: Inbox, how: str) -> None:
    ran: list[str] = []
    app = stopped(inbox, ran)
    with pytest.raises(InboxError, match="belongs to another inbox"):
        BINDS[how](other, app, "line")
    with pytest.raises(ThreadStopped):
        app.invoke(None, CONFIG)
    assert (ran, other._office.registry.names) == (["n0_0"], ())


@pytest.mark.parametrize("how", [*BINDS])
@pytest.mark.parametrize("name", ["line", None])
def test_once_more_as_before_changes_nothing(inbox: Inbox, how: str, name: Any) -> None:
    ran: list[str] = []
    app = stopped(inbox, ran)
    assert BINDS[how](inbox, app, name) is app
    bound = bound_to(app)
    assert bound is not None
    assert (bound.office, bound.name) == (inbox._office, "line")
    with pytest.raises(ThreadStopped):
        app.invoke(None, CONFIG)
    assert ran == ["n0_0"]


@pytest.mark.parametrize("how", [*BINDS])
def test_after_its_inbox_was_closed_it_is_free(tmp_path: Path, how: str) -> None:
    url, ran = f"sqlite:///{tmp_path}/reviews.db", list[str]()
    with SqliteSaver.from_conn_string(f"{tmp_path}/threads.db") as saver:
        app = graph(ran.append, saver)
        with Inbox.open(url) as first:
            supervised(app, inbox=first, name="line")
        with Inbox.open(url) as second:
            assert BINDS[how](second, app, "line") is app
            app.invoke({"ran": []}, CONFIG)
            bound = bound_to(app)
            assert bound is not None
            assert bound.office is second._office
    assert ran == ["n0_0", "n1_0"]
