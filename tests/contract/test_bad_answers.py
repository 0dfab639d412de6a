"""Answers that do not fit: refused before anything is saved; the right answer still works.

Over presets; what is refused differs only by what a preset allows, so its bad answers run in memory
alone, and those of human_approval on a sample of the rows.
"""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from langgraph.errors import is_invalid_resume
from langgraph.types import Command
from pydantic import ValidationError

from langgraph_hitl import (
    Approve,
    Choice,
    Choose,
    Edit,
    Reject,
    Respond,
    Revise,
    ask_human,
    confidence_escalation,
    human_approval,
    qa_sample,
    rated_feedback,
    resume,
)
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review import Decision, ReviewRequest
from tests.apps import State, one_gate
from tests.contract.presets import over_presets
from tests.drivers import Driver, Thread
from tests.savers import SAMPLE_ROWS
from tests.subject_presets import HUMAN_APPROVAL, SALT, SUBJECT_PRESETS, SubjectPreset

OURS: dict[str, Any] = {
    "text": "yes",
    "true": True,
    "zero": 0,
    "empty-text": "",
    "no-type": {"comment": "fine"},
    "unknown-type": {"type": "yes"},
    "type-list": {"type": ["approve"]},
    "unknown-field": {"type": "approve", "sure": True},
    "comment-no-text": {"type": "approve", "comment": 1},
    "not-allowed": {"type": "respond", "message": "x"},
    "revise-not-allowed": {"type": "revise", "feedback": "x"},
    "edit-without-value": {"type": "edit"},
    "edit-other-kind": {"type": "edit", "value": 5},
    "not-json": {"type": "edit", "value": float("nan")},
    "nul": {"type": "edit", "value": "a\x00b"},
    "too-large-integer": {"type": "reject", "message": "x", "rating": 2**63 - 1},
    "blank-by": {"type": "approve", "by": "  "},
}
MIDDLEWARE: dict[str, Any] = {
    "none": {"decisions": []},
    "two": {"decisions": [{"type": "approve"}, {"type": "approve"}]},
    "no-list": {"decisions": {"type": "approve"}},
    "no-object": {"decisions": ["approve"]},
    "beside": {"decisions": [{"type": "approve"}], "type": "approve"},
    "other-name": {
        "decisions": [{"type": "edit", "edited_action": {"name": "x", "args": {"draft": "y"}}}]
    },
    "other-args": {
        "decisions": [{"type": "edit", "edited_action": {"name": "post", "args": {"text": "y"}}}]
    },
    "half": {"decisions": [{"type": "edit", "edited_action": {"name": "post"}}]},
    "approve-with-edit": {
        "decisions": [
            {
                "type": "approve",
                "edited_action": {"name": "post", "args": {"draft": "y"}},
            }
        ]
    },
}
INBOX: dict[str, Any] = {
    "none": [],
    "two": [{"type": "accept", "args": None}, {"type": "accept", "args": None}],
    "no-object": ["accept"],
    "our-word": [{"type": "approve", "args": None}],
    "response-no-text": [{"type": "response", "args": {"a": 1}}],
    "edit-half": [{"type": "edit", "args": {"action": "post"}}],
    "edit-other-action": [{"type": "edit", "args": {"action": "x", "args": {"draft": "y"}}}],
    "beside": [{"type": "accept", "args": None, "by": "maria"}],
}
BAD = {
    f"{shape}-{name}": answer
    for shape, answers in (("ours", OURS), ("middleware", MIDDLEWARE), ("inbox", INBOX))
    for name, answer in answers.items()
}
FITS = {
    "human_approval": set[str](),
    "confidence_escalation": {"ours-not-allowed"},
    "qa_sample": {"ours-revise-not-allowed"},
}
"""Those of them that are no bad answers to a preset."""


def send_mapped(thread: Thread, answer: Any) -> None:
    thread.send(Command(resume={thread.request.interrupt_id: answer}))


def send_plain(thread: Thread, answer: Any) -> None:
    thread.plain(answer)


def refused(thread: Thread, send: Any, answer: Any) -> None:
    """`answer` is refused, nothing happens, and the question is still there."""
    request = thread.request
    with pytest.raises(Exception, match=r".") as caught:
        send(thread, answer)
    assert is_invalid_resume(caught.value), caught.value
    assert thread.ran == []
    assert thread.request == request


BAD_FOR_EACH = [
    pytest.param(row, preset, answer, id=f"{row.id}-{name}-{bad}")
    for row in SAMPLE_ROWS
    for name, preset in SUBJECT_PRESETS.items()
    for bad, answer in BAD.items()
    if bad not in FITS[name] and (preset is HUMAN_APPROVAL or row.saver == "memory")
]


@pytest.mark.parametrize("send", [send_plain, send_mapped])
@pytest.mark.parametrize(("sample", "preset", "answer"), BAD_FOR_EACH, indirect=["sample"])
def test_a_bad_answer_is_refused_and_the_right_one_works(
    sample: Driver, preset: SubjectPreset, answer: Any, send: Any
) -> None:
    thread = sample.thread(one_gate(preset("draft", action="post")))
    thread.send({"draft": "Hello"})
    refused(thread, send, answer)
    thread.decide(Approve())
    assert thread.ran == ["act:Hello"]
    assert len(thread.record["decisions"]) == 1


BAD_IN_EACH_SHAPE = [{"type": "yes"}, {"decisions": []}, [{"type": "yes", "args": None}]]
RIGHT_IN_EACH_SHAPE: list[tuple[Any, str]] = [
    ({"type": "edit", "value": "Hi"}, "act:Hi"),
    (
        {
            "decisions": [
                {"type": "edit", "edited_action": {"name": "post", "args": {"draft": "Hi"}}},
            ]
        },
        "act:Hi",
    ),
    (
        [{"type": "edit", "args": {"action": "post", "args": {"draft": "Hi"}}}],
        "act:Hi",
    ),
]


@over_presets()
@pytest.mark.parametrize("shape", [0, 1, 2], ids=["ours", "middleware", "inbox"])
@pytest.mark.parametrize("send", [send_plain, send_mapped])
def test_a_bad_answer_then_nothing_then_the_right_one(
    driver: Driver, shape: int, send: Any, preset: SubjectPreset
) -> None:
    """`invoke(None)` after a bad answer never approves; after a plain one it may raise again."""
    thread = driver.thread(one_gate(preset("draft", action="post")))
    thread.send({"draft": "Hello"})
    refused(thread, send, BAD_IN_EACH_SHAPE[shape])
    with contextlib.suppress(ValidationError):  # a plain answer stays until another replaces it
        thread.send(None)
    assert thread.ran == []
    right, ran = RIGHT_IN_EACH_SHAPE[shape]
    send(thread, right)
    assert thread.ran == [ran]
    assert len(thread.values["reviews"]) == 1


ESCALATION = confidence_escalation("draft", confidence="score")
QA = qa_sample("draft", rate=1.0, item_id="case", salt=SALT)


@pytest.mark.parametrize(
    ("gate", "ways", "bad"),
    [
        (rated_feedback("draft"), "improve", {"type": "approve", "rating": "incorrect"}),
        (rated_feedback("draft"), "improve", {"type": "revise", "rating": "correct"}),
        (rated_feedback("draft"), "improve", {"type": "revise", "rating": "so-so"}),
        (rated_feedback("draft"), "improve", {"type": "revise", "feedback": "  "}),
        (ask_human("?", answer=int), "answered", {"type": "respond", "message": "5"}),
        (ask_human("?", answer=int), "answered", {"type": "respond", "message": False}),
        (ask_human("?"), "answered", {"type": "respond", "message": " "}),
        (ask_human("?", answer=Choice("a", "b")), "chosen", {"type": "choose", "choices": ["c"]}),
        (ask_human("?", answer=Choice("a", "b")), "chosen", {"type": "choose", "choices": []}),
        (
            ask_human("?", answer=Choice("a", "b")),
            "chosen",
            {"type": "choose", "choices": ["a", "b"]},
        ),
        (human_approval("draft", edit_schema=int), "approved", {"type": "edit", "value": "x"}),
        (
            human_approval("draft", edit_schema={"type": "string", "maxLength": 2}),
            "approved",
            {"type": "edit", "value": "abc"},
        ),
        (ESCALATION, "approved", {"type": "respond", "message": 5}),
        (ESCALATION, "approved", {"type": "respond", "message": " "}),
        (ESCALATION, "approved", {"type": "respond"}),
        (ESCALATION, "approved", {"type": "revise", "feedback": "x"}),
        (QA, "approved", {"type": "respond", "message": "x"}),
        (QA, "approved", {"type": "edit", "value": "x"}),
        (QA, "approved", {"type": "revise", "feedback": " "}),
        (QA, "approved", [{"type": "response", "args": ""}]),
    ],
)
def test_a_bad_answer_to_each_kind_of_question(
    sample: Driver, gate: Any, ways: str, bad: Any
) -> None:
    names = {
        "improve": {"approved": "act", "improve": "a", "regenerate": "b"},
        "answered": {"answered": "a"},
        "chosen": {"chosen": "a"},
        "approved": {"approved": "act", "rejected": "stop"},
    }
    thread = sample.thread(one_gate(gate, names[ways]))
    thread.send({"draft": "Hello", "score": 0.4, "case": "item-1"})
    refused(thread, send_plain, bad)
    refused(thread, send_mapped, bad)


@pytest.mark.parametrize(
    "changed",
    [{"review_id": "rv-another"}, {"round": 1}, {"round": False}, {"digest": "sha256:0"}],
    ids=["review", "round", "round-false", "digest"],
)
@pytest.mark.parametrize("send", [send_plain, send_mapped])
def test_an_answer_to_something_else_is_refused(
    sample: Driver, changed: dict[str, Any], send: Any
) -> None:
    thread = sample.thread(one_gate(human_approval("draft")))
    thread.send({"draft": "Hello"})
    refused(thread, send, {"type": "approve", **changed})
    refused(thread, send, {"decisions": [{"type": "approve"}], **changed})


@over_presets()
def test_an_answer_to_an_old_round_is_refused(driver: Driver, preset: SubjectPreset) -> None:
    def rewrite(state: State) -> dict[str, Any]:
        return {"draft": state["draft"] + "!"}

    thread = driver.thread(one_gate(preset("draft", revise=rewrite)))
    thread.send({"draft": "Hello"})
    old = thread.request
    thread.decide(Revise("x"))
    wire = next(iter(resume(old, Approve()).resume.values()))  # type: ignore[union-attr]
    refused(thread, send_plain, wire)
    refused(thread, send_mapped, wire)
    thread.decide(Approve())
    assert thread.ran == ["act:Hello!"]


def test_the_reason_names_what_to_change(sample: Driver) -> None:
    thread = sample.thread(one_gate(human_approval("draft")))
    thread.send({"draft": "Hello"})
    with pytest.raises(Exception, match="allowed: approve, edit, reject") as caught:
        thread.plain({"type": "respond", "message": "x"})
    assert thread.request.review_id in str(caught.value)


@pytest.mark.parametrize(
    "decision",
    [
        Respond("x"),
        Revise("x"),
        Choose("a"),
        Edit(float("inf")),
        Edit(object()),
        Reject(5),  # type: ignore[arg-type]
    ],
    ids=["respond", "revise", "choose", "infinite", "object", "no-text"],
)
def test_resume_refuses_before_anything_is_sent(sample: Driver, decision: Decision) -> None:
    thread = sample.thread(one_gate(human_approval("draft")))
    thread.send({"draft": "Hello"})
    with pytest.raises(InvalidDecision):
        resume(thread.request, decision)
    with pytest.raises(InvalidDecision):
        resume(thread.request, {"type": "approve"})  # type: ignore[arg-type]


# Answers that come too late


@over_presets()
def test_two_answers_to_one_question_count_once(driver: Driver, preset: SubjectPreset) -> None:
    """Nothing is pending any more at the second one, so LangGraph does nothing, silently."""
    thread = driver.thread(one_gate(preset("draft")))
    thread.send({"draft": "Hello"})
    request = thread.request
    thread.answer((request, Approve()))
    thread.answer((request, Reject()))
    assert thread.ran == ["act:Hello"]
    assert thread.record["outcome"] == "approved"
    assert len(thread.values["reviews"]) == 1


@over_presets()
@pytest.mark.parametrize("plain", [False, True], ids=["mapped", "plain"])
def test_an_answer_to_a_review_that_is_over_is_refused_where_another_waits(
    driver: Driver, plain: bool, preset: SubjectPreset
) -> None:
    from tests.contract.test_nesting import two_gates_one_after_the_other

    thread = driver.thread(two_gates_one_after_the_other(preset))
    thread.send({"draft": "Hello"})
    old: ReviewRequest = thread.request
    thread.decide(Approve(), by="manager")
    second = thread.request
    wire = next(iter(resume(old, Approve()).resume.values()))  # type: ignore[union-attr]
    if plain:
        refused(thread, send_plain, wire)
    else:
        thread.answer((old, Approve()))  # an interrupt id that no longer waits: nothing happens
        assert thread.request == second
        refused(thread, send_mapped, wire)
    thread.decide(Approve(), by="director")
    assert thread.ran == ["act:Hello"]


@over_presets()
def test_an_empty_answer_is_none(driver: Driver, preset: SubjectPreset) -> None:
    """LangGraph takes `{}` for a map of no answers and asks again."""
    thread = driver.thread(one_gate(preset("draft")))
    thread.send({"draft": "Hello"})
    request = thread.request
    thread.plain({})
    assert thread.ran == []
    assert thread.request == request
    refused(thread, send_mapped, {})
    thread.decide(Approve())
    assert thread.ran == ["act:Hello"]


@over_presets()
def test_an_answer_when_nothing_waits_is_ignored_by_langgraph(
    driver: Driver, preset: SubjectPreset
) -> None:
    """LangGraph's behaviour: silence. An inbox would say that the review is over."""
    thread = driver.thread(one_gate(preset("draft")))
    thread.send({"draft": "Hello"})
    request = thread.request
    thread.answer((request, Approve()))
    for _ in range(2):
        thread.answer((request, Approve()))
        thread.plain({"type": "approve"})
    assert thread.ran == ["act:Hello"]
