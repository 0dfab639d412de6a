"""A sample that does not block: the subject goes on, and is called back if it should not have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from langgraph_hitl import (
    Approve,
    Edit,
    Reject,
    Reviewer,
    Revise,
    add_review,
    human_approval,
    qa_sample,
)
from langgraph_hitl.errors import AlreadyDecided, GateError, NotRegistered, RunFailed
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.panels import quorum
from langgraph_hitl.review import Decision
from tests.drivers import Builder
from tests.inbox.nonblocking.calls import Answer, World
from tests.inbox.nonblocking.conftest import Open
from tests.inbox.nonblocking.graphs import State, act, recalling, sampled
from tests.inboxed import url_of
from tests.patterns.qa import DRAWN, NOT_DRAWN
from tests.subject_presets import SALT

ITEM = {"draft": "Hello", "case": DRAWN}
AGAINST: list[Decision] = [Reject("wrong"), Revise("shorter"), Edit("Hi")]


def by_name(decision: Decision) -> str:
    return type(decision).__name__


def finished(answer: Answer) -> bool:
    return answer.next == () and answer.asked == []


# The graph goes on


def test_it_goes_on_at_once_and_the_review_waits(shop: Open) -> None:
    thread = shop(sampled)
    answer = thread.send(ITEM)
    assert answer.ran == ["act:Hello"]
    assert finished(answer)
    (review,) = answer.pending
    assert (review.mode, review.kind, review.wake) == ("sampled", "qa_sample", False)
    assert thread.notes == ["asked:Hello", "act:Hello"]


def test_the_record_says_that_nobody_had_looked(small_shop: Open) -> None:
    answer = small_shop(sampled).send(ITEM)
    record = answer.values["review"]
    (kept,) = answer.values["reviews"]
    for each in (record, kept):
        assert (each["outcome"], each["decided_by"]) == ("auto_approved", "system:trigger")
        assert each["released"] is True
        assert each["finding"]["needed"] is True
        assert each["decisions"] == []
    assert record["review_id"] == answer.pending[0].id


def test_what_is_not_drawn_passes_and_was_not_released_unseen(small_shop: Open) -> None:
    thread = small_shop(sampled)
    answer = thread.send({"draft": "Hello", "case": NOT_DRAWN})
    assert answer.ran == ["act:Hello"]
    assert "released" not in answer.values["review"]
    (review,) = answer.reviews
    assert (review.status, review.outcome) == ("applied", "auto_approved")
    assert thread.notes == ["act:Hello"]
    assert thread.events(review) == ["auto_approved"]


# Deciding later


def test_an_approval_recalls_nothing(shop: Open) -> None:
    thread = shop(sampled)
    before = thread.send(ITEM)
    after = thread.elsewhere().decide(Approve())
    assert (after.result.status, after.result.outcome) == ("applied", "approved")
    assert thread.notes == ["asked:Hello", "act:Hello", "decided:Hello:Approve"]
    assert (after.checkpoint, after.values) == (before.checkpoint, before.values)


@pytest.mark.parametrize("decision", AGAINST, ids=by_name)
def test_every_other_decision_recalls(shop: Open, decision: Decision) -> None:
    thread = shop(sampled)
    before = thread.send(ITEM)
    after = thread.elsewhere().decide(decision)
    name = by_name(decision)
    assert after.result.status == "applied"
    assert thread.notes[2:] == [f"decided:Hello:{name}", f"recalled:Hello:{name}"]
    assert (after.checkpoint, after.values) == (before.checkpoint, before.values)
    assert thread.events(after.result) == ["filed", "settled", "recalled", "applied"]
    assert thread.work().result.idle
    assert thread.notes[4:] == []
    with pytest.raises(AlreadyDecided):
        thread.decide(Approve(), after.result)


def test_who_leaves_it_to_a_worker_finds_it_recalled_by_one(shop: Open) -> None:
    thread = shop(sampled)
    thread.send(ITEM)
    decided = thread.decide(Reject(), resume="worker")
    assert (decided.result.status, decided.result.wake) == ("settled", True)
    assert thread.notes == ["asked:Hello", "act:Hello"]
    worked = thread.elsewhere().work()
    assert worked.result.driven == 1
    assert thread.notes[2:] == ["decided:Hello:Reject", "recalled:Hello:Reject"]
    assert worked.reviews[0].status == "applied"
    assert thread.work().result.idle


def test_where_the_graph_is_not_known_nothing_is_decided(small_shop: Open) -> None:
    thread = small_shop(sampled)
    (review,) = thread.send(ITEM).pending
    with (
        Inbox.open(url_of(thread.job.row, thread.job.place)) as inbox,
        pytest.raises(NotRegistered),
    ):
        inbox.decide(review.id, Reject(), by="maria")
    assert thread.look().pending == [review]


def test_a_panel_recalls_by_the_vote_that_settles_it(small_shop: Open) -> None:
    thread = small_shop(of_two_editors)
    (review,) = thread.send(ITEM).pending
    one, two = Reviewer("ann", roles="editors"), Reviewer("bob", roles="editors")
    assert thread.decide(Reject(), review, by=one).result.status == "pending"
    assert "recalled:Hello:Reject" not in thread.notes
    assert thread.decide(Reject(), review, by=two).result.status == "applied"
    assert thread.notes[2:] == ["decided:Hello:Reject", "recalled:Hello:Reject"]


def of_two_editors(world: World) -> Builder:
    return sampled(world, reviewers=quorum(2, of="editors"))


def test_cancelling_recalls_nothing_and_tells_nobody(small_shop: Open) -> None:
    thread = small_shop(sampled)
    before = thread.send(ITEM)
    after = thread.cancel()
    assert (after.result.status, after.result.wake) == ("cancelled", False)
    assert thread.notes == ["asked:Hello", "act:Hello"]
    assert after.checkpoint == before.checkpoint
    assert "recalled" not in thread.events(after.result)
    assert thread.work().result.idle


# When on_recall fails


def test_a_recall_that_fails_is_made_again_by_a_worker(shop: Open) -> None:
    thread = shop(recall_fails_once)
    (review,) = thread.send(ITEM).pending
    with pytest.raises(RunFailed, match="on_recall: ConnectionError: no line"):
        thread.decide(Reject())
    (stored,) = thread.look().reviews
    assert (stored.status, stored.outcome, stored.wake) == ("settled", "rejected", True)
    assert stored.attempts == 1
    assert thread.elsewhere().work().result.driven == 1
    assert thread.notes[2:] == ["decided:Hello:Reject", "tried", "recalled"]
    assert thread.look().reviews[0].status == "applied"
    assert thread.events(review)[-3:] == ["failed", "recalled", "applied"]


def recall_fails_once(world: World) -> Builder:
    def on_recall(request: Any, decision: Any) -> None:
        first = "tried" not in world.notes()
        world.note("tried" if first else "recalled")
        if first:
            raise ConnectionError("no line")

    return sampled(world, on_recall=on_recall)


def test_two_who_come_at_once_recall_it_once(small_shop: Open) -> None:
    thread = small_shop(worker_comes_in_between)
    thread.send(ITEM)
    thread.decide(Reject())
    assert thread.notes[2:] == ["decided:Hello:Reject", "a worker finds 1 busy", "recalled"]
    assert thread.work().result.idle


def worker_comes_in_between(world: World) -> Builder:
    def on_recall(request: Any, decision: Any) -> None:
        world.note(f"a worker finds {world.inbox.work().busy} busy")
        world.note("recalled")

    return sampled(world, on_recall=on_recall)


def test_a_graph_that_has_lost_the_gate_cannot_call_back_and_says_so(small_shop: Open) -> None:
    thread = small_shop(sampled)
    (review,) = thread.send(ITEM).pending
    newer = replace(thread, job=replace(thread.job, build=sample_inside))
    with pytest.raises(RunFailed, match="has no gate at 'qa' any more"):
        newer.decide(Reject(), review)
    assert "decided:Hello:Reject" not in thread.notes
    thread.work()
    assert thread.notes[2:] == ["decided:Hello:Reject", "recalled:Hello:Reject"]


def test_a_gate_that_nobody_would_find_again_samples_nothing(small_shop: Open) -> None:
    thread = small_shop(sample_hidden)
    with pytest.raises(GateError, match="add it as a node of its own"):
        thread.send(ITEM)
    assert thread.look().reviews == []


def sample_hidden(world: World) -> Builder:
    by_name = {"inner": sampled(world).compile()}

    def hidden(state: State, config: RunnableConfig) -> Any:
        return by_name["inner"].invoke(state, config)

    builder: Builder = StateGraph(State)
    builder.add_node("hidden", hidden)
    builder.add_edge(START, "hidden")
    return builder


# While the run goes on


def test_who_decides_while_the_run_goes_on_recalls_when_it_is_over(shop: Open) -> None:
    thread = shop(decided_on_the_way)
    answer = thread.send(ITEM)
    assert answer.ran == ["on the way", "act:Hello"]
    assert thread.notes == [
        "asked:Hello",
        "settled on the way",
        "act:Hello",
        "decided:Hello:Reject",
        "recalled:Hello:Reject",
    ]
    assert answer.reviews[0].status == "applied"


def decided_on_the_way(world: World) -> Builder:
    def on_the_way(state: State) -> dict[str, Any]:
        review = world.inbox.get(state["review"]["review_id"])  # type: ignore[index]
        world.note(f"{world.inbox.decide(review.id, Reject(), by='eve').status} on the way")
        return {"ran": ["on the way"]}

    builder: Builder = StateGraph(State)
    add_review(builder, "qa", sample_of(world), approved="on_the_way")
    builder.add_node("on_the_way", on_the_way)
    builder.add_node("act", act(world))
    builder.add_edge(START, "qa")
    builder.add_edge("on_the_way", "act")
    return builder


def sample_of(world: World, subject: str = "draft", **options: Any) -> Any:
    given: Any = {"rate": 0.5, "item_id": "case", "salt": SALT, "inbox": world.inbox}
    return qa_sample(subject, blocking=False, **{**given, **recalling(world), **options})


def test_a_thread_that_waits_elsewhere_goes_on_waiting(small_shop: Open) -> None:
    thread = small_shop(beside_a_gate)
    before = thread.send(ITEM)
    (sample,) = [review for review in before.pending if review.mode == "sampled"]
    (gate,) = [review for review in before.pending if review.mode == "blocking"]
    assert before.asked == [gate.id]
    after = thread.decide(Reject(), sample)
    assert after.result.status == "applied"
    assert (after.checkpoint, after.asked) == (before.checkpoint, [gate.id])
    assert thread.decide(Approve(), gate).ran == ["act:Hello"]


def beside_a_gate(world: World) -> Builder:
    """The sample in one branch, a gate that blocks in the other."""
    builder: Builder = StateGraph(State)
    add_review(builder, "qa", sample_of(world), approved="act")
    add_review(
        builder, "gate", human_approval("case", inbox=world.inbox), approved=END, rejected=END
    )
    builder.add_node("act", act(world))
    builder.add_edge(START, "qa")
    builder.add_edge(START, "gate")
    return builder


def test_a_run_that_was_stopped_on_purpose_is_not_gone_on_with(small_shop: Open) -> None:
    thread = small_shop(sampled)
    before = thread.send(ITEM, interrupt_before=["act"])
    assert before.next == ("act",)
    after = thread.decide(Reject())
    assert thread.work().result.idle
    assert (after.next, after.checkpoint) == (("act",), before.checkpoint)
    assert thread.notes == ["asked:Hello", "decided:Hello:Reject", "recalled:Hello:Reject"]
    assert thread.send(None).ran == ["act:Hello"]


def test_a_newer_run_of_the_thread_is_another_review(small_shop: Open) -> None:
    thread = small_shop(sampled)
    first = thread.send(ITEM).pending[0]
    second = thread.send({"draft": "Bye", "case": DRAWN}).pending[1]
    assert first.id != second.id
    thread.decide(Reject(), first)
    assert thread.notes[-1] == "recalled:Hello:Reject"
    assert thread.look().pending == [second]


# Several at once


def test_each_item_of_a_send_is_looked_at_and_recalled_on_its_own(shop: Open) -> None:
    thread = shop(sample_each)
    answer = thread.send({"items": ["a", "b", "c"], "case": DRAWN})
    assert finished(answer)
    reviews = {review.request["subject"]: review for review in answer.pending}
    assert reviews.keys() == {"a", "b", "c"}
    assert len(answer.values["reviews"]) == 3
    thread.decide(Approve(), reviews["a"])
    thread.decide(Reject(), reviews["b"])
    assert [note for note in thread.notes if note.startswith("recalled")] == ["recalled:b:Reject"]
    assert thread.look().pending == [reviews["c"]]


def sample_each(world: World) -> Builder:
    def each(state: State) -> list[Send]:
        return [Send("qa", {"draft": item, "case": DRAWN}) for item in state["items"]]

    builder: Builder = StateGraph(State)
    builder.add_node("qa", sample_of(world, write_back=False))
    builder.add_conditional_edges(START, each, ["qa"])
    return builder


def test_inside_a_subgraph(small_shop: Open) -> None:
    thread = small_shop(sample_inside)
    answer = thread.send(ITEM)
    assert (answer.ran, answer.pending[0].gate) == (["act:Hello"], "inner|qa")
    assert thread.elsewhere().decide(Reject()).result.status == "applied"
    assert thread.notes[-1] == "recalled:Hello:Reject"


def sample_inside(world: World) -> Builder:
    builder: Builder = StateGraph(State)
    builder.add_node("inner", sampled(world).compile())
    builder.add_edge(START, "inner")
    return builder


# What the inbox shows


def test_lists_and_figures_show_it(small_shop: Open) -> None:
    thread = small_shop(into_a_queue)
    (review,) = thread.send(ITEM).pending
    with Inbox.open(url_of(thread.job.row, thread.job.place)) as inbox:
        listed = inbox.pending(queue=thread.job.name, kind="qa_sample")
        assert [each.id for each in listed] == [review.id]
        assert inbox.metrics().queues[thread.job.name] == 1
    thread.decide(Reject())
    with Inbox.open(url_of(thread.job.row, thread.job.place)) as inbox:
        assert inbox.pending(queue=thread.job.name) == []
        assert thread.job.name not in inbox.metrics().queues
    assert thread.holds()


def into_a_queue(world: World) -> Builder:
    return sampled(world, queue=world.name)
