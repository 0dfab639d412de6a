"""Chat models that count what they are asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.globals import set_llm_cache
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import PrivateAttr


class Asked:
    """The answers of a model in turn, and the prompts that it got; shared by copies of it."""

    def __init__(self, *answers: Any) -> None:
        self.answers = answers
        self.prompts: list[str] = []
        self.settings: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def next(self, prompt: str, settings: dict[str, Any]) -> Any:
        with self._lock:
            answer = self.answers[len(self.prompts) % len(self.answers)]
            self.prompts.append(prompt)
            self.settings.append(settings)
        return answer


class CountingModel(BaseChatModel):
    """Gives the answers of `asked`: texts, messages, or errors to raise."""

    temperature: float | None = None
    seed: int | None = None
    _asked: Asked = PrivateAttr()

    @classmethod
    def of(cls, asked: Asked, **fields: Any) -> CountingModel:
        model = cls(**fields)
        model._asked = asked
        return model

    @property
    def _llm_type(self) -> str:
        return "counting"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer = self._asked.next(str(messages[-1].text), kwargs)
        if isinstance(answer, Exception):
            raise answer
        message = answer if isinstance(answer, AIMessage) else AIMessage(answer)
        return ChatResult(generations=[ChatGeneration(message=message)])


@contextmanager
def cached() -> Iterator[InMemoryCache]:
    """An application that has set LangChain's cache."""
    cache = InMemoryCache()
    set_llm_cache(cache)
    try:
        yield cache
    finally:
        set_llm_cache(None)
