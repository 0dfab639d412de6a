"""The options of human_approval are those of every preset about a subject."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from langgraph_hitl import (
    Choice,
    ReviewState,
    committee,
    confidence_escalation,
    crowd,
    human_approval,
    plan_approval,
    qa_sample,
    rated_feedback,
    submit_review,
)
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import majority
from langgraph_hitl.patterns.options import ReviewOptions
from langgraph_hitl.policies import Escalation
from langgraph_hitl.precedents import by_keys
from tests.paused import spec
from tests.subject_presets import SALT


class State(ReviewState, total=False):
    draft: str
    confidence: float
    case: str
    high_risk: bool
    sources: list[str]


def noon() -> datetime:
    return datetime(2026, 1, 2, 12, tzinfo=UTC)


def rewrite(state: State) -> dict[str, Any]:
    return {"draft": state["draft"] + "!"}


def prompt(state: State) -> list[Any]:
    return []


def hear(*_told: Any) -> None:
    pass


class Desk:
    """As far as a gate that is built knows an inbox."""

    def clerk(self, spec: Any, config: Any) -> Any:
        raise NotImplementedError


OPTIONS: dict[str, Any] = {
    "action": "post",
    "allowed_decisions": ["approve", "edit", "respond"],
    "context": ["sources"],
    "required_context": ["sources"],
    "criteria": ["Is it true?"],
    "edit_schema": {"type": "string", "maxLength": 10},
    "revise": rewrite,
    "prompt": prompt,
    "max_revisions": 7,
    "on_exhausted": "needs_revision",
    "resubmit_edits": True,
    "reads": ["sources"],
    "state_schema": State,
    "write_back": False,
    "clock": noon,
    "inbox": Desk(),
    "reviewers": "editors",
    "timeout": "24h",
    "on_timeout": "reject",
    "remind": ["1h"],
    "on_defer": "pause",
    "escalations": {"legal": Escalation(reviewers="lawyer")},
    "requester": "case",
    "similar": by_keys("case"),
    "queue": "posts",
    "priority": "high",
    "on_asked": hear,
    "on_decided": hear,
}
REFUSED = {"on_recall"}
"""What has no effect where the graph waits."""

PRESETS: dict[str, Callable[..., Gate]] = {
    "confidence_escalation": lambda **options: confidence_escalation(
        "draft", confidence="confidence", **options
    ),
    "qa_sample": lambda **options: qa_sample("draft", item_id="case", salt=SALT, **options),
    "rated_feedback": lambda **options: rated_feedback("draft", **options),
    "submit_review": lambda **options: submit_review("draft", **{"inbox": Desk(), **options}),
}
OWN = {"kind", "name", "when", "rules", "schema", "reviser", "mode", "submission"}


@pytest.fixture(params=PRESETS)
def preset(request: pytest.FixtureRequest) -> Callable[..., Gate]:
    return PRESETS[request.param]


def test_the_signature_lists_them_all() -> None:
    expected = inspect.signature(human_approval).parameters.keys() - {
        *("subject", "when", "policy", "name", "unknown")
    }
    assert ReviewOptions.__annotations__.keys() == expected
    assert OPTIONS.keys() == expected - REFUSED


def test_all_of_them_reach_the_gate(preset: Callable[..., Gate]) -> None:
    given, wanted = spec(preset(**OPTIONS)), spec(human_approval("draft", **OPTIONS))
    for field in fields(given):
        if field.name not in OWN | {"subject"}:
            assert _plain(getattr(given, field.name)) == _plain(getattr(wanted, field.name))
    assert given.subject_key == wanted.subject_key
    assert given.rules.allowed == wanted.rules.allowed
    assert given.rules.action == wanted.rules.action
    assert given.rules.check is not None
    assert given.schema == wanted.schema
    assert given.reviser is not None
    assert wanted.reviser is not None
    assert given.reviser.prompt is wanted.reviser.prompt
    assert given.reviser.reads == wanted.reviser.reads


def _plain(value: Any) -> Any:
    """Defaults and fields of a schema are made anew for each gate."""
    return sorted(value) if isinstance(value, dict) else value


@pytest.mark.parametrize("option", ["reviewer", "rated", "into", "question", "choice", "kind"])
def test_no_others_are_taken(preset: Callable[..., Gate], option: str) -> None:
    words = rf"^(?!review_gate)\w+: unknown option '{option}'"
    with pytest.raises(GateError, match=words):
        preset(**{option: True})


def test_who_decides_has_one_name(preset: Callable[..., Gate]) -> None:
    with pytest.raises(GateError, match=r"unknown option 'approvers'; did you mean 'reviewers'\?"):
        preset(approvers="finance")


def test_where_reviewers_have_another_name_approvers_do_too() -> None:
    wrong: Any = {"approvers": "finance"}
    with pytest.raises(GateError, match="did you mean 'of'"):
        crowd("What is it?", answer=Choice("a", "b"), people=2, **wrong)
    with pytest.raises(GateError, match="did you mean 'members'"):
        committee("draft", members=majority(of=3), chair="head", **wrong)
    with pytest.raises(GateError, match="did you mean 'reviewers'"):
        plan_approval("draft", **wrong)


def test_none_of_them_opens_the_gate(preset: Callable[..., Gate]) -> None:
    """Whatever the options, their triggers stay what they are."""
    plain, full = spec(preset()).when, spec(preset(**OPTIONS)).when
    assert (plain is None) == (full is None)
    if plain is not None and full is not None:
        assert repr(plain.trigger) == repr(full.trigger)
