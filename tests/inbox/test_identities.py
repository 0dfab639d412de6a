"""Identities: where a graph has a directory, no process decides by what somebody claims."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from langgraph.pregel.remote import RemoteGraph
from sqlalchemy import create_engine, text

from langgraph_hitl import (
    Approve,
    Inbox,
    Reject,
    Reviewer,
    human_approval,
    pending,
    resume,
)
from langgraph_hitl.errors import InboxError, NotAuthorised
from langgraph_hitl.inbox._staff import Roll
from langgraph_hitl.people import Absence, Member, Roster
from langgraph_hitl.testing import FixedClock
from tests.apps import one_gate
from tests.inbox.desk import Desk, Question

START = FixedClock().now
MARIA = Reviewer("maria", "editors", level="lead")
ZOE = Member(Reviewer("zoe"), absences=[Absence(START, START + timedelta(days=1))])
STAFF = Roster(MARIA, ZOE)
CLAIMS = Reviewer("cem", "editors", level="lead")


def ask(desk: Desk, people: Roster | None, **options: Any) -> Question:
    """A question of a graph whose inbox has these people; afterwards the inbox has none."""
    desk.inbox.close()
    desk.inbox = Inbox.open(desk._url, people=people, clock=FixedClock())
    question = desk.ask(desk.app(one_gate(human_approval("draft", inbox=desk.inbox, **options))))
    desk.inbox.close()
    desk.inbox = desk._stack.enter_context(
        Inbox.open(desk._url, resume="worker", clock=FixedClock(), overrides="editors")
    )
    return question


def told(desk: Desk) -> list[tuple[str, str, str | None]]:
    """What the audit has about itself."""
    rows = desk.inbox.history("*")
    return [(row.event, row.actor, row.reason) for row in rows]


ACTS: dict[str, Callable[[Inbox, str], object]] = {
    "decide": lambda inbox, one: inbox.decide(one, Approve(), by=CLAIMS),
    "cancel": lambda inbox, one: inbox.cancel(one, by=CLAIMS),
    "claim": lambda inbox, one: inbox.claim(one, by=CLAIMS),
    "release": lambda inbox, one: inbox.release(one, by=CLAIMS),
    "defer": lambda inbox, one: inbox.defer(one, by=CLAIMS),
    "escalate": lambda inbox, one: inbox.escalate(one, by=CLAIMS),
    "assign": lambda inbox, one: inbox.assign(one, to=CLAIMS, by=CLAIMS),
    "override": lambda inbox, one: inbox.override(one, Reject(), by=CLAIMS, reason="no"),
}


@pytest.mark.parametrize("act", ACTS)
def test_nobody_is_believed_where_the_graph_has_a_directory(desk: Desk, act: str) -> None:
    review = ask(desk, STAFF, reviewers="editors").review
    with pytest.raises(NotAuthorised, match=r"open it with people=, on the command line"):
        ACTS[act](desk.inbox, review.id)
    assert desk.inbox.get(review.id).status == "pending"
    assert desk.inbox.history(review.id)[-1].event == "refused"
    assert desk.inbox.verify()


def switched_on_behind(inbox: Inbox, url: str) -> None:
    """Another process needs a directory, just after this one has looked whether it is needed."""
    office = inbox._office
    look = office.roll

    def roll() -> Roll | None:
        found = look()
        with Inbox.open(url, people=STAFF, clock=FixedClock()) as other:
            other._office.require_directory()
        return found

    office.roll = roll  # type: ignore[method-assign]


@pytest.mark.parametrize("act", ACTS)
def test_a_directory_that_is_switched_on_meanwhile_counts(desk: Desk, act: str) -> None:
    review = ask(desk, None, reviewers="editors").review
    switched_on_behind(desk.inbox, desk._url)
    with pytest.raises(NotAuthorised, match=r"open it with people=, on the command line"):
        ACTS[act](desk.inbox, review.id)
    assert desk.inbox.get(review.id).status == "pending"
    assert desk.inbox.history(review.id)[-1].event == "refused"
    assert desk.inbox.verify()


def test_nothing_is_removed_by_a_claim_meanwhile(desk: Desk) -> None:
    review = ask(desk, None, reviewers="editors").review
    desk.inbox.cancel(review.id, by=CLAIMS)
    switched_on_behind(desk.inbox, desk._url)
    with pytest.raises(NotAuthorised, match="have a directory"):
        desk.inbox.redact(review.id, by=CLAIMS, reason="asked to")
    assert desk.inbox.history(review.id)[-1].event == "refused"


def test_nothing_is_listed_for_who_is_only_claimed(desk: Desk) -> None:
    review = ask(desk, STAFF).review
    with pytest.raises(InboxError, match="open it with people="):
        desk.inbox.pending(reviewer=CLAIMS)
    assert [one.id for one in desk.inbox.pending()] == [review.id]


def test_with_the_directory_another_process_decides(desk: Desk) -> None:
    review = ask(desk, STAFF, reviewers="editors").review
    with Inbox.open(desk._url, people=STAFF, resume="worker", clock=FixedClock()) as inbox:
        with pytest.raises(NotAuthorised, match="nobody in the directory"):
            inbox.decide(review.id, Approve(), by=CLAIMS)
        assert inbox.decide(review.id, Approve(), by="maria").status == "settled"
    assert told(desk) == [("directory_required", "system:inbox", None)]


def test_without_a_directory_everybody_is_believed(desk: Desk) -> None:
    question = ask(desk, None, reviewers="editors")
    with Inbox.open(desk._url, people=STAFF):
        pass  # it was only looked at
    desk.inbox.decide(question.review.id, Approve(), by=CLAIMS)


def test_a_graph_whose_program_forgets_the_directory_believes_nobody(desk: Desk) -> None:
    ask(desk, STAFF)
    gate = human_approval("draft", inbox=desk.inbox, reviewers="editors")
    question = desk.ask(desk.app(one_gate(gate)))
    with pytest.raises(NotAuthorised):
        desk.inbox.decide(question.review.id, Approve(), by=CLAIMS, resume="now")
    [request] = pending(question.app, question.config)
    question.app.invoke(resume(request, Approve()), question.config)
    assert question.ran == []


def test_it_is_waived_by_somebody_of_the_directory(desk: Desk) -> None:
    review = ask(desk, STAFF, reviewers="editors").review
    with pytest.raises(InboxError, match="opened with people="):
        desk.inbox.waive_people(by="maria", reason="we have a gateway now")
    with Inbox.open(desk._url, people=STAFF, clock=FixedClock()) as inbox:
        for by, reason in (("cem", "no"), ("zoe", "away"), ("maria", " ")):
            with pytest.raises(InboxError, match=r"nobody in the directory|a reason"):
                inbox.waive_people(by=by, reason=reason)
        inbox.waive_people(by="maria", reason="we have a gateway now")
    assert told(desk)[1:] == [("directory_waived", "maria", "we have a gateway now")]
    desk.inbox.decide(review.id, Approve(), by=CLAIMS)
    ask(desk, STAFF)
    assert [event for event, _, _ in told(desk)] == [
        "directory_required",
        "directory_waived",
        "directory_required",
    ]


async def test_the_asynchronous_face_says_the_same(desk: Desk) -> None:
    ask(desk, STAFF)
    with Inbox.open(desk._url, people=STAFF, clock=FixedClock()) as inbox:
        await inbox.awaive_people(by=MARIA, reason="we have a gateway now")
    assert told(desk)[-1][0] == "directory_waived"


def test_its_removal_is_seen(desk: Desk) -> None:
    ask(desk, STAFF)
    assert desk.inbox.verify()
    engine = create_engine(desk._url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        gone = "DELETE FROM hitl_audit WHERE event = 'directory_required'"
        assert connection.execute(text(gone)).rowcount == 1
    engine.dispose()
    found = desk.inbox.verify()
    assert not found
    assert "row 1 of the chain was removed" in str(found.problem)


def test_a_graph_on_a_server_needs_the_directory_too(desk: Desk) -> None:
    with Inbox.open(desk._url, people=STAFF, clock=FixedClock()) as inbox:
        inbox.watch(RemoteGraph("shop", url="http://127.0.0.1:9"))
    assert told(desk) == [("directory_required", "system:inbox", None)]
