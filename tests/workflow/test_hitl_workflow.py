"""Every way through the complete workflow, and nothing released that nobody approved."""

from __future__ import annotations

import asyncio
import json
import logging
import operator
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import pytest
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command
from pydantic import BaseModel

from langgraph_hitl import (
    Approve,
    Edit,
    Inbox,
    Reject,
    Respond,
    Reviewer,
    ReviewState,
    Revise,
    apending,
    approved,
    committee,
    feedback,
    hitl_workflow,
    human_approval,
    pending,
    resume,
)
from langgraph_hitl.errors import Drifted, GateError, NotApproved
from langgraph_hitl.panels import majority
from langgraph_hitl.review import AllReviews, Decision, LatestReview
from langgraph_hitl.triggers import complexity_above, flagged, never
from tests.drivers import Builder, Driver, Thread
from tests.paused import new_thread
from tests.savers import Row

SALT = "0123456789abcdef"


class State(ReviewState, total=False):
    """`ran` collects what the user's own nodes did, in order."""

    case: str
    complexity: float
    score: float
    flag: bool
    answer: str
    ran: Annotated[list[str], operator.add]


def process(state: State) -> dict[str, Any]:
    return {"answer": "Yes.", "ran": ["process"]}


def revise(state: State) -> dict[str, Any]:
    return {"answer": f"Yes, {feedback(state)}.", "ran": ["revise"]}


def release(state: State) -> dict[str, Any]:
    return {"ran": [f"release {approved(state, 'answer')}"]}


def learn(state: State) -> dict[str, Any]:
    review = state["review"]
    assert review is not None
    return {"ran": [f"learn {review['gate']} {review['outcome']}"]}


def keep(state: State) -> dict[str, Any]:
    return {"ran": [f"keep {feedback(state)}"]}


OPTIONS: dict[str, Any] = {
    "complexity": complexity_above(0.7),
    "confidence": {"confidence": "score"},
    "qa": {"rate": 0.0, "item_id": "case", "salt": SALT, "when": flagged("flag", optional=True)},
    "process": process,
    "revise": revise,
    "release": release,
    "learn": learn,
    "feedback": keep,
}


def workflow(schema: type[Any] = State, **options: Any) -> Builder:
    builder: Builder = hitl_workflow(schema, "answer", **(OPTIONS | options))
    return builder


COMPLEX = {"case": "c-1", "complexity": 0.9}
UNSURE = {"case": "c-1", "complexity": 0.1, "score": 0.5}
SURE = {"case": "c-1", "complexity": 0.1, "score": 0.9}
DRAWN = {**SURE, "flag": True}

ROWS = {
    "level-0": Row("sqlite", asynchronous=False, durability="sync"),
    "async": Row("aiosqlite", asynchronous=True, durability="sync"),
    "inbox": Row("sqlite", asynchronous=False, durability="sync", inbox=True),
}


@pytest.fixture(params=ROWS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driver]:
    """A saver on disk; every call has a new graph on a new connection."""
    with Driver(ROWS[request.param], str(tmp_path / "threads.sqlite")) as driver:
        yield driver


def started(place: Driver, given: dict[str, Any], build: Callable[[], Builder]) -> Thread:
    thread = place.thread(build)
    thread.send(given)
    return thread


def way(thread: Thread) -> list[str]:
    """The gates of a case and what they came to, in order."""
    return [f"{each['gate']} {each['outcome']}" for each in thread.values["reviews"]]


# The ways

WAYS: dict[str, tuple[dict[str, Any], list[Decision], list[str], list[str]]] = {
    "a complex case goes to an expert, then decision": (
        COMPLEX,
        [Respond("No."), Approve()],
        ["expert answered", "decision approved"],
        ["release No."],
    ),
    "what the expert says may be refused": (
        COMPLEX,
        [Respond("No."), Reject()],
        ["expert answered", "decision rejected"],
        ["learn decision rejected"],
    ),
    "a low confidence goes to review, then decision": (
        UNSURE,
        [Respond("No."), Approve()],
        ["review answered", "decision approved"],
        ["process", "release No."],
    ),
    "what the reviewer made of it may be changed": (
        UNSURE,
        [Edit("Perhaps."), Edit("Hardly.")],
        ["review edited", "decision edited"],
        ["process", "release Hardly."],
    ),
    "a review may refuse": (
        UNSURE,
        [Reject("nobody knows")],
        ["review rejected"],
        ["process", "learn review rejected"],
    ),
    "what was decided after a review may be refused": (
        UNSURE,
        [Approve(), Reject()],
        ["review approved", "decision rejected"],
        ["process", "learn decision rejected"],
    ),
    "a high confidence that is not drawn goes to approval": (
        SURE,
        [Approve()],
        ["confidence_check auto_approved", "qa_sample auto_approved", "approval approved"],
        ["process", "release Yes."],
    ),
    "what is drawn goes to QA by a person": (
        DRAWN,
        [Approve(), Approve()],
        ["confidence_check auto_approved", "human_qa approved", "approval approved"],
        ["process", "release Yes."],
    ),
    "failed QA goes to feedback, revision, and QA again": (
        DRAWN,
        [Revise("why"), Approve(), Approve()],
        [
            "confidence_check auto_approved",
            "human_qa needs_revision",
            "human_qa approved",
            "approval approved",
        ],
        ["process", "keep why", "revise", "release Yes, why."],
    ),
    "QA may refuse": (
        DRAWN,
        [Revise("why"), Reject()],
        [
            "confidence_check auto_approved",
            "human_qa needs_revision",
            "human_qa rejected",
        ],
        ["process", "keep why", "revise", "learn human_qa rejected"],
    ),
    "approval may refuse": (
        SURE,
        [Reject()],
        ["confidence_check auto_approved", "qa_sample auto_approved", "approval rejected"],
        ["process", "learn approval rejected"],
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_every_way(name: str, place: Driver) -> None:
    given, decisions, gates, ran = WAYS[name]
    thread = started(place, given, workflow)
    thread.decide(*decisions)
    assert thread.over
    assert way(thread) == gates
    assert thread.ran == ran


def test_a_person_reads_why_it_came_to_them(place: Driver) -> None:
    for given, sentence in (
        (COMPLEX, "The complexity 0.9 is above 0.7."),
        (UNSURE, "The confidence 0.5 is below 0.8."),
        ({"case": "c-1", "complexity": 0.1}, "The confidence is missing."),
        ({"case": "c-1"}, "The complexity is missing."),
    ):
        found = started(place, given, workflow).request.finding["sentence"]
        assert found.startswith(sentence)
    drawn = started(place, DRAWN, workflow).request
    assert "Flagged as flag." in drawn.finding["sentence"]
    details = drawn.finding["parts"][0]["details"]
    assert (details["item_id"], details["rate"]) == ("c-1", 0.0)


def test_what_need_not_be_asked_is_said_in_so_many_words(place: Driver) -> None:
    passing: dict[str, Any] = {"decision": {"when": never()}, "approval": {"when": never()}}
    thread = started(place, SURE, lambda: workflow(**passing))
    assert thread.over
    assert thread.ran == ["process", "release Yes."]
    asked = started(place, UNSURE, lambda: workflow(**passing))
    asked.decide(Edit("No."))
    assert asked.ran == ["process", "release No."]


def test_a_value_that_failed_qa_does_not_pass_by_itself(place: Driver) -> None:
    """The reviser gives back what failed, and nobody looks at it again."""
    stubborn: dict[str, Any] = {
        "revise": lambda state: {"answer": "Yes.", "flag": False},
        "approval": {"when": never()},
    }
    thread = started(place, DRAWN, lambda: workflow(**stubborn))
    with pytest.raises(NotApproved, match="needs_revision"):
        thread.decide(Revise("why"))
    assert thread.ran == ["process", "keep why"]


# Elsewhere, later

PROCESS = """
import json, sys
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph_hitl import pending, resume
from langgraph_hitl.review.decision import parse
from tests.workflow.test_hitl_workflow import workflow

with SqliteSaver.from_conn_string(sys.argv[1]) as saver:
    app = workflow().compile(checkpointer=saver)
    config = {"configurable": {"thread_id": "t-1"}}
    (request,) = pending(app, config)
    app.invoke(resume(request, parse(json.loads(sys.argv[2]))), config)
    values = app.get_state(config).values
    print(json.dumps([request.kind, values["ran"]]))
"""


def test_each_answer_in_a_process_of_its_own(tmp_path: Path) -> None:
    place = str(tmp_path / "threads.sqlite")
    with SqliteSaver.from_conn_string(place) as saver:
        app = workflow().compile(checkpointer=saver)
        app.invoke(DRAWN, {"configurable": {"thread_id": "t-1"}})
    told = []
    for decision in ({"type": "revise", "feedback": "why"}, {"type": "approve"}, {"type": "edit"}):
        answer = json.dumps(decision | ({"value": "No."} if decision["type"] == "edit" else {}))
        run = subprocess.run(
            [sys.executable, "-c", PROCESS, place, answer],
            capture_output=True,
            text=True,
            check=True,
        )
        told.append(json.loads(run.stdout))
    assert told == [
        ["qa_sample", ["process", "keep why", "revise"]],
        ["qa_sample", ["process", "keep why", "revise"]],
        ["human_approval", ["process", "keep why", "revise", "release No."]],
    ]


def test_inside_a_graph_of_ones_own(place: Driver) -> None:
    def build() -> Builder:
        builder: Builder = StateGraph(State)
        builder.add_node("workflow", workflow().compile())
        builder.add_edge(START, "workflow")
        return builder

    thread = started(place, DRAWN, build)
    thread.decide(Revise("why"), Approve(), Approve())
    assert thread.ran == ["process", "keep why", "revise", "release Yes, why."]


def test_functions_of_a_gate_are_called_once_for_each_question() -> None:
    called: list[str] = []

    def context(state: State) -> dict[str, Any]:
        called.append("context")
        return {"case": state["case"]}

    def sure(state: State) -> float:
        called.append("confidence")
        return state["score"]

    builder = workflow(confidence={"confidence": sure, "context": context})
    app = builder.compile(checkpointer=InMemorySaver())
    app.invoke(UNSURE, new_thread())
    assert called == ["confidence", "context"]
    app.invoke(SURE, new_thread())
    assert called == ["confidence", "context", "confidence"]


# With an inbox


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize(
    ("given", "before", "gate"),
    [
        (COMPLEX, [], "expert"),
        (COMPLEX, [Respond("No.")], "decision"),
        (UNSURE, [], "review"),
        (DRAWN, [], "human_qa"),
        (SURE, [], "approval"),
    ],
)
@pytest.mark.parametrize("end", ["timed_out", "cancelled"])
def test_what_nobody_decides_is_not_released(
    tmp_path: Path, given: dict[str, Any], before: list[Decision], gate: str, end: str
) -> None:
    clock = Clock()
    url = f"sqlite:///{tmp_path / 'inbox.db'}"
    in_time = {"timeout": "1h"}
    ada = Reviewer("ada", roles=("experts",))
    with (
        Inbox.open(url, clock=clock) as inbox,
        SqliteSaver.from_conn_string(str(tmp_path / "threads.sqlite")) as saver,
    ):
        builder = workflow(
            inbox=inbox,
            expert={**in_time, "reviewers": "experts"},
            confidence=OPTIONS["confidence"] | in_time,
            qa=OPTIONS["qa"] | in_time,
            decision=in_time,
            approval=in_time,
        )
        app = inbox.register(builder.compile(checkpointer=saver), name="workflow")
        config = new_thread()
        app.invoke(given, config)
        for decision in before:
            (review,) = inbox.pending()
            inbox.decide(review, decision, by=ada)
        (review,) = inbox.pending()
        if end == "timed_out":
            clock.now += timedelta(hours=2)
            inbox.work()
        else:
            inbox.cancel(review.id, by=ada, reason="no longer needed")
            inbox.work()
        values = app.get_state(config).values
        assert values["ran"][-1] == f"learn {gate} {end}"
        assert not [line for line in values["ran"] if line.startswith("release")]
        assert inbox.verify()


def test_checks_that_pass_are_audited(tmp_path: Path) -> None:
    with Inbox.open("sqlite:///:memory:") as inbox:
        builder = workflow(inbox=inbox)
        app = inbox.register(builder.compile(checkpointer=InMemorySaver()), name="workflow")
        app.invoke(SURE, new_thread())
        (review,) = inbox.pending()
        assert inbox.decide(review, Approve(), by="ada").status == "applied"
        assert dict(inbox.report().outcomes) == {"auto_approved": 2, "approved": 1}
        assert inbox.verify()
        assert inbox.doctor().findings == ()


# The drawing

EDGES = {
    (START, None, "complexity_check"),
    ("complexity_check", "complex", "expert"),
    ("expert", "answered", "decision"),
    ("complexity_check", "simple", "process"),
    ("process", None, "confidence_check"),
    ("confidence_check", "low", "review"),
    ("review", "approved", "decision"),
    ("review", "rejected", "log_and_learn"),
    ("confidence_check", "high", "qa_sample"),
    ("qa_sample", "drawn", "human_qa"),
    ("qa_sample", "not drawn", "approval"),
    ("human_qa", "approved", "approval"),
    ("human_qa", "needs_revision", "feedback"),
    ("human_qa", "rejected", "log_and_learn"),
    ("feedback", None, "revision"),
    ("revision", None, "qa_sample"),
    ("decision", "approved", "release"),
    ("decision", "rejected", "log_and_learn"),
    ("approval", "approved", "release"),
    ("approval", "rejected", "log_and_learn"),
    ("release", None, END),
    ("log_and_learn", None, END),
}


def test_it_draws_as_one_diagram_with_every_edge_and_no_other() -> None:
    drawn = workflow().compile().get_graph()
    assert {(edge.source, edge.data, edge.target) for edge in drawn.edges} == EDGES
    assert len(drawn.edges) == len(EDGES)
    text = drawn.draw_mermaid()
    for source, label, target in EDGES:
        name = f" -. &nbsp;{label}&nbsp; .-> " if label else " --> "
        assert f"\t{source}{name}{target};" in text


# The user's own nodes


def test_an_expert_may_be_a_node(place: Driver) -> None:
    def specialist(state: State) -> dict[str, Any]:
        return {"answer": "Specially.", "ran": ["specialist"]}

    thread = started(place, COMPLEX, lambda: workflow(expert=specialist))
    assert thread.request.subject == "Specially."
    thread.decide(Approve())
    assert thread.ran == ["specialist", "release Specially."]


def test_an_expert_may_be_any_gate(place: Driver) -> None:
    gate = human_approval("case", name="expert", allowed_decisions=["edit", "reject"])
    refused = started(place, COMPLEX, lambda: workflow(expert=gate))
    assert refused.request.finding["sentence"] == "The complexity 0.9 is above 0.7."
    refused.decide(Reject())
    assert refused.ran == ["learn expert rejected"]


class Model(BaseModel):
    case: str = "c-1"
    complexity: float = 0.1
    score: float = 0.9
    flag: bool = False
    answer: str = ""
    ran: Annotated[list[str], operator.add] = []
    review: LatestReview = None
    reviews: AllReviews = []


def test_a_pydantic_state_and_nodes_of_every_kind() -> None:
    async def let_go(state: Model, runtime: Runtime[Any]) -> dict[str, Any]:
        assert runtime.execution_info is not None
        return {"ran": [f"release {state.answer}"]}

    nodes: dict[str, Any] = {
        "process": RunnableLambda(lambda state: {"answer": "Yes."}),
        "release": let_go,
        "learn": None,
        "feedback": None,
    }
    app = workflow(Model, **nodes).compile(checkpointer=InMemorySaver())

    async def drive() -> Any:
        config = new_thread()
        await app.ainvoke({"flag": True}, config)
        for decision in (Revise("why"), Approve(), Approve()):
            (request,) = await apending(app, config)
            done = await app.ainvoke(resume(request, decision), config)
        return done["ran"]

    assert asyncio.run(drive()) == ["revise", "release Yes, why."]


def test_a_committee_may_have_the_last_word(place: Driver) -> None:
    board = committee("answer", members=majority(of="board", size=3), chair="head")
    thread = started(place, SURE, lambda: workflow(approval=board))
    for name in ("ann", "bob"):
        thread.decide(Approve("sound"), by=Reviewer(name, roles="board"))
    assert "release Yes." not in thread.ran
    thread.decide(Approve("go"), by=Reviewer("hed", roles="head"))
    assert thread.ran == ["process", "release Yes."]


TO_RELEASE: dict[str, Command[Any]] = {
    "goto": Command(goto="release"),
    "goto and update": Command(update={"case": "c-2"}, goto="release"),
}


@pytest.mark.parametrize("command", TO_RELEASE.values(), ids=TO_RELEASE)
@pytest.mark.parametrize(
    ("given", "answers"), [(SURE, []), (DRAWN, []), (DRAWN, [Approve()]), (COMPLEX, [Respond("E")])]
)
def test_no_check_before_the_last_word_lets_anything_be_released(
    place: Driver, given: dict[str, Any], answers: list[Decision], command: Command[Any]
) -> None:
    thread = started(place, given, workflow)
    for answer in answers:
        thread.decide(answer)
    with pytest.raises(NotApproved):
        thread.send(command)
    assert not [line for line in thread.ran if line.startswith("release")]


def test_what_was_released_once_is_not_approved_in_the_next_case() -> None:
    cases: list[str] = []

    def process(state: State) -> Any:
        cases.append(state["case"])
        return Command(update={"answer": "Yes."}, goto=["release"] if len(cases) == 2 else [])

    app = workflow(process=process).compile(checkpointer=InMemorySaver())
    config = new_thread()
    app.invoke(SURE, config)
    state = app.invoke(resume(pending(app, config)[0], Approve()), config)
    assert state["ran"] == ["release Yes."]
    with pytest.raises(
        NotApproved, match="decision and approval have not let 'answer' go on in th"
    ):
        app.invoke({**SURE, "case": "c-2"}, config)
    assert app.get_state(config).values["ran"] == ["release Yes."]


@pytest.mark.parametrize("node", ["function", "runnable"])
def test_what_changed_since_the_approval_is_not_released(node: Any) -> None:
    acted: list[str] = []

    def act(state: State) -> None:
        acted.append(state["answer"])

    release = act if node == "function" else RunnableLambda(act)
    app = workflow(release=release).compile(
        checkpointer=InMemorySaver(), interrupt_before=["release"]
    )
    config = new_thread()
    app.invoke(SURE, config)
    (request,) = pending(app, config)
    app.invoke(resume(request, Approve()), config)
    review = app.get_state(config).values["review"]
    app.update_state(config, {"answer": "Never.", "review": review})
    assert app.get_state(config).next == ("release",)
    with pytest.raises(Drifted):
        app.invoke(None, config)
    assert acted == []


def test_without_learn_what_is_not_released_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    app = workflow(learn=None).compile(checkpointer=InMemorySaver())
    config = new_thread()
    app.invoke(UNSURE, config)
    (request,) = pending(app, config)
    with caplog.at_level(logging.INFO):
        app.invoke(resume(request, Reject("nobody knows")), config)
    assert "'gate': 'review', 'outcome': 'rejected', 'feedback': 'nobody knows'" in caplog.text


# Bad input


class NoReviews(BaseModel):
    answer: str = ""
    complexity: float = 0
    score: float = 0
    case: str = ""


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"release": None}, "no release node: give release=, the node that does what was approved"),
        ({"process": None}, "no process node: give process="),
        ({"revise": None}, "no revise node: give revise="),
        ({"schema": "State"}, "the first argument is the schema of the state"),
        ({"schema": NoReviews}, "needs the key 'review'"),
        ({"complexity": "complexity"}, "complexity must be a function of the state or a trigger"),
        ({"complexity": flagged("missing")}, "complexity reads 'missing'"),
        ({"confidence": "score"}, "confidence takes the options of confidence_escalation"),
        ({"confidence": {}}, "confidence: confidence_escalation() missing 1 required"),
        ({"confidence": {"confidence": "missing"}}, "needs the state key 'missing'"),
        ({"qa": {**OPTIONS["qa"], "rat": 0.1}}, "unknown option 'rat'"),
        ({"qa": {**OPTIONS["qa"], "blocking": False}}, "qa: blocking=False has no place here"),
        ({"qa": {**OPTIONS["qa"], "revise": revise}}, "qa: revise= has no place here"),
        (
            {"qa": {**OPTIONS["qa"], "allowed_decisions": ["approve", "reject"]}},
            "qa: allowed_decisions needs 'revise'",
        ),
        ({"approval": {"whn": never()}}, "approval: human_approval: unknown option 'whn'; did"),
        ({"decision": {"timeout": "1h"}}, "timeout"),
        ({"approval": "always"}, "approval takes the options of human_approval, or a gate on 'ans"),
        (
            {"decision": human_approval("case")},
            "decision must be a gate on 'answer', not on 'case'",
        ),
        ({"expert": {"question": ""}}, "question must be a text"),
        ({"expert": {"into": "case"}}, "expert: into='case' has no place here"),
        ({"expert": {"into": None}}, "expert: into=None has no place here"),
        ({"expert": None}, "expert must be a node, a gate, or the options of ask_human, not None"),
        ({"expert": "x"}, "expert must be a node, a gate, or the options of ask_human, not 'x'"),
        ({"release": "x"}, "release must be a node (a function or a Runnable), not 'x'"),
        ({"release": {}}, "release must be a node (a function or a Runnable), not {}"),
        ({"process": "x"}, "process must be a node"),
        ({"revise": 7}, "revise must be a node"),
        ({"feedback": "x"}, "feedback must be a node"),
        ({"learn": []}, "learn must be a node"),
    ],
)
def test_what_cannot_be_built(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(GateError) as raised:
        workflow(**options)
    assert problem in str(raised.value)
