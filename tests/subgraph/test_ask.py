"""A bad answer is refused before anything is saved: it bricks nothing and decides nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from langgraph_hitl import Approve, Edit, Reject, Revise, human_approval, last_message, resume
from langgraph_hitl.review import Decision
from tests.malformed import malformed
from tests.paused import App, Paused, chat, graph, pause
from tests.scale import scale
from tests.vocabulary import ESCALATION, HUMAN, QA, SUBJECT, Shape, Vocabulary

# Ours (a ValidationError is a ValueError); what LangGraph cannot serialise, or answers with None.
REFUSALS = (ValueError, TypeError, UnboundLocalError)
WAYS: dict[str, Any] = {
    "approve": {"approved": "publish"},
    "edit": {"edited": "publish_edited"},
    "reject": {"rejected": "archive"},
    "revise": {"needs_revision": "rewrite"},
    "respond": {"answered": "publish_answer"},
}
SHAPES: list[Shape] = ["ours", "middleware", "agent inbox"]
SENT = ["plain", "mapped"]
SAVERS = ["memory", "sqlite"]
EXAMPLES = -(-scale(10_000) // (len(SHAPES) * len(SENT) * len(SAVERS)))
OTHERS = [ESCALATION, QA]
FEWER = -(-scale(3_000) // (len(SHAPES) * len(SENT) * len(OTHERS)))
few = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def app_of(words: Vocabulary, saver: BaseCheckpointSaver[Any] | None = None) -> App:
    ways: dict[str, Any] = {}
    for kind in words.allowed:
        ways |= WAYS[kind]
    return graph(words.gate, saver=saver, **ways)


@pytest.fixture(scope="module", params=SAVERS)
def app(request: pytest.FixtureRequest) -> Iterator[App]:
    if request.param == "memory":
        yield app_of(HUMAN)
        return
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    yield app_of(HUMAN, SqliteSaver(connection))
    connection.close()


@pytest.fixture(scope="module", params=OTHERS, ids=lambda words: words.preset.name)
def other(request: pytest.FixtureRequest) -> tuple[Vocabulary, App]:
    return request.param, app_of(request.param)


def decided(words: Vocabulary, answer: Any) -> tuple[str, str]:
    """The outcome of a good answer, and the node it leads to."""
    inner = answer["decisions"][0] if "decisions" in answer else answer
    inner = inner[0] if isinstance(inner, list) else inner
    kind = {"accept": "approve", "ignore": "reject", "response": words.response}.get(inner["type"])
    ((outcome, node),) = WAYS[kind or inner["type"]].items()
    return outcome, node


def try_to(thread: Paused, step: Command[Any] | None) -> None:
    """An answer that is refused, or the attempt to go on; either may raise."""
    with contextlib.suppress(*REFUSALS):
        thread.app.invoke(step, thread.config)


def still_asked(thread: Paused) -> None:
    state = thread.state()
    assert "review" not in state
    assert "went" not in state
    assert state["draft"] == SUBJECT


@pytest.mark.timeout(600)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sent", SENT)
@settings(few, max_examples=EXAMPLES)
@given(data=st.data())
def test_a_malformed_answer_bricks_nothing_and_decides_nothing(
    app: App, shape: Shape, sent: str, data: st.DataObject
) -> None:
    refused_and_then_answered(HUMAN, app, shape, sent, data)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sent", SENT)
@settings(few, max_examples=FEWER)
@given(data=st.data())
def test_nor_does_one_at_a_preset_with_other_words(
    other: tuple[Vocabulary, App], shape: Shape, sent: str, data: st.DataObject
) -> None:
    """In memory: what is malformed there differs by the words, and not by the saver."""
    refused_and_then_answered(*other, shape, sent, data)


def refused_and_then_answered(
    words: Vocabulary, app: App, shape: Shape, sent: str, data: st.DataObject
) -> None:
    thread = Paused(app, {"draft": SUBJECT})
    request = thread.request
    bad = data.draw(malformed(words)[shape], label="malformed")
    resume_value = bad if sent == "plain" else {request.interrupt_id: bad}
    try_to(thread, Command(resume=resume_value))
    still_asked(thread)
    try_to(thread, None)
    still_asked(thread)

    good = data.draw(st.sampled_from([a for shape in SHAPES for a in words.good[shape]]))
    right = good if data.draw(st.booleans(), label="plain") else {request.interrupt_id: good}
    state = thread.send(Command(resume=right))
    assert (state["review"]["outcome"], state["went"]) == decided(words, good)
    assert len(state["reviews"]) == 1


@pytest.mark.parametrize("words", [HUMAN, *OTHERS], ids=lambda words: words.preset.name)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sent", SENT)
def test_the_good_answers_of_those_tests_are_good(
    words: Vocabulary, shape: Shape, sent: str
) -> None:
    for good in words.good[shape]:
        thread = Paused(app_of(words), {"draft": SUBJECT})
        state = thread.plain(good) if sent == "plain" else thread.mapped(good)
        assert (state["review"]["outcome"], state["went"]) == decided(words, good)


def test_a_bad_answer_raises_with_the_reason_and_what_is_allowed() -> None:
    thread = pause(human_approval("draft", allowed_decisions=["approve", "reject"]))
    with pytest.raises(ValueError, match="edit is not allowed here; allowed: approve, reject"):
        thread.mapped({"type": "edit", "value": "x"})
    with pytest.raises(ValueError, match="unknown decision type 'ok'; known: approve, edit"):
        thread.plain({"type": "ok"})


def test_a_bad_plain_answer_is_replaced_by_a_good_one() -> None:
    thread = pause(human_approval("draft"))
    for bad in ("yes", 5, ["x"], {"type": "Approve"}):
        with pytest.raises(ValueError, match="Review rv-"):
            thread.plain(bad)
    assert thread.plain({"type": "approve"})["review"]["outcome"] == "approved"


def test_the_question_stays_the_same_after_a_bad_answer() -> None:
    thread = pause(human_approval("draft"))
    before = thread.request
    with pytest.raises(ValueError, match="an answer is an object"):
        thread.mapped("yes")
    assert thread.request == before


@pytest.mark.parametrize("nothing", [None, {}, [], 0, False, ""])
def test_an_empty_mapped_answer_decides_nothing(nothing: Any) -> None:
    thread = pause(human_approval("draft"))
    with pytest.raises(ValueError, match="Review rv-"):
        thread.mapped(nothing)
    assert thread.outcome() is None


def test_an_answer_to_an_earlier_round_is_refused() -> None:
    rewritten = iter(["Second", "Third"])
    thread = pause(
        human_approval("draft", revise=lambda state: {"draft": next(rewritten)}, reads=("draft",))
    )
    first = thread.request
    thread.send(resume(first, Revise("shorter")))
    second = thread.request
    assert (second.review_id, second.round, second.subject) == (first.review_id, 1, "Second")
    stale = resume(first, Approve()).resume
    assert isinstance(stale, dict)
    (answer,) = stale.values()
    with pytest.raises(ValueError, match="read the review again"):
        thread.mapped(answer)
    assert thread.outcome() is None
    assert thread.send(resume(second, Approve()))["review"]["outcome"] == "approved"


def test_an_unknown_interrupt_id_decides_nothing() -> None:
    thread = pause(human_approval("draft"))
    thread.send(Command(resume={"0" * 32: {"type": "approve"}}))
    assert thread.outcome() is None


@pytest.mark.parametrize("decision", [Approve(), Edit("x"), Reject("no")])
def test_an_answer_after_the_end_changes_nothing(decision: Decision) -> None:
    thread = pause(human_approval("draft"))
    request = thread.request
    thread.send(resume(request, Reject()))
    before = thread.state()
    thread.send(resume(request, decision))
    assert thread.state() == before


def test_the_schema_travels_with_the_question() -> None:
    thread = pause(human_approval("draft", allowed_decisions=["approve", "reject"]))
    schema = thread.request.response_schema
    assert schema is not None
    kinds = [shape["properties"]["type"]["const"] for shape in schema["oneOf"]]
    assert kinds == ["approve", "reject"]


def test_an_edit_against_the_edit_schema_is_refused_before_it_is_saved() -> None:
    thread = pause(human_approval("draft", edit_schema=int), {"draft": 5})
    for wrong in ("7", 7.5, True, None):
        with pytest.raises(ValueError, match="the value does not fit"):
            thread.mapped({"type": "edit", "value": wrong})
    assert thread.mapped({"type": "edit", "value": 7})["draft"] == 7


@pytest.mark.parametrize("value", [[1], [None], [["nested"]]])
def test_an_edit_that_is_no_message_is_refused_and_bricks_nothing(value: Any) -> None:
    thread = chat(human_approval(last_message()))
    with pytest.raises(ValueError, match="the value does not fit"):
        thread.mapped({"type": "edit", "value": value})
    assert thread.mapped({"type": "approve"})["review"]["outcome"] == "approved"


@pytest.mark.parametrize(
    "bad",
    [
        {"type": "approve", "comment": "\ud800"},
        {"type": "edit", "value": "\ud800x"},
        {"decisions": [{"type": "approve", "comment": "\udfff"}]},
        [{"type": "response", "args": "\ud800"}],
    ],
)
def test_a_refused_plain_answer_does_not_count_later_in_another_form(bad: Any) -> None:
    """LangGraph stores a plain answer before it is checked, a lone surrogate as `?`."""
    thread = Paused(app_of(HUMAN), {"draft": SUBJECT})
    with pytest.raises(ValueError, match="lone surrogate"):
        thread.plain(bad)
    with contextlib.suppress(ValueError):
        thread.app.invoke(None, thread.config)
    still_asked(thread)
