"""`agreement`: how many samples of a model say the same."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from langchain_core.runnables import Runnable

from langgraph_hitl._reads import refuse_coroutine
from langgraph_hitl.confidence.message import message_of, missing, text_of, unclear
from langgraph_hitl.confidence.samples import Sampler, check_distinct
from langgraph_hitl.confidence.visible import visible
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.digest import NotJson, plain_json
from langgraph_hitl.review.finding import readable
from langgraph_hitl.triggers.answer import plain_answer
from langgraph_hitl.triggers.model import check_model, texts
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.source import Derived, Function, Source, source_of

Given = str | Callable[[Any], Any] | Source
Normalise = Callable[[Any], Any]

MIN_SAMPLES = 2

_FINAL = ".!…。！"


def agreement(
    samples: Given, *, answer: Given | None = None, normalise: Normalise | None = None
) -> Source:
    """The share of samples that agree with an answer, or with the most frequent of them.

    Args:
        samples: A state key, a path or a function that gives at least two samples: texts, messages
            or JSON values.
        answer: A state key, a path or a function that gives the answer that would go out. Pass it
            where that answer is not one of the samples, or not the most frequent one.
        normalise: A function of a sample, a text or a JSON value, that gives what is compared, as
            a JSON value: the number in a text, one field of an object. By default texts are
            compared without regard to case, white space and a final full stop, and JSON values as
            they are (1 equals 1.0, and `true` is no number).

    Fewer than two samples, and one that is missing, that shows nothing (a blank or invisible text,
    an empty list or object, one of such values only) or that calls tools ask a person. So does a
    normalised value that shows nothing: samples without a number do not agree on one. So do
    messages with one id, which are copies.

    >>> source = agreement("votes", answer="answer")
    >>> source({"votes": ["Paris", "paris.", "Lyon", "Paris"], "answer": "Paris"})
    0.75
    """
    _check_normalise(normalise)
    return _share(source_of(samples, "samples"), answer, normalise, ())


def model_agreement(
    model: Runnable[Any, Any],
    *,
    prompt: Callable[[Any], Any],
    n: int = 5,
    answer: Given | None = None,
    normalise: Normalise | None = None,
    reads: str | Sequence[str] = (),
) -> Source:
    """`agreement` over `n` samples that are drawn of a model while the review is prepared.

    Args:
        model: A chat model at a temperature above 0, a chain around one, or
            `model.with_structured_output(Schema)`. The samples are drawn with `batch`, and without
            LangChain's cache, which would give one sample n times.
        prompt: A function from the state to the model's input: a text or messages.
        n: How many samples, at least 2. Confidences are multiples of 1/n.
        answer: As in `agreement`; here it is nearly always given.
        normalise: As in `agreement`.
        reads: The state keys that `prompt`, and `answer` if it is a function, read, where their
            annotations do not tell.

    The samples are drawn once for a review; resuming draws none. An error of the model asks a
    person and is shown.

    Raises:
        GateError: A model with the temperature 0 or with a fixed seed, whose samples are all alike.

    >>> from langchain_core.language_models import FakeListChatModel
    >>> model = FakeListChatModel(responses=["Paris", "Paris.", "Lyon", "paris"])
    >>> agreed = model_agreement(
    ...     model, prompt=lambda state: state["asked"], reads=("asked",), n=4, answer="answer"
    ... )
    >>> agreed({"asked": "The capital of France?", "answer": "Paris"})
    0.75
    """
    check_model(model, prompt, "model_agreement")
    _check_normalise(normalise)
    if type(n) is not int or n < MIN_SAMPLES:
        raise GateError(f"n must be a whole number of at least {MIN_SAMPLES}, not {n!r}")
    sampler = Sampler(model)

    def draw(state: Any) -> list[Any]:
        return sampler.draw(prompt(state), n)

    keys = texts(reads)
    samples = Function(draw, "prompt", declares=prompt, reads=keys, once=True)
    return _share(samples, answer, normalise, keys)


def _share(
    samples: Source, answer: Given | None, normalise: Normalise | None, reads: tuple[str, ...]
) -> Source:
    sources = {"samples": samples}
    if answer is not None:
        sources["answer"] = source_of(answer, "answer", reads=reads)

    def derive(values: Mapping[str, Any]) -> float:
        votes = [_vote(sample, normalise) for sample in _checked(values["samples"])]
        counts = Counter(votes)
        if answer is None:
            return max(counts.values()) / len(votes)
        if values["answer"] is None:
            raise missing("there is no answer to compare the samples with")
        return counts[_vote(values["answer"], normalise)] / len(votes)

    return Derived(sources, derive)


def _checked(samples: Any) -> list[Any]:
    if samples is None:
        raise missing("there are no samples")
    if not isinstance(samples, list | tuple):
        raise unclear(f"the samples are {quoted(samples)}, which is not a list")
    if len(samples) < MIN_SAMPLES:
        raise missing(f"agreement takes at least {MIN_SAMPLES} samples, not {len(samples)}")
    check_distinct(list(samples))
    return list(samples)


def _vote(sample: Any, normalise: Normalise | None) -> Hashable:
    """What stands for a sample in the count: equal for two samples that agree."""
    if sample is None or (isinstance(sample, str) and not sample.strip()):
        raise unclear("one of the samples is empty")
    message = message_of(sample)
    given = plain_answer(sample) if message is None else text_of(message)
    value = same_text(given) if normalise is None and isinstance(given, str) else given
    shows = _shows(value)
    if shows and normalise is not None:
        value = normalise(value)
        shows = _shows(value)
    if not shows:
        raise unclear(f"there is nothing to compare in the sample {quoted(sample)}")
    try:
        return _canonical(plain_json(value))
    except NotJson as error:
        raise unclear(f"a sample cannot be compared ({readable(str(error))})") from None


def _shows(value: Any) -> bool:
    """Whether a value has anything that could agree with another."""
    match value:
        case str():
            return any(map(visible, value))
        case dict():
            return any(map(_shows, value.values()))
        case list() | tuple():
            return any(map(_shows, value))
        case _:
            return value is not None


def same_text(text: str) -> str:
    r"""A text without what makes no difference between two answers.

    >>> same_text("  It is\n PARIS. ")
    'it is paris'
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return " ".join(folded.split()).rstrip(_FINAL).rstrip()


def _canonical(value: Any) -> Hashable:
    """A JSON value as a key. Python takes `True` for 1, which JSON does not."""
    match value:
        case bool():
            return "boolean", value
        case dict():
            return "object", frozenset((name, _canonical(item)) for name, item in value.items())
        case list():
            return "list", tuple(map(_canonical, value))
        case _:
            return value  # type: ignore[no-any-return]  # None, a number or a text


def _check_normalise(normalise: Any) -> None:
    if normalise is None:
        return
    if not callable(normalise):
        raise GateError(f"normalise must be a function of a sample, not {normalise!r}")
    refuse_coroutine(normalise, "normalise")
