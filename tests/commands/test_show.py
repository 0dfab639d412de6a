"""`show` as the page that a reviewer needs: past cases, times, votes, and what was decided."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.commands.project import APP, APPROVED, AS_MARIA, URL, Project, flow

AT = ("--inbox", URL)
KEY = "a key that nobody knows"
PANELS = (
    "from langgraph_hitl.panels import chain\nfrom langgraph_hitl.testing import FixedClock\n"
    "from datetime import datetime, UTC\n"
)
NINE = "FixedClock(datetime(2026, 1, 5, 9, tzinfo=UTC))"


def timed(empty: Project, options: str) -> str:
    """A review that was asked for at nine, in an inbox whose clock stands still."""
    text = flow(options=options).replace('reviews.db")', 'reviews.db", clock=clock)', 1)
    text = text.replace("inbox = Inbox", f"clock = {NINE}\ninbox = Inbox", 1)
    empty.write("flow.py", PANELS + text)
    [review_id] = empty.start("Hello")
    return review_id


def page(project: Project, review_id: str, *at: str) -> str:
    done = project.run("show", review_id, *(at or AT))
    assert done.status == 0, done.stderr
    return " ".join(done.stdout.split())


class TestTime:
    def test_of_a_chain(self, empty: Project) -> None:
        options = (
            "reviewers=chain('member', 'lead', 'director', within={'member': '4h', 'lead': '1d'})"
        )
        review_id = timed(empty, options)
        empty.module().clock.advance(hours=1)
        assert (
            "time member until 2026-01-05 13:00 (in 3h); then lead until 2026-01-06 13:00 "
            "(in 1d 3h); then director without a deadline" in page(empty, review_id, *APP)
        )
        plan = empty.run("show", review_id, *APP, "--json").document["plan"]
        assert plan[0] == {"level": "member", "until": "2026-01-05T13:00:00+00:00"}
        assert plan[2] == {"level": "director", "until": None}
        empty.module().clock.advance(hours=4)
        assert "time lead until 2026-01-06 13:00 (in 23h); then director" in page(
            empty, review_id, *APP
        )

    def test_of_a_deadline(self, empty: Project) -> None:
        review_id = timed(empty, "timeout='90m'")
        assert "time until 2026-01-05 10:30 (in 1h 30m); then it ends as timed_out" in page(
            empty, review_id, *APP
        )

    def test_of_which_little_is_left(self, empty: Project) -> None:
        review_id = timed(empty, "timeout='90m'")
        empty.module().clock.advance(minutes=89, seconds=1)
        assert "(in less than a minute)" in page(empty, review_id, *APP)

    def test_without_any(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        assert " time " not in page(project, review_id)
        document = project.run("show", review_id, *AT, "--json").document
        assert (document["plan"], document["rule"]) == ([], "anybody")


def test_similar_cases_and_what_they_suggest(empty: Project) -> None:
    imports = "from langgraph_hitl.precedents import by_keys\n"
    empty.write("flow.py", imports + flow(options="similar=by_keys('amount')"))
    for amount in (100, 101, 102):
        [review_id] = empty.start({"amount": amount})
        said = ("-m", "as\x1b[31m ordered") if amount == 102 else ()
        done = empty.run("approve", review_id, *APP, "--as", "maria", "--yes", *said)
        assert done.status == 0, done.stderr
    [review_id] = empty.start({"amount": 103})
    shown = page(empty, review_id)
    assert "Similar cases" in shown
    assert "approved by maria, " in shown
    assert "amount 102; as<ESC>[31m ordered" in shown
    assert "Suggested, and not decided: approved in 3 of 3 comparable cases" in shown
    assert shown.index("Suggested") < shown.index('"amount": 103')
    request = empty.run("show", review_id, *AT, "--json").document["request"]
    assert request["suggestion"]["outcome"] == "approved"
    assert len(request["similar"]) == 3


class TestAnswers:
    def test_of_a_question(self, empty: Project) -> None:
        gate = "ask_human('Which?', answer=Choice('cat', 'dog'), inbox=inbox)"
        empty.write("flow.py", flow(gate=gate, ways="chosen='publish', rejected='archive'"))
        [review_id] = empty.start("Hello")
        assert "answers choose options one of cat, dog" in page(empty, review_id)

    def test_of_items(self, empty: Project) -> None:
        gate = "plan_approval('draft', inbox=inbox, item_decisions=['approve', 'skip'])"
        ways = f"{APPROVED}, partial='publish'"
        empty.write("flow.py", flow(gate=gate, ways=ways))
        [review_id] = empty.start([{"id": "a"}])
        assert "answers approve, reject, items each item approve, skip" in page(empty, review_id)

    def test_of_one_that_is_over(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        assert "answers approve, " in page(project, review_id)
        assert project.run("approve", review_id, *APP, *AS_MARIA).status == 0
        assert " answers " not in page(project, review_id)


class TestDecision:
    def test_an_edit(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        given = ("--value", "Good day", "--comment", "politer")
        project.run("edit", review_id, *given, *APP, "--as", "maria", "--yes")
        shown = page(project, review_id)
        assert "maria edits (comment politer), through cli" in shown
        assert "In its place │ Good day" in shown
        assert "-Hello │ +Good day" in shown
        found = project.run("show", review_id, *AT, "--json").document["decision"]
        assert found["decision"] == {"type": "edit", "value": "Good day", "comment": "politer"}
        assert (found["outcome"], found["by"], found["channel"]) == ("edited", "maria", "cli")
        assert datetime.fromisoformat(found["at"]).utcoffset() == timedelta(0)

    def test_why_it_was_rejected(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        project.run("reject", review_id, "-m", "too curt", *APP, "--as", "maria", "--yes")
        assert "maria rejects (message too curt), through cli" in page(project, review_id)

    def test_none_yet(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        assert "Decision" not in page(project, review_id)
        document = project.run("show", review_id, *AT, "--json").document
        assert (document["decision"], document["votes"], document["overridden"]) == (None, [], None)

    def test_what_was_decided_over(self, empty: Project) -> None:
        recall = "on_recall=lambda request, decision: None"
        opening = 'Inbox.open("sqlite:///reviews.db"'
        text = flow(options=recall).replace(opening, opening + ', overrides="board"')
        empty.write("flow.py", text)
        [review_id] = empty.start("Hello")
        empty.run("approve", review_id, *APP, "--as", "maria", "--yes")
        by = ("--as", "ceo", "--role", "board", "--reason", "fraud", "--yes")
        assert empty.run("override", review_id, "reject", *APP, *by).status == 0
        shown = page(empty, review_id, *APP)
        assert "maria approves, through cli" in shown
        assert "ceo overrode it with rejected: fraud" in shown
        found = empty.run("show", review_id, *APP, "--json").document["overridden"]
        assert (found["by"], found["reason"]) == ("ceo", "fraud")
        assert found["decision"]["type"] == "reject"


class TestRemoved:
    """Content goes; who decided what, and when, is still shown."""

    @pytest.fixture
    def review_id(self, empty: Project) -> str:
        empty.write("flow.py", flow(options="reviewers=quorum(2, of='finance', size=3)"))
        [found] = empty.start("Hello")
        vote(empty, found, "ann", "fine by me")
        vote(empty, found, "bob", "me too", *APP)
        empty.inbox.executed(found, {"receipt": "R-1"})
        empty.inbox.redact(found, by="jo", reason="asked to by the customer")
        return found

    def test_on_the_page(self, empty: Project, review_id: str) -> None:
        shown = page(empty, review_id)
        assert "status applied decided approved by bob at 20" in shown
        assert "removed all content by jo at 20" in shown
        assert "asked to by the customer What it showed" in shown
        assert "bob decided approved (the words were removed), through cli" in shown
        assert "ann voted (the words were removed)" in shown
        for gone in ("Hello", "fine by me", "me too", "R-1"):
            assert gone not in shown

    def test_in_the_list(self, empty: Project, review_id: str) -> None:
        assert "(removed)" in empty.run("inbox", "--decided", *AT).stdout

    def test_as_json(self, empty: Project, review_id: str) -> None:
        found = empty.run("show", review_id, *AT, "--json").document
        assert (found["request"], found["outcome"], found["decided_by"]) == ({}, "approved", "bob")
        [removal] = found["removed"]
        said = (removal["by"], removal["reason"], removal["fields"])
        assert said == ("jo", "asked to by the customer", None)

    def test_one_that_time_has_ended(self, empty: Project) -> None:
        review_id = timed(empty, "timeout='90m'")
        empty.module().clock.advance(hours=2)
        empty.inbox.work()
        empty.inbox.redact(review_id, by="jo", reason="old")
        assert "decided timed_out by system:deadline" in page(empty, review_id)

    def test_of_fields(self, empty: Project) -> None:
        opening = 'Inbox.open("sqlite:///reviews.db"'
        keyed = flow().replace(opening, opening + f", audit_key={KEY!r}")
        empty.write("flow.py", keyed)
        [review_id] = empty.start({"to": "ACME", "iban": "DE02 1203"})
        empty.run("approve", review_id, *APP, "--as", "maria", "--yes")
        empty.inbox.redact(review_id, by="jo", reason="asked", fields=["subject.iban"])
        shown = page(empty, review_id, *APP)
        assert "removed subject.iban by jo at 20" in shown
        assert "ACME" in shown
        assert "maria approves" in shown
        found = empty.run("show", review_id, *APP, "--json").document
        assert found["removed"][0]["fields"] == ["subject.iban"]

    def test_none(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        assert "removed" not in page(project, review_id)
        assert project.run("show", review_id, *AT, "--json").document["removed"] == []


class TestVotes:
    @pytest.fixture
    def review_id(self, empty: Project) -> str:
        empty.write("flow.py", flow(options="reviewers=quorum(2, of='finance', size=3)"))
        [found] = empty.start("Hello")
        vote(empty, found, "ann", "fine by me")
        return found

    def test_so_far(self, empty: Project, review_id: str) -> None:
        assert "ann approves (comment fine by me)" in page(empty, review_id)
        [found] = empty.run("show", review_id, *AT, "--json").document["votes"]
        assert (found["by"], found["roles"], found["channel"]) == ("ann", ["finance"], "cli")
        assert found["decision"] == {"type": "approve", "comment": "fine by me"}

    def test_when_it_is_settled(self, empty: Project, review_id: str) -> None:
        vote(empty, review_id, "bob", "me too")
        shown = page(empty, review_id)
        assert "status settled" in shown
        assert "ann approves (comment fine by me)" in shown
        assert "bob approves (comment me too)" in shown

    def test_none_of_a_blind_panel_before(self, empty: Project) -> None:
        options = "reviewers=quorum(2, of='finance', size=3, blind=True)"
        empty.write("flow.py", flow(options=options))
        [review_id] = empty.start("Hello")
        vote(empty, review_id, "ann", "secret")
        assert "secret" not in page(empty, review_id)
        done = empty.run("show", review_id, *AT, "--json")
        assert "secret" not in done.stdout
        vote(empty, review_id, "bob", "me too")
        assert "secret" in page(empty, review_id)


def vote(project: Project, review_id: str, name: str, comment: str, *at: str) -> None:
    by = ("--as", name, "--role", "finance", "--yes", "-m", comment)
    done = project.run("approve", review_id, *(at or AT), *by)
    assert done.status == 0, done.stderr


def test_whose_turn_it_is_and_who_looks_at_it(project: Project) -> None:
    [review_id] = project.start("Hello")
    inbox = project.inbox
    with inbox._office.ledger.transaction() as tx:
        tx.assign(inbox.get(review_id), to="jo")
    project.run("claim", review_id, *AT, "--as", "maria")
    shown = page(project, review_id)
    assert "assigned to jo looked at by maria until" in shown
