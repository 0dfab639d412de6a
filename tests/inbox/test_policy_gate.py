"""`policy=` in gates: its rules say what passes, and who is asked by when."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import (
    Approve,
    Edit,
    Escalate,
    Inbox,
    Reviewer,
    Revise,
    confidence_escalation,
    human_approval,
)
from langgraph_hitl._subgraph.gate import spec_of
from langgraph_hitl.errors import GateError, InvalidDecision, NotAuthorised
from langgraph_hitl.panels import chain, quorum
from langgraph_hitl.policies import Policy, Rule, Terms, load_policy
from langgraph_hitl.testing import FixedClock
from langgraph_hitl.triggers import always, over, predicate
from tests.apps import State, one_gate
from tests.drivers import App
from tests.inbox.desk import Desk, Question

CLERK = Reviewer("cleo", roles="clerks")
FINN = Reviewer("finn", roles="finance")
LEA = Reviewer("lea", level="lead")
DORA = Reviewer("dora", level="director")

POLICY = """
name: refunds
version: {version}
owner: finance
rules:
  - name: huge
    when: {{over: {{field: draft.amount, limit: 10000}}}}
    then:
      ask:
        reviewers: {{chain: [lead, director]}}
        timeout: 4h
        on_timeout: escalate
        queue: huge
  - name: large
    when: {{over: {{field: draft.amount, limit: {limit}}}}}
    then: {{ask: {{reviewers: finance, timeout: 24h, queue: large, priority: high}}}}
  - name: small
    when: {{where: {{draft.kind: {{equal: refund}}}}}}
    then: pass
default: {{reviewers: clerks, timeout: 2d}}
"""


def refund(amount: Any, kind: str = "refund") -> dict[str, Any]:
    return {"draft": {"amount": amount, "kind": kind}}


def policy(folder: Path, version: int = 3, limit: int = 1000) -> Policy:
    path = folder / f"policy-{version}.yaml"
    path.write_text(POLICY.format(version=version, limit=limit))
    return load_policy(path)


def build(desk: Desk, given: Policy, **options: Any) -> App:
    gate = human_approval("draft", inbox=desk.inbox, policy=given, **options)
    return desk.app(one_gate(gate))


def ask(desk: Desk, folder: Path, amount: Any, kind: str = "refund", **options: Any) -> Question:
    return desk.ask(build(desk, policy(folder), **options), refund(amount, kind))


def details(finding: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = finding["details"]
    return found


def test_a_rule_that_lets_pass_is_on_record_with_its_version(timed: Desk, tmp_path: Path) -> None:
    question = ask(timed, tmp_path, 10)
    assert question.reviews == []
    record = question.record
    assert (record["outcome"], record["decided_by"]) == ("auto_approved", "system:trigger")
    ruled = {"policy": "refunds", "version": "3", "owner": "finance", "rule": "small"}
    assert ruled.items() <= details(record["finding"]).items()
    assert [row.event for row in timed.inbox.history(record["review_id"])] == ["auto_approved"]
    kept = timed.inbox.get(record["review_id"])
    assert ruled.items() <= details(kept.request["finding"]).items()
    assert timed.inbox.verify()


@pytest.mark.parametrize(
    ("amount", "kind", "rule", "queue", "rank", "hours", "who"),
    [
        (20_000, "refund", "huge", "huge", 2, 8, DORA),
        (2_000, "refund", "large", "large", 1, 24, FINN),
        (10, "loan", "default", "default", 2, 48, CLERK),
    ],
)
def test_the_rule_that_asks_says_who_and_by_when(
    timed: Desk,
    clock: FixedClock,
    tmp_path: Path,
    amount: int,
    kind: str,
    rule: str,
    queue: str,
    rank: int,
    hours: int,
    who: Reviewer,
) -> None:
    question = ask(timed, tmp_path, amount, kind)
    review = question.review
    assert details(review.request["finding"])["rule"] == rule
    assert (review.queue, review.rank) == (queue, rank)
    assert review.due == clock.now + timedelta(hours=hours)
    assert review.request["deadline"] == review.due.isoformat()
    for other in {CLERK, FINN, LEA, DORA} - {who}:
        if not (rule == "huge" and other == LEA):
            with pytest.raises(NotAuthorised):
                timed.inbox.decide(review.id, Approve(), by=other)
    timed.inbox.decide(review.id, Approve(), by=who)
    assert question.ran[0].startswith("act:")
    assert details(question.record["finding"])["version"] == "3"


@pytest.mark.parametrize("amount", [None, "many", [], {"of": 1}, True], ids=str)
def test_what_a_rule_cannot_read_is_asked_on_the_terms_of_that_rule(
    timed: Desk, tmp_path: Path, amount: Any
) -> None:
    question = ask(timed, tmp_path, amount)
    review = question.review
    found = details(review.request["finding"])
    assert (found["rule"], found["unreadable"]) == ("huge", True)
    assert review.queue == "huge"
    with pytest.raises(NotAuthorised, match="'lead' or above"):
        timed.inbox.decide(review.id, Approve(), by=FINN)


def broken(state: State) -> bool:
    raise RuntimeError("down")


def test_an_error_while_a_rule_is_evaluated_asks(timed: Desk) -> None:
    reading = predicate(broken, "the draft is odd")

    given = Policy(
        [
            Rule("broken", when=reading, then=Terms(queue="odd")),
            Rule("all", when=always(), then="pass"),
        ],
        name="p",
        version=1,
        default=Terms(reviewers="clerks", queue="unsure"),
    )
    question = timed.ask(build(timed, given), refund(1))
    review = question.review
    assert (review.queue, review.eligible) in {("unsure", ("role:clerks",)), ("odd", ("*",))}
    assert "down" in review.request["finding"]["sentence"] or "broken" in str(review.request)


def test_what_a_rule_leaves_open_the_gate_says(timed: Desk, clock: FixedClock) -> None:
    given = Policy(
        [Rule("large", when=over("draft.amount", 5), then=Terms(queue="large"))],
        name="p",
        version=1,
        default=Terms(timeout="1h"),
    )
    options: dict[str, Any] = {"reviewers": "editors", "timeout": "8h", "remind": "30m"}
    app = build(timed, given, priority="low", queue="usual", **options)
    large, other = timed.ask(app, refund(6)).review, timed.ask(app, refund(1)).review
    assert (large.queue, large.rank, large.eligible) == ("large", 3, ("role:editors",))
    assert (other.queue, other.rank, other.eligible) == ("usual", 3, ("role:editors",))
    assert large.due == clock.now + timedelta(hours=8)
    assert other.due == clock.now + timedelta(hours=1)
    clock.advance(minutes=30)
    timed.inbox.work()
    assert [row.event for row in timed.inbox.history(other.id)] == ["filed", "reminded"]
    assert [row.event for row in timed.inbox.history(large.id)] == ["filed"]


def test_a_revised_version_falls_under_another_rule(
    timed: Desk, clock: FixedClock, tmp_path: Path
) -> None:
    def raise_amount(state: dict[str, Any]) -> dict[str, Any]:
        return refund(state["draft"]["amount"] * 10)

    question = ask(timed, tmp_path, 2_000, revise=raise_amount, reads=["draft"])
    review = question.review
    clock.advance(hours=1)
    timed.inbox.decide(review.id, Revise("more"), by=FINN)
    again = question.review
    assert (again.round, again.queue) == (1, "huge")
    assert details(again.request["finding"])["rule"] == "huge"
    assert again.due == review.created_at + timedelta(hours=8)
    timed.inbox.decide(review.id, Approve(), by=FINN)
    assert question.ran == []
    timed.inbox.decide(review.id, Approve(), by=LEA)
    assert question.ran[0].startswith("act:")


def test_a_version_that_would_pass_is_asked_about_all_the_same(timed: Desk, tmp_path: Path) -> None:
    def lower(state: dict[str, Any]) -> dict[str, Any]:
        return refund(1)

    question = ask(timed, tmp_path, 2_000, revise=lower, reads=["draft"])
    timed.inbox.decide(question.review.id, Revise("less"), by=FINN)
    again = question.review
    assert again.round == 1
    with pytest.raises(NotAuthorised):
        timed.inbox.decide(again.id, Approve(), by="anybody")
    timed.inbox.decide(again.id, Approve(), by=FINN)
    assert question.ran[0].startswith("act:")


def test_an_edit_under_a_stricter_rule_is_asked_again(timed: Desk, tmp_path: Path) -> None:
    question = ask(timed, tmp_path, 2_000)
    review = question.review
    timed.inbox.decide(review.id, Edit(refund(50_000)["draft"]), by=FINN)
    assert question.ran == []
    assert (question.review.round, question.review.queue) == (1, "huge")
    with pytest.raises(NotAuthorised):
        timed.inbox.decide(review.id, Approve(), by=FINN)
    timed.inbox.decide(review.id, Approve(), by=DORA)
    assert question.ran[0].startswith("act:")
    assert question.record["decided_by"] == "dora"


def test_an_edit_under_the_same_rule_runs(timed: Desk, tmp_path: Path) -> None:
    question = ask(timed, tmp_path, 2_000)
    timed.inbox.decide(question.review.id, Edit(refund(3_000)["draft"]), by=FINN)
    assert question.record["outcome"] == "edited"


def test_another_policy_changes_nothing_that_was_filed(
    timed: Desk, clock: FixedClock, tmp_path: Path
) -> None:
    """It waits on the terms that it was filed with, in a process that has the new one."""
    question = ask(timed, tmp_path, 2_000)
    review = question.review
    timed.inbox.close()
    with Inbox.open(timed._url, clock=clock) as inbox:
        timed.inbox = inbox
        lax = Policy([Rule("all", when=always(), then="pass")], name="lax", version=9)
        app = build(timed, lax)
        later = Question(timed, app, question.config, question.thread)
        assert later.review == review
        inbox.work()
        with pytest.raises(NotAuthorised, match="finance"):
            inbox.decide(review.id, Approve(), by=CLERK)
        clock.advance(hours=24)
        inbox.work()
        assert later.record["outcome"] == "timed_out"
        assert details(later.record["finding"])["rule"] == "large"
        assert details(later.record["finding"])["version"] == "3"


def test_each_level_of_a_rule_has_its_time(timed: Desk, clock: FixedClock, tmp_path: Path) -> None:
    question = ask(timed, tmp_path, 20_000)
    review = question.review
    clock.advance(hours=4)
    with pytest.raises(NotAuthorised, match="'director' or above"):
        timed.inbox.decide(review.id, Approve(), by=LEA)
    clock.advance(hours=4)
    timed.inbox.work()
    assert question.record["outcome"] == "timed_out"


def test_a_rule_with_a_chain_lets_people_pass_it_up(timed: Desk, tmp_path: Path) -> None:
    question = ask(timed, tmp_path, 20_000)
    assert "escalate" in question.review.request["allowed_decisions"]
    timed.inbox.decide(question.review.id, Escalate("unsure"), by=LEA)
    with pytest.raises(NotAuthorised):
        timed.inbox.decide(question.review.id, Approve(), by=LEA)
    timed.inbox.decide(question.review.id, Approve(), by=DORA)
    assert question.ran[0].startswith("act:")


def test_where_the_rule_has_no_chain_nobody_is_above(timed: Desk, tmp_path: Path) -> None:
    question = ask(timed, tmp_path, 2_000)
    with pytest.raises(InvalidDecision, match="nobody is above"):
        timed.inbox.decide(question.review.id, Escalate("unsure"), by=FINN)
    assert question.review.status == "pending"


def asking(**terms: Any) -> Policy:
    return Policy([Rule("r", when=over("score", 1), then=Terms(**terms))], name="p", version=1)


INBOX = Inbox.open("sqlite:///:memory:")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"policy": asking(queue="q"), "when": always()}, "policy= says when a person is asked"),
        ({"policy": "policy.yaml"}, r"policy must be a Policy .*load_policy\(path\)"),
        ({"policy": {"rules": []}}, "policy must be a Policy"),
        ({"policy": asking(timeout="4h")}, "timeout in the policy has no effect without inbox="),
        ({"policy": asking(reviewers=chain("lead", "director"))}, "needs an inbox"),
        (
            {"policy": asking(timeout="4h", on_timeout="escalate"), "reviewers": "finance"},
            "without inbox",
        ),
        (
            {
                "policy": asking(timeout="4h", on_timeout="escalate"),
                "reviewers": "finance",
                "inbox": INBOX,
            },
            r"^rule 'r' of policy p \(version 1\): on_timeout='escalate' needs somebody to pass it",
        ),
        (
            {"policy": asking(timeout="4h"), "remind": "5h", "inbox": INBOX},
            "rule 'r' of policy p .*: remind 5h before the end comes before the time of the review",
        ),
        ({"policy": asking(remind="5h"), "inbox": INBOX}, "rule 'r' .*: remind has no effect"),
        (
            {"policy": asking(remind="5h"), "timeout": "4h", "inbox": INBOX},
            "rule 'r' .*: remind 5h before the end",
        ),
        ({"policy": asking(queue="q"), "remind": "5h", "inbox": INBOX}, "remind has no effect"),
        ({"policy": asking(on_defer="pause"), "inbox": INBOX}, "on_defer='pause' has no effect"),
        ({"on_defer": "pause", "reviewers": chain("lead"), "inbox": INBOX}, "on_defer='pause' has"),
        (
            {"policy": asking(queue="q"), "allowed_decisions": ["escalate"], "inbox": INBOX},
            "'escalate' needs somebody to pass it to",
        ),
    ],
)
def test_terms_that_could_have_no_effect_are_errors(options: dict[str, Any], said: str) -> None:
    with pytest.raises(GateError, match=said):
        human_approval("draft", **options)


def test_escalate_is_allowed_where_some_rule_has_a_chain() -> None:
    gate = human_approval("draft", policy=asking(reviewers=chain("lead", "director")), inbox=INBOX)
    spec = spec_of(gate)
    assert spec is not None
    assert "escalate" in spec.rules.allowed
    votes = human_approval("draft", policy=asking(reviewers=quorum(2)), inbox=INBOX)
    spec = spec_of(votes)
    assert spec is not None
    assert "abstain" in spec.rules.allowed


def test_only_human_approval_takes_a_policy() -> None:
    with pytest.raises(GateError, match="unknown option 'policy'"):
        confidence_escalation("draft", confidence="score", policy=asking(queue="q"), inbox=INBOX)  # type: ignore[call-arg]
