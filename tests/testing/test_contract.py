"""The contract of `langgraph_hitl.testing` holds for every inbox, and notices a broken one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_hitl.inbox import Inbox
from langgraph_hitl.inbox._run import binding
from langgraph_hitl.testing import DURABLE_RULES, RULES, Rule, Stand
from tests import postgres
from tests.inbox.lock_places import url_of


@pytest.fixture(scope="session")
def contract_uri(worker_id: str) -> Iterator[str]:
    with postgres.database(f"{worker_id}_contract") as uri:
        yield uri


@pytest.fixture(params=["sqlite", "postgresql"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    """A durable one; on PostgreSQL it holds the reviews of the rules before."""
    if request.param == "postgresql":
        uri = request.getfixturevalue("contract_uri")
        with PostgresSaver.from_conn_string(uri) as saver:
            yield Stand(url_of(uri), saver)
    else:
        with SqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver:
            yield Stand(f"sqlite:///{tmp_path / 'reviews.db'}", saver)


def name_of(rule: Rule) -> str:
    return rule.__name__


@pytest.mark.parametrize("rule", DURABLE_RULES, ids=name_of)
def test_on_a_database(rule: Rule, stand: Stand) -> None:
    rule(stand)


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_in_memory(rule: Rule) -> None:
    rule(Stand("sqlite:///:memory:", InMemorySaver()))


def test_every_rule_says_what_is_promised() -> None:
    assert all(rule.__doc__ for rule in DURABLE_RULES)
    assert set(RULES) < set(DURABLE_RULES)


def rule_named(name: str) -> Rule:
    (found,) = (rule for rule in DURABLE_RULES if rule.__name__ == name)
    return found


@pytest.fixture
def in_memory() -> Stand:
    return Stand("sqlite:///:memory:", InMemorySaver())


def test_an_inbox_that_takes_every_decision_breaks_it(
    in_memory: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decide(inbox: Inbox, review_id: str, *_: Any, **__: Any) -> Any:
        return inbox.get(review_id)

    monkeypatch.setattr(Inbox, "decide", decide)
    with pytest.raises(AssertionError, match="8 of 8 decided one review"):
        rule_named("decided_once")(in_memory)


def test_a_graph_that_is_not_bound_breaks_it(
    in_memory: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binding, "root_thread", lambda *_: None)
    with pytest.raises(Exception, match="not registered"):
        rule_named("run_once")(in_memory)


def test_an_inbox_that_does_no_work_breaks_it(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Inbox, "work", lambda _inbox: None)
    with pytest.raises(AssertionError, match="after a death at 'committed' it is settled"):
        rule_named("what_a_dead_run_has_begun_is_finished")(stand)


def test_an_inbox_that_forgets_breaks_it(in_memory: Stand) -> None:
    """In memory every inbox is a new one."""
    with pytest.raises(AssertionError, match="0 questions wait instead of 1"):
        rule_named("everything_is_there_for_the_next_process")(in_memory)
