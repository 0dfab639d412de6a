"""`kill -9` at every moment; then `work()`, in another process, finishes what was begun.

Whatever the moment was, nothing is lost, asked twice, or run that was not decided. A hook or a node
of the user runs again only where it was the last act of the killed process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from langgraph_hitl import Approve, Reject, Revise
from tests.inbox.nonblocking.calls import ROWS, Answer, Shop, perform
from tests.inbox.nonblocking.conftest import Open
from tests.inbox.nonblocking.graphs import sampled, submitted
from tests.inbox.nonblocking.test_submitted import (
    approved_meanwhile,
    only_long_ones,
    revisable,
)
from tests.patterns.qa import DRAWN
from tests.savers import Row
from tests.scale import scale

FULL = scale(2) == 2
ITEM = {"draft": "Hello", "case": DRAWN}
DRAFT = {"draft": "Hello"}
REJECT = (Reject(), {"by": "maria"})


def moments(passed: dict[str, int], row: Row) -> list[tuple[str, int]]:
    """Every passage of every point with `--full`.

    Else the last one of each and a few writes of the saver: one half of them on a file, the other
    on a server.
    """
    found: list[tuple[str, int]] = []
    for point, number in sorted(passed.items()):
        several = FULL or point == "saver"
        step = 1 if FULL else max(number // 4, 1)
        passages = range(1, number + 1, step) if several else [number]
        found += [(point, passage) for passage in passages if point != "migrating"]
    return found if FULL else found[ROWS.index(row) % 2 :: 2]


class Killed(NamedTuple):
    """A thread whose process was killed."""

    thread: Shop
    point: str
    last_act: str | None

    def check(self, *expected: str) -> None:
        """Each act once and in order; once more only the last one of the killed process."""
        notes = self.thread.notes
        counts = Counter(notes)
        assert tuple(counts) == expected, (self.point, notes)
        again = [act for act, number in counts.items() if number > 1]
        assert again in ([], [self.last_act]), (self.point, notes)
        assert len(notes) <= len(expected) + 1


def killed_everywhere(thread: Shop, *call: Any, ready: Any = None) -> Iterator[Killed]:
    """For each moment of a call, a thread whose process was killed then; `ready` comes before."""

    def fresh() -> Shop:
        other = thread.another()
        if ready is not None:
            ready(other)
        return other

    probe = fresh()
    passed = perform(replace(probe.job, call=_on(probe, call))).passed
    for point, passage in moments(passed, thread.job.row):
        victim = fresh()
        if victim.dies(point, passage, *_on(victim, call)):
            yield Killed(victim, point, victim.notes[-1] if victim.notes else None)
    assert probe.holds()


def _on(thread: Shop, call: tuple[Any, ...]) -> tuple[Any, ...]:
    """A decision is about the review that waits."""
    if call[0] != "decide":
        return call
    (review,) = thread.look().pending
    return ("decide", review.id, *call[1:])


def worked(thread: Shop) -> Answer:
    """After two workers, one after another; the second finds nothing to do for this thread."""
    thread.elsewhere().work()
    answer = thread.work()
    assert answer.result.driven == 0
    assert not any(review.wake for review in answer.reviews)
    return answer


def begun(thread: Shop, given: Any) -> Answer:
    """What workers make of a run that was killed; one that never got to file is begun again."""
    answer = worked(thread)
    if not answer.reviews:
        thread.send(given)
        answer = worked(thread)
    return answer


pytestmark = pytest.mark.timeout(1200 if FULL else 300)


# A sample


def test_killed_while_a_sampled_subject_goes_on(small_shop: Open) -> None:
    number = 0
    for killed in killed_everywhere(small_shop(sampled), "send", ITEM, {}):
        number += 1
        thread = killed.thread
        answer = begun(thread, ITEM)
        assert (answer.ran, answer.next) == (["act:Hello"], ()), killed.point
        (review,) = answer.pending
        assert answer.values["review"]["review_id"] == review.id
        thread.elsewhere().decide(Reject())
        recalled = ("decided:Hello:Reject", "recalled:Hello:Reject")
        killed.check("asked:Hello", "act:Hello", *recalled)
    assert number >= 5


def test_killed_while_a_sampled_subject_is_called_back(small_shop: Open) -> None:
    number = 0
    ready = sends(ITEM)
    for killed in killed_everywhere(small_shop(sampled), "decide", *REJECT, ready=ready):
        number += 1
        thread = killed.thread
        answer = worked(thread)
        if answer.pending:  # the decision died with its process
            answer = thread.elsewhere().decide(Reject())
        assert [review.status for review in answer.reviews] == ["applied"], killed.point
        recalled = ("decided:Hello:Reject", "recalled:Hello:Reject")
        killed.check("asked:Hello", "act:Hello", *recalled)
    assert number >= 2


def test_a_refusal_of_what_a_killed_run_has_not_let_go_yet_comes_after_it(shop: Open) -> None:
    """Nothing is called back before it has gone."""
    thread = shop(sampled)
    assert thread.dies("committed", 1, "send", ITEM, {})
    assert thread.look().values.get("ran", []) == []
    (review,) = thread.look().pending
    decided = thread.elsewhere().decide(Reject(), review)
    assert decided.result.status == "applied"
    recalled = ("decided:Hello:Reject", "recalled:Hello:Reject")
    Killed(thread, "committed", None).check("asked:Hello", "act:Hello", *recalled)


def sends(given: Any) -> Any:
    return lambda thread: thread.send(given)


# Ask now, await later


def test_killed_between_asking_and_pausing(small_shop: Open) -> None:
    number = 0
    for killed in killed_everywhere(small_shop(submitted), "send", DRAFT, {}):
        number += 1
        thread = killed.thread
        answer = begun(thread, DRAFT)
        (review,) = answer.pending
        assert (answer.asked, review.mode) == ([review.id], "blocking"), killed.point
        done = thread.elsewhere().decide(Approve())
        assert (done.ran, done.next) == (["meanwhile", "act:Hello"], ())
        acts = ("meanwhile", "decided:Hello:Approve", "act:Hello")
        killed.check("asked:Hello", *acts)
    assert number >= 5


def test_killed_on_the_way_straight_through(small_shop: Open) -> None:
    number = 0
    for killed in killed_everywhere(small_shop(approved_meanwhile), "send", DRAFT, {}):
        number += 1
        thread = killed.thread
        answer = begun(thread, DRAFT)
        assert (answer.ran, answer.asked) == (["meanwhile", "act:Hello"], []), killed.point
        assert [review.status for review in answer.reviews] == ["applied"]
        acts = ("meanwhile", "decided:Hello:Approve", "act:Hello")
        killed.check("asked:Hello", *acts)
    assert number >= 5


def test_killed_on_the_way_of_what_needed_nobody(small_shop: Open) -> None:
    number = 0
    for killed in killed_everywhere(small_shop(only_long_ones), "send", DRAFT, {}):
        number += 1
        thread = killed.thread
        answer = begun_or_left(thread)
        assert (answer.ran, answer.asked) == (["meanwhile", "act:Hello"], []), killed.point
        assert [review.outcome for review in answer.reviews] == ["auto_approved"]
        killed.check("meanwhile", "act:Hello")
    assert number >= 4


def begun_or_left(thread: Shop) -> Answer:
    """A run that filed nothing for anybody to decide is its starter's to go on with."""
    answer = worked(thread)
    if answer.unfinished or not answer.values:
        thread.send(None if answer.values else DRAFT)
        answer = worked(thread)
    return answer


def test_killed_while_the_answer_is_taken(small_shop: Open) -> None:
    number = 0
    call = ("decide", Approve(), {"by": "maria"})
    for killed in killed_everywhere(small_shop(submitted), *call, ready=sends(DRAFT)):
        number += 1
        thread = killed.thread
        answer = worked(thread)
        if answer.pending:
            answer = thread.elsewhere().decide(Approve())
        assert answer.ran == ["meanwhile", "act:Hello"], killed.point
        acts = ("meanwhile", "decided:Hello:Approve", "act:Hello")
        killed.check("asked:Hello", *acts)
    assert number >= 4


def test_killed_while_a_new_version_is_made(small_shop: Open) -> None:
    number = 0
    call = ("decide", Revise("louder"), {"by": "maria"})
    for killed in killed_everywhere(small_shop(revisable), *call, ready=sends(DRAFT)):
        number += 1
        thread = killed.thread
        answer = worked(thread)
        if answer.pending[0].round == 0:
            answer = thread.elsewhere().decide(Revise("louder"))
        (review,) = answer.pending
        assert (review.round, answer.asked) == (1, [review.id]), killed.point
        assert thread.elsewhere().decide(Approve()).ran == ["meanwhile", "act:Hello!"]
        acts = ("asked:Hello", "meanwhile", "decided:Hello:Revise", "asked:Hello!")
        killed.check(*acts, "decided:Hello!:Approve", "act:Hello!")
    assert number >= 4
