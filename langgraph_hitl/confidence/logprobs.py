"""`logprobs`: how likely the tokens of an answer were to the model that wrote them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from langchain_core.messages import AIMessage
from pydantic import BaseModel

from langgraph_hitl.confidence.message import last_answer, missing, text_of, unclear
from langgraph_hitl.confidence.spelling import Piece, spells
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
    """The log-probabilities of an answer's tokens, and the tokens where they are told."""

    logprobs: tuple[float, ...]
    pieces: tuple[Piece, ...] | None


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
    that do not spell the message exactly, such as those of a text that somebody edited since, of
    reasoning before the answer, and parts of characters without their bytes; log-probabilities
    without their tokens; and a message that calls tools, because providers give no
    log-probabilities for the calls. Only Gemini's average comes without tokens: there, an edited
    text is not noticed. An average of 0 is one that is not set, and missing.

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
    if not found:
        return _average(message, aggregate)
    told = [tokens.pieces for tokens in found if tokens.pieces is not None]
    if not told:
        raise unclear("the log-probabilities come without their tokens")
    if not all(spells(pieces, text) for pieces in told):
        raise unclear("the tokens with log-probabilities do not spell the message")
    values = found[0].logprobs
    match aggregate:
        case "mean":
            exponent = math.fsum(values) / len(values)
        case "min":
            exponent = min(values)
        case "joint":
            exponent = math.fsum(values)
    return math.exp(exponent)


def tokens_of(message: AIMessage) -> list[Tokens]:
    """The tokens of a message, once for each place that has them; all with the same numbers."""
    metadata = message.response_metadata
    found = [
        *_of_logprobs(_plain(metadata.get("logprobs"))),
        *_of_result(_plain(metadata.get("logprobs_result"))),
        *_of_blocks(message.content),
    ]
    if any(tokens.logprobs != found[0].logprobs for tokens in found):
        raise unclear("the message has different log-probabilities in two places")
    return found


def _of_logprobs(found: Any) -> Iterator[Tokens]:
    """`response_metadata["logprobs"]`."""
    if found is None:
        return
    if isinstance(found, list):
        yield _of_list(found)
        return
    if not isinstance(found, Mapping):
        raise unclear(f"the log-probabilities are {quoted(found)}")
    if found.get("refusal"):
        raise unclear("the model refused to answer")
    content, legacy = found.get("content"), found.get("token_logprobs")
    if content is not None:
        yield _of_list(content)
    if legacy is not None:
        yield _of_arrays(legacy, found.get("tokens"))


def _of_result(found: Any) -> Iterator[Tokens]:
    """`response_metadata["logprobs_result"]`: a list, at first the form of Google's API."""
    if isinstance(found, Mapping):
        found = found.get("chosen_candidates")
    if found is not None:
        yield _of_list(found)


def _of_blocks(content: Any) -> Iterator[Tokens]:
    """The text blocks of a message's content. All of those with a text have them, or none does."""
    if not isinstance(content, list):
        return
    texts = [
        block
        for block in content
        if isinstance(block, str) or (isinstance(block, Mapping) and block.get("text"))
    ]
    found = [
        _plain(block.get("logprobs")) if isinstance(block, Mapping) else None for block in texts
    ]
    if all(part is None for part in found):
        return
    tokens: list[Any] = []
    for part in found:
        if not isinstance(part, list) or not part:
            raise unclear("only a part of the message has log-probabilities")
        tokens += part
    yield _of_list(tokens)


def _of_list(found: Any) -> Tokens:
    """One entry for each token."""
    if not isinstance(found, list | tuple):
        raise unclear(f"the log-probabilities are {quoted(found)}")
    entries = [_plain(entry) for entry in found]
    if not all(isinstance(entry, Mapping) for entry in entries):
        raise unclear("a token has no log-probability")
    values = [entry.get("logprob", entry.get("log_probability")) for entry in entries]
    return Tokens(_checked(values), tuple(map(_piece, entries)))


def _of_arrays(found: Any, tokens: Any) -> Tokens:
    """One array of numbers, and one of tokens beside it."""
    if not isinstance(found, list | tuple):
        raise unclear(f"the log-probabilities are {quoted(found)}")
    if tokens is None:
        return Tokens(_checked(found), None)
    if not isinstance(tokens, list | tuple) or len(tokens) != len(found):
        raise unclear("there are not as many log-probabilities as tokens")
    return Tokens(_checked(found), tuple(_piece({"token": token}) for token in tokens))


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
    if average is None or average == 0:  # 0 is what protocol buffers give for a number not set
        raise missing("the message has no token log-probabilities")
    if aggregate != "mean":
        raise missing(f"the message has only an average, which does not tell the {aggregate}")
    return math.exp(_logprob(average))


def _plain(found: Any) -> Any:
    return found.model_dump() if isinstance(found, BaseModel) else found


def _piece(entry: Mapping[str, Any]) -> Piece:
    """What an entry says of its token. Bytes are exact where there are any."""
    token, given = entry.get("token"), entry.get("bytes")
    if isinstance(given, list | tuple) and given:
        try:
            return bytes(given)
        except (TypeError, ValueError):
            raise unclear("the bytes of a token are not bytes") from None
    if not isinstance(token, str):
        raise unclear("a log-probability comes without its token")
    return token
