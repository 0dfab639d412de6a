"""The graph of the demo, written with the public interface and nothing else."""

from __future__ import annotations

from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from langgraph_hitl import ReviewState, add_review, approved, feedback, human_approval
from langgraph_hitl._demo import prompts

FIRST_INPUT = {
    "topic": "Why an agent should ask before it acts",
    "audience": "engineers who build agents",
    "channel": "the company blog",
}


class Post(ReviewState):
    """A post on its way."""

    topic: str
    audience: str
    channel: str
    outline: str
    draft: str
    post: str
    status: str
    reason: str | None


def build(
    writer: BaseChatModel, checkpointer: BaseCheckpointSaver[Any]
) -> CompiledStateGraph[Post, Any, Any, Any]:
    """Outline -> (1) -> draft -> (2) -> post -> (3) -> published; a refusal archives it."""

    def outline(state: Post) -> dict[str, Any]:
        return {"outline": _text(writer, prompts.for_outline(state["topic"], state["audience"]))}

    def write(state: Post) -> dict[str, Any]:
        return {"draft": _text(writer, prompts.for_draft(approved(state, "outline")))}

    def lay_out(state: Post) -> dict[str, Any]:
        return {"post": f"{approved(state, 'draft')}\n\nWritten for {state['audience']}."}

    def publish(state: Post) -> dict[str, Any]:
        return {"post": approved(state, "post"), "status": "published"}

    def archive(state: Post) -> dict[str, Any]:
        return {"status": "archived", "reason": feedback(state)}

    builder = StateGraph(Post)
    for node in (outline, write, lay_out, publish, archive):
        builder.add_node(node)
    outline_gate, draft_gate, publication_gate = _gates(writer)
    add_review(builder, "approve_outline", outline_gate, approved="write", rejected="archive")
    add_review(builder, "review_draft", draft_gate, approved="lay_out", rejected="archive")
    add_review(
        builder, "approve_publication", publication_gate, approved="publish", rejected="archive"
    )
    builder.add_edge(START, "outline")
    builder.add_edge("outline", "approve_outline")
    builder.add_edge("write", "review_draft")
    builder.add_edge("lay_out", "approve_publication")
    builder.add_edge("publish", END)
    builder.add_edge("archive", END)
    return builder.compile(checkpointer=checkpointer)


def _gates(writer: BaseChatModel) -> tuple[Any, Any, Any]:
    """The three checkpoints."""
    outline = human_approval(
        "outline",
        name="outline",
        action="write_draft",
        context=["topic", "audience"],
        criteria=["The points answer the topic.", "Nothing important is missing."],
        revise=writer,
        prompt=_revision_of_outline,
    )
    draft = human_approval(
        "draft",
        name="draft",
        action="accept_draft",
        context=["outline", "audience"],
        criteria=["It is correct.", "The audience understands it."],
        revise=writer,
        prompt=_revision_of_draft,
        max_revisions=3,
    )
    publication = human_approval(
        "post",
        name="publication",
        action="publish_post",
        allowed_decisions=["approve", "reject"],
        context=publication_context,
        required_context=["audience", "channel"],
    )
    return outline, draft, publication


def publication_context(state: Post) -> dict[str, Any]:
    """What the last reviewer has to know beside the post."""
    return {
        "audience": state.get("audience"),
        "channel": state.get("channel"),
        "impact": "Everybody who reads the channel sees the post.",
        "reversibility": "It can be taken down, but not unread.",
        "words": len(state["post"].split()),
    }


def _revision_of_outline(state: Post) -> list[BaseMessage]:
    return prompts.for_revision(state["outline"], feedback(state) or "")


def _revision_of_draft(state: Post) -> list[BaseMessage]:
    return prompts.for_revision(state["draft"], feedback(state) or "")


def _text(writer: BaseChatModel, messages: list[BaseMessage]) -> str:
    return writer.invoke(messages).text
