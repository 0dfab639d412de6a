"""The next round is the same review with a new digest, and is scored again."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Approve, Edit, Revise, human_approval, resume
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.review import Finding, digest
from tests.paused import pause


def rewriting(*versions: Any, **options: Any) -> Gate:
    rest = iter(versions)
    return human_approval(
        "draft", revise=lambda state: {"draft": next(rest)}, reads=("draft",), **options
    )


def test_the_next_round_shows_what_came_before() -> None:
    thread = pause(rewriting("Second"))
    first = thread.request
    thread.send(resume(first, Revise("shorter"), by="ann"))
    second = thread.request
    assert second.review_id == first.review_id
    assert second.interrupt_id != first.interrupt_id
    assert (second.round, second.digest) == (1, digest("Second"))
    assert second.asked_at == first.asked_at
    (entry,) = second.history
    assert (entry["round"], entry["version"], entry["digest"]) == (0, "Hello", first.digest)
    assert entry["decision"]["feedback"] == "shorter"
    assert entry["decision"]["by"] == "ann"
    assert entry["diff"]["lines"][-2:] == ["-Hello", "+Second"]


def test_only_requests_for_changes_use_up_revisions() -> None:
    thread = pause(rewriting("Third", max_revisions=1, resubmit_edits=True))
    assert thread.request.revisions_left == 1
    thread.send(resume(thread.request, Edit("Second")))
    assert (thread.request.round, thread.request.revisions_left) == (1, 1)
    thread.send(resume(thread.request, Revise("again")))
    assert (thread.request.round, thread.request.revisions_left) == (2, 0)
    assert thread.request.subject == "Third"


def scored(state: dict[str, Any]) -> Finding:
    amount = state["draft"]
    return Finding(needed=amount > 10, sentence=f"Amount {amount}.", score=amount / 100)


@pytest.mark.parametrize(
    ("second", "sentence", "score"),
    [(50, "Amount 50.", 0.5), (15, "Amount 20.", 0.2), (1, "Amount 20.", 0.2)],
)
def test_a_new_version_is_scored_and_a_person_stays_needed(
    second: int, sentence: str, score: float
) -> None:
    thread = pause(rewriting(second, when=scored), {"draft": 20})
    thread.send(resume(thread.request, Revise("other")))
    assert thread.request.finding == {"needed": True, "sentence": sentence, "score": score}
    assert thread.send(resume(thread.request, Approve()))["review"]["outcome"] == "approved"


def test_a_version_like_the_first_is_still_asked_about() -> None:
    thread = pause(rewriting("Hello"))
    thread.send(resume(thread.request, Revise("other")))
    assert (thread.request.round, thread.request.history[0]["diff"]) == (1, None)
    state = thread.send(resume(thread.request, Approve()))
    assert (state["draft"], state["review"]["round"]) == ("Hello", 1)
