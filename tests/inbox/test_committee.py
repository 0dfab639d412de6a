"""A panel decides: votes are collected in the ledger, and the graph is resumed once."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from langgraph_hitl import Abstain, Approve, Edit, Reject, Reviewer, Revise, human_approval
from langgraph_hitl.errors import AlreadyDecided, NotAuthorised
from langgraph_hitl.panels import all_of, anyone, majority, quorum, unanimous
from langgraph_hitl.review import Decision
from tests.apps import State, one_gate
from tests.drivers import Build
from tests.inbox.desk import EVE, JO, MARIA, Desk

KIM = Reviewer("kim", roles=("security",))


def build(desk: Desk, panel: Any, **options: Any) -> Build:
    return one_gate(human_approval("draft", inbox=desk.inbox, reviewers=panel, **options))


def louder(state: State) -> dict[str, Any]:
    return {"draft": state["draft"] + "!"}


def test_two_of_three(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, quorum(2, of="security", size=3))))
    review = question.review
    assert desk.inbox.decide(review.id, Approve("fine"), by=MARIA).status == "pending"
    assert desk.inbox.decide(review.id, Approve("fine"), by=MARIA).status == "pending"
    with pytest.raises(NotAuthorised):
        desk.inbox.decide(review.id, Approve(), by=EVE)
    assert desk.inbox.decide(review.id, Approve(), by=JO).status == "applied"
    with pytest.raises(AlreadyDecided):
        desk.inbox.decide(review.id, Reject(), by=KIM)
    assert question.ran == ["act:Hello"]
    (decision,) = question.record["decisions"]
    assert [(vote["by"], vote["type"]) for vote in decision["votes"]] == [
        ("maria", "approve"),
        ("jo", "approve"),
    ]


def test_what_a_vote_or_a_claim_gives_back_has_the_votes_so_far(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, quorum(2, of="security", size=3))))
    voted = desk.inbox.decide(question.review.id, Approve("fine"), by=MARIA)
    claimed = desk.inbox.claim(question.review.id, by=JO, length="1h")
    for review in (voted, claimed):
        assert review.request["panel"]["votes"] == [
            {"by": "maria", "type": "approve", "comment": "fine"}
        ]
        assert review.request["panel"] == desk.inbox.get(review.id).request["panel"]


def test_the_graph_need_not_be_there_for_a_vote(desk: Desk) -> None:
    """A process without the graph counts with the panel that was filed."""
    question = desk.ask(desk.app(build(desk, quorum(2, of="security", size=3))))
    review = question.review
    desk.open()
    assert desk.inbox.decide(review.id, Reject(), by=MARIA, resume="worker").status == "pending"
    assert desk.inbox.decide(review.id, Reject(), by=JO, resume="worker").status == "settled"
    app = desk.app(build(desk, quorum(2, of="security", size=3)))
    desk.inbox.work()
    assert app.get_state(question.config).values["ran"] == ["stop:Hello"]


def test_a_vote_changes_while_it_is_open(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, majority(of=3))))
    review = question.review
    desk.inbox.decide(review.id, Reject(), by=MARIA)
    desk.inbox.decide(review.id, Approve(), by=MARIA)
    assert desk.inbox.decide(review.id, Approve(), by=JO).outcome == "approved"
    assert question.events(review.id).count("voted") == 3


def test_a_vote_stays_where_the_panel_says_so(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, majority(of=3, may_change=False))))
    review = question.review
    desk.inbox.decide(review.id, Reject(), by=MARIA)
    with pytest.raises(NotAuthorised, match="cannot be changed"):
        desk.inbox.decide(review.id, Approve(), by=MARIA)
    assert desk.inbox.decide(review.id, Reject(), by=JO).outcome == "rejected"


def test_a_vote_on_an_older_version_does_not_count(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, majority(of=3), revise=louder)))
    review = question.review
    desk.inbox.decide(review.id, Approve(), by=KIM)
    desk.inbox.decide(review.id, Revise("louder"), by=MARIA)
    desk.inbox.decide(review.id, Revise("much louder"), by=JO)
    assert question.review.round == 1
    assert question.review.request["history"][0]["decision"]["feedback"].count("louder") == 2
    assert desk.inbox.decide(review.id, Approve(), by=MARIA).status == "pending"
    assert desk.inbox.decide(review.id, Approve(), by=JO).status == "applied"
    assert question.ran == ["act:Hello!"]


def test_equal_edits_agree(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, quorum(2, of=3))))
    review = question.review
    desk.inbox.decide(review.id, Edit("Hi"), by=MARIA)
    assert desk.inbox.decide(review.id, Edit("Hey"), by=KIM).status == "pending"
    assert desk.inbox.decide(review.id, Edit("Hi"), by=JO).outcome == "edited"
    assert question.ran == ["act:Hi"]


def test_abstentions_and_both_teams(desk: Desk) -> None:
    panel = all_of(anyone("editors"), unanimous(of=[MARIA, KIM]))
    question = desk.ask(desk.app(build(desk, panel)))
    review = question.review
    desk.inbox.decide(review.id, Abstain("not mine"), by=KIM)
    assert desk.inbox.decide(review.id, Approve(), by=MARIA).outcome == "approved"
    assert question.ran == ["act:Hello"]


def test_votes_are_blind_until_it_is_settled(desk: Desk) -> None:
    question = desk.ask(desk.app(build(desk, quorum(2, of=3, blind=True))))
    review = question.review
    desk.inbox.decide(review.id, Reject("secret"), by=MARIA)
    assert "secret" not in str(question.review.request)
    assert "secret" not in str(question.app.invoke(None, question.config))


def test_the_order_of_votes_does_not_matter(desk: Desk) -> None:
    app = desk.app(build(desk, majority(of=3)))
    cast: list[tuple[Reviewer, Decision]] = [
        (MARIA, Approve()),
        (JO, Reject()),
        (KIM, Approve()),
    ]
    for order in permutations(cast):
        question = desk.ask(app)
        review = question.review
        for voter, decision in order:
            try:
                desk.inbox.decide(review.id, decision, by=voter)
            except AlreadyDecided:
                assert desk.inbox.get(review.id).outcome == "approved"
        assert question.ran == ["act:Hello"]
