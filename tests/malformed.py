"""Answers that are wrong by construction, for a gate on a text.

Nothing here asks the package what is malformed: a strategy starts from a good answer and breaks it
in a way that leaves no good reading, takes one that is good only where more is allowed, or builds
JSON that has none of the three shapes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

from hypothesis import strategies as st

from tests.strategies import JSON, TEXT
from tests.vocabulary import ACTION, EDITED, INBOX, OURS, RESPONSE, Shape, Vocabulary

Answer = st.SearchStrategy[Any]

_WORDS = {"approve", "edit", "reject", "revise", "respond", "accept", "ignore", "response"}
_WITH_A_MESSAGE = {"reject", "respond"}
_FIELDS = {
    "type",
    "value",
    "comment",
    "message",
    "rating",
    "feedback",
    "parts",
    "choices",
    "args",
    "edited_action",
    "decisions",
    "review_id",
    "digest",
    "round",
    "by",
}


def _no_word(text: str) -> bool:
    return text not in _WORDS


def _no_field(name: str) -> bool:
    return name not in _FIELDS


def _not_draft(key: str) -> bool:
    return key != "draft"


LIST_SHAPED_APPROVAL = st.sampled_from([["approve"], ["type", "approve"], [["accept"]]])

NOT_A_TEXT: Answer = st.one_of(
    st.booleans(),
    st.integers(-5, 5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(TEXT, max_size=2),
    st.dictionaries(TEXT, TEXT, max_size=2),
)
UNSTORABLE: Answer = st.sampled_from(
    [
        float("nan"),
        float("inf"),
        float("-inf"),
        2**64,
        -(2**63) - 1,
        10**30,
        "a\x00b",
        "\ud800",
        {"\udfff": 1},
        {"\x00": 1},
    ]
)
STRANGE_WORDS = st.one_of(
    st.sampled_from(
        [
            "Approve",
            "APPROVE",
            " approve",
            "approve ",
            "approve\n",
            "approved",
            "accepted",
            "Accept",
            " accept",
            "yes",
            "ok",
            "true",
            "Respond",
            "choose",
            "defer",
            "escalate",
            "abstain",
            "items",
            "",
            "apprоve",  # a Cyrillic letter
            "ａpprove",  # a wide one
            "аccept",
        ]
    ),
    TEXT.filter(_no_word),
)
STRANGE_TYPES: Answer = st.one_of(STRANGE_WORDS, NOT_A_TEXT, st.none())
STRANGE_NAMES = st.one_of(
    st.sampled_from(
        [
            "Type",
            "decision",
            "Decisions",
            "answer",
            "approved",
            "Comment",
            "mesage",
            "value_",
            "edited",
            "schema_version",
            "interrupt_id",
        ]
    ),
    TEXT.filter(_no_field),
)
WRONG_ENVELOPE: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"review_id": "rv-0"},
        {"review_id": ""},
        {"review_id": None},
        {"review_id": ["rv"]},
        {"digest": "sha256:0"},
        {"digest": None},
        {"digest": 0},
        {"round": 1},
        {"round": -1},
        {"round": "0"},
        {"round": False},
        {"round": 0.0},
        {"round": None},
        {"round": 2**64},
        {"by": ""},
        {"by": " "},
        {"by": 5},
        {"by": ["maria"]},
        {"by": False},
    ]
)


def _deep(levels: int) -> Any:
    value: Any = "x"
    for level in range(levels):
        value = [value] if level % 2 else {"x": value}
    return value


TOO_DEEP = st.integers(80, 400).map(_deep)


@st.composite
def broken_object(draw: st.DrawFn, good: dict[str, Any]) -> dict[str, Any]:
    """One decision in our words, with one thing wrong."""
    answer = dict(good)
    ways: list[Callable[[], dict[str, Any]]] = [
        lambda: answer | {"type": draw(STRANGE_TYPES)},
        lambda: {key: item for key, item in answer.items() if key != "type"},
        lambda: answer | {draw(STRANGE_NAMES): draw(JSON)},
        lambda: answer | draw(WRONG_ENVELOPE),
        lambda: answer | {draw(STRANGE_NAMES): draw(UNSTORABLE)},
        lambda: answer | {"args": draw(JSON)},
        lambda: answer | {"choices": ["approve"]},
        lambda: answer | {"feedback" if answer["type"] in _WITH_A_MESSAGE else "message": "x"},
        lambda: answer | {"decisions": draw(st.sampled_from([None, {}, "approve", True, []]))},
        lambda: answer | {"decisions": [{"type": "approve"}]},
        lambda: answer | {"edited_action": draw(JSON)},
        lambda: answer | {"rating": draw(st.sampled_from(["good", 1, True, [], {}, "Correct"]))},
    ]
    match answer["type"]:
        case "approve":
            ways += [
                lambda: answer | {"comment": draw(NOT_A_TEXT | UNSTORABLE_TEXT)},
                lambda: answer | {"rating": "incorrect"},
                lambda: answer | {"value": draw(JSON)},
                lambda: answer | {"feedback": "no"},
            ]
        case "edit" if "value" in answer:
            ways += [
                lambda: {key: item for key, item in answer.items() if key != "value"},
                lambda: answer | {"value": draw(NOT_A_TEXT | st.none() | UNSTORABLE | TOO_DEEP)},
                lambda: answer | {"comment": draw(NOT_A_TEXT | UNSTORABLE_TEXT)},
            ]
        case "edit":
            ways += [
                lambda: answer | {"value": "Good day"},
                lambda: answer | {"edited_action": draw(broken_action("name"))},
            ]
        case "respond":
            ways += [
                lambda: {"type": "respond"},
                lambda: answer | {"message": draw(NOT_A_TEXT | st.none() | UNSTORABLE | TOO_DEEP)},
                lambda: answer | {"message": draw(st.sampled_from(["", " ", "\n\t"]))},
                lambda: answer | {"comment": "fine"},
            ]
        case "reject":
            ways.append(lambda: answer | {"message": draw(NOT_A_TEXT | UNSTORABLE_TEXT)})
        case "revise":
            ways += [
                lambda: {"type": "revise"},
                lambda: {
                    "type": "revise",
                    "feedback": draw(st.sampled_from(["", " ", "\n\t", None])),
                },
                lambda: answer | {"feedback": draw(NOT_A_TEXT | UNSTORABLE_TEXT)},
                lambda: answer | {"rating": "correct"},
                lambda: answer | {"parts": draw(st.sampled_from(["x", ["x"], {"x": 1}, True, 0]))},
            ]
    broken: dict[str, Any] = draw(st.sampled_from(ways))()
    return broken


UNSTORABLE_TEXT = st.sampled_from(["a\x00b", "\ud800", "\udfff!"])


@st.composite
def broken_action(draw: st.DrawFn, name: Literal["name", "action"]) -> Any:
    """The action of an edit, with one thing wrong."""
    args = {"draft": "Good day"}
    return draw(
        st.one_of(
            JSON.filter(lambda value: not isinstance(value, dict)),
            st.just({name: ACTION}),
            st.just({"args": args}),
            st.builds(lambda word: {name: word, "args": args}, STRANGE_TYPES),
            st.builds(lambda key: {name: ACTION, "args": {key: "x"}}, TEXT.filter(_not_draft)),
            st.builds(
                lambda key: {name: ACTION, "args": {**args, key: 1}}, TEXT.filter(_not_draft)
            ),
            st.builds(
                lambda value: {name: ACTION, "args": {"draft": value}},
                NOT_A_TEXT | st.none() | UNSTORABLE | TOO_DEEP,
            ),
            st.builds(lambda value: {name: ACTION, "args": value}, NOT_A_TEXT | st.none()),
            st.just({name: ACTION, "args": args, "more": 1}),
        )
    )


@st.composite
def broken_response(draw: st.DrawFn, good: dict[str, Any]) -> dict[str, Any]:
    """One response of Agent Inbox, with one thing wrong."""
    answer = dict(good)
    ways: list[Callable[[], dict[str, Any]]] = [
        lambda: answer | {"type": draw(STRANGE_TYPES | st.sampled_from(["approve", "reject"]))},
        lambda: {"args": answer["args"]},
        lambda: answer | {draw(STRANGE_NAMES): draw(JSON)},
        lambda: answer | {"comment": "fine"},
        lambda: answer | {"review_id": "rv-0"},
        lambda: answer | {"args": draw(UNSTORABLE | TOO_DEEP)},
    ]
    if answer["type"] == "response":
        ways.append(lambda: answer | {"args": draw(NOT_A_TEXT | st.none() | st.just("  "))})
    if answer["type"] == "edit":
        ways.append(lambda: answer | {"args": draw(broken_action("action"))})
    broken: dict[str, Any] = draw(st.sampled_from(ways))()
    return broken


def _wrapped(inner: Answer, good: Answer) -> Answer:
    """Middleware's shape around a broken decision, or broken around a good one."""
    return st.one_of(
        inner.map(lambda one: {"decisions": [one]}),
        inner.map(lambda one: {"decisions": [one]}),
        good.map(lambda one: {"decisions": one}),
        good.map(lambda one: {"decisions": [one, one]}),
        good.map(lambda one: {"decisions": [{"type": "reject"}, one]}),
        good.map(lambda one: {"decisions": [[one]]}),
        good.map(lambda one: {"decisions": [{"decisions": [one]}]}),
        good.map(lambda one: {"decisions": {"0": one}}),
        good.map(lambda one: {"decisions": [json.dumps(one)]}),
        good.map(lambda one: {"Decisions": [one]}),
        good.map(lambda one: {"decisions": [one], "type": "approve"}),
        st.builds(lambda one, more: {"decisions": [one], **more}, good, WRONG_ENVELOPE),
        st.builds(lambda one, key: {"decisions": [one], key: 1}, good, STRANGE_NAMES),
        st.sampled_from([{"decisions": []}, {"decisions": None}, {"decisions": [None]}]),
        st.sampled_from([RESPONSE, *INBOX.values()]).map(lambda one: {"decisions": [one]}),
    )


def _listed(inner: Answer, good: Answer) -> Answer:
    return st.one_of(
        inner.map(lambda one: [one]),
        inner.map(lambda one: [one]),
        good.map(lambda one: [one, one]),
        good.map(lambda one: [[one]]),
        good.map(lambda one: [{"type": "ignore", "args": None}, one]),
        good.map(lambda one: {"0": one}),
        good.map(lambda one: [json.dumps(one)]),
        good.map(lambda one: one | {"args": {"type": "approve"}} if one["args"] is None else one),
        st.sampled_from(OURS).map(lambda one: [one]),
        st.just([]),
    )


@st.composite
def _no_shape(draw: st.DrawFn) -> Any:
    """JSON that is none of the three shapes."""
    value = draw(
        st.one_of(
            JSON,
            LIST_SHAPED_APPROVAL,
            st.sampled_from([*OURS, {"decisions": [EDITED]}, [RESPONSE]]).map(json.dumps),
            st.sampled_from(["approve", "yes", "y", True, False, 1, 0, "", None, "null", "{}"]),
            TOO_DEEP,
            UNSTORABLE,
            st.sampled_from(OURS).map(lambda one: {"answer": one}),
            st.sampled_from(OURS).map(lambda one: {"resume": one}),
            st.sampled_from(OURS).map(lambda one: [[one]]),
        )
    )
    if isinstance(value, dict) and {"type", "decisions", "edited_action"} & set(value):
        return list(value)
    return value


def malformed(words: Vocabulary) -> dict[Shape, Answer]:
    """The strategies, for a gate with this vocabulary."""
    ours, middleware = st.sampled_from(words.ours), st.sampled_from(words.middleware)
    inbox = st.sampled_from(words.inbox)
    broken = ours.flatmap(broken_object)
    other = st.one_of(_no_shape(), st.sampled_from(words.elsewhere))
    wrapped = _wrapped(middleware.flatmap(broken_object), middleware)
    listed = _listed(inbox.flatmap(broken_response), inbox)
    return {
        "ours": st.one_of(broken, broken, other),
        "middleware": st.one_of(wrapped, other),
        "agent inbox": st.one_of(listed, other),
    }
