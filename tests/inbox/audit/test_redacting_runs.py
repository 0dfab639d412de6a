"""What supervisors have written about a thread can be removed when it is over; facts stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import InboxError, NotAuthorised, UnknownReview
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.inbox import _redacting as redacting
from langgraph_hitl.inbox._oversight.order import Order
from langgraph_hitl.inbox.supervised_run import run_id_of
from langgraph_hitl.panels import anyone
from langgraph_hitl.testing import FixedClock
from tests.inbox.audit.test_redacting import KEY, everything
from tests.inbox.ledgers import LedgerPlace
from tests.inbox.test_ledger_verify import tamper

IBAN = "DE02120300000000202051"
MARIA = Reviewer("maria", roles=("operators",))
RUN = run_id_of("line", "t")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def inbox(shared_place: LedgerPlace, clock: FixedClock) -> Iterator[Inbox]:
    with Inbox.open(shared_place.url, audit_key=KEY, clock=clock) as opened:
        steer(opened, "t")
        end(opened, "t")
        yield opened


def steer(inbox: Inbox, thread: str) -> None:
    """A thread that was paused and steered, and waits for its resumption."""
    run_id = run_id_of("line", thread)
    keys, supervisors = ("draft", "tone"), anyone("operators").to_json()
    with inbox._office.ledger.transaction() as tx:
        tx.begin_run("line", thread, keys=keys, supervisors=supervisors)
    inbox.pause(thread, by=MARIA, reason=f"It writes {IBAN}.")
    with inbox._office.ledger.transaction() as tx:
        ended: Any = {"error": None, "checkpoint": None, "resumes": False}
        tx.end_run(run_id, "halted", **ended)
    order = Order(
        office=inbox._office, run_id=run_id, by=MARIA, reason=f"not {IBAN}", channel="inbox"
    )
    order.steer({"draft": {"iban": IBAN, "to": "ACME"}, "tone": "kind"}, None)


def end(inbox: Inbox, thread: str, *, error: str | None = f"ValueError: {IBAN}") -> None:
    """It has gone on with the change, and failed."""
    run_id = run_id_of("line", thread)
    with inbox._office.ledger.transaction() as tx:
        tx.hold_run(run_id, "none", by="maria", reason=f"without {IBAN}")
        tx.note(run_id, "resumed", actor="maria", channel="inbox", reason=f"without {IBAN}")
        tx.steered(run_id)
        ended: Any = {"error": error, "checkpoint": None, "resumes": False}
        tx.end_run(run_id, "failed", **ended)


def events(inbox: Inbox) -> list[str]:
    return [row.event for row in inbox.history(RUN)]


def test_what_was_written_goes_and_what_was_done_stays(inbox: Inbox) -> None:
    before = [(row.event, row.actor, row.at) for row in inbox.history(RUN)]
    assert IBAN in everything(inbox)
    inbox.redact(RUN, by="privacy", reason="asked to")
    left = everything(inbox)
    assert IBAN not in left
    assert "ACME" not in left
    after = inbox.history(RUN)
    assert [(row.event, row.actor, row.at) for row in after[:-1]] == before
    assert (after[-1].event, after[-1].actor, after[-1].reason) == (
        "redacted",
        "privacy",
        "asked to",
    )
    run = inbox.run("t")
    assert (run.status, run.error, run.reason) == ("failed", None, None)
    assert inbox.verify().redacted == len(before) - 1


def test_who_may_hold_the_thread_stays_on_record(inbox: Inbox) -> None:
    inbox.redact(RUN, by="privacy", reason="asked to")
    row = next(row for row in inbox.history(RUN) if row.event == "supervised")
    assert row.content["after"] == inbox.run("t").supervisors
    assert inbox.verify()


def test_one_field_after_another_and_then_everything(inbox: Inbox) -> None:
    inbox.redact(RUN, by="privacy", reason="asked to", fields=["update.draft.iban"])
    assert IBAN not in everything(inbox)
    (steered,) = [row for row in inbox.history(RUN) if row.event == "steered"]
    assert steered.content == {
        "update": {"draft": {"iban": "[redacted]", "to": "ACME"}, "tone": "kind"}
    }
    assert (steered.reason, inbox.run("t").error) == ("not [redacted]", "ValueError: [redacted]")
    assert inbox.verify()
    inbox.redact(RUN, by="privacy", reason="all of that", fields=["update.draft"])
    assert inbox.verify()
    inbox.redact(RUN, by="privacy", reason="all of it")
    assert "kind" not in everything(inbox)
    assert inbox.verify()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (["update.colour"], "it has update.draft, update.tone"),
        (["subject.draft"], "fields are named as update.name"),
        (["update"], "fields are named as update.name"),
    ],
)
def test_what_is_no_field_of_a_steer(inbox: Inbox, fields: list[str], said: str) -> None:
    before = everything(inbox)
    with pytest.raises(InboxError, match=said):
        inbox.redact(RUN, by="privacy", reason="asked to", fields=fields)
    assert everything(inbox) == before


def test_without_a_key_no_field_goes(shared_place: LedgerPlace) -> None:
    with Inbox.open(shared_place.url) as inbox:
        steer(inbox, "t")
        end(inbox, "t")
        with pytest.raises(InboxError, match="audit_key="):
            inbox.redact(RUN, by="privacy", reason="asked to", fields=["update.draft"])
        inbox.redact(RUN, by="privacy", reason="asked to")
        assert inbox.verify()
        assert IBAN not in everything(inbox)


def test_who_goes_on_keeps_what_was_written(inbox: Inbox) -> None:
    steer(inbox, "waits")
    with pytest.raises(InboxError, match=r"is paused.*stop"):
        inbox.redact(run_id_of("line", "waits"), by="privacy", reason="asked to")
    with pytest.raises(UnknownReview):
        inbox.redact(run_id_of("line", "none"), by="privacy", reason="asked to")
    assert inbox.retain(older_than="1h", by="privacy") == 0


def test_what_was_steered_and_not_taken_is_kept(inbox: Inbox) -> None:
    steer(inbox, "u")
    run_id = run_id_of("line", "u")
    with inbox._office.ledger.transaction() as tx:
        tx.hold_run(run_id, "none", by="maria", reason=None)
        tx.note(run_id, "resumed", actor="maria", channel="inbox")
        ended: Any = {"error": "lost", "checkpoint": None, "resumes": False}
        tx.end_run(run_id, "failed", **ended)
    with pytest.raises(InboxError, match="has not gone on with"):
        inbox.redact(run_id, by="privacy", reason="asked to")


def test_who_may_not_is_refused_and_on_record(
    inbox: Inbox, shared_place: LedgerPlace, clock: FixedClock
) -> None:
    clock.advance(days=1)
    with Inbox.open(shared_place.url, redacts="privacy", audit_key=KEY, clock=clock) as other:
        for remove in (
            lambda: other.redact(RUN, by=MARIA, reason="mine"),
            lambda: other.retain(older_than="1h", by=MARIA),
        ):
            with pytest.raises(NotAuthorised, match="privacy"):
                remove()
            assert events(other)[-1] == "refused"
        assert IBAN in everything(other)


def test_what_is_kept_long_enough_is_removed(
    inbox: Inbox, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redacting, "PAGE", 2)
    for number in range(4):
        steer(inbox, f"t{number}")
        end(inbox, f"t{number}")
    with inbox._office.ledger.transaction() as tx:
        tx.begin_run("line", "silent", keys=(), supervisors=None)
        ended: Any = {"error": None, "checkpoint": None, "resumes": False}
        tx.end_run(run_id_of("line", "silent"), "finished", **ended)
    clock.advance(days=300)
    steer(inbox, "young")
    end(inbox, "young")
    clock.advance(days=100)
    assert inbox.retain(older_than="365d", by="privacy") == 5
    assert inbox.retain(older_than="365d", by="privacy") == 0
    assert inbox.run("t").error is None
    assert IBAN in (inbox.run("young").error or "")
    assert inbox.history(RUN)[-1].reason == "older than 365d"
    assert inbox.verify()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hitl_audit SET content = replace(content, 'ACME', 'EVIL') WHERE event = 'steered'",
        "UPDATE hitl_audit SET reason = NULL, content = NULL, salt = NULL WHERE event = 'steered'",
    ],
)
def test_what_was_left_is_protected_as_before(
    inbox: Inbox, shared_place: LedgerPlace, statement: str
) -> None:
    inbox.redact(RUN, by="privacy", reason="asked to", fields=["update.tone"])
    tamper(shared_place, statement)
    assert not inbox.verify()


def test_a_removed_run_can_begin_again(inbox: Inbox) -> None:
    inbox.redact(RUN, by="privacy", reason="asked to")
    steer(inbox, "t")
    assert inbox.run("t").status == "paused"
    assert inbox.verify()
    end(inbox, "t")
    inbox.redact(RUN, by="privacy", reason="asked to")
    assert IBAN not in everything(inbox)
    assert inbox.verify()
