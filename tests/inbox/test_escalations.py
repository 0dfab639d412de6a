"""Types of escalation: other people, their queue and their time, and the handler that is called."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from langgraph.types import Command

from langgraph_hitl import (
    Approve,
    Defer,
    Edit,
    Escalate,
    Inbox,
    Reject,
    Reviewer,
    Revise,
    human_approval,
    pending,
    qa_sample,
    resume,
)
from langgraph_hitl.errors import (
    AlreadyDecided,
    GateError,
    HitlError,
    InvalidDecision,
    NotAuthorised,
)
from langgraph_hitl.inbox import Review
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.panels import chain, quorum
from langgraph_hitl.people import Member, Roster
from langgraph_hitl.policies import Escalation
from langgraph_hitl.review import ReviewRequest
from langgraph_hitl.testing import FixedClock
from langgraph_hitl.triggers import risk_at_least
from tests.apps import one_gate
from tests.inbox.desk import Desk, Question

ED = Reviewer("ed", roles="editors")
EVA = Reviewer("eva", roles="editors")
LARS = Reviewer("lars", roles="lawyer")
LENA = Reviewer("lena", roles="lawyer")
SAM = Reviewer("sam", roles="security")
ANN = Reviewer("ann", level="member")
LEA = Reviewer("lea", level="lead")


class Heard:
    """A handler that remembers what it was told."""

    def __init__(self) -> None:
        self.calls: list[tuple[ReviewRequest, str | None]] = []

    def __call__(self, request: ReviewRequest, reason: str | None) -> None:
        self.calls.append((request, reason))

    @property
    def reasons(self) -> list[str | None]:
        return [reason for _, reason in self.calls]


LEGAL = Escalation(reviewers="lawyer", queue="legal", timeout="4h", priority="high")
SECURITY = Escalation(reviewers="security")
BOTH = {"legal": LEGAL, "security": SECURITY}


def louder(state: dict[str, Any]) -> dict[str, Any]:
    return {"draft": state["draft"] + "!"}


def build(desk: Desk, **options: Any) -> Any:
    usual: dict[str, Any] = {
        "reviewers": "editors",
        "escalations": BOTH,
        "revise": louder,
        "reads": ["draft"],
    }
    return one_gate(human_approval("draft", inbox=desk.inbox, **usual | options))


def ask(desk: Desk, given: dict[str, Any] | None = None, **options: Any) -> Question:
    return desk.ask(desk.app(build(desk, **options)), given)


def listed(inbox: Inbox, who: Reviewer) -> list[str]:
    return [review.id for review in inbox.pending(reviewer=who)]


def passed_on(desk: Desk, question: Question, to: str = "legal", by: Reviewer = ED) -> Review:
    return desk.inbox.escalate(question.review.id, by=by, reason="a gift?", to=to)


class TestWhoDecides:
    def test_those_alone_decide_in_their_queue(self, timed: Desk, clock: FixedClock) -> None:
        question = ask(timed)
        review = question.review
        assert (review.request["escalations"], review.escalated_to) == (["legal", "security"], None)
        after = timed.inbox.decide(review, Escalate("a gift?", to="legal"), by=ED)
        assert (after.status, after.escalated_to, after.queue, after.rank) == (
            *("pending", "legal", "legal", 1),
        )
        assert after.due == clock.now + timedelta(hours=4)
        assert after.digest == review.digest
        assert listed(timed.inbox, ED) == []
        assert listed(timed.inbox, LARS) == [review.id]
        assert [found.id for found in timed.inbox.pending(queue="legal")] == [review.id]
        assert timed.inbox.pending(queue="default") == []
        [shown] = timed.inbox.pending(reviewer=LARS)
        assert shown.request["panel"]["rule"] == "any of lawyer"
        assert shown.request["escalations"] == ["security"]
        assert shown.request["deadline"] == after.due.isoformat()
        for act in (timed.inbox.claim, timed.inbox.defer, timed.inbox.cancel):
            with pytest.raises(NotAuthorised, match="'lawyer'"):
                act(review.id, by=ED)
        for decision in (Approve(), Escalate("no", to="security")):
            with pytest.raises(NotAuthorised, match="'lawyer'"):
                timed.inbox.decide(review.id, decision, by=ED)
        timed.inbox.decide(review.id, Approve(), by=LARS)
        assert question.record["outcome"] == "approved"
        assert question.ran == ["act:Hello"]
        assert timed.inbox.verify()

    def test_the_audit_says_who_passed_it_to_whom_and_why(self, timed: Desk) -> None:
        question = ask(timed)
        review = question.review
        passed_on(timed, question)
        timed.inbox.escalate(review.id, by=LARS, to="security")
        rows = [row for row in timed.inbox.history(review.id) if row.event == "escalated"]
        assert [
            (row.actor, row.reason, row.content["to"], row.content["queue"]) for row in rows
        ] == [
            ("ed", "a gift?", "legal", "legal"),
            ("lars", None, "security", "legal"),
        ]
        assert timed.inbox.verify()

    def test_their_panel_counts_its_own_votes(self, timed: Desk) -> None:
        both = Reviewer("bo", roles=("editors", "lawyer"))
        question = ask(
            timed,
            reviewers=quorum(2, of="editors"),
            escalations={"legal": Escalation(reviewers=quorum(2, of="lawyer", may_change=False))},
        )
        review = question.review
        timed.inbox.decide(review.id, Approve(), by=both)
        passed_on(timed, question)
        assert timed.inbox.votes(review.id) == []
        assert timed.inbox.verify()
        assert timed.inbox.decide(review.id, Approve(), by=LARS).status == "pending"
        timed.inbox.decide(review.id, Approve(), by=both)
        assert question.record["outcome"] == "approved"
        assert timed.inbox.verify()

    def test_four_eyes_hold_there_too(self, timed: Desk) -> None:
        question = ask(timed, {"draft": "Hello", "case": "lars"}, requester="case")
        passed_on(timed, question)
        with pytest.raises(NotAuthorised, match="four eyes"):
            timed.inbox.decide(question.review.id, Approve(), by=LARS)
        timed.inbox.decide(question.review.id, Approve(), by=LENA)

    def test_without_people_it_stays_with_those_who_had_it(
        self, timed: Desk, clock: FixedClock
    ) -> None:
        escalations = {"urgent": Escalation(queue="urgent", priority="critical", timeout="1h")}
        question = ask(timed, reviewers=chain("member", "lead"), escalations=escalations)
        review = timed.inbox.escalate(question.review.id, by=ANN, to="urgent")
        assert (review.queue, review.rank) == ("urgent", 0)
        assert review.due == clock.now + timedelta(hours=1)
        assert listed(timed.inbox, ANN) == [review.id]
        timed.inbox.escalate(review.id, by=ANN)
        assert listed(timed.inbox, ANN) == []
        assert timed.inbox.decide(review.id, Approve(), by=LEA).outcome == "approved"

    def test_anybody_may_pass_on_what_anybody_decides(self, timed: Desk) -> None:
        question = ask(timed, reviewers=None)
        [request] = pending(question.app, question.config)
        assert request.escalations == ["legal", "security"]
        unsure: Command[Any] = Command(
            resume={request.interrupt_id: {"type": "escalate", "to": "legal", "reason": "unsure"}}
        )
        question.app.invoke(unsure, question.config)
        assert question.review.escalated_to == "legal"
        question.app.invoke(resume(request, Approve()), question.config)
        assert question.ran == []
        timed.inbox.decide(question.review.id, Approve(), by=LARS)
        assert question.ran == ["act:Hello"]

    def test_a_directory_says_who_is_of_them_and_whose_turn_it_is(self, desk: Desk) -> None:
        people = Roster(Member(ED), Member(LARS))
        desk.inbox.close()
        with Inbox.open(desk._url, people=people, assign=True) as desk.inbox:
            question = ask(desk, escalations={"legal": LEGAL})
            assert question.review.assigned == "ed"
            passed_on(desk, question)
            assert question.review.assigned == "lars"
            told = [(row.event, row.actor) for row in desk.inbox.history(question.review.id)]
            assert told[-2:] == [("escalated", "ed"), ("assigned", "system:assignment")]
            turns = [one for one in desk.inbox.notices() if one.event == "assigned"]
            assert [one.recipients for one in turns] == [("person:ed",), ("person:lars",)]
            assert desk.inbox.verify()
            desk.inbox.decide(question.review.id, Approve(), by="lars")
            assert question.record["decided_by"] == "lars"

    def test_a_gate_to_whose_people_nobody_belongs_is_refused(self, desk: Desk) -> None:
        people = Roster(Member(ED), Member(LARS))
        desk.inbox.close()
        with (
            Inbox.open(desk._url, people=people) as desk.inbox,
            pytest.raises(GateError, match="security"),
        ):
            ask(desk)


class TestWhatEnds:
    def test_claims_turns_and_deferrals_of_those_before(self, timed: Desk) -> None:
        question = ask(timed)
        review = question.review
        timed.inbox.claim(review.id, by=ED)
        timed.inbox.assign(review.id, to=ED, by=ED)
        timed.inbox.defer(review.id, by=ED)
        after = timed.inbox.escalate(review.id, by=ED, to="legal")
        assert (after.claimed_by, after.assigned, after.hidden_until) == (None, None, None)
        assert listed(timed.inbox, LARS) == [review.id]
        assert timed.inbox.verify()


class TestOnce:
    @pytest.mark.parametrize("path", [["legal"], ["legal", "security"]])
    def test_it_never_goes_back(self, timed: Desk, path: list[str]) -> None:
        question = ask(timed)
        review = question.review
        who = {"legal": LARS, "security": SAM}
        by = ED
        for to in path:
            timed.inbox.escalate(review.id, by=by, to=to)
            by = who[to]
        with pytest.raises(InvalidDecision, match=r"to 'legal' before .* never goes back"):
            timed.inbox.escalate(review.id, by=by, to="legal")

    @pytest.mark.parametrize("to", [5, ["legal"]])
    def test_a_name_is_a_text(self, timed: Desk, to: Any) -> None:
        question = ask(timed)
        review = question.review
        with pytest.raises(HitlError, match=r"text|there are 'legal'"):
            timed.inbox.escalate(review.id, by=ED, to=to)
        with pytest.raises(InvalidDecision, match="to must be a text"):
            timed.inbox.decide(review.id, Escalate("no", to=to), by=ED)
        assert question.events(question.review.id) == ["filed"]

    @pytest.mark.parametrize("to", ["sales", "", "Legal"])
    def test_a_name_that_there_is_not(self, timed: Desk, to: str) -> None:
        question = ask(timed)
        with pytest.raises(InvalidDecision, match="there are 'legal', 'security'"):
            timed.inbox.escalate(question.review.id, by=ED, to=to)
        assert question.events(question.review.id) == ["filed"]

    def test_nobody_is_above_without_a_chain(self, timed: Desk) -> None:
        question = ask(timed)
        with pytest.raises(InvalidDecision, match=r"say to whom .*'legal', 'security'"):
            timed.inbox.decide(question.review.id, Escalate("unsure"), by=ED)

    def test_a_gate_without_any(self, timed: Desk) -> None:
        question = ask(timed, escalations=None)
        with pytest.raises(InvalidDecision, match="escalations="):
            timed.inbox.escalate(question.review.id, by=ED, to="legal")

    def test_what_was_decided(self, timed: Desk) -> None:
        question = ask(timed)
        review = question.review
        timed.inbox.decide(review.id, Approve(), by=ED)
        with pytest.raises(AlreadyDecided):
            timed.inbox.escalate(review.id, by=ED, to="legal")


class TestTime:
    def test_the_deadline_is_never_later_than_it_was(self, timed: Desk, clock: FixedClock) -> None:
        question = ask(timed, timeout="5h", remind="1h")
        due = question.review.due
        assert due is not None
        clock.advance(hours=3)
        assert passed_on(timed, question).due == due
        clock.now = due - timedelta(hours=1)
        timed.inbox.work()
        assert question.events(question.review.id)[-1] == "reminded"
        clock.now = due
        timed.inbox.work()
        assert question.record["outcome"] == "timed_out"
        assert timed.inbox.verify()

    def test_their_own_time_is_over_first(self, timed: Desk, clock: FixedClock) -> None:
        question = ask(timed)
        review = question.review
        assert review.due is None
        passed_on(timed, question)
        clock.advance(hours=4)
        timed.inbox.work()
        assert question.record["outcome"] == "timed_out"
        assert question.ran == ["stop:Hello"]

    def test_a_pause_of_those_before_ends(self, timed: Desk, clock: FixedClock) -> None:
        question = ask(timed, timeout="5h", on_defer="pause")
        review = question.review
        timed.inbox.decide(review.id, Defer(clock.now + timedelta(days=9)), by=ED)
        clock.advance(hours=1)
        after = timed.inbox.escalate(review.id, by=ED, to="security")
        assert after.due == clock.now + timedelta(hours=5)
        timed.inbox.decide(review.id, Defer(clock.now + timedelta(days=1)), by=SAM)
        assert timed.inbox.get(review.id).due == clock.now + timedelta(days=1, hours=5)

    def test_a_chain_of_theirs_climbs_by_itself(self, timed: Desk, clock: FixedClock) -> None:
        levels = chain("member", "lead", within={"member": timedelta(hours=1)})
        question = ask(timed, escalations={"finance": Escalation(reviewers=levels)})
        passed_on(timed, question, "finance")
        assert listed(timed.inbox, ANN)
        clock.advance(hours=2)
        assert listed(timed.inbox, ANN) == []
        assert timed.inbox.decide(question.review.id, Approve(), by=LEA).outcome == "approved"
        assert timed.inbox.verify()


class TestNextVersions:
    @pytest.mark.parametrize("timeout", [None, "9h"])
    def test_a_revision_stays_with_them(
        self, timed: Desk, clock: FixedClock, timeout: str | None
    ) -> None:
        question = ask(timed, reviewers=chain("member", "lead"), timeout=timeout)
        before = passed_on(timed, question, by=LEA)
        clock.advance(hours=1)
        after = timed.inbox.decide(before.id, Revise("more"), by=LARS)
        assert (after.round, after.status) == (1, "pending")
        kept = ("eligible", "due", "queue", "rank", "escalated_to")
        assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
        with pytest.raises(InvalidDecision, match="never goes back"):
            timed.inbox.escalate(before.id, by=LARS, to="legal")
        timed.inbox.decide(before.id, Approve(), by=LARS)
        assert question.ran == ["act:Hello!"]
        assert timed.inbox.verify()

    def test_an_edit_of_theirs_passes(self, timed: Desk) -> None:
        question = ask(timed)
        passed_on(timed, question)
        timed.inbox.decide(question.review.id, Edit("Bye"), by=LARS)
        assert question.record["outcome"] == "edited"
        assert question.ran == ["act:Bye"]

    def test_an_edit_that_takes_others_of_them_moves_up(self, timed: Desk) -> None:
        levels = chain("member", "lead", bands=[0.5])
        question = ask(
            timed,
            {"draft": {"risk": 0.1}},
            revise=None,
            when=risk_at_least(0.1, risk="draft.risk"),
            escalations={"finance": Escalation(reviewers=levels, queue="finance")},
        )
        passed_on(timed, question, "finance")
        assert listed(timed.inbox, ANN)
        after = timed.inbox.decide(question.review.id, Edit({"risk": 0.9}), by=ANN)
        assert (after.status, after.round, after.queue) == ("pending", 1, "finance")
        assert listed(timed.inbox, ANN) == []
        assert timed.inbox.decide(after.id, Approve(), by=LEA).outcome == "approved"
        assert timed.inbox.verify()

    def test_another_release_of_the_gate_leaves_it_with_them(self, timed: Desk) -> None:
        question = ask(timed)
        passed_on(timed, question)
        app = timed.app(build(timed, escalations=None))
        after = timed.inbox.decide(question.review.id, Revise("more"), by=LARS)
        assert (after.round, after.queue, after.escalated_to) == (1, "legal", "legal")
        timed.inbox.decide(question.review.id, Approve(), by=LARS)
        assert app.get_state(question.config).values["ran"] == ["act:Hello!"]


class TestHandler:
    def test_it_hears_the_request_and_the_reason(self, timed: Desk, clock: FixedClock) -> None:
        heard = Heard()
        legal = Escalation(reviewers="lawyer", timeout="4h", handler=heard)
        question = ask(timed, escalations={"legal": legal})
        passed_on(timed, question)
        [(request, reason)] = heard.calls
        assert (request.review_id, request.subject, reason) == (
            *(question.review.id, "Hello", "a gift?"),
        )
        assert request.deadline == (clock.now + timedelta(hours=4)).isoformat()
        assert request.panel is not None
        assert request.panel["rule"] == "any of lawyer"
        assert timed.inbox.work().idle
        assert len(heard.calls) == 1
        assert timed.inbox.verify()

    def test_a_worker_calls_it_where_the_graph_was_not_at_hand(self, desk: Desk) -> None:
        heard = Heard()
        question = ask(desk, escalations={"legal": Escalation(reviewers="lawyer", handler=heard)})
        with Inbox.open(desk._url) as stranger:
            stranger.escalate(question.review.id, by=ED, reason="from afar", to="legal")
            assert stranger.work().idle
        assert heard.calls == []
        assert desk.inbox.work().handled == 1
        assert heard.reasons == ["from afar"]
        assert desk.inbox.work().idle
        assert desk.inbox.verify()

    @pytest.mark.parametrize("then", [Approve(), Revise("more")])
    def test_it_hears_what_went_on_meanwhile(self, desk: Desk, then: Any) -> None:
        heard = Heard()
        question = ask(desk, escalations={"legal": Escalation(reviewers="lawyer", handler=heard)})
        review = question.review
        with Inbox.open(desk._url) as stranger:
            stranger.escalate(review.id, by=ED, reason="from afar", to="legal")
        desk.inbox.decide(review.id, then, by=LARS)
        assert [desk.inbox.work().handled for _ in range(2)] == [1, 0]
        assert heard.reasons == ["from afar"]

    def test_one_that_raises_stops_nothing_and_is_noted(self, desk: Desk) -> None:
        def broken(_request: ReviewRequest, _reason: str | None) -> None:
            raise RuntimeError("the pager is out of order")

        question = ask(desk, escalations={"legal": Escalation(reviewers="lawyer", handler=broken)})
        review = passed_on(desk, question)
        [row] = [row for row in desk.inbox.history(review.id) if row.event == "hook_failed"]
        assert row.reason == "on_escalated:legal: RuntimeError: the pager is out of order"
        assert desk.inbox.work().idle
        desk.inbox.decide(review.id, Approve(), by=LARS)
        assert question.ran == ["act:Hello"]

    def test_one_that_turns_out_to_be_asynchronous(self, desk: Desk) -> None:
        async def later() -> None: ...

        legal = Escalation(reviewers="lawyer", handler=lambda _request, _reason: later())
        question = ask(desk, escalations={"legal": legal})
        review = passed_on(desk, question)
        [row] = [row for row in desk.inbox.history(review.id) if row.event == "hook_failed"]
        assert "coroutine" in str(row.reason)

    def test_an_answer_to_the_graph_itself_calls_it(self, desk: Desk) -> None:
        heard = Heard()
        legal = Escalation(reviewers="lawyer", handler=heard)
        question = ask(desk, reviewers=None, escalations={"legal": legal})
        [request] = pending(question.app, question.config)
        unsure: Command[Any] = Command(
            resume={request.interrupt_id: {"type": "escalate", "to": "legal", "reason": "unsure"}}
        )
        question.app.invoke(unsure, question.config)
        assert heard.reasons == ["unsure"]
        assert desk.inbox.work().handled == 0

    def test_where_workers_do_it_all(self, desk: Desk) -> None:
        heard = Heard()
        desk.inbox.close()
        with Inbox.open(desk._url, resume="worker") as desk.inbox:
            legal = Escalation(reviewers="lawyer", handler=heard)
            question = ask(desk, escalations={"legal": legal})
            passed_on(desk, question)
            assert heard.calls == []
            assert desk.inbox.work().handled == 1
        assert heard.reasons == ["a gift?"]

    async def test_the_asynchronous_face(self, desk: Desk) -> None:
        heard = Heard()
        question = ask(desk, escalations={"legal": Escalation(reviewers="lawyer", handler=heard)})
        after = await desk.inbox.aescalate(question.review.id, by=ED, reason="why", to="legal")
        assert (after.escalated_to, heard.reasons) == ("legal", ["why"])


class TestVerify:
    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE hitl_reviews SET queue = 'default'",
            "UPDATE hitl_reviews SET rank = 3",
            "UPDATE hitl_reviews SET due = due + 1",
            "UPDATE hitl_reviews SET eligible = replace(eligible, 'lawyer', 'editors')",
            "UPDATE hitl_reviews SET course = replace(course, 'lawyer', 'editors')",
            "UPDATE hitl_eligible SET key = replace(key, 'lawyer', 'editors')",
            "UPDATE hitl_reviews SET hidden = 1",
        ],
    )
    def test_what_was_changed_behind_the_inbox(self, timed: Desk, change: str) -> None:
        question = ask(timed)
        passed_on(timed, question)
        assert timed.inbox.verify()
        with timed.inbox._office.ledger.transaction() as tx:
            tx._session.run(Sql(change))
        assert not timed.inbox.verify()

    def test_a_vote_that_came_after_it_cannot_be_removed(self, timed: Desk) -> None:
        legal = Escalation(reviewers=quorum(2, of="lawyer"))
        question = ask(timed, escalations={"legal": legal})
        passed_on(timed, question)
        timed.inbox.decide(question.review.id, Approve(), by=LARS)
        assert timed.inbox.verify()
        with timed.inbox._office.ledger.transaction() as tx:
            tx._session.run(Sql("DELETE FROM hitl_votes"))
        assert not timed.inbox.verify()


class TestWait:
    def test_each_queue_counts_the_time_in_it(self, timed: Desk, clock: FixedClock) -> None:
        for _ in range(4):
            question = ask(timed)
            clock.advance(minutes=60)
            passed_on(timed, question)
            clock.advance(minutes=10)
            timed.inbox.decide(question.review.id, Approve(), by=LARS)
        legal = timed.inbox.estimated_wait(queue="legal", least=3)
        assert legal.observed == timedelta(minutes=10)
        assert legal.service == timedelta(minutes=10)
        default = timed.inbox.estimated_wait(queue="default", least=3)
        assert (default.observed, default.reviewers) == (None, 0)
        assert default.arrivals_per_hour is not None
        assert timed.inbox.estimated_wait(least=3).observed == timedelta(minutes=70)

    def test_what_waits_there_waits_since_it_came(self, timed: Desk, clock: FixedClock) -> None:
        question = ask(timed)
        clock.advance(minutes=60)
        passed_on(timed, question)
        clock.advance(minutes=5)
        with timed.inbox._office.ledger.reading() as rx:
            assert rx.waiting_since("legal", limit=10) == [clock.now - timedelta(minutes=5)]
            assert rx.waiting_since(None, limit=10) == [clock.now - timedelta(minutes=65)]
            assert rx.waiting_since("default", limit=10) == []


class TestNothingWaits:
    def test_a_sample_that_was_let_go_is_called_back_by_others(self, timed: Desk) -> None:
        heard, recalled = Heard(), []
        gate = qa_sample(
            "draft",
            rate=1.0,
            item_id="case",
            salt="0123456789abcdef",
            also=None,
            blocking=False,
            inbox=timed.inbox,
            reviewers="editors",
            on_recall=lambda _request, decision: recalled.append(decision),
            escalations={"legal": Escalation(reviewers="lawyer", queue="legal", handler=heard)},
        )
        question = timed.ask(
            timed.app(one_gate(gate, {"approved": "act"})), {"draft": "Hello", "case": "1"}
        )
        assert question.ran == ["act:Hello"]
        review = passed_on(timed, question)
        with pytest.raises(NotAuthorised):
            timed.inbox.decide(review.id, Reject("no"), by=ED)
        timed.inbox.decide(review.id, Reject("no"), by=LARS)
        assert (recalled, heard.reasons) == ([Reject("no")], ["a gift?"])
        assert timed.inbox.verify()
