"""Exports: decisions as training data, in the forms that trainers read."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import START, MessagesState, StateGraph

from langgraph_hitl import (
    Approve,
    Edit,
    Inbox,
    Items,
    Reject,
    Respond,
    Reviewer,
    ReviewState,
    Revise,
    Skip,
    human_approval,
    last_message,
    plan_approval,
    require_approval,
)
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._export import export as exports
from langgraph_hitl.inbox._export.export import KINDS
from langgraph_hitl.panels import quorum
from tests.apps import State, one_gate
from tests.drivers import Builder
from tests.inbox.audit.conftest import Week
from tests.inbox.desk import JO, MARIA, Desk, Question

ASKED = {"draft": "Hello", "case": "greet them"}


def louder(state: State) -> dict[str, Any]:
    return {"draft": state["draft"] + "!"}


def gate(desk: Desk, **options: Any) -> Gate:
    return human_approval(
        "draft", inbox=desk.inbox, context=["case"], revise=louder, action="greet", **options
    )


def asked(desk: Desk, **options: Any) -> Question:
    return desk.ask(desk.app(one_gate(gate(desk, **options))), ASKED)


def rows(desk: Desk, kind: Any, **options: Any) -> list[dict[str, Any]]:
    """What a fresh inbox on the same place exports."""
    desk.open()
    file = io.StringIO()
    count = desk.inbox.export(kind, **options).to_jsonl(file)
    found = [json.loads(line) for line in file.getvalue().splitlines()]
    assert len(found) == count
    return found


def test_a_decision_with_all_that_was_shown(desk: Desk) -> None:
    question = asked(desk, criteria=("polite",), requester=None)
    review = question.review
    desk.inbox.decide(review, Edit("Hi", "shorter"), by=MARIA)
    [row] = rows(desk, "decisions")
    assert (row["suggested"], row["decided"], row["outcome"]) == ("Hello", "Hi", "edited")
    assert (row["context"], row["criteria"]) == ({"case": "greet them"}, ["polite"])
    assert row["finding"] == review.request["finding"]
    assert (row["by"], row["review_id"], row["round"]) == ("maria", review.id, 0)
    assert row["decision"] == {"type": "edit", "value": "Hi", "comment": "shorter"}
    assert row["wait_seconds"] >= 0


def test_votes_stand_with_the_decision(desk: Desk) -> None:
    question = asked(desk, reviewers=quorum(2, of="editors"))
    for person in (MARIA, JO):
        desk.inbox.decide(question.review.id, Approve(), by=person)
    [row] = rows(desk, "decisions")
    assert [vote["by"] for vote in row["votes"]] == ["maria", "jo"]


def test_pseudonyms_hold_within_one_export(desk: Desk) -> None:
    question = asked(desk, reviewers=quorum(2, of="editors"))
    for person in (MARIA, JO):
        desk.inbox.decide(question.review.id, Approve(), by=person)
    [once] = rows(desk, "decisions", people="hashed")
    [again] = rows(desk, "decisions", people="hashed")
    text = json.dumps(once)
    assert "maria" not in text
    assert '"jo"' not in text
    assert once["by"] == once["votes"][1]["by"] != once["votes"][0]["by"]
    assert once["by"] != again["by"]


def test_pseudonyms_stand_before_what_each_of_a_panel_said(desk: Desk) -> None:
    question = asked(desk, reviewers=quorum(2, of="editors"))
    for person in (MARIA, JO):
        desk.inbox.decide(question.review.id, Revise("warmer\nas maria: says"), by=person)
    for person in (MARIA, JO):
        desk.inbox.decide(question.review.id, Approve("fine"), by=person)
    for kind in ("decisions", "edits", "revisions"):
        text = json.dumps(rows(desk, kind, people="hashed"))
        assert "maria: warmer" not in text
        assert "jo: " not in text
        assert "as maria: says" in text
    assert "maria: fine" in json.dumps(rows(desk, "decisions"))


def test_pseudonyms_stand_where_an_id_was_shown(desk: Desk) -> None:
    app = desk.app(one_gate(gate(desk, requester="case")))
    question = desk.ask(app, {"draft": "Hello", "case": "ann"})
    desk.inbox.decide(question.review, Revise("ask ann"), by=MARIA)
    desk.inbox.decide(question.review, Edit("maria"), by=MARIA)
    first, last = rows(desk, "decisions", people="hashed")
    assert first["context"]["case"] == first["requester"] == last["context"]["case"] != "ann"
    assert last["decided"] == last["decision"]["value"] == last["by"] != "maria"
    assert first["decision"]["feedback"] == "ask ann"
    for kind in ("edits", "preferences", "evaluation", "revisions"):
        assert '"ann"' not in json.dumps(rows(desk, kind, people="hashed"))


def test_an_edit_and_a_request_for_changes(desk: Desk) -> None:
    question = asked(desk)
    desk.inbox.decide(question.review, Revise("warmer"), by=MARIA)
    desk.inbox.decide(question.review, Edit("Hi!", "shorter"), by=JO)
    first, second = rows(desk, "edits")
    assert (first["type"], first["before"], first["after"]) == ("revise", "Hello", "Hello!")
    assert (first["feedback"], first["by"]) == ("warmer", "maria")
    assert (second["type"], second["before"], second["after"]) == ("edit", "Hello!", "Hi!")
    assert second["feedback"] == "shorter"


def test_the_history_of_a_revision(desk: Desk) -> None:
    question = asked(desk)
    desk.inbox.decide(question.review, Revise("warmer"), by=MARIA)
    desk.inbox.decide(question.review, Approve(), by=JO)
    [row] = rows(desk, "revisions")
    assert [version["value"] for version in row["versions"]] == ["Hello", "Hello!"]
    assert row["versions"][0]["decision"]["feedback"] == "warmer"
    assert (row["outcome"], row["decided"]) == ("approved", "Hello!")


def test_what_was_approved_is_preferred_to_the_version_before(desk: Desk) -> None:
    question = asked(desk)
    desk.inbox.decide(question.review, Revise("warmer"), by=MARIA)
    desk.inbox.decide(question.review, Approve(), by=JO)
    other = asked(desk)
    desk.inbox.decide(other.review, Edit("Hi"), by=MARIA)
    plain = asked(desk)
    desk.inbox.decide(plain.review, Approve(), by=MARIA)
    assert rows(desk, "preferences") == [
        {"prompt": "greet them", "chosen": "Hello!", "rejected": "Hello"},
        {"prompt": "greet them", "chosen": "Hi", "rejected": "Hello"},
    ]


def test_an_edit_that_is_asked_again_is_one_pair(desk: Desk) -> None:
    question = asked(desk, resubmit_edits=True)
    desk.inbox.decide(question.review, Edit("Hi"), by=MARIA)
    desk.inbox.decide(question.review, Approve(), by=JO)
    [row] = rows(desk, "preferences")
    assert (row["chosen"], row["rejected"]) == ("Hi", "Hello")


def test_examples_to_evaluate_with(desk: Desk) -> None:
    desk.inbox.decide(asked(desk).review, Edit("Hi"), by=MARIA)
    desk.inbox.decide(asked(desk).review, Reject("no"), by=MARIA)
    [row] = rows(desk, "evaluation")
    assert row["inputs"] == {"case": "greet them"}
    assert row["outputs"] == {"draft": "Hello"}
    assert row["reference_outputs"] == {"draft": "Hi"}
    assert row["metadata"]["outcome"] == "edited"


class Plan(ReviewState, total=False):
    """A list of payments."""

    items: list[dict[str, Any]]


ITEMS = [{"id": name, "amount": 10} for name in "abcd"]
CUT = {"id": "b", "amount": 5}


def a_plan(desk: Desk, **options: Any) -> Question:
    def build() -> Builder:
        builder: Builder = StateGraph(Plan)
        gate = plan_approval("items", action="pay", inbox=desk.inbox, **options)
        builder.add_node("gate", gate)
        builder.add_edge(START, "gate")
        return builder

    return desk.ask(desk.app(build), {"items": ITEMS})


def test_a_list_teaches_the_items_that_were_decided_in_each_sitting(desk: Desk) -> None:
    question = a_plan(desk)
    first = Items({"a": Approve(), "b": Edit(CUT, "as agreed"), "c": Skip("later")})
    desk.inbox.decide(question.review, first, by=MARIA)
    desk.inbox.decide(question.review, Items({"d": Reject("twice")}), by=JO)
    one, two = rows(desk, "decisions")
    assert (one["suggested"], one["decided"]) == (ITEMS[:3], [ITEMS[0], CUT])
    assert (two["suggested"], two["decided"]) == (ITEMS[3:], [])
    [edit] = [row for row in rows(desk, "edits") if row["by"] == "maria"]
    assert (edit["before"], edit["after"]) == (ITEMS[:3], [ITEMS[0], CUT])
    assert edit["feedback"] == "b: as agreed\nc: later"
    good, none = rows(desk, "evaluation")
    assert good["outputs"] == {"items": ITEMS[:3]}
    assert good["reference_outputs"] == {"items": [ITEMS[0], CUT]}
    assert none["reference_outputs"] == {"items": []}
    [pair] = rows(desk, "preferences")
    assert json.loads(pair["chosen"]) == [ITEMS[0], CUT]
    assert json.loads(pair["rejected"]) == ITEMS[:3]


def test_an_item_that_is_asked_about_again_was_not_decided(desk: Desk) -> None:
    question = a_plan(desk, resubmit_edits=True)
    desk.inbox.decide(question.review, Items({"a": Approve(), "b": Edit(CUT)}), by=MARIA)
    desk.inbox.decide(question.review, Approve(), by=JO)
    first, second = rows(desk, "evaluation")
    assert first["reference_outputs"] == {"items": [ITEMS[0]]}
    assert second["outputs"] == {"items": [CUT, *ITEMS[2:]]}


class Chat(ReviewState, MessagesState, total=False):
    """A chat with a note on what was asked."""

    asked: str


def test_messages_to_fine_tune_with(desk: Desk) -> None:
    made = human_approval(last_message(), inbox=desk.inbox, context=["asked"], action="send")
    builder = StateGraph(Chat)
    builder.add_node("gate", made)
    builder.add_edge(START, "gate")
    app = desk.inbox.register(builder.compile(checkpointer=desk.saver), "chat")
    given = {"messages": [HumanMessage("hey"), AIMessage("Hello")], "asked": "hey"}
    desk.inbox.decide(desk.ask(app, given).review, Edit("Hi there"), by=MARIA)
    assert rows(desk, "chat") == [
        {
            "messages": [
                {"role": "user", "content": "hey"},
                {"role": "assistant", "content": "Hi there"},
            ]
        }
    ]


def test_only_what_people_decided_teaches(week: Week) -> None:
    week.decide("r1", by="system:deadline", outcome="timed_out", decision={"type": "reject"})
    week.decide("r2", decision={"type": "edit", "value": "b"}, outcome="edited")
    for kind in KINDS:
        found = list(week.inbox.export(kind))
        assert "r1" not in {row.get("review_id") for row in found} or kind == "decisions"
    assert len(list(week.inbox.export("decisions"))) == 2
    assert len(list(week.inbox.export("edits"))) == 0  # nothing says which key the subject has


def test_what_somebody_overruled_teaches_nothing(desk: Desk) -> None:
    boss = Reviewer("boss", roles=("boss",))
    with Inbox.open(desk.inbox._office.ledger.url, overrides="boss") as inbox:
        desk.inbox = inbox
        question = asked(desk, on_recall=lambda _request, _decision: None)
        inbox.decide(question.review, Edit("Hi"), by=MARIA)
        inbox.override(question_id(question), Reject("no"), by=boss, reason="wrong")
        assert list(inbox.export("preferences")) == []
        [row] = inbox.export("decisions")
        assert row["overruled"] is True


def question_id(question: Question) -> str:
    review_id: str = question.record["review_id"]
    return review_id


def test_what_was_redacted_is_not_exported(week: Week) -> None:
    week.decide("r1", decision={"type": "edit", "value": "b"}, outcome="edited")
    with week.ledger.transaction() as tx:
        tx.apply([("r1", 0, "edited", None)])
        tx.redact("r1", actor="admin", reason="asked to")
    for kind in KINDS:
        assert list(week.inbox.export(kind)) == []


def test_only_the_period_is_exported(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PAGE", 2)
    for number in range(5):
        week.decide(f"r{number}", number)
    found = week.inbox.export("decisions", since="2026-01-06", until="2026-01-08")
    assert [row["review_id"] for row in found] == ["r1", "r2", "r3"]


def test_an_answer_is_what_was_decided(desk: Desk) -> None:
    question = asked(desk, allowed_decisions=["approve", "respond"])
    desk.inbox.decide(question.review, Respond("Good day"), by=MARIA)
    [row] = rows(desk, "decisions")
    assert row["decided"] == "Good day"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "everything"}, "kind= is one of .*, not 'everything'"),
        ({"kind": "edits", "people": "none"}, "people= is named or hashed"),
        ({"kind": "edits", "since": "soon"}, "since= is a date"),
    ],
)
def test_what_cannot_be_exported(inbox: Inbox, given: dict[str, Any], said: str) -> None:
    with pytest.raises(InboxError, match=said):
        inbox.export(**given)


def test_the_prompt_of_a_call_is_the_action_and_the_context(desk: Desk) -> None:
    @require_approval(inbox=desk.inbox)
    def pay(amount: int) -> str:
        return f"paid {amount}"

    def act(state: State) -> dict[str, Any]:
        return {"draft": pay(amount=5)}

    builder = StateGraph(State)
    builder.add_node("act", act)
    builder.add_edge(START, "act")
    question = desk.ask(desk.inbox.register(builder.compile(checkpointer=desk.saver), "calls"))
    desk.inbox.decide(question.review, Edit({"amount": 4}), by=MARIA)
    [row] = rows(desk, "preferences")
    assert row == {"prompt": "pay", "chosen": '{"amount": 4}', "rejected": '{"amount": 5}'}
