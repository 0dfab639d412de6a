"""`kill -9` at every moment of a resume, then `invoke(None)` in a new process, twice.

After that, whatever the moment was: no answer has counted twice, nothing ran that was not
approved, and the thread can still be answered. What a kill may cost is the answer itself, where
LangGraph had not stored it: then the same question waits again. A trigger that was evaluated is
not evaluated again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.processes.conftest import ESCALATION, SAMPLE, Elsewhere, over_presets
from tests.processes.worker import Answer
from tests.scale import scale

FULL = scale(2) == 2

DESK = ("confidence_escalation", "qa_sample")
"""The manager's gate and the director's."""

APPROVE = {"type": "approve"}
SHAPES: dict[str, dict[str, Any]] = {
    "mapped": {"decision": APPROVE},
    "plain": {"plain": APPROVE},
    "plain-middleware": {"plain": {"decisions": [APPROVE]}},
    "plain-inbox": {"plain": [{"type": "accept", "args": None}]},
}


def moments(last: int) -> Iterator[int]:
    """The numbers of the writes to die at: all with `--full`, else a few."""
    yield from range(1, last + 1) if FULL else {last // 3, 2 * last // 3}


def gone_on(elsewhere: Elsewhere, **send: Any) -> Answer:
    """`invoke(None)`, twice, each in a new process; at the second one the question waits."""
    elsewhere.call(**send)
    answer = elsewhere.call()
    assert answer["looks"] == 0
    return answer


def after_the_first_answer(elsewhere: Elsewhere, send: dict[str, Any]) -> None:
    """The manager's yes counted once, or was lost; the director's question waits; it ends well."""
    answer = gone_on(elsewhere)
    if _asker(answer) == "manager":
        answer = elsewhere.call(**send)
    assert _asker(answer) == "director"
    assert "act:Hello" not in answer["ran"]
    done = elsewhere.call(**send)
    assert done["ran"] == ["note:Hello", "act:Hello"]
    assert [len(review["decisions"]) for review in done["reviews"]] == [1, 1]
    assert [review["kind"] for review in done["reviews"]] == list(elsewhere.job.presets)
    assert done["looks"] == 0
    assert done["next"] == []


def _asker(answer: Answer) -> str:
    (request,) = answer["pending"]
    asker: str = request["action"]
    return asker


@over_presets("durable", DESK)
@pytest.mark.parametrize("shape", SHAPES if FULL else ["mapped", "plain"])
@pytest.mark.parametrize("moment", ["record", "note"])
def test_killed_between_two_gates_of_a_subgraph(
    elsewhere: Elsewhere, presets: tuple[str, ...], shape: str, moment: str
) -> None:
    elsewhere = elsewhere.at("two", presets)
    elsewhere.call(input={"draft": "Hello"})
    assert elsewhere.call_and_die(moment, 1, **SHAPES[shape])
    after_the_first_answer(elsewhere, SHAPES[shape])


@over_presets("anywhere", DESK)
@pytest.mark.parametrize("shape", ["mapped", "plain"])
def test_killed_before_any_write_of_the_first_answer(
    anywhere: Elsewhere, presets: tuple[str, ...], shape: str
) -> None:
    """Between filing the second question and storing its interrupt is one of these moments."""
    send = SHAPES[shape]
    probe = anywhere.at("two", presets)
    probe.call(input={"draft": "Hello"})
    writes = probe.call(**send)["writes"]
    killed = 0
    for number in moments(writes):
        thread = probe.another()
        thread.call(input={"draft": "Hello"})
        killed += thread.call_and_die("saver", number, **send)
        after_the_first_answer(thread, send)
    assert killed > 0


@over_presets("anywhere", DESK)
@pytest.mark.parametrize("shape", ["mapped", "plain"])
def test_killed_before_any_write_of_the_last_answer(
    anywhere: Elsewhere, presets: tuple[str, ...], shape: str
) -> None:
    send = SHAPES[shape]
    probe = anywhere.at("two", presets)
    probe.call(input={"draft": "Hello"})
    probe.call(**send)
    writes = probe.call(**send)["writes"]
    killed = 0
    for number in moments(writes):
        thread = probe.another()
        thread.call(input={"draft": "Hello"})
        thread.call(**send)
        killed += thread.call_and_die("saver", number, **send)
        answer = gone_on(thread)
        if answer["pending"]:  # the answer was lost with its process
            assert _asker(answer) == "director"
            answer = thread.call(**send)
        assert answer["ran"] == ["note:Hello", "act:Hello"]
        assert [len(review["decisions"]) for review in answer["reviews"]] == [1, 1]
        assert answer["looks"] == 0
    assert killed > 0


LOUDER = {"type": "revise", "feedback": "louder"}
REQUESTS: dict[str, dict[str, Any]] = {"mapped": {"decision": LOUDER}, "plain": {"plain": LOUDER}}


def after_a_request_for_changes(elsewhere: Elsewhere, send: dict[str, Any]) -> None:
    """One request gives one new version, or it was lost; then the version is approved."""
    answer = gone_on(elsewhere)
    (request,) = answer["pending"]
    if request["round"] == 0:
        assert request["subject"] == "Hello"
        answer = elsewhere.call(**send)
        assert answer["looks"] == 0
        (request,) = answer["pending"]
    assert (request["subject"], request["round"]) == ("Hello!", 1)
    assert len(request["history"]) == 1
    done = elsewhere.call(decision=APPROVE)
    assert done["ran"] == ["act:Hello!"]
    assert [len(review["decisions"]) for review in done["reviews"]] == [2]
    assert done["looks"] == 0


@over_presets("durable", ESCALATION, SAMPLE)
@pytest.mark.parametrize("shape", REQUESTS)
@pytest.mark.parametrize("moment", ["record", "revise"])
def test_killed_in_record_or_revise(
    elsewhere: Elsewhere, presets: tuple[str, ...], shape: str, moment: str
) -> None:
    elsewhere = elsewhere.at("one", presets)
    elsewhere.call(input={"draft": "Hello"})
    assert elsewhere.call_and_die(moment, 1, **REQUESTS[shape])
    after_a_request_for_changes(elsewhere, REQUESTS[shape])


@over_presets("anywhere", ESCALATION, SAMPLE)
@pytest.mark.parametrize("shape", REQUESTS)
def test_killed_before_any_write_of_a_revision(
    anywhere: Elsewhere, presets: tuple[str, ...], shape: str
) -> None:
    send = REQUESTS[shape]
    probe = anywhere.at("one", presets)
    probe.call(input={"draft": "Hello"})
    writes = probe.call(**send)["writes"]
    killed = 0
    for number in moments(writes):
        thread = probe.another()
        thread.call(input={"draft": "Hello"})
        killed += thread.call_and_die("saver", number, **send)
        after_a_request_for_changes(thread, send)
    assert killed > 0


@over_presets("anywhere", ESCALATION, SAMPLE, humans=False)
def test_killed_before_any_write_of_the_question(
    anywhere: Elsewhere, presets: tuple[str, ...]
) -> None:
    """Or while its trigger is evaluated: the same review waits, for the one finding that counts."""
    draft = {"draft": "Hello"}
    probe = anywhere.at("one", presets)
    asked = probe.call(input=draft)
    assert asked["looks"] == 1
    for moment, number in [("look", 1), *(("saver", n) for n in moments(asked["writes"]))]:
        thread = probe.another()
        assert thread.call_and_die(moment, number, input=draft)
        (request,) = gone_on(thread, start=draft)["pending"]
        assert request["finding"] == asked["pending"][0]["finding"]
        done = thread.call(decision=APPROVE)
        assert (done["ran"], done["looks"], len(done["reviews"])) == (["act:Hello"], 0, 1)
