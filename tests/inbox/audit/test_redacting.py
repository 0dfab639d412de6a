"""What is removed is gone from everywhere, and what is left still verifies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import GateError, InboxError, NotAuthorised, UnknownReview
from langgraph_hitl.inbox import Inbox
from langgraph_hitl.inbox import _redacting as redacting
from langgraph_hitl.inbox._ledger import audit
from langgraph_hitl.inbox._ledger.schema import metadata
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.people import Absence, Member, Roster
from langgraph_hitl.testing import FixedClock
from tests.inbox.ledgers import LedgerPlace, ballot, filing, settlement
from tests.inbox.test_ledger_verify import tamper

AWAY = Absence(FixedClock().now - timedelta(days=1), FixedClock().now + timedelta(days=7))
KEY = "a key that nobody knows"
IBAN, ACCOUNT = "DE02120300000000202051", "4711-0815"
REQUEST: dict[str, Any] = {
    "subject": {"to": "ACME", "account": ACCOUNT, "amount": 9000},
    "subject_key": "payment",
    "context": {"iban": IBAN, "country": "DE"},
    "history": [{"round": 0, "version": {"account": ACCOUNT}, "diff": f"-{ACCOUNT}"}],
    "finding": {"sentence": f"Pays to {IBAN}.", "needed": True},
    "action_requests": [{"name": "pay", "args": {"payment": {"account": ACCOUNT}}}],
    "review_configs": [],
}
EDIT = {
    "type": "edit",
    "value": {"to": "ACME", "account": ACCOUNT, "amount": 1},
    "comment": f"the account {ACCOUNT} is theirs",
}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def inbox(shared_place: LedgerPlace, clock: FixedClock) -> Iterator[Inbox]:
    with Inbox.open(shared_place.url, audit_key=KEY, clock=clock) as opened:
        decide(opened, "r1")
        yield opened


def decide(inbox: Inbox, review_id: str, request: dict[str, Any] = REQUEST) -> None:
    """A review that is over, with a vote, a reason and a result."""
    question = {"question": {"context": request["context"]}}
    with inbox._office.ledger.transaction() as tx:
        tx.file(filing(review_id, request=request, question=question))
        tx.vote(ballot(review_id, decision=EDIT), replace=False)
        tx.settle(settlement(review_id, decision=EDIT, outcome="edited"))
    with inbox._office.ledger.transaction() as tx:
        tx.apply([(review_id, 0, "edited", None)])
        tx.note(review_id, "seen", actor="jo", channel="inbox", reason=f"called about {IBAN}")
    inbox.executed(review_id, {"receipt": "R-20260105"})


def everything(inbox: Inbox) -> str:
    """All that the tables hold."""
    with inbox._office.ledger.reading() as rx:
        session = rx._session
        return str([list(session.rows(Sql(f"SELECT * FROM {name}"))) for name in metadata.tables])


def test_named_fields_are_gone_from_everywhere(inbox: Inbox) -> None:
    inbox.redact("r1", by="privacy", reason="asked to", fields=["context.iban", "subject.account"])
    left = everything(inbox)
    assert IBAN not in left
    assert ACCOUNT not in left
    assert inbox.verify()
    request = inbox.get("r1").request
    assert request["context"] == {"iban": "[redacted]", "country": "DE"}
    assert request["subject"] == {"to": "ACME", "account": "[redacted]", "amount": 9000}
    assert request["finding"]["sentence"] == "Pays to [redacted]."
    assert request["redacted"] == ["context.iban", "subject.account"]


@pytest.mark.parametrize(
    "word",
    [
        *("type", "subject", "subject_key", "context", "decision", "version", "edit", "2026"),
        *("human_approval", "approve", "sentence", "sha256:aa"),
    ],
)
def test_a_removed_text_that_is_a_word_of_the_record_leaves_the_record(
    inbox: Inbox, word: str
) -> None:
    earlier = {"round": 0, "digest": "sha256:aa", "version": {"said": word}, "decision": EDIT}
    request = {
        **REQUEST,
        "kind": "human_approval",
        "digest": "sha256:aa",
        "asked_at": "2026-01-05T09:00:00Z",
        "allowed_decisions": ["approve", "edit"],
        "context": {"said": word},
        "history": [earlier],
    }
    decide(inbox, "r2", request)
    inbox.redact("r2", by="privacy", reason="asked to", fields=["context.said"])
    left = inbox.get("r2").request
    gone = {"action_requests", "review_configs"}
    assert left.keys() == (request.keys() - gone) | {"redacted"}
    for name in ("kind", "digest", "asked_at", "allowed_decisions", "subject_key"):
        assert left[name] == request[name]
    [entry] = left["history"]
    assert entry.keys() == earlier.keys()
    assert entry["version"] == {"said": "[redacted]"}
    assert entry["decision"]["type"] == "edit"
    assert left["finding"].keys() == {"sentence", "needed"}
    rows = {row.event: row.content for row in inbox.history("r2")}
    assert rows["settled"]["decision"]["type"] == rows["voted"]["decision"]["type"] == "edit"
    assert [vote.decision["type"] for vote in inbox.votes("r2")] == ["edit"]
    assert inbox.verify()


def test_a_removed_number_is_gone_from_everywhere(inbox: Inbox) -> None:
    finding = {"sentence": "over", "needed": True, "details": {"value": 47_110_815, "limit": 10}}
    request = {
        **REQUEST,
        "subject": {"account": 47_110_815, "amount": 12},
        "context": {"same": 47_110_815.0},
        "finding": finding,
    }
    decide(inbox, "r2", request)
    inbox.redact("r2", by="privacy", reason="asked to", fields=["subject.account"])
    assert "47110815" not in everything(inbox)
    left = inbox.get("r2").request
    assert left["finding"]["details"] == {"value": "[redacted]", "limit": 10}
    assert left["subject"] == {"account": "[redacted]", "amount": 12}


def test_what_was_removed_is_counted(inbox: Inbox) -> None:
    decide(inbox, "r2")
    assert inbox.verify().redacted == 0
    inbox.redact("r1", by="privacy", reason="asked to", fields=["context.iban"])
    before = [row.event for row in inbox.history("r1") if row.event != "redacted"]
    assert inbox.verify().redacted == len(before)
    inbox.redact("r1", by="privacy", reason="all of it")
    assert inbox.verify().redacted == len(before) + 1  # what said which field went


def test_what_is_left_says_who_removed_what_and_why(inbox: Inbox) -> None:
    inbox.redact("r1", by="privacy", reason="asked to", fields=["context.iban"])
    history = inbox.history("r1")
    assert (history[-1].event, history[-1].actor, history[-1].reason) == (
        "redacted",
        "privacy",
        "asked to",
    )
    assert history[-1].content["fields"] == ["context.iban"]
    [settled] = [row for row in history if row.event == "settled"]
    assert settled.content["decision"] == EDIT
    assert not any(row.redacted for row in history)


@pytest.mark.parametrize("field", ["decision.comment", "result.receipt", "subject"])
def test_other_fields(inbox: Inbox, field: str) -> None:
    inbox.redact("r1", by="privacy", reason="asked to", fields=[field])
    assert inbox.verify()
    gone = {"decision.comment": "is theirs", "result.receipt": "R-2026", "subject": ACCOUNT}
    assert gone[field] not in everything(inbox)


def test_one_field_after_another_and_then_everything(inbox: Inbox) -> None:
    inbox.redact("r1", by="privacy", reason="first", fields=["context.iban"])
    inbox.redact("r1", by="privacy", reason="second", fields=["subject.account"])
    assert inbox.get("r1").request["redacted"] == ["context.iban", "subject.account"]
    assert inbox.verify()
    inbox.redact("r1", by="privacy", reason="all of it")
    assert inbox.verify()
    assert "ACME" not in everything(inbox)
    assert [row.event for row in inbox.history("r1")].count("redacted") == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hitl_versions SET request = replace(request, 'ACME', 'EVIL')",
        "UPDATE hitl_settlements SET decision = replace(decision, 'ACME', 'EVIL')",
        "UPDATE hitl_audit SET content = replace(content, 'ACME', 'EVIL') WHERE event = 'settled'",
        "UPDATE hitl_audit SET reason = 'never' WHERE event = 'seen'",
    ],
)
def test_what_was_left_is_protected_as_before(
    inbox: Inbox, shared_place: LedgerPlace, statement: str
) -> None:
    inbox.redact("r1", by="privacy", reason="asked to", fields=["context.iban"])
    tamper(shared_place, statement)
    assert not inbox.verify()


@pytest.mark.parametrize("column", ["action", "thread_id", "graph", "queue", "requester", "risk"])
def test_what_a_removed_review_was_about_is_protected_as_before(
    inbox: Inbox, shared_place: LedgerPlace, column: str
) -> None:
    inbox.redact("r1", by="privacy", reason="asked to")
    inbox.redact("r1", by="privacy", reason="once more")
    assert inbox.verify()
    tamper(shared_place, f"UPDATE hitl_reviews SET {column} = 'other'")
    assert "was changed" in (inbox.verify().problem or "")


def test_whether_a_removed_review_has_to_be_followed_is_protected_as_before(
    inbox: Inbox, shared_place: LedgerPlace
) -> None:
    inbox.redact("r1", by="privacy", reason="asked to")
    tamper(shared_place, "UPDATE hitl_reviews SET wake = 1")
    assert "has to be followed was changed" in (inbox.verify().problem or "")


def test_who_removed_a_field_has_not_removed_the_rest(
    inbox: Inbox, shared_place: LedgerPlace
) -> None:
    inbox.redact("r1", by="privacy", reason="asked to", fields=["context.iban"])
    tamper(
        shared_place,
        "UPDATE hitl_audit SET reason = NULL, content = NULL, salt = NULL"
        " WHERE event IN ('filed', 'voted', 'settled', 'executed', 'seen')",
        "UPDATE hitl_versions SET request = NULL, question = NULL",
        "UPDATE hitl_settlements SET decision = NULL",
        "UPDATE hitl_votes SET decision = NULL",
    )
    found = inbox.verify()
    assert "no row says by whom" in (found.problem or "")


def test_without_a_key_nothing_commits_anew(shared_place: LedgerPlace) -> None:
    """Who has the database could else put other contents in the place of those there were."""
    with Inbox.open(shared_place.url) as inbox:
        decide(inbox, "r1")
        with pytest.raises(InboxError, match="audit_key="):
            inbox.redact("r1", by="privacy", reason="asked to", fields=["context.iban"])
        ledger = inbox._office.ledger
        row = next(row for row in inbox.history("r1") if row.event == "seen")
        salt = "0" * 64
        digest = audit.content_digest(salt=salt, reason="forged", content=None)
        with ledger.transaction() as tx:
            tx._session.run(
                Sql("UPDATE hitl_audit SET reason = 'forged', salt = :salt WHERE seq = :seq"),
                salt=salt,
                seq=row.seq,
            )
            tx._redacted("r1", "eve", "forged", {"contents": {str(row.seq): digest}})
        found = inbox.verify()
    assert not found
    assert "no key of the audit holds" in (found.problem or "")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (["context.ibann"], "it shows context.country, context.iban, subject.account"),
        (["iban"], "fields are named as"),
        (["decision.type"], "fields are named as"),
        (["context"], "fields are named as"),
        (["context."], "fields are named as"),
        ([], "fields= is a list"),
        ("context.iban", "fields= is a list"),
        ([5], "fields are named as"),
    ],
)
def test_what_cannot_be_removed(inbox: Inbox, fields: Any, said: str) -> None:
    before = everything(inbox)
    with pytest.raises(InboxError, match=said):
        inbox.redact("r1", by="privacy", reason="asked to", fields=fields)
    assert everything(inbox) == before


def test_a_review_that_is_not_over_keeps_its_fields(inbox: Inbox) -> None:
    with inbox._office.ledger.transaction() as tx:
        tx.file(filing("r2", request=REQUEST))
    with pytest.raises(InboxError, match="is pending"):
        inbox.redact("r2", by="privacy", reason="asked to", fields=["context.iban"])
    with pytest.raises(UnknownReview):
        inbox.redact("r3", by="privacy", reason="asked to", fields=["context.iban"])


def test_what_is_kept_long_enough_is_removed(
    inbox: Inbox, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redacting, "PAGE", 2)
    for number in range(2, 6):
        decide(inbox, f"r{number}")
    clock.advance(days=300)
    decide(inbox, "young")
    with inbox._office.ledger.transaction() as tx:
        tx.file(filing("waits"))
    clock.advance(days=100)
    assert inbox.retain(older_than="365d", by="privacy") == 5
    assert inbox.retain(older_than=timedelta(days=365), by="privacy") == 0
    assert inbox.get("r3").request == {}
    assert inbox.get("young").request["context"]["iban"] == IBAN
    assert inbox.history("r3")[-1].reason == "older than 365d"
    assert [row.outcome for row in inbox.history("r3") if row.event == "settled"] == ["edited"]
    assert inbox.verify()


@pytest.mark.parametrize("given", ["a year", 365, "0d", None])
def test_what_is_no_time_to_keep(inbox: Inbox, given: Any) -> None:
    with pytest.raises(InboxError, match="older_than="):
        inbox.retain(older_than=given, by="privacy")


async def test_the_asynchronous_face(inbox: Inbox) -> None:
    await inbox.aredact("r1", by="privacy", reason="asked to", fields=["context.iban"])
    assert await inbox.aretain(older_than="1d", by="privacy") == 0
    assert await inbox.averify()


STAFF = Roster(
    Member(Reviewer("ann", roles="privacy")),
    Member(Reviewer("ben", roles="editors")),
    Member(Reviewer("cem", roles="privacy"), absences=[AWAY]),
)


@pytest.mark.parametrize(
    ("people", "redacts", "by", "needed"),
    [
        (None, None, "anybody", None),
        (None, "privacy", Reviewer("ann", roles="privacy"), None),
        (None, Reviewer("ann"), "ann", None),
        (None, "privacy", "ann", "privacy"),
        (None, "privacy", Reviewer("ben", roles="editors"), "privacy"),
        (STAFF, None, "ann", "nobody may redact here"),
        (STAFF, "privacy", "ann", None),
        (STAFF, "privacy", Reviewer("ben", roles="privacy"), "privacy"),
        (STAFF, "privacy", "cem", "away"),
        (STAFF, "privacy", Reviewer("eve", roles="privacy"), "nobody in the directory"),
    ],
)
def test_only_those_may_who_are_named(
    inbox: Inbox,
    shared_place: LedgerPlace,
    clock: FixedClock,
    people: Any,
    redacts: Any,
    by: Any,
    needed: Any,
) -> None:
    clock.advance(days=1)
    options = {"people": people, "redacts": redacts, "audit_key": KEY, "clock": clock}
    with Inbox.open(shared_place.url, **options) as other:
        if needed is None:
            other.redact("r1", by=by, reason="asked to")
            assert other.history("r1")[-1].event == "redacted"
            return
        for remove in (
            lambda: other.redact("r1", by=by, reason="asked to"),
            lambda: other.redact("r1", by=by, reason="asked to", fields=["context.iban"]),
            lambda: other.retain(older_than="1h", by=by),
        ):
            with pytest.raises(NotAuthorised, match=needed):
                remove()
            assert other.history("r1")[-1].event == "refused"
        with pytest.raises(NotAuthorised, match=f"may not redact anything; .*{needed}"):
            other.retain(older_than="365d", by=by)
        assert IBAN in everything(other)
        assert other.verify()


def test_where_graphs_have_a_directory_none_may_without_it(
    inbox: Inbox, shared_place: LedgerPlace, clock: FixedClock
) -> None:
    with Inbox.open(shared_place.url, people=STAFF, audit_key=KEY, clock=clock) as staffed:
        staffed._office.require_directory()
    with pytest.raises(NotAuthorised, match="have a directory"):
        inbox.redact("r1", by=Reviewer("ann", roles="privacy"), reason="asked to")


@pytest.mark.parametrize("given", [5, [], {"role": "privacy"}])
def test_any_other_redacts_is_an_error(given: Any) -> None:
    with pytest.raises(GateError, match="redacts"):
        Inbox.open("sqlite:///:memory:", redacts=given)
