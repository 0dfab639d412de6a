"""`ReviewRequest`: the question that is put to a person, as the value of a LangGraph interrupt.

One payload serves today's clients too: `action_requests` and `review_configs` are LangChain's
`HITLRequest` (Agent Chat UI, deep-agents-ui, LangSmith Studio); `arguments` repeats `args` under
the name that Agent Inbox reads.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from langgraph_hitl.review.decision import DecisionType
from langgraph_hitl.review.record import SCHEMA_VERSION

MAX_DESCRIPTION = 4_000
MAX_SHOWN_VERSION = 8_000


@dataclass(frozen=True, kw_only=True)
class ReviewRequest:
    """A pending review, read from a thread by `pending(app, config)`.

    `subject` is plain JSON (a message is its content); `finding` says why a person is asked;
    `history` has the earlier versions with what was said about them; `interrupt_id` is LangGraph's
    id of this question and changes with every round, `review_id` stays; `escalations` names whom it
    can be passed on to. `panel` says who decides, and without an inbox `by_name`: whether each vote
    counts under its own name. `items` is set where a list is decided item by item: the
    `key` of their ids, what is `allowed` of one, and those that are `decided` already; the subject
    has what is open. `questions` has the open questions of a plan, by the ids under which the
    `parts` of a revision answer them.
    """

    interrupt_id: str
    schema_version: int
    review_id: str
    thread_id: str
    kind: str
    action: str
    subject_key: str | None
    subject: Any
    context: dict[str, Any]
    finding: dict[str, Any]
    criteria: list[str]
    allowed_decisions: list[DecisionType]
    digest: str
    round: int
    revisions_left: int | None
    history: list[dict[str, Any]]
    asked_at: str
    deadline: str | None = None
    panel: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None
    escalations: list[str] = field(default_factory=list)
    items: dict[str, Any] | None = None
    questions: dict[str, str] | None = None
    response_schema: dict[str, Any] | None = field(default=None, repr=False)

    @classmethod
    def from_interrupt(
        cls, interrupt_id: str, value: Any, response_schema: dict[str, Any] | None = None
    ) -> ReviewRequest | None:
        """The request of an interrupt, or None if the interrupt is not one of ours."""
        if not is_request(value):
            return None
        known = {key: item for key, item in value.items() if key in _FIELDS}
        return cls(interrupt_id=interrupt_id, response_schema=response_schema, **known)


_FIELDS = frozenset(f.name for f in fields(ReviewRequest)) - {"interrupt_id", "response_schema"}
_REQUIRED = _FIELDS - {
    f.name
    for f in fields(ReviewRequest)
    if f.default is not MISSING or f.default_factory is not MISSING
}


def is_request(value: Any) -> bool:
    """Whether an interrupt's value is a request of this package, in a version that it reads."""
    return (
        isinstance(value, dict)
        and value.keys() >= _REQUIRED
        and value.get("schema_version") == SCHEMA_VERSION
        and isinstance(value.get("review_id"), str)
        and isinstance(value.get("digest"), str)
    )


def client_part(
    *, action: str, arguments: dict[str, Any], description: str, allowed: list[str]
) -> dict[str, Any]:
    """What today's clients read of a request."""
    return {
        "action_requests": [
            {
                "name": action,
                "args": arguments,
                "arguments": arguments,
                "description": description,
            }
        ],
        "review_configs": [{"action_name": action, "allowed_decisions": allowed}],
    }


def shown_history(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The history for a payload: long versions are left out, their diffs stay."""
    return [
        {**{key: item for key, item in entry.items() if key != "version"}, "truncated": True}
        if len(str(entry.get("version", ""))) > MAX_SHOWN_VERSION
        else entry
        for entry in history
    ]


def describe(
    *,
    question: str,
    finding: dict[str, Any],
    criteria: list[str],
    context: dict[str, Any],
    history: list[dict[str, Any]],
) -> str:
    """The request in a few lines of text, for clients that show nothing else of it."""
    lines = [question, finding["sentence"]]
    lines += [f"- {criterion}" for criterion in criteria]
    lines += [f"{name}: {_short(value)}" for name, value in context.items()]
    for entry in history[-3:]:
        remark = entry["decision"].get("feedback") or entry["decision"]["type"]
        lines.append(f"Round {entry['round'] + 1}: {_short(remark)}")
    text = "\n".join(lines)
    return text if len(text) <= MAX_DESCRIPTION else text[: MAX_DESCRIPTION - 1] + "…"


def _short(value: Any, limit: int = 500) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"
