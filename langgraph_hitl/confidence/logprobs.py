"""`logprobs`: how likely the tokens of an answer were to the model that wrote them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from langchain_core.messages import AIMessage
from pydantic import BaseModel

from langgraph_hitl.confidence.message import last_answer, missing, text_of, unclear
from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.source import Derived, Source, source_of

Aggregate = Literal["mean", "min", "joint"]

ROUNDING = 1e-6
"""A log-probability may exceed 0 by so much; it then stands for 0."""

_LOWEST = -1e9
"""As good as minus infinity, and can be added up."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The log-probabilities of an answer's tokens, and what they spell where that is told."""

    logprobs: tuple[float, ...]
    spelled: str | None


def logprobs(
    messages: str | Callable[[Any], Any] | Source = "messages", *, aggregate: Aggregate = "mean"
) -> Source:
    """The confidence that the token log-probabilities of a message stand for.

    Args:
        messages: A state key, a path (`messages.-1`) or a function that gives a message, or a list
            of messages whose last one is the model's answer.
        aggregate: `"mean"` is the geometric mean of the tokens' probabilities, which does not fall
            with the length of the answer; `"min"` the probability of the least likely token;
            `"joint"` that of the whole answer, the product.

    Read are `response_metadata["logprobs"]` in OpenAI's form (vLLM, Fireworks, xAI, DeepSeek and
    others have the same), with `token_logprobs` (Together, completions) or as a bare list (Ollama),
    `response_metadata["logprobs_result"]` and `["avg_logprobs"]` (Gemini; the average serves
    `"mean"` only), and `logprobs` in the content blocks of OpenAI's Responses API. Ask the model
    for them: `model.bind(logprobs=True)`; for most models they are off.

    None, an empty list, NaN, a positive one and a structure that is cut ask a person. So do tokens
    that do not spell the message, such as those of a text that somebody edited since, and a message
    that calls tools, because providers give no log-probabilities for the calls.

    >>> from langchain_core.messages import AIMessage
    >>> tokens = [{"token": "Par", "logprob": -0.1}, {"token": "is", "logprob": -0.3}]
    >>> answer = AIMessage("Paris", response_metadata={"logprobs": {"content": tokens}})
    >>> round(logprobs()({"messages": [answer]}), 4)
    0.8187
    >>> round(logprobs(aggregate="min")({"messages": [answer]}), 4)
    0.7408
    """
    if aggregate not in get_args(Aggregate):
        raise GateError(
            f"aggregate must be one of {', '.join(get_args(Aggregate))}, not {aggregate!r}"
        )

    def derive(values: Mapping[str, Any]) -> float:
        return confidence_in(last_answer(values["messages"]), aggregate)

    return Derived({"messages": source_of(messages, "messages")}, derive)


def confidence_in(message: AIMessage, aggregate: Aggregate) -> float:
    """The confidence of one message."""
    text = text_of(message)
    found = tokens_of(message)
    if found is None:
        return _average(message, aggregate)
    if found.spelled is not None and not spells(found.spelled, text):
        raise unclear("the tokens with log-probabilities do not spell the message")
    match aggregate:
        case "mean":
            exponent = math.fsum(found.logprobs) / len(found.logprobs)
        case "min":
            exponent = min(found.logprobs)
        case "joint":
            exponent = math.fsum(found.logprobs)
    return math.exp(exponent)


def tokens_of(message: AIMessage) -> Tokens | None:
    """The tokens of a message; None where it has none at all."""
    found = [tokens for tokens in _all_tokens(message) if tokens is not None]
    if not found:
        return None
    if any(tokens.logprobs != found[0].logprobs for tokens in found):
        raise unclear("the message has different log-probabilities in two places")
    return found[0]


def _all_tokens(message: AIMessage) -> Iterator[Tokens | None]:
    metadata = message.response_metadata
    yield _of_logprobs(_plain(metadata.get("logprobs")))
    yield _of_result(_plain(metadata.get("logprobs_result")))
    yield _of_blocks(message.content)


def _of_logprobs(found: Any) -> Tokens | None:
    """`response_metadata["logprobs"]`."""
    if found is None:
        return None
    if isinstance(found, list):
        return _of_list(found)
    if not isinstance(found, Mapping):
        raise unclear(f"the log-probabilities are {quoted(found)}")
    if found.get("refusal"):
        raise unclear("the model refused to answer")
    content, legacy = found.get("content"), found.get("token_logprobs")
    forms = [
        *([] if content is None else [_of_list(content)]),
        *([] if legacy is None else [_of_arrays(legacy, found.get("tokens"))]),
    ]
    if len(forms) > 1 and forms[0].logprobs != forms[1].logprobs:
        raise unclear("the message has different log-probabilities in two places")
    return forms[0] if forms else None


def _of_result(found: Any) -> Tokens | None:
    """`response_metadata["logprobs_result"]`: a list, at first the form of Google's API."""
    if isinstance(found, Mapping):
        found = found.get("chosen_candidates")
    return None if found is None else _of_list(found)


def _of_blocks(content: Any) -> Tokens | None:
    """The text blocks of a message's content. All of those with a text have them, or none does."""
    if not isinstance(content, list):
        return None
    texts = [
        block
        for block in content
        if isinstance(block, str) or (isinstance(block, Mapping) and block.get("text"))
    ]
    found = [
        _plain(block.get("logprobs")) if isinstance(block, Mapping) else None for block in texts
    ]
    if all(tokens is None for tokens in found):
        return None
    tokens: list[Any] = []
    for part in found:
        if not isinstance(part, list) or not part:
            raise unclear("only a part of the message has log-probabilities")
        tokens += part
    return _of_list(tokens)


def _of_list(found: Any) -> Tokens:
    """One entry for each token."""
    if not isinstance(found, list | tuple):
        raise unclear(f"the log-probabilities are {quoted(found)}")
    entries = [_plain(entry) for entry in found]
    if not all(isinstance(entry, Mapping) for entry in entries):
        raise unclear("a token has no log-probability")
    values = [entry.get("logprob", entry.get("log_probability")) for entry in entries]
    return Tokens(_checked(values), _spelled(entries))


def _of_arrays(found: Any, tokens: Any) -> Tokens:
    """One array of numbers, and one of tokens beside it."""
    if not isinstance(found, list | tuple):
        raise unclear(f"the log-probabilities are {quoted(found)}")
    if tokens is None:
        return Tokens(_checked(found), None)
    if not isinstance(tokens, list | tuple) or len(tokens) != len(found):
        raise unclear("there are not as many log-probabilities as tokens")
    return Tokens(_checked(found), _spelled([{"token": token} for token in tokens]))


def _checked(values: Any) -> tuple[float, ...]:
    if not values:
        raise missing("the list of log-probabilities is empty")
    return tuple(_logprob(value) for value in values)


def _logprob(value: Any) -> float:
    if value is None:
        raise unclear("a token has no log-probability")
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise unclear(f"a log-probability is {quoted(value)}")
    if value > ROUNDING:
        raise unclear(f"a log-probability is {quoted(value)}, which is above 0")
    return float(min(max(value, _LOWEST), 0.0))


def _average(message: AIMessage, aggregate: Aggregate) -> float:
    """Gemini gives an average where nobody asked for the tokens."""
    average = message.response_metadata.get("avg_logprobs")
    if average is None:
        raise missing("the message has no token log-probabilities")
    if aggregate != "mean":
        raise missing(f"the message has only an average, which does not tell the {aggregate}")
    return math.exp(_logprob(average))


def _plain(found: Any) -> Any:
    return found.model_dump() if isinstance(found, BaseModel) else found


def _spelled(entries: list[Any]) -> str | None:
    """What the tokens spell; None unless all of them tell. Bytes are exact where there are any."""
    if not all(isinstance(entry.get("token"), str) for entry in entries):
        return None
    given = [entry.get("bytes") for entry in entries]
    if all(isinstance(part, list | tuple) for part in given):
        try:
            return b"".join(bytes(part) for part in given).decode(errors="replace")
        except (TypeError, ValueError):
            raise unclear("the bytes of a token are not bytes") from None
    return "".join(entry["token"] for entry in entries)


_ESCAPED = re.compile(r"\\x[0-9a-fA-F]{2}|\\[nrt]|<0x[0-9a-fA-F]{2}>")
_RAW_MARKS = ("\N{REPLACEMENT CHARACTER}", "\\x", "<0x", "Ġ", "Ċ")
"""Signs of tokens that are written as parts of characters, or in the alphabet of a tokenizer."""


def spells(spelled: str, text: str) -> bool:
    """Whether the tokens contain the text; letters and digits count, in their order.

    Tokenizers write spaces in several ways and add marks at the ends; characters beyond ASCII may
    be split over tokens.

    >>> spells(" Hello World!</s>", "Hello World!"), spells("Hello World", "Hello Mars")
    (True, False)
    """
    ascii_only = any(mark in spelled for mark in _RAW_MARKS)
    return _letters(text, ascii_only=ascii_only) in _letters(spelled, ascii_only=ascii_only)


def _letters(text: str, *, ascii_only: bool) -> str:
    plain = _ESCAPED.sub("", text)
    return "".join(sign for sign in plain if sign.isalnum() and (sign.isascii() or not ascii_only))
