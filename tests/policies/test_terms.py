"""`Terms` and rules: what is said has an effect, or is an error."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest

from langgraph_hitl._subgraph.spec import Priority
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import by_risk, chain, quorum
from langgraph_hitl.policies import Rule, Terms
from langgraph_hitl.policies.terms import PRIORITIES
from langgraph_hitl.triggers import always, flagged, never


def test_what_is_not_said_is_left_to_the_gate() -> None:
    assert Terms().to_json() == {}
    assert Terms(timeout="1h").on_timeout == "reject"


def test_all_that_was_said_is_told() -> None:
    terms = Terms(
        reviewers=by_risk({"low": "ops", "high": chain("lead", "director")}),
        timeout="1 day",
        on_timeout="escalate",
        remind=["30m", timedelta(hours=2)],
        on_defer="pause",
        priority="high",
        queue="q",
    )
    assert terms.to_json() == {
        "reviewers": "low: any of ops; high: lead or above, in the chain lead, director",
        "timeout": "1d",
        "on_timeout": "escalate",
        "remind": ["2h", "30m"],
        "on_defer": "pause",
        "priority": "high",
        "queue": "q",
    }


def test_a_panel_stays_as_it_is() -> None:
    panel = quorum(2, of="finance")
    terms = Terms(reviewers=panel, timeout=timedelta(hours=1))
    assert terms.reviewers is panel
    assert terms == Terms(reviewers=panel, timeout="60m")
    assert hash(terms) == hash(Terms(reviewers=panel, timeout="60m"))
    assert terms != Terms(timeout="60m")


def test_the_priorities_are_those_of_a_gate() -> None:
    assert get_args(Priority) == PRIORITIES


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reviewers": 5}, "reviewers takes a role"),
        ({"reviewers": []}, "reviewers takes a role"),
        ({"timeout": "soon"}, "timeout must be a duration such as '30m'"),
        ({"timeout": 24}, "timeout must be a duration such as '30m'"),
        ({"timeout": True}, "timeout must be a duration such as '30m'"),
        ({"on_timeout": "reject"}, "on_timeout has no effect without a timeout"),
        ({"timeout": "1h", "on_timeout": "approve"}, "on_timeout must be one of reject, escalate"),
        (
            {"reviewers": "a", "timeout": "1h", "on_timeout": "escalate"},
            "'escalate' needs somebody",
        ),
        ({"reviewers": "a", "timeout": "1h", "remind": "1h"}, "remind 1h before the end comes"),
        ({"remind": "soon"}, "remind must be a duration"),
        ({"remind": []}, "remind names no duration"),
        ({"remind": 5}, "remind must be a duration"),
        ({"priority": "urgent"}, "priority must be one of critical, high, normal, low"),
        ({"queue": " "}, "queue must be a text that is not blank"),
    ],
)
def test_terms_that_say_nothing_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(GateError, match=message):
        Terms(**options)


def make_rule(*, name: Any = "a", when: Any = None, then: Any = "ask") -> Rule:
    return Rule(name, when=flagged("x") if when is None else when, then=then)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "default"}, "'default' is the word for no rule"),
        ({"name": 5}, "the name of a rule must be a text"),
        ({"when": "always"}, "rule 'a': when must be a function of the state or a trigger"),
        ({"then": "approve"}, "rule 'a': then must be 'ask', 'pass' or Terms, not 'approve'"),
        ({"then": None}, "then must be 'ask', 'pass' or Terms"),
        ({"when": never()}, "rule 'a' can never apply"),
        ({"when": never() & flagged("x")}, "rule 'a' can never apply"),
        ({"when": ~always()}, "rule 'a' can never apply"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(GateError, match=message):
        make_rule(**options)


def test_a_rule_for_every_case_is_known_by_its_form() -> None:
    for when in (always(), always() | flagged("x"), ~never(), always() & always()):
        assert Rule("a", when=when, then="pass").unconditional
    assert not Rule("a", when=always() & flagged("x"), then="pass").unconditional
