"""What people decided before: whose decisions count, about what, and how far it is looked back."""

from __future__ import annotations

import operator
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Annotated, Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel

from langgraph_hitl import (
    Approve,
    Edit,
    Inbox,
    Reject,
    ReviewState,
    Revise,
    add_review,
    human_approval,
)
from langgraph_hitl.errors import GateError, InboxError, UnknownReview
from langgraph_hitl.inbox import Guide
from langgraph_hitl.inbox._ledger import decided as decided_sql
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.panels import quorum
from langgraph_hitl.precedents import Comparable, Guidance, by_keys
from tests.apps import fresh, one_gate
from tests.drivers import Build, Builder
from tests.inbox.desk import JO, MARIA, Desk, Question
from tests.inbox.ledgers import LedgerPlace, Ticking, filing, settlement

AMOUNT = by_keys("amount")
REVISE = {"type": "revise", "feedback": "Ask for the receipt."}


@pytest.fixture
def inbox(ledger_place: LedgerPlace) -> Iterator[Inbox]:
    """An empty inbox of each kind, whose clock ticks."""
    with Inbox.open(ledger_place.url, clock=Ticking()) as opened:
        yield opened


def file(inbox: Inbox, review_id: str, *, action: str = "refund", **changes: Any) -> None:
    """A review that waits; what it shows is said by `context` and `subject`."""
    shown = {name: changes.pop(name, None) for name in ("context", "subject", "subject_key")}
    with inbox._office.ledger.transaction() as tx:
        tx.file(filing(review_id, action=action, request=shown, **changes))


def decide(
    inbox: Inbox, review_id: str, *, amount: float = 10, round: int = 0, **changes: Any
) -> None:
    """A version that is filed and decided."""
    action = changes.pop("action", "refund")
    graph = changes.pop("graph", "shop")
    file(inbox, review_id, action=action, graph=graph, round=round, context={"amount": amount})
    with inbox._office.ledger.transaction() as tx:
        at = inbox._office.clock()
        assert tx.settle(settlement(review_id, round=round, at=at, **changes))


def ids(found: list[Comparable]) -> list[str]:
    return [one.precedent.review_id for one in found]


def texts(found: list[Guidance]) -> list[str]:
    return [one.text for one in found]


# Whose decisions count


def test_the_nearest_of_the_same_action_come_first_whatever_graph_asked(inbox: Inbox) -> None:
    decide(inbox, "far", amount=90)
    decide(inbox, "near", amount=11, graph="another")
    decide(inbox, "other", action="payment")
    file(inbox, "now", context={"amount": 10})
    for case in ("now", inbox.get("now")):
        assert ids(inbox.similar(case, how=AMOUNT)) == ["near", "far"]
        assert ids(inbox.similar(case, how=AMOUNT, limit=1)) == ["near"]


def test_a_case_is_not_its_own_precedent(inbox: Inbox) -> None:
    decide(inbox, "r1", decision=REVISE, outcome="needs_revision")
    assert inbox.similar("r1", how=AMOUNT) == []
    decide(inbox, "r2")
    assert ids(inbox.similar("r1", how=AMOUNT, among=1)) == ["r2"]


def test_what_a_precedent_tells(inbox: Inbox) -> None:
    edit = {"type": "edit", "value": {"amount": 5}, "comment": "too much"}
    decide(inbox, "r1", amount=7, decision=edit, outcome="edited", by="jo")
    file(inbox, "now", context={"amount": 7})
    (found,) = inbox.similar("now", how=AMOUNT)
    precedent = found.precedent
    assert found.distance == 0
    assert (precedent.outcome, precedent.decided_by, precedent.comment) == (
        "edited",
        "jo",
        "too much",
    )
    assert (precedent.context, precedent.value) == ({"amount": 7}, {"amount": 5})


@pytest.mark.parametrize(
    ("decision", "value"),
    [
        ({"type": "approve"}, {"amount": 1}),
        ({"type": "edit", "value": 2}, 2),
        ({"type": "respond", "message": "yes"}, "yes"),
        ({"type": "choose", "choices": ["a"]}, ["a"]),
        ({"type": "reject"}, None),
    ],
    ids=lambda value: str(value),
)
def test_what_was_approved_or_put_in_its_place(
    inbox: Inbox, decision: dict[str, Any], value: Any
) -> None:
    for name in ("r1", "now"):
        file(inbox, name, subject={"amount": 1})
    with inbox._office.ledger.transaction() as tx:
        tx.settle(settlement("r1", decision=decision))
    assert inbox.similar("now", how=AMOUNT)[0].precedent.value == value


def test_the_declared_context_comes_before_the_keys_of_the_subject(inbox: Inbox) -> None:
    file(inbox, "r1", context={"amount": 5}, subject={"amount": 1, "country": "DE"})
    with inbox._office.ledger.transaction() as tx:
        tx.settle(settlement("r1"))
    file(inbox, "now", context={"amount": 5, "country": "DE"}, subject="a text")
    (found,) = inbox.similar("now", how=by_keys("amount", "country"))
    assert found.precedent.context == {"amount": 5, "country": "DE"}
    assert found.distance == 0


@pytest.mark.parametrize(
    ("value", "other", "distance"),
    [(100, 50, 0.5), (True, False, 1), ("DE", "DE", 0), ("x" * 201, "x" * 201, None)],
    ids=["a number", "a flag", "a text", "a long text"],
)
def test_a_subject_that_is_no_object_is_compared_by_its_key(
    inbox: Inbox, value: Any, other: Any, distance: float | None
) -> None:
    for name, subject in (("r1", value), ("now", other)):
        file(inbox, name, subject=subject, subject_key="case", context={"kind": "a"})
    with inbox._office.ledger.transaction() as tx:
        tx.settle(settlement("r1"))
    if distance is None:
        with pytest.raises(GateError, match="there are: kind"):
            inbox.similar("now", how=by_keys("case"))
        return
    (found,) = inbox.similar("now", how=by_keys("case"))
    assert found.distance == distance


def test_only_decisions_of_people_whose_content_is_there(inbox: Inbox) -> None:
    fates = ("stands", "superseded", "cancelled", "timed_out", "redacted", "reopened")
    for name in fates:
        file(inbox, name, context={"amount": 10})
    file(inbox, "pending", context={"amount": 10})
    with inbox._office.ledger.transaction() as tx:
        shown = {"context": {"amount": 10}}
        tx.pass_automatically(filing("auto", action="refund", request=shown))
        for name in ("stands", "superseded", "redacted", "reopened"):
            tx.settle(settlement(name))
        tx.settle(settlement("cancelled", outcome="cancelled"), status="cancelled")
        tx.settle(settlement("timed_out", by="system:deadline", outcome="timed_out"))
        tx.supersede("superseded", 0, reason="a fork")
        tx.reopen("reopened", 0, actor="system:graph", reason="it did not fit")
        tx.apply([("redacted", 0, "approved", None)])
        tx.redact("redacted", actor="maria", reason="asked for")
    file(inbox, "now", context={"amount": 10})
    assert ids(inbox.similar("now", how=AMOUNT)) == ["stands"]


def test_of_a_review_with_several_versions_the_last_one_counts(inbox: Inbox) -> None:
    decide(inbox, "r1", amount=90, decision=REVISE, outcome="needs_revision")
    file(inbox, "now", context={"amount": 10})
    assert inbox.similar("now", how=AMOUNT) == []
    decide(inbox, "r1", amount=10, round=1)
    (found,) = inbox.similar("now", how=AMOUNT)
    assert (found.distance, found.precedent.outcome) == (0, "approved")


def test_a_request_for_changes_that_nobody_follows_is_how_a_review_ends(inbox: Inbox) -> None:
    decide(inbox, "r1", decision=REVISE, outcome="needs_revision")
    with inbox._office.ledger.transaction() as tx:
        tx.apply([("r1", 0, "needs_revision", None)])
    file(inbox, "now", context={"amount": 10})
    assert [one.precedent.outcome for one in inbox.similar("now", how=AMOUNT)] == ["needs_revision"]
    assert texts(inbox.guidance(action="refund")) == ["Ask for the receipt."]


def test_it_is_looked_at_the_latest_only(inbox: Inbox) -> None:
    for number in range(6):
        decide(inbox, f"r{number}", amount=10 + number)
    with inbox._office.ledger.transaction() as tx:
        for number in range(6):  # what passed unasked does not count for one
            tx.pass_automatically(filing(f"a{number}", action="refund"))
    file(inbox, "now", context={"amount": 10})
    assert ids(inbox.similar("now", how=AMOUNT, among=3)) == ["r3", "r4", "r5"]


def test_the_walk_back_ends_though_nearly_all_passed_unasked(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decided_sql, "MAX_WALKED", 5)
    decide(inbox, "old")
    with inbox._office.ledger.transaction() as tx:
        for number in range(5):
            tx.pass_automatically(filing(f"a{number}", action="refund"))
    file(inbox, "now", context={"amount": 10})
    decided_sql._decided.cache_clear()
    try:
        assert inbox.similar("now", how=AMOUNT, among=2) == []
    finally:
        decided_sql._decided.cache_clear()


@dataclass(frozen=True)
class Story:
    """What became of one review."""

    action: str
    amount: int
    rounds: int
    end: str
    by: str


STORIES = st.lists(
    st.builds(
        Story,
        action=st.sampled_from(["refund", "payment"]),
        amount=st.integers(0, 5),
        rounds=st.integers(0, 2),
        end=st.sampled_from(["pending", "settled", "applied", "cancelled", "superseded", "auto"]),
        by=st.sampled_from(["maria", "jo", "panel", "direct", "system:deadline"]),
    ),
    max_size=10,
)


def test_what_is_remembered_is_what_people_decided(inbox: Inbox) -> None:
    """Said once more in plain Python, over random reviews."""
    examples = count()

    @settings(max_examples=25, deadline=None, database=None)
    @given(STORIES, st.integers(1, 6))
    def check(stories: list[Story], among: int) -> None:
        prefix = f"x{next(examples):03}"
        told = [replace(one, action=f"{one.action}-{prefix}") for one in stories]
        names = [f"{prefix}-{number:02}" for number in range(len(told))]
        for name, one in zip(names, told, strict=True):
            play(inbox, name, one)
        action = f"refund-{prefix}"
        file(inbox, f"{prefix}-now", action=action, context={"amount": 3})
        ended = [
            (name, one)
            for name, one in zip(names, told, strict=True)
            if one.action == action and one.end not in ("pending", "superseded")
        ]
        by_people = [
            (name, one)
            for name, one in ended
            if one.end in ("settled", "applied") and not one.by.startswith("system:")
        ][-among:]
        found = inbox.similar(f"{prefix}-now", how=AMOUNT, among=among, limit=99)
        assert sorted(ids(found)) == sorted(name for name, _ in by_people)
        assert [one.distance for one in found] == sorted(one.distance for one in found)
        taught = [
            (name, one)
            for name, one in ended
            if (one.rounds and one.end != "auto")
            or (one.end != "auto" and not one.by.startswith("system:"))
        ][-among:]
        said = inbox.guidance(action=action, among=among, limit=99)
        assert sorted((one.review_id, one.round) for one in said) == sorted(
            (name, number) for name, one in taught for number in range(one.rounds)
        )
        assert [one.at for one in said] == sorted((one.at for one in said), reverse=True)

    check()


def play(inbox: Inbox, name: str, story: Story) -> None:
    """Rounds that jo sends back, and how it ends."""
    shown = {"context": {"amount": story.amount}}
    made = filing(name, action=story.action, request=shown)
    at = inbox._office.clock
    with inbox._office.ledger.transaction() as tx:
        if story.end == "auto":
            tx.pass_automatically(made)
            return
        tx.file(made)
        for number in range(story.rounds):
            back = settlement(name, round=number, outcome="needs_revision", decision=REVISE)
            tx.settle(replace(back, by="jo", at=at()))
            tx.file(replace(made, round=number + 1))
        last = settlement(name, round=story.rounds, by=story.by, at=at())
        match story.end:
            case "settled" | "applied" | "superseded":
                tx.settle(last)
            case "cancelled":
                tx.settle(replace(last, outcome="cancelled"), status="cancelled")
        if story.end == "applied":
            tx.apply([(name, story.rounds, "approved", None)])
        elif story.end == "superseded":
            tx.supersede(name, story.rounds, reason="a fork")


# What a form is filled in with


def test_what_nearly_all_comparable_cases_came_to_is_suggested(inbox: Inbox) -> None:
    for number in range(3):
        decide(inbox, f"r{number}", amount=10 + number)
    decide(inbox, "far", amount=900, outcome="rejected")
    file(inbox, "now", context={"amount": 10})
    found = inbox.suggestion("now", how=AMOUNT)
    assert found is not None
    assert found.sentence == "approved in 3 of 3 comparable cases"
    assert found.to_json()["suggested"] is True
    assert found.precedents == ("r0", "r1", "r2")
    assert inbox.suggestion("now", how=AMOUNT, least=4) is None
    decide(inbox, "differs", outcome="rejected")
    assert inbox.suggestion("now", how=AMOUNT) is None
    assert inbox.suggestion("now", how=AMOUNT, share=0.7) is not None


# What reviewers taught


SAID: list[tuple[dict[str, Any], str | None]] = [
    ({"type": "approve", "comment": "Fine, but shorter."}, "Fine, but shorter."),
    ({"type": "approve", "comment": " "}, None),
    ({"type": "approve"}, None),
    ({"type": "edit", "value": 5, "comment": "Always net."}, "Always net."),
    ({"type": "reject", "message": "No receipt."}, "No receipt."),
    ({"type": "revise", "feedback": "", "rating": "incorrect"}, None),
    ({"type": "revise", "feedback": "Again", "parts": {"intro": "dull"}}, "Again\nintro: dull"),
    ({"type": "respond", "message": "Because."}, None),
    ({"type": "abstain", "reason": "I know him."}, None),
    ({"type": "cancel", "reason": "a mistake"}, None),
]


@pytest.mark.parametrize(("decision", "text"), SAID, ids=lambda value: str(value))
def test_what_is_said_with_a_decision(
    inbox: Inbox, decision: dict[str, Any], text: str | None
) -> None:
    decide(inbox, "r1", decision=decision)
    found = inbox.guidance(action="refund")
    assert texts(found) == ([] if text is None else [text])
    if found:
        (one,) = found
        assert (one.review_id, one.by, one.outcome) == ("r1", "maria", "approved")
        assert (one.decision, one.at.tzinfo is not None) == (decision["type"], True)


def test_every_version_teaches_when_its_review_is_decided_again(inbox: Inbox) -> None:
    for number, text in enumerate(("first", "second")):
        revise = {"type": "revise", "feedback": text}
        decide(inbox, "r1", round=number, decision=revise, outcome="needs_revision")
    file(inbox, "r1", round=2)
    assert inbox.guidance(action="refund") == []
    with inbox._office.ledger.transaction() as tx:
        late = settlement("r1", round=2, by="system:deadline", outcome="timed_out")
        tx.settle(replace(late, decision={"type": "timed_out"}))
    found = inbox.guidance(action="refund")
    assert [(one.text, one.round) for one in found] == [("second", 1), ("first", 0)]


def test_what_was_said_about_the_nearest_cases(inbox: Inbox) -> None:
    for number, amount in enumerate((900, 12, 15)):
        reject = {"type": "reject", "message": f"at {amount}"}
        decide(inbox, f"r{number}", amount=amount, decision=reject, outcome="rejected")
    asked: dict[str, Any] = {"action": "refund", "context": {"amount": 11}, "how": AMOUNT}
    assert texts(inbox.guidance(**asked)) == ["at 12", "at 15", "at 900"]
    assert inbox.guidance(**asked)[0].context == {"amount": 12}
    assert texts(inbox.guidance(action="refund", limit=2)) == ["at 15", "at 12"]


def test_what_was_removed_is_not_handed_on(inbox: Inbox) -> None:
    decide(inbox, "r1", decision={"type": "reject", "message": "by Anna Smith"})
    with inbox._office.ledger.transaction() as tx:
        tx.apply([("r1", 0, "rejected", None)])
        tx.redact("r1", actor="maria", reason="asked for")
    comparing: tuple[dict[str, Any], ...] = ({}, {"context": {"amount": 10}, "how": AMOUNT})
    for how in comparing:
        assert inbox.guidance(action="refund", **how) == []


class Refund(BaseModel):
    amount: float
    reason: str = ""


class Order(BaseModel):
    refund: Refund
    amount: float | None = None


@dataclass
class Ticket:
    amount: float
    refund: dict[str, Any] | None = None


@pytest.mark.parametrize(
    "state",
    [
        {"amount": 11},
        {"refund": {"amount": 11}},
        {"amount": 11, "refund": {"amount": 900}},
        {"amount": None, "refund": Refund(amount=11)},
        Order(refund=Refund(amount=11)),
        Ticket(amount=11),
    ],
    ids=lambda state: type(state).__name__,
)
def test_a_guide_reads_the_state_as_a_gate_does(inbox: Inbox, state: Any) -> None:
    for number, amount in enumerate((900, 12)):
        reject = {"type": "reject", "message": f"at {amount}"}
        decide(inbox, f"r{number}", amount=amount, decision=reject, outcome="rejected")
    guidance = inbox.guide(action="refund", how=AMOUNT, subject="refund", limit=1)
    assert isinstance(guidance, Guide)
    assert guidance(state) == ["at 12"]


def test_a_guide_without_a_way_to_compare_gives_the_newest_each_once(inbox: Inbox) -> None:
    for number, text in enumerate(("a", "b", "a", "b", "b")):
        decide(inbox, f"r{number}", decision={"type": "reject", "message": text})
    guidance = inbox.guide(action="refund", limit=2)
    assert guidance({}) == ["b", "a"]


def test_a_state_without_the_keys_has_nothing_comparable(inbox: Inbox) -> None:
    decide(inbox, "r1", decision={"type": "reject", "message": "no"})
    assert inbox.guide(action="refund", how=AMOUNT)({"country": "DE"}) == []


class Newest:
    """A way to compare that names no keys."""

    def nearest(self, context: Any, past: Any, limit: int) -> list[Comparable]:
        return [Comparable(one, float(context["days"])) for one in past][:limit]


def test_another_way_to_compare_says_what_it_reads(inbox: Inbox) -> None:
    decide(inbox, "r1", decision={"type": "reject", "message": "no"})
    with pytest.raises(InboxError, match="Newest"):
        inbox.guide(action="refund", how=Newest())
    assert inbox.guide(action="refund", how=Newest(), reads=("days",))({"days": 3}) == ["no"]


# Bad input


@pytest.mark.parametrize("name", ["limit", "among"])
@pytest.mark.parametrize("given", [0, -1, 10_001, True, "5", 2.0])
def test_a_number_that_makes_no_sense_is_told(inbox: Inbox, name: str, given: Any) -> None:
    decide(inbox, "r1")
    wrong: dict[str, Any] = {name: given}
    with pytest.raises(InboxError, match=f"{name}="):
        inbox.similar("r1", how=AMOUNT, **wrong)
    with pytest.raises(InboxError, match=f"{name}="):
        inbox.guidance(action="refund", **wrong)
    with pytest.raises(InboxError, match=f"{name}="):
        inbox.guide(action="refund", **wrong)


def test_what_could_have_no_effect_is_told(inbox: Inbox) -> None:
    decide(inbox, "r1")
    either: tuple[dict[str, Any], ...] = ({"how": AMOUNT}, {"context": {}})
    for alone in either:
        with pytest.raises(InboxError, match="how= and context="):
            inbox.guidance(action="refund", **alone)
    useless: tuple[dict[str, Any], ...] = ({"reads": ("amount",)}, {"subject": "refund"})
    for option in useless:
        with pytest.raises(InboxError, match="no effect"):
            inbox.guide(action="refund", **option)
    with pytest.raises(InboxError, match="tuple of keys"):
        inbox.guide(action="refund", how=AMOUNT, reads="amount")  # type: ignore[arg-type]
    with pytest.raises(InboxError, match="action="):
        inbox.guidance(action="a\x00")
    with pytest.raises(GateError, match="share"):
        inbox.suggestion("r1", how=AMOUNT, share=0.5)
    with pytest.raises(UnknownReview):
        inbox.similar("unknown", how=AMOUNT)


# Indexes


STATEMENTS = [
    pytest.param(decided_sql._decided(500), {"action": "refund", "but": "r1"}, id="decided"),
    pytest.param(decided_sql._said(500, False), {"action": "refund"}, id="said"),
    pytest.param(decided_sql._said(500, True), {"action": "refund"}, id="said about what"),
]


@pytest.mark.parametrize(("sql", "values"), STATEMENTS)
def test_sqlite_walks_the_index_of_what_is_decided(
    tmp_path: Path, sql: Sql, values: dict[str, Any]
) -> None:
    LedgerPlace("file", f"sqlite:///{tmp_path / 'reviews.db'}").open().close()
    connection = sqlite3.connect(tmp_path / "reviews.db")
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql.sqlite}", values)]
    connection.close()
    assert any("hitl_reviews_decided (action=?" in step for step in plan), plan
    assert not any(step.startswith(("SCAN r", "SCAN s", "SCAN v")) for step in plan), plan


@pytest.mark.parametrize(("sql", "values"), STATEMENTS)
def test_postgresql_walks_the_index_of_what_is_decided(
    postgres_url: str, sql: Sql, values: dict[str, Any]
) -> None:
    ledger = LedgerPlace("postgresql", postgres_url).open()
    ledger.close()
    with psycopg.connect(postgres_url, options="-c enable_seqscan=off") as connection:
        rows = connection.execute(f"EXPLAIN {sql.postgresql}".encode(), values).fetchall()
    plan = [step for (step,) in rows]
    assert any("hitl_reviews_decided" in step for step in plan), plan
    assert not any("Seq Scan" in step for step in plan), plan


# Through graphs


class State(ReviewState, total=False):
    refund: dict[str, Any]
    country: str
    taught: Annotated[list[list[str]], operator.add]


def shop(desk: Desk) -> Build:
    """A clerk writes a refund by what reviewers taught, and writes it again if it is sent back."""
    inbox = desk.inbox
    how = by_keys("amount", "country", scales={"amount": 100})
    guidance = inbox.guide(action="refund", how=how, subject="refund")

    def write(state: State) -> dict[str, Any]:
        return {"taught": [guidance(state)]}

    def rewrite(state: State) -> dict[str, Any]:
        return {"refund": {**state["refund"], "note": "; ".join(guidance(state))}}

    gate = human_approval(
        "refund", action="refund", context=["country"], inbox=inbox, revise=rewrite
    )

    def build() -> Builder:
        builder: Builder = StateGraph(State)
        builder.add_node("write", write)
        builder.add_edge(START, "write")
        add_review(builder, "gate", fresh(gate), approved=END, rejected=END)
        builder.add_edge("write", "gate")
        return builder

    return build


def ask(desk: Desk, amount: int, name: str = "shop") -> Question:
    refund = {"amount": amount}
    return desk.ask(desk.app(shop(desk), name), {"refund": refund, "country": "DE"})


def test_three_refunds_teach_the_fourth_of_another_graph(desk: Desk) -> None:
    for amount in (100, 110, 120):
        review = ask(desk, amount).review
        desk.inbox.decide(review, Approve(f"{amount} needs no receipt."), by=MARIA)
    desk.open()
    question = ask(desk, 111, "another shop")
    assert question.values["taught"] == [
        ["110 needs no receipt.", "120 needs no receipt.", "100 needs no receipt."]
    ]
    how = by_keys("amount", "country", scales={"amount": 100})
    near = desk.inbox.similar(question.review, how=how)
    assert [one.precedent.value["amount"] for one in near] == [110, 120, 100]
    assert [one.precedent.context["country"] for one in near] == ["DE", "DE", "DE"]
    assert [round(one.distance, 3) for one in near] == [0.005, 0.045, 0.055]
    found = desk.inbox.suggestion(question.review, how=how)
    assert found is not None
    assert found.sentence == "approved in 3 of 3 comparable cases"

    desk.inbox.decide(question.review, Revise("Say why."), by=JO)
    assert question.review.request["subject"]["note"] == (
        "110 needs no receipt.; 120 needs no receipt.; 100 needs no receipt."
    )
    desk.inbox.decide(question.review, Reject("Too late."), by=JO)
    told = [(one.text, one.by, one.round) for one in desk.inbox.guidance(action="refund", limit=2)]
    assert told == [("Too late.", "jo", 1), ("Say why.", "jo", 0)]


def test_everybodys_words_in_a_panel_are_handed_on(desk: Desk) -> None:
    gate = human_approval("draft", inbox=desk.inbox, reviewers=quorum(2, of="editors"))
    review = desk.ask(desk.app(one_gate(gate))).review
    desk.inbox.decide(review.id, Approve("Mind the tone."), by=JO)
    desk.inbox.decide(review.id, Approve(), by=MARIA)
    (said,) = desk.inbox.guidance(action=review.action)
    assert said.text == "jo: Mind the tone."


async def test_the_asynchronous_face_says_the_same(desk: Desk) -> None:
    inbox = desk.inbox
    for amount in (100, 110, 120):
        inbox.decide(ask(desk, amount).review, Edit({"amount": 1}, "Only one."), by=MARIA)
    review = ask(desk, 111).review
    assert await inbox.asimilar(review, how=AMOUNT) == inbox.similar(review, how=AMOUNT)
    assert await inbox.asuggestion(review, how=AMOUNT) == inbox.suggestion(review, how=AMOUNT)
    assert await inbox.aguidance(action="refund") == inbox.guidance(action="refund")
    guidance = inbox.guide(action="refund")
    assert await guidance.acall({}) == guidance({}) == ["Only one."]
    assert (await inbox.aestimated_wait()).waiting == 1


def test_the_clock_may_stand_still(ledger_place: LedgerPlace) -> None:
    clock = Ticking()
    now = clock()
    with Inbox.open(ledger_place.url, clock=lambda: now + timedelta(0)) as inbox:
        for number in range(3):
            decide(inbox, f"r{number}", decision={"type": "reject", "message": f"{number}"})
        assert texts(inbox.guidance(action="refund")) == ["2", "1", "0"]


# How well a case is known


@pytest.mark.parametrize("state", [{"amount": 11}, {"amount": 11, "refund": None}])
def test_familiarity_reads_the_state_as_a_gate_does(inbox: Inbox, state: Any) -> None:
    known = inbox.familiarity(action="refund", how=AMOUNT, least=2)
    assert known(state) == 0
    decide(inbox, "r1", amount=10)
    assert known(state) == 0
    decide(inbox, "r2", amount=12)
    decide(inbox, "r3", amount=900, outcome="rejected")
    decide(inbox, "r4", amount=11, action="payment")
    assert known(state) == 1


def test_familiarity_compares_the_keys_of_the_subject(inbox: Inbox) -> None:
    decide(inbox, "r1", amount=10)
    known = inbox.familiarity(action="refund", how=AMOUNT, subject="refund", least=1)
    assert known({"refund": {"amount": 11}}) == 1
    assert known({"refund": {"amount": 99}}) == 0


@pytest.mark.parametrize("wrong", [{"least": 0}, {"within": 2}, {"among": 0}, {"action": ""}])
def test_familiarity_refuses_what_makes_no_sense(inbox: Inbox, wrong: dict[str, Any]) -> None:
    with pytest.raises(InboxError):
        inbox.familiarity(**{"action": "refund", "how": AMOUNT, **wrong})
    with pytest.raises(InboxError, match=r"familiarity: .*Newest"):
        inbox.familiarity(action="refund", how=Newest())
