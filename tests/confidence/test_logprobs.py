"""The confidence in the log-probabilities of an answer's tokens."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    ToolMessage,
    message_to_dict,
    messages_from_dict,
)
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from pydantic import BaseModel

from langgraph_hitl.confidence import logprobs
from langgraph_hitl.confidence.logprobs import Aggregate
from langgraph_hitl.errors import GateError, Unreadable
from tests.confidence.reading import openai, read, refused
from tests.confidence.shapes import (
    JOINT,
    LOGPROBS,
    MEAN,
    METADATA,
    MIN,
    PARTS,
    RESPONSES_CONTENT,
    TEXT,
    entries,
    with_bytes,
)

# Where it stands


@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA)
@pytest.mark.parametrize(
    ("aggregate", "expected"), [("mean", MEAN), ("min", MIN), ("joint", JOINT)]
)
def test_every_provider_is_read(
    metadata: dict[str, Any], aggregate: Aggregate, expected: float
) -> None:
    message = AIMessage(TEXT, response_metadata=metadata)
    assert read(message, aggregate) == pytest.approx(expected)


@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA)
def test_a_message_that_a_checkpointer_gave_back_is_read(metadata: dict[str, Any]) -> None:
    serde = JsonPlusSerializer()
    message = AIMessage(TEXT, response_metadata=metadata)
    assert read(serde.loads_typed(serde.dumps_typed(message))) == pytest.approx(MEAN)


@pytest.mark.parametrize(
    "form",
    [
        message_to_dict,
        lambda message: message.model_dump(),
        lambda message: json.loads(message.model_dump_json()),
        lambda message: {"role": "assistant", **message.model_dump(exclude={"type"})},
        lambda message: messages_from_dict([message_to_dict(message)])[0],
    ],
    ids=["message_to_dict", "model_dump", "json", "role", "and back"],
)
def test_a_message_may_be_a_dict(form: Any) -> None:
    message = AIMessage(TEXT, id="a", response_metadata=METADATA[next(iter(METADATA))])
    assert read(form(message)) == pytest.approx(MEAN)


def test_the_blocks_of_the_responses_api_are_read() -> None:
    assert read(AIMessage(RESPONSES_CONTENT)) == pytest.approx(MEAN)  # type: ignore[arg-type]


def test_blocks_without_any_leave_it_to_the_metadata() -> None:
    content: list[Any] = [{"type": "text", "text": TEXT}]
    metadata = {"logprobs": {"content": entries()}}
    assert read(AIMessage(content, response_metadata=metadata)) == pytest.approx(MEAN)


@pytest.mark.parametrize("part", [[], None, "-0.1", {"token": "The"}])
def test_a_block_whose_own_are_empty_is_only_a_part(part: Any) -> None:
    first = {"type": "text", "text": "The answer", "logprobs": part}
    message = AIMessage([first, *RESPONSES_CONTENT[2:]])
    refused(message, "only a part of the message has log-probabilities")
    refused(AIMessage(["The answer", *RESPONSES_CONTENT[2:]]), "only a part of the message")


def test_a_block_without_any_is_only_a_part() -> None:
    content: list[Any] = [*RESPONSES_CONTENT, {"type": "text", "text": "Or 43."}]
    refused(AIMessage(content), "only a part of the message has log-probabilities")


def test_a_response_that_was_streamed_is_read() -> None:
    chunks = [
        AIMessageChunk(content=each["token"], response_metadata={"logprobs": {"content": [each]}})
        for each in with_bytes()
    ]
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    assert read(whole) == pytest.approx(MEAN)


def test_objects_of_pydantic_are_read() -> None:
    class Token(BaseModel):
        token: str
        logprob: float

    class Choice(BaseModel):
        content: list[Token]

    content = [Token(**each) for each in entries()]
    whole = AIMessage(TEXT, response_metadata={"logprobs": Choice(content=content)})
    assert read(whole) == pytest.approx(MEAN)
    assert read(openai(content)) == pytest.approx(MEAN)


@pytest.mark.parametrize("state", [openai(entries()), [openai(entries())]], ids=["one", "list"])
def test_a_path_to_a_message_or_to_a_list(state: Any) -> None:
    assert logprobs("reply")({"reply": state}) == pytest.approx(MEAN)
    assert logprobs("replies.-1")({"replies": [None, state]}) == pytest.approx(MEAN)


def test_a_function_of_the_state_gives_the_message() -> None:
    assert logprobs(lambda state: state["a"])({"a": openai(entries())}) == pytest.approx(MEAN)


def test_an_unknown_aggregate_is_an_error() -> None:
    with pytest.raises(GateError, match="aggregate must be one of mean, min, joint, not 'max'"):
        logprobs(aggregate="max")  # type: ignore[arg-type]


# The average


def test_the_average_of_gemini_serves_the_mean() -> None:
    message = AIMessage(TEXT, response_metadata={"avg_logprobs": -0.5})
    assert read(message) == pytest.approx(math.exp(-0.5))


@pytest.mark.parametrize("aggregate", ["min", "joint"])
def test_an_average_tells_nothing_else(aggregate: Aggregate) -> None:
    message = AIMessage(TEXT, response_metadata={"avg_logprobs": -0.5})
    refused(message, f"only an average, which does not tell the {aggregate}", aggregate)


@pytest.mark.parametrize("average", [0.0, -0.0, 0, None])
def test_an_average_of_0_is_one_that_is_not_set(average: Any) -> None:
    message = AIMessage(TEXT, response_metadata={"avg_logprobs": average})
    refused(message, "missing: the message has no token log-probabilities")
    message.response_metadata["logprobs_result"] = entries()
    assert read(message) == pytest.approx(MEAN)


@pytest.mark.parametrize("average", [float("nan"), 0.3, "-0.1", True])
def test_an_average_is_checked_as_well(average: Any) -> None:
    refused(AIMessage(TEXT, response_metadata={"avg_logprobs": average}), "a log-probability is")


# What is missing, or does not tell


@pytest.mark.parametrize(
    "metadata",
    [{}, {"logprobs": None}, {"logprobs": {}}, {"logprobs": {"content": None}}, {"model": "m"}],
)
def test_none_at_all(metadata: dict[str, Any]) -> None:
    message = AIMessage(TEXT, response_metadata=metadata)
    refused(message, "missing: the message has no token log-probabilities.")


@pytest.mark.parametrize(
    "found", [[], {"content": []}, {"token_logprobs": []}, {"tokens": [], "token_logprobs": []}]
)
def test_an_empty_list(found: Any) -> None:
    refused(AIMessage(TEXT, response_metadata={"logprobs": found}), "missing: the list of")


@pytest.mark.parametrize("found", [5, "-0.1", {"content": "x"}, {"token_logprobs": -0.1}, True])
def test_something_else_in_its_place(found: Any) -> None:
    message = AIMessage(TEXT, response_metadata={"logprobs": found})
    refused(message, "cannot be read: the log-probabilities are")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "a token has no log-probability"),
        (float("nan"), "is nan"),
        (float("inf"), "is inf"),
        (0.5, "is 0.5, which is above 0"),
        (2e-6, "above 0"),
        (10**400, "above 0"),
        ("-0.1", "is '-0.1'"),
        (True, "is True"),
        ([-0.1], "is [-0.1]"),
    ],
)
@pytest.mark.parametrize("at", [0, 2, 4])
def test_a_value_that_is_none(value: Any, why: str, at: int) -> None:
    content = entries()
    content[at]["logprob"] = value
    refused(openai(content), why)
    refused(openai(content), why, "joint")
    legacy = {"tokens": PARTS, "token_logprobs": [*LOGPROBS[:at], value, *LOGPROBS[at + 1 :]]}
    refused(AIMessage(TEXT, response_metadata={"logprobs": legacy}), why)


def test_the_first_token_of_an_echoed_prompt_has_none() -> None:
    """Completions leave the first one out; a mean without it would be a guess."""
    legacy = {"tokens": PARTS, "token_logprobs": [None, *LOGPROBS[1:]]}
    message = AIMessage(TEXT, response_metadata={"logprobs": legacy})
    refused(message, "a token has no log-probability")


@pytest.mark.parametrize("value", [5, None, "x", {"token": "."}, {"bytes": [46]}])
def test_an_entry_that_is_cut(value: Any) -> None:
    refused(openai([*entries()[:4], value]), "a token has no log-probability")


@pytest.mark.parametrize("tokens", [PARTS[:4], [*PARTS, "!"], [], "5 = 5"])
def test_arrays_of_different_lengths(tokens: Any) -> None:
    legacy = {"tokens": tokens, "token_logprobs": LOGPROBS}
    message = AIMessage(TEXT, response_metadata={"logprobs": legacy})
    refused(message, "not as many log-probabilities as tokens")


def test_log_probabilities_without_tokens_may_be_of_any_text() -> None:
    message = AIMessage(TEXT, response_metadata={"logprobs": {"token_logprobs": LOGPROBS}})
    refused(message, "the log-probabilities come without their tokens")


@pytest.mark.parametrize("token", [None, 5, ["The"]])
@pytest.mark.parametrize("at", [[0], [4], [0, 1, 2, 3, 4]], ids=["first", "last", "all"])
def test_every_log_probability_comes_with_its_token(token: Any, at: list[int]) -> None:
    content = entries()
    for number in at:
        content[number]["token"] = token
    refused(openai(content), "a log-probability comes without its token")
    names = [token if number in at else part for number, part in enumerate(PARTS)]
    legacy = {"tokens": names, "token_logprobs": LOGPROBS}
    message = AIMessage(TEXT, response_metadata={"logprobs": legacy})
    refused(message, "a log-probability comes without its token")
    refused(openai([{"logprob": -0.001}]), "a log-probability comes without its token")


def test_bytes_are_a_token() -> None:
    content = [{"logprob": -0.5, "bytes": list(TEXT.encode())}]
    assert read(openai(content)) == pytest.approx(math.exp(-0.5))


def test_two_places_have_to_agree() -> None:
    both = {"content": entries(), "token_logprobs": LOGPROBS}
    assert read(AIMessage(TEXT, response_metadata={"logprobs": both})) == pytest.approx(MEAN)
    other = {"content": entries(), "token_logprobs": [-0.1] * 5}
    refused(AIMessage(TEXT, response_metadata={"logprobs": other}), "different log-probabilities")
    apart = {"logprobs": entries(), "logprobs_result": entries()[:4]}
    refused(AIMessage(TEXT, response_metadata=apart), "different log-probabilities")


def test_the_tokens_of_every_place_have_to_spell_the_message() -> None:
    both = {"content": entries(), "tokens": ["Do", " not", " pay", " it", "."]}
    message = AIMessage(TEXT, response_metadata={"logprobs": {**both, "token_logprobs": LOGPROBS}})
    refused(message, "do not spell the message")


def test_a_refusal_is_no_answer() -> None:
    refusal = {"content": None, "refusal": entries()}
    message = AIMessage(TEXT, response_metadata={"logprobs": refusal})
    refused(message, "the model refused to answer")


def test_bytes_that_are_none() -> None:
    refused(openai(entries(bytes=[300])), "the bytes of a token are not bytes")


# The message


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "missing: there is no answer"),
        ([], "missing: there is no message"),
        ("Paris", "'Paris' is not a message"),
        (0.9, "0.9 is not a message"),
        ({"answer": "Paris"}, "is not a message"),
        ([openai(entries()), HumanMessage("Thanks")], "of the kind 'human', not the model's"),
        ([ToolMessage("x", tool_call_id="1")], "of the kind 'tool', not the model's"),
        ([{"role": "user", "content": "Hi"}], "of the kind 'user', not the model's"),
        ({"type": "ai"}, "is not a message"),
        ({"type": "ai", "data": 5}, "is not a message"),
        ({"type": "ai", "data": {"text": "x"}}, "is not a message"),
        ({"type": "memo", "content": "x"}, "is not a message"),
        ({"type": ["ai"], "content": "x"}, "is not a message"),
        ({"type": "ai", "content": 5}, "the message is not well formed"),
        ({"role": "assistant", "content": None}, "the message has no text"),
        ({"type": "ai", "content": "x", "response_metadata": []}, "no token log-probabilities"),
        ({"type": "ai", "content": "x", "response_metadata": [1]}, "not well formed"),
    ],
)
def test_anything_but_a_message_of_the_model(value: Any, why: str) -> None:
    with pytest.raises(Unreadable) as caught:
        logprobs("reply")({"reply": value})
    assert why in str(caught.value)


def test_a_key_that_is_absent() -> None:
    with pytest.raises(Unreadable, match="The confidence is missing: there is no answer"):
        logprobs()({})


def test_only_the_last_message_counts() -> None:
    sure, unsure = openai(entries()), AIMessage("I do not know")
    refused(unsure, "no token log-probabilities")
    with pytest.raises(Unreadable, match="no token"):
        logprobs()({"messages": [sure, unsure]})


CALL = {"name": "pay", "args": {}, "id": "1"}
CALLING: list[dict[str, Any]] = [
    {"tool_calls": [CALL]},
    {"invalid_tool_calls": [{**CALL, "args": "{", "error": "cut"}]},
    {"additional_kwargs": {"function_call": {"name": "pay", "arguments": "{}"}}},
]


@pytest.mark.parametrize("text", [TEXT, ""])
@pytest.mark.parametrize("calls", CALLING, ids=lambda calls: next(iter(calls)))
def test_tool_calls_are_not_covered(text: str, calls: dict[str, Any]) -> None:
    metadata = {"logprobs": {"content": entries()}}
    message = AIMessage(text, response_metadata=metadata, **calls)
    refused(message, "the message calls tools")
    refused(message.model_dump(), "the message calls tools")
    refused({"role": "assistant", "content": None, **calls}, "the message calls tools")


def test_a_message_without_a_text() -> None:
    refused(openai(entries(), text=" "), "the message has no text")


# The tokens spell the message


@pytest.mark.parametrize("text", ["The answer is 43.", "The answer is 42. Pay it.", "42 the"])
def test_tokens_of_another_text_say_nothing_about_this_one(text: str) -> None:
    refused(openai(entries(), text), "do not spell the message")
    refused(openai(with_bytes(), text), "do not spell the message")


def test_a_token_that_was_lost_is_noticed() -> None:
    refused(openai([*entries()[:3], *entries()[4:]]), "do not spell the message")


def test_bytes_spell_what_tokens_cannot() -> None:
    emoji = "😀".encode()
    content = [
        {"token": "\\xf0\\x9f", "logprob": -0.1, "bytes": list(emoji[:2])},
        {"token": "\\x98\\x80", "logprob": -0.1, "bytes": list(emoji[2:])},
        {"token": " fine", "logprob": -0.1, "bytes": list(b" fine")},
    ]
    assert read(openai(content, "😀 fine")) == pytest.approx(math.exp(-0.1))


def test_a_list_of_messages_may_be_a_tuple() -> None:
    messages: tuple[BaseMessage, ...] = (openai(entries()),)
    assert logprobs()({"messages": messages}) == pytest.approx(MEAN)
