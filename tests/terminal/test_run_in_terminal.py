"""Driving a graph with a person at the keyboard."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Annotated, Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import interrupt
from pydantic import BaseModel

from langgraph_hitl import (
    Approve,
    Choice,
    Edit,
    Reject,
    Respond,
    ReviewState,
    Revise,
    add_review,
    ask_human,
    human_approval,
    pending,
    rated_feedback,
    resume,
    run_in_terminal,
)
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._terminal.drive import drive
from langgraph_hitl.errors import MissingExtra, ReviewError
from langgraph_hitl.review.decision import Decision
from tests.terminal.support import Answers, hide, screen, text_of

App = CompiledStateGraph[Any, Any, Any, Any]
CONFIG: RunnableConfig = {"configurable": {"thread_id": "1"}}


def joined(old: str, new: str) -> str:
    return old + new


class State(ReviewState):
    draft: str
    other: str
    answer: Any
    log: Annotated[str, joined]


def app_of(*gates: Gate, after: Any = None, **ways: str) -> App:
    """Gates in parallel, then a node that notes that it ran."""
    builder = StateGraph(State)

    def done(state: State) -> dict[str, Any]:
        return after() if after else {"log": "done "}

    builder.add_node("done", done)
    ways = ways or {"approved": "done", "rejected": END}
    for number, gate in enumerate(gates):
        add_review(builder, f"gate{number}", gate, **ways)
        builder.add_edge(START, f"gate{number}")
    return builder.compile(checkpointer=InMemorySaver())


def driven(app: App, given: Any, *answers: Decision | None) -> tuple[Any, Answers, str]:
    on, person = screen(), Answers(answers)
    values = drive(app, given, CONFIG, person=person, screen=on, by="maria")
    return values, person, text_of(on)


START_INPUT = {"draft": "Hello", "other": "World", "log": ""}


def test_from_the_input_to_the_end() -> None:
    values, person, text = driven(app_of(human_approval("draft")), START_INPUT, Approve())
    assert values["log"] == "done "
    assert values["review"]["decided_by"] == "maria"
    assert len(person.asked) == 1
    assert "│ Hello" in text
    assert "Recorded: approve." in text


def test_a_rejection_is_an_end_too() -> None:
    values, _, _ = driven(app_of(human_approval("draft")), START_INPUT, Reject("no"))
    assert values["review"]["outcome"] == "rejected"
    assert values["log"] == ""


def test_ending_it_leaves_the_question_open() -> None:
    app = app_of(human_approval("draft"))
    values, _, text = driven(app, START_INPUT, None)
    assert values["draft"] == "Hello"
    assert "Paused." in text
    assert len(pending(app, CONFIG)) == 1
    assert driven(app, None, Approve())[0]["log"] == "done "


def test_new_input_does_not_kill_a_question_that_waits() -> None:
    app = app_of(human_approval("draft"))
    driven(app, START_INPUT, None)
    (before,) = pending(app, CONFIG)
    values, person, text = driven(app, {"draft": "Other"}, Approve())
    assert person.asked == [before]
    assert values["draft"] == "Hello"
    assert "the new input is not used" in text


def test_new_input_on_a_finished_thread_is_a_new_run() -> None:
    app = app_of(human_approval("draft"))
    driven(app, START_INPUT, Approve())
    values, _, _ = driven(app, {"draft": "Other"}, Approve())
    assert values["draft"] == "Other"
    assert values["log"] == "done done "


def test_a_run_that_stopped_before_its_end_goes_on() -> None:
    crashes = iter([True])

    def after() -> dict[str, Any]:
        if next(crashes, False):
            raise RuntimeError("crash")
        return {"log": "after the crash"}

    app = app_of(human_approval("draft"), after=after)
    with pytest.raises(RuntimeError, match="crash"):
        driven(app, START_INPUT, Approve())
    values, person, text = driven(app, {"draft": "Other"})
    assert values["log"] == "after the crash"
    assert values["draft"] == "Hello"
    assert person.asked == []
    assert "it goes on, the new input is not used" in text


def test_an_unfinished_run_goes_on_without_input() -> None:
    app = app_of(human_approval("draft"))
    app.invoke(START_INPUT, CONFIG, interrupt_before=["gate0"])
    _, person, text = driven(app, None)
    assert len(person.asked) == 1
    assert "not used" not in text


def test_parallel_reviews_one_after_the_other() -> None:
    app = app_of(human_approval("draft", name="a"), human_approval("other", name="b"))
    values, person, text = driven(app, START_INPUT, Approve(), Approve())
    assert {request.subject_key for request in person.asked} == {"draft", "other"}
    assert text.count("reviews that wait: 2") == 1
    assert [record["outcome"] for record in values["reviews"]] == ["approved", "approved"]


def test_a_revision_is_shown_with_its_diff() -> None:
    def shorter(state: State) -> dict[str, Any]:
        return {"draft": state["draft"][:2]}

    app = app_of(human_approval("draft", revise=shorter))
    values, _, text = driven(app, START_INPUT, Revise("shorter"), Approve())
    assert values["draft"] == "He"
    assert "│ -Hello\n│ +He" in text


def test_decisions_that_do_not_fit_are_asked_again() -> None:
    class Amount(BaseModel):
        amount: int

    app = app_of(human_approval("draft", edit_schema=Amount))
    given = START_INPUT | {"draft": {"amount": 1}}
    values, person, _ = driven(
        app, given, Revise("x"), Edit({"amount": "2"}), Edit(float("nan")), Edit({"amount": 2})
    )
    assert values["draft"] == {"amount": 2}
    assert [refusal.split(";")[0].split(":")[0] for refusal in person.refusals] == [
        "revise is not allowed here",
        "the value does not fit",
        "decision.value",
    ]


def test_a_refusal_is_not_carried_to_the_next_question() -> None:
    app = app_of(human_approval("draft", name="a"), human_approval("other", name="b"))
    _, person, _ = driven(app, START_INPUT, Revise("x"), Approve(), Approve())
    assert len(person.refusals) == 1


def test_other_validation_errors_are_the_graphs_own() -> None:
    class Strict(BaseModel):
        number: int

    def after() -> dict[str, Any]:
        Strict.model_validate({"number": "x"})
        return {}

    with pytest.raises(ValueError, match="number"):
        driven(app_of(human_approval("draft"), after=after), START_INPUT, Approve())


def test_somebody_else_was_faster() -> None:
    app = app_of(human_approval("draft"))

    class Slow(Answers):
        def decide(self, request: Any, refused: str | None = None) -> Decision | None:
            app.invoke(resume(request, Reject("first"), by="other"), CONFIG)
            return super().decide(request, refused)

    on = screen()
    values = drive(app, START_INPUT, CONFIG, person=Slow([Approve()]), screen=on)
    assert values["review"]["decided_by"] == "other"
    assert "Somebody else has answered" in text_of(on)


def test_foreign_interrupts_are_named_and_left() -> None:
    builder = StateGraph(State)

    def ask(state: State) -> dict[str, Any]:
        return {"log": str(interrupt("How \x1b many?"))}

    builder.add_node("ask", ask)
    builder.add_edge(START, "ask")
    app = builder.compile(checkpointer=InMemorySaver())
    values, person, text = driven(app, START_INPUT)
    assert person.asked == []
    assert values["log"] == ""
    assert "How" in text
    assert "not a review of langgraph-hitl" in text
    assert "the new input is not used" in driven(app, START_INPUT)[2]


def test_an_old_checkpoint_is_refused() -> None:
    app = app_of(human_approval("draft"))
    driven(app, START_INPUT, None)
    old = app.get_state(CONFIG).config
    with pytest.raises(ReviewError, match="checkpoint_id"):
        drive(app, None, old, person=Answers([Approve()]), screen=screen())


@pytest.mark.parametrize(
    ("gate", "ways", "typed", "outcome", "answer"),
    [
        (human_approval("draft"), {}, "\na\n", "approved", None),
        (human_approval("draft"), {}, "e\nHi\n.\n", "edited", None),
        (human_approval("draft"), {}, "r: no\n", "rejected", None),
        (
            rated_feedback("draft"),
            {"approved": "done", "improve": "done", "regenerate": "done"},
            "3\n.\n",
            "regenerate",
            None,
        ),
        (ask_human("Who?"), {"answered": "done"}, "s: me\n", "answered", "me"),
        (ask_human("How many?", answer=int), {"answered": "done"}, "s: x\ns: 3\n", "answered", 3),
        (
            ask_human("Which?", answer=Choice("a", "b", multiple=True)),
            {"chosen": "done"},
            "3\n1,2\n",
            "chosen",
            ["a", "b"],
        ),
    ],
)
def test_every_kind_of_answer_through_a_pipe(
    gate: Gate,
    ways: dict[str, str],
    typed: str,
    outcome: str,
    answer: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    values = run_in_terminal(app_of(gate, **ways), START_INPUT, CONFIG, by="maria")
    assert values["review"]["outcome"] == outcome
    assert values["review"]["answer"] == answer
    assert "What do you say?" in capsys.readouterr().out


def test_the_end_of_the_pipe_pauses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    app = app_of(ask_human("Who?"), answered="done")
    assert run_in_terminal(app, START_INPUT, CONFIG)["log"] == ""
    assert len(pending(app, CONFIG)) == 1
    assert "Paused." in capsys.readouterr().out


def test_an_answer_for_the_subject_is_of_its_kind() -> None:
    app = app_of(human_approval("draft", allowed_decisions=["respond", "approve", "reject"]))
    values, person, _ = driven(app, START_INPUT, Respond(1), Respond("Hi"))
    assert values["draft"] == "Hi"
    assert len(person.refusals) == 1


def test_without_rich_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "rich")
    with pytest.raises(MissingExtra, match=r"langgraph-hitl\[cli\]"):
        run_in_terminal(app_of(human_approval("draft")), START_INPUT, CONFIG)


def test_other_missing_modules_are_not_blamed_on_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hide(monkeypatch, "rich", blaming="elsewhere")
    with pytest.raises(ModuleNotFoundError, match="elsewhere"):
        run_in_terminal(app_of(human_approval("draft")), START_INPUT, CONFIG)


def test_importing_the_package_needs_no_extra() -> None:
    program = (
        "import sys; sys.modules['rich'] = sys.modules['typer'] = None; "
        "import langgraph_hitl; langgraph_hitl.run_in_terminal; print('readline' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
