"""`qa_sample(blocking=False)`: what it takes, how it is wired, and that it draws the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.graph import END, StateGraph

from langgraph_hitl import add_review, human_approval, qa_sample
from langgraph_hitl.errors import GateError
from langgraph_hitl.inbox import Inbox
from tests.drivers import Builder
from tests.patterns.qa import State
from tests.paused import spec
from tests.strategies import NOT_BLANK
from tests.subject_presets import SALT


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox.open("sqlite:///:memory:") as opened:
        yield opened


def sample(inbox: Inbox | None, **options: Any) -> Any:
    given: dict[str, Any] = {"item_id": "case", "salt": SALT, "blocking": False, "inbox": inbox}
    return qa_sample("letter", **given | options)


def rewrite(state: State) -> dict[str, Any]:
    return {"letter": "better"}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"inbox": None}, "a review that does not block needs an inbox"),
        ({"revise": rewrite}, "revise and resubmit_edits have no effect"),
        (
            {"resubmit_edits": True, "allowed_decisions": ["approve", "edit"]},
            "revise and resubmit_edits have no effect",
        ),
        ({"max_revisions": 2}, "max_revisions and on_exhausted have no effect without revise="),
        ({"on_exhausted": "needs_revision"}, "have no effect without revise="),
        ({"prompt": rewrite}, "prompt has no effect without revise="),
        ({"on_recall": "call"}, "on_recall must be a function"),
        ({"blocking": "no"}, "blocking must be True or False, not 'no'"),
        ({"blocking": None}, "blocking must be True or False, not None"),
    ],
)
def test_what_could_have_no_effect_is_an_error(
    inbox: Inbox, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(GateError, match=problem):
        sample(**{"inbox": inbox} | options)


def test_a_recall_needs_an_inbox(inbox: Inbox) -> None:
    sample(inbox, on_recall=print)
    with pytest.raises(GateError, match="on_recall has no effect without inbox="):
        human_approval("letter", on_recall=print)


def test_it_has_the_one_way_of_what_passes(inbox: Inbox) -> None:
    builder: Builder = StateGraph(State)
    add_review(builder, "qa", sample(inbox), approved=END)
    add_review(builder, "other", sample(inbox), auto_approved=END)
    for way in ("rejected", "needs_revision", "cancelled"):
        with pytest.raises(GateError, match=f"'no': the gate cannot end as '{way}'"):
            add_review(builder, "no", sample(inbox), approved=END, **{way: END})
    with pytest.raises(GateError, match="no way for 'auto_approved'; name approved="):
        add_review(builder, "no", sample(inbox))


@given(item=NOT_BLANK, rate=st.floats(0, 1))
def test_it_draws_what_the_blocking_sample_draws(item: str, rate: float) -> None:
    values = {"letter": "Dear", "case": item}
    with Inbox.open("sqlite:///:memory:") as inbox:
        released = spec(sample(inbox, rate=rate)).when
        blocking = spec(sample(None, rate=rate, blocking=True)).when
    assert released is not None
    assert blocking is not None
    assert released.trigger(values) == blocking.trigger(values)
