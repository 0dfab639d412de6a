"""`notify=` is told every event once, in order, and `notices()` lists them."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest

from langgraph_hitl import Approve, Edit, Inbox, Reject, Reviewer, Revise, human_approval
from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox import Notice
from langgraph_hitl.inbox._ledger.reading import Reading
from langgraph_hitl.inbox._run import notices as steps
from langgraph_hitl.panels import by_risk, chain
from langgraph_hitl.testing import FixedClock
from langgraph_hitl.triggers import risk_at_least
from tests.apps import State, one_gate
from tests.inbox.desk import MARIA, Desk
from tests.inbox.house import DEADLINE, House, asked, told
from tests.inbox.ledgers import filing

HOUR = timedelta(hours=1)


def test_every_event_in_order_and_once(house: House) -> None:
    heard: list[Notice] = []
    inbox = house.open(heard.append)
    house.file("r1", eligible=("role:editors", "person:jo"))
    house.note("assigned", actor="system:worker", content={"to": "maria"})
    house.note("reminded", reason="lead", content={"level": "lead"})
    house.note("escalated", reason="chief", content={"level": "chief"}, actor="maria")
    house.settle(decision={"type": "reject"}, outcome="timed_out", by=DEADLINE, channel="worker")
    house.file("r2")
    house.settle("r2", by="maria")

    assert inbox.work().notified == 7
    everybody = ("role:editors", "person:jo")
    facts = [(n.event, n.recipients, n.level, n.reason, n.actor, n.outcome) for n in heard]
    assert facts == [
        ("asked", everybody, None, None, "system:graph", None),
        ("assigned", ("person:maria",), None, None, "system:worker", None),
        ("reminder", everybody, "lead", "lead", DEADLINE, None),
        ("escalated", everybody, "chief", "chief", "maria", None),
        ("expired", everybody, None, None, DEADLINE, "timed_out"),
        ("asked", ("*",), None, None, "system:graph", None),
        ("settled", ("*",), None, None, "maria", "approved"),
    ]
    assert [notice.seq for notice in heard] == [1, 2, 3, 4, 5, 6, 7]
    assert inbox.work().notified == 0
    assert inbox.work().idle
    assert len(heard) == 7


def test_a_new_version_is_asked_for_and_a_cancelled_review_is_settled(house: House) -> None:
    heard: list[Notice] = []
    inbox = house.open(heard.append)
    house.file("r1")
    house.settle(decision={"type": "revise"}, outcome="needs_revision")
    house.file("r1", round=1)
    inbox.cancel("r1", by="maria", reason="not needed", resume="worker")
    inbox.work()
    assert [(n.event, n.outcome, n.reason) for n in heard] == [
        ("asked", None, None),
        ("settled", "needs_revision", None),
        ("asked", None, None),
        ("settled", "cancelled", "not needed"),
    ]


def _more(state: dict[str, Any]) -> float:
    return 0.9 if "million" in state["draft"] else 0.1


MEMBERS_OR_DIRECTORS = by_risk({"low": chain("member"), "high": chain("director")})


@pytest.mark.parametrize("new_deployment", [False, True])
def test_a_value_that_takes_more_authority_is_told_to_move_up(
    desk: Desk, new_deployment: bool
) -> None:
    when = risk_at_least("low", risk=_more)
    options: dict[str, Any] = {"inbox": desk.inbox, "when": when, "reads": ["draft"]}
    gate = human_approval("draft", reviewers=MEMBERS_OR_DIRECTORS, **options)
    question = desk.ask(desk.app(one_gate(gate)))
    if new_deployment:  # without a way back
        desk.app(one_gate(human_approval("draft", reviewers=chain("director"), **options)))
    desk.inbox.decide(question.review.id, Edit("a million"), by=Reviewer("ann", level="member"))
    found = [(n.event, n.actor, n.outcome, n.reason) for n in desk.inbox.notices()]
    settled = ("settled", "ann", "edited", None)
    takes = "the new value takes: director or above, in the chain director"
    again = [("asked", "system:graph", None, takes)]
    moved = [("moved_up", "ann", None, takes), ("asked", "system:graph", None, None)]
    asked = ("asked", "system:graph", None, None)
    assert found == [asked, settled, *(again if new_deployment else moved)]
    assert [n.seq for n in desk.inbox.notices()] == sorted(n.seq for n in desk.inbox.notices())
    assert desk.inbox.verify()


def test_an_edit_that_is_always_asked_about_again_moves_nowhere(desk: Desk) -> None:
    gate = human_approval("draft", inbox=desk.inbox, resubmit_edits=True)
    question = desk.ask(desk.app(one_gate(gate)))
    desk.inbox.decide(question.review.id, Edit("Bye"), by=MARIA)
    assert [n.event for n in desk.inbox.notices()] == ["asked", "settled", "asked"]


def test_what_was_overridden_and_called_back_is_told_to_who_had_decided_it(desk: Desk) -> None:
    with Inbox.open(desk._url, overrides="board") as inbox:
        desk.inbox = inbox
        calls: list[Any] = []
        gate = human_approval(
            "draft", inbox=inbox, reviewers="editors", on_recall=lambda *both: calls.append(both)
        )
        question = desk.ask(desk.app(one_gate(gate)))
        review = question.review
        inbox.decide(review.id, Approve(), by=MARIA)
        ceo = Reviewer("ceo", roles="board")
        inbox.override(review.id, Reject("fraud"), by=ceo, reason="arrested")
        found = [(n.event, n.actor, n.outcome, n.reason, n.recipients) for n in inbox.notices()]
    whom = ("person:maria", "role:editors")
    assert found[2:] == [
        ("overridden", "ceo", "rejected", "arrested", whom),
        ("recalled", "ceo", None, None, whom),
    ]


def test_an_override_that_the_graph_follows_is_told_and_then_settled(desk: Desk) -> None:
    with Inbox.open(desk._url, overrides="board") as inbox:
        desk.inbox = inbox
        gate = human_approval("draft", inbox=inbox, reviewers="editors")
        question = desk.ask(desk.app(one_gate(gate)))
        ceo = Reviewer("ceo", roles="board")
        inbox.override(question.review.id, Reject("fraud"), by=ceo, reason="arrested")
        found = [(n.event, n.actor, n.outcome, n.reason, n.recipients) for n in inbox.notices()]
    assert found[1:] == [
        ("overridden", "ceo", "rejected", "arrested", ("role:editors",)),
        ("settled", "ceo", "rejected", "arrested", ("role:editors",)),
    ]


def test_other_events_are_passed_over(house: House) -> None:
    heard: list[Notice] = []
    inbox = house.open(heard.append)
    with house.inbox._office.ledger.transaction() as tx:
        tx.pass_automatically(filing("r1"))
    for event in ("refused", "claimed", "released", "deferred", "joined"):
        house.note(event)
    assert inbox.work().notified == 0
    with house.inbox._office.ledger.reading() as rx:
        assert rx.position(steps.CURSOR) == (6, 6)
    house.file("r2")
    inbox.work()
    assert told(heard) == asked("r2")


def test_the_review_is_as_it_is_now_with_the_votes_of_its_panel(house: House) -> None:
    heard: list[Notice] = []
    inbox = house.open(heard.append)
    house.file("r1")
    house.settle(by="maria")
    inbox.work()
    first, second = heard
    assert first.review == second.review == inbox.get("r1")
    assert first.review.status == "settled"
    assert first.review.request == {"subject": "The text of r1."}
    assert first.at == inbox.history("r1")[0].at


def test_the_person_whose_turn_it_is_by_now_is_reminded(house: House) -> None:
    heard: list[Notice] = []
    inbox = house.open(heard.append)
    house.file("r1")
    with house.inbox._office.ledger.transaction() as tx:
        review = tx.get("r1")
        assert review is not None
        tx.assign(review, to="jo")
    house.note("assigned", content={"to": "maria"})
    house.note("assigned")
    house.note("reminded", content={"level": None})
    inbox.work()
    assert [n.recipients for n in heard[1:]] == [("person:maria",), ("person:jo",), ("person:jo",)]
    assert heard[-1].level is None


def test_nobody_is_told_of_a_turn_that_is_nobodys(house: House) -> None:
    heard: list[Notice] = []
    inbox = house.open(heard.append)
    house.file("r1")
    for to in (None, "maria", None, None):
        house.note("assigned", content={"to": to})
    house.note("reminded", content={"level": None})
    inbox.work()
    assert [n.event for n in heard] == ["asked", "assigned", "reminder"]
    assert inbox.notices(limit=2) == heard[:2]
    assert inbox.work().idle


def test_a_redacted_review_is_told_without_content(house: House) -> None:
    heard: list[Notice] = []
    inbox = house.open(heard.append)
    house.file("r1")
    house.note("escalated", reason="Anna said so", content={"level": "chief"}, actor="maria")
    inbox.cancel("r1", by="maria", reason="Anna said so", resume="worker")
    with house.inbox._office.ledger.transaction() as tx:
        tx.apply([("r1", 0, "cancelled", None)])
    inbox.redact("r1", by="maria", reason="asked for")
    inbox.work()
    assert [n.event for n in heard] == ["asked", "escalated", "settled"]
    assert "Anna" not in repr(heard)
    assert [n.review.request for n in heard] == [{}, {}, {}]
    assert (heard[1].level, heard[1].reason) == (None, None)


def test_it_begins_with_what_happens_after_it_was_asked_for(house: House) -> None:
    house.file("old")
    heard: list[Notice] = []
    inbox = house.open(heard.append)
    house.file("new")
    inbox.work()
    assert told(heard) == asked("new")


def test_whoever_opens_it_later_goes_on_where_the_last_one_was(house: House) -> None:
    first: list[Notice] = []
    second: list[Notice] = []
    house.open(first.append).work()
    house.file("r1")
    assert house.inbox.work().notified == 0
    house.open(second.append).work()
    assert (told(first), told(second)) == ([], asked("r1"))


def test_two_in_turn_tell_each_event_once(house: House) -> None:
    heard: tuple[list[Notice], list[Notice]] = ([], [])
    inboxes = [house.open(heard[0].append), house.open(heard[1].append)]
    for number in range(6):
        house.file(f"r{number}")
        inboxes[number % 2].work()
        inboxes[number % 2 - 1].work()
    assert told(heard[0]) == asked("r0", "r2", "r4")
    assert told(heard[1]) == asked("r1", "r3", "r5")


def test_two_at_once_tell_each_event_once_and_in_order(house: House) -> None:
    heard: list[Notice] = []
    ids = [f"r{number:02}" for number in range(30)]
    inboxes = [house.open(heard.append) for _ in range(3)]
    house.file(*ids)
    start = threading.Barrier(len(inboxes))

    def toil(inbox: Inbox) -> None:
        start.wait()
        while len(heard) < len(ids):
            inbox.work()

    threads = [threading.Thread(target=toil, args=(inbox,)) for inbox in inboxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert told(heard) == asked(*ids)


def test_without_notify_nothing_is_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.file("r1")
    monkeypatch.setattr(Reading, "position", None)
    monkeypatch.setattr(Reading, "audit_after", None)
    inbox = house.open()
    assert inbox.work().notified == 0


def test_a_slow_one_holds_up_nobody(house: House) -> None:
    other = house.open(lambda _notice: pytest.fail("somebody else is telling"))
    reports = []

    def slow(notice: Notice) -> None:
        if notice.review_id == "r1" and notice.event == "asked":
            reports.append(other.work())
            reports.append(inbox.work())
            inbox.cancel("r1", by="maria", resume="worker")
            house.file("r2")

    inbox = house.open(slow)
    house.file("r1")
    report = inbox.work()
    assert [one.notified for one in reports] == [0, 0]
    assert report.notified == 3
    assert house.inbox.get("r1").status == "cancelled"


def test_what_it_causes_itself_does_not_keep_a_pass_from_ending(house: House) -> None:
    heard: list[Notice] = []

    def breeding(notice: Notice) -> None:
        heard.append(notice)
        house.file(f"r{len(heard)}")

    inbox = house.open(breeding)
    house.file("r0")
    assert inbox.work().notified == 2
    assert told(heard) == asked("r0", "r1")


def test_more_than_a_page_is_told_in_one_pass(house: House) -> None:
    heard: list[Notice] = []
    inbox = house.open(heard.append)
    house.file("r1")
    with house.inbox._office.ledger.transaction() as tx:
        for _ in range(250):
            tx.note("r1", "reminded", actor=DEADLINE, channel="worker")
    assert inbox.work(limit=1).notified == 251
    assert [notice.seq for notice in heard] == list(range(1, 252))


def test_it_stops_between_two_events_when_the_pass_is_to_end(house: House) -> None:
    heard: list[Notice] = []
    inbox = house.open(heard.append)
    house.file("r1", "r2", "r3")
    assert inbox.work(stop=lambda: len(heard) >= 2).notified == 2
    assert inbox.work().notified == 1
    assert told(heard) == asked("r1", "r2", "r3")


def louder(state: State) -> dict[str, Any]:
    return {"draft": state["draft"] + "!"}


def test_what_a_pass_brings_about_is_told_in_it_and_errors_do_not_stop_it(desk: Desk) -> None:
    heard: list[Notice] = []

    def failing(notice: Notice) -> None:
        heard.append(notice)
        raise ValueError("no")

    with Inbox.open(desk._url, notify=failing) as inbox:
        builder = one_gate(human_approval("draft", inbox=inbox, revise=louder))
        app = inbox.register(builder().compile(checkpointer=desk.saver), "graph")
        app.invoke({"draft": "Hello"}, {"configurable": {"thread_id": "t1"}})
        (review,) = inbox.pending()
        inbox.decide(review, Revise("shorter"), by=MARIA, resume="worker")
        report = inbox.work()
    assert (report.driven, report.notified) == (1, 3)
    assert [(n.event, n.outcome) for n in heard] == [
        ("asked", None),
        ("settled", "needs_revision"),
        ("asked", None),
    ]


def test_what_time_does_is_told_in_the_pass_that_notices(desk: Desk) -> None:
    heard: list[Notice] = []
    clock = FixedClock()
    with Inbox.open(desk._url, notify=heard.append, clock=clock) as inbox:
        gate = human_approval(
            "draft",
            inbox=inbox,
            reviewers=chain("member", "lead"),
            timeout="4h",
            on_timeout="escalate",
            remind="1h",
        )
        app = inbox.register(one_gate(gate)().compile(checkpointer=desk.saver), "graph")
        app.invoke({"draft": "Hello"}, {"configurable": {"thread_id": "t1"}})
        begun = clock.now
        for hours in (0, 3, 1, 10):
            clock.advance(hours=hours)
            inbox.work()
        found = [(n.event, n.level, (n.at - begun) // HOUR, n.recipients[0]) for n in heard]
        assert found == [
            ("asked", "member", 0, "level:member"),
            ("reminder", "member", 3, "level:member"),
            ("escalated", "lead", 4, "level:lead"),
            ("reminder", "lead", 7, "level:lead"),
            ("expired", "lead", 8, "level:lead"),
        ]
        assert "level:director" in heard[0].recipients
        assert [(n.event, n.level) for n in inbox.notices()] == [(n.event, n.level) for n in heard]


async def test_it_is_called_off_the_event_loop(house: House) -> None:
    loops: list[bool] = []

    def notify(_notice: Notice) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            loops.append(False)
        else:
            loops.append(True)

    inbox = house.open(notify)
    house.file("r1", "r2")
    assert (await inbox.awork()).notified == 2
    assert loops == [False, False]


async def test_a_pass_that_is_cancelled_leaves_nothing_half_told(house: House) -> None:
    heard: list[Notice] = []
    begun, go_on = threading.Event(), threading.Event()

    def slow(notice: Notice) -> None:
        begun.set()
        assert go_on.wait(60)
        heard.append(notice)

    inbox, other = house.open(slow), house.open(heard.append)
    house.file("r1", "r2")
    working = asyncio.create_task(inbox.awork())
    await asyncio.to_thread(begun.wait, 60)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert other.work().notified == 0
    go_on.set()
    inbox._office.executor.shutdown(wait=True)
    assert told(heard) == asked("r1")
    other.work()
    assert told(heard) == asked("r1", "r2")


def test_notices_are_listed_page_by_page(house: House) -> None:
    house.file("r1", "r2")
    house.note("refused")
    house.settle()
    house.note("reminded", "r2")
    every = house.inbox.notices()
    assert told(every) == [*asked("r1", "r2"), ("settled", "r1"), ("reminder", "r2")]
    assert [notice.seq for notice in every] == [1, 2, 4, 5]
    assert house.inbox.notices(limit=2) == every[:2]
    assert house.inbox.notices(every[1].seq, limit=1) == every[2:3]
    assert house.inbox.notices(after=3) == every[2:]
    assert house.inbox.notices(after=every[-1].seq) == []


def test_the_list_and_the_function_know_nothing_of_each_other(house: House) -> None:
    heard: list[Notice] = []
    inbox = house.open(heard.append)
    house.file("r1", "r2")
    listed = inbox.notices()
    inbox.work()
    assert listed == inbox.notices() == heard


@pytest.mark.parametrize(
    "wanted",
    [
        {"after": -1},
        {"after": True},
        {"after": "3"},
        {"after": 2**70},
        {"limit": 0},
        {"limit": 10_001},
    ],
)
def test_a_list_from_nowhere_is_refused(house: House, wanted: dict[str, Any]) -> None:
    with pytest.raises(InboxError, match=next(iter(wanted))):
        house.inbox.notices(**wanted)


async def test_the_asynchronous_list_says_the_same(house: House) -> None:
    house.file("r1", "r2")
    assert await house.inbox.anotices(after=1, limit=1) == house.inbox.notices(1)
