"""A gate on a real `langgraph dev`, driven over HTTP as its clients do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from langgraph_hitl import Approve, resume
from langgraph_hitl.review import ReviewRequest
from tests.clients.checks import read_by_agent_inbox, shown_by_agent_chat_ui
from tests.clients.server import dev_server

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("langgraph-dev")]

GRAPH = """
from langgraph.graph import START, StateGraph
from langgraph_hitl import (
    ReviewState,
    add_review,
    approved,
    confidence_escalation,
    human_approval,
    qa_sample,
)


class State(ReviewState):
    draft: str
    confidence: float
    case: str
    went: str


def publish(state: State) -> dict:
    return {"went": f"published {approved(state, 'draft')}"}


def archive(state: State) -> dict:
    return {"went": "archived"}


def rewrite(state: State) -> dict:
    return {"draft": state["draft"] + "!"}


def around(gate):
    builder = StateGraph(State)
    add_review(builder, "gate", gate, approved="publish", rejected="archive")
    builder.add_node("publish", publish)
    builder.add_node("archive", archive)
    builder.add_edge(START, "gate")
    return builder.compile()


salt = "0123456789abcdef"
post = around(human_approval("draft", action="post", revise=rewrite))
escalate = around(confidence_escalation("draft", confidence="confidence", action="post"))
check = around(
    qa_sample("draft", rate=0.5, item_id="case", salt=salt, action="post", revise=rewrite)
)
"""
GRAPHS = ["post", "escalate", "check"]
ASKS: Any = {"draft": "Hello", "confidence": 0.4, "case": "item-1"}
PASSES: Any = {"draft": "Hello", "confidence": 0.8, "case": "item-2"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncLangGraphClient]:
    with dev_server(tmp_path_factory.mktemp("dev"), GRAPH, GRAPHS) as url:
        made = get_sync_client(url=url)
        yield made
        made.http.client.close()


class Thread:
    """One thread on the server, that waits at the gate of a graph."""

    def __init__(self, client: SyncLangGraphClient, graph: str, given: Any = ASKS) -> None:
        self.client = client
        self.graph = graph
        self.id: str = client.threads.create()["thread_id"]
        client.runs.wait(self.id, graph, input=given)

    @property
    def status(self) -> str:
        return str(self.client.threads.get(self.id)["status"])

    @property
    def interrupt(self) -> dict[str, Any]:
        state: Any = self.client.threads.get_state(self.id)
        (interrupt,) = state["interrupts"]
        return dict(interrupt)

    @property
    def request(self) -> ReviewRequest:
        interrupt = self.interrupt
        schema = interrupt.get("response_schema")
        request = ReviewRequest.from_interrupt(interrupt["id"], interrupt["value"], schema)
        assert request is not None
        return request

    def send(self, answer: Any, **more: Any) -> Any:
        command: Any = {"resume": answer}
        more |= {"command": command, "raise_error": False}
        return self.client.runs.wait(self.id, self.graph, **more)

    @property
    def values(self) -> dict[str, Any]:
        state: Any = self.client.threads.get_state(self.id)
        return dict(state["values"])


@pytest.fixture
def thread(client: SyncLangGraphClient, request: pytest.FixtureRequest) -> Thread:
    """A thread of `post`, or of the graph that the test is parametrised with."""
    return Thread(client, getattr(request, "param", "post"))


over_graphs = pytest.mark.parametrize("thread", GRAPHS, indirect=True)


@over_graphs
def test_a_review_pauses_the_thread_and_can_be_read(thread: Thread) -> None:
    assert thread.status == "interrupted"
    request = thread.request
    assert (request.subject, request.action, request.thread_id) == ("Hello", "post", thread.id)
    assert shown_by_agent_chat_ui(thread.interrupt)
    read = read_by_agent_inbox(thread.interrupt["value"])
    assert read is not None
    assert read["action_request"] == {"action": "post", "args": {"draft": "Hello"}}


@over_graphs
def test_the_schema_of_an_answer_is_published(thread: Thread) -> None:
    schema = thread.request.response_schema
    assert schema is not None
    Draft202012Validator.check_schema(schema)
    published = Draft202012Validator(schema)
    assert published.is_valid({"type": "approve"})
    responds = published.is_valid({"type": "respond", "message": "x"})
    assert responds == (thread.graph == "escalate")
    assert not published.is_valid({"type": "Approve"})


def edited(value: str) -> Any:
    action = {"name": "post", "args": {"draft": value}}
    return {"decisions": [{"type": "edit", "edited_action": action}]}


ANSWERS: dict[str, tuple[str, Any, str]] = {
    "ours": ("post", {"type": "approve", "by": "maria"}, "published Hello"),
    "ours, an edit": ("post", {"type": "edit", "value": "Bye"}, "published Bye"),
    "Agent Chat UI": ("post", {"decisions": [{"type": "approve"}]}, "published Hello"),
    "Agent Chat UI, an edit": ("post", edited("Bye"), "published Bye"),
    "Agent Chat UI, a refusal": (
        "post",
        {"decisions": [{"type": "reject", "message": "no"}]},
        "archived",
    ),
    "Agent Inbox": ("post", [{"type": "accept", "args": None}], "published Hello"),
    "Agent Inbox, ignore": ("post", [{"type": "ignore", "args": None}], "archived"),
    "escalated, an edit": ("escalate", edited("Bye"), "published Bye"),
    "escalated, a response": ("escalate", {"type": "respond", "message": "Bye"}, "published Bye"),
    "escalated, Agent Inbox": ("escalate", [{"type": "response", "args": "Bye"}], "published Bye"),
    "sampled": ("check", {"type": "approve"}, "published Hello"),
    "sampled, a refusal": ("check", {"decisions": [{"type": "reject"}]}, "archived"),
}
"""The graph, the answer, and where it goes. A request takes seconds: a few of each preset."""


@pytest.mark.parametrize("name", ANSWERS)
def test_a_plain_answer_takes_its_way(client: SyncLangGraphClient, name: str) -> None:
    graph, answer, went = ANSWERS[name]
    thread = Thread(client, graph)
    thread.send(answer)
    assert thread.status == "idle"
    assert thread.values["went"] == went


def test_what_resume_makes_is_understood_by_the_server(thread: Thread) -> None:
    command = resume(thread.request, Approve("fine"), by="maria")
    thread.send(command.resume)
    values = thread.values
    assert values["went"] == "published Hello"
    assert values["review"]["decided_by"] == "maria"


def test_a_strict_resume_by_interrupt_id_counts_once(thread: Thread) -> None:
    command = resume(thread.request, Approve(), by="maria")
    thread.send(command.resume, strict_resume=True)
    assert thread.values["went"] == "published Hello"
    before = thread.values["reviews"]
    thread.send(command.resume, strict_resume=True)
    assert thread.values["reviews"] == before


BAD: list[Any] = ["yes", {"type": "Approve"}, {"decisions": []}, [{"type": "ok"}]]


@pytest.mark.parametrize(
    ("thread", "how", "bad"),
    [
        *(("post", how, bad) for how in ("plain", "mapped") for bad in BAD),
        ("escalate", "plain", {"type": "respond"}),
        ("check", "mapped", {"type": "edit", "value": "Bye"}),
    ],
    indirect=["thread"],
)
def test_a_bad_answer_is_an_error_that_can_still_be_answered(
    thread: Thread, how: str, bad: Any
) -> None:
    request = thread.request
    thread.send(bad if how == "plain" else {request.interrupt_id: bad})
    assert thread.status == "error"
    assert "review" not in thread.values
    thread.send(resume(request, Approve()).resume)
    assert thread.status == "idle"
    assert thread.values["went"] == "published Hello"


@pytest.mark.parametrize("thread", ["post", "check"], indirect=True)
def test_a_response_of_agent_inbox_asks_for_a_revision(thread: Thread) -> None:
    first = thread.request
    thread.send([{"type": "response", "args": "louder"}])
    assert thread.status == "interrupted"
    second = thread.request
    assert (second.subject, second.round, second.review_id) == ("Hello!", 1, first.review_id)
    assert second.history[0]["decision"]["feedback"] == "louder"
    thread.send([{"type": "accept", "args": None}])
    assert thread.values["went"] == "published Hello!"


@pytest.mark.parametrize("graph", ["escalate", "check"])
def test_where_nobody_is_needed_the_thread_does_not_wait(
    client: SyncLangGraphClient, graph: str
) -> None:
    thread = Thread(client, graph, PASSES)
    assert thread.status == "idle"
    assert thread.values["went"] == "published Hello"
    assert thread.values["review"]["outcome"] == "auto_approved"
    assert thread.values["review"]["decided_by"] == "system:trigger"


def test_two_threads_do_not_share_an_answer(client: SyncLangGraphClient) -> None:
    one, other = Thread(client, "check"), Thread(client, "check")
    assert one.request.review_id != other.request.review_id
    one.send({"type": "approve"})
    assert (one.status, other.status) == ("idle", "interrupted")
