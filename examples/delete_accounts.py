"""Accounts that nobody uses are to be deleted. A person excludes some; the rest goes.

    python examples/delete_accounts.py

Whoever asked for it does not decide it. What nobody decides within two days stays.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

from langgraph_hitl import (
    Approve,
    Inbox,
    Items,
    Reject,
    Reviewer,
    ReviewState,
    Skip,
    add_review,
    approved_items,
    plan_approval,
    remaining,
)
from langgraph_hitl.inbox import executed
from langgraph_hitl.testing import FixedClock

ACCOUNTS = [
    {"id": "u-17", "name": "old-intern", "last_login": "2019-04-02", "files": 12},
    {"id": "u-23", "name": "backup-robot", "last_login": None, "files": 90_114},
    {"id": "u-42", "name": "lee", "last_login": "2020-11-30", "files": 3},
    {"id": "u-58", "name": "fraud-case-9", "last_login": "2021-01-15", "files": 41},
]
SAM, PAT = Reviewer("sam", roles=("admin",)), Reviewer("pat", roles=("admin",))


class State(ReviewState, total=False):
    asked_by: str
    accounts: list[dict[str, Any]]
    report: dict[str, list[str]]


def context(state: State) -> dict[str, Any]:
    files = sum(account["files"] for account in state["accounts"])
    return {"reversibility": "irreversible", "files": files}


def delete(state: State) -> dict[str, Any]:
    for item in approved_items(state, "accounts"):
        erase(item["id"], key=item["idempotency_key"])
    executed(state, {"deleted": len(state["accounts"])})  # for the audit
    return {}


def erase(account: str, *, key: str) -> None:
    """Stands for the directory of accounts, which takes a key once."""
    print(f"  deleted {account}")


def report(state: State) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for item in state["reviews"][-1]["items"]:
        found.setdefault(item["type"], []).append(item["id"])
    return {"report": found}


def build(inbox: Inbox) -> StateGraph[Any, Any, Any, Any]:
    gate = plan_approval(
        "accounts",
        item_decisions=["approve", "skip", "reject"],
        action="delete",
        context=context,
        inbox=inbox,
        reviewers="admin",
        requester="asked_by",
        timeout="2d",
    )
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
    builder.add_node(delete)
    builder.add_node(report)
    add_review(builder, "approve", gate, approved="delete", partial="delete", rejected="report")
    builder.add_edge(START, "approve")
    builder.add_edge("delete", "report")
    return builder


@contextmanager
def opened(folder: Path, clock: FixedClock) -> Iterator[tuple[Any, Inbox]]:
    """What every process opens, whether it asks or decides."""
    place = f"sqlite:///{folder / 'reviews.db'}"
    with (
        SqliteSaver.from_conn_string(str(folder / "threads.sqlite")) as saver,
        Inbox.open(place, clock=clock) as inbox,
    ):
        yield inbox.register(build(inbox).compile(checkpointer=saver), name="accounts"), inbox


def main(folder: Path) -> None:
    clock, thread = FixedClock(), {"configurable": {"thread_id": "2026"}}
    with opened(folder, clock) as (app, inbox):
        app.invoke({"asked_by": SAM.id, "accounts": ACCOUNTS}, thread)
        print("for sam:", inbox.pending(reviewer=SAM))
    excluded = Items({"u-23": Skip("it is a robot"), "u-58": Reject("it is evidence")})
    for decision in (excluded, Approve()):
        with opened(folder, clock) as (app, inbox):
            (review,) = inbox.pending(reviewer=PAT)
            print(f"for pat: {', '.join(remaining(review))} -> {type(decision).__name__}")
            inbox.decide(review, decision, by=PAT)
            print(app.get_state(thread).values.get("report", "nothing is deleted yet"))


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        main(Path(place))
