"""`explain`: which part of which rule was true, false, or could not be told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl.policies import Equal, Max, Part, Policy, Rule, where
from langgraph_hitl.triggers import always, flagged, over
from tests.scale import scale
from tests.triggers.hostile import ANYTHING

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
POLICY = Policy(
    [
        Rule("large", when=over("amount", 1000) | flagged("disputed"), then="ask"),
        Rule("small", when=where({"amount": Max(50), "kind": Equal("refund")}), then="pass"),
        Rule("new", when=~flagged("known") & always(), then="ask"),
        Rule("known", when=flagged("known"), then="pass"),
    ],
    name="refunds",
    version=3,
)


def test_each_rule_until_the_first_that_holds() -> None:
    found = POLICY.explain({"amount": 20, "disputed": False, "kind": "refund"}, AT)
    large, small = found.rules
    assert (large.rule, large.holds, large.word) == ("large", False, "false")
    assert large.parts == (
        Part("over('amount', 1000)", False, "The amount 20 is not over 1000."),
        Part("flagged('disputed')", False, "Not flagged as disputed."),
    )
    assert (small.rule, small.holds) == ("small", True)


def test_what_could_not_be_told_says_so_and_the_rest_follows() -> None:
    values = {"amount": 20, "disputed": False, "kind": 5, "known": True}
    found = POLICY.explain(values, AT)
    assert [(each.rule, each.word) for each in found.rules] == [
        ("large", "false"),
        ("small", "not told"),
        ("new", "false"),
        ("known", "true"),
    ]
    assert str(found).splitlines() == [
        "large: false",
        "  over('amount', 1000): false. The amount 20 is not over 1000.",
        "  flagged('disputed'): false. Not flagged as disputed.",
        "small: not told",
        "  where('amount', 'kind'): not told. The kind is 5, which is not a text.",
        "new: false",
        "  flagged('known'): true. Flagged as known.",
        "  always(): true. Every case is reviewed.",
        "known: true",
        "  flagged('known'): true. Flagged as known.",
        "-> ask, by default: Rule 'small' could not be told: The kind is 5, which is not a text. "
        "So a person is asked by refunds (version 3).",
    ]


@given(st.dictionaries(st.sampled_from(["amount", "disputed", "kind", "known"]), ANYTHING))
@settings(max_examples=scale(1_000), deadline=None)
def test_it_comes_to_what_is_decided_and_is_plain_json(values: dict[str, Any]) -> None:
    found = POLICY.explain(values, AT)
    assert found.ruling.to_json() == POLICY.decide(values, AT).to_json()
    assert json.loads(json.dumps(found.to_json())) == found.to_json()
    assert found.ruling.rule in (None, found.rules[-1].rule)
