"""What the benchmark compares: graphs that pause once and go on when a person approves.

Every contender but the agent has the same parent graph: write, a gate, publish or archive. All of
them get a new thread for each review, and all of them read the question and its interrupt id from
what `invoke` returned.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Interrupt, interrupt
from typing_extensions import TypedDict

from langgraph_hitl import Approve, ReviewState, add_review, human_approval, resume
from langgraph_hitl.review import ReviewRequest

SOURCES = ["minutes of 3 March", "press release"]
AUDIENCE = "customers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One way to ask a person: how to build it, start it, answer it, and see that it went on."""

    name: str
    build: Callable[[BaseCheckpointSaver[Any]], Any]
    start: Callable[[str], dict[str, Any]]
    answer: Callable[[Interrupt], Command[Any]]
    finished: Callable[[Mapping[str, Any]], bool]


# --- the parent graph ---------------------------------------------------------------------------


class Article(ReviewState, total=False):
    """The state around our gate."""

    notes: str
    draft: str
    sources: list[str]
    audience: str
    published: bool


class PlainArticle(TypedDict, total=False):
    """The same state, declared by hand."""

    notes: str
    draft: str
    sources: list[str]
    audience: str
    published: bool
    review: dict[str, Any]
    reviews: Annotated[list[dict[str, Any]], operator.add]


class Notes(TypedDict):
    """What the first node reads."""

    notes: str


class Draft(TypedDict):
    """What the last nodes read."""

    draft: str


def write(state: Notes) -> dict[str, Any]:
    """The node before the gate; the notes stand in for a prompt and are small."""
    size = int(state["notes"])
    text = "A sentence of the draft, long enough to look like one. " * (size // 55 + 1)
    return {"draft": text[:size], "sources": SOURCES, "audience": AUDIENCE}


def publish(state: Draft) -> dict[str, Any]:
    return {"published": True}


def archive(state: Draft) -> dict[str, Any]:
    return {"published": False}


def _parent(schema: type[Any]) -> StateGraph[Any, Any, Any, Any]:
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(schema)
    builder.add_node("write", write)
    builder.add_node("publish", publish)
    builder.add_node("archive", archive)
    builder.add_edge(START, "write")
    builder.add_edge("write", "approve")
    builder.add_edge("publish", END)
    builder.add_edge("archive", END)
    return builder


def _way(state: PlainArticle) -> str:
    return "publish" if state["review"]["outcome"] == "approved" else "archive"


def _start(subject_size: str) -> dict[str, Any]:
    return {"notes": subject_size}


def _published(state: Mapping[str, Any]) -> bool:
    return state.get("published") is True


# --- a) our gate --------------------------------------------------------------------------------


def build_gate(saver: BaseCheckpointSaver[Any]) -> Any:
    builder = _parent(Article)
    gate = human_approval("draft", action="publish_post", context=["sources", "audience"])
    add_review(builder, "approve", gate, approved="publish", rejected="archive")
    return builder.compile(checkpointer=saver)


def answer_mapped(question: Interrupt) -> Command[Any]:
    """What `resume(pending(app, config)[0], Approve(), by=...)` gives, without a second read."""
    request = ReviewRequest.from_interrupt(question.id, question.value)
    assert request is not None
    return resume(request, Approve(), by="maria")


def answer_plain(_question: Interrupt) -> Command[Any]:
    return Command(resume={"type": "approve"})


# --- b) a node with interrupt() -----------------------------------------------------------------


def ask_in_parent(state: PlainArticle) -> dict[str, Any]:
    """What most tutorials show."""
    answer = interrupt({"draft": state["draft"], "sources": state["sources"]})
    return {"review": {"outcome": "approved" if answer["type"] == "approve" else "rejected"}}


def build_node(saver: BaseCheckpointSaver[Any]) -> Any:
    builder = _parent(PlainArticle)
    builder.add_node("approve", ask_in_parent)
    builder.add_conditional_edges("approve", _way, ["publish", "archive"])
    return builder.compile(checkpointer=saver)


def answer_by_hand(question: Interrupt) -> Command[Any]:
    return Command(resume={question.id: {"type": "approve", "by": "maria"}})


# --- c) a subgraph of as many nodes, by hand ----------------------------------------------------


class HandInput(TypedDict, total=False):
    """What the hand-written gate takes; without `reviews`, which would be added twice."""

    draft: str
    sources: list[str]
    audience: str


class HandState(HandInput, total=False):
    """The channels of the hand-written gate."""

    request: dict[str, Any]
    answer: dict[str, Any]
    review: dict[str, Any]
    reviews: Annotated[list[dict[str, Any]], operator.add]


class HandOutput(TypedDict, total=False):
    """What the hand-written gate gives back."""

    review: dict[str, Any]
    reviews: Annotated[list[dict[str, Any]], operator.add]


def hand_prepare(state: HandState) -> dict[str, Any]:
    context = {"sources": state["sources"], "audience": state["audience"]}
    return {"request": {"id": uuid4().hex, "subject": state["draft"], "context": context}}


def hand_ask(state: HandState) -> dict[str, Any]:
    return {"answer": interrupt(state["request"])}


def hand_record(state: HandState) -> dict[str, Any]:
    answer = state["answer"]
    record = {
        "id": state["request"]["id"],
        "outcome": "approved" if answer["type"] == "approve" else "rejected",
        "decided_by": answer.get("by"),
        "decided_at": datetime.now(UTC).isoformat(),
    }
    return {"review": record, "reviews": [record]}


def build_subgraph(saver: BaseCheckpointSaver[Any]) -> Any:
    gate: StateGraph[Any, Any, Any, Any] = StateGraph(
        HandState, input_schema=HandInput, output_schema=HandOutput
    )
    gate.add_node("prepare", hand_prepare)
    gate.add_node("ask", hand_ask)
    gate.add_node("record", hand_record)
    gate.add_edge(START, "prepare")
    gate.add_edge("prepare", "ask")
    gate.add_edge("ask", "record")
    builder = _parent(PlainArticle)
    builder.add_node("approve", gate.compile(), input_schema=HandInput)
    builder.add_conditional_edges("approve", _way, ["publish", "archive"])
    return builder.compile(checkpointer=saver)


# --- d) LangChain's middleware ------------------------------------------------------------------


class ScriptedModel(BaseChatModel):
    """Calls the tool once and then says that it is done."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **_kwargs: Any) -> Any:
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_kwargs: Any,
    ) -> ChatResult:
        reply = AIMessage("Published.")
        if not isinstance(messages[-1], ToolMessage):
            drafted = write({"notes": str(messages[-1].content)})
            call = {"name": "publish_post", "args": drafted, "id": "call-1"}
            reply = AIMessage("", tool_calls=[call])
        return ChatResult(generations=[ChatGeneration(message=reply)])


@tool
def publish_post(draft: str, sources: list[str], audience: str) -> str:
    """Publish the post."""
    return "published"


def build_agent(saver: BaseCheckpointSaver[Any]) -> Any:
    middleware = HumanInTheLoopMiddleware(interrupt_on={"publish_post": True})
    return create_agent(
        ScriptedModel(), tools=[publish_post], middleware=[middleware], checkpointer=saver
    )


def answer_middleware(question: Interrupt) -> Command[Any]:
    return Command(resume={question.id: {"decisions": [{"type": "approve"}]}})


def _tool_ran(state: Mapping[str, Any]) -> bool:
    return any(isinstance(m, ToolMessage) and m.content == "published" for m in state["messages"])


# --- all of them --------------------------------------------------------------------------------

GATE = Contender(
    name="human_approval", build=build_gate, start=_start, answer=answer_mapped, finished=_published
)
GATE_PLAIN = Contender(
    name="human_approval, plain answer",
    build=build_gate,
    start=_start,
    answer=answer_plain,
    finished=_published,
)
NODE = Contender(
    name="node with interrupt",
    build=build_node,
    start=_start,
    answer=answer_by_hand,
    finished=_published,
)
SUBGRAPH = Contender(
    name="hand-written subgraph",
    build=build_subgraph,
    start=_start,
    answer=answer_by_hand,
    finished=_published,
)
SUBGRAPH_AGAIN = replace(SUBGRAPH, name="the same subgraph again")
AGENT = Contender(
    name="create_agent, middleware",
    build=build_agent,
    start=lambda size: {"messages": [("user", size)]},
    answer=answer_middleware,
    finished=_tool_ran,
)
CONTENDERS = (GATE, GATE_PLAIN, NODE, SUBGRAPH, SUBGRAPH_AGAIN, AGENT)

_threads = count()


def run_once(app: Any, contender: Contender, size: str, thread_id: str) -> Mapping[str, Any]:
    """One pause and one resume on a new thread; the state at the end."""
    config = {"configurable": {"thread_id": thread_id}}
    paused = app.invoke(contender.start(size), config)
    (question,) = paused["__interrupt__"]
    result: Mapping[str, Any] = app.invoke(contender.answer(question), config)
    return result


def new_thread() -> str:
    return f"thread-{next(_threads)}"


@contextmanager
def open_saver(kind: str, folder: Path) -> Iterator[BaseCheckpointSaver[Any]]:
    """An empty saver: `memory`, or `sqlite` on a new file in `folder`."""
    if kind == "memory":
        yield InMemorySaver()
        return
    with SqliteSaver.from_conn_string(str(folder / f"{uuid4().hex}.db")) as saver:
        yield saver
