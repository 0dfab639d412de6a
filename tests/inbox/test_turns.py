"""Turns: nothing stays with who cannot decide it, and nothing moves twice or without a cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl import Inbox, Reviewer
from langgraph_hitl.inbox import Review
from langgraph_hitl.people import Absence, Member, Rotation, SessionLimit, WorkingHours
from langgraph_hitl.testing import FixedClock
from tests.inbox.ledgers import LedgerPlace, filing, settlement
from tests.scale import scale

START = FixedClock().now
HOUR = timedelta(hours=1)
AWAY = Absence(START + HOUR, START + 24 * HOUR)
NIGHT = WorkingHours("22:00-06:00", tz="UTC")

ANN, BOB, CEM = Reviewer("ann", "editors"), Reviewer("bob", "editors"), Reviewer("cem", "editors")
ONCE = SessionLimit(decisions=1, within=HOUR)
LOW, NORMAL = 3, 2


class Room:
    """An inbox with people, and reviews that are simply put there."""

    def __init__(self, place: LedgerPlace, clock: FixedClock, *, assign: Rotation | bool) -> None:
        self.clock = clock
        self.members: tuple[Member | Reviewer, ...] = ()
        self.inbox = Inbox.open(place.url, clock=clock, people=self, assign=assign)

    def reviewers(self) -> Iterable[Member]:
        return [Member(one) if isinstance(one, Reviewer) else one for one in self.members]

    def file(self, *ids: str, to: str | None = None, by_itself: bool = False, **how: Any) -> None:
        """Reviews that are somebody's, or nobody's, or go to whom they go."""
        office = self.inbox._office
        roll = office.roll()
        assert roll is not None
        for review_id in ids:
            self.clock.advance(seconds=1)
            with office.ledger.transaction() as tx:
                review, _ = tx.file(filing(review_id, **how), wake=False)
                if by_itself:
                    office.turns(tx, roll, self.clock()).keep_or_assign(review)
                elif to is not None:
                    tx.assign(review, to=to)

    def decide(self, review_id: str, by: str) -> None:
        office = self.inbox._office
        roll = office.roll()
        with office.ledger.transaction() as tx:
            review = tx.get(review_id)
            assert review is not None
            tx.settle(settlement(review_id, by=by, at=self.clock()))
            office.followed(tx, review, roll, self.clock())

    def holder(self, review_id: str) -> str | None:
        return self.inbox.get(review_id).assigned

    def moves(self, review_id: str) -> list[str | None]:
        rows = self.inbox.history(review_id)
        return [row.content["to"] for row in rows if row.event == "assigned"]


Opened = Callable[..., Room]


@pytest.fixture
def room(shared_place: LedgerPlace) -> Iterator[Opened]:
    rooms: list[Room] = []

    def open_with(*members: Member | Reviewer, assign: Rotation | bool = True) -> Room:
        made = Room(shared_place, FixedClock(), assign=assign)
        made.members = members
        rooms.append(made)
        return made

    yield open_with
    for made in rooms:
        made.inbox.close()


def test_on_call_gets_what_comes_when_nobody_is_there(room: Opened) -> None:
    made = room(Member(ANN, absences=[AWAY]), Member(BOB, on_call=True))
    made.file("r1", "r2", "r3", by_itself=True)
    assert made.inbox.work().assigned == 0
    assert [made.holder(one) for one in ("r1", "r2", "r3")] == ["ann"] * 3
    made.clock.now = AWAY.begins
    made.file("r4", by_itself=True)
    assert made.holder("r4") == "bob"


def test_who_comes_to_work_takes_from_who_is_on_call(room: Opened) -> None:
    made = room(Member(ANN, hours=NIGHT), Member(BOB, on_call=True))
    ids = [f"r{number}" for number in range(4)]
    made.file(*ids, by_itself=True)
    assert [made.holder(one) for one in ids] == ["bob"] * 4
    made.clock.advance(hours=14)
    assert made.inbox.work().assigned == 2
    assert Counter(map(made.holder, ids)) == {"ann": 2, "bob": 2}


def test_who_lost_the_role_gives_it_up(room: Opened) -> None:
    made = room(ANN, BOB)
    made.file("r1", "r2", to="ann", eligible=("role:editors",))
    made.inbox.work()
    kept, moved = sorted(("r1", "r2"), key=lambda one: str(made.holder(one)))
    assert (made.holder(kept), made.holder(moved)) == ("ann", "bob")
    made.members = (Reviewer("ann", "interns"), BOB)
    assert made.inbox.work().assigned == 1
    assert (made.holder(kept), made.moves(kept)) == ("bob", ["bob"])
    assert made.inbox.work().assigned == 0


def test_by_hand_holds_only_as_long_as_they_can_decide(room: Opened) -> None:
    made = room(ANN, BOB)
    made.file("r1", to="bob", eligible=("role:editors",))
    made.inbox.assign("r1", to="ann", by="bob")
    assert made.inbox.work().assigned == 0
    made.members = (Reviewer("ann"), BOB)
    made.inbox.work()
    assert made.holder("r1") == "bob"


def test_who_asked_for_it_gives_it_up(room: Opened) -> None:
    made = room(ANN, BOB)
    made.file("r1", to="ann", requester="ann")
    made.inbox.work()
    assert made.holder("r1") == "bob"


def test_who_acts_for_who_asked_gives_it_up(room: Opened) -> None:
    absent = Member(CEM, absences=[Absence(START, START + 9 * HOUR)], delegate="ann")
    made = room(Reviewer("ann"), BOB, absent)
    made.file("r1", to="ann", requester="cem", eligible=("role:editors",))
    made.file("r2", to="ann", requester="bob", eligible=("role:editors",))
    made.inbox.work()
    assert (made.holder("r1"), made.holder("r2")) == ("bob", "ann")


def test_who_is_below_the_level_by_now_gives_it_up(room: Opened) -> None:
    made = room(Reviewer("max", level="member"), Reviewer("lea", level="lead"))
    made.file("r1", to="max", eligible=("level:member", "level:lead"))
    with made.inbox._office.ledger.transaction() as tx:
        review = tx.get("r1")
        assert review is not None
        tx.advance(review, course=None, keys=("level:lead",), hidden_until=None)
    made.inbox.work()
    assert made.holder("r1") == "lea"


def test_what_only_somebody_away_can_decide_goes_to_who_acts(room: Opened) -> None:
    made = room(Member(ANN, absences=[AWAY], delegate="dee"), Reviewer("dee"))
    made.file("r1", to="ann", eligible=("person:ann",))
    made.clock.now = AWAY.begins
    made.inbox.work()
    assert made.moves("r1") == ["dee"]


def test_what_nobody_can_decide_is_nobodys(room: Opened) -> None:
    made = room(ANN)
    made.file("r1", to="ann", eligible=("role:lawyers",))
    made.inbox.work()
    assert (made.holder("r1"), made.moves("r1")) == (None, [None])
    assert made.inbox.work().assigned == 0


def test_who_has_to_rest_is_spared(room: Opened) -> None:
    made = room(Member(ANN, limit=ONCE), BOB)
    made.file("done", "r1", "r2", to="ann", eligible=("role:editors",))
    made.file("given", to="bob")
    made.inbox.assign("given", to="ann", by="bob")
    made.inbox.claim("r2", by="ann")
    made.decide("done", by="ann")
    made.inbox.work()
    assert [made.holder(one) for one in ("r1", "r2", "given")] == ["bob", "ann", "ann"]
    made.clock.advance(hours=2)
    assert made.inbox.work().assigned == 0


def test_who_has_to_rest_keeps_what_nobody_else_can_take(room: Opened) -> None:
    made = room(Member(ANN, limit=ONCE), Reviewer("bob"))
    made.file("done", "r1", to="ann", eligible=("role:editors",))
    made.decide("done", by="ann")
    assert made.inbox.work().assigned == 0
    assert (made.holder("r1"), made.moves("r1")) == ("ann", [])


def _uneven(made: Room) -> None:
    """Ann has much that is less urgent and that she looks at."""
    made.file("old", to="bob", rank=NORMAL)
    held = [f"held{number}" for number in range(4)]
    made.file(*held, to="ann", rank=LOW)
    for review_id in held:
        made.inbox.claim(review_id, by="ann")


def test_what_was_relieved_does_not_move_again_in_that_pass(room: Opened) -> None:
    made = room(ANN, BOB, CEM)
    _uneven(made)
    made.file("left", to="cem", rank=NORMAL)
    made.members = (ANN, BOB)
    made.inbox.work()
    assert made.moves("left") == ["ann"]


def test_what_is_filed_does_not_move_at_once(room: Opened) -> None:
    made = room(ANN, BOB)
    _uneven(made)
    made.file("new", by_itself=True, rank=NORMAL)
    assert made.moves("new") == ["ann"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("file"), st.integers(0, 3)),
        st.tuples(st.just("claim"), st.integers(0, 30)),
        st.tuples(st.just("decide"), st.integers(0, 30)),
        st.tuples(st.just("wait"), st.integers(1, 20)),
        st.tuples(st.just("people"), st.integers(0, 15)),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=scale(300))
@given(steps=STEPS)
def test_a_pass_moves_a_review_once_at_most_and_the_third_moves_nothing(
    steps: list[tuple[str, int]],
) -> None:
    everybody = (
        Member(Reviewer("ann", "editors"), limit=SessionLimit(decisions=2, within=5 * HOUR)),
        Member(Reviewer("bob", "editors"), absences=[AWAY], delegate="dee"),
        Member(Reviewer("cem"), on_call=True),
        Member(Reviewer("dee"), hours=NIGHT),
    )
    eligible = [("*",), ("role:editors",), ("person:cem", "role:editors"), ("person:bob",)]
    made = Room(LedgerPlace("memory", "sqlite:///:memory:"), FixedClock(), assign=True)
    made.members = everybody
    with closing(made.inbox):
        for number, (step, value) in enumerate(steps):
            waiting = made.inbox.pending(limit=100)
            match step:
                case "file":
                    asked = {"requester": "ann"} if number % 5 == 0 else {}
                    who = eligible[number % 4]
                    made.file(f"r{number}", by_itself=True, rank=value, eligible=who, **asked)
                case "claim" if waiting:
                    review = waiting[value % len(waiting)]
                    with made.inbox._office.ledger.transaction() as tx:
                        tx.claim(review, by="ann", until=made.clock() + HOUR)
                case "decide" if waiting:
                    review = waiting[value % len(waiting)]
                    made.decide(review.id, by=review.assigned or "zoe")
                case "wait":
                    made.clock.advance(hours=value)
                case "people":
                    made.members = tuple(
                        one for place, one in enumerate(everybody) if value & (1 << place)
                    )
                    _check_passes(made)
        _check_passes(made)


def _check_passes(made: Room) -> None:
    waiting = made.inbox.pending(limit=100)
    for _ in range(2):
        before = {one.id: len(made.moves(one.id)) for one in waiting}
        made.inbox.work()
        assert all(len(made.moves(one)) <= count + 1 for one, count in before.items())
    assert made.inbox.work().assigned == 0
    _check_holders(made, made.inbox.pending(limit=100))


def _check_holders(made: Room, waiting: list[Review]) -> None:
    """Whoever has a review that nobody looks at may decide it."""
    now, roll = made.clock(), made.inbox._office.roll()
    assert roll is not None
    for review in waiting:
        claimed = review.claimed_until is not None and review.claimed_until > now
        if review.assigned is not None and not claimed:
            assert roll.takes(review, review.assigned, now)


def test_who_rotate_do_as_many_however_fast_they_are(room: Opened) -> None:
    done: dict[bool, Counter[str]] = {}
    for rotates in (True, False):
        made = room(ANN, BOB, assign=Rotation(within=8 * HOUR) if rotates else True)
        counted = done[rotates] = Counter[str]()
        for number in range(40):
            made.file(f"{rotates}{number}", by_itself=True)
            waiting = made.inbox.pending(assigned="ann", limit=1)
            if number % 10 == 9:
                waiting += made.inbox.pending(assigned="bob", limit=1)
            for review in waiting:
                made.decide(review.id, by=str(review.assigned))
                counted[str(review.assigned)] += 1
        for review in made.inbox.pending(limit=100):
            counted[str(review.assigned)] += 1
            made.decide(review.id, by=str(review.assigned))
    assert done[True] == {"ann": 20, "bob": 20}
    assert done[False]["ann"] > 30


def test_a_rotation_forgets_what_is_long_ago(room: Opened) -> None:
    made = room(ANN, BOB, assign=Rotation(within=HOUR))
    made.file("r1", to="ann")
    made.decide("r1", by="ann")
    made.file("r2", "r3", by_itself=True)
    assert (made.holder("r2"), made.holder("r3")) == ("bob", "ann")
    made.clock.advance(hours=2)
    made.file("r4", by_itself=True)
    assert made.holder("r4") == "bob"
