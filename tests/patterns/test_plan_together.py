"""A plan is made together, and what was approved of it runs, step by step, once."""

from __future__ import annotations

import json
import operator
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send
from pydantic import ValidationError

from langgraph_hitl import (
    Approve,
    Edit,
    Items,
    Reject,
    RejectRest,
    Respond,
    ReviewState,
    Revise,
    Skip,
    apending,
    approved,
    approved_items,
    pending,
    plan_together,
    resume,
)
from langgraph_hitl._subgraph.channels import typed_dict
from langgraph_hitl.errors import (
    GateError,
    InvalidDecision,
    NotApproved,
    ProposalFailed,
    ReviewError,
)
from langgraph_hitl.panels import quorum
from langgraph_hitl.review import AllReviews, Decision, LatestReview
from langgraph_hitl.review.decision import to_json
from tests.drivers import Builder
from tests.patterns import elsewhere
from tests.patterns.rounds import Thread, Told, noting
from tests.paused import new_thread
from tests.scale import scale
from tests.strategies import TEXT

HERE = "tests.patterns.test_plan_together"
TRIP: dict[str, Any] = {
    "steps": [{"do": "book"}, {"do": "pay", "ask": "Which card?"}, {"do": "pack"}],
    "risks": ["rain"],
    "questions": ["When?"],
}


class State(ReviewState, total=False):
    """A trip; `went` is the node behind."""

    goal: str
    plan: list[dict[str, Any]]
    went: str
    trip_results: list[dict[str, Any]]
    trip_history: list[dict[str, Any]]


class Model(Told):
    """Proposes a trip, if nothing else."""

    def __init__(self, *rounds: Any) -> None:
        super().__init__(*(rounds or (TRIP,)))


class Hands:
    """Runs steps, and notes what it ran them with."""

    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []

    def __call__(self, given: dict[str, Any]) -> Any:
        self.given.append(given)
        return f"{given['step']['do']} done"

    @property
    def ran(self) -> list[tuple[str, Any]]:
        return [(one["step"]["do"], one["answer"]) for one in self.given]


def built(propose: Any = None, execute: Any = None, **options: Any) -> Builder:
    builder: Builder = StateGraph(State)
    ways = {"approved": "report", "rejected": "stop"} | options
    model, hands = Model() if propose is None else propose, Hands() if execute is None else execute
    plan_together(builder, "trip", "plan", propose=model, execute=hands, **ways)
    extra = (options.get(way) for way in ("exhausted", "timed_out", "halted"))
    for name in {"report", "stop", *filter(None, extra)}:
        builder.add_node(name, noting(name))
    builder.add_edge(START, "trip")
    return builder


class Planning(Thread):
    """A thread whose steps are run by `hands`."""

    def __init__(self, folder: Path, propose: Any = None, **options: Any) -> None:
        self.hands = Hands()
        super().__init__(folder, lambda: built(propose, **{"execute": self.hands} | options))


@pytest.fixture
def planning(tmp_path: Path) -> Callable[..., Planning]:
    def begin(propose: Any = None, **options: Any) -> Planning:
        thread = Planning(tmp_path, propose, **options)
        thread.send({"goal": "the sea"})
        return thread

    return begin


Begin = Callable[..., Planning]


def statuses(state: dict[str, Any]) -> dict[str, str]:
    return {one["id"]: one["status"] for one in state["trip_results"]}


def test_people_see_steps_risks_and_questions(planning: Begin) -> None:
    request = planning(context=["goal"]).request
    assert [step["do"] for step in request.subject] == ["book", "pay", "pack"]
    assert request.context == {
        "goal": "the sea",
        "risks": ["rain"],
        "questions": [{"id": "q1", "question": "When?"}],
        "answers": {},
        "changes": None,
        "round": 1,
        "rounds_left": 2,
    }
    assert (request.kind, request.action) == ("plan_together", "trip")


def test_answers_and_feedback_lead_to_the_next_plan(planning: Begin) -> None:
    later = {"steps": ["book in May", {"do": "pay", "ask": "Which card?"}], "risks": ["rain"]}
    model = Model(TRIP, later)
    thread = planning(model, reads=["goal"])
    thread.say(Items({"3": Skip("no time")}))
    thread.say(Revise("cheaper", parts={"q1": "In May", "2": "by card"}))
    asked = model.asked[1]
    assert (asked["goal"], asked["round"]) == ("the sea", 2)
    assert asked["answers"] == {"q1": "In May"}
    assert asked["feedback"].splitlines()[:3] == ["cheaper", "q1: In May", "2: by card"]
    assert [step["do"] for step in asked["plan"]["steps"]] == ["book", "pay", "pack"]
    request = thread.request
    assert [step["do"] for step in request.subject] == ["book in May", "pay"]
    assert request.context["answers"] == {"q1": "In May"}
    paths = [change["path"] for change in request.context["changes"]["patch"]]
    assert "/steps/0/do" in paths
    assert thread.hands.given == []


@pytest.mark.parametrize("part", ["q2", "9", "Q1"])
@pytest.mark.parametrize("raw", [True, False])
def test_an_answer_to_no_question_is_refused_and_uses_up_no_round(
    planning: Begin, part: str, raw: bool
) -> None:
    model = Model()
    thread = planning(model)
    thread.say(Items({"3": Skip()}))
    before, decision = thread.request, Revise("cheaper", parts={"q1": "In May", part: "never"})
    answer: Any = {before.interrupt_id: to_json(decision)}
    refusal = ValidationError if raw else InvalidDecision
    with pytest.raises(refusal, match=f"there is no '{part}', only q1, 1, 2, 3"):
        thread.send(Command(resume=answer) if raw else resume(before, decision))
    assert (thread.request, len(model.asked)) == (before, 1)
    thread.say(Revise("cheaper", parts={"q1": "In May", "2": "by card", "3": "no need"}))
    assert thread.request.context["round"] == 2


def test_questions_are_those_of_the_plan_that_is_shown(planning: Begin) -> None:
    thread = planning(Model(TRIP, ["stay"]))
    assert thread.request.questions == {"q1": "When?"}
    thread.say(Revise("cheaper", parts={"q1": "In May"}))
    assert thread.request.questions == {}
    with pytest.raises(InvalidDecision, match="there is no 'q1', only 1"):
        thread.say(Revise("cheaper", parts={"q1": "In May"}))


def test_a_list_of_ones_own_has_parts_too(planning: Begin) -> None:
    thread = planning()
    thread.say(Edit([{"id": "mine", "do": "swim"}]))
    with pytest.raises(InvalidDecision, match="there is no '1', only q1, mine"):
        thread.say(Revise("cheaper", parts={"1": "by train"}))
    thread.say(Revise("cheaper", parts={"mine": "in a lake"}))


def test_after_the_approval_each_step_runs_with_what_people_answered(planning: Begin) -> None:
    thread = planning()
    thread.say(Approve())
    question = thread.request
    assert (question.kind, question.subject) == ("ask_human", "Which card?")
    assert question.context["step"]["do"] == "pay"
    assert thread.hands.ran == [("book", None)]
    state = thread.say(Respond("the blue one"))
    assert thread.hands.ran == [("book", None), ("pay", "the blue one"), ("pack", None)]
    assert state["went"] == "report"
    assert state["trip_results"] == [
        {"id": "1", "do": "book", "status": "done", "by": "maria", "result": "book done"},
        {
            "id": "2",
            "do": "pay",
            "status": "done",
            "by": "maria",
            "result": "pay done",
            "answer": "the blue one",
        },
        {"id": "3", "do": "pack", "status": "done", "by": "maria", "result": "pack done"},
    ]
    assert thread.hands.given[2]["results"][1]["answer"] == "the blue one"
    keys = [one["idempotency_key"] for one in thread.hands.given]
    assert keys == [one["idempotency_key"] for one in approved_items(state, "plan")]
    assert len({*keys}) == 3


def test_steps_are_edited_skipped_rejected_and_added(planning: Begin) -> None:
    thread = planning(Model({"steps": ["book", "pay", "pack", "go"]}))
    thread.say(Items({"1": Edit({"id": "1", "do": "book early"}), "2": Skip(), "3": Reject("no")}))
    assert [step["do"] for step in thread.request.subject] == ["go"]
    mine = [*thread.request.subject, {"id": "mine", "do": "take pictures"}]
    thread.say(Edit(mine, "one more"))
    assert thread.request.subject == mine
    assert thread.request.history[-1]["diff"]["patch"][0]["op"] == "add"
    state = thread.say(Approve())
    assert [do for do, _ in thread.hands.ran] == ["book early", "go", "take pictures"]
    assert statuses(state) == {
        "1": "done",
        "2": "skipped",
        "3": "rejected",
        "4": "done",
        "mine": "done",
    }
    assert approved(state, "plan") == [{"id": "1", "do": "book early"}, *mine]


def test_the_history_has_every_plan_and_what_was_said(planning: Begin) -> None:
    thread = planning(Model(TRIP, {"steps": ["stay"]}))
    thread.say(Revise("cheaper", parts={"q1": "never"}), by="jo")
    history = thread.say(Approve())["trip_history"]
    assert [(one["event"], one.get("round"), one.get("by")) for one in history] == [
        ("proposed", 1, None),
        ("decided", 1, "jo"),
        ("proposed", 2, None),
        ("decided", 2, "maria"),
        ("executed", None, None),
    ]
    assert history[0]["plan"]["risks"] == ["rain"]
    assert (history[1]["answers"], history[1]["outcome"]) == ({"q1": "never"}, "needs_revision")
    assert [one["type"] for one in history[3]["steps"]] == ["approve"]
    assert history[2]["changes"]["kind"] == "json"


@pytest.mark.parametrize(("options", "went"), [({}, "stop"), ({"exhausted": "expert"}, "expert")])
def test_rounds_are_bounded_and_their_end_runs_nothing(
    planning: Begin, options: dict[str, str], went: str
) -> None:
    model = Model()
    thread = planning(model, max_rounds=2, **options)
    thread.say(Revise("more"))
    assert thread.request.context["rounds_left"] == 0
    state = thread.say(Revise("still more"))
    assert (state["went"], len(model.asked), thread.hands.given) == (went, 2, [])
    assert state["plan"] == []
    with pytest.raises(NotApproved):
        approved(state, "plan")


@pytest.mark.parametrize("refusal", [Reject("no"), Items({"1": RejectRest("no")})])
def test_a_refused_plan_runs_nothing(planning: Begin, refusal: Decision) -> None:
    thread = planning()
    state = thread.say(refusal)
    assert (state["went"], thread.hands.given, state["plan"]) == ("stop", [], [])


def test_what_was_approved_of_an_earlier_plan_does_not_run(planning: Begin) -> None:
    thread = planning(Model({"steps": ["book", "pay"]}, {"steps": ["book", "walk"]}))
    thread.say(Items({"1": Approve()}))
    thread.say(Revise("on foot"))
    state = thread.say(Items({"1": Reject(), "2": Approve()}))
    assert thread.hands.ran == [("walk", None)]
    assert statuses(state) == {"1": "rejected", "2": "done"}


@pytest.mark.parametrize(
    ("options", "went"), [({}, "stop"), ({"halted": "ask the boss"}, "ask the boss")]
)
def test_a_question_that_is_not_answered_halts_the_plan(
    planning: Begin, options: dict[str, str], went: str
) -> None:
    thread = planning(**options)
    thread.say(Approve())
    state = thread.say(Reject("no card"))
    assert (state["went"], thread.hands.ran) == (went, [("book", None)])
    assert statuses(state) == {"1": "done", "2": "not run", "3": "not run"}
    assert state["trip_history"][-1] == {"event": "executed", "outcome": "halted", "step": "2"}


def test_a_question_before_the_first_step(planning: Begin) -> None:
    thread = planning(Model([{"do": "pay", "ask": "Which card?"}]))
    thread.say(Approve())
    assert thread.hands.given == []
    thread.say(Respond("mine"))
    assert thread.hands.ran == [("pay", "mine")]


@pytest.mark.parametrize(
    ("garbage", "problem"),
    [
        ("a plan", "'trip': propose= returned 'a plan' instead of a plan"),
        ({"steps": []}, "the steps cannot be decided"),
        ({"steps": [{"id": "a", "do": "x"}, {"id": "a", "do": "y"}]}, "two items have the id 'a'"),
    ],
)
def test_garbage_of_the_model_is_an_error_and_the_thread_goes_on(
    tmp_path: Path, garbage: Any, problem: str
) -> None:
    model = Model(garbage)
    thread = Planning(tmp_path, model)
    with pytest.raises(ProposalFailed, match=problem):
        thread.send({})
    assert thread.requests == []
    model.rounds = (TRIP,)
    thread.send(None)
    assert len(thread.request.subject) == 3


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"type": "items", "items": {"9": {"type": "approve"}}}, "there is no item '9'"),
        ({"type": "items", "items": {"1": {"type": "edit", "value": {"id": "1"}}}}, "does not fit"),
        ({"type": "edit", "value": []}, "one at least"),
        ({"type": "edit", "value": [{"id": "1", "do": "a"}] * 2}, "two items have the id '1'"),
        ({"type": "edit", "value": [{"id": "1", "do": 5}]}, "does not fit"),
        ({"type": "edit", "value": [{"id": "1", "do": " "}]}, "does not fit"),
        ({"type": "edit", "value": [{"id": "1", "do": "a", "ask": "\x1f"}]}, "does not fit"),
        ({"type": "edit", "value": [{"do": "a"}]}, "0: a step of your own has an 'id'"),
        ({"type": "edit", "value": [{"id": "1", "titel": "a"}]}, "in 'do', .* 'id', 'titel'"),
        ({"type": "edit", "value": [{"id": "1", "do": "a", "Ask": "?"}]}, "did you mean 'ask'"),
        ({"type": "edit", "value": {"steps": []}}, "does not fit"),
        ({"type": "revise", "feedback": " "}, "not blank"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_runs(
    planning: Begin, answer: Any, problem: str
) -> None:
    thread = planning()
    with pytest.raises(ValueError, match=problem):
        thread.send(Command(resume={thread.request.interrupt_id: answer}))
    assert len(thread.request.subject) == 3
    assert thread.hands.given == []


@settings(max_examples=scale(100))
@given(st.sampled_from(["\x1c", "\x1f", "\x85", "\ufeff", "\x1f?"]) | TEXT)
def test_the_question_that_is_taken_can_be_put(text: str) -> None:
    hands, config = Hands(), new_thread()
    app = built(Model(["book"]), hands).compile(checkpointer=InMemorySaver())
    app.invoke({}, config)
    step = {"id": "1", "do": "book", "ask": text}
    try:
        app.invoke(resume(pending(app, config)[0], Items({"1": Edit(step)})), config)
    except ValueError:
        assert len(pending(app, config)) == 1
        return
    (question,) = pending(app, config)
    assert question.subject == text
    app.invoke(resume(question, Respond("yes")), config)
    assert hands.ran == [("book", "yes")]


def test_a_list_of_ones_own_brings_nothing_back_that_is_decided(planning: Begin) -> None:
    thread = planning()
    thread.say(Items({"1": Reject()}))
    with pytest.raises(ValueError, match="'1' is that of an item which is decided"):
        thread.say(Edit([{"id": "1", "do": "book"}]))


def test_a_list_of_ones_own_takes_as_many_people_as_the_plan(planning: Begin) -> None:
    thread = planning(Model(["book", "pay"]), reviewers=quorum(2, of=3))
    mine = Edit([{"id": "1", "do": "walk"}])
    thread.say(Items({"1": Approve()}), by="ann")
    thread.say(mine, by="bob")
    thread.say(mine, by="cas")
    assert thread.request.subject == mine.value
    for who in ("ann", "bob"):
        thread.say(Approve(), by=who)
    assert thread.hands.ran == [("walk", None)]


def test_a_step_that_fails_runs_again_and_those_before_it_do_not(planning: Begin) -> None:
    ran: list[str] = []

    def execute(given: dict[str, Any]) -> None:
        ran.append(given["step"]["do"])
        if ran.count("pay") == 1 and given["step"]["do"] == "pay":
            raise TimeoutError("the bank does not answer")

    thread = planning(Model(["book", "pay", "go"]), execute=execute)
    with pytest.raises(TimeoutError):
        thread.say(Approve())
    state = thread.send(None)
    assert ran == ["book", "pay", "pay", "go"]
    assert statuses(state) == {"1": "done", "2": "done", "3": "done"}


def test_a_result_that_is_not_json_is_an_error_and_its_step_has_run_once(planning: Begin) -> None:
    ran: list[str] = []

    def execute(given: dict[str, Any]) -> Any:
        ran.append(given["step"]["do"])
        return object()

    thread = planning(Model(["book", "pay"]), execute=execute)
    problem = "'trip': the step '1' \\('book'\\) ran, once, and its result cannot be kept: object"
    with pytest.raises(ReviewError, match=problem):
        thread.say(Approve())
    with pytest.raises(ReviewError, match=problem):
        thread.send(None)
    assert ran == ["book"]
    written = {
        "trip_results": [{"id": "1", "do": "book", "status": "done", "result": "R-1"}],
        "trip_history": [{"event": "executed", "outcome": "approved"}],
    }
    thread.run(lambda app: app.update_state(thread.config, written, as_node="trip"))
    assert thread.send(None)["went"] == "report"
    assert ran == ["book"]


def test_a_result_may_be_a_message(planning: Begin) -> None:
    thread = planning(Model(["book"]), execute=lambda given: AIMessage("done", id="m-1"))
    state = thread.say(Approve())
    assert "done" in str(state["trip_results"][0]["result"])


@settings(max_examples=scale(300))
@given(st.data(), st.integers(1, 5))
def test_each_approved_step_runs_once_and_no_other(data: st.DataObject, count: int) -> None:
    hands = Hands()
    steps = [{"id": str(n), "do": f"step {n}"} for n in range(count)]
    app = built(Model(steps), hands).compile(checkpointer=InMemorySaver())
    config = new_thread()
    app.invoke({}, config)
    good: list[str] = []
    while waiting := pending(app, config):
        left = [step["id"] for step in waiting[0].subject]
        chosen = data.draw(st.lists(st.sampled_from(left), unique=True, min_size=1))
        verdicts: dict[str, Any] = {
            item: data.draw(st.sampled_from([Approve(), Skip(), Reject()])) for item in chosen
        }
        good += [item for item, one in verdicts.items() if one == Approve()]
        app.invoke(resume(waiting[0], Items(verdicts)), config)
    assert [one["step"]["id"] for one in hands.given] == sorted(good)


def noting_plan(path: str, die: str = "") -> Builder:
    """Steps that write a line each; the process ends right before one of them, or right after."""

    def execute(given: dict[str, Any]) -> str:
        name = str(given["step"]["do"])
        if die == f"before {name}" and not Path(path + ".died").exists():
            _die(path)
        with Path(path).open("a") as out:
            out.write(json.dumps([name, given["idempotency_key"]]) + "\n")
        if die == f"after {name}" and not Path(path + ".died").exists():
            _die(path)
        return name

    return built(Model(["book", "pay", "pack"]), execute)


def _die(path: str) -> None:
    Path(path + ".died").touch()
    os._exit(elsewhere.DEAD)


class Mortal:
    """A thread whose plan waits to be approved, and whose processes may die."""

    def __init__(self, folder: Path, die: str = "") -> None:
        self.place, self.out = folder / "threads.db", folder / "ran"
        self.options = {"path": str(self.out), "die": die}
        assert self.call({}) is not None

    def call(self, send: Any, at_write: int = 0) -> dict[str, Any] | None:
        build = f"{HERE}:noting_plan"
        return elsewhere.call_and_die(build, self.place, send, at_write=at_write, **self.options)

    def approve(self, at_write: int = 0) -> dict[str, Any] | None:
        """Approve the plan; go on where that has been taken."""
        config: Any = {"configurable": {"thread_id": "one"}}
        with SqliteSaver.from_conn_string(str(self.place)) as saver:
            waiting = pending(built().compile(checkpointer=saver), config)
        return self.call(resume(waiting[0], Approve()) if waiting else None, at_write)

    @property
    def lines(self) -> list[list[str]]:
        """The steps that ran, each with its idempotency key."""
        return [json.loads(line) for line in self.out.read_text().splitlines()]


@pytest.mark.parametrize(
    ("die", "ran"),
    [("before pay", ["book", "pay", "pack"]), ("after pay", ["book", "pay", "pay", "pack"])],
)
def test_a_process_that_dies_repeats_at_most_the_step_that_it_was_in(
    tmp_path: Path, die: str, ran: list[str]
) -> None:
    thread = Mortal(tmp_path, die)
    assert thread.approve() is None
    done = thread.approve()
    assert done is not None
    assert done["values"]["went"] == "report"
    assert [name for name, _ in thread.lines] == ran
    assert len({key for _, key in thread.lines}) == 3


WRITES = range(1, 19) if scale(2) == 2 else (4, 11)
"""Of what the saver writes while an approved plan runs."""


@pytest.mark.parametrize("number", WRITES)
def test_a_process_that_dies_at_any_write_repeats_at_most_one_step(
    tmp_path: Path, number: int
) -> None:
    thread = Mortal(tmp_path)
    assert thread.approve(number) is None
    done = thread.approve()
    assert done is not None
    assert done["values"]["went"] == "report"
    names = [name for name, _ in thread.lines]
    assert [*dict.fromkeys(names)] == ["book", "pay", "pack"]
    assert len(names) <= 4
    assert len({key for _, key in thread.lines}) == 3


def test_every_call_in_a_process_of_its_own(tmp_path: Path) -> None:
    place, build = tmp_path / "threads.db", f"{HERE}:built"
    config: Any = {"configurable": {"thread_id": "one"}}

    def answer(decision: Decision) -> Any:
        with SqliteSaver.from_conn_string(str(place)) as saver:
            (request,) = pending(built().compile(checkpointer=saver), config)
        return elsewhere.call(build, place, resume(request, decision, by="maria"))

    asked = elsewhere.call(build, place, {"goal": "the sea"})
    assert asked["gates"] == ["trip"]
    assert answer(Items({"1": Skip(), "2": Approve(), "3": Reject()}))["subjects"] == [
        "Which card?"
    ]
    done = answer(Respond("the blue one"))["values"]
    assert done["went"] == "report"
    assert statuses(done) == {"1": "skipped", "2": "done", "3": "rejected"}


async def test_asynchronous_models_and_hands(tmp_path: Path) -> None:
    async def propose(given: dict[str, Any]) -> Any:
        return ["book", "pay"]

    async def execute(given: dict[str, Any]) -> str:
        return str(given["step"]["do"])

    config = new_thread()
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver:
        app = built(propose, execute).compile(checkpointer=saver)
        await app.ainvoke({}, config)
        (request,) = await apending(app, config)
        values = await app.ainvoke(resume(request, Approve()), config)
    assert [one["result"] for one in values["trip_results"]] == ["book", "pay"]


def test_under_send_it_is_an_error_before_anybody_is_asked() -> None:
    model, builder = Model(), StateGraph(State)
    plan_together(
        builder, "trip", "plan", propose=model, execute=Hands(), approved=END, rejected=END
    )
    builder.add_conditional_edges(START, lambda _: [Send("trip", {})] * 2, ["trip"])
    app, config = builder.compile(checkpointer=InMemorySaver()), new_thread()
    with pytest.raises(GateError, match="it cannot where Send runs it: put 'trip' into a graph"):
        app.invoke({"goal": "the sea"}, config)
    assert (model.asked, pending(app, config)) == ([], [])


def test_a_long_plan(planning: Begin) -> None:
    thread = planning(Model([f"step {n}" for n in range(60)]))
    thread.say(Approve())
    assert len(thread.hands.given) == 60


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"propose": 5}, "propose= must be a function"),
        ({"execute": 5}, "execute= must be a function"),
        ({"max_rounds": 0}, "max_rounds"),
        ({"reads": ["sum"]}, "reads the state key 'sum'"),
        ({"reads": ["results"]}, "reads: 'results'"),
        ({"reads": ["answers"]}, "reads: 'answers'"),
        ({"reads": ["hitl_step"]}, "reads the state key 'hitl_step'"),
        ({"context": ["risks"]}, "context: 'risks'"),
        ({"timed_out": "later"}, "timed_out= has no effect"),
        ({"timeout": "1h"}, "timeout has no effect without inbox="),
    ],
)
def test_options_that_do_not_fit_are_errors_when_it_is_built(
    options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(GateError, match=problem):
        built(**options)


@pytest.mark.parametrize("key", ["trip_results", "trip_history", "hitl_turn", "hitl_step"])
def test_the_key_is_none_that_the_node_writes_itself(key: str) -> None:
    schema = typed_dict("State", {key: list[Any], "review": LatestReview, "reviews": AllReviews})
    builder: Builder = StateGraph(schema)
    with pytest.raises(GateError, match=f"'trip': {key!r} is a key that it writes itself"):
        plan_together(
            builder, "trip", key, propose=Model(), execute=Hands(), approved="a", rejected="b"
        )


@pytest.mark.parametrize("key", ["trip_results", "trip_history"])
def test_what_the_node_writes_is_not_added_up(key: str) -> None:
    added: Any = Annotated[list[Any], operator.add]
    schema = typed_dict(
        "State", {"plan": list[Any], key: added, "review": LatestReview, "reviews": AllReviews}
    )
    builder: Builder = StateGraph(schema)
    with pytest.raises(GateError, match=f"{key!r} has a reducer"):
        plan_together(
            builder, "trip", "plan", propose=Model(), execute=Hands(), approved="a", rejected="b"
        )


def test_it_draws_as_one_node_and_inside_with_its_rounds() -> None:
    app = built(halted="ask the boss").compile()
    drawn = {(edge.source, edge.target): edge.data for edge in app.get_graph().edges}
    assert drawn["trip", "report"] == "approved"
    assert drawn["trip", "stop"] == "rejected, needs_revision, timed_out"
    assert drawn["trip", "ask the boss"] == "halted"
    inside = {(e.source, e.target) for e in app.get_graph(xray=1).edges}
    assert {
        ("trip:trip_propose", "trip:trip_plan"),
        ("trip:trip_plan", "trip:trip_note"),
        ("trip:trip_note", "trip:trip_propose"),
        ("trip:trip_note", "trip:trip_step"),
        ("trip:trip_note", "trip:trip_question"),
        ("trip:trip_question", "trip:trip_answer"),
        ("trip:trip_answer", "trip:trip_step"),
        ("trip:trip_step", "trip:trip_step"),
        ("trip:trip_step", "trip:trip_question"),
        ("trip:trip_step", "trip:__end__"),
    } <= inside
