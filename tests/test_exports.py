"""What the package gives, and what importing it costs."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import langgraph_hitl
from langgraph_hitl import review

PACKAGE = Path(langgraph_hitl.__file__).parent

PUBLIC = [
    "Abstain",
    "Approve",
    "Checkpoint",
    "Choice",
    "Choose",
    "Defer",
    "Edit",
    "Escalate",
    "Inbox",
    "Items",
    "Reject",
    "RejectRest",
    "Respond",
    "ReviewState",
    "Reviewer",
    "Revise",
    "Skip",
    "add_review",
    "apending",
    "approved",
    "approved_items",
    "ask_human",
    "await_review",
    "co_edit",
    "committee",
    "confidence_escalation",
    "consensus",
    "crowd",
    "decided_items",
    "feedback",
    "hitl_router",
    "hitl_workflow",
    "human_approval",
    "human_as_tool",
    "idempotency_key",
    "last_message",
    "pending",
    "plan_approval",
    "plan_together",
    "qa_sample",
    "rated_feedback",
    "remaining",
    "require_approval",
    "resume",
    "review_tools",
    "route",
    "run_calls",
    "run_in_terminal",
    "send_items",
    "submit_review",
    "supervised",
    "tool_calls",
    "with_escalation",
]
HEAVY = [
    "rich",
    "typer",
    "sqlalchemy",
    "langchain",
    "jsonpatch",
    "scipy",
    "jsonschema",
    "ruamel.yaml",
    "psycopg",
    "sqlite3",
    "difflib",
]


def test_the_public_names() -> None:
    assert langgraph_hitl.__all__ == sorted(langgraph_hitl.__all__)
    assert langgraph_hitl.__all__ == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_documented(name: str) -> None:
    thing = getattr(langgraph_hitl, name)
    assert inspect.getdoc(thing)
    assert not (inspect.getdoc(thing) or "").startswith(f"{name}(")  # a generated one


def test_a_star_import_gives_the_public_names() -> None:
    names: dict[str, object] = {}
    exec("from langgraph_hitl import *", names)  # noqa: S102
    assert set(PUBLIC) <= set(names)


def test_the_nouns_are_sorted_and_there() -> None:
    assert review.__all__ == sorted(review.__all__)
    for name in review.__all__:
        assert getattr(review, name) is not None


def loaded_by(module: str) -> set[str]:
    program = f"import sys, {module}; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    ours = loaded_by("langgraph_hitl") - loaded_by("langgraph.graph")
    assert not ours & set(HEAVY)
    assert not {"langchain_core.language_models"} & ours


def test_without_the_extra_an_inbox_is_there_to_say_so() -> None:
    program = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "from langgraph_hitl.inbox import Inbox\n"
        "Inbox.open('sqlite:///:memory:')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert "MissingExtra" in done.stderr.splitlines()[-1]
    assert "langgraph-hitl[inbox]" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_module_reads_the_inside_of_langgraph(path: Path) -> None:
    assert "langgraph._internal" not in path.read_text(encoding="utf-8")


def test_the_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").exists()
