"""Types of escalation: what a gate takes, and what it refuses when it is built."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from langgraph_hitl import Escalate, Reviewer, ask_human, human_approval
from langgraph_hitl.errors import GateError, InvalidDecision
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.panels import chain, quorum
from langgraph_hitl.people import Member, Roster
from langgraph_hitl.policies import Escalation
from langgraph_hitl.review.decision import parse_postponement, to_json
from tests.paused import spec

LEGAL = {"legal": Escalation(reviewers="lawyer")}


def handler(_request: Any, _reason: Any) -> None: ...


async def later(_request: Any, _reason: Any) -> None: ...


class Later:
    async def __call__(self, _request: Any, _reason: Any) -> None: ...


@pytest.fixture
def inbox() -> Inbox:
    return Inbox.open("sqlite:///:memory:")


def test_what_is_said() -> None:
    found = Escalation(
        reviewers=["lawyer", Reviewer("maria")],
        queue=" legal ",
        timeout="1d 4h",
        priority="high",
        handler=handler,
    )
    assert found.reviewers is not None
    assert found.reviewers.eligible_keys == ("role:lawyer", "person:maria")
    assert (found.queue, found.timeout) == ("legal", timedelta(hours=28))
    assert (found.priority, found.handler) == ("high", handler)


@pytest.mark.parametrize(
    "given",
    [
        {"reviewers": "a role that nobody knows"},
        {"queue": "legal"},
        {"timeout": timedelta(hours=1)},
        {"priority": "low"},
        {"handler": handler},
    ],
    ids=lambda given: next(iter(given)),
)
def test_each_alone_is_enough(given: Any) -> None:
    assert Escalation(**given) == Escalation(**given)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "needs reviewers"),
        ({"reviewers": ""}, "role"),
        ({"reviewers": 5}, "reviewers"),
        ({"reviewers": []}, "reviewers"),
        ({"queue": " "}, "queue"),
        ({"queue": 5}, "queue"),
        ({"queue": "a\nb"}, "queue"),
        ({"timeout": "soon"}, "timeout"),
        ({"timeout": 4}, "timeout"),
        ({"timeout": timedelta(0)}, "timeout"),
        ({"timeout": "-4h"}, "timeout"),
        ({"priority": "urgent"}, "priority"),
        ({"priority": 1}, "priority"),
        ({"handler": "page"}, "handler"),
        ({"handler": later}, "synchronous"),
        ({"handler": Later()}, "synchronous"),
    ],
)
def test_what_is_refused(given: Any, named: str) -> None:
    with pytest.raises(GateError, match=named):
        Escalation(**given)


@pytest.mark.parametrize(
    "given",
    [
        {},
        [],
        "legal",
        LEGAL["legal"],
        {"": LEGAL["legal"]},
        {" ": LEGAL["legal"]},
        {5: LEGAL["legal"]},
        {"a\nb": LEGAL["legal"]},
        {"legal": "lawyer"},
        {"legal": None},
        {"legal": LEGAL["legal"], "legal ": LEGAL["legal"]},
    ],
    ids=str,
)
def test_what_a_gate_refuses(inbox: Inbox, given: Any) -> None:
    with pytest.raises(GateError, match="escalation"):
        human_approval("draft", inbox=inbox, escalations=given)


def test_it_needs_an_inbox() -> None:
    with pytest.raises(GateError, match="escalations has no effect without inbox="):
        human_approval("draft", escalations=LEGAL)


class TestGates:
    def test_it_can_be_said_where_there_is_no_chain(self, inbox: Inbox) -> None:
        gate = spec(human_approval("draft", inbox=inbox, escalations=LEGAL))
        assert gate.rules.allowed == ("approve", "edit", "reject", "escalate")
        assert accepts(gate, {"type": "escalate", "to": "legal", "reason": "a gift?"})
        assert not accepts(gate, {"type": "escalate"})
        assert not accepts(gate, {"type": "escalate", "to": "sales"})

    def test_a_chain_needs_no_name(self, inbox: Inbox) -> None:
        panel = chain("member", "lead")
        gate = spec(human_approval("draft", inbox=inbox, reviewers=panel, escalations=LEGAL))
        assert accepts(gate, {"type": "escalate"})
        assert accepts(gate, {"type": "escalate", "to": "legal"})

    def test_questions_take_it_too(self, inbox: Inbox) -> None:
        gate = spec(ask_human("Which plan?", inbox=inbox, escalations=LEGAL))
        assert "escalate" in gate.rules.allowed

    def test_their_panel_may_take_several_votes(self, inbox: Inbox) -> None:
        both = {"legal": Escalation(reviewers=quorum(2, of="lawyer"))}
        gate = spec(human_approval("draft", inbox=inbox, escalations=both))
        assert "abstain" in gate.rules.allowed

    def test_their_time_is_a_way_out(self, inbox: Inbox) -> None:
        soon = {"legal": Escalation(timeout="4h")}
        assert "timed_out" in spec(human_approval("draft", inbox=inbox, escalations=soon)).outcomes
        plain = spec(human_approval("draft", inbox=inbox, escalations=LEGAL))
        assert "timed_out" not in plain.outcomes

    def test_nobody_in_the_directory_is_one_of_them(self) -> None:
        from langgraph.checkpoint.memory import InMemorySaver

        from tests.apps import one_gate

        people = Roster(Member(Reviewer("ed", roles="editors")))
        inbox = Inbox.open("sqlite:///:memory:", people=people)
        gate = human_approval("draft", inbox=inbox, reviewers="editors", escalations=LEGAL)
        app = one_gate(gate)().compile(checkpointer=InMemorySaver())
        with pytest.raises(GateError, match="lawyer"):
            inbox.register(app, "graph")


class TestDecision:
    def test_it_goes_over_the_wire(self) -> None:
        said = Escalate("a gift?", to="legal")
        assert to_json(said) == {"type": "escalate", "reason": "a gift?", "to": "legal"}
        assert parse_postponement(to_json(said)) == said
        assert parse_postponement({"type": "escalate"}) == Escalate()

    @pytest.mark.parametrize("to", [5, None, ["legal"], {}])
    def test_a_name_is_a_text(self, to: Any) -> None:
        with pytest.raises(InvalidDecision, match="to must be a text"):
            parse_postponement({"type": "escalate", "to": to})


def accepts(gate: Any, answer: dict[str, Any]) -> bool:
    """Whether the schema that is published takes an answer."""
    found: bool = jsonschema.Draft202012Validator(gate.schema).is_valid(answer)
    return found
