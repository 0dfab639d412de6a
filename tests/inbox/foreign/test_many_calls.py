"""A question about many calls: what has been decided of it is not looked at again and again."""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

from langgraph_hitl import Approve, Inbox
from tests.inbox.foreign.conftest import thread
from tests.inbox.foreign.graphs import asking


class Counting(InMemorySaver):
    """Counts how often a thread is read."""

    reads = 0

    def get_tuple(self, config: Any) -> Any:
        self.reads += 1
        return super().get_tuple(config)


def calls(count: int) -> dict[str, Any]:
    """The question of LangChain's middleware."""
    return {
        "action_requests": [
            {"name": "mail", "args": {"to": number}, "description": "A mail."}
            for number in range(count)
        ],
        "review_configs": [{"action_name": "mail", "allowed_decisions": ["approve", "reject"]}],
    }


def test_the_last_but_one_decision_reads_no_more_than_the_second() -> None:
    saver = Counting()
    with Inbox.open("sqlite:///:memory:") as inbox:
        app = inbox.watch(asking(calls(12)).compile(checkpointer=saver), "graph")
        config = thread()
        app.invoke({}, config)
        reads = []
        for review in inbox.pending(limit=12):
            before = saver.reads
            inbox.decide(review.id, Approve(), by="ann")
            reads.append(saver.reads - before)
        assert reads[1] == reads[10]
        assert len(app.get_state(config).values["ran"][0]["decisions"]) == 12
