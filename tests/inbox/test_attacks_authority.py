"""What was tried to get something approved by people who may not, or too late."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from langgraph_hitl import Approve, Edit, Inbox, Reviewer, Revise, human_approval
from langgraph_hitl.errors import Expired, InvalidDecision, NotAuthorised, UnknownReview
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.panels import anyone, by_risk, chain, quorum
from langgraph_hitl.people import Absence, Member, Roster, SessionLimit
from langgraph_hitl.policies import Escalation, Policy, Rule, Terms
from langgraph_hitl.testing import FixedClock
from langgraph_hitl.triggers import over, risk_at_least
from tests.apps import one_gate
from tests.drivers import Build
from tests.inbox.desk import Desk, on_postgres

FIN = Reviewer("fin", roles="finance")
CLERK = Reviewer("cl", roles="clerks")
MEMBER = Reviewer("mem", level="member")
LEAD = Reviewer("lea", level="lead")
HOUR = timedelta(hours=1)


def policy(*rules: Rule) -> Policy:
    return Policy(rules, name="p", version=1, default=Terms(reviewers="clerks"))


def gate(desk: Desk, **options: Any) -> Build:
    return one_gate(human_approval("draft", inbox=desk.inbox, **options))


def more(to: int) -> Any:
    def revise(state: dict[str, Any]) -> dict[str, Any]:
        return {"draft": to}

    return revise


def test_an_edit_does_not_slip_between_two_deployments(timed: Desk) -> None:
    leads = Terms(reviewers=chain("lead", "director"))
    first = policy(
        Rule("huge", when=over("draft", 10_000), then=leads),
        Rule("large", when=over("draft", 1000), then=Terms(reviewers="finance")),
    )
    question = timed.ask(timed.app(gate(timed, policy=first)), {"draft": 2000})
    timed.app(gate(timed, policy=policy(Rule("large", when=over("draft", 1000), then=leads))))
    review = question.review
    timed.inbox.decide(review.id, Edit(20_000), by=FIN)
    assert question.ran == []
    with pytest.raises(NotAuthorised):
        timed.inbox.decide(review.id, Approve(), by=FIN)
    timed.inbox.decide(review.id, Approve(), by=LEAD)
    assert question.record["outcome"] == "approved"


def test_nor_where_the_new_one_has_no_way_back(timed: Desk) -> None:
    risky = risk_at_least("low", risk="score")
    low = by_risk({"low": "editors", "high": anyone("board")})
    asked = {"draft": "a cent", "score": 0.1}
    question = timed.ask(timed.app(gate(timed, reviewers=low, when=risky)), asked)
    timed.app(gate(timed, reviewers="board", when=risky))
    editor = Reviewer("ed", roles="editors")
    after = timed.inbox.decide(question.review.id, Edit("a million"), by=editor)
    assert (question.ran, after.status, after.round) == ([], "pending", 0)
    timed.inbox.decide(question.review.id, Approve(), by=editor)
    assert question.ran == ["act:a cent"]


def test_the_deadline_that_is_shown_is_the_one_that_holds(timed: Desk, clock: FixedClock) -> None:
    ladder = chain("member", "lead")
    rules = policy(
        Rule("urgent", when=over("draft", 1000), then=Terms(reviewers=ladder, timeout="1h")),
        Rule("mid", when=over("draft", 1), then=Terms(reviewers=ladder)),
    )
    options: dict[str, Any] = {"policy": rules, "revise": more(5000), "reads": ["draft"]}
    question = timed.ask(timed.app(gate(timed, **options)), {"draft": 500})
    timed.inbox.decide(question.review.id, Revise("more"), by=MEMBER)
    [shown] = question.app.get_state(question.config).interrupts
    assert question.review.due == clock.now + HOUR
    assert shown.value["deadline"] == question.review.due.isoformat()
    review_id = question.review.id
    clock.advance(hours=5)
    with pytest.raises(Expired):
        timed.inbox.decide(review_id, Approve(), by=MEMBER)


def test_a_deadline_outlives_a_version_under_another_rule(timed: Desk, clock: FixedClock) -> None:
    rules = policy(
        Rule("big", when=over("draft", 1000), then=Terms(reviewers="finance", timeout="1d"))
    )
    options: dict[str, Any] = {"policy": rules, "revise": more(500), "reads": ["draft"]}
    question = timed.ask(timed.app(gate(timed, **options)), {"draft": 2000})
    due = question.review.due
    clock.advance(hours=20)
    timed.inbox.decide(question.review.id, Revise("less"), by=FIN)
    assert question.review.due == due
    review_id = question.review.id
    clock.advance(hours=20)
    with pytest.raises(Expired):
        timed.inbox.decide(review_id, Approve(), by=CLERK)


def test_a_level_outlives_a_version_under_another_rule(timed: Desk) -> None:
    amounts = iter([500, 2000])

    def revise(state: dict[str, Any]) -> dict[str, Any]:
        return {"draft": next(amounts)}

    ladder = chain("member", "lead")
    rules = policy(Rule("big", when=over("draft", 1000), then=Terms(reviewers=ladder)))
    options: dict[str, Any] = {"policy": rules, "revise": revise, "reads": ["draft"]}
    question = timed.ask(timed.app(gate(timed, **options)), {"draft": 2000})
    review_id = question.review.id
    timed.inbox.escalate(review_id, by=MEMBER)
    timed.inbox.decide(review_id, Revise("less"), by=LEAD)
    timed.inbox.decide(review_id, Revise("more"), by=CLERK)
    with pytest.raises(NotAuthorised, match="'lead'"):
        timed.inbox.decide(review_id, Approve(), by=MEMBER)


def test_columns_that_were_emptied_change_nothing_and_are_named(
    timed: Desk, clock: FixedClock
) -> None:
    options: dict[str, Any] = {"reviewers": chain("member", "lead"), "requester": "case"}
    app = timed.app(gate(timed, **options, timeout="1d"))
    question = timed.ask(app, {"draft": "Hello", "case": "lea"})
    review_id = question.review.id
    with timed.inbox._office.ledger.transaction() as tx:
        tx._session.run(
            Sql("UPDATE hitl_reviews SET next_at = NULL, requester = NULL WHERE id = :id"),
            id=review_id,
        )
    assert f"review {review_id}" in (timed.inbox.verify().problem or "")
    with pytest.raises(NotAuthorised, match="four eyes"):
        timed.inbox.decide(review_id, Approve(), by=LEAD)
    clock.advance(days=9)
    with pytest.raises(Expired):
        timed.inbox.decide(review_id, Approve(), by=MEMBER)


def staffed(desk: Desk, clock: FixedClock, *members: Member, **options: Any) -> Inbox:
    desk.inbox.close()
    desk.inbox = Inbox.open(desk._url, clock=clock, people=Roster(*members), **options)
    return desk.inbox


def test_votes_count_for_the_session_limit(timed: Desk, clock: FixedClock) -> None:
    limit = SessionLimit(decisions=1, within=8 * HOUR)
    ann = Member(Reviewer("ann", roles="x"), limit=limit)
    with staffed(timed, clock, ann, Member(Reviewer("bob", roles="x"))) as inbox:
        app = timed.app(gate(timed, reviewers=quorum(2, of="x")))
        first, second = timed.ask(app).review, timed.ask(app).review
        inbox.decide(first.id, Approve(), by="ann")
        with pytest.raises(NotAuthorised, match="rest"):
            inbox.decide(second.id, Approve(), by="ann")


def test_a_delegate_is_shown_what_is_left_to_a_person(timed: Desk, clock: FixedClock) -> None:
    begins = datetime(2026, 1, 5, tzinfo=UTC)
    away = Absence(begins, begins + timedelta(days=1), delegate="bob")
    ann = Member(Reviewer("ann"), absences=[away])
    with staffed(timed, clock, ann, Member(Reviewer("bob"))) as inbox:
        question = timed.ask(timed.app(gate(timed, reviewers=anyone(Reviewer("ann")))))
        [review] = inbox.pending(reviewer="bob")
        inbox.decide(review.id, Approve(), by="bob")
        assert question.ran == ["act:Hello"]


def test_nonsense_is_refused_item_by_item(timed: Desk) -> None:
    app = timed.app(gate(timed))
    one, other = timed.ask(app).review, timed.ask(app).review
    items: Any = [(one, Approve()), ("rv-\ud800", Approve()), (None, Approve()), (other, Approve())]
    done = timed.inbox.decide_many(items, by="w")
    assert [type(item.error) for item in done] == [
        type(None),
        UnknownReview,
        UnknownReview,
        type(None),
    ]
    third = timed.ask(app).review
    until: Any = "someday"
    with pytest.raises(InvalidDecision, match="until must be a moment"):
        timed.inbox.defer(third.id, by="w", until=until)
    with pytest.raises(InvalidDecision, match="a claim is"):
        timed.inbox.claim(third.id, by="w", length="8d")
    assert json.dumps(third.request)


def test_who_decides_while_it_is_passed_on_decides_nothing(
    postgres_uri: str, postgres_url: str
) -> None:
    passed: list[str] = []

    def passes_on(point: str) -> None:
        if point == "settling" and not passed:
            passed.append(other.escalate(review.id, by=CLERK, to="finance").id)

    with on_postgres(postgres_uri, postgres_url) as desk, Inbox.open(postgres_url) as other:
        desk.inbox.close()
        with Inbox.open(postgres_url, point=passes_on) as desk.inbox:
            types = {"finance": Escalation(reviewers="finance")}
            question = desk.ask(desk.app(gate(desk, reviewers="clerks", escalations=types)))
            review = question.review
            with pytest.raises(NotAuthorised, match="'finance'"):
                desk.inbox.decide(review.id, Approve(), by=CLERK)
            assert passed == [review.id]
            assert question.ran == []
            desk.inbox.decide(review.id, Approve(), by=FIN)
            assert question.record["outcome"] == "approved"


def test_a_clock_that_was_put_back_takes_no_time_from_those_it_is_passed_on_to(
    timed: Desk, clock: FixedClock
) -> None:
    types = {"finance": Escalation(reviewers="finance", timeout="4h")}
    question = timed.ask(timed.app(gate(timed, reviewers="clerks", escalations=types)))
    review = question.review
    clock.advance(days=-1)
    timed.inbox.escalate(review.id, by=CLERK, to="finance")
    clock.advance(days=1)
    assert question.review.due == review.created_at + timedelta(hours=4)
    timed.inbox.decide(review.id, Approve(), by=FIN)
    assert question.record["outcome"] == "approved"


@pytest.mark.parametrize("later", [{"reviewers": "finance"}, {}])
def test_those_it_was_passed_on_to_need_their_board_whatever_the_gate_says_by_now(
    timed: Desk, later: dict[str, Any]
) -> None:
    risky = risk_at_least("low", risk="draft")
    legal = Escalation(reviewers=by_risk({"low": "lawyers", "critical": "board"}))
    first = gate(timed, reviewers="finance", escalations={"legal": legal}, when=risky)
    question = timed.ask(timed.app(first), {"draft": 0.1})
    review = question.review
    both = Reviewer("lf", roles=("lawyers", "finance"))
    timed.inbox.escalate(review.id, by=both, to="legal")
    timed.app(gate(timed, when=risky, **later))
    after = timed.inbox.decide(review.id, Edit(0.95), by=both)
    assert (question.ran, after.status) == ([], "pending")
