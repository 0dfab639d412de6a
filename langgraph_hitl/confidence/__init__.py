"""How sure a model was: sources of a confidence for `confidence_escalation` and `below_confidence`.

- a state key or a path: a number that the state has, such as a classifier's probability or a field
  of a structured output (`"answer.confidence"`);
- a function of the state: whatever it computes;
- `logprobs()`: the log-probabilities of the tokens of the answer;
- `agreement("samples")`: how many samples in the state say the same;
- `model_agreement(model, ...)`: the same over samples that are drawn for the review;
- `stated()`: what the model wrote under its answer, see `STATE_CONFIDENCE`; `without_statement`
  takes it off again.

Each is callable with a state, to try it out. Where a source cannot tell, it raises `Unreadable`,
whose message is the sentence that the reviewer sees: a person is asked, and nothing is guessed.

>>> from langgraph_hitl.triggers import below_confidence
>>> below_confidence(0.8, confidence="answer.confidence")({"answer": {"confidence": 0.9}}).needed
False
>>> below_confidence(0.8, confidence=stated())({"answer": "Paris, I am nearly sure."}).sentence
'The confidence is missing: the answer does not state it.'
"""

from langgraph_hitl.confidence.agreement import agreement, model_agreement
from langgraph_hitl.confidence.logprobs import logprobs
from langgraph_hitl.confidence.stated import STATE_CONFIDENCE, stated, without_statement

__all__ = [
    "STATE_CONFIDENCE",
    "agreement",
    "logprobs",
    "model_agreement",
    "stated",
    "without_statement",
]
