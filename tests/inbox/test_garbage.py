"""Whatever an option of an inbox gets, what comes back is an error of the package that names it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from langgraph_hitl import Approve, Inbox, Reviewer, human_approval
from langgraph_hitl.errors import HitlError, UnknownReview, UnknownRun
from langgraph_hitl.inbox.supervised import supervised
from langgraph_hitl.precedents import by_keys
from tests.apps import one_gate

GARBAGE: Mapping[str, Any] = {
    "none": None,
    "true": True,
    "minus": -1,
    "many": 10**400,
    "nan": math.nan,
    "infinite": math.inf,
    "empty": "",
    "long": "x" * 300,
    "surrogate": "\ud800",
    "nul": "a\0b",
    "bytes": b"x",
    "list": ["a"],
    "pairs": [(5, 5)],
    "dict": {"a": 1},
    "naive": datetime(2026, 1, 1),  # a moment without a zone
    "last": datetime.max.replace(tzinfo=UTC),
    "longest": timedelta.max,
    "type": int,
    "function": lambda: None,
    "object": object(),
}
UNFIT = ("bytes", "dict", "object", "many")
"""What fits nothing that is asked for."""

BOSS = Reviewer("boss", roles="board")


class World:
    """An inbox with a review that waits, and one that is over."""

    def __init__(self) -> None:
        self.inbox = Inbox.open("sqlite:///:memory:", overrides="board")
        build = one_gate(human_approval("draft", action="post", inbox=self.inbox))
        self.app = self.inbox.register(build().compile(checkpointer=InMemorySaver()), "app")
        for thread in ("a", "b"):
            self.app.invoke({"draft": "Hello"}, {"configurable": {"thread_id": thread}})
        held = supervised(
            build().compile(checkpointer=InMemorySaver()), inbox=self.inbox, name="held"
        )
        self.over, self.open = self.inbox.pending()
        for thread in ("paused", "waiting"):
            held.invoke({"draft": "Hello"}, {"configurable": {"thread_id": thread}})
        self.inbox.pause("paused", by="ann", reason="asked for")
        self.inbox.decide(self.over, Approve("fine"), by="ann")

    def usual(self, method: str) -> dict[str, Any]:
        """What a method has to be given, such that it does what it is for."""
        usual = {
            "action": "post",
            "app": self.app,
            "by": BOSS if method == "override" else "ann",
            "decision": Approve(),
            "decisions": [],
            "how": by_keys("draft"),
            "kind": "edits",
            "older_than": "90d",
            "reason": "asked for",
            "review_id": self.over.id if method in ("executed", "redact") else self.open.id,
            "thread": "paused" if method in ("resume", "steer") else "waiting",
            "to": None,
        }
        options = inspect.signature(getattr(Inbox, method)).parameters.values()
        return {
            option.name: usual[option.name]
            for option in options
            if option.name != "self" and option.default is option.empty
        } | ({"name": "app"} if method in ("register", "watch") else {})


def methods() -> Iterator[str]:
    for name, method in inspect.getmembers(Inbox, inspect.isfunction):
        # The asynchronous twins check nothing by themselves; `clerk` and `enlist` are for gates.
        waits = inspect.iscoroutinefunction(method)
        if not name.startswith("_") and not waits and name not in ("clerk", "close", "enlist"):
            yield name


OPTIONS = [
    (name, option)
    for name in methods()
    for option in [*inspect.signature(getattr(Inbox, name)).parameters][1:]
    if name != "open"
]
ANYTHING = {("executed", "result"): "any JSON", ("executed", "error"): "written as a text"}


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    made = World()
    with made.inbox:
        yield made


def said(error: HitlError) -> str:
    assert len(str(error)) < 600, str(error)[:900]
    return str(error)


@pytest.mark.parametrize(("method", "option"), OPTIONS)
def test_an_option_of_a_method(method: str, option: str) -> None:
    world = World()
    for given in GARBAGE.values():
        try:
            getattr(world.inbox, method)(**world.usual(method) | {option: given})
        except HitlError as error:
            said(error)
        else:
            world = World()


@pytest.mark.parametrize("word", UNFIT)
@pytest.mark.parametrize(("method", "option"), [each for each in OPTIONS if each not in ANYTHING])
def test_what_fits_nothing_is_refused_by_name(
    shared: World, method: str, option: str, word: str
) -> None:
    arguments = shared.usual(method) | {option: GARBAGE[word]}
    with pytest.raises(HitlError) as raised:
        getattr(shared.inbox, method)(**arguments)
    if not isinstance(raised.value, UnknownReview | UnknownRun):
        assert option in said(raised.value)
    assert shared.inbox.get(shared.open.id) == shared.open


OPENED = [*inspect.signature(Inbox.open).parameters]


@pytest.mark.parametrize("word", UNFIT)
@pytest.mark.parametrize("option", OPENED)
def test_an_option_of_open(option: str, word: str) -> None:
    arguments = {"url": "sqlite:///:memory:", option: GARBAGE[word]}
    with pytest.raises(HitlError) as raised:
        Inbox.open(**arguments)
    assert (option if option != "url" else "URL") in said(raised.value)


@pytest.mark.parametrize("word", [word for word, given in GARBAGE.items() if not callable(given)])
@pytest.mark.parametrize("option", OPENED)
def test_open_gets_anything(option: str, word: str) -> None:
    try:
        Inbox.open(**{"url": "sqlite:///:memory:", option: GARBAGE[word]}).close()
    except HitlError as error:
        said(error)
