"""The inbox decides what graphs on a real LangGraph server ask."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph.pregel.remote import RemoteGraph
from langgraph_sdk import get_client, get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from langgraph_hitl import Approve, Edit, Inbox, Reject, Respond, Reviewer, Revise
from langgraph_hitl.errors import (
    AlreadyDecided,
    InboxError,
    InvalidDecision,
    NotAuthorised,
    RunFailed,
    StaleReview,
)
from langgraph_hitl.inbox import Review
from tests.clients.server import dev_server, free_port
from tests.commands.project import Project

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("langgraph-dev")]

ROOT = Path(__file__).parents[2]
GRAPH = f"""
import sys

sys.path.insert(0, {str(ROOT)!r})

from langgraph.graph import START, StateGraph
from pydantic import BaseModel

from langgraph_hitl import ReviewState, add_review, approved, human_approval
from tests.inbox.foreign.agents import agent, mail
from tests.inbox.foreign.graphs import asking, failing_after, one_after_the_other

SENT = []


class Plan(BaseModel):
    days: int


class Post(ReviewState):
    draft: str
    went: str


class Even(BaseModel):
    days: int

    def model_post_init(self, _context):
        if self.days % 2:
            raise ValueError("odd")


def rewrite(state: Post):
    return {{"draft": "B"}}


def gated():
    builder = StateGraph(Post)
    gate = human_approval("draft", action="post", revise=rewrite)
    add_review(builder, "gate", gate, approved="publish", rejected="archive")
    builder.add_node("publish", lambda state: {{"went": approved(state, "draft")}})
    builder.add_node("archive", lambda state: {{"went": "archived"}})
    builder.add_edge(START, "gate")
    return builder.compile()


post = gated()
turns = [[mail("ann"), mail("bob")]]
batched = agent(None, turns, lambda *_: None)
per_call = agent(None, turns, lambda *_: None, "per_call")
plan = asking("How long?", schema=Plan).compile()
even = asking("How long?", schema=Even).compile()
failing = failing_after("?", [ValueError("full")] * 9).compile()
stop = one_after_the_other("a", "b").compile(interrupt_before=["b"])
"""
CLIENT = """
from langgraph.graph import START, StateGraph
from langgraph.pregel.remote import RemoteGraph

from langgraph_sdk import get_sync_client

from langgraph_hitl import Inbox, ReviewState

inbox = Inbox.open("sqlite:///reviews.db")
client = get_sync_client(url="{url}")
stop = inbox.watch(RemoteGraph("stop", sync_client=client))
builder = StateGraph(ReviewState)
builder.add_node("a", lambda state: {{}})
builder.add_edge(START, "a")
a = builder.compile()
"""
GRAPHS = ["post", "batched", "per_call", "plan", "even", "failing", "stop"]
GO: Any = {"messages": [{"role": "user", "content": "go"}]}
OPS = Reviewer("olga", roles=("ops",))


class Served:
    """An inbox, and a server whose threads it watches."""

    def __init__(self, url: str, inbox: Inbox) -> None:
        self.url = url
        self.inbox = inbox
        self.client: SyncLangGraphClient = get_sync_client(url=url)

    def watch(self, graph: str, client: Any = None, **options: Any) -> None:
        self.inbox.watch(RemoteGraph(graph, sync_client=client or self.client), **options)

    def start(self, graph: str, given: Any = None) -> str:
        thread: str = self.client.threads.create()["thread_id"]
        self.client.runs.wait(thread, graph, input=given or {})
        return thread

    def send(self, thread: str, graph: str, answer: Any) -> None:
        command: Any = {"resume": answer}
        self.client.runs.wait(thread, graph, command=command, raise_error=False)

    def waiting(self, thread: str) -> list[Review]:
        self.inbox.reconcile()
        return self.inbox.pending(thread=thread)

    def values(self, thread: str) -> Any:
        return self.client.threads.get_state(thread)["values"]

    def status(self, thread: str) -> str:
        return str(self.client.threads.get(thread)["status"])

    def said(self, thread: str) -> list[str]:
        messages = self.values(thread)["messages"]
        return [each["content"] for each in messages if each["type"] == "tool"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with dev_server(tmp_path_factory.mktemp("dev"), GRAPH, GRAPHS) as made:
        yield made


@pytest.fixture
def served(url: str) -> Iterator[Served]:
    with Inbox.open("sqlite:///:memory:") as inbox:
        made = Served(url, inbox)
        yield made
        made.client.http.client.close()
        assert inbox.verify()


def test_a_gate_of_ours_is_decided_and_revised(served: Served) -> None:
    served.watch("post")
    thread = served.start("post", {"draft": "A"})
    (first,) = served.waiting(thread)
    assert (first.action, first.request["subject"]) == ("post", "A")
    served.inbox.decide(first.id, Revise("shorter"), by="ann")
    (second,) = served.inbox.pending(thread=thread)
    assert second.request["subject"] == "B"
    done = served.inbox.decide(second.id, Edit("C"), by="ann")
    assert (done.status, done.outcome) == ("applied", "edited")
    values = served.values(thread)
    assert (values["went"], values["review"]["decided_by"]) == ("C", "ann")


@pytest.mark.parametrize("graph", ["batched", "per_call"])
def test_an_agent_of_langchain_is_decided_call_by_call(served: Served, graph: str) -> None:
    served.watch(graph, reviewers="ops")
    thread = served.start(graph, GO)
    waiting = {each.request["subject"]["to"]: each for each in served.waiting(thread)}
    with pytest.raises(NotAuthorised):
        served.inbox.decide(waiting["ann"].id, Approve(), by="eve")
    served.inbox.decide(waiting["ann"].id, Reject("not her"), by=OPS)
    assert served.inbox.decide(waiting["bob"].id, Approve(), by=OPS).status == "applied"
    said = served.said(thread)
    assert sum("not her" in text for text in said) == 1
    assert "sent to bob" in said
    assert served.status(thread) == "idle"


def test_what_the_published_schema_does_not_allow_never_reaches_the_server(
    served: Served,
) -> None:
    served.watch("plan")
    thread = served.start("plan")
    (review,) = served.waiting(thread)
    with pytest.raises(InvalidDecision):
        served.inbox.decide(review.id, Respond({"days": "many"}), by="ann")
    assert served.status(thread) == "interrupted"
    served.inbox.decide(review.id, Respond({"days": 3}), by="ann")
    assert served.values(thread)["ran"] == [{"days": 3}, "after"]


def test_threads_past_the_first_page_and_hidden_ones_are_found(served: Served) -> None:
    threads = {served.client.threads.create()["thread_id"] for _ in range(12)}
    runs = [(each, served.client.runs.create(each, "plan", input={})) for each in threads]
    for each, run in runs:
        served.client.runs.join(each, run["run_id"])
    hidden = threads.pop()
    state: Any = served.client.threads.get_state(hidden)
    served.send(hidden, "plan", {state["interrupts"][0]["id"]: {"days": "many"}})
    assert served.status(hidden) == "error"
    served.watch("plan", queue="plans")
    served.inbox.reconcile()
    found = {review.thread_id for review in served.inbox.pending(queue="plans", limit=500)}
    assert threads | {hidden} <= found
    (review,) = served.inbox.pending(thread=hidden)
    assert served.inbox.decide(review.id, Respond({"days": 1}), by="ann").status == "applied"
    assert served.status(hidden) == "idle"


def test_a_node_that_failed_with_its_answer_is_not_asked_again(served: Served) -> None:
    served.watch("failing")
    thread = served.start("failing")
    (review,) = served.waiting(thread)
    with pytest.raises(RunFailed, match="full"):
        served.inbox.decide(review.id, Respond("yes"), by="ann")
    assert served.waiting(thread) == []
    assert [row.event for row in served.inbox.history(review.id)][-1] == "run_failed"


def test_what_only_the_graph_refuses_is_asked_anew_once_it_asks_again(served: Served) -> None:
    served.watch("even")
    thread = served.start("even")
    (review,) = served.waiting(thread)
    with pytest.raises(RunFailed, match=r"(?s)odd.*without input; if it asks again.*reconcile"):
        served.inbox.decide(review.id, Respond({"days": 3}), by="ann")
    assert served.waiting(thread) == []
    served.client.runs.wait(thread, "even", input=None)
    (again,) = served.waiting(thread)
    assert again.id != review.id
    assert served.inbox.decide(again.id, Respond({"days": 4}), by="ann").status == "applied"
    assert served.values(thread)["ran"] == [{"days": 4}, "after"]
    assert served.inbox.reconcile().filed == 0


def test_the_doctor_asks_the_server(served: Served) -> None:
    served.watch("plan")
    thread = served.start("plan")
    (review,) = served.waiting(thread)
    assert served.inbox.doctor().healthy
    served.client.threads.delete(thread)
    (found,) = [each for each in served.inbox.doctor(repair=True).findings if each.thread == thread]
    assert (found.kind, found.repaired) == ("dead question", True)
    assert served.inbox.get(review.id).status == "superseded"


def test_what_somebody_else_answered_is_over(served: Served) -> None:
    served.watch("plan")
    thread = served.start("plan")
    (review,) = served.waiting(thread)
    served.send(thread, "plan", {"days": 2})
    with pytest.raises(StaleReview):
        served.inbox.decide(review.id, Respond({"days": 3}), by="ann")
    assert served.values(thread)["ran"] == [{"days": 2}, "after"]


def test_a_thread_that_was_deleted_behind_the_inbox(served: Served) -> None:
    served.watch("plan")
    thread = served.start("plan")
    (review,) = served.waiting(thread)
    served.client.threads.delete(thread)
    with pytest.raises(StaleReview, match="deleted"):
        served.inbox.decide(review.id, Respond({"days": 3}), by="ann")
    served.inbox.reconcile()
    assert served.inbox.pending(thread=thread) == []


def test_a_breakpoint_on_the_server(served: Served) -> None:
    served.watch("stop")
    thread = served.start("stop")
    (review,) = served.waiting(thread)
    assert review.request["subject"] == {"next": ["b"]}
    served.inbox.decide(review.id, Approve(), by="ann")
    assert served.values(thread)["ran"] == ["a", "b"]


@pytest.mark.parametrize("decision", [Approve(), Reject("no")])
def test_a_breakpoint_that_somebody_else_has_passed(served: Served, decision: Any) -> None:
    served.watch("stop")
    thread = served.start("stop")
    (review,) = served.waiting(thread)
    served.client.runs.wait(thread, "stop", input=None)
    with pytest.raises(StaleReview, match="past the inbox"):
        served.inbox.decide(review.id, decision, by="ann")
    assert served.inbox.get(review.id).status == "superseded"


def test_a_breakpoint_is_not_passed_again_after_its_response_was_lost(served: Served) -> None:
    served.watch("stop")
    thread = served.start("stop")
    (review,) = served.waiting(thread)
    served.watch("stop", LosesAnswers(served.client))
    with pytest.raises(RunFailed, match="lost"):
        served.inbox.decide(review.id, Approve(), by="ann")
    served.watch("stop")
    served.inbox.work()
    found = served.inbox.get(review.id)
    assert (found.status, found.outcome) == ("applied", "approved")


def test_a_server_that_is_away_decides_nothing_and_loses_nothing(served: Served) -> None:
    served.watch("plan")
    thread = served.start("plan")
    (review,) = served.waiting(thread)
    nobody = httpx.Client(base_url=f"http://127.0.0.1:{free_port()}")
    served.watch("plan", SyncLangGraphClient(nobody))
    report = served.inbox.reconcile()
    assert "plan" in report.failed
    with pytest.raises(RunFailed, match=r"work\(\) tries it again"):
        served.inbox.decide(review.id, Respond({"days": 3}), by="ann")
    assert served.inbox.get(review.id).status == "settled"
    with pytest.raises(AlreadyDecided):
        served.inbox.decide(review.id, Respond({"days": 4}), by="bob")
    assert served.inbox.work().failed
    nobody.close()
    served.watch("plan")
    assert served.inbox.work().failed == {}
    assert served.inbox.get(review.id).status == "applied"
    assert served.values(thread)["ran"] == [{"days": 3}, "after"]


class LosesAnswers:
    """A client whose runs get through, and whose answers do not."""

    def __init__(self, client: Any) -> None:
        self.threads = client.threads
        self._runs = client.runs

    @property
    def runs(self) -> Any:
        return self

    def list(self, *args: Any, **options: Any) -> Any:
        return self._runs.list(*args, **options)

    def wait(self, *args: Any, **options: Any) -> Any:
        self._runs.wait(*args, **options)
        raise ConnectionResetError("the connection was lost")


def test_an_answer_is_not_sent_again_after_its_response_was_lost(served: Served) -> None:
    served.watch("plan")
    thread = served.start("plan")
    (review,) = served.waiting(thread)
    served.watch("plan", LosesAnswers(served.client))
    with pytest.raises(RunFailed, match="lost"):
        served.inbox.decide(review.id, Respond({"days": 3}), by="ann")
    served.watch("plan")
    served.inbox.work()
    assert served.inbox.get(review.id).status == "applied"
    runs: list[Any] = list(served.client.runs.list(thread))
    answered = [run for run in runs if run["kwargs"].get("command")]
    assert len(answered) == 1
    assert served.values(thread)["ran"] == [{"days": 3}, "after"]


def test_a_graph_that_the_server_does_not_have(served: Served) -> None:
    served.watch("nonesuch")
    assert served.inbox.reconcile().filed == 0


def test_a_remote_graph_is_watched_and_not_registered(served: Served) -> None:
    with pytest.raises(InboxError, match="watch"):
        served.inbox.register(RemoteGraph("plan", sync_client=served.client))


async def test_the_asynchronous_face(served: Served) -> None:
    client = get_client(url=served.url)
    served.inbox.watch(RemoteGraph("plan", client=client))
    thread = served.start("plan")
    assert (await served.inbox.areconcile()).filed >= 1
    (review,) = await served.inbox.apending(thread=thread)
    done = await served.inbox.adecide(review.id, Respond({"days": 3}), by="ann")
    assert done.status == "applied"
    assert "was made without" in str(served.inbox.reconcile().failed["plan"])
    await client.http.client.aclose()


def test_the_command_line_serves_graphs_on_a_server(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LANGGRAPH_HITL_INBOX", raising=False)
    project = Project(tmp_path)
    project.write("served_stop.py", CLIENT.format(url=url))
    project.write(
        "langgraph.json", '{"dependencies": ["."], "graphs": {"a": "./served_stop.py:a"}}'
    )
    app = ("--app", "served_stop.py:stop")
    client = get_sync_client(url=url)
    threads = [client.threads.create()["thread_id"] for _ in range(2)]
    for thread in threads:
        client.runs.wait(thread, "stop", input={})
    found = project.run("reconcile", *app, "--json")
    assert (found.status, found.document["failed"]) == (0, {})
    listed = project.run("inbox", *app, "--json", "--limit", "1000").document["reviews"]
    first, second = (next(r for r in listed if r["thread_id"] == thread) for thread in threads)
    done = project.run("approve", first["id"], *app, "--as", "ann", "--yes")
    assert (done.status, "The graph has gone on." in done.stderr) == (0, True), done.stderr
    later = ("--resume", "worker", "--as", "ann", "--yes")
    assert project.run("approve", second["id"], *app, *later).status == 0
    worked = project.run("work", "--once", *app, "--json")
    assert (worked.status, worked.document["failed"]) == (0, {}), worked.stderr
    for thread in threads:
        assert client.threads.get_state(thread)["values"]["ran"] == ["a", "b"]  # type: ignore[call-overload]
    doctor = project.run("doctor", *app, "--json")
    assert (doctor.status, doctor.document["healthy"]) == (0, True), doctor.document
    alone = project.run("work", "--once")
    assert "name a RemoteGraph" in " ".join(alone.stderr.split())
    client.http.client.close()
    module = sys.modules.pop("served_stop")
    module.client.http.client.close()
    project.close_module(module)
