"""Accounts that are deleted: those that somebody approved, once, and no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import Approve, Edit, Items, Reject, RejectRest, Skip
from langgraph_hitl.errors import Expired, InvalidDecision, NotAuthorised
from langgraph_hitl.testing import FixedClock
from tests.examples.conftest import Elsewhere, printed_by

THREAD = {"configurable": {"thread_id": "clean-up"}}
ALL = ["u-17", "u-23", "u-42", "u-58"]


@pytest.fixture
def example(imported: Callable[[str], Any]) -> Any:
    return imported("delete_accounts")


class CleanUp:
    """A list of accounts that waits; every call opens graph and inbox anew."""

    def __init__(self, example: Any, folder: Path, deleted: list[str]) -> None:
        self.example = example
        self.folder = folder
        self.deleted = deleted
        self.clock = FixedClock()
        with self.opened() as (app, _):
            app.invoke({"asked_by": "sam", "accounts": example.ACCOUNTS}, THREAD)

    def opened(self) -> Any:
        return self.example.opened(self.folder, self.clock)

    def decide(self, *decisions: Any) -> None:
        for decision in decisions:
            with self.opened() as (_, inbox):
                (review,) = inbox.pending(reviewer=self.example.PAT)
                inbox.decide(review, decision, by=self.example.PAT)

    @property
    def values(self) -> dict[str, Any]:
        with self.opened() as (app, _):
            found: dict[str, Any] = app.get_state(THREAD).values
        return found


@pytest.fixture
def clean_up(example: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CleanUp:
    deleted: list[str] = []
    monkeypatch.setattr(example, "erase", lambda account, *, key: deleted.append(account))
    return CleanUp(example, tmp_path, deleted)


@pytest.mark.parametrize(
    ("decisions", "deleted"),
    [
        ([Approve()], ALL),
        ([Items({"u-23": Skip(), "u-58": Reject()}), Approve()], ["u-17", "u-42"]),
        ([Items({"u-17": Approve()}), Reject()], ["u-17"]),
        ([Items(dict.fromkeys(ALL, Skip()))], []),
        ([Items({"u-17": Skip()}), Reject()], []),
    ],
)
def test_what_is_excluded_stays(
    clean_up: CleanUp, decisions: list[Any], deleted: list[str]
) -> None:
    clean_up.decide(*decisions)
    assert clean_up.deleted == deleted
    report = clean_up.values["report"]
    assert report.get("approve", []) == deleted
    assert sorted(account for accounts in report.values() for account in accounts) == ALL


def test_nothing_is_deleted_before_all_are_decided(clean_up: CleanUp) -> None:
    clean_up.decide(Items(dict.fromkeys(ALL[:3], Approve())))
    assert clean_up.deleted == []
    assert "report" not in clean_up.values


@pytest.mark.parametrize("verdict", [Edit({"id": "u-17", "name": "root"}), RejectRest()])
def test_an_account_goes_or_stays(clean_up: CleanUp, verdict: Any) -> None:
    with pytest.raises(InvalidDecision, match="takes approve, skip, reject, and not"):
        clean_up.decide(Items({"u-17": verdict}))
    assert clean_up.deleted == []


def test_who_asked_does_not_decide(example: Any, clean_up: CleanUp) -> None:
    with clean_up.opened() as (_, inbox):
        assert inbox.pending(reviewer=example.SAM) == []
        (review,) = inbox.pending()
        with pytest.raises(NotAuthorised, match="four eyes"):
            inbox.decide(review, Approve(), by=example.SAM)
    assert clean_up.deleted == []


def test_after_two_days_nothing_is_deleted_any_more(example: Any, clean_up: CleanUp) -> None:
    clean_up.decide(Items({"u-17": Approve()}))
    clean_up.clock.advance(days=2)
    with clean_up.opened() as (_, inbox):
        (review,) = inbox.pending() or [None]
        assert review is None
        inbox.work()
        (review,) = inbox.decided()
        with pytest.raises(Expired):
            inbox.decide(review.id, Approve(), by=example.PAT)
    assert clean_up.deleted == []
    assert clean_up.values["report"] == {"approve": ["u-17"], "open": ALL[1:]}


def test_the_audit_knows_what_was_deleted(clean_up: CleanUp) -> None:
    clean_up.decide(Items({"u-23": Skip()}), Approve())
    with clean_up.opened() as (_, inbox):
        (review,) = inbox.decided()
        (row,) = [row for row in inbox.history(review.id) if row.event == "executed"]
        assert row.content["result"] == {"deleted": 3}
        assert inbox.verify()


MORTAL = """
def erase(account, *, key):
    with open(folder / "erased", "a") as erased:
        print(account, key, file=erased)
    if account == "u-42" and len((folder / "erased").read_text().splitlines()) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
example.erase = erase
"""
STEP = """
with opened(folder, FixedClock()) as (app, inbox):
    {does}
"""


def test_in_processes_of_which_one_dies_in_the_middle(
    clean_up: CleanUp, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    def step(does: str, *, dies: bool = False) -> list[str]:
        return elsewhere("delete_accounts", MORTAL + STEP.format(does=does), dies=dies)

    decide = "inbox.decide(inbox.pending(reviewer=PAT)[0], {}, by=PAT)"
    step(decide.format('Items({"u-23": Skip(), "u-58": Reject()})'))
    step(decide.format("Approve()"), dies=True)
    step("inbox.work()")
    erased = (tmp_path / "erased").read_text().splitlines()
    assert [line.split()[0] for line in erased] == ["u-17", "u-42", "u-17", "u-42"]
    assert erased[:2] == erased[2:]  # the same keys
    assert clean_up.values["report"]["approve"] == ["u-17", "u-42"]


def test_run_as_a_script() -> None:
    assert printed_by("delete_accounts") == [
        "for sam: []",
        "for pat: u-17, u-23, u-42, u-58 -> Items",
        "nothing is deleted yet",
        "for pat: u-17, u-42 -> Approve",
        "  deleted u-17",
        "  deleted u-42",
        "{'approve': ['u-17', 'u-42'], 'skip': ['u-23'], 'reject': ['u-58']}",
    ]
