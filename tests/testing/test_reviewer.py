"""`ScriptedReviewer` answers what a person may decide, by rule or by script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

from langgraph_hitl import Approve, Reject, Reviewer, Revise, human_approval
from langgraph_hitl.errors import AlreadyDecided, InvalidDecision
from langgraph_hitl.inbox import Inbox, Review
from langgraph_hitl.panels import quorum
from langgraph_hitl.testing import ScriptedReviewer
from tests.apps import one_gate
from tests.drivers import App


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:") as opened:
        yield opened


def config(thread: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread}}


def asked(inbox: Inbox, *threads: str, **options: Any) -> App:
    gate = human_approval("draft", inbox=inbox, **options)
    app = inbox.register(one_gate(gate)().compile(checkpointer=InMemorySaver()), "app")
    for thread in threads:
        app.invoke({"draft": f"Hello {thread}"}, config(thread))
    return app


def ran(app: App, thread: str) -> list[str]:
    found: list[str] = app.get_state(config(thread)).values["ran"]
    return found


def test_one_decision_for_every_review(inbox: Inbox) -> None:
    app = asked(inbox, "1", "2")
    results = ScriptedReviewer("maria", Approve()).answer(inbox)
    assert [item.review.status for item in results if item.review] == ["applied", "applied"]
    assert [ran(app, thread) for thread in "12"] == [["act:Hello 1"], ["act:Hello 2"]]


def test_a_script_answers_in_order_and_leaves_the_rest(inbox: Inbox) -> None:
    app = asked(inbox, "1", "2", "3")
    maria = ScriptedReviewer("maria", [Reject(), Approve()])
    assert len(maria.answer(inbox)) == 2
    assert [ran(app, thread) for thread in "12"] == [["stop:Hello 1"], ["act:Hello 2"]]
    assert [review.thread_id for review in inbox.pending()] == ["3"]
    assert maria.answer(inbox) == []


def test_a_rule_may_leave_a_review_and_take_it_later(inbox: Inbox) -> None:
    asked(inbox, "1", "2")
    patience = {"1"}

    def rule(review: Review) -> Approve | None:
        return None if review.thread_id in patience else Approve()

    maria = ScriptedReviewer("maria", rule)
    assert len(maria.answer(inbox)) == 1
    patience.clear()
    assert len(maria.answer(inbox)) == 1
    assert inbox.pending() == []


def test_answering_all_follows_new_versions(inbox: Inbox) -> None:
    app = asked(inbox, "1", revise=lambda state: {"draft": state["draft"] + "!"}, reads=("draft",))
    maria = ScriptedReviewer("maria", [Revise("louder"), Revise("louder"), Approve()])
    assert len(maria.answer_all(inbox)) == 3
    assert ran(app, "1") == ["act:Hello 1!!"]


def test_only_what_the_person_may_decide(inbox: Inbox) -> None:
    asked(inbox, "1", reviewers="legal")
    assert ScriptedReviewer("maria", Approve()).answer(inbox) == []
    assert len(ScriptedReviewer(Reviewer("jo", "legal"), Approve()).answer(inbox)) == 1


def test_a_version_is_answered_once_while_a_panel_waits(inbox: Inbox) -> None:
    app = asked(inbox, "1", reviewers=quorum(2, of=3))
    maria, jo = (ScriptedReviewer(name, Approve()) for name in ("maria", "jo"))
    assert len(maria.answer(inbox)) == 1
    assert maria.answer(inbox) == []
    (item,) = jo.answer(inbox)
    assert item.review is not None
    assert item.review.status == "applied"
    assert ran(app, "1") == ["act:Hello 1"]


def test_filters_of_the_list(inbox: Inbox) -> None:
    asked(inbox, "1", "2")
    (item,) = ScriptedReviewer("maria", Approve()).answer(inbox, thread="2")
    assert item.review is not None
    assert item.review.thread_id == "2"


def test_more_reviews_than_a_page_has(inbox: Inbox) -> None:
    asked(inbox, *map(str, range(60)))
    assert len(ScriptedReviewer("maria", Approve()).answer(inbox)) == 60


def test_an_answer_that_came_too_late_is_a_result(inbox: Inbox) -> None:
    asked(inbox, "1")

    def rule(review: Review) -> Reject:
        inbox.decide(review.id, Approve(), by="jo")
        return Reject()

    (item,) = ScriptedReviewer("maria", rule).answer(inbox)
    assert isinstance(item.error, AlreadyDecided)
    assert item.error.by == "jo"


def test_an_answer_that_does_not_fit_is_a_result(inbox: Inbox) -> None:
    asked(inbox, "1")
    (item,) = ScriptedReviewer("maria", Revise("louder")).answer(inbox)
    assert isinstance(item.error, InvalidDecision)


def test_a_rule_without_an_end_is_stopped(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langgraph_hitl.testing.reviewer._MOST", 3)
    louder: Any = {"revise": lambda state: {"draft": state["draft"] + "!"}, "reads": ("draft",)}
    asked(inbox, "1", max_revisions=9, **louder)
    with pytest.raises(RuntimeError, match="maria"):
        ScriptedReviewer("maria", Revise("louder")).answer_all(inbox)


async def test_the_asynchronous_face(inbox: Inbox) -> None:
    gate = human_approval("draft", inbox=inbox)
    app = inbox.register(one_gate(gate)().compile(checkpointer=InMemorySaver()), "app")
    await app.ainvoke({"draft": "Hello"}, config("1"))
    (item,) = await ScriptedReviewer("maria", Approve()).aanswer(inbox)
    assert item.review is not None
    assert (await app.aget_state(config("1"))).values["ran"] == ["act:Hello"]


def test_what_is_no_decision_is_refused() -> None:
    wrong: Any = ["approve"]
    with pytest.raises(ValueError, match="decision"):
        ScriptedReviewer("maria", wrong)
