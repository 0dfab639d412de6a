"""`Policy`: the first rule that holds applies, and what cannot be told is asked."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

from langgraph_hitl import Approve, ReviewState, Revise, add_review, human_approval, pending, resume
from langgraph_hitl.errors import GateError
from langgraph_hitl.policies import (
    Ask,
    Equal,
    In,
    Max,
    Pass,
    Policy,
    Rule,
    Template,
    Terms,
    load_policy,
    matches,
    where,
)
from langgraph_hitl.policies._sheet import Sheet
from langgraph_hitl.testing import FixedClock
from langgraph_hitl.triggers import (
    Trigger,
    always,
    below_confidence,
    during,
    flagged,
    never,
    outside,
    over,
    predicate,
    risk_at_least,
)
from tests.scale import scale
from tests.triggers.hostile import ANYTHING

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATE = datetime(2027, 1, 1, tzinfo=UTC)
FILE = Path(__file__).parent.parent / "fixtures" / "policy.yaml"
SMALL = Template(
    "small refund",
    version=2,
    owner="finance",
    expires="2026-12-31",
    matches={"kind": Equal("refund"), "amount": Max(50)},
)
LARGE = Terms(reviewers="directors", timeout="24h", remind="2h", queue="large")


def policy(*rules: Rule, **options: Any) -> Policy:
    return Policy(rules, name="refunds", version=3, at=AT, **options)


def passing(name: str, when: Any) -> Rule:
    return Rule(name, when=when, then="pass")


def asking(name: str, when: Any, then: Any = "ask") -> Rule:
    return Rule(name, when=when, then=then)


REFUNDS = policy(
    asking("large", over("amount", 1000), LARGE),
    passing("small", matches(SMALL)),
    default=Terms(reviewers="clerks"),
    owner="finance",
)


def test_a_rule_that_asks_gives_its_terms_and_says_why() -> None:
    ruling = REFUNDS.decide({"kind": "refund", "amount": 1200}, AT)
    assert isinstance(ruling, Ask)
    assert (ruling.rule, ruling.terms, ruling.doubts) == ("large", LARGE, ())
    assert ruling.sentence == "Rule 'large' of refunds (version 3): The amount 1200 is over 1000."
    assert ruling.to_json() == {
        "decision": "ask",
        "policy": "refunds",
        "version": "3",
        "owner": "finance",
        "rule": "large",
        "sentence": ruling.sentence,
        "terms": {
            "reviewers": "any of directors",
            "timeout": "1d",
            "on_timeout": "reject",
            "queue": "large",
            "remind": ["2h"],
        },
        "doubts": [],
    }


def test_a_rule_that_passes_names_the_template() -> None:
    ruling = REFUNDS.decide({"kind": "refund", "amount": 20}, AT)
    assert isinstance(ruling, Pass)
    assert (ruling.rule, ruling.templates) == ("small", (SMALL,))
    finding = ruling.finding()
    assert finding.needed is False
    assert finding.trigger == "policy"
    assert finding.details == {
        "policy": "refunds",
        "version": "3",
        "owner": "finance",
        "rule": "small",
        "templates": [{"template": "small refund", "version": "2"}],
        "decision": "pass",
    }
    assert finding.sentence == (
        "Rule 'small' of refunds (version 3): Matches the template 'small refund' (version 2): "
        "The kind 'refund' is equal to 'refund'. The amount 20 is at most 50."
    )


def test_where_no_rule_holds_a_person_is_asked() -> None:
    ruling = REFUNDS.decide({"kind": "refund", "amount": 70}, AT)
    assert isinstance(ruling, Ask)
    assert (ruling.rule, ruling.terms) == (None, REFUNDS.default)
    assert ruling.sentence == "No rule of refunds (version 3) applies."
    assert ruling.finding().details == {
        "policy": "refunds",
        "version": "3",
        "owner": "finance",
        "rule": "default",
        "decision": "ask",
    }


def test_the_first_rule_that_holds_applies() -> None:
    both = [asking("a", flagged("x"), Terms(queue="q")), passing("b", flagged("x"))]
    assert isinstance(policy(*both).decide({"x": True}, AT), Ask)
    assert isinstance(policy(*both[::-1]).decide({"x": True}, AT), Pass)


# What cannot be told


def raising(state: dict[str, Any]) -> bool:
    raise RuntimeError("no answer")


@pytest.mark.parametrize(
    ("when", "values", "at", "why"),
    [
        (over("amount", 5), {}, AT, "The amount is missing."),
        (over("amount", 5), {"amount": "9"}, AT, "The amount is '9', which is not a number."),
        (~over("amount", 5), {"amount": float("nan")}, AT, "The amount is NaN, which is not a"),
        (raising, {}, AT, "The condition failed (RuntimeError: no answer)."),
        (predicate(raising, "It is so."), {}, AT, "The trigger predicate failed (RuntimeError: no"),
        (lambda state: None, {}, AT, "The condition gave nothing instead of true or false."),
        (
            matches(SMALL),
            {"kind": "refund", "amount": 5},
            datetime(2027, 1, 1, tzinfo=UTC),
            "The template 'small refund' (version 2) of finance expired: 2026-12-31.",
        ),
        (where({"kind": Equal("a")}), {"kind": 5}, AT, "The kind is 5, which is not a text."),
    ],
)
def test_a_rule_that_cannot_be_told_asks_and_says_why(
    when: Any, values: dict[str, Any], at: datetime, why: str
) -> None:
    terms = Terms(queue="default")
    for rules in (
        [passing("doubtful", when)],
        [passing("doubtful", when), passing("all", always())],
        [passing("no", never() | flagged("z")), passing("doubtful", when)],
    ):
        ruling = policy(*rules, default=terms).decide(values, at)
        assert isinstance(ruling, Ask)
        assert (ruling.rule, ruling.terms) == (None, terms)
        assert [each.rule for each in ruling.doubts] == ["doubtful"]
        assert ruling.sentence.startswith(f"Rule 'doubtful' could not be told: {why}")
        assert (ruling.finding().details or {})["unreadable"] is True


def test_a_rule_that_asks_and_cannot_be_told_asks_on_its_own_terms() -> None:
    rules = [asking("large", over("amount", 1000), LARGE), passing("all", always())]
    ruling = policy(*rules).decide({}, AT)
    assert isinstance(ruling, Ask)
    assert (ruling.rule, ruling.terms) == ("large", LARGE)
    assert ruling.sentence == (
        "Rule 'large' could not be told: The amount is missing. "
        "It is a rule of refunds (version 3) that asks."
    )


def test_a_doubt_about_what_passes_never_leads_past_a_rule_that_asks() -> None:
    rules = [
        passing("small", matches(SMALL)),
        asking("large", over("total", 1000), LARGE),
        passing("rest", always()),
    ]
    doubtful = {"kind": "refund", "amount": None}
    ruling = policy(*rules).decide(doubtful | {"total": 1001}, AT)
    assert isinstance(ruling, Ask)
    assert (ruling.rule, ruling.terms) == ("large", LARGE)
    ruling = policy(*rules).decide(doubtful | {"total": 5}, AT)
    assert isinstance(ruling, Ask)
    assert (ruling.rule, ruling.terms) == (None, Terms())


@given(st.dictionaries(st.sampled_from(["kind", "amount"]), ANYTHING))
@settings(max_examples=scale(2_000), deadline=None)
def test_nothing_passes_but_what_was_approved(values: dict[str, Any]) -> None:
    if isinstance(REFUNDS.decide(values, AT), Pass):
        assert str.__str__(values["kind"]) == "refund"
        assert values["amount"] <= 50


LEAVES: list[Trigger] = [
    over("x", 5),
    over("x", Decimal(5)),
    over("x", 1),
    over("y", 5),
    over(lambda state: state["x"], 5),
    flagged("y"),
    flagged("x"),
    flagged("x", optional=True),
    where({"x": Max(5), "z": Equal("a")}),
    where({"y": Equal(value=True)}),
    where({"z": Equal("a")}),
    where({"z": In(["a", "high"])}),
    where({"z": In(["low", "b"])}),
    where({"z": Equal(0.7)}),
    matches(SMALL),
    below_confidence(0.5, confidence="x"),
    risk_at_least("high", risk="z"),
    during("Mon-Fri 09:00-17:00", tz="Europe/Berlin"),
    outside("Sat-Sun", tz="UTC"),
    predicate(lambda state: state["x"] > 1, "x is over 1.", reads=["x"]),
    always(),
]
CONDITIONS = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.builds(lambda one, other: one & other, inner, inner),
        st.builds(lambda one, other: one | other, inner, inner),
        st.builds(lambda one: ~one, inner),
    ),
    max_leaves=5,
)
PLAIN = st.fixed_dictionaries(
    {},
    optional={
        "x": st.sampled_from([0, 1, 5, 6, 0.4, True, "5", None, float("nan")]),
        "y": st.sampled_from([True, False, None, 1]),
        "z": st.sampled_from(["a", "b", "high", "low", 0.7, None]),
        "kind": st.just("refund"),
        "amount": st.sampled_from([5, 70, None]),
    },
)


@given(CONDITIONS, PLAIN | st.dictionaries(st.sampled_from("xyz"), ANYTHING))
@settings(max_examples=scale(3_000), deadline=None)
def test_the_quick_way_finds_what_the_trigger_finds(when: Trigger, values: dict[str, Any]) -> None:
    try:
        tried = policy(Rule("a", when=when, then="ask"))
    except GateError:  # a condition that never holds
        return
    sheet = Sheet(tried._plan, tried._plan.reading(values), AT)
    (row,) = tried._plan.rows
    step = sheet.step(row)
    assert [*sheet.open()] == ([] if step.holds is False else [row])
    finding = when(values, at=AT)
    assert finding.needed is (step.holds is not False)
    assert finding.sentence == step.finding.sentence
    decided = tried.decide(values, AT)
    assert isinstance(decided, Ask)
    assert decided.rule == (None if step.holds is False else "a")


@given(st.lists(CONDITIONS, min_size=2, max_size=4), PLAIN)
@settings(max_examples=scale(1_000), deadline=None)
def test_a_rule_among_others_finds_what_it_finds_alone(
    conditions: list[Trigger], values: dict[str, Any]
) -> None:
    tried: list[Rule] = []
    for number, when in enumerate(conditions):
        with suppress(GateError):  # a condition that always or never holds
            tried.append(policy(Rule(f"r{number}", when=when & flagged("y"), then="ask")).rules[0])
    assume(tried)
    together = policy(*tried)
    found = Sheet(together._plan, together._plan.reading(values), AT).open()
    alone = [rule for rule in tried if policy(rule).decide(values, AT).rule or doubts(rule, values)]
    assert [row.rule for row in found] == alone


def doubts(rule: Rule, values: dict[str, Any]) -> bool:
    ruling = policy(rule).decide(values, AT)
    return isinstance(ruling, Ask) and bool(ruling.doubts)


@pytest.mark.parametrize(
    ("fails", "holds", "values"),
    [
        (over("x", 5), over("x", 1), {"x": 3}),
        (over("x", 5), over("y", 5), {"x": 3, "y": 9}),
        (flagged("x"), flagged("y"), {"x": False, "y": True}),
        (flagged("x", optional=True), flagged("y", "x"), {"x": False, "y": True}),
        (during("Sat", tz="UTC"), during("Mon-Fri", tz="UTC"), {}),
        (during("Mon 09:00-13:00", tz="Asia/Tokyo"), during("Mon 09:00-13:00", tz="UTC"), {}),
        (outside("Mon-Fri", tz="UTC"), during("Mon-Fri", tz="UTC"), {}),
    ],
)
def test_triggers_that_differ_a_little_are_tried_apart(
    fails: Trigger, holds: Trigger, values: dict[str, Any]
) -> None:
    tried = policy(Rule("fails", when=fails, then="ask"), Rule("holds", when=holds, then="ask"))
    assert tried.decide(values, AT).rule == "holds"


# In the place of a trigger


@given(PLAIN)
@settings(max_examples=scale(500), deadline=None)
def test_the_trigger_finds_what_the_policy_decides(values: dict[str, Any]) -> None:
    tried = policy(
        passing("a", where({"x": Max(5), "z": Equal("a")})),
        asking("b", flagged("y"), Terms(queue="q")),
        passing("c", ~over("x", 5)),
    )
    ruling = tried.decide(values, AT)
    finding = tried.trigger()(values, at=AT)
    assert finding.to_json() == ruling.finding().to_json()


def test_a_policy_cannot_be_turned_round() -> None:
    with pytest.raises(GateError, match="cannot be turned round"):
        ~REFUNDS.trigger()


def test_under_a_not_further_out_a_doubt_asks_all_the_same() -> None:
    combined = ~(REFUNDS.trigger() | flagged("x"))
    assert combined({"kind": "refund", "amount": "20", "x": False}, at=AT).needed is True


def test_the_keys_are_declared() -> None:
    assert REFUNDS.reads == {"kind", "amount"}
    assert load_policy(FILE, at=AT).reads >= {"disputed", "chargebacks", "departure", "class"}


def test_a_function_without_keys_is_named() -> None:
    with pytest.raises(GateError, match="which state keys does _undeclared read"):
        _ = policy(passing("a", _undeclared)).reads


def _undeclared(state):  # type: ignore[no-untyped-def]  # what is refused
    return True


class State(ReviewState, total=False):
    kind: str
    amount: Any
    paid: bool


def app(path: Path, revise: Any = None) -> Any:
    gate = human_approval(
        "amount",
        action="refund",
        when=REFUNDS.trigger(),
        clock=FixedClock(AT),
        revise=revise,
        reads=["amount"] if revise else (),
    )
    builder = StateGraph(State)
    add_review(builder, "gate", gate, approved="pay", rejected="archive")
    builder.add_node("pay", lambda state: {"paid": True})
    builder.add_node("archive", lambda state: {"paid": False})
    builder.add_edge(START, "gate")
    saver = SqliteSaver.from_conn_string(str(path))
    return builder, saver


def test_in_a_graph_what_passes_goes_on_and_the_record_has_the_rule(tmp_path: Path) -> None:
    builder, opened = app(tmp_path / "threads.db")
    with opened as saver:
        graph = builder.compile(checkpointer=saver)
        config = {"configurable": {"thread_id": "1"}}
        state = graph.invoke({"kind": "refund", "amount": 20}, config)
    assert state["paid"] is True
    assert state["review"]["outcome"] == "auto_approved"
    assert state["review"]["finding"]["details"]["rule"] == "small"


@pytest.mark.parametrize(("amount", "rule"), [(1200, "large"), (70, "default"), ("20", "large")])
def test_in_a_graph_the_rest_waits_for_a_person(tmp_path: Path, amount: Any, rule: str) -> None:
    config: RunnableConfig = {"configurable": {"thread_id": "1"}}
    builder, opened = app(tmp_path / "threads.db")
    with opened as saver:
        builder.compile(checkpointer=saver).invoke({"kind": "refund", "amount": amount}, config)
    builder, opened = app(tmp_path / "threads.db")  # somewhere else, later
    with opened as saver:
        graph = builder.compile(checkpointer=saver)
        (request,) = pending(graph, config)
        assert request.finding is not None
        assert request.finding["details"]["rule"] == rule
        assert request.finding["details"]["version"] == "3"
        state = graph.invoke(resume(request, Approve(), by="maria"), config)
    assert state["paid"] is True
    assert state["review"]["decided_by"] == "maria"


def test_a_revised_value_is_tried_again_and_never_passes_by_itself(tmp_path: Path) -> None:
    config: RunnableConfig = {"configurable": {"thread_id": "1"}}
    amounts = iter([5_000, 20])
    builder, opened = app(tmp_path / "threads.db", revise=lambda state: {"amount": next(amounts)})
    with opened as saver:
        graph = builder.compile(checkpointer=saver)
        graph.invoke({"kind": "refund", "amount": 70}, config)
        rules = []
        for _ in range(3):
            (request,) = pending(graph, config)
            rules.append((request.subject, (request.finding or {})["details"]["rule"]))
            answer = Approve() if request.subject == 20 else Revise("again")
            state = graph.invoke(resume(request, answer), config)
    assert rules == [(70, "default"), (5_000, "large"), (20, "large")]  # it never falls
    assert state["review"]["outcome"] == "approved"


# What is refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: policy(), "one rule at least"),
        (lambda: Policy("rules", name="p", version=1), "rules must be a list of Rule, not a str"),  # type: ignore[arg-type]
        (lambda: policy("a"), "has 'a'"),  # type: ignore[arg-type]
        (lambda: policy(passing("a", always()), passing("b", flagged("x"))), "'b' is never reach"),
        (lambda: policy(passing("a", flagged("x")), asking("a", flagged("y"))), "two rules are na"),
        (lambda: policy(passing("a", flagged("x")), default="ask"), "default must be Terms"),
        (lambda: policy(passing("a", flagged("x")), templates=["t"]), "templates must be a list"),
        (lambda: Policy([passing("a", flagged("x"))], name="", version=1), "the name of a policy"),
        (lambda: Policy([passing("a", flagged("x"))], name="p", version=True), "version must be a"),
        (
            lambda: Policy([passing("a", matches(SMALL))], name="p", version=1, at=LATE),
            "template 'small refund' .version 2. of finance expired: 2026-12-31; renew it",
        ),
        (
            lambda: policy(passing("a", matches(SMALL)), templates=[_other()]),
            "two templates are named 'small refund'",
        ),
    ],
)
def test_a_policy_that_cannot_work_is_refused(make: Any, message: str) -> None:
    with pytest.raises(GateError, match=message):
        make()


def _other() -> Template:
    bounds = {"amount": Max(5_000)}
    return Template("small refund", version=3, owner="x", expires="2030-01-01", matches=bounds)


def test_a_case_is_a_mapping_at_a_moment_with_a_zone() -> None:
    with pytest.raises(GateError, match="called with a mapping"):
        REFUNDS.decide(None, AT)  # type: ignore[arg-type]  # what is refused
    with pytest.raises(GateError, match="at must be a datetime with a time zone"):
        REFUNDS.decide({}, datetime(2026, 6, 1))  # what is refused


def test_its_representation() -> None:
    assert repr(REFUNDS) == "Policy('refunds', version='3', rules=2)"
