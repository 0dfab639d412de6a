"""A list is decided item by item, in one sitting or in several."""

from __future__ import annotations

import operator
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import (
    Approve,
    Edit,
    Items,
    Reject,
    RejectRest,
    ReviewState,
    Revise,
    Skip,
    add_review,
    approved,
    approved_items,
    hitl_router,
    human_approval,
    pending,
    plan_approval,
    remaining,
    resume,
    send_items,
)
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl.errors import (
    GateError,
    InvalidDecision,
    NotApproved,
    RevisionFailed,
    SubjectError,
)
from langgraph_hitl.panels import anyone, majority, quorum
from langgraph_hitl.triggers import never
from tests.paused import App, Paused, graph, new_thread, pause, spec

WAYS: dict[str, Any] = {"approved": "pay", "partial": "pay some", "rejected": "archive"}


def invoices(*amounts: int) -> list[dict[str, Any]]:
    return [{"id": chr(97 + n), "amount": amount} for n, amount in enumerate(amounts)]


def waiting(*amounts: int, **options: Any) -> Paused:
    return pause(plan_approval("draft", **options), {"draft": invoices(*amounts)}, **WAYS)


def decide(thread: Paused, **verdicts: Any) -> dict[str, Any]:
    return thread.send(resume(thread.request, Items(verdicts), by="maria"))


def kinds(state: dict[str, Any]) -> dict[str, str]:
    return {entry["id"]: entry["type"] for entry in state["review"]["items"]}


@pytest.mark.parametrize(
    ("verdicts", "outcome", "left", "went"),
    [
        ({"a": Approve(), "b": Approve()}, "approved", [10, 20], "pay"),
        ({"a": Edit({"id": "a", "amount": 1}), "b": Approve()}, "edited", [1, 20], "pay"),
        ({"a": Approve(), "b": Reject("twice")}, "partial", [10], "pay some"),
        ({"a": Approve(), "b": Skip()}, "partial", [10], "pay some"),
        ({"a": Skip(), "b": Reject()}, "rejected", [10, 20], "archive"),
        ({"a": RejectRest("stop")}, "rejected", [10, 20], "archive"),
    ],
)
def test_the_verdicts_choose_the_way(
    verdicts: dict[str, Any], outcome: str, left: list[int], went: str
) -> None:
    thread = waiting(10, 20)
    state = decide(thread, **verdicts)
    assert (state["review"]["outcome"], state["went"]) == (outcome, went)
    assert [item["amount"] for item in state["draft"]] == left


def test_what_a_sitting_leaves_out_is_asked_about_again() -> None:
    thread = waiting(10, 20, 30)
    first = thread.request
    decide(thread, b=Reject("twice"))
    second = thread.request
    assert (remaining(first), remaining(second)) == (["a", "b", "c"], ["a", "c"])
    assert (second.review_id, second.round) == (first.review_id, 1)
    assert second.items is not None
    assert [(one["id"], one["type"], one["by"]) for one in second.items["decided"]] == [
        ("b", "reject", "maria")
    ]
    decide(thread, c=Approve("fine"))
    state = thread.send(resume(thread.request, Approve(), by="jo"))
    assert kinds(state) == {"a": "approve", "b": "reject", "c": "approve"}
    assert [entry["by"] for entry in state["review"]["items"]] == ["jo", "maria", "maria"]
    assert state["review"]["feedback"] == "b: twice\nc: fine"
    assert [entry["version"] for entry in state["review"]["history"]] == [
        invoices(10, 20, 30),
        [invoices(10, 20, 30)[0], invoices(10, 20, 30)[2]],
    ]


def test_a_rejection_of_the_rest_loses_nothing_that_was_approved() -> None:
    thread = waiting(10, 20, 30)
    decide(thread, a=Approve())
    state = thread.send(resume(thread.request, Reject("too late"), by="jo"))
    assert (state["review"]["outcome"], state["draft"]) == ("partial", invoices(10))
    assert kinds(state) == {"a": "approve", "b": "reject", "c": "reject"}


def test_what_stops_the_rest_decides_what_comes_after_it_and_nothing_before() -> None:
    thread = waiting(10, 20, 30, 40)
    decide(thread, b=RejectRest("fraud"), d=Approve())
    assert remaining(thread.request) == ["a"]
    state = decide(thread, a=Approve())
    assert kinds(state) == {"a": "approve", "b": "reject_rest", "c": "reject", "d": "approve"}
    assert state["review"]["feedback"] == (
        "b: fraud\nc: Not looked at: the rest was refused with 'b'"
    )


def test_what_goes_on_keeps_its_order_and_each_its_key() -> None:
    thread = waiting(10, 20, 30)
    decide(thread, c=Approve())
    decide(thread, b=Edit({"id": "b", "amount": 2}))
    state = decide(thread, a=Approve())
    assert approved(state, "draft") == [
        {"id": "a", "amount": 10},
        {"id": "b", "amount": 2},
        {"id": "c", "amount": 30},
    ]
    items = approved_items(state, "draft")
    assert [(one["id"], one["value"]["amount"], one["type"]) for one in items] == [
        ("a", 10, "approve"),
        ("b", 2, "edit"),
        ("c", 30, "approve"),
    ]
    keys = {one["idempotency_key"] for one in items}
    assert len(keys) == 3
    assert all(key.startswith(state["review"]["review_id"]) for key in keys)
    assert all("value" not in entry for entry in state["review"]["items"])


@pytest.mark.parametrize(
    ("verdicts", "problem"),
    [
        ({"x": {"type": "approve"}}, "there is no item 'x'; open: a, b"),
        ({"a": {"type": "edit", "value": {"id": "z", "amount": 1}}}, "the whole item"),
        ({"a": {"type": "edit", "value": 5}}, "the whole item"),
        ({"a": {"type": "edit", "value": {"id": "a", "amount": "5"}}}, "does not fit"),
        ({"a": {"type": "edit"}}, "'value' is missing"),
        ({"a": {"type": "accept"}}, "unknown decision type 'accept'"),
        ({"a": {"type": "approve", "rating": "correct"}}, "no rating"),
        ({"a": {"type": "skip", "why": "x"}}, "unknown field 'why'"),
        ({"a": "approve"}, "an object with a type"),
        ({}, "one at least"),
        (["a"], "one at least"),
    ],
)
def test_verdicts_that_do_not_fit_are_refused_and_nothing_is_decided(
    verdicts: Any, problem: str
) -> None:
    schema = {"properties": {"id": {"type": "string"}, "amount": {"type": "integer"}}}
    thread = waiting(10, 20, item_schema=schema)
    with pytest.raises(ValueError, match=problem):
        thread.mapped({"type": "items", "items": verdicts})
    assert remaining(thread.request) == ["a", "b"]
    assert thread.outcome() is None


def test_a_verdict_on_what_is_decided_is_refused_with_who_decided_it() -> None:
    thread = waiting(10, 20)
    decide(thread, a=Approve())
    with pytest.raises(InvalidDecision, match="'a' is decided already: approve by maria"):
        resume(thread.request, Items({"a": Reject()}))
    with pytest.raises(ValueError, match="'a' is decided already: approve by maria"):
        thread.mapped({"type": "items", "items": {"a": {"type": "reject"}}})


def test_an_answer_to_an_earlier_sitting_does_not_count() -> None:
    thread = waiting(10, 20)
    stale = resume(thread.request, Items({"b": Approve()}))
    decide(thread, a=Approve())
    thread.send(stale)
    assert remaining(thread.request) == ["b"]


@pytest.mark.parametrize(
    ("subject", "problem"),
    [
        ([{"id": "a"}, {"id": "a"}], "two items have the id 'a'"),
        ([{"id": 1}, {"id": "1"}], "two items have the id '1'"),
        ([{"id": "a"}, {"name": "b"}], "item 1 has no 'id'"),
        ([{"id": None}], "item 0 has no 'id'"),
        ([{"id": " "}], "item 0 has no 'id'"),
        ([{"id": True}], "item 0 has no 'id'"),
        (["a"], "item 0 has no 'id'"),
        ([], "'draft' is an empty list.* Branch before the gate"),
        ({"id": "a"}, "expected a list"),
    ],
)
def test_what_has_no_items_to_tell_apart_is_an_error_before_anybody_is_asked(
    subject: Any, problem: str
) -> None:
    app = graph(plan_approval("draft"), **WAYS)
    with pytest.raises(SubjectError, match=problem):
        app.invoke({"draft": subject}, new_thread())


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"item_id": " "}, "item_id"),
        ({"edit_schema": dict}, "item_schema="),
        ({"allowed_decisions": ["approve", "edit", "items"]}, "'edit' decides no list"),
        ({"allowed_decisions": ["approve", "reject"]}, "without 'items'"),
        ({"items": 5}, "items must be the state key"),
        ({"item_shema": dict}, "plan_approval: unknown option 'item_shema'; did you mean 'item_s"),
    ],
)
def test_options_that_do_not_fit_are_errors_when_it_is_built(
    options: dict[str, Any], problem: str
) -> None:
    key = options.pop("items", "draft")
    with pytest.raises(GateError, match=problem):
        plan_approval(key, **options)


def test_items_need_a_gate_that_knows_how_to_tell_them_apart() -> None:
    with pytest.raises(GateError, match="see plan_approval"):
        human_approval("draft", allowed_decisions=["approve", "items"])


def test_the_way_for_what_is_approved_in_part_has_to_be_named() -> None:
    builder: Any = StateGraph(ReviewState)
    with pytest.raises(GateError, match="partial="):
        add_review(builder, "gate", plan_approval("draft"), approved="pay", rejected="archive")


def test_a_revised_list_takes_the_place_of_what_is_open() -> None:
    seen: list[Any] = []

    def rewrite(state: dict[str, Any]) -> dict[str, Any]:
        seen.append((state["draft"], state["review"]["feedback"]))
        return {"draft": [{"id": "d", "amount": 4}, {"id": "b", "amount": 2}]}

    thread = waiting(10, 20, 30, revise=rewrite, reads=("draft",))
    decide(thread, a=Approve())
    thread.send(resume(thread.request, Revise("smaller"), by="jo"))
    assert seen == [(invoices(10, 20, 30)[1:], "smaller")]
    assert remaining(thread.request) == ["d", "b"]
    state = thread.send(resume(thread.request, Approve(), by="jo"))
    assert state["draft"] == [
        {"id": "a", "amount": 10},
        {"id": "b", "amount": 2},
        {"id": "d", "amount": 4},
    ]
    assert kinds(state) == {"a": "approve", "b": "approve", "c": "withdrawn", "d": "approve"}


def test_a_revised_list_cannot_bring_back_what_is_decided() -> None:
    thread = waiting(10, 20, revise=lambda _: {"draft": invoices(10, 20)}, reads=("draft",))
    decide(thread, a=Reject())
    with pytest.raises(RevisionFailed, match="'a' is that of an item which is decided"):
        thread.send(resume(thread.request, Revise("again")))


def test_when_changes_are_exhausted_the_rest_is_refused_and_the_approved_go_on() -> None:
    def rewrite(state: dict[str, Any]) -> dict[str, Any]:
        return {"draft": state["draft"]}

    thread = waiting(10, 20, revise=rewrite, reads=("draft",), max_revisions=1)
    decide(thread, a=Approve())
    thread.send(resume(thread.request, Revise("again")))
    state = thread.send(resume(thread.request, Revise("and again")))
    assert (state["review"]["outcome"], state["draft"]) == ("partial", invoices(10))


def test_edited_items_are_asked_about_again_where_that_is_wanted() -> None:
    thread = waiting(10, 20, resubmit_edits=True)
    decide(thread, a=Edit({"id": "a", "amount": 11}), b=Approve())
    assert thread.request.subject == [{"id": "a", "amount": 11}]
    state = decide(thread, a=Approve())
    assert (state["review"]["outcome"], state["draft"]) == (
        "approved",
        [{"id": "a", "amount": 11}, {"id": "b", "amount": 20}],
    )


def test_what_passes_by_itself_passes_whole() -> None:
    thread = waiting(10, 20, when=lambda state: False, reads=("draft",))
    state = thread.state()
    assert state["review"]["outcome"] == "auto_approved"
    assert kinds(state) == {"a": "auto", "b": "auto"}
    assert [one["id"] for one in approved_items(state, "draft")] == ["a", "b"]


def test_each_item_has_its_own_tally() -> None:
    thread = waiting(10, 20, reviewers=quorum(2, of=3))

    def vote(who: str, **verdicts: Any) -> dict[str, Any]:
        return thread.send(resume(thread.request, Items(verdicts), by=who))

    vote("ann", a=Approve(), b=Reject("no"))
    vote("bob", a=Approve())
    assert remaining(thread.request) == ["a", "b"]
    assert thread.request.panel is not None
    assert thread.request.panel["needed"] == ["b: 2 more"]
    state = vote("cas", b=Reject())
    assert kinds(state) == {"a": "approve", "b": "reject"}
    by_item = {entry["id"]: (entry["by"], entry["votes"]) for entry in state["review"]["items"]}
    assert by_item == {
        "a": ("bob", [{"type": "approve", "by": "ann"}, {"type": "approve", "by": "bob"}]),
        "b": (
            "cas",
            [{"type": "reject", "message": "no", "by": "ann"}, {"type": "reject", "by": "cas"}],
        ),
    }
    assert [item["by"] for item in approved_items(state, "draft")] == ["bob"]


def test_an_item_that_its_votes_do_not_let_pass_is_put_down_to_the_panel() -> None:
    thread = waiting(10, 20, reviewers=majority(of=3))
    said: dict[str, dict[str, Any]] = {
        "ann": {"a": Approve(), "b": Approve()},
        "bob": {"a": Skip(), "b": Approve()},
        "cas": {"a": Edit({"id": "a", "amount": 1}), "b": Approve()},
    }
    for who, verdicts in said.items():
        state = thread.send(resume(thread.request, Items(verdicts), by=who))
    assert [(one["type"], one["by"]) for one in state["review"]["items"]] == [
        ("reject", "panel"),
        ("approve", "cas"),
    ]
    votes = [(vote["by"], vote["type"]) for vote in state["review"]["items"][0]["votes"]]
    assert votes == [("ann", "approve"), ("bob", "skip"), ("cas", "edit")]


def test_an_item_of_one_reviewer_names_the_reviewer_alone() -> None:
    state = decide(waiting(10, reviewers=anyone()), a=Approve())
    [entry] = state["review"]["items"]
    assert (entry["by"], "votes" in entry) == ("maria", False)


def test_what_one_said_of_an_item_stands_when_one_goes_on_to_the_next() -> None:
    thread = waiting(10, 20, reviewers=quorum(2, of=3))
    for who in ("ann", "bob"):
        for item in ("a", "b"):
            thread.send(resume(thread.request, Items({item: Approve()}), by=who))
    assert thread.outcome() == "approved"


def test_nothing_is_approved_where_nothing_was_reviewed_item_by_item() -> None:
    thread = pause(human_approval("draft"))
    state = thread.send(resume(thread.request, Approve()))
    with pytest.raises(NotApproved, match="item by item"):
        approved_items(state, "draft")
    with pytest.raises(NotApproved, match="by 'other'"):
        approved_items(state, "draft", gate="other")


class Paying(ReviewState):
    """Payments that were made."""

    items: list[dict[str, Any]]
    paid: Annotated[list[Any], operator.add]


def paying(
    *,
    key: str = "items",
    gate: Gate | None = None,
    saver: BaseCheckpointSaver[Any] | None = None,
) -> App:
    def pay(item: Any) -> dict[str, Any]:
        return {"paid": [item["value"]]}

    builder: StateGraph[Any, Any, Any, Any] = StateGraph(Paying)
    builder.add_node("approve", gate or plan_approval("items", action="pay"))
    builder.add_node("pay", RunnableLambda(pay))
    builder.add_edge(START, "approve")
    builder.add_conditional_edges("approve", send_items("pay", key=key, otherwise=END))
    builder.add_edge("pay", END)
    return builder.compile(checkpointer=saver or InMemorySaver())


def test_send_items_of_another_key_is_an_error_after_which_the_items_can_still_be_sent() -> None:
    saver, config = InMemorySaver(), new_thread()
    app = paying(key="itmes", saver=saver)
    app.invoke({"items": invoices(10, 20), "paid": []}, config)
    with pytest.raises(NotApproved, match="'itmes' has not been reviewed; did you mean 'items'"):
        app.invoke(resume(pending(app, config)[0], Approve()), config)
    mended = paying(saver=saver)
    mended.invoke(None, config)
    mended.update_state(config, None, as_node="approve")
    assert mended.invoke(None, config)["paid"] == invoices(10, 20)


@pytest.mark.parametrize("route", [True, False])
def test_send_items_of_a_list_that_was_approved_as_a_whole_is_an_error(route: bool) -> None:
    gate = human_approval("items")
    if route:
        patterns = {"each": plan_approval("items"), "whole": gate}
        gate = hitl_router(patterns, rules=[(never(), "each")], default="whole")
    app, config = paying(gate=gate), new_thread()
    app.invoke({"items": invoices(10), "paid": []}, config)
    with pytest.raises(NotApproved, match="not been reviewed item by item"):
        app.invoke(resume(pending(app, config)[0], Approve()), config)


def test_send_items_of_a_list_that_was_refused_as_a_whole_sends_nothing() -> None:
    app, config = paying(gate=human_approval("items")), new_thread()
    app.invoke({"items": invoices(10), "paid": []}, config)
    assert app.invoke(resume(pending(app, config)[0], Reject()), config)["paid"] == []


@pytest.mark.parametrize("wrong", ["", " ", None, 1])
def test_send_items_takes_the_name_of_a_key_and_of_a_node(wrong: Any) -> None:
    with pytest.raises(GateError, match="send_items: key= is the state key"):
        send_items("pay", key=wrong)
    with pytest.raises(GateError, match="send_items takes the name of a node"):
        send_items(wrong, key="items")


VERDICTS = st.one_of(
    st.just(Approve()),
    st.just(Skip()),
    st.just(Reject()),
    st.just(RejectRest()),
    st.integers(0, 99).map(lambda amount: ("edit", amount)),
)


@given(st.data(), st.integers(1, 6))
def test_each_approved_item_runs_once_with_its_value_and_no_other(
    data: st.DataObject, count: int
) -> None:
    items = invoices(*range(100, 100 + count))
    app, config = paying(), new_thread()
    app.invoke({"items": items, "paid": []}, config)
    expected: dict[str, dict[str, Any]] = {}
    left = [item["id"] for item in items]
    while left:
        (request,) = pending(app, config)
        assert remaining(request) == left
        chosen = data.draw(st.lists(st.sampled_from(left), unique=True, min_size=1))
        verdicts: dict[str, Any] = {}
        for item in chosen:
            drawn: Any = data.draw(VERDICTS)
            if isinstance(drawn, tuple):
                drawn = Edit({"id": item, "amount": drawn[1]})
            verdicts[item] = drawn
        app.invoke(resume(request, Items(verdicts)), config)
        shown = {item["id"]: item for item in items}
        for item, verdict in verdicts.items():
            if isinstance(verdict, Approve):
                expected[item] = shown[item]
            elif isinstance(verdict, Edit):
                expected[item] = verdict.value
        stops = [left.index(i) for i, one in verdicts.items() if isinstance(one, RejectRest)]
        over = {*verdicts, *(left[min(stops) :] if stops else ())}
        left = [item for item in left if item not in over]
    state = app.get_state(config).values
    assert state["paid"] == [expected[item["id"]] for item in items if item["id"] in expected]


def test_it_is_one_of_the_gates() -> None:
    gate = plan_approval("draft", name="invoices")
    assert (spec(gate).kind, gate.name) == ("plan_approval", "invoices")
    assert spec(gate).outcomes == {"approved", "edited", "partial", "rejected"}
