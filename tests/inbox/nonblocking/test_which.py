"""Which submission a gate takes: its own, the newest that came before, and none twice."""

from __future__ import annotations

from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    ReviewState,
    add_review,
    approved,
    await_review,
    decided_items,
    submit_review,
)
from tests.drivers import Builder
from tests.inbox.nonblocking.calls import Answer, Shop, World
from tests.inbox.nonblocking.conftest import Open
from tests.inbox.nonblocking.graphs import Ran, State, act, hooks, submitted


def subjects(answer: Answer) -> list[Any]:
    """What the questions are about that the graph waits at."""
    by_id = {review.id: review.request["subject"] for review in answer.reviews}
    return sorted(by_id[each] for each in answer.asked)


def review_of(thread: Shop, subject: Any) -> Any:
    (found,) = [each for each in thread.look().pending if each.request["subject"] == subject]
    return found


# Loops


def writing(name: str) -> Any:
    def node(state: State) -> dict[str, Any]:
        return {"draft": name}

    return node


def submitted_twice(world: World) -> Builder:
    """Two submissions, then two gates that await."""
    builder: Builder = StateGraph(State)
    gate = submit_review("draft", inbox=world.inbox, **hooks(world))
    builder.add_node("first", writing("one"))
    builder.add_node("second", writing("two"))
    for name in ("submit one", "submit two"):
        add_review(builder, name, gate)
    add_review(builder, "await", await_review(gate), approved="again", rejected="again")
    add_review(builder, "again", await_review(gate), approved="end", rejected="end")
    builder.add_node("end", world.noting("end"))
    for here, there in (
        (START, "first"),
        ("first", "submit one"),
        ("submit one", "second"),
        ("second", "submit two"),
        ("submit two", "await"),
    ):
        builder.add_edge(here, there)
    return builder


def test_of_two_the_newest_is_taken_first(shop: Open) -> None:
    thread = shop(submitted_twice)
    answer = thread.send({})
    assert len(answer.pending) == 2
    assert subjects(answer) == ["two"]
    after = thread.elsewhere().decide(Approve(), review_of(thread, "two"))
    assert subjects(after) == ["one"]
    done = thread.elsewhere().decide(Reject(), review_of(thread, "one"))
    outcomes = [(each["value"], each["outcome"]) for each in done.values["reviews"]]
    assert outcomes == [("two", "approved"), ("one", "rejected")]
    assert done.ran == ["end"]


def test_a_loop_submits_and_awaits_again_and_again(shop: Open) -> None:
    thread = shop(looping)
    thread.send({"draft": "0"})
    for number in range(3):
        assert subjects(thread.look()) == [str(number)]
        thread.elsewhere().decide(Approve())
    done = thread.look()
    assert done.next == ()
    assert [each["value"] for each in done.values["reviews"]] == ["0", "1", "2"]
    assert thread.holds()


def looping(world: World) -> Builder:
    def count(state: State) -> dict[str, Any]:
        return {"draft": str(int(state["draft"]) + 1)}

    def goes_on(state: State) -> str:
        return "submit" if int(state["draft"]) < 3 else END

    builder: Builder = StateGraph(State)
    gate = submit_review("draft", inbox=world.inbox, **hooks(world))
    add_review(builder, "submit", gate)
    builder.add_node("work", world.noting("work"))
    add_review(builder, "await", await_review(gate), approved="count", rejected=END)
    builder.add_node("count", count)
    builder.add_edge(START, "submit")
    builder.add_edge("submit", "work")
    builder.add_edge("work", "await")
    builder.add_conditional_edges("count", goes_on, ["submit", END])
    return builder


def test_a_loop_inside_a_subgraph_too(small_shop: Open) -> None:
    thread = small_shop(looping_inside)
    thread.send({"draft": "0"})
    for number in range(3):
        assert subjects(thread.look()) == [str(number)]
        thread.decide(Approve())
    assert thread.look().next == ()


def looping_inside(world: World) -> Builder:
    builder: Builder = StateGraph(State)
    builder.add_node("inner", looping(world).compile())
    builder.add_edge(START, "inner")
    return builder


def test_turns_of_a_conversation_may_submit_and_await(small_shop: Open) -> None:
    """What one turn submits, a later turn awaits, though each is a run of its own."""
    thread = small_shop(conversation)
    submitted = thread.send({"draft": "Hello", "case": "submit"})
    assert submitted.next == ()
    assert thread.send({"case": "await"}).asked == [submitted.reviews[0].id]
    assert thread.decide(Approve()).ran == ["act:Hello"]


def conversation(world: World) -> Builder:
    """The gates are in a subgraph, which every turn enters anew."""
    gate = submit_review("draft", inbox=world.inbox, **hooks(world))
    inner: Builder = StateGraph(State)
    add_review(inner, "submit", gate)
    add_review(inner, "await", await_review(gate), approved="act", rejected=END)
    inner.add_node("act", act(world))
    inner.add_conditional_edges(START, turn, ["submit", "await"])
    builder: Builder = StateGraph(State)
    builder.add_node("inner", inner.compile())
    builder.add_edge(START, "inner")
    return builder


def turn(state: State) -> str:
    return state["case"]


# Several kinds in one graph


class Two(ReviewState, total=False):
    plan: str
    budget: str


def two_kinds(world: World) -> Builder:
    """Two submissions of different subjects, awaited in the other order."""
    builder: Builder = StateGraph(Two)
    plan = submit_review("plan", inbox=world.inbox)
    budget = submit_review("budget", inbox=world.inbox)
    add_review(builder, "submit plan", plan)
    add_review(builder, "submit budget", budget)
    add_review(builder, "await plan", await_review(plan), approved="await budget", rejected=END)
    add_review(builder, "await budget", await_review(budget), approved=END, rejected=END)
    builder.add_edge(START, "submit plan")
    builder.add_edge("submit plan", "submit budget")
    builder.add_edge("submit budget", "await plan")
    return builder


def test_each_gate_takes_its_own(shop: Open) -> None:
    thread = shop(two_kinds)
    answer = thread.send({"plan": "P", "budget": "B"})
    assert subjects(answer) == ["P"]
    thread.elsewhere().decide(Edit("B2"), review_of(thread, "B"))
    done = thread.elsewhere().decide(Approve(), review_of(thread, "P"))
    assert done.next == ()
    assert (approved(done.values, "plan"), approved(done.values, "budget")) == ("P", "B2")


def two_names(world: World) -> Builder:
    """One subject, submitted to two kinds of people."""
    builder: Builder = StateGraph(State)
    legal = submit_review("draft", name="legal", inbox=world.inbox)
    style = submit_review("draft", name="style", inbox=world.inbox)
    add_review(builder, "to legal", legal)
    add_review(builder, "to style", style)
    add_review(builder, "legal", await_review(legal), approved="style", rejected=END)
    add_review(builder, "style", await_review(style), approved="act", rejected=END)
    builder.add_node("act", act(world))
    builder.add_edge(START, "to legal")
    builder.add_edge("to legal", "to style")
    builder.add_edge("to style", "legal")
    return builder


def test_one_subject_under_two_names(small_shop: Open) -> None:
    thread = small_shop(two_names)
    answer = thread.send({"draft": "Hello"})
    legal, style = answer.pending
    assert (legal.action, style.action) == ("legal", "style")
    assert answer.asked == [legal.id]
    thread.decide(Approve(), style)
    assert thread.decide(Approve(), legal).ran == ["act:Hello"]


# Parallel branches


def in_parallel(world: World) -> Builder:
    """Beside what awaits, another branch works; the submission came before both."""
    builder: Builder = StateGraph(State)
    gate = submit_review("draft", inbox=world.inbox)
    add_review(builder, "submit", gate)
    builder.add_node("research", world.noting("research"))
    add_review(builder, "await", await_review(gate), approved="act", rejected=END)
    builder.add_node("act", act(world))
    builder.add_edge(START, "submit")
    builder.add_edge("submit", "research")
    builder.add_edge("submit", "await")
    return builder


def test_a_parallel_branch_does_its_work(shop: Open) -> None:
    thread = shop(in_parallel)
    assert subjects(thread.send({"draft": "Hello"})) == ["Hello"]
    assert thread.notes == ["research"]
    assert thread.elsewhere().decide(Approve()).ran == ["research", "act:Hello"]


def at_once(world: World) -> Builder:
    """Nothing says which of the two branches is the first."""
    builder: Builder = StateGraph(State)
    gate = submit_review("draft", inbox=world.inbox)
    add_review(builder, "submit", gate)
    add_review(builder, "await", await_review(gate), approved=END, rejected=END)
    builder.add_edge(START, "submit")
    builder.add_edge(START, "await")
    return builder


def test_what_is_submitted_at_the_same_time_did_not_come_before(small_shop: Open) -> None:
    for _ in range(3):
        answer = small_shop(at_once).send({"draft": "Hello"})
        waits = {review.mode: review.id for review in answer.pending}
        assert waits.keys() == {"submitted", "blocking"}
        assert answer.asked == [waits["blocking"]]


# Send


def to_each(node: str) -> Any:
    def each(state: State) -> list[Send]:
        return [Send(node, {"draft": item}) for item in state["items"]]

    return each


def each_inside(world: World) -> Builder:
    """Every item has a subgraph of its own, which submits, works and awaits."""
    builder: Builder = StateGraph(State)
    builder.add_node("item", submitted(world, output_schema=Ran).compile())
    builder.add_conditional_edges(START, to_each("item"), ["item"])
    return builder


def test_items_of_a_send_take_their_own_in_subgraphs(shop: Open) -> None:
    thread = shop(each_inside)
    answer = thread.send({"items": ["a", "b", "c"]})
    assert subjects(answer) == ["a", "b", "c"]
    thread.elsewhere().decide(Approve(), review_of(thread, "c"))
    thread.elsewhere().decide(Reject(), review_of(thread, "a"))
    done = thread.elsewhere().decide(Edit("b2"), review_of(thread, "b"))
    assert done.next == ()
    assert sorted(done.ran) == ["act:b2", "act:c", "meanwhile", "meanwhile", "meanwhile", "stop"]
    assert len(done.values["reviews"]) == 3


def sent_twice(world: World) -> Builder:
    """Every item is submitted by a `Send` of its own, and awaited by another."""

    def pay(state: State) -> dict[str, Any]:
        return {"ran": sorted(item["value"] for item in decided_items(state, "draft"))}

    builder: Builder = StateGraph(State)
    gate = submit_review("draft", inbox=world.inbox, write_back=False)
    builder.add_node("submit", gate)
    builder.add_node("between", world.noting("between"))
    builder.add_node("await", await_review(gate))
    builder.add_node("pay", pay)
    builder.add_conditional_edges(START, to_each("submit"), ["submit"])
    builder.add_edge("submit", "between")
    builder.add_conditional_edges("between", to_each("await"), ["await"])
    builder.add_edge("await", "pay")
    return builder


def test_items_of_two_sends_meet_by_their_value(shop: Open) -> None:
    thread = shop(sent_twice)
    answer = thread.send({"items": ["a", "b", "c"]})
    assert subjects(answer) == ["a", "b", "c"]
    gates = {review.request["subject"]: review.id for review in answer.pending}
    waiting = {review.id for review in answer.pending if review.mode == "blocking"}
    assert waiting == set(gates.values())
    thread.decide(Approve(), review_of(thread, "b"))
    thread.decide(Reject(), review_of(thread, "a"))
    assert thread.decide(Approve(), review_of(thread, "c")).ran == ["between", "b", "c"]


def test_equal_items_are_still_different_reviews(small_shop: Open) -> None:
    thread = small_shop(sent_twice)
    answer = thread.send({"items": ["a", "a", "a"]})
    assert len(set(answer.asked)) == 3
    first, second, third = answer.pending
    thread.decide(Approve(), first)
    thread.decide(Reject(), second)
    assert thread.decide(Reject(), third).ran == ["between", "a"]


# Forks and replays


def test_a_replay_from_between_asks_anew(small_shop: Open) -> None:
    """What was submitted was taken already; nothing is approved by an answer of another line."""
    thread = small_shop(submitted)
    between = thread.send({"draft": "Hello"}, interrupt_before=["await"]).checkpoint
    thread.send(None)
    (first,) = thread.look().pending
    assert thread.decide(Approve()).ran == ["meanwhile", "act:Hello"]
    answer = thread.replay(between)
    (second,) = answer.pending
    assert (answer.asked, first.id != second.id) == ([second.id], True)
    assert thread.decide(Reject()).ran == ["meanwhile", "stop"]


def test_a_fork_submits_and_awaits_anew(small_shop: Open) -> None:
    """A changed state is a new line: what it submits is newer than all that was submitted."""
    thread = small_shop(submitted)
    (old,) = thread.send({"draft": "Hello"}, interrupt_before=["await"]).pending
    thread.call("update", {"draft": "Bye"}, "__start__")
    answer = thread.send(None)
    new = answer.pending[-1]
    assert (new.request["subject"], answer.asked) == ("Bye", [new.id])
    assert old.id != new.id
    assert thread.decide(Approve(), new).ran[-1] == "act:Bye"
