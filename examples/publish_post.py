"""A post on its way to the public, with three checkpoints: the outline, the draft, the publication.

    python examples/publish_post.py          # the editor is a function
    python examples/publish_post.py --ask    # the editor is you (extra [cli])

Needs LangGraph and a checkpointer and no inbox. Every answer is given by a new graph on a new
connection, as by a new process.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langchain_core.language_models import FakeListChatModel
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

from langgraph_hitl import (
    Approve,
    Edit,
    ReviewState,
    Revise,
    add_review,
    approved,
    feedback,
    human_approval,
    pending,
    resume,
    run_in_terminal,
)

POST = {"topic": "Why an agent should ask", "audience": "engineers", "channel": "the blog"}
CONFIG: RunnableConfig = {"configurable": {"thread_id": "post-1"}}
# These stand for a model.
PLANNER = FakeListChatModel(responses=["1. What goes wrong 2. What to ask"])
WRITER = FakeListChatModel(responses=["Agents err, at length."])
EDITOR = FakeListChatModel(responses=["Agents err. Ask."])


class State(ReviewState, total=False):
    topic: str
    audience: str
    channel: str
    outline: str
    draft: str
    published: str
    archived: str | None


def plan(state: State) -> dict[str, Any]:
    return {"outline": PLANNER.invoke(f"Outline for {state['audience']}: {state['topic']}").text}


def write(state: State) -> dict[str, Any]:
    return {"draft": WRITER.invoke(f"Write: {approved(state, 'outline')}").text}


def publish(state: State) -> dict[str, Any]:
    text = approved(state, "draft", gate="publication")
    print(f"  posted on {state['channel']}: {text}")  # stands for the blog
    return {"published": text}


def archive(state: State) -> dict[str, Any]:
    return {"archived": feedback(state)}


def build() -> StateGraph[Any, Any, Any, Any]:
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
    for node in (plan, write, publish, archive):
        builder.add_node(node)
    outline = human_approval("outline", action="write_draft", context=["topic", "audience"])
    draft = human_approval("draft", action="accept_draft", revise=EDITOR, max_revisions=2)
    publication = human_approval(
        "draft",
        action="publish_post",
        allowed_decisions=["approve", "reject"],
        context=["audience", "channel"],
        required_context=["audience", "channel"],
        criteria=["Nothing in it is a secret."],
    )
    add_review(builder, "outline_review", outline, approved="write", rejected="archive")
    add_review(builder, "draft_review", draft, approved="publication", rejected="archive")
    add_review(builder, "publication", publication, approved="publish", rejected="archive")
    builder.add_edge(START, "plan")
    builder.add_edge("plan", "outline_review")
    builder.add_edge("write", "draft_review")
    return builder


@contextmanager
def opened(folder: Path) -> Iterator[Any]:
    """The graph, with its threads in `folder`."""
    with SqliteSaver.from_conn_string(str(folder / "threads.sqlite")) as saver:
        yield build().compile(checkpointer=saver)


def main(folder: Path, *, ask: bool = False) -> None:
    with opened(folder) as app:
        if ask:
            run_in_terminal(app, POST, CONFIG)
            return
        app.invoke(POST, CONFIG)
    outline = Edit("1. What goes wrong 2. When to ask")
    for decision in (outline, Revise("shorter"), Approve(), Approve()):
        with opened(folder) as app:
            (request,) = pending(app, CONFIG)
            print(f"{request.action}: {request.subject!r} -> {type(decision).__name__}")
            app.invoke(resume(request, decision, by="maria"), CONFIG)


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        main(Path(place), ask="--ask" in sys.argv)
