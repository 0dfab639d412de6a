"""The presets with triggers at a terminal: the reason stands above what is decided, in one look."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from langgraph_hitl import (
    ReviewState,
    add_review,
    confidence_escalation,
    qa_sample,
    run_in_terminal,
)
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._terminal.drive import drive
from langgraph_hitl._terminal.script import Script
from langgraph_hitl.triggers import over
from tests.subject_presets import SALT
from tests.terminal.support import screen, script, text_of

App = CompiledStateGraph[Any, Any, Any, Any]
CONFIG: RunnableConfig = {"configurable": {"thread_id": "1"}}


class State(ReviewState, total=False):
    answer: str
    confidence: Any
    case: str
    amount: int
    high_risk: bool


def criteria(state: State) -> list[str]:
    return [f"It is about {state['case']}."]


def rewrite(state: State) -> dict[str, Any]:
    return {"answer": state["answer"] + "!"}


ESCALATION = confidence_escalation("answer", confidence="confidence", when=over("amount", 100))
SAMPLE = qa_sample("answer", rate=0.5, item_id="case", salt=SALT, criteria=criteria, revise=rewrite)
GIVEN = {"answer": "42", "confidence": 0.62, "case": "item-1", "amount": 5, "high_risk": True}


def app_of(gate: Gate) -> App:
    builder = StateGraph(State)
    add_review(builder, "gate", gate, approved=END, rejected=END)
    builder.add_edge(START, "gate")
    return builder.compile(checkpointer=InMemorySaver())


def scripted(folder: Path, gate: Gate, given: Any, *decisions: Any) -> tuple[Any, str]:
    on = screen()
    person = Script(Path(script(folder, *decisions)))
    values = drive(app_of(gate), given, CONFIG, person=person, screen=on, by="maria")
    return values, text_of(on)


def test_an_unsure_answer_is_shown_with_its_confidence(tmp_path: Path) -> None:
    respond = {"type": "respond", "message": "43"}
    values, text = scripted(tmp_path, ESCALATION, GIVEN, respond)
    lines = text.splitlines()
    assert lines[lines.index("Why: The confidence 0.62 is below 0.8. (score 0.38)") + 1] == (
        "     confidence 0.62"
    )
    assert "answer\n│ 42\n" in text
    assert "Recorded: respond." in text
    assert "threshold" not in text
    assert (values["answer"], values["review"]["outcome"]) == ("43", "answered")
    assert values["review"]["decided_by"] == "maria"


def test_several_reasons_are_all_said(tmp_path: Path) -> None:
    given = {**GIVEN, "confidence": None, "amount": 500}
    _, text = scripted(tmp_path, ESCALATION, given, {"type": "approve"})
    assert "Why: The confidence is missing. The amount 500 is over 100." in text.splitlines()


def test_a_sample_is_shown_with_its_criteria_and_comes_back_revised(tmp_path: Path) -> None:
    decisions = [{"type": "revise", "feedback": "louder"}, {"type": "approve"}]
    values, text = scripted(tmp_path, SAMPLE, GIVEN, *decisions)
    assert text.count("Why: Drawn for the sample of 50 %. Flagged as high_risk.") == 2
    assert text.count("│ - It is about item-1.") == 2
    assert "Review, version 2: qa_sample" in text
    assert "version 1, revise by maria: louder" in text
    for private in ("salt", "0.249", "purpose", "parts"):
        assert private not in text
    assert (values["answer"], values["review"]["outcome"]) == ("42!", "approved")


@pytest.mark.parametrize("gate", [ESCALATION, SAMPLE], ids=["escalation", "sample"])
def test_where_nobody_is_needed_nothing_is_asked(tmp_path: Path, gate: Gate) -> None:
    given = {**GIVEN, "confidence": 0.9, "case": "item-2", "high_risk": False}
    values, text = scripted(tmp_path, gate, given)
    assert values["review"]["outcome"] == "auto_approved"
    assert not text.strip()


@pytest.mark.parametrize(
    ("gate", "typed", "outcome", "answer"),
    [
        (ESCALATION, "s: 43\n", "answered", "43"),
        (ESCALATION, "s\n43\n.\n", "answered", "43"),
        (ESCALATION, "e: 44\n", "edited", "44"),
        (SAMPLE, "v: louder\na\n", "approved", "42!"),
        (SAMPLE, "e: 44\nr: no\n", "rejected", "42"),
    ],
)
def test_through_a_pipe(
    gate: Gate,
    typed: str,
    outcome: str,
    answer: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    values = run_in_terminal(app_of(gate), GIVEN, CONFIG, by="maria")
    assert (values["review"]["outcome"], values["answer"]) == (outcome, answer)
    assert "Why: " in capsys.readouterr().out
