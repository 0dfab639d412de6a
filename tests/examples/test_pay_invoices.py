"""A batch of invoices: what is approved is paid once, what is put off holds nothing up."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import Approve, Defer, Edit, Items, Reject, Reviewer, Skip, remaining
from langgraph_hitl.errors import NotAuthorised, StaleReview
from langgraph_hitl.testing import FixedClock
from tests.examples.conftest import Elsewhere, printed_by

THREAD = {"configurable": {"thread_id": "january"}}


@pytest.fixture
def example(imported: Callable[[str], Any]) -> Any:
    return imported("pay_invoices")


class Batch:
    """The example's batch; every call opens graph and inbox anew."""

    def __init__(self, example: Any, folder: Path, bank: list[tuple[str, int]]) -> None:
        self.example = example
        self.folder = folder
        self.bank = bank
        self.clock = FixedClock()
        with self._opened() as (app, _):
            app.invoke({"invoices": example.INVOICES}, THREAD)

    def decide(self, decision: Any, by: Reviewer | None = None) -> list[str]:
        """Decide what waits for `fay`; the numbers that were shown."""
        with self._opened() as (_, inbox):
            (review,) = inbox.pending(reviewer=self.example.FAY)
            shown = remaining(review)
            inbox.decide(review, decision, by=by or self.example.FAY)
        return shown

    @property
    def waiting(self) -> int:
        with self._opened() as (_, inbox):
            return len(inbox.pending())

    @property
    def over(self) -> bool:
        with self._opened() as (app, _):
            return not app.get_state(THREAD).next

    def _opened(self) -> Any:
        return self.example.opened(self.folder, self.clock)


@pytest.fixture
def batch(example: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Batch:
    bank: list[tuple[str, int]] = []

    def transfer(invoice: dict[str, Any], *, key: str) -> None:
        bank.append((invoice["number"], invoice["amount"]))

    monkeypatch.setattr(example, "transfer", transfer)
    return Batch(example, tmp_path, bank)


def test_what_is_put_off_comes_back_and_holds_nothing_up(example: Any, batch: Batch) -> None:
    assert batch.decide(Items(example.VERDICTS)) == ["A-101", "A-102", "A-103", "A-104"]
    assert sorted(batch.bank) == [("A-101", 120), ("A-104", 430)]
    assert batch.decide(Defer("3d")) == ["A-102"]
    assert (batch.waiting, batch.over) == (0, False)
    batch.clock.advance(days=3)
    assert batch.decide(Approve()) == ["A-102"]
    assert sorted(batch.bank) == [("A-101", 120), ("A-102", 900), ("A-104", 430)]
    assert batch.over


def test_in_several_sittings_nothing_is_paid_before_all_are_decided(batch: Batch) -> None:
    batch.decide(Items({"A-104": Approve()}))
    assert batch.decide(Items({"A-101": Reject("not ours")})) == ["A-101", "A-102", "A-103"]
    assert batch.bank == []
    batch.decide(Reject("wrong month"))
    assert batch.bank == [("A-104", 4300)]
    assert batch.over


def test_what_is_put_off_twice_is_asked_about_three_times(batch: Batch) -> None:
    every = ["A-101", "A-102", "A-103", "A-104"]
    assert batch.decide(Items(dict.fromkeys(every, Skip()))) == every
    less = Edit({"number": "A-102", "to": "Chairs Inc", "amount": 1})
    batch.decide(Items({"A-101": Skip(), "A-102": less}))
    assert batch.decide(Reject()) == ["A-103", "A-104"]
    assert batch.bank == [("A-102", 1)]
    assert batch.decide(Reject()) == ["A-101"]
    assert batch.over
    assert batch.bank == [("A-102", 1)]


def test_nobody_else_pays(batch: Batch) -> None:
    with pytest.raises(NotAuthorised):
        batch.decide(Approve(), by=Reviewer("eve"))
    assert batch.bank == []


def test_of_two_who_decide_at_once_one_is_told(example: Any, batch: Batch) -> None:
    with batch._opened() as (_, inbox):
        (seen,) = inbox.pending()
        inbox.decide(seen, Items({"A-101": Approve()}), by=example.FAY)
        with pytest.raises(StaleReview):
            inbox.decide(seen, Approve(), by=Reviewer("gil", roles=("finance",)))
    assert batch.bank == []


STEP = """
clock = FixedClock()
clock.advance(days={days})
with opened(folder, clock) as (app, inbox):
    {does}
"""
DECIDE = "inbox.decide(inbox.pending(reviewer=FAY)[0], {decision}, by=FAY)"


def paid(printed: list[str]) -> list[str]:
    """Two invoices are paid at once, so that their lines may run into each other."""
    return sorted(re.findall(r"paid (A-\d+: \d+ to \w+)", " ".join(printed)))


def test_every_step_in_a_process_of_its_own(elsewhere: Elsewhere) -> None:
    def step(does: str, *, days: int = 0) -> list[str]:
        return elsewhere("pay_invoices", STEP.format(days=days, does=does))

    thread = '{"configurable": {"thread_id": "january"}}'
    assert step(f'app.invoke({{"invoices": INVOICES}}, {thread})') == []
    first = step(DECIDE.format(decision="Items(VERDICTS)"))
    assert paid(first) == ["A-101: 120 to Paper", "A-104: 430 to Power"]
    assert step(DECIDE.format(decision="Defer('3d')") + "; print(inbox.pending())") == ["[]"]
    done = step(DECIDE.format(decision="Approve()") + "; print(inbox.doctor().healthy)", days=3)
    assert done == ["  paid A-102: 900 to Chairs Inc", "True"]


MORTAL = """
first = not (folder / "bank").exists()
def transfer(invoice, *, key):
    with open(folder / "bank", "a") as bank:
        print(invoice["number"], key, file=bank)
    if first:
        os.kill(os.getpid(), signal.SIGKILL)
example.transfer = transfer
"""


def test_a_process_that_dies_while_it_pays_gives_the_bank_the_same_keys_again(
    batch: Batch, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    decide = STEP.format(days=0, does=DECIDE.format(decision="Items(VERDICTS)"))
    elsewhere("pay_invoices", MORTAL + decide, dies=True)
    elsewhere("pay_invoices", MORTAL + STEP.format(days=0, does="inbox.work()"))
    calls = (tmp_path / "bank").read_text().splitlines()
    assert sorted({call.split()[0] for call in calls}) == ["A-101", "A-104"]
    assert len(set(calls)) == 2  # one key for each, however often the bank was called


def test_run_as_a_script() -> None:
    first, monday, thursday = " ".join(printed_by("pay_invoices")).split("day:")[1:]
    assert first.startswith("   A-101, A-102, A-103, A-104 -> Items")
    assert paid([first]) == ["A-101: 120 to Paper", "A-104: 430 to Power"]
    assert monday == "   A-102 -> Defer Thurs"
    assert thursday == "   A-102 -> Approve   paid A-102: 900 to Chairs Inc"
