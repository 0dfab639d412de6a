"""Deadlines: what time does to a review, whoever comes by and whenever."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from langgraph_hitl import Abstain, Approve, Defer, Edit, Escalate, Reviewer, human_approval
from langgraph_hitl.errors import AlreadyDecided, Expired, InvalidDecision, NotAuthorised
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.panels import by_risk, chain, quorum
from langgraph_hitl.testing import FixedClock
from langgraph_hitl.triggers import risk_at_least
from tests.apps import one_gate
from tests.drivers import Build
from tests.inbox.desk import MARIA, Desk, Question

ANN = Reviewer("ann", level="member")
LEA = Reviewer("lea", level="lead")
DORA = Reviewer("dora", level="director")


def build(desk: Desk, **options: Any) -> Build:
    return one_gate(human_approval("draft", inbox=desk.inbox, **options))


def ask(desk: Desk, given: dict[str, Any] | None = None, **options: Any) -> Question:
    return desk.ask(desk.app(build(desk, **options)), given)


def tell(question: Question, review_id: str) -> list[tuple[str, str, datetime]]:
    """What the audit has of a review: event, actor, moment."""
    rows = question.desk.inbox.history(review_id)
    return [(row.event, row.actor, row.at) for row in rows]


def test_a_worker_ends_what_nobody_decided_in_time(timed: Desk, clock: FixedClock) -> None:
    question = ask(timed, timeout="24h")
    review = question.review
    asked = clock.now
    assert review.due == asked + timedelta(hours=24)
    assert review.request["deadline"] == review.due.isoformat()
    clock.advance(hours=23)
    assert timed.inbox.work().timed == 0
    clock.advance(days=7)
    assert timed.inbox.work().timed == 1
    assert question.record["outcome"] == "timed_out"
    assert question.record["decided_by"] == "system:deadline"
    assert question.record["decided_at"] == (asked + timedelta(hours=24)).isoformat()
    assert question.ran == ["stop:Hello"]
    assert ("settled", "system:deadline", asked + timedelta(hours=24)) in tell(question, review.id)
    assert timed.inbox.verify()


def test_whoever_answers_later_is_told_so_and_the_default_stands(
    timed: Desk, clock: FixedClock
) -> None:
    question = ask(timed, timeout="24h")
    review = question.review
    deadline = clock.now + timedelta(hours=24)
    clock.now = deadline
    for _ in range(2):  # the first one settles it
        with pytest.raises(Expired) as late:
            timed.inbox.decide(review.id, Approve(), by=MARIA)
        assert (late.value.by, late.value.at) == ("system:deadline", deadline)
        assert late.value.outcome == "timed_out"
    assert question.ran == ["stop:Hello"]
    assert timed.inbox.get(review.id).status == "applied"


def test_a_moment_before_the_deadline_is_in_time(timed: Desk, clock: FixedClock) -> None:
    question = ask(timed, timeout="24h")
    clock.advance(hours=24, seconds=-0.000001)
    timed.inbox.decide(question.review.id, Approve(), by=MARIA)
    assert question.record["outcome"] == "approved"


def test_an_answer_to_the_graph_itself_is_late_too(timed: Desk, clock: FixedClock) -> None:
    from langgraph_hitl import pending, resume

    question = ask(timed, timeout="24h")
    [request] = pending(question.app, question.config)
    clock.advance(days=2)
    question.app.invoke(resume(request, Approve()), question.config)
    assert question.record["outcome"] == "timed_out"
    assert question.ran == ["stop:Hello"]


def test_a_timeout_has_a_way_of_its_own(timed: Desk, clock: FixedClock) -> None:
    gate = human_approval("draft", inbox=timed.inbox, timeout="1h")
    ways = {"approved": "act", "rejected": "stop", "timed_out": "later"}
    question = timed.ask(timed.app(one_gate(gate, ways)))
    clock.advance(hours=1)
    timed.inbox.work()
    assert question.ran == ["later:Hello"]


def test_what_is_over_is_not_listed_and_not_shown_as_open(timed: Desk, clock: FixedClock) -> None:
    question = ask(timed, timeout="1h")
    review = question.review
    clock.advance(hours=1)
    assert timed.inbox.pending() == []
    assert timed.inbox.get(review.id).outcome == "timed_out"


CHAIN = chain(
    "member", "lead", "director", within={"member": timedelta(hours=4), "lead": timedelta(hours=8)}
)


def test_a_level_that_does_not_decide_passes_it_up(timed: Desk, clock: FixedClock) -> None:
    question = ask(timed, reviewers=CHAIN)
    review = question.review
    asked = clock.now
    assert [found.id for found in timed.inbox.pending(reviewer=ANN)] == [review.id]
    clock.advance(hours=5)
    assert timed.inbox.pending(reviewer=ANN) == []
    assert [found.id for found in timed.inbox.pending(reviewer=LEA)] == [review.id]
    with pytest.raises(NotAuthorised, match="'lead' or above"):
        timed.inbox.decide(review.id, Approve(), by=ANN)
    timed.inbox.decide(review.id, Approve(), by=LEA)
    assert question.ran == ["act:Hello"]
    assert ("escalated", "system:deadline", asked + timedelta(hours=4)) in tell(question, review.id)


def test_who_is_unsure_passes_it_up(timed: Desk) -> None:
    question = ask(timed, reviewers=CHAIN)
    review = question.review
    after = timed.inbox.decide(review.id, Escalate("too large for me"), by=ANN, seen=review)
    assert after.status == "pending"
    assert after.request["panel"] is not None
    with pytest.raises(NotAuthorised):
        timed.inbox.decide(review.id, Approve(), by=ANN)
    timed.inbox.escalate(review.id, by=LEA, reason="me too")
    with pytest.raises(InvalidDecision, match="nobody is above"):
        timed.inbox.escalate(review.id, by=DORA)
    timed.inbox.decide(review.id, Approve(), by=DORA)
    rows = [row for row in timed.inbox.history(review.id) if row.event == "escalated"]
    assert [(row.actor, row.reason) for row in rows] == [
        ("ann", "too large for me"),
        ("lea", "me too"),
    ]
    assert question.ran == ["act:Hello"]


def test_each_level_has_the_timeout_until_the_last(timed: Desk, clock: FixedClock) -> None:
    panel = chain("member", "lead")
    question = ask(timed, reviewers=panel, timeout="4h", on_timeout="escalate", remind="1h")
    review_id = question.review.id
    begun = clock.now
    clock.advance(days=30)
    timed.inbox.work()
    told = [
        (event, at - begun) for event, actor, at in tell(question, review_id) if "deadline" in actor
    ]
    assert told == [
        ("reminded", timedelta(hours=3)),
        ("escalated", timedelta(hours=4)),
        ("reminded", timedelta(hours=7)),
        ("settled", timedelta(hours=8)),
    ]
    assert question.record["outcome"] == "timed_out"


def test_a_deferred_review_is_left_out_until_its_date(timed: Desk, clock: FixedClock) -> None:
    question = ask(timed, timeout="7d")
    review = question.review
    until = clock.now + timedelta(days=2)
    timed.inbox.decide(review.id, Defer(until, "after the audit"), by=MARIA)
    assert timed.inbox.pending() == timed.inbox.pending(reviewer=MARIA) == []
    assert [found.id for found in timed.inbox.pending(deferred=True)] == [review.id]
    clock.now = until
    assert [found.id for found in timed.inbox.pending(reviewer=MARIA)] == [review.id]
    assert timed.inbox.get(review.id).due == review.due
    timed.inbox.decide(review.id, Approve(), by=MARIA)
    assert question.ran == ["act:Hello"]


def test_the_time_stands_still_where_the_terms_say_so(timed: Desk, clock: FixedClock) -> None:
    question = ask(timed, timeout="24h", on_defer="pause")
    review = question.review
    clock.advance(hours=4)
    timed.inbox.defer(review.id, by=MARIA, until=clock.now + timedelta(days=10))
    assert timed.inbox.get(review.id).due == clock.now + timedelta(days=10, hours=20)


def test_nothing_is_put_off_beyond_its_deadline(timed: Desk, clock: FixedClock) -> None:
    question = ask(timed, timeout="24h")
    for until in (clock.now + timedelta(hours=24), clock.now, clock.now - timedelta(1)):
        with pytest.raises(InvalidDecision, match="until"):
            timed.inbox.defer(question.review.id, by=MARIA, until=until)


def test_a_time_is_counted_by_the_clock_of_the_inbox(timed: Desk, clock: FixedClock) -> None:
    review = ask(timed).review
    timed.inbox.defer(review.id, by=MARIA, until="3h")
    assert timed.inbox.get(review.id).hidden_until == clock.now + timedelta(hours=3)
    timed.inbox.decide(review.id, Defer(timedelta(hours=4)), by=MARIA)
    assert timed.inbox.get(review.id).hidden_until == clock.now + timedelta(hours=4)


def test_who_may_not_put_it_off_is_told_how_a_gate_allows_it(
    timed: Desk, clock: FixedClock
) -> None:
    review = ask(timed, timeout="24h").review
    with pytest.raises(InvalidDecision) as refused:
        timed.inbox.defer(review.id, by=MARIA, until="2d")
    assert review.due is not None
    assert f"deadline, {review.due:%Y-%m-%d %H:%M:%S} UTC" in str(refused.value)
    assert 'on_defer="pause"' in str(refused.value)


def test_the_time_of_the_next_version_is_that_of_the_first(timed: Desk, clock: FixedClock) -> None:
    from langgraph_hitl import Revise

    def louder(state: dict[str, Any]) -> dict[str, Any]:
        return {"draft": state["draft"] + "!"}

    options: dict[str, Any] = {"revise": louder, "reads": ["draft"], "timeout": "24h"}
    question = ask(timed, **options)
    due = question.review.due
    clock.advance(hours=20)
    timed.inbox.decide(question.review.id, Revise("louder"), by=MARIA)
    assert question.review.due == due
    clock.advance(hours=4)
    timed.inbox.work()
    assert question.record["outcome"] == "timed_out"


RISKY = by_risk({"low": chain("member"), "high": chain("director")})


def test_an_edit_that_takes_more_authority_moves_up(timed: Desk) -> None:
    """What a member may approve, a member must not turn into what only a director may."""

    def score(state: dict[str, Any]) -> float:
        return 0.9 if "million" in state["draft"] else 0.1

    question = ask(
        timed,
        {"draft": "pay a cent"},
        reviewers=RISKY,
        when=risk_at_least("low", risk=score),
        reads=["draft"],
    )
    review = question.review
    timed.inbox.decide(review.id, Edit("pay a million"), by=ANN)
    assert question.ran == []
    with pytest.raises(NotAuthorised):
        timed.inbox.decide(review.id, Approve(), by=ANN)
    timed.inbox.decide(review.id, Approve(), by=DORA)
    assert question.ran == ["act:pay a million"]


def test_who_asked_does_not_decide(timed: Desk) -> None:
    question = ask(timed, {"draft": "Hello", "case": "maria"}, requester="case")
    review = question.review
    assert review.requester == "maria"
    with pytest.raises(NotAuthorised, match="four eyes"):
        timed.inbox.decide(review.id, Approve(), by=MARIA)
    timed.inbox.decide(review.id, Approve(), by=ANN)
    assert question.ran == ["act:Hello"]


def test_who_looks_at_it_is_seen_for_a_while(timed: Desk, clock: FixedClock) -> None:
    from langgraph_hitl.errors import Claimed

    question = ask(timed)
    review = question.review
    assert timed.inbox.claim(review.id, by=MARIA).claimed_by == "maria"
    with pytest.raises(Claimed) as busy:
        timed.inbox.claim(review.id, by=ANN)
    assert busy.value.by == "maria"
    clock.advance(minutes=15)
    assert timed.inbox.claim(review.id, by=ANN).claimed_by == "ann"
    assert timed.inbox.release(review.id, by=ANN).claimed_by is None
    timed.inbox.decide(review.id, Approve(), by=ANN)
    with pytest.raises(AlreadyDecided):
        timed.inbox.claim(review.id, by=ANN)


def test_a_course_that_was_changed_behind_the_inbox_is_named(
    timed: Desk, clock: FixedClock
) -> None:
    question = ask(timed, reviewers=CHAIN)
    review_id = question.review.id
    clock.advance(hours=5)
    timed.inbox.work()
    timed.inbox.defer(review_id, by=LEA, until=clock.now + timedelta(hours=1))
    timed.inbox.escalate(review_id, by=LEA)
    assert timed.inbox.verify()
    with timed.inbox._office.ledger.transaction() as tx:
        found = tx.get(review_id)
        assert found is not None
        lowered = {**(found.course or {}), "told": "2020-01-01T00:00:00+00:00"}
        sql = Sql("UPDATE hitl_reviews SET course = :course WHERE id = :id")
        tx._session.run(sql, course=json.dumps(lowered), id=review_id)
    report = timed.inbox.verify()
    assert not report
    assert f"who decides review {review_id}" in (report.problem or "")


def test_who_begins_above_the_level_with_a_time_is_asked_all_the_same(timed: Desk) -> None:
    """A reminder belongs to the level that has a time; the level above it has none."""
    panel = chain("member", "lead", within={"member": timedelta(hours=4)}, bands=(0.5,))
    risky = risk_at_least("low", risk="score")
    question = ask(
        timed, {"draft": "Hello", "score": 0.9}, reviewers=panel, remind="1h", when=risky
    )
    assert question.review.due is None
    timed.inbox.decide(question.review.id, Approve(), by=LEA)
    assert question.ran == ["act:Hello"]


def test_a_deadline_is_no_reviewer(timed: Desk, clock: FixedClock) -> None:
    ask(timed, timeout="1h")
    clock.advance(hours=2)
    timed.inbox.work()
    found = timed.inbox.metrics()
    assert found.outcomes == {"timed_out": 1}
    assert (found.reviewers, found.response.count) == ({}, 0)


def test_who_decides_alone_cannot_abstain(timed: Desk) -> None:
    """A gate whose panel depends on the case allows what some of its panels take."""
    panel = by_risk({"low": "editors", "high": quorum(2, of="editors")})
    risky = risk_at_least("low", risk="score")
    question = ask(timed, {"draft": "Hello", "score": 0.1}, reviewers=panel, when=risky)
    with pytest.raises(InvalidDecision, match="alone"):
        timed.inbox.decide(question.review.id, Abstain(), by=MARIA)
    assert question.review.status == "pending"
