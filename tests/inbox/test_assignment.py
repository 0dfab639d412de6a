"""Assignment: a review goes to the right person, and nobody has more to do than others."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl import Approve, Defer, Inbox, Reject, Reviewer, Revise, human_approval
from langgraph_hitl.errors import NotAuthorised
from langgraph_hitl.inbox import Review
from langgraph_hitl.inbox._assignment import Turns
from langgraph_hitl.inbox._ledger.ledger import Ledger
from langgraph_hitl.inbox._staff import Roll
from langgraph_hitl.inbox.review import Filing
from langgraph_hitl.panels import chain, expert, quorum
from langgraph_hitl.people import Absence, Member, Roster, SessionLimit, WorkingHours
from langgraph_hitl.testing import FixedClock
from tests.apps import State, one_gate
from tests.drivers import App, Build
from tests.inbox.desk import Desk, Question
from tests.inbox.ledgers import LedgerPlace, filing, settlement
from tests.scale import scale

START = FixedClock().now
AWAY = Absence(START, START + timedelta(days=7))
LATER = Absence(START + timedelta(days=1), START + timedelta(days=7))

ANN, BOB, CEM = Reviewer("ann"), Reviewer("bob"), Reviewer("cem")
TESS = Reviewer("tess", skills="tax")
LEA = Reviewer("lea", level="lead")
MAX = Reviewer("max", level="member")
BOSS = Reviewer("boss", level="director")

Opened = Callable[..., None]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def staffed(desk: Desk, clock: FixedClock) -> Opened:
    """Opens the inbox of the desk anew, with people to whom it assigns."""

    def open_with(*members: Member | Reviewer) -> None:
        desk.inbox.close()
        desk.inbox = desk._stack.enter_context(
            Inbox.open(desk._url, clock=clock, people=Roster(*members), assign=True)
        )

    return open_with


def build(desk: Desk, **options: Any) -> Build:
    return one_gate(human_approval("draft", inbox=desk.inbox, **options))


def ask(desk: Desk, given: dict[str, Any] | None = None, **options: Any) -> Question:
    return desk.ask(desk.app(build(desk, **options)), given)


def several(desk: Desk, app: App, count: int) -> list[Review]:
    return [desk.ask(app).review for _ in range(count)]


def queues(inbox: Inbox) -> dict[str | None, int]:
    """How many reviews wait for whom."""
    return dict(Counter(review.assigned for review in inbox.pending(limit=1000)))


def assignments(desk: Desk, review: Review) -> list[tuple[str, str | None]]:
    """Who has assigned it to whom."""
    rows = desk.inbox.history(review.id)
    return [(row.actor, row.content["to"]) for row in rows if row.event == "assigned"]


def test_it_is_assigned_when_it_is_filed(desk: Desk, staffed: Opened) -> None:
    staffed(ANN, TESS)
    question = ask(desk, reviewers=expert(skill="tax"))
    review = question.review
    assert (review.assigned, review.assigned_at) == ("tess", START)
    assert assignments(desk, review) == [("system:assignment", "tess")]
    assert [found.id for found in desk.inbox.pending(assigned=TESS)] == [review.id]
    assert desk.inbox.pending(assigned=ANN) == []
    [notice] = [one for one in desk.inbox.notices() if one.event == "assigned"]
    assert notice.recipients == ("person:tess",)
    assert desk.inbox.verify()


def test_shares_are_fair(desk: Desk, staffed: Opened) -> None:
    staffed(ANN, BOB, CEM)
    several(desk, desk.app(build(desk)), 7)
    assert sorted(queues(desk.inbox).values()) == [2, 2, 3]


def test_who_has_waited_longest_is_next(desk: Desk, staffed: Opened, clock: FixedClock) -> None:
    staffed(ANN, BOB, CEM)
    app = desk.app(build(desk))
    turns = []
    for _ in range(6):
        clock.advance(minutes=1)
        review = desk.ask(app).review
        turns.append(review.assigned)
        desk.inbox.decide(review.id, Approve(), by=str(review.assigned))
    assert turns == ["ann", "bob", "cem"] * 2


def test_a_new_version_stays_with_who_had_it(desk: Desk, staffed: Opened) -> None:
    def louder(state: State) -> dict[str, Any]:
        return {"draft": state["draft"] + "!"}

    staffed(ANN, BOB)
    app = desk.app(build(desk, revise=louder))
    question, _ = desk.ask(app), desk.ask(app)
    review = question.review
    assert review.assigned == "ann"
    desk.inbox.decide(review.id, Revise("louder"), by=ANN)
    assert (question.review.round, question.review.assigned) == (1, "ann")
    assert assignments(desk, review) == [("system:assignment", "ann")]


def test_queues_are_evened_after_a_decision(desk: Desk, staffed: Opened) -> None:
    staffed(ANN, BOB)
    several(desk, desk.app(build(desk)), 6)
    for _ in range(2):
        [first, *_] = desk.inbox.pending(assigned=ANN)
        desk.inbox.decide(first.id, Approve(), by=ANN)
    assert queues(desk.inbox) == {"ann": 2, "bob": 2}


def test_what_somebody_looks_at_stays(desk: Desk, staffed: Opened) -> None:
    staffed(ANN, BOB)
    several(desk, desk.app(build(desk)), 6)
    for review in desk.inbox.pending(assigned=BOB):
        desk.inbox.claim(review.id, by=BOB)
    for review in desk.inbox.pending(assigned=ANN):
        desk.inbox.decide(review.id, Approve(), by=ANN)
    assert queues(desk.inbox) == {"bob": 3}


def test_what_somebody_may_not_decide_does_not_move(desk: Desk, staffed: Opened) -> None:
    staffed(ANN, TESS)
    several(desk, desk.app(build(desk, reviewers=expert(skill="tax"))), 4)
    assert queues(desk.inbox) == {"tess": 4}
    several(desk, desk.app(build(desk), "other"), 3)
    assert queues(desk.inbox) == {"tess": 4, "ann": 3}


def test_who_asked_does_not_get_it(desk: Desk, staffed: Opened) -> None:
    staffed(ANN, BOB)
    app = desk.app(build(desk, requester="case"))
    for _ in range(3):
        assert desk.ask(app, {"draft": "x", "case": "ann"}).review.assigned == "bob"
    assert queues(desk.inbox) == {"bob": 3}


def test_nobody_away_gets_anything(desk: Desk, staffed: Opened) -> None:
    staffed(Member(ANN, absences=[AWAY]), BOB)
    several(desk, desk.app(build(desk)), 3)
    assert queues(desk.inbox) == {"bob": 3}


def test_a_delegate_gets_what_only_somebody_away_could_decide(desk: Desk, staffed: Opened) -> None:
    staffed(Member(TESS, absences=[AWAY], delegate="bob"), BOB, ANN)
    question = ask(desk, reviewers=expert(skill="tax"))
    assert question.review.assigned == "bob"
    desk.inbox.decide(question.review.id, Approve(), by=BOB)
    assert question.ran == ["act:Hello"]


def test_on_call_comes_last(desk: Desk, staffed: Opened) -> None:
    closed = WorkingHours("Sat-Sun", tz="UTC")
    staffed(Member(ANN, hours=closed), Member(BOB, hours=closed, on_call=True))
    assert ask(desk).review.assigned == "bob"


def test_where_nobody_is_there_it_stays_with_everybody(
    desk: Desk, staffed: Opened, clock: FixedClock
) -> None:
    staffed(Member(ANN, absences=[AWAY]), Member(BOB, absences=[AWAY]))
    question = ask(desk)
    assert question.review.assigned is None
    assert desk.inbox.work().assigned == 0
    clock.now = AWAY.ends
    assert desk.inbox.work().assigned == 1
    assert question.review.assigned == "ann"
    assert desk.inbox.work().idle


def test_who_has_to_rest_gets_nothing(desk: Desk, staffed: Opened) -> None:
    staffed(Member(ANN, limit=SessionLimit(decisions=1, within=timedelta(hours=1))), BOB)
    app = desk.app(build(desk))
    desk.inbox.decide(desk.ask(app).review.id, Approve(), by=ANN)
    several(desk, app, 3)
    assert queues(desk.inbox) == {"bob": 3}


def test_what_is_passed_up_goes_to_somebody_of_the_new_level(desk: Desk, staffed: Opened) -> None:
    staffed(BOSS, LEA, MAX)
    review = ask(desk, reviewers=chain("member", "lead", "director")).review
    assert review.assigned == "max"
    assert desk.inbox.escalate(review.id, by=MAX, reason="unsure").assigned == "lea"
    assert desk.inbox.escalate(review.id, by=LEA).assigned == "boss"


def test_what_time_passes_up_does_too(desk: Desk, staffed: Opened, clock: FixedClock) -> None:
    staffed(BOSS, LEA, MAX)
    panel = chain("member", "lead", within={"member": timedelta(hours=4)})
    question = ask(desk, reviewers=panel)
    clock.advance(hours=5)
    desk.inbox.work()
    assert question.review.assigned == "lea"


def test_those_above_are_spared_while_others_are_there(desk: Desk, staffed: Opened) -> None:
    staffed(BOSS, MAX)
    several(desk, desk.app(build(desk, reviewers=chain("member", "director"))), 4)
    assert queues(desk.inbox) == {"max": 4}


def test_after_a_vote_it_is_the_turn_of_another(desk: Desk, staffed: Opened) -> None:
    staffed(ANN, BOB, CEM)
    question = ask(desk, reviewers=quorum(3, size=3))
    seen = []
    for _ in range(3):
        person = str(question.review.assigned)
        seen.append(person)
        desk.inbox.decide(question.review.id, Approve(), by=person)
        if question.ran:
            break
    assert sorted(seen) == ["ann", "bob", "cem"]


def test_work_takes_from_those_who_went_away(
    desk: Desk, staffed: Opened, clock: FixedClock
) -> None:
    staffed(Member(ANN, absences=[LATER]), BOB, CEM)
    several(desk, desk.app(build(desk)), 6)
    [begun, *others] = desk.inbox.pending(assigned=ANN)
    clock.now = LATER.begins - timedelta(minutes=5)
    desk.inbox.claim(begun.id, by=ANN)
    clock.now = LATER.begins
    assert desk.inbox.work().assigned == len(others)
    assert [found.id for found in desk.inbox.pending(assigned=ANN)] == [begun.id]
    clock.advance(hours=1)
    desk.inbox.work()
    assert queues(desk.inbox) == {"bob": 3, "cem": 3}
    assert desk.inbox.verify()


def test_work_takes_from_those_who_have_left(desk: Desk, staffed: Opened) -> None:
    staffed(ANN, BOB)
    several(desk, desk.app(build(desk)), 4)
    staffed(BOB)
    assert desk.inbox.work().assigned == 2
    assert queues(desk.inbox) == {"bob": 4}


def test_by_hand(desk: Desk, staffed: Opened) -> None:
    staffed(ANN, BOB, Member(CEM, absences=[AWAY]))
    app = desk.app(build(desk))
    [first, *_] = several(desk, app, 2)
    for _ in range(2):
        assert desk.inbox.assign(first.id, to="bob", by=ANN).assigned == "bob"
    assert assignments(desk, first)[-1] == ("ann", "bob")
    for to in ("cem", "zoe"):
        with pytest.raises(NotAuthorised, match=f"{to} may not decide"):
            desk.inbox.assign(first.id, to=to, by=ANN)
    assert desk.inbox.assign(first.id, to=None, by=ANN).assigned is None


def test_what_was_given_by_hand_is_not_taken_away(desk: Desk, staffed: Opened) -> None:
    staffed(ANN, BOB)
    app = desk.app(build(desk))
    for review in several(desk, app, 4):
        desk.inbox.assign(review.id, to="bob", by=ANN)
    desk.inbox.work()
    assert queues(desk.inbox) == {"bob": 4}


def test_by_hand_without_a_directory(desk: Desk) -> None:
    question = ask(desk, reviewers="editors")
    jo = Reviewer("jo", "editors")
    assert question.review.assigned is None
    assert desk.inbox.assign(question.review.id, to=jo, by=jo).assigned == "jo"
    with pytest.raises(NotAuthorised):
        desk.inbox.assign(question.review.id, to="ann", by=jo)


def test_a_deferred_review_stays_with_who_put_it_off(desk: Desk, staffed: Opened) -> None:
    staffed(ANN, BOB)
    several(desk, desk.app(build(desk)), 4)
    [late, _] = desk.inbox.pending(assigned=ANN)
    desk.inbox.decide(late.id, Defer(), by=ANN)
    for review in desk.inbox.pending(assigned=BOB):
        desk.inbox.decide(review.id, Reject(), by=BOB)
    assert [found.id for found in desk.inbox.pending(assigned=ANN, deferred=True)] == [late.id]


def test_a_directory_that_fails_leaves_it_with_everybody(desk: Desk, clock: FixedClock) -> None:
    class Broken:
        def reviewers(self) -> list[Member]:
            raise OSError("down")

    desk.inbox.close()
    desk.inbox = desk._stack.enter_context(
        Inbox.open(desk._url, clock=clock, people=Broken(), assign=True)
    )
    question = ask(desk)
    assert question.review.assigned is None
    assert desk.inbox.work().assigned == 0


# Queues, without graphs.


class Shop:
    """A ledger and people who take from their own queue at their own speed."""

    def __init__(self, ledger: Ledger, clock: FixedClock, *members: Member) -> None:
        self.ledger = ledger
        self.clock = clock
        self.roll = Roll({member.id: member for member in members})
        self.got: Counter[str] = Counter()

    def file(self, review_id: str, **changes: Any) -> None:
        asked: Filing = filing(review_id, **changes)
        self.clock.advance(seconds=1)
        with self.ledger.transaction() as tx:
            review, _ = tx.file(asked)
            taken = Turns(tx, self.roll, self.clock()).keep_or_assign(review)
        self.got[str(taken.assigned)] += 1

    def decide(self, person: str) -> bool:
        """The first one of somebody's queue; False if it is empty."""
        self.clock.advance(seconds=1)
        with self.ledger.transaction() as tx:
            found = tx.pending(assigned=person, limit=1, content=False)
            if not found:
                return False
            [review] = found
            tx.settle(settlement(review.id, by=person, at=self.clock()))
            Turns(tx, self.roll, self.clock()).even()
        return True

    def work(self) -> None:
        """What a pass of `work()` does, until nothing is left to do."""
        with self.ledger.transaction() as tx:
            turns = Turns(tx, self.roll, self.clock())
            for person in turns.shares.holders:
                while turns.relieve(person)[0]:
                    pass
            turns.assign_next(None)
        with self.ledger.transaction() as tx:
            Turns(tx, self.roll, self.clock()).even()

    def queues(self) -> dict[str, int]:
        """How long the queue of each is."""
        with self.ledger.transaction() as tx:
            counts = tx.open_counts()
        assert {*counts} <= {*self.roll.members}
        return {
            person: sum(counts[person].by_rank.values()) if person in counts else 0
            for person in self.roll.members
        }

    def spread(self) -> int:
        """By how much the longest is longer than the shortest, of those who are there."""
        now = self.clock()
        found = self.queues()
        there = [found[one.id] for one in self.roll.members.values() if not one.is_absent(now)]
        return max(there) - min(there)


@pytest.fixture
def shop(ledger_place: LedgerPlace, clock: FixedClock) -> Iterator[Callable[..., Shop]]:
    with closing(ledger_place.open(clock=clock)) as ledger:
        yield lambda *members: Shop(ledger, clock, *members)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("ledger_place", ["memory", "postgresql"], indirect=True)
def test_ten_thousand_reviews_on_twenty_people(shop: Callable[..., Shop]) -> None:
    """Some are ten times as fast as others; one in ten is away, and gets nothing."""
    chance = random.Random(7)  # noqa: S311  # a schedule
    away = Absence(START, START + timedelta(days=365))
    everybody = [Member(Reviewer(f"p{n:02}")) for n in range(20)]
    absent = [Member(Reviewer(f"q{n}"), absences=[away]) for n in range(2)]
    made = shop(*everybody, *absent)
    speeds = {member.id: 1 + number % 10 for number, member in enumerate(everybody)}
    for number in range(scale(10_000)):
        made.file(f"r{number:05}", rank=chance.choice((0, 1, 2, 2, 3)))
        if number % 8:
            [person] = chance.choices([*speeds], [*speeds.values()])
            made.decide(person)
        if number % 10 == 0:
            assert made.spread() <= 1
    assert made.spread() <= 1
    assert not {*made.got} & {member.id for member in absent}
    assert {*made.got} == {*speeds}


@pytest.mark.parametrize("ledger_place", ["file", "postgresql"], indirect=True)
def test_those_who_file_and_decide_at_once_do_not_wait_for_each_other(
    ledger_place: LedgerPlace, clock: FixedClock
) -> None:
    """However they meet, nobody is turned away, and what is given at the end is even."""
    people = [Member(Reviewer(f"p{n}")) for n in range(4)]

    def day(number: int) -> None:
        with closing(ledger_place.open(clock=clock)) as ledger:
            made = Shop(ledger, clock, *people)
            for step in range(scale(200)):
                made.file(f"r{number}-{step}")
                if step % 2:
                    made.decide(f"p{number}")
            made.work()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(day, number) for number in range(4)]:
            done.result(timeout=120)
    with closing(ledger_place.open(clock=clock)) as ledger:
        made = Shop(ledger, clock, *people)
        assert made.spread() <= 1
        assert sum(made.queues().values()) > 0
        with ledger.reading() as rx:
            assert rx.verify()


STEPS = st.one_of(
    st.tuples(st.just("file"), st.integers(0, 3)),
    st.tuples(st.just("decide"), st.integers(0, 3)),
    st.tuples(st.just("wait"), st.integers(1, 48)),
    st.tuples(st.just("work"), st.just(0)),
)


@settings(deadline=None, max_examples=scale(400))
@given(
    steps=st.lists(STEPS, max_size=25),
    away=st.lists(st.tuples(st.integers(0, 72), st.integers(1, 72)), min_size=4, max_size=4),
)
def test_queues_stay_even_and_nobody_away_gets_anything(
    steps: list[tuple[str, int]], away: list[tuple[int, int]]
) -> None:
    """Whatever comes, who goes and comes back when: what is given is given fairly."""
    clock = FixedClock()
    members = []
    for number, (begins, lasts) in enumerate(away[:3]):
        start = START + timedelta(hours=begins, minutes=30)
        absence = Absence(start, start + timedelta(hours=lasts))
        members.append(Member(Reviewer(f"p{number}"), absences=[absence]))
    members.append(Member(Reviewer("p3")))
    with closing(Ledger.open("sqlite:///:memory:", clock=clock)) as ledger:
        made = Shop(ledger, clock, *members)
        for number, (step, value) in enumerate(steps):
            match step:
                case "file":
                    before = made.queues()
                    made.file(f"r{number}", rank=value)
                    for member in members:
                        if member.is_absent(clock()):
                            assert made.queues()[member.id] == before[member.id]
                    assert made.spread() <= 1
                case "decide":
                    if made.decide(f"p{value}"):
                        assert made.spread() <= 1
                case "wait":
                    clock.advance(hours=value)
                case _:
                    made.work()
                    assert made.spread() <= 1
                    gone = [one.id for one in members if one.is_absent(clock())]
                    assert all(made.queues()[person] == 0 for person in gone)
