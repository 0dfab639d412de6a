"""A sample of what is released is checked, and everything that is flagged."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel

from langgraph_hitl import (
    Approve,
    ReviewState,
    add_review,
    last_message,
    qa_sample,
    resume,
)
from langgraph_hitl.errors import GateError
from langgraph_hitl.review import AllReviews, LatestReview
from langgraph_hitl.triggers import Salt, draw, flagged, over
from tests.drivers import Builder, Driver
from tests.patterns.qa import DRAWN, NOT_DRAWN, WAYS, State, at_qa, sample_of, through
from tests.paused import Paused, chat, graph, spec
from tests.strategies import NOT_BLANK
from tests.subject_presets import SALT

ROOT = Path(__file__).parents[2]


# The draw


@pytest.mark.parametrize(("rate", "share"), [(0.0, 0), (1.0, 40), (0.3, None)])
def test_exactly_the_drawn_items_are_checked(rate: float, share: int | None) -> None:
    items = [f"letter-{number}" for number in range(40)]
    checked = {item for item in items if at_qa(item, rate=rate).outcome() is None}
    assert checked == {item for item in items if draw(item, salt=SALT) < rate}
    assert share is None or len(checked) == share


def test_one_in_ten_is_the_rate() -> None:
    gate = qa_sample("letter", item_id="case", salt=SALT)
    assert sample_of(through(gate, NOT_DRAWN).state()["review"]["finding"])["rate"] == 0.1


@settings(max_examples=50, deadline=None)
@given(item=NOT_BLANK, rate=st.floats(0, 1), salt=st.binary(min_size=16, max_size=64))
def test_the_gate_draws_what_draw_draws(item: str, rate: float, salt: bytes) -> None:
    trigger = spec(qa_sample("letter", rate=rate, item_id="case", salt=salt, also=None)).when
    assert trigger is not None
    finding = trigger.trigger({"letter": "Dear", "case": item})
    assert finding.needed is (draw(item, salt=salt) < rate)


def test_a_small_sample_is_part_of_a_large_one() -> None:
    items = [f"letter-{number}" for number in range(60)]
    small, large = (
        {item for item in items if at_qa(item, rate=rate).outcome() is None} for rate in (0.1, 0.4)
    )
    assert small < large


def test_another_purpose_is_another_sample() -> None:
    other = qa_sample("letter", rate=0.5, item_id="case", salt=SALT, purpose="second-look")
    items = [f"letter-{number}" for number in range(30)]
    drawn = [at_qa(item).outcome() is None for item in items]
    again = [through(other, item).outcome() is None for item in items]
    assert drawn != again
    details = sample_of(through(other, NOT_DRAWN).state()["review"]["finding"])
    assert details["purpose"] == "second-look"


@pytest.mark.parametrize("letter", ["Dear", "Another text", {"text": "Dear"}])
def test_the_content_does_not_matter(letter: Any) -> None:
    assert at_qa(DRAWN, letter=letter).outcome() is None
    assert at_qa(NOT_DRAWN, letter=letter).outcome() == "auto_approved"


def test_the_same_item_is_drawn_the_same_in_every_thread_and_run(driver: Driver) -> None:
    gate = qa_sample("letter", rate=0.5, item_id="case", salt=SALT)

    def build() -> Builder:
        builder: Builder = StateGraph(State)
        add_review(builder, "qa", gate, approved=END, needs_revision=END, rejected=END)
        builder.add_edge(START, "qa")
        return builder

    draws = set()
    for _ in range(2):
        thread = driver.thread(build)
        thread.send({"letter": "Dear", "case": DRAWN})
        thread.send(None)
        draws.add(sample_of(thread.request.finding)["draw"])
        thread.decide(Approve())
        draws.add(sample_of(thread.record["finding"])["draw"])
        thread.send({"letter": "Dear again", "case": DRAWN})
        draws.add(sample_of(thread.request.finding)["draw"])
        thread.send({"letter": "Dear", "case": NOT_DRAWN})
        assert thread.record["outcome"] == "auto_approved"
    assert draws == {draw(DRAWN, salt=SALT)}


PROGRAM = """
import json
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph_hitl import ReviewState, add_review, qa_sample
class State(ReviewState):
    letter: str
    case: str
builder = StateGraph(State)
gate = qa_sample("letter", rate=0, item_id="case", salt="0123456789abcdef")
add_review(builder, "qa", gate, approved=END, needs_revision=END, rejected=END)
builder.add_edge(START, "qa")
app = builder.compile(checkpointer=InMemorySaver())
state = app.invoke({"letter": "x", "case": "item-1"}, {"configurable": {"thread_id": "1"}})
print(json.dumps(state["review"]["finding"]))
"""


def test_and_in_every_process() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sample_of(json.loads(done.stdout))["draw"] == draw(DRAWN, salt=SALT)


# What is recorded


@pytest.mark.parametrize("case", [DRAWN, NOT_DRAWN])
def test_the_draw_the_rate_the_salt_and_the_item_are_recorded(case: str) -> None:
    gate = qa_sample("letter", rate=0.5, item_id="case", salt=Salt(SALT.encode(), name="2026"))
    thread = through(gate, case)
    expected = {
        "item_id": case,
        "draw": draw(case, salt=SALT),
        "rate": 0.5,
        "salt": "2026",
        "purpose": "qa-sample-v1",
    }
    if case == DRAWN:
        assert sample_of(thread.request.finding) == expected
        thread.send(resume(thread.request, Approve()))
    record = thread.state()["review"]
    assert sample_of(record["finding"]) == expected
    assert record["finding"]["needed"] is (case == DRAWN)
    assert record["decided_by"] == (None if case == DRAWN else "system:trigger")


def test_the_sample_alone_is_the_whole_finding() -> None:
    gate = qa_sample("letter", rate=0.5, item_id="case", salt=SALT, also=None)
    finding = through(gate).request.finding
    assert (finding["trigger"], finding["sentence"]) == ("sampled", "Drawn for the sample of 50 %.")
    assert "parts" not in finding


def test_the_secret_is_nowhere(tmp_path: Path) -> None:
    secret = "a secret that nobody may read"  # noqa: S105  # made up
    raw = secret.encode()
    forms = [raw, raw.hex().encode(), base64.b64encode(raw)[:-4], repr(list(raw)).encode()]
    gate = qa_sample("letter", rate=0.5, item_id="case", salt=secret)
    file = tmp_path / "threads.sqlite"
    with SqliteSaver.from_conn_string(str(file)) as saver:
        for case in (DRAWN, NOT_DRAWN, "item-3", "item-4"):
            given = {"letter": "Dear", "case": case}
            thread = Paused(graph(gate, State, saver, **WAYS), given)
            for request in thread.requests:
                assert secret not in repr(request)
                assert secret not in repr(thread.payload)
                thread.send(resume(request, Approve()))
            assert secret not in repr(thread.state())
    stored = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"salt-" in stored
    assert not [form for form in forms if form in stored]
    assert secret not in repr(spec(gate))


# Flags


@pytest.mark.parametrize("flag", ["high_risk", "flagged_for_review"])
def test_what_is_flagged_is_checked_in_any_case(flag: str) -> None:
    by_state = at_qa(NOT_DRAWN, **{flag: True})
    assert by_state.request.finding["sentence"] == f"Flagged as {flag}."
    by_field = at_qa(NOT_DRAWN, letter={"text": "Dear", flag: True})
    assert by_field.request.finding["sentence"] == f"Flagged as letter.{flag}."
    assert at_qa(NOT_DRAWN, **{flag: False}).outcome() == "auto_approved"
    assert at_qa(NOT_DRAWN, letter={flag: None}).outcome() == "auto_approved"


def test_drawn_and_flagged_says_both() -> None:
    finding = at_qa(DRAWN, high_risk=True).request.finding
    assert finding["sentence"] == "Drawn for the sample of 50 %. Flagged as high_risk."


@pytest.mark.parametrize("unclear", ["yes", 1, 0, [], {}])
def test_a_flag_that_is_neither_true_nor_false_asks(unclear: Any) -> None:
    sentence = at_qa(NOT_DRAWN, high_risk=unclear).request.finding["sentence"]
    assert sentence.startswith("The flag high_risk is ")
    assert at_qa(NOT_DRAWN, letter={"high_risk": unclear}).outcome() is None


class Letter(BaseModel):
    text: str
    high_risk: bool = False


class Typed(BaseModel):
    letter: Letter
    case: str
    went: str = ""
    review: LatestReview = None
    reviews: AllReviews = []


def test_the_flags_of_a_typed_subject_count() -> None:
    gate = qa_sample("letter", rate=0.0, item_id="case", salt=SALT)
    for risky, outcome in ((True, None), (False, "auto_approved")):
        letter = {"text": "Dear", "high_risk": risky}
        thread = Paused(graph(gate, Typed, **WAYS), {"letter": letter, "case": DRAWN})
        assert thread.outcome() == outcome


class Bare(ReviewState):
    letter: str
    case: str


def test_a_graph_without_the_usual_flags_has_none() -> None:
    gate = qa_sample("letter", rate=0.5, item_id="case", salt=SALT)
    app = graph(gate, Bare, **WAYS)
    assert Paused(app, {"letter": "Dear", "case": NOT_DRAWN}).outcome() == "auto_approved"


def test_a_flag_of_ones_own_that_is_misspelt_is_an_error() -> None:
    gate = qa_sample("letter", item_id="case", salt=SALT, also=flagged("urgnt"))
    with pytest.raises(GateError, match="'urgnt'"):
        graph(gate, State, **WAYS)


def test_flags_of_ones_own_take_the_place_of_the_usual_ones() -> None:
    gate = qa_sample("letter", rate=0.5, item_id="case", salt=SALT, also=flagged("urgent"))
    assert through(gate, NOT_DRAWN, urgent=True).outcome() is None
    assert through(gate, NOT_DRAWN, high_risk=True).outcome() == "auto_approved"


def test_none_checks_the_sample_alone() -> None:
    gate = qa_sample("letter", rate=0.5, item_id="case", salt=SALT, also=None)
    assert through(gate, NOT_DRAWN, high_risk=True).outcome() == "auto_approved"


def test_one_more_reason_to_check() -> None:
    def urgent(state: State) -> bool:
        return bool(state["urgent"])

    gate = qa_sample("letter", rate=0.5, item_id="case", salt=SALT, when=urgent)
    assert through(gate, NOT_DRAWN, urgent=True).request.finding["sentence"] == (
        "The condition urgent holds."
    )
    assert through(gate, NOT_DRAWN, urgent=False).outcome() == "auto_approved"
    assert through(gate, NOT_DRAWN, urgent=False, high_risk=True).outcome() is None
    assert "KeyError" in through(gate, NOT_DRAWN).request.finding["sentence"]


# The item's id


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        (None, "The item id is missing."),
        ("", "The item id is blank."),
        (17, "The item id is 17, which is not a text."),
        (["item-2"], "The item id is ['item-2'], which is not a text."),
        (float("nan"), "The item id is nan, which is not a text."),
    ],
)
def test_an_item_without_a_usable_id_is_checked(case: Any, sentence: str) -> None:
    assert at_qa(case, rate=0.0).request.finding["sentence"] == sentence


def test_an_item_without_any_id_is_checked() -> None:
    gate = qa_sample("letter", rate=0.0, item_id="case", salt=SALT)
    thread = Paused(graph(gate, State, **WAYS), {"letter": "Dear"})
    assert thread.request.finding["sentence"] == "The item id is missing."


@pytest.mark.parametrize(
    "item_id", ["letter.id", lambda state: state["letter"]["id"]], ids=["path", "function"]
)
def test_the_id_may_be_part_of_the_subject(item_id: Any) -> None:
    gate = qa_sample("letter", rate=0.5, item_id=item_id, salt=SALT, reads=["letter"])
    assert through(gate, letter={"id": DRAWN}).outcome() is None
    assert through(gate, letter={"id": NOT_DRAWN}).outcome() == "auto_approved"
    assert through(gate, letter={}).outcome() is None


def test_a_message_is_sampled_by_the_thread_that_it_belongs_to() -> None:
    def case(state: Any) -> str:
        return f"{state['messages'][0].id}"

    gate = qa_sample(last_message(), rate=1.0, item_id=case, salt=SALT, reads=["messages"])
    thread = chat(gate)
    assert sample_of(thread.request.finding)["item_id"] == "m1"
    assert thread.send(resume(thread.request, Approve()))["went"] == "publish"


# Building one


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"rate": 1.1}, "rate must be a number from 0 to 1, not 1.1"),
        ({"rate": -0.1}, "rate must be a number from 0 to 1"),
        ({"rate": float("nan")}, "rate must be a number from 0 to 1, not nan"),
        ({"rate": None}, "rate must be a number from 0 to 1, not None"),
        ({"rate": True}, "rate must be a number from 0 to 1, not True"),
        ({"salt": ""}, "salt is missing"),
        ({"salt": None}, "salt is missing"),
        ({"salt": b""}, "salt is missing"),
        ({"item_id": None}, "item_id must be a state key"),
        ({"item_id": 17}, "item_id must be a state key"),
        ({"item_id": lambda state: "x"}, "item_id: which state keys does"),
        ({"also": "high_risk"}, "also must be a function of the state or a trigger"),
        ({"also": lambda state: True}, "also: which state keys does"),
        ({"when": True}, "when must be a function of the state or a trigger, not True"),
        ({"criteria": 5}, "criteria takes a list of texts, not 5"),
        ({"criteria": lambda state: []}, "criteria: which state keys does"),
        ({"purpose": ""}, "purpose"),
        ({"subject": ""}, "subject must be a state key or a lens"),
        ({"subject": None}, "subject must be a state key or a lens"),
    ],
)
def test_what_cannot_work_is_an_error_when_it_is_built(
    options: dict[str, Any], problem: str
) -> None:
    good: dict[str, Any] = {"subject": "letter", "item_id": "case", "salt": SALT}
    with pytest.raises(GateError) as raised:
        qa_sample(**{**good, **options})
    assert problem in str(raised.value)


def test_the_salt_and_the_id_must_be_given() -> None:
    with pytest.raises(TypeError, match="'salt'"):
        qa_sample("letter", item_id="case")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="'item_id'"):
        qa_sample("letter", salt=SALT)  # type: ignore[call-arg]


def test_the_salt_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_SALT", SALT)
    gate = qa_sample("letter", rate=0.5, item_id="case", salt=Salt.from_env("QA_SALT"))
    details = sample_of(through(gate).request.finding)
    assert (details["salt"], details["draw"]) == ("QA_SALT", draw(DRAWN, salt=SALT))
    monkeypatch.delenv("QA_SALT")
    with pytest.raises(GateError, match="QA_SALT is not set"):
        Salt.from_env("QA_SALT")


def test_an_id_that_the_graph_does_not_have_is_an_error_when_it_is_added() -> None:
    with pytest.raises(GateError, match="'case_id'"):
        graph(qa_sample("letter", item_id="case_id", salt=SALT), State, **WAYS)


def test_its_name() -> None:
    gate = qa_sample("letter", item_id="case", salt=SALT)
    assert (gate.name, spec(gate).kind) == ("qa_sample", "qa_sample")
    assert qa_sample("letter", item_id="case", salt=SALT, name="qa").name == "qa"


def test_also_may_be_any_trigger() -> None:
    gate = qa_sample("letter", rate=0.0, item_id="case", salt=SALT, also=over("urgent", 3))
    assert through(gate, urgent=4).request.finding["sentence"] == "The urgent 4 is over 3."
