"""The table of capabilities is true: every row has names that exist, and tests that prove it."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

import langgraph_hitl
from tests.drivers import App
from tests.working import TABLE, Capability, capabilities, listed, watched

ROWS = capabilities()
PROMISED = [
    *(f"A{number}" for number in range(1, 17)),
    *(f"E{number}" for number in range(1, 8)),
    *("Q1", "Q2", "Q3", "Q4", "Q6"),
    *("C1", "C2"),
    *("O1", "O2"),
    *("P1", "P2", "P6", "P7", "P8", "P9", "P10", "P11", "P12", "P13"),
]
CONFIG: Any = {"configurable": {"thread_id": "1"}}


def test_every_capability_has_a_row_in_order() -> None:
    assert [row.id for row in ROWS] == PROMISED


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_its_names_are_public(row: Capability) -> None:
    assert row.names
    for name in row.names:
        place, _, last = name.rpartition(".")
        if place == "Inbox":
            assert callable(getattr(langgraph_hitl.Inbox, last))
        else:
            module = import_module(f"langgraph_hitl.{place}" if place else "langgraph_hitl")
            assert last in getattr(module, "__all__", [last])
            assert hasattr(module, last)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_its_tests_exist(row: Capability) -> None:
    assert row.tests
    for test in row.tests:
        path, name = test.split("::")
        tree = ast.parse((Path(__file__).parents[1] / path).read_text(encoding="utf-8"))
        assert name.partition("[")[0] in {
            node.name for node in tree.body if isinstance(node, ast.FunctionDef)
        }


def test_a_capability_has_tests_of_its_own() -> None:
    assert len(listed()) == sum(len(row.tests) for row in ROWS)


class State(TypedDict, total=False):
    answer: str


def asking(saver: Any) -> App:
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
    builder.add_node("ask", lambda state: {"answer": interrupt("?")})
    builder.add_edge(START, "ask")
    return builder.compile(checkpointer=saver)


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("lasts", [True, False])
def test_only_a_fresh_graph_on_a_saver_that_lasts_proves_something(
    tmp_path: Path, fresh: bool, lasts: bool
) -> None:
    with SqliteSaver.from_conn_string(str(tmp_path / "t")) as sqlite, watched() as seen:
        saver = sqlite if lasts else InMemorySaver()
        first = asking(saver)
        first.invoke({}, CONFIG)
        assert seen.proves() is None
        (asking(saver) if fresh else first).invoke(Command(resume="x"), CONFIG)
        assert seen.proves() == ("thread" if fresh and lasts else None)


def test_a_graph_that_never_paused_proves_nothing(tmp_path: Path) -> None:
    with SqliteSaver.from_conn_string(str(tmp_path / "t")) as saver, watched() as seen:
        for _ in range(2):
            builder: StateGraph[Any, Any, Any, Any] = StateGraph(State)
            builder.add_node("go", lambda state: {})
            builder.add_edge(START, "go")
            builder.compile(checkpointer=saver).invoke({}, CONFIG)
        assert seen.proves() is None


def test_the_readme_leads_to_the_table() -> None:
    readme = (TABLE.parents[1] / "README.md").read_text(encoding="utf-8")
    assert "docs/capabilities.md" in readme
