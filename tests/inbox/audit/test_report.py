"""Reports of the audit: what is in them, and that nobody can run anything in them."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langgraph_hitl import Approve, Edit, Inbox, Reject, human_approval
from langgraph_hitl.errors import InboxError, InboxUnavailable
from langgraph_hitl.inbox._ledger.sql import Sql
from langgraph_hitl.inbox._report import report as reports
from langgraph_hitl.inbox._report.table import _cell
from tests.apps import one_gate
from tests.inbox.audit.conftest import Week
from tests.inbox.desk import JO, MARIA, Desk
from tests.inbox.ledgers import LedgerPlace, filing
from tests.inbox.test_ledger_verify import tamper

EVIL = '=HYPERLINK("http://evil")<script>alert(1)</script>\u202e'


def written(report: reports.Report, form: str) -> str:
    file = io.StringIO()
    getattr(report, f"to_{form}")(file)
    return file.getvalue()


def test_who_decided_what_is_reported_after_a_restart(desk: Desk) -> None:
    gate = human_approval("draft", inbox=desk.inbox, reviewers="editors", action="publish")
    app = desk.app(one_gate(gate))
    first, second = desk.ask(app).review.id, desk.ask(app).review.id
    desk.inbox.decide(first, Edit("Hi", "too stiff"), by=MARIA)
    desk.inbox.decide(second, Reject("not now"), by=JO)
    desk.open()

    report = desk.inbox.report()
    assert report.outcomes == {"edited": 1, "rejected": 1}
    assert report.people == {"jo": 1, "maria": 1}
    assert (report.events["filed"], report.events["applied"]) == (2, 2)
    decided = [line for line in report if line.event == "settled"]
    assert [(line.review_id, line.actor, line.reason) for line in decided] == [
        (first, "maria", "too stiff"),
        (second, "jo", "not now"),
    ]
    assert decided[0].decision == {"type": "edit", "value": "Hi", "comment": "too stiff"}
    assert {(line.graph, line.action) for line in decided} == {("graph", "publish")}
    assert desk.inbox.verify(report.head)


def test_refusals_automatic_passes_and_overrides_are_counted(desk: Desk) -> None:
    inbox = desk.inbox
    with inbox._office.ledger.transaction() as tx:
        tx.pass_automatically(filing("rv-auto"))
        tx.note("rv-auto", "refused", actor="eve", channel="inbox", reason="needs an editor")
    page = written(inbox.report(), "html")
    assert '<th scope="row">Passed automatically</th><td>1</td>' in page
    assert '<th scope="row">Refused</th><td>1</td>' in page
    assert "needs an editor" in page


def test_only_the_period_is_reported(week: Week) -> None:
    for number, day in enumerate([0, 1, 2]):
        week.decide(f"r{number}", day)
    report = week.inbox.report(since="2026-01-06", until="2026-01-06")
    assert [(line.review_id, line.event) for line in report] == [("r1", "settled")]
    assert report.people == {"maria": 1}
    assert report.events == {"settled": 1}


def test_a_report_is_of_one_moment(week: Week) -> None:
    week.decide("r1")
    report = week.inbox.report()
    week.decide("r2")
    assert {line.review_id for line in report} == {"r1"}


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_give_every_row_once(week: Week, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(reports, "PAGE", size)
    for number in range(4):
        week.decide(f"r{number}")
    assert [line.seq for line in week.inbox.report()] == list(range(1, 13))


def test_jsonl_has_a_line_for_every_event(week: Week) -> None:
    week.decide("r1", decision={"type": "reject", "message": EVIL}, outcome="rejected")
    lines = [json.loads(line) for line in written(week.inbox.report(), "jsonl").splitlines()]
    assert [line["event"] for line in lines] == ["filed", "settled", "applied"]
    assert lines[1]["reason"] == EVIL
    assert lines[1]["at"] == "2026-01-05T09:00:00Z"


def test_csv_cells_are_no_formulas(week: Week) -> None:
    week.decide("r1", decision={"type": "reject", "message": EVIL}, outcome="rejected", by="@eve")
    rows = list(csv.DictReader(io.StringIO(written(week.inbox.report(), "csv"), newline="")))
    assert (rows[1]["actor"], rows[1]["decision"]) == ("'@eve", "reject")
    assert rows[1]["reason"] == f"'{EVIL}"


@pytest.mark.parametrize("text", ["\xa0=1+1", "\x0b@A1", "\u2003-2", "fine;=1+1", "fine\t=1+1"])
def test_no_program_finds_a_formula_behind_blanks_or_other_separators(
    week: Week, text: str
) -> None:
    week.decide("r1", decision={"type": "reject", "message": text}, outcome="rejected")
    line = written(week.inbox.report(), "csv").split("\r\n")[2]
    cell = f'"{text}"' if text.startswith("fine") else f'"\'{text}"'
    assert cell in line


@given(st.text())
def test_no_cell_begins_as_a_formula(text: str) -> None:
    cell = _cell(text)
    assert not re.match(r"\s*[=+\-@]", cell)
    assert cell.removeprefix("'") == text.replace("\x00", "\ufffd").removeprefix("'")


class Strict(HTMLParser):
    """A page that nests as it should, and of whose elements none does anything."""

    VOID = ("meta",)

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert {name for name, _ in attributes} <= {
            *("lang", "charset", "http-equiv", "content", "name", "class", "scope")
        }
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@settings(deadline=None)
@given(st.text(), st.text())
def test_the_page_escapes_what_people_wrote(said: str, by: str) -> None:
    with Inbox.open("sqlite:///:memory:") as inbox:
        inbox_week = Week(inbox)
        storable = "".join(c for c in by if c != "\x00" and not "\ud800" <= c <= "\udfff")
        message = {"type": "reject", "message": EVIL + said}
        inbox_week.decide("r1", decision=message, outcome="rejected", by=storable)
        page = written(inbox.report(), "html")
    strict = Strict()
    strict.feed(page)
    assert strict.open == []
    assert not strict.seen & {"script", "a", "img", "link", "iframe", "object"}
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert "default-src 'none'" in page


def test_a_file_that_cannot_be_written_is_an_error(inbox: Inbox, tmp_path: Path) -> None:
    report = inbox.report()
    for to in (tmp_path, tmp_path / "no" / "such.csv", "a\x00b"):
        with pytest.raises(InboxError, match="cannot be written"):
            report.to_csv(to)
    with pytest.raises(InboxError, match="to= is the path"):
        report.to_jsonl(5)  # type: ignore[arg-type]


def test_a_report_that_breaks_off_leaves_no_file(
    week: Week, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    week.decide("r1")
    report = week.inbox.report()

    def away(*_: Any) -> Any:
        raise InboxUnavailable("away")

    monkeypatch.setattr(week.ledger, "reading", away)
    with pytest.raises(InboxUnavailable):
        report.to_html(tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_what_was_removed_is_shown_as_removed(week: Week) -> None:
    week.decide("r1", decision={"type": "reject", "message": "private"}, outcome="rejected")
    with week.ledger.transaction() as tx:
        tx.apply([("r1", 0, "rejected", None)])
        tx.redact("r1", actor="admin", reason="asked to")
    report = week.inbox.report()
    for form in ("jsonl", "csv", "html"):
        text = written(report, form)
        assert "private" not in text
        assert "maria" in text


def test_an_empty_report_is_a_whole_page(inbox: Inbox) -> None:
    assert "None." in written(inbox.report(), "html")
    assert written(inbox.report(), "jsonl") == ""


async def test_the_asynchronous_face(inbox: Inbox) -> None:
    report = await inbox.areport(since="2026-01-01")
    assert report.head == await inbox.ahead()


def test_the_head_shows_a_removed_end(desk: Desk) -> None:
    app = desk.app(one_gate(human_approval("draft", inbox=desk.inbox)))
    desk.inbox.decide(desk.ask(app).review.id, Approve(), by=MARIA)
    head = desk.inbox.head()
    ledger = desk.inbox._office.ledger
    with ledger.transaction() as tx:
        tx._session.run(Sql("DELETE FROM hitl_audit WHERE seq = (SELECT max(seq) FROM hitl_audit)"))
    found = desk.inbox.verify(head)
    assert not found
    assert "removed from the end" in (found.problem or "")


def test_whether_it_may_be_believed_is_told_with_it(shared_place: LedgerPlace) -> None:
    with Inbox.open(shared_place.url) as inbox:
        Week(inbox).decide("r1")
        report = inbox.report()
        assert '<th scope="row">Verified</th><td>yes, 3 rows</td>' in written(report, "html")
        tamper(shared_place, "UPDATE hitl_audit SET actor = 'eve' WHERE event = 'settled'")
        assert not inbox.report(until="2020-01-01").verification
        assert '<th scope="row">Verified</th><td>NO: audit row 2' in written(inbox.report(), "html")
        assert report.verification, "what was found is told, and not looked for again"


def test_rows_that_are_gone_since_it_was_begun(shared_place: LedgerPlace) -> None:
    with Inbox.open(shared_place.url) as inbox:
        Week(inbox).decide("r1")
        report = inbox.report()
        tamper(shared_place, "DELETE FROM hitl_audit WHERE seq = 3")
        assert "removed from the end" in (report.verification.problem or "")
