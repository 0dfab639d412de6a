"""People: what the directory says about an identity is what it may do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest

from langgraph_hitl import (
    Approve,
    Defer,
    Edit,
    Inbox,
    Reject,
    Reviewer,
    human_approval,
    pending,
    resume,
)
from langgraph_hitl.errors import GateError, InboxError, InboxUnavailable, NotAuthorised
from langgraph_hitl.panels import anyone, by_risk, chain, expert, quorum
from langgraph_hitl.people import Absence, Member, Roster, SessionLimit
from langgraph_hitl.policies import Policy, Rule, Terms
from langgraph_hitl.review import Decision
from langgraph_hitl.testing import FixedClock
from langgraph_hitl.triggers import always, risk_at_least
from tests.apps import one_gate
from tests.drivers import Build
from tests.inbox.desk import Desk, Question

START = FixedClock().now
BACK = START + timedelta(days=7)
AWAY = Absence(START, BACK)

MARIA = Reviewer("maria", "editors", level="lead", skills="tax")
CEM = Reviewer("cem")
LEA = Reviewer("lea", "editors", level="lead")
BOSS = Reviewer("boss", level="director")

Opened = Callable[..., None]


class Changing:
    """A directory that says what a test says at that moment."""

    def __init__(self, *members: Member | Reviewer) -> None:
        self.roster = Roster(*members)
        self.error: Exception | None = None
        self.asked = 0

    def reviewers(self) -> Iterable[Member]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.roster.reviewers()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def staffed(desk: Desk, clock: FixedClock) -> Opened:
    """Opens the inbox of the desk anew, with people."""

    def open_with(people: Any, **options: Any) -> None:
        desk.inbox.close()
        desk.inbox = desk._stack.enter_context(
            Inbox.open(desk._url, clock=clock, people=people, **options)
        )

    return open_with


def build(desk: Desk, **options: Any) -> Build:
    return one_gate(human_approval("draft", inbox=desk.inbox, **options))


def ask(desk: Desk, given: dict[str, Any] | None = None, **options: Any) -> Question:
    return desk.ask(desk.app(build(desk, **options)), given)


def refused(
    desk: Desk, question: Question, by: Reviewer | str, decision: Decision | None = None
) -> str:
    """Why somebody may not decide; nothing has changed but the audit."""
    before = question.review
    with pytest.raises(NotAuthorised) as error:
        desk.inbox.decide(before.id, decision or Approve(), by=by)
    after = question.review
    assert (after.status, after.digest) == ("pending", before.digest)
    return error.value.needed


def away(who: Reviewer, delegate: str | None = None) -> Member:
    return Member(who, absences=[AWAY], delegate=delegate)


def test_the_directory_says_who_somebody_is(desk: Desk, staffed: Opened) -> None:
    staffed(Roster(MARIA, CEM))
    question = ask(desk, reviewers="editors")
    claims = Reviewer("cem", ("editors", "admins"), level="executive", skills="tax")
    assert refused(desk, question, claims) == "it takes the role 'editors'"
    assert desk.inbox.pending(reviewer=claims) == []
    assert [found.id for found in desk.inbox.pending(reviewer="maria")] == [question.review.id]
    desk.inbox.decide(question.review.id, Approve(), by="maria")
    assert question.ran == ["act:Hello"]


@pytest.mark.parametrize("panel", [chain("lead", "director"), expert(skill="tax")])
def test_level_and_skills_are_those_of_the_directory(
    desk: Desk, staffed: Opened, panel: Any
) -> None:
    staffed(Roster(MARIA, CEM, BOSS))
    question = ask(desk, reviewers=panel)
    refused(desk, question, Reviewer("cem", level="executive", skills="tax"))
    desk.inbox.decide(question.review.id, Approve(), by=Reviewer("maria"))
    assert question.ran == ["act:Hello"]


def test_who_is_not_in_it_decides_nothing(desk: Desk, staffed: Opened) -> None:
    staffed(Roster(MARIA))
    question = ask(desk)
    assert refused(desk, question, "zoe") == "'zoe' is nobody in the directory"
    assert desk.inbox.pending(reviewer="zoe") == []
    assert question.events(question.review.id)[-1] == "refused"


def test_who_has_left_decides_nothing_any_more(desk: Desk, staffed: Opened) -> None:
    people = Changing(MARIA, CEM)
    staffed(people)
    question = ask(desk)
    people.roster = Roster(CEM)
    assert "nobody in the directory" in refused(desk, question, MARIA)


def test_who_is_away_is_told_until_when_and_who_acts(
    desk: Desk, staffed: Opened, clock: FixedClock
) -> None:
    staffed(Roster(away(MARIA, "cem"), CEM))
    question = ask(desk)
    needed = refused(desk, question, MARIA)
    assert needed == "maria is absent until 2026-01-12 09:00 UTC, and cem acts meanwhile"
    assert desk.inbox.pending(reviewer="maria") == []
    clock.now = BACK
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    assert question.record["decided_by"] == "maria"


def test_who_is_away_does_nothing_at_all(desk: Desk, staffed: Opened) -> None:
    staffed(Roster(away(MARIA)))
    review = ask(desk).review
    inbox = desk.inbox
    acts: list[Callable[[], object]] = [
        lambda: inbox.cancel(review.id, by=MARIA),
        lambda: inbox.claim(review.id, by=MARIA),
        lambda: inbox.defer(review.id, by=MARIA),
        lambda: inbox.escalate(review.id, by=MARIA),
        lambda: inbox.assign(review.id, to=None, by=MARIA),
        lambda: inbox.decide(review.id, Defer(), by=MARIA),
    ]
    for act in acts:
        with pytest.raises(NotAuthorised, match=r"maria is absent .* nobody acts meanwhile"):
            act()
    [same] = inbox.pending()
    assert (same.claimed_by, same.hidden_until, same.assigned) == (None, None, None)


def test_a_delegate_has_the_authority_of_who_is_away(
    desk: Desk, staffed: Opened, clock: FixedClock
) -> None:
    staffed(Roster(away(MARIA, "cem"), CEM))
    question = ask(desk, reviewers="editors")
    review = question.review
    assert [found.id for found in desk.inbox.pending(reviewer="cem")] == [review.id]
    desk.inbox.decide(review.id, Approve(), by=CEM)
    assert question.record["decided_by"] == "cem"
    [row] = [row for row in desk.inbox.history(review.id) if row.event == "settled"]
    assert row.actor == "cem"
    assert row.content["authority"] == {
        "roles": ["editors"],
        "level": "lead",
        "skills": ["tax"],
        "acting_for": "maria",
    }
    clock.now = BACK
    later = ask(desk, reviewers="editors")
    assert desk.inbox.pending(reviewer="cem") == []
    assert refused(desk, later, CEM) == "it takes the role 'editors'"
    assert desk.inbox.verify()


def test_a_delegate_acts_for_a_person_who_is_named(desk: Desk, staffed: Opened) -> None:
    staffed(Roster(away(MARIA, "cem"), CEM))
    question = ask(desk, reviewers=MARIA)
    desk.inbox.decide(question.review.id, Approve(), by=CEM)
    assert question.ran == ["act:Hello"]


def test_the_own_authority_comes_first(desk: Desk, staffed: Opened) -> None:
    staffed(Roster(away(MARIA, "lea"), LEA))
    question = ask(desk, reviewers="editors")
    review = question.review
    desk.inbox.decide(review.id, Approve(), by=LEA)
    [row] = [row for row in desk.inbox.history(review.id) if row.event == "settled"]
    assert row.content["authority"] == {"roles": ["editors"], "level": "lead"}


def test_four_eyes_hold_through_a_delegate(desk: Desk, staffed: Opened) -> None:
    staffed(Roster(away(MARIA, "cem"), CEM, LEA))
    app = desk.app(build(desk, reviewers="editors", requester="case"))
    for asked, said in (("maria", "cem acts for maria, who asked for it; "), ("cem", "")):
        question = desk.ask(app, {"draft": "Hello", "case": asked})
        assert refused(desk, question, CEM).startswith(f"{said}whoever asked for it")
        assert desk.inbox.pending(reviewer="cem") == []
        desk.inbox.decide(question.review.id, Reject(), by=LEA)
        assert question.ran == ["stop:Hello"]


def test_who_acts_for_who_asked_decides_by_the_own_authority_alone(
    desk: Desk, staffed: Opened
) -> None:
    """Another pair of eyes is one that could decide it in any case."""
    staffed(Roster(away(MARIA, "lea"), LEA, away(BOSS, "cem"), CEM), overrides=chain("lead"))
    app = desk.app(build(desk, reviewers=["editors", BOSS], requester="case"))
    question = desk.ask(app, {"draft": "Hello", "case": "maria"})
    review = question.review
    refused(desk, question, MARIA)
    desk.inbox.decide(review.id, Approve(), by=LEA)
    [row] = [row for row in desk.inbox.history(review.id) if row.event == "settled"]
    assert row.content["authority"] == {"roles": ["editors"], "level": "lead"}
    other = desk.ask(app, {"draft": "Hello", "case": "boss"})
    refused(desk, other, CEM)
    with pytest.raises(NotAuthorised):
        desk.inbox.override(other.review.id, Approve(), by=CEM, reason="no")
    with pytest.raises(NotAuthorised):
        desk.inbox.claim(other.review.id, by=CEM)
    assert other.ran == []


@pytest.mark.parametrize("may_change", [True, False])
def test_what_somebody_has_voted_on_for_good_is_not_listed(
    desk: Desk, staffed: Opened, may_change: bool
) -> None:
    panel = quorum(2, of="editors", size=3, may_change=may_change)
    inbox = desk.inbox
    review = ask(desk, reviewers=panel).review
    inbox.decide(review.id, Approve(), by=LEA)
    assert [one.id for one in inbox.pending(reviewer=LEA)] == ([review.id] if may_change else [])
    assert [one.id for one in inbox.pending(reviewer=MARIA)] == [review.id]
    staffed(Roster(away(MARIA, "cem"), CEM, LEA))
    assert [one.id for one in desk.inbox.pending(reviewer="lea")] == [review.id] * may_change
    assert [one.id for one in desk.inbox.pending(reviewer="cem")] == [review.id]
    desk.inbox.decide(review.id, Reject(), by=CEM, resume="worker")
    assert [one.id for one in desk.inbox.pending(reviewer="cem")] == [review.id] * may_change


def test_a_vote_before_being_away_is_not_asked_for_again(
    desk: Desk, staffed: Opened, clock: FixedClock
) -> None:
    later = Absence(START + timedelta(days=1), BACK)
    staffed(Roster(Member(MARIA, absences=[later], delegate="cem"), CEM, LEA))
    question = ask(desk, reviewers=quorum(2, of="editors", size=3))
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    clock.advance(days=2)
    assert desk.inbox.pending(reviewer="cem") == []


def test_own_requests_are_left_out_page_by_page(desk: Desk, staffed: Opened) -> None:
    staffed(Roster(LEA, CEM))
    app = desk.app(build(desk, requester="case"))
    asked = ["lea", "cem", "lea", "lea", "cem"]
    ids = [desk.ask(app, {"draft": "x", "case": who}).review.id for who in asked]
    wanted = [review_id for review_id, who in zip(ids, asked, strict=True) if who != "lea"]
    [first] = desk.inbox.pending(reviewer="lea", limit=1)
    [second] = desk.inbox.pending(reviewer="lea", limit=1, after=first)
    assert {first.id, second.id} == {*wanted}
    assert desk.inbox.pending(reviewer="lea", limit=1, after=second) == []


def test_a_delegate_of_two_is_one_voter(desk: Desk, staffed: Opened) -> None:
    staffed(Roster(away(MARIA, "cem"), away(LEA, "cem"), CEM, Reviewer("jo", "editors")))
    question = ask(desk, reviewers=quorum(2, of="editors", size=3))
    review = question.review
    for _ in range(2):
        assert desk.inbox.decide(review.id, Approve("fine"), by=CEM).status == "pending"
    [ballot] = desk.inbox.votes(review.id)
    assert (ballot.voter, ballot.acting_for, ballot.roles) == ("cem", "maria", ("editors",))
    [shown] = question.review.request["panel"]["votes"]
    assert (shown["by"], shown["acting_for"]) == ("cem", "maria")
    desk.inbox.decide(review.id, Approve(), by="jo")
    [decision] = question.record["decisions"]
    assert [(vote["by"], vote.get("acting_for")) for vote in decision["votes"]] == [
        ("cem", "maria"),
        ("jo", None),
    ]
    assert question.record["feedback"] == "cem: fine"
    assert desk.inbox.verify()


def test_nobody_counts_twice_by_going_away(desk: Desk, staffed: Opened, clock: FixedClock) -> None:
    later = Absence(START + timedelta(days=1), BACK)
    staffed(Roster(Member(MARIA, absences=[later], delegate="cem"), CEM, LEA))
    question = ask(desk, reviewers=quorum(2, of="editors", size=3))
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    clock.advance(days=2)
    assert refused(desk, question, CEM) == "maria has voted already, before being away"


@pytest.mark.parametrize("may_change", [True, False])
def test_nobody_counts_twice_by_coming_back(
    desk: Desk, staffed: Opened, clock: FixedClock, may_change: bool
) -> None:
    staffed(Roster(away(MARIA, "cem"), CEM, LEA))
    question = ask(desk, reviewers=quorum(2, of="editors", size=3, may_change=may_change))
    review = question.review
    desk.inbox.decide(review.id, Approve(), by=CEM)
    clock.now = BACK
    if may_change:
        assert desk.inbox.decide(review.id, Approve(), by=MARIA).status == "pending"
    else:
        assert "cem has voted for maria" in refused(desk, question, MARIA)
    assert desk.inbox.decide(review.id, Approve(), by=LEA).status == "applied"


def test_an_edit_of_a_delegate_goes_as_far_as_the_authority(desk: Desk, staffed: Opened) -> None:
    staffed(Roster(away(MARIA, "cem"), CEM, BOSS))
    when = risk_at_least("low", risk=lambda state: 0.95 if "!" in state["draft"] else 0.1)
    panel = by_risk({"low": "editors", "high": BOSS})
    question = ask(desk, reviewers=panel, when=when, reads=["draft"])
    first = question.review
    desk.inbox.decide(first.id, Edit("More!"), by=CEM)
    assert question.review.round == 1
    refused(desk, question, CEM)
    desk.inbox.decide(first.id, Approve(), by=BOSS)
    assert question.ran == ["act:More!"]


def test_who_has_decided_much_has_to_rest(desk: Desk, staffed: Opened, clock: FixedClock) -> None:
    limit = SessionLimit(decisions=2, within=timedelta(hours=1))
    staffed(Roster(Member(CEM, limit=limit), LEA))
    app = desk.app(build(desk))
    for _ in range(2):
        desk.inbox.decide(desk.ask(app).review.id, Approve(), by=CEM)
    question = desk.ask(app)
    review = question.review
    desk.inbox.claim(review.id, by=LEA)
    assert refused(desk, question, CEM) == "cem has to rest until 2026-01-05 10:00 UTC"
    assert desk.inbox.pending(reviewer="cem") == []
    for act in (desk.inbox.claim, desk.inbox.cancel):
        with pytest.raises(NotAuthorised, match="has to rest"):
            act(review.id, by=CEM)
    desk.inbox.defer(review.id, by=CEM)
    desk.inbox.release(review.id, by=LEA)
    desk.inbox.release(review.id, by=CEM)
    clock.advance(hours=1)
    desk.inbox.decide(review.id, Approve(), by=CEM)
    assert question.ran == ["act:Hello"]


def test_who_rests_may_pass_it_up(desk: Desk, staffed: Opened) -> None:
    limit = SessionLimit(decisions=1, within=timedelta(hours=1))
    staffed(Roster(Member(LEA, limit=limit), BOSS))
    app = desk.app(build(desk, reviewers=chain("lead", "director")))
    desk.inbox.decide(desk.ask(app).review.id, Approve(), by=LEA)
    question = desk.ask(app)
    desk.inbox.escalate(question.review.id, by=LEA)
    desk.inbox.decide(question.review.id, Approve(), by=BOSS)
    assert question.ran == ["act:Hello"]


def test_a_directory_that_fails_authorises_nobody(desk: Desk, staffed: Opened) -> None:
    people = Changing(MARIA)
    staffed(people)
    question = ask(desk)
    people.error = OSError("no route to host")
    assert "could not be read (OSError: no route to host)" in refused(desk, question, MARIA)
    with pytest.raises(InboxError, match="no route to host"):
        desk.inbox.pending(reviewer=MARIA)
    assert [found.id for found in desk.inbox.pending()] == [question.review.id]
    people.error = None
    desk.inbox.decide(question.review.id, Approve(), by=MARIA)
    assert question.ran == ["act:Hello"]


def test_it_is_asked_once_for_each_decision(desk: Desk, staffed: Opened) -> None:
    people = Changing(MARIA)
    staffed(people)
    question = ask(desk)
    review = question.review
    people.asked = 0
    desk.inbox.decide(review.id, Approve(), by=MARIA)
    assert people.asked == 1


def test_direct_stays_what_it_is(desk: Desk, staffed: Opened) -> None:
    staffed(Roster(MARIA))
    free, named = ask(desk), ask(desk, reviewers="editors")
    for question in (free, named):
        [request] = pending(question.app, question.config)
        question.app.invoke(resume(request, Approve()), question.config)
    assert free.record["decided_by"] == "direct"
    assert named.ran == []


@pytest.mark.parametrize(
    ("panel", "lack"),
    [
        ("lawyers", "it takes the role 'lawyers'"),
        (quorum(3, of="editors"), "too few can decide it"),
        (chain("lead", "executive"), "it takes the level 'executive'"),
        (by_risk({"low": anyone(), "high": "lawyers"}), "it takes the role 'lawyers'"),
    ],
)
def test_a_panel_that_nobody_can_fill(desk: Desk, staffed: Opened, panel: Any, lack: str) -> None:
    staffed(Roster(MARIA, LEA, CEM, BOSS))
    app = desk.bare(build(desk, reviewers=panel))
    with pytest.raises(GateError, match=r"^Gate '.*' \(node 'gate'\): ") as error:
        desk.inbox.register(app, "graph")
    assert lack in str(error.value)


def test_a_rule_that_nobody_can_fill_is_named(desk: Desk, staffed: Opened) -> None:
    staffed(Roster(MARIA, LEA, CEM, BOSS))
    rules = [Rule("large", when=always(), then=Terms(reviewers="lawyers"))]
    policy = Policy(rules, name="refunds", version=3)
    app = desk.bare(build(desk, policy=policy))
    with pytest.raises(GateError, match=r": rule 'large' of policy refunds \(version 3\): nobody"):
        desk.inbox.register(app, "graph")


def test_a_directory_that_fails_stops_no_process(desk: Desk, staffed: Opened) -> None:
    people = Changing(MARIA)
    people.error = InboxUnavailable("later")
    staffed(people)
    question = ask(desk, reviewers="lawyers")
    assert "could not be read" in refused(desk, question, MARIA)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"people": [MARIA]}, "people= takes a Roster"),
        ({"assign": True}, "needs people="),
        ({"people": Roster(MARIA), "assign": "yes"}, "must be True, False or a Rotation"),
    ],
)
def test_what_cannot_be(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InboxError, match=words):
        Inbox.open("sqlite:///:memory:", **options)


def test_without_people_the_caller_is_believed(desk: Desk) -> None:
    question = ask(desk, reviewers="editors")
    desk.inbox.decide(question.review.id, Approve(), by=Reviewer("zoe", "editors"))
    assert question.ran == ["act:Hello"]


def test_an_override_takes_the_authority_of_the_directory(
    desk: Desk, staffed: Opened, clock: FixedClock
) -> None:
    staffed(Roster(away(BOSS, "cem"), CEM, MARIA), overrides=chain("director"))
    question = ask(desk, reviewers="editors")
    review = question.review
    with pytest.raises(NotAuthorised, match="boss is absent"):
        desk.inbox.override(review.id, Reject(), by=BOSS, reason="no")
    claims = Reviewer("maria", level="director")
    with pytest.raises(NotAuthorised, match="'director'"):
        desk.inbox.override(review.id, Reject(), by=claims, reason="no")
    desk.inbox.override(review.id, Reject(), by=CEM, reason="no")
    [row] = [row for row in desk.inbox.history(review.id) if row.event == "settled"]
    assert row.content["authority"] == {"level": "director", "acting_for": "boss"}
    assert question.ran == ["stop:Hello"]
