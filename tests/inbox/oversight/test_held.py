"""A hold is one of the thread, by whatever name its graph is run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from langgraph_hitl import Approve, Inbox, Reviewer, supervised
from langgraph_hitl.errors import ThreadPaused, ThreadStopped
from tests.inbox.oversight.layers import Shape, build
from tests.inbox.oversight.test_steer import ask_first

CONFIG: Any = {"configurable": {"thread_id": "t"}}
ED = Reviewer("ed", roles=("editors",))
BINDS: dict[str, Callable[[Inbox, Any], Any]] = {
    "register": lambda inbox, app: inbox.register(app, "other"),
    "watch": lambda inbox, app: inbox.watch(app, "other"),
    "supervised": lambda inbox, app: supervised(app, inbox=inbox, name="other"),
}
INPUTS: list[Any] = [None, {"ran": []}]


class Twice:
    """One graph compiled twice over one saver; a run of the first one is held in its first node."""

    def __init__(self, hold: str) -> None:
        self.inbox, self.saver = Inbox.open("sqlite:///:memory:"), InMemorySaver()
        self.ran: list[str] = []
        self.hold: str | None = hold
        self.app = supervised(self.compiled(), inbox=self.inbox, name="line")

    def compiled(self) -> Any:
        return build(Shape(((0,), (0,), (0,))), self._note).compile(checkpointer=self.saver)

    def _note(self, name: str) -> None:
        self.ran.append(name)
        if self.hold is not None:
            act, self.hold = self.hold, None
            getattr(self.inbox, act)("t", graph="line", by="maria", reason="odd")


@pytest.mark.parametrize("how", [*BINDS])
@pytest.mark.parametrize(("hold", "error"), [("pause", ThreadPaused), ("stop", ThreadStopped)])
def test_a_fresh_graph_of_another_name_is_held_too(how: str, hold: str, error: Any) -> None:
    twice = Twice(hold)
    with pytest.raises(error):
        twice.app.invoke({"ran": []}, CONFIG)
    other = BINDS[how](twice.inbox, twice.compiled())
    for given in INPUTS:
        with pytest.raises(error, match="maria"):
            other.invoke(given, CONFIG)
    assert twice.inbox.work().runs == 0
    assert twice.ran == ["n0_0"]
    assert twice.inbox.verify()


def test_what_was_resumed_runs_by_either_name() -> None:
    twice = Twice("pause")
    with pytest.raises(ThreadPaused):
        twice.app.invoke({"ran": []}, CONFIG)
    other = supervised(twice.compiled(), inbox=twice.inbox, name="other")
    del twice.inbox._office.registry._apps["line"]
    twice.inbox.resume("t", by="maria")
    other.invoke(None, CONFIG)
    assert twice.ran == ["n0_0", "n1_0", "n2_0"]


@pytest.mark.parametrize(("hold", "status"), [("pause", "running"), ("stop", "left")])
def test_a_run_that_goes_on_by_another_name_is_held_at_its_next_step(
    hold: str, status: str
) -> None:
    twice, act = Twice("pause"), hold
    with pytest.raises(ThreadPaused):
        twice.app.invoke({"ran": []}, CONFIG)
    other = supervised(twice.compiled(), inbox=twice.inbox, name="other")
    apps = twice.inbox._office.registry._apps
    elsewhere = apps.pop("line")
    twice.inbox.resume("t", by="maria")
    twice.hold = act
    with pytest.raises((ThreadPaused, ThreadStopped)):
        other.invoke(None, CONFIG)
    apps["line"] = elsewhere
    for _ in range(2):
        twice.inbox.work()
    assert twice.ran == ["n0_0", "n1_0"]
    assert twice.inbox.run("t", graph="other").status == status
    if hold == "pause":
        twice.inbox.resume("t", graph="line", by="maria")
        twice.inbox.work()
        assert twice.ran == ["n0_0", "n1_0", "n2_0"]
        assert twice.inbox.run("t", graph="other").status == "finished"
    assert twice.inbox.verify()


def test_the_hold_of_its_own_graph_is_told_first_but_an_end_before_it() -> None:
    inbox = Inbox.open("sqlite:///:memory:")
    apps = {}
    for name in ("one", "two", "three"):
        app = build(Shape(((0,),)), lambda _: None).compile(checkpointer=InMemorySaver())
        apps[name] = supervised(app, inbox=inbox, name=name)
        apps[name].invoke({"ran": []}, CONFIG)
    inbox.pause("t", graph="one", by="jo", reason="odd")
    inbox.pause("t", graph="two", by="maria", reason="odd")
    for name, who in (("one", "jo"), ("two", "maria"), ("three", "jo")):
        with pytest.raises(ThreadPaused, match=f"by {who}"):
            apps[name].invoke({"ran": []}, CONFIG)
    inbox.stop("t", graph="three", by="zoe", reason="over")
    for app in apps.values():
        with pytest.raises(ThreadStopped, match="by zoe"):
            app.invoke({"ran": []}, CONFIG)


def test_a_decision_on_a_thread_that_another_graph_holds_waits() -> None:
    inbox = Inbox.open("sqlite:///:memory:")
    app = ask_first(inbox)
    app.invoke({"draft": ""}, CONFIG)
    line = build(Shape(((0,),)), lambda _: None).compile(checkpointer=InMemorySaver())
    supervised(line, inbox=inbox, name="line").invoke({"ran": []}, CONFIG)
    inbox.pause("t", graph="line", by="maria", reason="odd")
    (review,) = inbox.pending()
    assert inbox.decide(review.id, Approve(), by=ED).status == "settled"
    assert inbox.work().held == 1
    inbox.resume("t", graph="line", by="maria")
    inbox.work()
    assert inbox.get(review.id).status == "applied"
