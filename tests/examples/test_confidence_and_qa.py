"""The example graph is drawn whole, and every way in the drawing is one that a case can take."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.graph import END, START

from langgraph_hitl import Approve, Edit, Reject, Respond, Revise
from langgraph_hitl.triggers import Salt, draw
from tests.drivers import Builder, Driver, Thread
from tests.savers import Row

FOLDER = Path(__file__).parents[2] / "examples"
SALT = Salt(b"a salt of the tests", name="tests")
RATE = 0.25
IDS = [f"case-{number}" for number in range(40)]
DRAWN = next(name for name in IDS if draw(name, salt=SALT) < RATE)
SPARED = next(name for name in IDS if draw(name, salt=SALT) >= RATE)
SURE = "Can I return it?"
UNSURE = "Does it run on Mars?"

GATES = ["confidence_check", "qa"]
WAYS = {
    (START, "", "answer"),
    ("answer", "", "confidence_check"),
    ("confidence_check", "auto_approved", "qa"),
    ("confidence_check", "approved, edited, answered", "release"),
    ("confidence_check", "rejected", "log_and_learn"),
    ("qa", "auto_approved, approved", "release"),
    ("qa", "needs_revision", "feedback"),
    ("qa", "rejected", "log_and_learn"),
    ("feedback", "", "revision"),
    ("revision", "", "qa"),
    ("release", "", END),
    ("log_and_learn", "", END),
}


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("confidence_and_qa")


@pytest.fixture(params=["sqlite", "aiosqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driver]:
    """A saver on disk; every step resumes with a new graph on a new connection."""
    row = Row(request.param, asynchronous=request.param == "aiosqlite", durability="sync")
    with Driver(row, str(tmp_path / "threads.sqlite")) as driver:
        yield driver


@pytest.fixture
def new_case(example: Any, place: Driver) -> Any:
    def build() -> Builder:
        built: Builder = example.build(SALT)
        return built

    def case(case_id: str, question: str) -> Thread:
        thread = place.thread(build)
        thread.send({"case_id": case_id, "question": question})
        return thread

    return case


def gates(thread: Thread) -> list[tuple[str, str]]:
    """The reviews of a case, in order: which gate, which outcome."""
    return [(record["gate"], record["outcome"]) for record in thread.values["reviews"]]


def drawn_edges(drawing: str) -> list[tuple[str, str, str]]:
    edge = re.compile(r"^\t(\w+) (?:-->|-\.->|-\. &nbsp;(.+)&nbsp; \.->) (\w+);$", re.MULTILINE)
    found = [(source, label or "", target) for source, label, target in edge.findall(drawing)]
    arrows = [line for line in drawing.splitlines() if "->" in line]
    assert len(found) == len(arrows), arrows
    return found


# The drawing


def test_the_drawing_has_every_way_with_its_name_and_no_other(example: Any) -> None:
    edges = drawn_edges(example.build(SALT).compile().get_graph().draw_mermaid())
    assert len(edges) == len(set(edges))
    assert set(edges) == WAYS


def test_what_decides_has_a_name_on_every_way_out(example: Any) -> None:
    edges = drawn_edges(example.build(SALT).compile().get_graph().draw_mermaid())
    assert all(label for source, label, _ in edges if source in GATES)


def test_drawn_with_its_gates_it_says_where_a_person_is_asked(example: Any) -> None:
    drawing = example.build(SALT).compile().get_graph(xray=True).draw_mermaid()
    for gate in GATES:
        step = rf"{gate}\3a"
        assert f"{step}prepare -. &nbsp;needed&nbsp; .-> {step}ask;" in drawing
        assert f"{step}prepare -. &nbsp;not needed&nbsp; .-> {step}record;" in drawing


# The ways


def test_a_sure_answer_that_is_not_drawn_is_released_without_a_person(new_case: Any) -> None:
    case = new_case(SPARED, SURE)
    assert case.over
    assert gates(case) == [("confidence_check", "auto_approved"), ("qa", "auto_approved")]
    assert case.values["released"] == "Yes, within 30 days."


def test_a_sure_answer_that_is_drawn_waits_for_qa_and_is_released(new_case: Any) -> None:
    case = new_case(DRAWN, SURE)
    assert case.request.kind == "qa_sample"
    assert case.request.finding["sentence"] == "Drawn for the sample of 25 %."
    case.decide(Approve())
    assert case.over
    assert gates(case) == [("confidence_check", "auto_approved"), ("qa", "approved")]
    assert case.values["released"] == "Yes, within 30 days."


@pytest.mark.parametrize(
    ("decision", "outcome", "released"),
    [
        (Approve(), "approved", "Yes."),
        (Edit("Not yet."), "edited", "Not yet."),
        (Respond("No."), "answered", "No."),
    ],
)
def test_an_unsure_answer_is_a_persons_and_passes_qa_by(
    new_case: Any, decision: Any, outcome: str, released: str
) -> None:
    case = new_case(DRAWN, UNSURE)
    assert case.request.kind == "confidence_escalation"
    assert case.request.context == {"question": UNSURE}
    assert case.request.finding["sentence"] == "The confidence 0.41 is below 0.8."
    case.decide(decision)
    assert case.over
    assert gates(case) == [("confidence_check", outcome)]
    assert case.values["released"] == released


def test_a_rejected_unsure_answer_is_logged_to_learn_from(new_case: Any) -> None:
    case = new_case(SPARED, UNSURE)
    case.decide(Reject("nobody can know"))
    assert case.over
    assert "released" not in case.values
    assert case.values["lessons"] == [
        {"gate": "confidence_check", "answer": "Yes.", "feedback": "nobody can know"}
    ]


def test_what_qa_rejects_is_logged_to_learn_from(new_case: Any) -> None:
    case = new_case(DRAWN, SURE)
    case.decide(Reject("we take nothing back"))
    assert case.over
    assert "released" not in case.values
    assert case.values["lessons"] == [
        {"gate": "qa", "answer": "Yes, within 30 days.", "feedback": "we take nothing back"}
    ]


def test_failed_qa_comes_back_revised_and_drawn_the_same(new_case: Any) -> None:
    case = new_case(DRAWN, SURE)
    first = case.request
    case.decide(Revise("counted from delivery"))
    second = case.request
    assert second.kind == "qa_sample"
    assert second.subject == "Yes, within 30 days, counted from delivery."
    assert second.review_id != first.review_id
    assert second.digest != first.digest
    assert second.finding == first.finding
    (sample,) = [part for part in first.finding["parts"] if part.get("trigger") == "sampled"]
    assert sample["details"] == {
        "item_id": DRAWN,
        "draw": draw(DRAWN, salt=SALT),
        "rate": RATE,
        "salt": "tests",
        "purpose": "qa-sample-v1",
    }
    assert case.values["lessons"] == [
        {"gate": "qa", "answer": "Yes, within 30 days.", "feedback": "counted from delivery"}
    ]
    case.decide(Approve())
    assert case.over
    assert gates(case)[1:] == [("qa", "needs_revision"), ("qa", "approved")]
    assert case.values["released"] == second.subject


def test_qa_may_fail_more_than_once(new_case: Any) -> None:
    case = new_case(DRAWN, SURE)
    case.decide(Revise("counted from delivery"), Revise("with the receipt"), Reject("give it up"))
    assert case.over
    assert [outcome for gate, outcome in gates(case) if gate == "qa"] == [
        "needs_revision",
        "needs_revision",
        "rejected",
    ]
    assert "released" not in case.values


# The script


def test_run_as_a_script_it_prints_the_drawing_an_unsure_case_and_a_sampled_one(
    example: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    example.main()
    drawing, start, cases = capsys.readouterr().out.partition("'Yes.'")
    assert set(drawn_edges(drawing)) == WAYS
    assert (start + cases).splitlines() == [
        "'Yes.': The confidence 0.41 is below 0.8. Respond.",
        "released: No.",
        "'Yes, within 30 days.': Drawn for the sample of 25 %. Revise.",
        "'Yes, within 30 days, counted from delivery.': Drawn for the sample of 25 %. Approve.",
        "released: Yes, within 30 days, counted from delivery.",
    ]
