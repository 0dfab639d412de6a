"""What has to hold when the killed are gone and a new process has done its work."""

from __future__ import annotations

from tests.inbox.races.place import Place
from tests.inbox.races.play import Play
from tests.inbox.races.processes import answer_of
from tests.inbox.races.survey import Survey
from tests.inbox.races.worker import Recovered, recover


def check(place: Place, plays: dict[str, Play], killed: list[str]) -> None:
    """A new process recovers; then everything is as if nobody had been killed."""
    recovered: Recovered = answer_of(recover, place, "recovery", plays)
    assert recovered.holds, recovered.problem
    assert not recovered.failed
    for thread, play in plays.items():
        after_work, finished = recovered.after_work[thread], recovered.finished[thread]
        check_recovered(after_work)
        check_kept(after_work, finished)
        check_finished(finished, play, place.journal.effects(thread))
    assert place.journal.unexcused(killed) == []


def check_kept(before: Survey, after: Survey) -> None:
    """What was over stays as it was decided."""
    later = {review.id: review for review in after.reviews}
    for review in before.reviews:
        if review.status != "pending":
            assert later[review.id] == review


def check_recovered(found: Survey) -> None:
    """After `work()`, before anybody has answered anything: nothing is half done."""
    for review in found.reviews:
        assert not review.wake, review
        assert (review.attempts, review.error) == (0, None), review
        assert review.status != "settled", review
        if review.status == "pending":
            assert (review.id, review.round) in found.asked, (review, found)
    pending = {(r.id, r.round) for r in found.reviews if r.status == "pending"}
    assert found.asked == pending, found


def check_finished(found: Survey, play: Play, effects: list[str]) -> None:
    """The thread is over, every review is, and what was decided is what ran."""
    assert found.over, found
    assert effects == play.effects, (effects, found)
    nodes = [name for name in play.effects if name not in ("asked", "decided", "rewrite")]
    assert list(found.ran) == nodes, found
    over = [r for r in found.reviews if r.status != "superseded"]
    assert len(found.reviews) == play.reviews, found
    assert len(found.reviews) - len(over) == (play.manner == "twice"), found
    assert {r.status for r in over} <= {"applied", "cancelled"}, found
    assert found.records == {r.id: r.outcome for r in over}, found
