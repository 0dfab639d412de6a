"""Reading the log-probabilities of one message."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from langgraph_hitl.confidence import logprobs
from langgraph_hitl.confidence.logprobs import Aggregate
from langgraph_hitl.errors import Unreadable
from tests.confidence.shapes import TEXT


def read(message: Any, aggregate: Aggregate = "mean") -> float:
    found = logprobs(aggregate=aggregate)({"messages": [HumanMessage("?"), message]})
    assert isinstance(found, float)
    return found


def openai(content: Any, text: str = TEXT) -> AIMessage:
    return AIMessage(text, response_metadata={"logprobs": {"content": content}})


def refused(message: Any, why: str, aggregate: Aggregate = "mean") -> None:
    with pytest.raises(Unreadable) as caught:
        read(message, aggregate)
    assert why in str(caught.value)
    assert str(caught.value).startswith("The confidence ")
