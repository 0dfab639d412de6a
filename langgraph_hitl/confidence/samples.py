"""Samples of a model: several answers to one prompt, none of them a copy of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from langchain_core.globals import get_llm_cache
from langchain_core.runnables import Runnable, RunnableSerializable

from langgraph_hitl.confidence.message import message_of, unclear
from langgraph_hitl.errors import GateError
from langgraph_hitl.triggers.model import ASIDE


class Sampler:
    """Draws samples of a chat model, or of a chain around one."""

    def __init__(self, model: Runnable[Any, Any]) -> None:
        models = list(_models_in(model, {}))
        for each, settings in models:
            _check_varied(each, settings)
        self._sees_model = bool(models)
        # LangChain's cache, where an application has set one, answers the same prompt with the
        # first answer again: n copies of one sample, which agree perfectly.
        self._model = uncached(model)

    def draw(self, given: Any, n: int) -> list[Any]:
        """`n` answers to one input. An error of one of them is the error of all."""
        if not self._sees_model and get_llm_cache() is not None:
            raise unclear(
                "LangChain's cache is set and may give one sample several times; pass the chat "
                "model itself, or clear the cache"
            )
        drawn: list[Any] = self._model.batch([given] * n, ASIDE)
        return drawn


def check_distinct(samples: list[Any]) -> None:
    """Refuse messages with one id: they are one answer, given several times."""
    ids = [found for found in map(_id_of, samples) if found is not None]
    if len(set(ids)) < len(ids):
        raise unclear("two of the samples are the same message")


def uncached(runnable: Any) -> Any:
    """A copy of a runnable whose models use no cache, through bindings, chains and fallbacks."""
    if isinstance(runnable, RunnableSerializable):
        before = {field: getattr(runnable, field) for field in type(runnable).model_fields}
        after = {field: uncached(value) for field, value in before.items()}
        changes = {field: new for field, new in after.items() if new is not before[field]}
        if _is_model(runnable):
            changes["cache"] = False
        return runnable.model_copy(update=changes) if changes else runnable
    if type(runnable) in (list, tuple):
        parts = type(runnable)(map(uncached, runnable))
        return parts if any(map(_is_not, parts, runnable)) else runnable
    if type(runnable) is dict:
        items = {name: uncached(part) for name, part in runnable.items()}
        return items if any(map(_is_not, items.values(), runnable.values())) else runnable
    return runnable


def _is_not(new: Any, old: Any) -> bool:
    return new is not old


def _is_model(runnable: Any) -> bool:
    from langchain_core.language_models import BaseLanguageModel

    return isinstance(runnable, BaseLanguageModel)


def _models_in(part: Any, settings: Mapping[str, Any] | None) -> Iterator[tuple[Any, Any]]:
    """The models of a chain, each with the settings bound to it; None if they come at run time."""
    if isinstance(part, list | tuple):
        for item in part:
            yield from _models_in(item, settings)
    elif isinstance(part, dict):
        yield from _models_in(list(part.values()), settings)
    elif _is_model(part):
        yield part, settings
    elif isinstance(part, RunnableSerializable):
        fields = {field: getattr(part, field) for field in type(part).model_fields}
        if _is_configurable(part):
            settings = None
        elif settings is not None and isinstance(bound := fields.get("kwargs"), dict):
            settings = {**bound, **settings}
        yield from _models_in(list(fields.values()), settings)


def _is_configurable(part: Any) -> bool:
    from langchain_core.runnables.configurable import DynamicRunnable

    return isinstance(part, DynamicRunnable)


def _check_varied(model: Any, settings: Mapping[str, Any] | None) -> None:
    """Refuse settings that make every sample the same, so that they agree whatever they say."""
    if settings is None:
        return
    name = type(model).__name__
    if settings.get("temperature", getattr(model, "temperature", None)) == 0:
        raise GateError(
            f"{name} has the temperature 0, at which all samples are alike; agreement needs a "
            "model whose answers can differ: set a temperature above 0"
        )
    if settings.get("seed", getattr(model, "seed", None)) is not None:
        raise GateError(
            f"{name} has a fixed seed, with which all samples are alike; agreement needs a model "
            "without one"
        )


def _id_of(sample: Any) -> Any:
    if isinstance(sample, Mapping) and "raw" in sample:
        sample = sample["raw"]
    message = message_of(sample)
    return None if message is None else message.id
