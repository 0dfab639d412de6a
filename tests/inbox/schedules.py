"""Schedules: what people do with one review, and when; and how it is watched meanwhile."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from hypothesis import strategies as st

from langgraph_hitl import Approve, Defer, Escalate, Inbox, Reject, Reviewer
from langgraph_hitl.deadlines import Limit
from langgraph_hitl.errors import HitlError
from langgraph_hitl.inbox import Review
from langgraph_hitl.inbox._attend import answered
from langgraph_hitl.inbox._course import begun
from langgraph_hitl.panels import Panel, anyone, chain, quorum
from langgraph_hitl.panels.chain import Chain
from langgraph_hitl.review.decision import to_json
from langgraph_hitl.review.reviewer import DIRECT
from langgraph_hitl.testing import FixedClock
from tests.inbox.ledgers import MONDAY, filing

WEEK = timedelta(days=7)
LEVELS = ("member", "lead", "director", "executive")
PEOPLE = (
    *(Reviewer(f"{level}-{number}", level=level) for level in LEVELS for number in (1, 2)),
    Reviewer("nobody"),
)
Watch = Literal["never", "each second", "by readers", "after a week"]
WATCHES: tuple[Watch, ...] = ("never", "each second", "by readers", "after a week")


class Act(NamedTuple):
    """After `gap` seconds somebody does something."""

    gap: int
    what: str
    by: int = 0
    seconds: int = 0


class Terms(NamedTuple):
    """Who decides a review, by when."""

    panel: Panel
    limit: Limit | None
    requester: str | None = None


class Told(NamedTuple):
    """What became of a review: what each act came to, how it ended, and the audit."""

    results: list[Any]
    status: str
    outcome: str | None
    decided_by: str | None
    decided_at: datetime | None
    audit: list[tuple[str, str, datetime, str | None, Any]]

    @property
    def time(self) -> list[tuple[str, datetime, Any]]:
        """What time has done."""
        return [
            (event, at, content)
            for event, actor, at, _, content in self.audit
            if actor == "system:deadline"
        ]


def seconds(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low, high)


def durations(low: int, high: int) -> st.SearchStrategy[timedelta]:
    return seconds(low, high).map(lambda count: timedelta(seconds=count))


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Every kind of panel, with or without a deadline, reminders and levels that have a time."""
    within = {level: draw(durations(3, 30)) for level in LEVELS if draw(st.booleans())}
    panel = draw(
        st.sampled_from([anyone(), quorum(2, of=3), chain(*LEVELS), chain(*LEVELS, within=within)])
    )
    requester = draw(st.sampled_from([None, PEOPLE[0].id]))
    if isinstance(panel, Chain) and draw(st.booleans()):
        return Terms(panel, None, requester)
    timeout = draw(durations(3, 60))
    shortest = min([timeout, *within.values()]).seconds
    limit = Limit(
        timeout,
        on_timeout="escalate" if isinstance(panel, Chain) and draw(st.booleans()) else "reject",
        remind=draw(st.sets(durations(1, shortest - 1), max_size=2)),
        on_defer=draw(st.sampled_from(["run_on", "pause"])),
    )
    return Terms(panel, limit, requester)


WORDS = ("approve", "reject", "direct", "escalate", "defer", "claim", "release", "later")


def acts(lowest: int) -> st.SearchStrategy[list[Act]]:
    """Things that people do, mostly such as leave it open; gaps from `lowest` seconds."""
    one = st.builds(
        Act,
        gap=seconds(lowest, 25),
        what=st.sampled_from(("escalate", "defer", *WORDS)),
        by=st.integers(0, len(PEOPLE) - 1),
        seconds=seconds(1, 40),
    )
    return st.lists(one, min_size=1, max_size=8)


@dataclass
class Stage:
    """An inbox on which one review after another is played, each from the same moment on."""

    inbox: Inbox
    clock: FixedClock

    def play(self, given: Terms, schedule: list[Act], watch: Watch) -> Told:
        """File a review, let people act, and watch it in between."""
        review_id = self.file(given)
        results = []
        for act in schedule:
            self._go(review_id, watch, act.gap)
            results.append(self._result(partial_act(self.inbox, self.clock, review_id, act)))
        self._go(review_id, watch, 200)
        self.clock.advance(WEEK)
        if watch != "never":
            self.inbox.work()
        told = self._told(review_id, results)
        if told.status == "pending":
            self.inbox.cancel(review_id, by=PEOPLE[-2], resume="worker")
        return told

    def _go(self, review_id: str, watch: Watch, gap: int) -> None:
        if gap <= 0 or watch in ("never", "after a week"):
            self.clock.advance(seconds=gap)
            return
        for second in range(gap):
            self.clock.advance(seconds=1)
            if watch == "each second":
                self.inbox.work()
            elif second % 2:
                self.inbox.get(review_id)
            else:
                self.inbox.pending(thread=review_id)

    def _result(self, act: Callable[[], Any]) -> Any:
        try:
            found = act()
        except HitlError as error:
            return type(error).__name__, [
                getattr(error, name, None) for name in ("by", "at", "outcome", "needed")
            ]
        return shown(found.review if hasattr(found, "review") else found)

    def file(self, given: Terms, **changes: Any) -> str:
        """Put a review before people, at the moment from which all of them are played."""
        self.clock.now = MONDAY
        review_id = uuid.uuid4().hex
        course = begun(given.panel, given.limit, self.clock.now)
        panel = given.panel if course is None else course.panel_at(course.told)
        question = {
            "question": {"snapshot": {"shown": "hello", "form": "json"}},
            "schema": {},
            "rules": {
                "action": "act",
                "argument": "draft",
                "allowed": ["approve", "edit", "reject"],
                "rated": False,
                "choice": None,
                "is_question": False,
            },
            "panel": given.panel.to_json(),
            "on_defer": given.limit.on_defer if given.limit else "run_on",
        }
        usual: dict[str, Any] = {
            "mode": "submitted",
            "thread_id": review_id,
            "question": question,
            "request": {"panel": given.panel.shown([]), "deadline": None},
            "course": course,
            "due": None if course is None else course.deadline,
            "eligible": panel.eligible_keys,
            "requester": given.requester,
        }
        with self.inbox._office.ledger.transaction() as tx:
            tx.file(filing(review_id, **usual | changes), wake=False)
        return review_id

    def _told(self, review_id: str, results: list[Any]) -> Told:
        review = self.inbox.get(review_id)
        rows = self.inbox.history(review_id)
        return Told(
            results=results,
            status=review.status,
            outcome=review.outcome,
            decided_by=review.decided_by,
            decided_at=review.decided_at,
            audit=[(row.event, row.actor, row.at, row.reason, _said(row.content)) for row in rows],
        )


def _said(content: Any) -> Any:
    """Without the digest of what several events in one pass left behind."""
    return {name: one for name, one in (content or {}).items() if name not in ("course", "place")}


def shown(review: Review) -> tuple[Any, ...]:
    """What an act leaves behind, as far as the moments of what people did say it."""
    waits = review.status == "pending"
    return (
        review.status,
        review.outcome,
        review.decided_by,
        review.decided_at,
        review.due,
        review.eligible,
        review.hidden_until if waits else None,
        review.claimed_by if waits else None,
        review.claimed_until if waits else None,
    )


def partial_act(inbox: Inbox, clock: FixedClock, review_id: str, act: Act) -> Callable[[], Any]:
    """What an act does."""
    by = PEOPLE[act.by]
    until = clock.now + timedelta(seconds=act.seconds)
    decisions: dict[str, Any] = {
        "approve": Approve(),
        "reject": Reject("no"),
        "escalate": Escalate("unsure"),
        "defer": Defer(until, "not now"),
        "later": Defer(),
    }
    match act.what:
        case "direct":
            return lambda: answered(
                inbox._office,
                review_id,
                to_json(Approve()),
                DIRECT,
                channel="direct",
                seen=None,
                round_=None,
            )
        case "claim":
            return lambda: inbox.claim(review_id, by=by, length=timedelta(seconds=act.seconds))
        case "release":
            return lambda: inbox.release(review_id, by=by)
        case word:
            return lambda: inbox.decide(review_id, decisions[word], by=by, resume="worker")


def moments(schedule: list[Act]) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of time that are lived twice: from where the clock was put back to, to where
    it had been.
    """
    now = MONDAY
    for act in schedule:
        before, now = now, now + timedelta(seconds=act.gap)
        if now < before:
            yield now, before
