"""A refund that a person raises: nobody raises it past the own authority, and it is paid once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel

from langgraph_hitl import Approve, Edit, Reject
from langgraph_hitl.errors import AlreadyDecided, InvalidDecision, NotAuthorised
from tests.examples.conftest import Elsewhere, printed_by

THREAD = {"configurable": {"thread_id": "mail-1"}}


def raised(amount: Any) -> Edit:
    return Edit({"amount": amount, "reason": "hurt hand"})


@pytest.fixture
def example(imported: Callable[[str], Any]) -> Any:
    return imported("refund")


class Mail:
    """The thread of a mail; every call opens graph and inbox anew."""

    def __init__(self, example: Any, folder: Path, bank: list[tuple[str, float]]) -> None:
        self.example = example
        self.folder = folder
        self.bank = bank

    def read(self) -> Mail:
        with self.example.opened(self.folder) as (app, _):
            app.invoke(self.example.MAIL, THREAD)
        return self

    def decide(self, decision: Any, by: Any) -> str:
        """The status of the review afterwards."""
        with self.example.opened(self.folder) as (_, inbox):
            (review,) = inbox.pending()
            status: str = inbox.decide(review, decision, by=by).status
        return status

    def waits_for(self, person: Any) -> bool:
        with self.example.opened(self.folder) as (_, inbox):
            return bool(inbox.pending(reviewer=person))

    @property
    def values(self) -> dict[str, Any]:
        with self.example.opened(self.folder) as (app, _):
            found: dict[str, Any] = app.get_state(THREAD).values
        return found


@pytest.fixture
def mail(example: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mail:
    bank: list[tuple[str, float]] = []

    def transfer(to: str, amount: float, *, key: str) -> None:
        bank.append((to, amount))

    monkeypatch.setattr(example, "transfer", transfer)
    return Mail(example, tmp_path, bank)


@pytest.mark.parametrize(("decision", "paid"), [(Approve(), 40), (raised(100), 100)])
def test_a_member_decides_up_to_a_hundred(
    example: Any, mail: Mail, decision: Any, paid: int
) -> None:
    assert mail.read().decide(decision, example.MIA) == "applied"
    assert mail.bank == [("kim@example.org", paid)]
    assert mail.values["sent"] == f"We are sorry. {paid} euros are on their way."


def test_above_that_it_moves_up_and_is_paid_once(example: Any, mail: Mail) -> None:
    assert mail.read().decide(raised(140), example.MIA) == "pending"
    assert mail.bank == []
    assert not mail.waits_for(example.MIA)
    with pytest.raises(NotAuthorised):
        mail.decide(Approve(), example.MIA)
    assert mail.decide(Approve(), example.LEO) == "applied"
    assert mail.bank == [("kim@example.org", 140)]
    assert mail.values["reviews"][-1]["decided_by"] == "leo"
    with example.opened(mail.folder) as (_, inbox):
        inbox.work()
        (review,) = inbox.decided()
        with pytest.raises(AlreadyDecided):
            inbox.decide(review.id, Approve(), by=example.LEO)
    assert len(mail.bank) == 1


def test_a_lead_may_change_what_was_raised(example: Any, mail: Mail) -> None:
    mail.read().decide(raised(900), example.MIA)
    mail.decide(raised(120), example.LEO)
    assert mail.bank == [("kim@example.org", 120)]
    assert mail.values["refund"] == {"amount": 120, "reason": "hurt hand"}


@pytest.mark.parametrize("person", ["MIA", "LEO"])
def test_what_is_refused_is_answered_and_not_paid(example: Any, mail: Mail, person: str) -> None:
    mail.read()
    if person == "LEO":
        mail.decide(raised(140), example.MIA)
    mail.decide(Reject("it was broken before"), getattr(example, person))
    assert mail.bank == []
    assert mail.values["sent"] == "We are sorry, there is no refund: it was broken before."


@pytest.mark.parametrize("amount", ["140", None])
def test_an_amount_that_is_no_number_is_refused(example: Any, mail: Mail, amount: Any) -> None:
    with pytest.raises(InvalidDecision):
        mail.read().decide(raised(amount), example.MIA)
    assert mail.waits_for(example.MIA)


@pytest.mark.parametrize("proposed", ["500", '"much"'])
def test_what_the_model_proposes_beyond_a_member_goes_to_a_lead(
    example: Any, mail: Mail, monkeypatch: pytest.MonkeyPatch, proposed: str
) -> None:
    answer = f'{{"amount": {proposed}, "reason": "sorry"}}'
    monkeypatch.setattr(example, "MODEL", FakeListChatModel(responses=[answer]))
    mail.read()
    assert (mail.waits_for(example.MIA), mail.waits_for(example.LEO)) == (False, True)


def test_every_step_in_a_process_of_its_own(mail: Mail, elsewhere: Elsewhere) -> None:
    start = 'app.invoke(MAIL, {"configurable": {"thread_id": "mail-1"}})'
    raises = (
        'inbox.decide(inbox.pending(reviewer=MIA)[0], Edit({"amount": 140, "reason": ""}), by=MIA)'
    )
    agrees = "inbox.decide(inbox.pending(reviewer=LEO)[0], Approve(), by=LEO)"
    printed = [
        elsewhere("refund", f"with opened(folder) as (app, inbox):\n    {step}")
        for step in (start, raises, agrees)
    ]
    assert printed == [[], [], ["  refunded 140 to kim@example.org"]]
    assert mail.values["sent"] == "We are sorry. 140 euros are on their way."


def test_run_as_a_script() -> None:
    printed = printed_by("refund")
    assert [line.split(" -> ")[0] for line in printed] == [
        "mia, a member: {'amount': 40, 'reason': 'broken lamp'}",
        "not answered yet",
        "leo, a lead: {'amount': 140, 'reason': 'broken lamp, hurt hand'}",
        "  refunded 140 to kim@example.org",
        "We are sorry. 140 euros are on their way.",
    ]
