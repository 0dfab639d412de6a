"""Where chat models put the log-probabilities of `The answer is 42.`, by the repository that does.

Every shape was read in the code, the docstrings or the tests of the repository that it is named
after; the numbers are our own. `MEAN` is what the confidence of each of them is.
"""

from __future__ import annotations

import math
from typing import Any

TEXT = "The answer is 42."
PARTS = ["The", " answer", " is", " 42", "."]
LOGPROBS = [-0.01, -0.25, -0.002, -0.6, 0]
MEAN = math.exp(sum(LOGPROBS) / 5)
MIN = math.exp(-0.6)
JOINT = math.exp(sum(LOGPROBS))


def entries(**more: Any) -> list[dict[str, Any]]:
    """One entry for each token, as OpenAI's chat completions have them."""
    return [
        {"token": token, "logprob": logprob, **more}
        for token, logprob in zip(PARTS, LOGPROBS, strict=True)
    ]


def with_bytes() -> list[dict[str, Any]]:
    return [{**each, "bytes": list(each["token"].encode())} for each in entries(top_logprobs=[])]


METADATA: dict[str, dict[str, Any]] = {
    "langchain-ai/langchain libs/partners/openai ChatOpenAI": {
        "logprobs": {"content": with_bytes(), "refusal": None}
    },
    "langchain-ai/langchain libs/partners/deepseek ChatDeepSeek": {
        "logprobs": {
            "content": with_bytes(),
            "reasoning_content": [{"token": "Hm", "logprob": -3.0, "bytes": [72, 109]}],
        }
    },
    "langchain-ai/langchain libs/partners/ollama ChatOllama": {"logprobs": with_bytes()},
    "langchain-ai/langchain libs/partners/xai ChatXAI": {
        "logprobs": {
            "content": None,
            "token_ids": [1, 2, 3, 4, 5],
            "tokens": PARTS,
            "token_logprobs": LOGPROBS,
        }
    },
    "langchain-ai/langchain-together ChatTogether": {
        "logprobs": {"content": None, "tokens": PARTS, "token_logprobs": LOGPROBS}
    },
    "langchain-ai/langchain libs/partners/fireworks ChatFireworks": {
        "logprobs": {
            "content": [{**each, "sampling_logprob": None, "token_id": 5} for each in with_bytes()]
        }
    },
    "langchain-ai/langchain libs/partners/fireworks ChatFireworks, completions": {
        "logprobs": {
            "tokens": PARTS,
            "token_logprobs": LOGPROBS,
            "top_logprobs": [{}] * 5,
            "text_offset": [0, 3, 10, 13, 16],
        }
    },
    "langchain-ai/langchain libs/partners/huggingface ChatHuggingFace": {
        "logprobs": {"content": entries(top_logprobs=[])}
    },
    "langchain-ai/langchain-litellm ChatLiteLLM": {"logprobs": {"content": with_bytes()}},
    "abetlen/llama-cpp-python ChatLlamaCpp": {
        "logprobs": {"content": entries(bytes=None, top_logprobs=[]), "refusal": None}
    },
    "vllm-project/vllm through ChatOpenAI": {"logprobs": {"content": with_bytes()}},
    "langchain-ai/langchain-google libs/vertexai ChatVertexAI": {
        "avg_logprobs": -0.1724,
        "logprobs_result": entries(top_logprobs=[]),
    },
    "langchain-ai/langchain-google libs/vertexai ChatVertexAI 2.0.7": {
        "logprobs_result": {
            "chosen_candidates": [
                {"token": token, "log_probability": logprob}
                for token, logprob in zip(PARTS, LOGPROBS, strict=True)
            ],
            "top_candidates": [],
        }
    },
}

RESPONSES_CONTENT: list[dict[str, Any]] = [
    {"type": "reasoning", "id": "rs_1", "summary": []},
    {"type": "text", "text": "The answer", "annotations": [], "logprobs": with_bytes()[:2]},
    {"type": "text", "text": " is 42.", "annotations": [], "logprobs": with_bytes()[2:]},
]
"""`openai/openai-python`, the text blocks of the Responses API."""
