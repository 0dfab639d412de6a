"""Ask now, await later: the graph pauses only where the answer is needed, and only if it must."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    Reviewer,
    Revise,
    add_review,
    await_review,
    route,
    submit_review,
)
from langgraph_hitl.errors import AlreadyDecided, Drifted
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.panels import quorum
from tests.drivers import Builder
from tests.inbox.nonblocking.calls import World
from tests.inbox.nonblocking.conftest import Open
from tests.inbox.nonblocking.graphs import State, act, hooks, louder, submitted
from tests.inboxed import url_of

DRAFT = {"draft": "Hello"}


def decided_meanwhile(world: World, decision: Any, **options: Any) -> Builder:
    """As `submitted`, with somebody who decides before the graph asks for the answer."""
    return submitted(world, meanwhile=deciding(world, decision), **options)


def deciding(world: World, decision: Any) -> Any:
    def node(state: State, config: RunnableConfig) -> dict[str, Any]:
        thread = config["configurable"]["thread_id"]
        for review in world.inbox.pending(thread=thread):
            assert world.inbox.decide(review.id, decision, by="maria").status == "settled"
        world.points("node")
        world.note("meanwhile")
        return {"ran": ["meanwhile"]}

    return node


# Asking


def test_the_graph_goes_on_and_pauses_where_the_answer_is_needed(shop: Open) -> None:
    thread = shop(submitted)
    answer = thread.send(DRAFT)
    (review,) = answer.pending
    assert answer.ran == ["meanwhile"]
    assert answer.asked == [review.id]
    assert thread.notes == ["asked:Hello", "meanwhile"]
    assert (review.mode, review.gate, review.wake) == ("blocking", "await", False)
    assert thread.events(review) == ["filed", "joined"]


def test_before_the_answer_is_needed_it_waits_in_the_inbox_only(shop: Open) -> None:
    thread = shop(submitted)
    answer = thread.send(DRAFT, interrupt_before=["await"])
    (review,) = answer.pending
    assert (review.mode, review.kind, review.wake) == ("submitted", "submit_review", False)
    assert answer.asked == []
    assert "review" not in answer.values
    assert review.request["subject"] == "Hello"


# Answering


def test_it_is_answered_where_it_pauses(shop: Open) -> None:
    thread = shop(submitted)
    thread.send(DRAFT)
    answer = thread.elsewhere().decide(Approve())
    assert answer.result.status == "applied"
    assert answer.ran == ["meanwhile", "act:Hello"]
    assert answer.values["review"]["decided_by"] == "maria"
    assert thread.notes[2:] == ["decided:Hello:Approve", "act:Hello"]
    assert thread.work().result.idle
    assert thread.holds()


@pytest.mark.parametrize(
    ("build", "ran"),
    [("approved", "act:Hello"), ("edited", "act:Hi"), ("rejected", "stop")],
)
def test_what_was_decided_before_lets_it_straight_through(shop: Open, build: str, ran: str) -> None:
    thread = shop(BUILDS[build])
    answer = thread.send(DRAFT)
    assert answer.asked == []
    assert answer.ran == ["meanwhile", ran]
    assert answer.values["review"]["outcome"] == build
    assert thread.notes[1] == "meanwhile"
    (review,) = answer.reviews
    assert (review.status, review.wake) == ("applied", False)
    assert thread.events(review) == ["filed", "settled", "joined", "applied"]


def approved_meanwhile(world: World) -> Builder:
    return decided_meanwhile(world, Approve())


def edited_meanwhile(world: World) -> Builder:
    return decided_meanwhile(world, Edit("Hi"))


def rejected_meanwhile(world: World) -> Builder:
    return decided_meanwhile(world, Reject())


BUILDS = {
    "approved": approved_meanwhile,
    "edited": edited_meanwhile,
    "rejected": rejected_meanwhile,
}


def test_who_decides_before_the_pause_resumes_nothing(shop: Open) -> None:
    """Nor does a worker: the graph takes the decision when it comes to the question."""
    thread = shop(submitted)
    before = thread.send(DRAFT, interrupt_before=["await"])
    decided = thread.elsewhere().decide(Approve())
    assert (decided.result.status, decided.result.wake) == ("settled", False)
    assert thread.work().result.idle
    after = thread.look()
    assert (after.checkpoint, after.next) == (before.checkpoint, ("await",))
    with pytest.raises(AlreadyDecided):
        thread.decide(Reject(), decided.result)
    assert thread.send(None).ran == ["meanwhile", "act:Hello"]


def test_deciding_before_the_pause_needs_no_graph(small_shop: Open) -> None:
    thread = small_shop(submitted)
    (review,) = thread.send(DRAFT, interrupt_before=["await"]).pending
    with Inbox.open(url_of(thread.job.row, thread.job.place)) as inbox:
        assert inbox.decide(review.id, Approve(), by="maria").status == "settled"
    assert thread.send(None).ran == ["meanwhile", "act:Hello"]


def test_a_direct_answer_at_the_pause_counts(small_shop: Open) -> None:
    thread = small_shop(submitted)
    thread.send(DRAFT)
    answer = thread.answer({"type": "reject"})
    assert answer.ran == ["meanwhile", "stop"]
    assert answer.values["review"]["decided_by"] == "direct"
    assert answer.reviews[0].status == "applied"


def test_a_panel_may_vote_before_and_after_the_graph_pauses(shop: Open) -> None:
    thread = shop(by_two_editors)
    (review,) = thread.send(DRAFT, interrupt_before=["await"]).pending
    one, two = Reviewer("ann", roles="editors"), Reviewer("bob", roles="editors")
    assert thread.decide(Approve(), review, by=one).result.status == "pending"
    assert thread.send(None).asked == [review.id]
    assert thread.elsewhere().decide(Approve(), review, by=two).ran[-1] == "act:Hello"
    (decision,) = thread.look().values["review"]["decisions"]
    assert [vote["by"] for vote in decision["votes"]] == ["ann", "bob"]


def by_two_editors(world: World) -> Builder:
    return submitted(world, reviewers=quorum(2, of="editors"))


@pytest.mark.parametrize("when", ["before", "after"])
def test_cancelling_takes_the_way_of_a_refusal(shop: Open, when: str) -> None:
    thread = shop(submitted)
    thread.send(DRAFT, **({"interrupt_before": ["await"]} if when == "before" else {}))
    cancelled = thread.cancel()
    answer = thread.send(None) if when == "before" else cancelled
    assert answer.ran == ["meanwhile", "stop"]
    assert answer.values["review"]["outcome"] == "cancelled"
    assert (answer.reviews[0].status, answer.reviews[0].wake) == ("cancelled", False)
    assert thread.notes == ["asked:Hello", "meanwhile", "stop"]
    assert thread.work().result.idle
    assert thread.holds()


# Revising


def test_a_request_for_changes_is_worked_on_where_the_graph_waits(shop: Open) -> None:
    thread = shop(revisable)
    thread.send(DRAFT)
    revised = thread.elsewhere().decide(Revise("louder"))
    (review,) = revised.pending
    assert (review.round, review.request["subject"], review.mode) == (1, "Hello!", "blocking")
    assert revised.asked == [review.id]
    done = thread.elsewhere().decide(Approve())
    assert done.ran == ["meanwhile", "act:Hello!"]
    assert thread.notes == [
        "asked:Hello",
        "meanwhile",
        "decided:Hello:Revise",
        "asked:Hello!",
        "decided:Hello!:Approve",
        "act:Hello!",
    ]
    events = ["filed", "joined", "settled", "renewed", "settled", "applied"]
    assert thread.events(review) == events
    assert thread.holds()


def revisable(world: World) -> Builder:
    return submitted(world, revise=louder)


def test_a_request_for_changes_that_came_before_is_worked_on_when_the_graph_comes(
    shop: Open,
) -> None:
    thread = shop(revised_meanwhile)
    answer = thread.send(DRAFT)
    (review,) = answer.pending
    assert (review.round, review.request["subject"]) == (1, "Hello!")
    assert answer.asked == [review.id]
    assert thread.elsewhere().decide(Approve()).ran == ["meanwhile", "act:Hello!"]


def revised_meanwhile(world: World) -> Builder:
    return decided_meanwhile(world, Revise("louder"), revise=louder)


# The subject changes meanwhile


def test_what_is_approved_is_what_was_submitted(shop: Open) -> None:
    thread = shop(changed_meanwhile)
    thread.send(DRAFT)
    with pytest.raises(Exception, match="changed after its approval") as raised:
        thread.decide(Approve())
    assert isinstance(raised.value.__cause__, Drifted)
    (kept,) = thread.look().values["reviews"]
    assert (kept["outcome"], kept["value"]) == ("approved", "Hello")
    assert thread.look().values["draft"] == "changed"


def changed_meanwhile(world: World) -> Builder:
    def change(state: State) -> dict[str, Any]:
        return {"draft": "changed"}

    return submitted(world, meanwhile=change)


def test_an_edit_replaces_what_the_graph_has_made_of_it(small_shop: Open) -> None:
    thread = small_shop(changed_meanwhile)
    thread.send(DRAFT)
    assert thread.decide(Edit("Hi")).ran == ["act:Hi"]


# Nobody is needed


def test_where_nobody_is_needed_it_goes_straight_through(shop: Open) -> None:
    thread = shop(only_long_ones)
    answer = thread.send(DRAFT)
    assert (answer.asked, answer.ran) == ([], ["meanwhile", "act:Hello"])
    record = answer.values["review"]
    assert (record["outcome"], record["decided_by"]) == ("auto_approved", "system:trigger")
    (review,) = answer.reviews
    assert record["review_id"] == review.id
    assert (review.status, review.wake) == ("applied", False)
    assert thread.notes == ["meanwhile", "act:Hello"]
    assert thread.work().result.idle
    assert thread.holds()


def only_long_ones(world: World) -> Builder:
    def is_long(state: State) -> bool:
        return len(state["draft"]) > 10

    return submitted(world, when=is_long)


def test_where_somebody_is_it_waits(small_shop: Open) -> None:
    thread = small_shop(only_long_ones)
    thread.send({"draft": "Hello to everybody"})
    assert thread.decide(Approve()).ran == ["meanwhile", "act:Hello to everybody"]


# Nothing was submitted


def test_where_nothing_was_submitted_it_asks_by_itself(shop: Open) -> None:
    thread = shop(sometimes_submitted)
    answer = thread.send(DRAFT)
    (review,) = answer.pending
    assert (answer.asked, review.mode) == ([review.id], "blocking")
    assert thread.elsewhere().decide(Approve()).ran == ["act:Hello"]
    assert thread.notes == ["asked:Hello", "decided:Hello:Approve", "act:Hello"]


def sometimes_submitted(world: World) -> Builder:
    """Only a case has its draft submitted."""
    builder: Builder = StateGraph(State)
    gate = submit_review("draft", inbox=world.inbox, **hooks(world))
    add_review(builder, "submit", gate)
    add_review(builder, "await", await_review(gate), approved="act", rejected=END)
    builder.add_node("act", act(world))
    builder.add_conditional_edges(START, submits, ["submit", "await"])
    builder.add_edge("submit", "await")
    return builder


def submits(state: State) -> str:
    return "submit" if state.get("case") else "await"


# New input, and threads that never ask for the answer


def test_new_input_starts_over_and_leaves_what_nobody_waits_for(shop: Open) -> None:
    thread = shop(submitted)
    (old,) = thread.send(DRAFT, interrupt_before=["await"]).pending
    answer = thread.send({"draft": "Bye"})
    new = answer.pending[-1]
    assert answer.asked == [new.id]
    assert thread.decide(Approve(), new).ran[-1] == "act:Bye"
    left = thread.look()
    assert [(each.id, each.mode, each.wake) for each in left.pending] == [
        (old.id, "submitted", False)
    ]
    assert thread.work().result.idle


def test_new_input_ends_the_question_that_the_graph_waited_for(shop: Open) -> None:
    thread = shop(submitted)
    (old,) = thread.send(DRAFT).pending
    thread.send({"draft": "Bye"})
    assert [review.status for review in thread.look().reviews] == ["superseded", "pending"]
    assert thread.look().reviews[0].id == old.id
    assert thread.decide(Approve()).ran[-1] == "act:Bye"


def test_a_thread_that_never_awaits_leaves_the_review_as_it_is(small_shop: Open) -> None:
    thread = small_shop(never_awaited)
    (review,) = thread.send(DRAFT).pending
    assert thread.work().result.idle
    assert thread.decide(Approve()).result.status == "settled"
    assert thread.work().result.idle
    (left,) = thread.look().reviews
    assert (left.id, left.status, left.mode, left.wake) == (
        review.id,
        "settled",
        "submitted",
        False,
    )


def never_awaited(world: World) -> Builder:
    builder: Builder = StateGraph(State)
    add_review(builder, "submit", submit_review("draft", inbox=world.inbox))
    builder.add_edge(START, "submit")
    return builder


# Wired by hand


def test_wired_by_hand(small_shop: Open) -> None:
    thread = small_shop(by_hand)
    thread.send(DRAFT)
    assert thread.decide(Approve()).ran == ["act:Hello"]


def by_hand(world: World) -> Builder:
    builder: Builder = StateGraph(State)
    gate = submit_review("draft", inbox=world.inbox)
    builder.add_node("submit", gate)
    builder.add_node("await", await_review(gate))
    builder.add_node("act", act(world))
    builder.add_edge(START, "submit")
    builder.add_edge("submit", "await")
    builder.add_conditional_edges("await", route(approved="act", rejected=END))
    return builder
