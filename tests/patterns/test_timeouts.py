"""Deadlines, reminders and requesters in every preset, and what could have no effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import (
    Approve,
    Checkpoint,
    Escalate,
    Inbox,
    Reject,
    Respond,
    Reviewer,
    add_review,
    ask_human,
    await_review,
    confidence_escalation,
    human_approval,
    qa_sample,
    rated_feedback,
    submit_review,
)
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.errors import Expired, GateError, NotAuthorised
from langgraph_hitl.inbox import Review
from langgraph_hitl.panels import by_risk, chain, quorum
from langgraph_hitl.testing import FixedClock
from tests.apps import State, noting
from tests.drivers import App, Builder

SALT = "0123456789abcdef"
TERMS: dict[str, Any] = {"timeout": "24h", "remind": "2h", "requester": "case"}
GIVEN = {"draft": "Hello", "score": 0.1, "case": "rita"}
DEADLINE = "system:deadline"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def inbox(clock: FixedClock) -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:", clock=clock) as opened:
        yield opened


def confident(inbox: Inbox, **options: Any) -> Gate:
    return confidence_escalation("draft", confidence="score", inbox=inbox, **options)


def sampling(inbox: Inbox, **options: Any) -> Gate:
    return qa_sample("draft", rate=1, item_id="case", salt=SALT, inbox=inbox, **options)


def rating(inbox: Inbox, **options: Any) -> Gate:
    return rated_feedback("draft", inbox=inbox, **options)


def asking(inbox: Inbox, **options: Any) -> Gate:
    return ask_human("How?", into="answer", inbox=inbox, **options)


def approving(inbox: Inbox, **options: Any) -> Gate:
    return human_approval("draft", inbox=inbox, **options)


Preset = Callable[..., Gate]
PRESETS: dict[str, Preset] = {
    found.__name__: found for found in (approving, confident, sampling, rating, asking)
}


def app_of(inbox: Inbox, gate: Gate, **ways: str) -> App:
    builder: Builder = StateGraph(State)
    add_review(builder, "gate", gate, **ways)
    builder.add_edge(START, "gate")
    for name in set(ways.values()) - {END}:
        builder.add_node(name, noting(name))
        builder.add_edge(name, END)
    return inbox.register(builder.compile(checkpointer=InMemorySaver()), "graph")


def ways_of(preset: Preset) -> dict[str, str]:
    good = "answered" if preset is asking else "approved"
    bad = {} if preset is asking else {"rejected": "stop"}
    if preset is rating:
        bad = {"improve": "stop", "regenerate": "stop"}
    if preset in (rating, asking):
        bad["cancelled"] = "stop"
    return {good: "act", **bad, "timed_out": "late"}


def run(app: App, given: dict[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = app.invoke(given or GIVEN, config())
    return found


def config() -> Any:
    return {"configurable": {"thread_id": "1"}}


def values(app: App) -> dict[str, Any]:
    found: dict[str, Any] = app.get_state(config()).values
    return found


def events(inbox: Inbox, review: Review) -> list[str]:
    return [row.event for row in inbox.history(review.id)]


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_nobody_answers_in_time(inbox: Inbox, clock: FixedClock, preset: Preset) -> None:
    asked = clock.now
    app = app_of(inbox, preset(inbox, **TERMS), **ways_of(preset))
    run(app)
    (review,) = inbox.pending()
    assert review.due == asked + timedelta(hours=24)
    clock.advance(days=3)
    with pytest.raises(Expired):
        inbox.decide(review.id, Respond("so") if preset is asking else Approve(), by="maria")
    record = values(app)["review"]
    assert (record["outcome"], record["decided_by"]) == ("timed_out", DEADLINE)
    assert record["decided_at"] == (asked + timedelta(hours=24)).isoformat()
    assert values(app)["ran"] == ["late:Hello"]
    assert values(app)["draft"] == "Hello"
    assert "answer" not in values(app)
    assert events(inbox, review) == ["filed", "reminded", "settled", "applied"]


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_who_asked_does_not_answer(inbox: Inbox, preset: Preset) -> None:
    app = app_of(inbox, preset(inbox, **TERMS), **ways_of(preset))
    run(app)
    (review,) = inbox.pending()
    answer = Respond("so") if preset is asking else Approve()
    with pytest.raises(NotAuthorised, match="four eyes"):
        inbox.decide(review.id, answer, by="rita")
    inbox.decide(review.id, answer, by="maria")
    assert values(app)["ran"] == ["act:Hello"]


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_each_level_has_its_time(inbox: Inbox, clock: FixedClock, preset: Preset) -> None:
    terms: dict[str, Any] = {"timeout": "4h", "on_timeout": "escalate"}
    gate = preset(inbox, reviewers=chain("member", "lead"), **terms)
    app = app_of(inbox, gate, **ways_of(preset))
    run(app)
    (review,) = inbox.pending()
    clock.advance(hours=4)
    with pytest.raises(NotAuthorised, match="'lead' or above"):
        inbox.escalate(review.id, by=Reviewer("ann", level="member"))
    clock.advance(hours=4)
    inbox.work()
    assert events(inbox, review) == ["filed", "escalated", "refused", "settled", "applied"]
    assert values(app)["ran"] == ["late:Hello"]


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_who_is_unsure_passes_it_up(inbox: Inbox, preset: Preset) -> None:
    gate = preset(inbox, reviewers=chain("member", "lead"), timeout="9h")
    app = app_of(inbox, gate, **ways_of(preset))
    run(app)
    (review,) = inbox.pending()
    assert "escalate" in review.request["allowed_decisions"]
    inbox.decide(review.id, Escalate("unsure"), by=Reviewer("ann", level="member"))
    answer = Respond("so") if preset is asking else Approve()
    inbox.decide(review.id, answer, by=Reviewer("lea", level="lead"))
    assert values(app)["ran"] == ["act:Hello"]


def test_nobody_looks_in_time_at_what_was_released(inbox: Inbox, clock: FixedClock) -> None:
    """Nothing is called back, and nothing breaks."""
    called: list[str] = []
    hooks: dict[str, Any] = {
        "on_recall": lambda *_: called.append("recall"),
        "on_decided": lambda *_: called.append("decided"),
    }
    app = app_of(inbox, sampling(inbox, blocking=False, **TERMS, **hooks), approved="act")
    run(app)
    assert values(app)["ran"] == ["act:Hello"]
    before = values(app)
    (review,) = inbox.pending()
    clock.advance(days=7)
    for _ in range(2):
        report = inbox.work()
        assert report.failed == {}
    assert inbox.work().idle
    assert called == []
    done = inbox.get(review.id)
    assert (done.status, done.outcome, done.decided_by) == ("applied", "timed_out", DEADLINE)
    assert values(app) == before
    with pytest.raises(Expired):
        inbox.decide(review.id, Reject("no"), by="maria")
    assert called == []
    assert inbox.verify()


def test_who_is_too_late_calls_nothing_back(inbox: Inbox, clock: FixedClock) -> None:
    called: list[str] = []
    gate = sampling(inbox, blocking=False, timeout="1h", on_recall=lambda *_: called.append("x"))
    run(app_of(inbox, gate, approved="act"))
    (review,) = inbox.pending()
    clock.advance(hours=1)
    with pytest.raises(Expired):
        inbox.decide(review.id, Reject("no"), by="maria")
    assert inbox.get(review.id).status == "applied"
    assert (called, inbox.work().failed) == ([], {})


def joined(inbox: Inbox, **options: Any) -> App:
    submitted = submit_review("draft", inbox=inbox, **options)
    builder: Builder = StateGraph(State)
    add_review(builder, "ask", submitted)
    builder.add_node("work", noting("work"))
    builder.add_edge(START, "ask")
    builder.add_edge("ask", "work")
    builder.add_edge("work", "decide")
    ways = {"approved": "act", "rejected": "stop", "timed_out": "late"}
    add_review(builder, "decide", await_review(submitted), **ways)
    for name in ways.values():
        builder.add_node(name, noting(name))
        builder.add_edge(name, END)
    return inbox.register(builder.compile(checkpointer=InMemorySaver()), "graph")


def test_what_was_submitted_ends_while_the_graph_waits(inbox: Inbox, clock: FixedClock) -> None:
    app = joined(inbox, **TERMS)
    run(app)
    clock.advance(hours=24)
    inbox.work()
    assert values(app)["ran"] == ["work:Hello", "late:Hello"]
    assert values(app)["review"]["outcome"] == "timed_out"


def test_what_was_submitted_ends_before_the_graph_joins(inbox: Inbox, clock: FixedClock) -> None:
    """Whether a worker has noticed or not."""
    app = joined(inbox, **TERMS)
    for _ in app.stream(GIVEN, config()):
        clock.advance(hours=24)
    inbox.work()
    assert values(app)["ran"] == ["work:Hello", "late:Hello"]


# Checkpoints as data

PLAN: dict[str, Any] = {"name": "plan", "subject": "draft"}


def checkpoint(inbox: Inbox, **fields: Any) -> Gate:
    return Checkpoint.from_dict(PLAN | fields, inbox=inbox, clock=inbox.clock)


def test_a_checkpoint_has_a_deadline(inbox: Inbox, clock: FixedClock) -> None:
    gate = checkpoint(inbox, timeout="24h", reviewers="editors", default_on_timeout="reject")
    app = app_of(inbox, gate, approved="act", rejected="stop")
    run(app)
    (review,) = inbox.pending(role="editors")
    with pytest.raises(NotAuthorised, match="editors"):
        inbox.decide(review.id, Approve(), by="eve")
    clock.advance(hours=24)
    inbox.work()
    assert values(app)["review"]["outcome"] == "timed_out"
    assert values(app)["ran"] == ["stop:Hello"]


def test_a_checkpoint_passes_up(inbox: Inbox, clock: FixedClock, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(
        "name: plan\nsubject: draft\nstage: after_planning\nreviewers: {chain: [member, lead]}\n"
        "timeout: 4h\ndefault_on_timeout: escalate\n"
        "allowed_decisions: [approve, reject, escalate, defer]\n"
    )
    gate = Checkpoint.from_yaml(path, inbox=inbox)
    app = app_of(inbox, gate, approved="act", rejected="stop")
    run(app)
    (review,) = inbox.pending()
    assert review.due == clock.now + timedelta(hours=8)
    assert {"escalate", "defer"} <= {*review.request["allowed_decisions"]}
    inbox.decide(review.id, Escalate("unsure"), by=Reviewer("ann", level="member"))
    inbox.decide(review.id, Approve(), by=Reviewer("lea", level="lead"))
    assert values(app)["ran"] == ["act:Hello"]


def test_a_question_as_data_has_a_deadline(inbox: Inbox, clock: FixedClock) -> None:
    question = {"name": "q", "question": "How?", "answer": "free_form", "timeout": "1h"}
    gate = Checkpoint.from_dict(question, inbox=inbox)
    app = app_of(inbox, gate, answered="act", timed_out="late", cancelled=END)
    run(app)
    clock.advance(hours=1)
    inbox.work()
    assert values(app)["ran"] == ["late:Hello"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"timeout": 24}, "timeout: timeout must be a duration"),
        ({"timeout": "soon"}, "timeout: timeout must be a duration"),
        ({"timeout": "0h"}, "timeout: timeout must be more than nothing"),
        ({"timeout": "99999d"}, "timeout: .*at most ten years"),
        ({"timeout": "1h", "default_on_timeout": "approve"}, "default_on_timeout: .*escalate"),
        ({"default_on_timeout": "reject"}, "default_on_timeout: has no effect without a timeout"),
        ({"timeout": "1h", "default_on_timeout": "escalate"}, r"reviewers=chain\("),
        ({"reviewers": {"chains": ["a"]}}, "reviewers.chains: unknown panel .*'chain'"),
        ({"reviewers": []}, "reviewers: the list is empty"),
        ({"reviewers": {"chain": {"levels": ["lead", "member"]}}}, "reviewers.*does not rise"),
        ({"allowed_decisions": ["approve", "escalate"]}, "'escalate' needs somebody"),
    ],
)
def test_a_checkpoint_says_what_is_wrong(inbox: Inbox, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(GateError, match=said):
        checkpoint(inbox, **fields)


# What could have no effect, or makes no sense

HOUR = timedelta(hours=1)
BAD: list[tuple[Callable[[], dict[str, Any]], str]] = [
    (lambda: {"timeout": "0h"}, "timeout must be more than nothing"),
    (lambda: {"timeout": timedelta(0)}, "timeout must be more than nothing"),
    (lambda: {"timeout": -HOUR}, "timeout must be more than nothing"),
    (lambda: {"timeout": "-1h"}, "timeout must be a duration"),
    (lambda: {"timeout": timedelta.max}, "at most ten years"),
    (lambda: {"timeout": "999999999w"}, "at most ten years"),
    (lambda: {"timeout": 24}, "timeout must be a duration"),
    (lambda: {"timeout": True}, "timeout must be a duration"),
    (lambda: {"timeout": ""}, "timeout must be a duration"),
    (lambda: {"timeout": "24h", "on_timeout": "approve"}, "must be reject or escalate"),
    (lambda: {"timeout": "24h", "on_timeout": "escalate"}, r"reviewers=chain\("),
    (
        lambda: {"timeout": "24h", "on_timeout": "escalate", "reviewers": quorum(2)},
        r"reviewers=chain\(",
    ),
    (lambda: {"on_timeout": "escalate", "reviewers": chain("member")}, "without a timeout"),
    (lambda: {"on_timeout": "reject"}, "on_timeout='reject' has no effect without a timeout"),
    (lambda: {"remind": "1h"}, "remind has no effect without a timeout"),
    (lambda: {"remind": "1h", "reviewers": chain("member", "lead")}, "remind has no effect"),
    (lambda: {"timeout": "1h", "remind": "1h"}, "before the time of the review .* has begun"),
    (lambda: {"timeout": "1h", "remind": ["5m", "2h"]}, "remind 2h before the end comes before"),
    (lambda: {"timeout": "1h", "remind": "0m"}, "remind must be more than nothing"),
    (
        lambda: {"remind": "1h", "reviewers": chain("member", "lead", within={"member": HOUR})},
        "before the time of 'member'",
    ),
    (
        lambda: {"reviewers": chain("member", "lead", "member")},
        "a ladder that goes round has no top: member > lead > member",
    ),
    (lambda: {"reviewers": chain("lead", "member")}, "does not rise"),
    (lambda: {"reviewers": chain()}, "level"),
    (lambda: {"reviewers": chain("member", within={"boss": HOUR})}, "none of member"),
    (lambda: {"reviewers": by_risk({})}, "risk"),
    (lambda: {"reviewers": []}, r"reviewers takes a role .*, not \[\]"),
    (lambda: {"reviewers": " "}, "blank"),
    (lambda: {"timeout": "1h", "on_defer": "stop"}, "on_defer must be run_on or pause"),
    (lambda: {"requester": " "}, "requester must be a state key"),
    (lambda: {"requester": 5}, "requester must be a state key"),
    (lambda: {"allowed_decisions": ["approve", "escalate"]}, "'escalate' needs somebody"),
]


@pytest.mark.parametrize(("options", "said"), BAD)
@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_what_makes_no_sense_is_refused(
    inbox: Inbox, preset: Preset, options: Callable[[], dict[str, Any]], said: str
) -> None:
    with pytest.raises(GateError, match=said):
        preset(inbox, **options())


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": "1h"},
        {"remind": "1h"},
        {"on_timeout": "reject"},
        {"on_defer": "pause"},
        {"requester": "case"},
        {"reviewers": chain("member", "lead")},
        {"allowed_decisions": ["approve", "defer"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_without_an_inbox_there_is_nobody_to_do_it(preset: Preset, options: dict[str, Any]) -> None:
    with pytest.raises(GateError, match="inbox"):
        preset(None, **options)
