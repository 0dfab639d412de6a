"""From what somebody else's graph asks to a filing, and what a filed review remembers of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from langgraph_hitl._subgraph.channels import Question, store
from langgraph_hitl._subgraph.terms import risk_in
from langgraph_hitl.inbox._destination import RANKS
from langgraph_hitl.inbox._foreign.shapes.shape import Item, is_schema
from langgraph_hitl.inbox._foreign.watch import Watch
from langgraph_hitl.inbox._run.filing import ANYBODY
from langgraph_hitl.inbox.review import Filing, gate_of
from langgraph_hitl.review.answer_schema import answer_schema
from langgraph_hitl.review.decision import DecisionType
from langgraph_hitl.review.digest import digest
from langgraph_hitl.review.finding import Finding
from langgraph_hitl.review.record import SCHEMA_VERSION
from langgraph_hitl.review.snapshot import Snapshot

KEY = "foreign"
"""Where a filed question keeps what its answer needs."""


class Place(NamedTuple):
    """Which interrupt of which thread asks, and at which root checkpoint."""

    graph: str
    thread_id: str
    interrupt_id: str
    root_checkpoint: str | None


@dataclass(frozen=True)
class Asking:
    """A question that waits in a thread, as it would be filed: one item for each review."""

    place: Place
    shape: str
    items: tuple[Item, ...]
    schema: dict[str, Any] | None

    @cached_property
    def digests(self) -> tuple[str, ...]:
        """The fingerprint of every item, and of what is asked with it."""
        whole = [[item.action, item.subject, list(item.allowed)] for item in self.items]
        if len(whole) == 1:
            return (digest(whole[0]),)
        return tuple(digest([position, whole]) for position in range(len(whole)))


def id_of(place: Place, position: int, digest: str, turn: int) -> str:
    """The id of a review, the same in every process.

    `turn` counts how often the very same question was ended, and is asked once more.
    """
    parts = (place.graph, place.thread_id, place.interrupt_id, str(position), digest, str(turn))
    return "rv-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def filing_of(
    asking: Asking, position: int, watch: Watch, *, family: Sequence[str], now: datetime
) -> Filing:
    """One item of a question, as it is put before people. `family` has the ids of all items."""
    item, place, review_id = asking.items[position], asking.place, family[position]
    course = watch.course(now)
    panel = watch.panel if course is None else course.panel_at(course.told)
    allowed = _allowed(item, watch)
    question = _question(asking, position, review_id, now)
    return Filing(
        review_id=review_id,
        graph=place.graph,
        thread_id=place.thread_id,
        gate=gate_of(place.interrupt_id),
        root_checkpoint=place.root_checkpoint,
        kind=item.kind,
        action=item.action,
        round=0,
        digest=question["digest"],
        queue=watch.queue,
        rank=RANKS[watch.priority],
        due=None if course is None else course.deadline,
        risk=risk_in(question["finding"]),
        score=question["finding"].get("score"),
        eligible=panel.eligible_keys if panel else ANYBODY,
        request=_request(
            item, question, allowed, watch, None if course is None else course.deadline
        ),
        question={
            "question": question,
            "schema": _schema(item, allowed),
            "rules": {
                "action": item.action,
                "argument": "value",
                "allowed": allowed,
                "rated": False,
                "choice": item.choice,
                "is_question": item.is_question,
            },
            "panel": watch.panel.to_json() if watch.panel else None,
            "on_defer": "run_on",
            KEY: {
                "shape": asking.shape,
                "detail": item.detail,
                "schema": asking.schema,
                "family": list(family),
            },
        },
        course=course,
    )


def _allowed(item: Item, watch: Watch) -> list[DecisionType]:
    votes = watch.panel is not None and not watch.panel.single
    every: list[DecisionType] = [*item.allowed, "defer"]
    return [*every, "abstain"] if votes and "abstain" not in every else every


def _question(asking: Asking, position: int, review_id: str, now: datetime) -> Question:
    item, fingerprint = asking.items[position], asking.digests[position]
    finding = item.finding or Finding(needed=True, sentence=item.sentence).to_json()
    return {
        "review_id": review_id,
        "thread_id": asking.place.thread_id,
        "asked_at": now.isoformat(),
        "round": 0,
        "revisions": 0,
        "snapshot": store(Snapshot(shown=item.subject)),
        "digest": fingerprint,
        "first_digest": fingerprint,
        "context": item.context,
        "finding": finding,
        "decisions": [],
        "history": [],
        "inputs": {},
    }


def _request(
    item: Item,
    question: Question,
    allowed: list[DecisionType],
    watch: Watch,
    deadline: datetime | None,
) -> dict[str, Any]:
    """What people are shown, in the words of a gate's own payload."""
    shown = item.detail.get("shown", {})
    return {
        "schema_version": SCHEMA_VERSION,
        "review_id": question["review_id"],
        "thread_id": question["thread_id"],
        "kind": item.kind,
        "action": item.action,
        "subject_key": None,
        "subject": item.subject,
        "context": item.context,
        "finding": question["finding"],
        "criteria": shown.get("criteria", []),
        "allowed_decisions": allowed,
        "digest": question["digest"],
        "round": 0,
        "revisions_left": None,
        "history": shown.get("history", []),
        "asked_at": question["asked_at"],
        "deadline": None if deadline is None else deadline.isoformat(),
        "panel": None if watch.panel is None else watch.panel.shown([]),
        "answer": item.choice,
    }


def _schema(item: Item, allowed: list[DecisionType]) -> dict[str, Any]:
    """The schema of a decision; what stands in the asker's own is checked beside it."""
    schema = answer_schema(allowed)
    for shape in schema["oneOf"]:
        properties = shape["properties"]
        match properties["type"]["const"]:
            case "edit":
                properties["value"] = _inside(item.edit_schema)
            case "respond":
                properties["message"] = _inside(item.respond_schema)
    return schema


def _inside(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that means the same inside another one; nothing where it would not, or is none."""
    return {} if "$ref" in repr(schema) or not is_schema(schema) else schema
