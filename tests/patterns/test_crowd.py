"""Several people answer by themselves, and the answer comes with a confidence."""

from __future__ import annotations

from typing import Any

import pytest

from langgraph_hitl import Abstain, Choice, Choose, Reviewer, consensus, crowd, resume
from langgraph_hitl.errors import GateError, NotApproved
from langgraph_hitl.stats.dawid_skene import dawid_skene
from tests.paused import Paused, pause, spec

PETS = Choice("cat", "dog", "fox")
WAYS: dict[str, Any] = {"chosen": "publish", "rejected": "archive"}


def ask(**options: Any) -> Paused:
    gate = crowd("What is it?", **{"answer": PETS, "people": 3, "into": "answer", **options})
    ways = WAYS if spec(gate).outcomes >= {"rejected"} else {"chosen": "publish"}
    return pause(gate, **ways)


def say(thread: Paused, **answers: str) -> dict[str, Any]:
    state: dict[str, Any] = {}
    for who, what in answers.items():
        state = thread.send(resume(thread.request, Choose(what), by=who))
    return state


def test_most_of_them_decide_and_say_how_sure_they_are() -> None:
    state = say(ask(), ann="cat", bob="cat", cem="dog")
    assert (state["review"]["outcome"], state["answer"], state["went"]) == (
        "chosen",
        "cat",
        "publish",
    )
    found = consensus(state)
    assert (found.answer, round(found.confidence, 3)) == ("cat", 0.667)
    assert found.counts == {"cat": 2, "dog": 1}
    assert found.low < found.confidence < found.high


def test_nobody_sees_what_others_said() -> None:
    thread = ask()
    say(thread, ann="cat")
    panel = thread.request.panel
    assert panel is not None
    assert (panel["cast"], panel["blind"], "votes" in panel) == (1, True, False)


def test_nobody_answers_twice() -> None:
    thread = ask()
    say(thread, ann="cat", bob="dog")
    say(thread, ann="dog")
    assert thread.outcome() is None
    assert consensus(say(thread, cem="dog")).counts == {"dog": 3}


def test_without_consensus_it_is_for_somebody_else() -> None:
    state = say(ask(), ann="cat", bob="dog", cem="fox")
    assert (state["review"]["outcome"], state["went"]) == ("rejected", "archive")
    assert state["answer"] is None if "answer" in state else True
    found = consensus(state)
    assert (found.answer, round(found.confidence, 3)) == (None, 0.333)


def test_one_answer_beside_abstentions_decides_nothing() -> None:
    thread = ask(people=5, consensus=0)
    say(thread, ann="cat")
    for who in ("bob", "cem", "dan", "eva"):
        state = thread.send(resume(thread.request, Abstain("blurred"), by=who))
    assert (state["review"]["outcome"], state["went"]) == ("rejected", "archive")
    found = consensus(state)
    assert (found.answer, found.confidence, found.counts) == (None, 0.2, {"cat": 1})


def test_the_share_is_of_all_who_were_asked() -> None:
    thread = ask(people=4, consensus=0.5)
    say(thread, ann="cat", bob="cat")
    for who in ("cem", "dan"):
        state = thread.send(resume(thread.request, Abstain(), by=who))
    assert (state["review"]["outcome"], consensus(state).confidence) == ("chosen", 0.5)


def test_whom_experience_tells_to_believe_counts_more() -> None:
    truth = ["cat" if item % 2 else "dog" for item in range(40)]
    other = {"cat": "dog", "dog": "cat"}
    rows = []
    for item, right in enumerate(truth):
        rows += [(str(item), "ann", right), (str(item), "eva", right)]
        rows += [
            (str(item), who, right if (item + n) % 5 < 3 else other[right])
            for n, who in enumerate(("bob", "cem"))
        ]
    skills = dawid_skene(rows)
    state = say(ask(), ann="cat", bob="dog", cem="dog")
    assert consensus(state).answer == "dog"
    believed = consensus(state, skills=skills)
    assert believed.answer == "cat"
    assert believed.confidence > 0.9


def test_before_anybody_has_answered_there_is_no_consensus() -> None:
    with pytest.raises(NotApproved, match="no crowd has answered"):
        consensus(ask().state())
    state = say(ask(), ann="cat", bob="cat", cem="cat")
    with pytest.raises(NotApproved, match="at 'other'"):
        consensus(state, gate="other")
    assert consensus(state, gate="gate").confidence == 1
    skills: Any = {"ann": 1}
    with pytest.raises(GateError, match=r"skills is what .*dawid_skene gave"):
        consensus(state, skills=skills)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"answer": str}, "answer= is a Choice"),
        ({"answer": Choice("a", "b", multiple=True)}, "of which everybody gives one"),
        ({"people": 1}, "crowd: people= .* two at least, not 1"),
        ({"people": True}, "crowd: people= .* not True"),
        ({"of": [Reviewer("ann"), Reviewer("bob")]}, "of= names 2, who never give the 3 answers"),
        ({"consensus": 67}, r"crowd: consensus= .* not 67; for 67 % pass 0\.67"),
        ({"consensus": -1}, "from 0 to 1, not -1$"),
        ({"consensus": "most"}, "from 0 to 1"),
        ({"reviewers": "labellers"}, "crowd: unknown option 'reviewers'; did you mean 'of'"),
        ({"prompt": str}, "crowd: unknown option 'prompt'; .*, consensus, "),
    ],
)
def test_options_that_do_not_fit_are_errors_when_it_is_built(
    options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(GateError, match=problem):
        ask(**options)
