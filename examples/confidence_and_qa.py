"""Confidence check, human review, QA sample, revision and learning, as one graph.

A sure answer goes to the QA sample, an unsure one to a person. What passes is released. What fails
QA is revised with the feedback and comes back to QA. What is rejected is logged to learn from.

    python examples/confidence_and_qa.py
"""

from __future__ import annotations

import operator
from typing import Annotated, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph

from langgraph_hitl import (
    Approve,
    Respond,
    ReviewState,
    Revise,
    add_review,
    approved,
    confidence_escalation,
    feedback,
    pending,
    qa_sample,
    resume,
)
from langgraph_hitl.triggers import Salt

MODEL = {  # stands in for a model and its confidence
    "Can I return it?": ("Yes, within 30 days.", 0.94),
    "Does it run on Mars?": ("Yes.", 0.41),
}


class State(ReviewState, total=False):
    case_id: str
    question: str
    answer: str
    confidence: float
    released: str
    lessons: Annotated[list[dict[str, Any]], operator.add]


def answer(state: State) -> dict[str, Any]:
    text, confidence = MODEL[state["question"]]
    return {"answer": text, "confidence": confidence}


def revise(state: State) -> dict[str, Any]:
    return {"answer": f"{state['answer'].rstrip('.')}, {feedback(state)}."}


def release(state: State) -> dict[str, Any]:
    return {"released": approved(state, "answer")}


def learn(state: State) -> dict[str, Any]:
    gate = state["reviews"][-1]["gate"]
    return {"lessons": [{"gate": gate, "answer": state["answer"], "feedback": feedback(state)}]}


def build(salt: Salt) -> StateGraph[Any, Any, Any, Any]:
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
    builder.add_node("answer", answer)
    builder.add_node("feedback", learn)
    builder.add_node("revision", revise)
    builder.add_node("release", release)
    builder.add_node("log_and_learn", learn)
    add_review(
        builder,
        "confidence_check",
        confidence_escalation(
            "answer", confidence="confidence", threshold=0.8, context=["question"]
        ),
        auto_approved="qa",
        approved="release",
        edited="release",
        answered="release",
        rejected="log_and_learn",
    )
    add_review(
        builder,
        "qa",
        qa_sample("answer", rate=0.25, item_id="case_id", salt=salt, context=["question"]),
        auto_approved="release",
        approved="release",
        needs_revision="feedback",
        rejected="log_and_learn",
    )
    builder.add_edge(START, "answer")
    builder.add_edge("answer", "confidence_check")
    builder.add_edge("feedback", "revision")
    builder.add_edge("revision", "qa")
    return builder


def main() -> None:
    # A secret of your own, in production: Salt.from_env("QA_SALT").
    app = build(Salt(b"only an example", name="example")).compile(checkpointer=InMemorySaver())
    print(app.get_graph().draw_mermaid())
    for case_id, question, decisions in (
        ("case-1", "Does it run on Mars?", (Respond("No."),)),
        ("case-3", "Can I return it?", (Revise("counted from delivery"), Approve())),
    ):
        config: RunnableConfig = {"configurable": {"thread_id": case_id}}
        app.invoke({"case_id": case_id, "question": question}, config)
        for decision in decisions:
            (request,) = pending(app, config)
            print(f"{request.subject!r}: {request.finding['sentence']} {type(decision).__name__}.")
            app.invoke(resume(request, decision, by="maria"), config)
        print("released:", app.get_state(config).values["released"])


if __name__ == "__main__":
    main()
