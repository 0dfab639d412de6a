"""Servers that are away, silent, or answer otherwise than LangGraph: nothing ends, nothing is lost.

What they answer is made up here; what a real one answers is in `test_agent_server`.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.pregel.remote import RemoteGraph
from langgraph_sdk.client import LangGraphClient, SyncLangGraphClient

from langgraph_hitl import Inbox, Respond
from langgraph_hitl.errors import RunFailed
from langgraph_hitl.inbox import Review
from langgraph_hitl.inbox._foreign.server import PATIENCE
from tests.inbox.foreign.conftest import thread
from tests.inbox.foreign.graphs import asking

Handler = Callable[[httpx.Request], httpx.Response]

THREAD = "0c4ecd1a-0000-4000-8000-000000000001"
OTHER = "0c4ecd1a-0000-4000-8000-000000000002"
WAITS: dict[str, Any] = {
    "values": {},
    "next": ["ask"],
    "tasks": [
        {"id": "t", "name": "ask", "error": None, "interrupts": [{"id": "a" * 32, "value": "?"}]}
    ],
    "checkpoint": {"checkpoint_id": "c1"},
    "parent_checkpoint": None,
    "metadata": {"source": "loop"},
    "created_at": "2026-01-01T00:00:00Z",
}


def listed(*ids: str) -> list[dict[str, str]]:
    return [{"thread_id": each, "status": "interrupted"} for each in ids]


def waiting(request: httpx.Request) -> httpx.Response:
    """What LangGraph answers about two threads that wait for an answer."""
    path = request.url.path
    if path == "/threads/search":
        sought = json.loads(request.content)
        first = sought.get("status") == "interrupted" and not sought.get("offset")
        return httpx.Response(200, json=listed(THREAD, OTHER) if first else [])
    if path.endswith("/state"):
        return httpx.Response(200, json=WAITS)
    if path in (f"/threads/{THREAD}", f"/threads/{OTHER}"):
        return httpx.Response(200, json=listed(path[-36:])[0])
    return httpx.Response(404, json={"detail": "Not Found"})


def remote(handler: Handler) -> RemoteGraph:
    http = httpx.Client(transport=httpx.MockTransport(handler), base_url="http://server")
    return RemoteGraph("agent", sync_client=SyncLangGraphClient(http))


def but(ending: str, answer: httpx.Response) -> Handler:
    """That server, with another answer to the paths of this ending."""

    def handler(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith(ending):
            return waiting(request)
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=answer.content, request=request
        )

    return handler


def page(status: int) -> httpx.Response:
    return httpx.Response(status, html="<html><body>Hello</body></html>")


def made_of(value: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=value)


def state_with(**other: Any) -> httpx.Response:
    return made_of(WAITS | other)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:") as opened:
        opened.watch(remote(waiting))
        opened.reconcile()
        yield opened
        assert opened.verify()


def of_thread(inbox: Inbox, thread_id: str = THREAD) -> Review:
    (review,) = inbox.pending(thread=thread_id)
    return review


OF_THREADS = [page(200), page(500), made_of({"threads": []}), made_of(["x"]), made_of(None)]
OF_A_THREAD = [page(200), page(404), made_of([]), made_of(None), made_of({}), made_of({}, 401)]
OF_A_STATE = [
    page(200),
    page(404),
    page(500),
    made_of(None),
    made_of([]),
    made_of({"items": []}),
    state_with(next=None),
    state_with(tasks=None),
    state_with(tasks=[1]),
    state_with(tasks=[{"interrupts": "?"}]),
    state_with(tasks=[{"interrupts": [{"value": "?"}]}]),
    state_with(checkpoint="c1"),
]


@pytest.mark.parametrize("answer", OF_THREADS)
def test_threads_that_cannot_be_listed_end_nothing(inbox: Inbox, answer: httpx.Response) -> None:
    inbox.watch(remote(but("/search", answer)))
    report = inbox.reconcile()
    assert (report.filed, report.ended, list(report.failed)) == (0, 0, ["agent"])
    assert "the server of the graph 'agent'" in report.failed["agent"]
    assert len(inbox.pending()) == 2


@pytest.mark.parametrize(
    ("ending", "answer"),
    [(THREAD, each) for each in OF_A_THREAD if each.status_code != 404]
    + [(f"{THREAD}/state", each) for each in OF_A_STATE],
)
def test_what_is_no_answer_of_langgraph_ends_nothing(
    inbox: Inbox, ending: str, answer: httpx.Response
) -> None:
    review = of_thread(inbox)
    inbox.watch(remote(but(ending, answer)))
    report = inbox.reconcile()
    assert (report.filed, report.ended, list(report.failed)) == (0, 0, [THREAD])
    with pytest.raises(RunFailed, match=r"server of the graph 'agent'.* stands.*work\(\) tries"):
        inbox.decide(review.id, Respond("yes"), by="ann")
    assert list(inbox.work().failed) == [review.id]
    assert inbox.get(review.id).status == "settled"
    found = {finding.kind for finding in inbox.doctor(repair=True).findings}
    assert found == {"not examined", "no deadline"}
    assert inbox.get(review.id).status == "settled"
    assert inbox.pending(thread=OTHER)


def test_a_thread_is_gone_where_a_server_that_has_threads_says_so(inbox: Inbox) -> None:
    inbox.watch(remote(but(THREAD, made_of({"detail": "Thread not found"}, 404))))
    report = inbox.reconcile()
    assert (report.ended, report.failed) == (1, {})
    assert [each.thread_id for each in inbox.pending()] == [OTHER]


def test_a_place_that_knows_nothing_of_threads_ends_nothing(inbox: Inbox) -> None:
    review = of_thread(inbox)
    inbox.watch(remote(lambda _request: page(404)))
    assert list(inbox.reconcile().failed) == ["agent"]
    with pytest.raises(RunFailed):
        inbox.decide(review.id, Respond("yes"), by="ann")
    assert inbox.get(review.id).status == "settled"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_server_behind_a_proxy_is_away(inbox: Inbox, status: int) -> None:
    inbox.watch(remote(but("/search", page(status))))
    assert "cannot be reached" in inbox.reconcile().failed["agent"]


def test_an_answer_of_which_nothing_is_known_is_sent_again(inbox: Inbox) -> None:
    """A run that may have begun: what the thread waits for tells, not what was answered."""
    review = of_thread(inbox)
    inbox.watch(remote(but("/wait", page(200))))
    with pytest.raises(RunFailed, match="otherwise than LangGraph"):
        inbox.decide(review.id, Respond("yes"), by="ann")
    sent = []

    def takes(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/wait"):
            sent.append(json.loads(request.content)["command"])
            return made_of({})
        ended = {"next": [], "tasks": [], "checkpoint": {"checkpoint_id": "c2"}}
        if sent and request.url.path.endswith("/state"):
            return made_of(WAITS | ended | {"parent_checkpoint": WAITS["checkpoint"]})
        return waiting(request)

    inbox.watch(remote(takes))
    assert inbox.work().failed == {}
    assert inbox.get(review.id).status == "applied"
    assert sent == [{"resume": {"a" * 32: "yes"}}]


class Silent:
    """A server that takes what is sent, and never answers; its clients wait a moment only."""

    def __init__(self, listening: socket.socket) -> None:
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.timeout = httpx.Timeout(0.05)

    @property
    def graph(self) -> RemoteGraph:
        client = SyncLangGraphClient(httpx.Client(base_url=self.url, timeout=self.timeout))
        return RemoteGraph("agent", sync_client=client)

    @property
    def asynchronous(self) -> RemoteGraph:
        client = LangGraphClient(httpx.AsyncClient(base_url=self.url, timeout=self.timeout))
        return RemoteGraph("agent", client=client)


@pytest.fixture
def silent() -> Iterator[Silent]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Silent(listening)


def test_a_silent_server_is_asked_once_in_a_pass_and_holds_nothing_up(
    inbox: Inbox, silent: Silent
) -> None:
    ids = [review.id for review in inbox.pending()]
    inbox.watch(silent.graph)
    for review_id in ids:
        with pytest.raises(RunFailed, match="did not answer in time"):
            inbox.decide(review_id, Respond("yes"), by="ann")
    here: Any = inbox.watch(asking("?").compile(checkpointer=InMemorySaver()), "here")
    config = thread()
    here.invoke({}, config)
    (review,) = inbox.pending(thread=config["configurable"]["thread_id"])
    inbox.decide(review.id, Respond(1), by="ann", resume="worker")
    report = inbox.work()
    assert (report.driven, len(report.failed), report.put_off) == (1, 1, 1)
    assert here.get_state(config).values["ran"] == [1, "after"]
    assert list(inbox.reconcile().failed) == ["agent"]
    examined = [each for each in inbox.doctor().findings if each.kind == "not examined"]
    assert len(examined) == 1
    inbox.watch(remote(waiting))
    assert [inbox.get(each).status for each in ids] == ["settled", "settled"]


async def test_a_silent_server_by_the_asynchronous_face(inbox: Inbox, silent: Silent) -> None:
    inbox.watch(silent.asynchronous)
    assert "did not answer in time" in (await inbox.areconcile()).failed["agent"]


def test_a_thread_is_looked_at_with_less_patience_than_a_run_is_waited_for(inbox: Inbox) -> None:
    waits: dict[str, float] = {}

    def handler(request: httpx.Request) -> httpx.Response:
        waits[request.url.path.rpartition("/")[2]] = request.extensions["timeout"]["read"]
        return made_of({}) if request.url.path.endswith("/wait") else waiting(request)

    review = of_thread(inbox)
    http = httpx.Client(
        transport=httpx.MockTransport(handler), base_url="http://server", timeout=300
    )
    inbox.watch(RemoteGraph("agent", sync_client=SyncLangGraphClient(http)))
    inbox.decide(review.id, Respond("yes"), by="ann")
    assert waits == {THREAD: PATIENCE, "state": PATIENCE, "wait": 300}
