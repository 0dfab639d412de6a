"""What a review costs that nobody is needed for: CPU of one run through a gate that lets it pass.

    python benchmarks/skipped_review.py            # about two minutes
    python benchmarks/skipped_review.py --quick    # a short run, for a first look

`confidence_escalation` and `qa_sample` stand beside subgraphs written by hand, of as many nodes,
that decide the same and keep a record. Measured as in `pause_resume.py`: in one process, in turns,
and the median of the paired ratios counts. Exit status 1: a target was missed.
"""

from __future__ import annotations

import gc
import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from contenders import HandInput, HandOutput, HandState, hand_ask, new_thread, open_saver
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command
from pause_resume import Target, arguments, compare, exit_status, spread
from typing_extensions import TypedDict

from langgraph_hitl import ReviewState, add_review, confidence_escalation, qa_sample

SALT = b"0123456789abcdef"
RATE = 0.1
THRESHOLD = 0.8
LIMIT = 1.10
PASSING_ID = "item-1"  # drawn at 0.249


class Case(TypedDict, total=False):
    """What both kinds of gate see."""

    draft: str
    confidence: float
    item: str


class OurCase(Case, ReviewState, total=False):
    """The state around a gate of this package."""

    released: bool


class HandCase(Case, HandOutput, total=False):
    """The state around a gate that is written by hand."""

    released: bool


class HandGateInput(HandInput, total=False):
    """What a hand-written gate takes."""

    confidence: float
    item: str


class HandGateState(HandState, HandGateInput, total=False):
    """Its channels."""


Decide = Callable[[Any], "tuple[bool, dict[str, Any]]"]


def write(state: Case) -> dict[str, Any]:
    """The node before the gate."""
    return {"confidence": 0.93, "item": PASSING_ID}


def release(state: Case) -> dict[str, Any]:
    return {"released": True}


def archive(state: Case) -> dict[str, Any]:
    return {"released": False}


def unsure(state: Any) -> tuple[bool, dict[str, Any]]:
    """Whether a person is needed, by hand."""
    confidence = state["confidence"]
    return confidence < THRESHOLD, {"confidence": confidence, "threshold": THRESHOLD}


def drawn(state: Any) -> tuple[bool, dict[str, Any]]:
    """Whether an item is in the sample, by hand."""
    hashed = hashlib.blake2b(
        state["item"].encode(), digest_size=8, key=SALT, person=b"qa-sample-v1"
    )
    number = (int.from_bytes(hashed.digest(), "big") >> 11) * 2.0**-53
    return number < RATE, {"draw": number, "rate": RATE, "item": state["item"]}


def _around(schema: type[Any]) -> StateGraph[Any, Any, Any, Any]:
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(schema)
    builder.add_node("write", write)
    builder.add_node("release", release)
    builder.add_node("archive", archive)
    builder.add_edge(START, "write")
    builder.add_edge("write", "check")
    builder.add_edge("release", END)
    builder.add_edge("archive", END)
    return builder


def ours(gate: Any, saver: BaseCheckpointSaver[Any]) -> Any:
    builder = _around(OurCase)
    add_review(builder, "check", gate, approved="release", rejected="archive")
    return builder.compile(checkpointer=saver)


def by_hand(decide: Decide, saver: BaseCheckpointSaver[Any]) -> Any:
    """Prepare, ask, record; a clear case goes from `prepare` to `record`."""

    def prepare(state: HandGateState) -> Command[Any]:
        needed, finding = decide(state)
        request = {"id": uuid4().hex, "subject": state["draft"], "finding": finding}
        return Command(update={"request": request}, goto="ask" if needed else "record")

    def record(state: HandGateState) -> dict[str, Any]:
        answer = state.get("answer") or {"type": "pass", "by": "system"}
        kept = {
            "id": state["request"]["id"],
            "outcome": "rejected" if answer["type"] == "reject" else "approved",
            "decided_by": answer.get("by"),
            "decided_at": datetime.now(UTC).isoformat(),
            "finding": state["request"]["finding"],
        }
        return {"review": kept, "reviews": [kept]}

    gate: StateGraph[Any, Any, Any, Any] = StateGraph(
        HandGateState, input_schema=HandGateInput, output_schema=HandOutput
    )
    gate.add_node("prepare", prepare, destinations=("ask", "record"))
    gate.add_node("ask", hand_ask)
    gate.add_node("record", record)
    gate.add_edge(START, "prepare")
    gate.add_edge("ask", "record")
    builder = _around(HandCase)
    builder.add_node("check", gate.compile(), input_schema=HandGateInput)
    builder.add_conditional_edges("check", _way, ["release", "archive"])
    return builder.compile(checkpointer=saver)


def _way(state: HandCase) -> str:
    return "release" if state["review"]["outcome"] == "approved" else "archive"


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to let a clear case pass."""

    name: str
    build: Callable[[BaseCheckpointSaver[Any]], Any]


CONTENDERS = (
    Contender(
        "confidence_escalation",
        lambda saver: ours(
            confidence_escalation("draft", confidence="confidence", threshold=THRESHOLD), saver
        ),
    ),
    Contender("confidence by hand", lambda saver: by_hand(unsure, saver)),
    Contender(
        "qa_sample",
        lambda saver: ours(qa_sample("draft", rate=RATE, item_id="item", salt=SALT), saver),
    ),
    Contender("sample by hand", lambda saver: by_hand(drawn, saver)),
)
PAIRS = (("confidence_escalation", "confidence by hand"), ("qa_sample", "sample by hand"))


def run_once(app: Any, thread_id: str) -> Mapping[str, Any]:
    """One case on a new thread, from start to end without a pause."""
    config = {"configurable": {"thread_id": thread_id}}
    result: Mapping[str, Any] = app.invoke({"draft": "A short answer."}, config)
    if result.get("released") is not True or "__interrupt__" in result:
        raise RuntimeError("the case did not pass")
    return result


def time_block(app: Any, saver: BaseCheckpointSaver[Any], runs: int) -> float:
    """CPU seconds of one run, averaged over a block of them."""
    threads = [new_thread() for _ in range(runs)]
    gc.collect()
    begun = time.process_time()
    for thread in threads:
        run_once(app, thread)
    spent = time.process_time() - begun
    for thread in threads:
        saver.delete_thread(thread)
    return spent / runs


def measure(kind: str, *, rounds: int, runs: int) -> dict[str, list[float]]:
    """CPU seconds of one run, for each contender and round."""
    spent: dict[str, list[float]] = {contender.name: [] for contender in CONTENDERS}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lanes = []
        for contender in CONTENDERS:
            saver = stack.enter_context(open_saver(kind, folder))
            lanes.append((contender.name, contender.build(saver), saver))
        for _, app, saver in lanes:
            time_block(app, saver, 10)
        gc.freeze()
        order = random.Random(0)  # noqa: S311  # no secret: which contender goes first
        for _ in range(rounds):
            for name, app, saver in order.sample(lanes, len(lanes)):
                spent[name].append(time_block(app, saver, runs))
        gc.unfreeze()
    return spent


def report(kind: str, spent: Mapping[str, Sequence[float]]) -> list[Target]:
    print(f"\nCPU of one run that nobody is asked in, {kind} saver")
    for name, values in spent.items():
        low, median, high = (1000 * value for value in spread(values))
        print(f"  {name:<32}{median:>10.3f} ms  {low:>6.3f}-{high:<6.3f}")
    return [compare(f"{mine}, {kind}", spent[mine], spent[theirs], LIMIT) for mine, theirs in PAIRS]


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    targets: list[Target] = []
    for kind in ("memory", "sqlite"):
        spent = measure(kind, rounds=options.rounds, runs=2 * options.reviews)
        targets += report(kind, spent)
    return exit_status(targets)


if __name__ == "__main__":
    sys.exit(main())
