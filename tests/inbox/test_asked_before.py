"""Who has been asked about a version is asked about the next one too, whichever rule it takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from langgraph_hitl import (
    Approve,
    Edit,
    Escalate,
    Reject,
    Reviewer,
    Revise,
    human_approval,
    pending,
    resume,
)
from langgraph_hitl.errors import InvalidDecision, NotAuthorised
from langgraph_hitl.panels import by_risk, chain, quorum
from langgraph_hitl.policies import Escalation, Policy, Rule, Terms
from langgraph_hitl.testing import FixedClock
from langgraph_hitl.triggers import always, over, risk_at_least
from tests.apps import one_gate
from tests.claims import claim
from tests.inbox.desk import Desk, Question
from tests.paused import pause

BO = Reviewer("bo", roles="board")
FI = Reviewer("fi", roles="finance")
CLEO = Reviewer("cleo", roles="clerks")
LEA = Reviewer("lea", level="lead")
DORA = Reviewer("dora", level="director")


def policy(
    board: Any = "board", finance: Any = "finance", clerks: Any = "clerks", **terms: Any
) -> Policy:
    return Policy(
        [
            Rule("huge", when=over("draft", 10_000), then=Terms(reviewers=board, **terms)),
            Rule("large", when=over("draft", 1_000), then=Terms(reviewers=finance)),
            Rule("some", when=over("draft", 100), then=Terms(reviewers=clerks)),
            Rule("rest", when=always(), then="pass"),
        ],
        name="payments",
        version=1,
    )


def revising(rules: Any, *versions: Any, **options: Any) -> Any:
    rest: Iterator[Any] = iter(versions)
    return human_approval(
        "draft",
        policy=rules,
        revise=lambda state: {"draft": next(rest)},
        reads=["draft"],
        max_revisions=9,
        **options,
    )


def ask(
    desk: Desk, amount: int, *versions: int, rules: Policy | None = None, **options: Any
) -> Any:
    gate = revising(rules or policy(), *versions, inbox=desk.inbox, **options)
    return desk.ask(desk.app(one_gate(gate)), {"draft": amount})


def shown(question: Question) -> str:
    panel = question.review.request["panel"]
    assert panel is not None
    rule: str = panel["rule"]
    return rule


def test_a_revision_takes_who_was_asked_and_who_its_rule_names(timed: Desk) -> None:
    question = ask(timed, 20_000, 2_000)
    timed.inbox.decide(question.review.id, Revise("less"), by=BO)
    review = question.review
    assert review.eligible == ("role:board", "role:finance")
    assert shown(question) == "any of board; and any of finance"
    timed.inbox.decide(review.id, Approve(), by=FI)
    assert question.ran == []
    timed.inbox.decide(review.id, Approve(), by=BO)
    assert question.ran == ["act:2000"]
    assert timed.inbox.verify()


def test_either_of_them_refuses_it(timed: Desk) -> None:
    question = ask(timed, 20_000, 2_000)
    timed.inbox.decide(question.review.id, Revise("less"), by=BO)
    timed.inbox.decide(question.review.id, Reject("no"), by=FI)
    assert question.record["outcome"] == "rejected"


def test_it_holds_over_rounds_and_in_a_fresh_process(timed: Desk) -> None:
    rules, amounts = policy(), (2_000, 500, 600, 20_000)
    question = ask(timed, 20_000, *amounts, rules=rules)
    review = question.review
    expected = [
        ("role:board", "role:finance"),
        ("role:board", "role:finance", "role:clerks"),
        ("role:board", "role:finance", "role:clerks"),
        ("role:board", "role:finance", "role:clerks"),
    ]
    for number, eligible in enumerate(expected):
        timed.open()
        gate = revising(rules, *amounts[number:], inbox=timed.inbox)
        question.app = timed.app(one_gate(gate))
        for voter in (BO, FI, CLEO):
            if question.review.round == number:
                try:
                    timed.inbox.decide(review.id, Revise("again"), by=voter)
                except NotAuthorised:
                    continue
        assert (question.review.round, question.review.eligible) == (number + 1, eligible)
    for voter in (BO, FI, CLEO):
        assert question.ran == []
        timed.inbox.decide(review.id, Approve(), by=voter)
    assert question.ran == ["act:20000"]


def test_an_edit_was_made_by_those_who_had_to_be_asked(timed: Desk) -> None:
    question = ask(timed, 2_000, 3_000)
    timed.inbox.decide(question.review.id, Edit(20_000), by=FI)
    assert question.review.eligible == ("role:board",)
    timed.inbox.decide(question.review.id, Revise("less"), by=BO)
    assert question.review.eligible == ("role:board", "role:finance")
    for voter in (FI, BO):
        timed.inbox.decide(question.review.id, Edit(4_000), by=voter)
    assert (question.record["outcome"], question.ran) == ("edited", ["act:4000"])


def test_the_same_rule_asks_the_same_people(timed: Desk) -> None:
    question = ask(timed, 2_000, 3_000)
    timed.inbox.decide(question.review.id, Revise("more"), by=FI)
    assert question.review.eligible == ("role:finance",)
    timed.inbox.decide(question.review.id, Approve(), by=FI)
    assert question.ran == ["act:3000"]


def test_anybody_adds_nobody(timed: Desk) -> None:
    question = ask(timed, 20_000, 2_000, rules=policy(finance=None))
    timed.inbox.decide(question.review.id, Revise("less"), by=BO)
    assert question.review.eligible == ("role:board",)


def test_rules_with_the_same_people_ask_them_once(timed: Desk) -> None:
    both = quorum(2, of="finance", blind=True)
    question = ask(timed, 20_000, 2_000, rules=policy(board=both, finance=both))
    for voter in (FI, Reviewer("flo", roles="finance")):
        timed.inbox.decide(question.review.id, Revise("less"), by=voter)
    assert shown(question) == both.rule
    assert question.review.request["panel"]["blind"]


def test_a_chain_keeps_the_level_that_it_had_reached(timed: Desk) -> None:
    rules = policy(board=chain("lead", "director"), finance=chain("member", "lead"))
    question = ask(timed, 20_000, 2_000, rules=rules)
    timed.inbox.decide(question.review.id, Escalate("?"), by=LEA)
    timed.inbox.decide(question.review.id, Revise("less"), by=DORA)
    with pytest.raises(NotAuthorised, match="director"):
        timed.inbox.decide(question.review.id, Approve(), by=LEA)
    timed.inbox.decide(question.review.id, Approve(), by=DORA)
    assert question.ran == ["act:2000"]


def test_a_chain_beside_others_stays_at_its_level(timed: Desk, clock: FixedClock) -> None:
    rules = policy(board=chain("lead", "director", within={"lead": "4h", "director": "4h"}))
    question = ask(timed, 20_000, 2_000, 500, rules=rules)
    due = question.review.due
    timed.inbox.decide(question.review.id, Escalate("?"), by=LEA)
    timed.inbox.decide(question.review.id, Revise("less"), by=DORA)
    assert question.review.due <= due
    assert question.review.eligible == ("level:director", "level:executive", "role:finance")
    with pytest.raises(InvalidDecision):
        timed.inbox.decide(question.review.id, Escalate("?"), by=DORA)
    timed.inbox.decide(question.review.id, Revise("less"), by=FI)
    eligible = ("level:director", "level:executive", "role:finance", "role:clerks")
    assert question.review.eligible == eligible
    clock.advance(hours=8)
    timed.inbox.work()
    assert question.record["outcome"] == "timed_out"


def test_a_chain_that_comes_later_has_the_time_of_its_levels(
    timed: Desk, clock: FixedClock
) -> None:
    rules = policy(board=chain("lead", "director"), timeout="4h", on_timeout="escalate")
    question = ask(timed, 2_000, 20_000, rules=rules)
    begun = question.review.created_at
    timed.inbox.decide(question.review.id, Revise("more"), by=FI)
    assert question.review.due == begun + timedelta(hours=8)
    clock.advance(hours=5)
    timed.inbox.work()
    timed.inbox.decide(question.review.id, Approve(), by=LEA)
    timed.inbox.decide(question.review.id, Approve(), by=FI)
    assert question.ran == ["act:20000"]


def test_a_deadline_is_never_later(timed: Desk, clock: FixedClock) -> None:
    question = ask(timed, 20_000, 2_000, rules=policy(timeout="3h"), timeout="1d")
    due = question.review.due
    timed.inbox.decide(question.review.id, Revise("less"), by=BO)
    assert question.review.due == due
    clock.advance(hours=3)
    timed.inbox.work()
    assert question.record["outcome"] == "timed_out"


def test_what_was_passed_on_to_a_queue_takes_both(timed: Desk) -> None:
    to = {"again": Escalation(queue="special")}
    question = ask(timed, 20_000, 2_000, escalations=to)
    timed.inbox.escalate(question.review.id, by=BO, to="again")
    timed.inbox.decide(question.review.id, Revise("less"), by=BO)
    assert question.review.eligible == ("role:board", "role:finance")
    assert (question.review.queue, question.review.escalated_to) == ("special", "again")


def test_what_was_passed_on_to_people_stays_with_them(timed: Desk) -> None:
    lars = Reviewer("lars", roles="legal")
    to = {"legal": Escalation(reviewers="legal")}
    question = ask(timed, 20_000, 2_000, escalations=to)
    timed.inbox.escalate(question.review.id, by=BO, to="legal")
    timed.inbox.decide(question.review.id, Revise("less"), by=lars)
    assert question.review.eligible == ("role:legal",)
    timed.inbox.decide(question.review.id, Approve(), by=lars)
    assert question.ran == ["act:2000"]


def test_without_a_score_it_was_the_strictest(timed: Desk) -> None:
    panels = by_risk({"low": "clerks", "high": "board"})
    gate = human_approval(
        "draft",
        inbox=timed.inbox,
        reviewers=panels,
        when=risk_at_least("low", risk="draft.risk"),
        revise=lambda state: {"draft": {"risk": 0.1}},
        reads=["draft"],
    )
    question = timed.ask(timed.app(one_gate(gate)), {"draft": {"risk": "unknown"}})
    timed.inbox.decide(question.review.id, Revise("which?"), by=BO)
    assert question.review.eligible == ("role:board", "role:clerks")


def test_without_an_inbox() -> None:
    thread = pause(revising(policy(), 2_000), {"draft": 20_000})
    thread.send(claim(thread.request, Approve(), FI))
    assert thread.request.round == 0
    thread.send(resume(thread.request, Revise("less"), BO))
    assert thread.request.panel is not None
    assert thread.request.panel["rule"] == "any of board; and any of finance"
    thread.send(resume(thread.request, Approve(), FI))
    thread.send(claim(thread.request, Approve(), CLEO))
    assert pending(thread.app, thread.config)
    done = thread.send(resume(thread.request, Approve(), BO))
    assert (done["review"]["outcome"], done["review"]["round"]) == ("approved", 1)
