"""A checkpoint that the inbox has read under the lock begins the run, and is not read again."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl import Approve, human_approval
from langgraph_hitl.inbox._run.handed import with_found
from tests.apps import one_gate
from tests.drivers import Build
from tests.inbox.desk import MARIA, Desk


def build(desk: Desk) -> Build:
    return one_gate(human_approval("draft", inbox=desk.inbox))


@pytest.fixture
def saver() -> Iterator[SqliteSaver]:
    with SqliteSaver.from_conn_string(":memory:") as saver:
        yield saver


@pytest.fixture
def two_threads(saver: SqliteSaver) -> tuple[RunnableConfig, RunnableConfig]:
    app = one_gate(human_approval("draft"))().compile(checkpointer=saver)
    one: RunnableConfig = {"configurable": {"thread_id": "1", "checkpoint_ns": ""}}
    other: RunnableConfig = {"configurable": {"thread_id": "2", "checkpoint_ns": ""}}
    for config in (one, other):
        app.invoke({"draft": "Hello"}, config)
    return one, other


def test_the_newest_root_checkpoint_is_read_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = desk.app(build(desk))
    question = desk.ask(app)
    kind: Any = type(desk.saver)
    read: list[RunnableConfig] = []
    plain = kind.get_tuple

    def counted(self: Any, config: RunnableConfig) -> CheckpointTuple | None:
        read.append(config)
        found: CheckpointTuple | None = plain(self, config)
        return found

    monkeypatch.setattr(kind, "get_tuple", counted)
    assert desk.inbox.decide(question.review.id, Approve(), by=MARIA).status == "applied"
    roots = [one for one in read if not one["configurable"].get("checkpoint_ns")]
    assert len(roots) == 1


def test_nothing_but_the_first_reading_of_that_checkpoint_is_handed_over(
    saver: SqliteSaver, two_threads: tuple[RunnableConfig, RunnableConfig]
) -> None:
    one, other = two_threads
    found = saver.get_tuple(one)
    assert found is not None
    old: RunnableConfig = {"configurable": {**one["configurable"], "checkpoint_id": "0"}}
    within: RunnableConfig = {"configurable": {**one["configurable"], "checkpoint_ns": "x:1"}}
    for asked in (other, old, within):
        assert with_found(saver, found).get_tuple(asked) == saver.get_tuple(asked)
    handing = with_found(saver, found)
    assert handing.get_tuple(one) is found
    assert handing.get_tuple(one) is not found
    assert handing.get_tuple(one) == found


def test_a_copy_with_another_serializer_reads_for_itself(
    saver: SqliteSaver, two_threads: tuple[RunnableConfig, RunnableConfig]
) -> None:
    """LangGraph makes one for each graph where msgpack is strict: it may read other types."""
    found = saver.get_tuple(two_threads[0])
    strict = copy.copy(with_found(saver, found))
    strict.serde = copy.copy(saver.serde)
    assert strict.get_tuple(two_threads[0]) is not found


def test_a_saver_of_somebody_else_is_left_as_it_is(
    saver: SqliteSaver, two_threads: tuple[RunnableConfig, RunnableConfig]
) -> None:
    class Theirs(SqliteSaver):
        pass

    theirs = Theirs(saver.conn)
    found = saver.get_tuple(two_threads[0])
    assert with_found(theirs, found) is theirs
    assert with_found(saver, None) is saver
