"""`claim`, `release`, `defer` and `escalate`: what leaves a review open, and what is seen of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from langgraph_hitl import Approve
from langgraph_hitl._commands.wait import wait_text
from langgraph_hitl.inbox._wait import EstimatedWait
from tests.commands.project import APP, URL, Project, flow, one_line_without_traceback

AT = ("--inbox", URL)
MARIA = ("--as", "maria")
IMPORTED = "from langgraph_hitl.policies import Escalation\n"
LEGAL = "escalations={'legal': Escalation(reviewers='lawyer', queue='law')}"
CHAIN = "reviewers=chain('member', 'lead', within={'member': timedelta(hours=4)})"


@pytest.fixture
def chained(empty: Project) -> Project:
    """A project whose reviews are decided by a chain."""
    imports = "from datetime import timedelta\nfrom langgraph_hitl.panels import chain\n"
    empty.write("flow.py", imports + flow(options=CHAIN))
    return empty


class TestClaim:
    def test_others_see_who_looks_at_it(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        done = project.run("claim", review_id, *AT, *MARIA, "--for", "2h")
        assert (done.status, done.stdout) == (0, "")
        assert done.stderr.startswith("Acting as maria\nmaria looks at it until ")
        assert "maria" in project.run("inbox", *AT).stdout
        assert "looked at by  maria until" in project.run("show", review_id, *AT).stdout
        document = project.run("show", review_id, *AT, "--json").document
        assert document["claimed_by"] == "maria"
        assert datetime.fromisoformat(document["claimed_until"]) > datetime.now(UTC)

    def test_one_at_a_time(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        project.run("claim", review_id, *AT, *MARIA)
        done = project.run("claim", review_id, *AT, "--as", "jo", "--json")
        assert done.status == 7
        one_line_without_traceback(done, ["maria is looking at it"])
        assert done.document["error"]["kind"] == "Claimed"
        assert done.document["error"]["by"] == "maria"
        assert project.run("release", review_id, *AT, "--as", "jo").status == 7
        assert project.run("release", review_id, *AT, *MARIA).status == 0
        assert project.run("claim", review_id, *AT, "--as", "jo").status == 0

    @pytest.mark.parametrize("given", ["", "soon", "0m", "8d", "-1h"])
    def test_a_time_that_is_none(self, project: Project, given: str) -> None:
        [review_id] = project.start("Hello")
        done = project.run("claim", review_id, *AT, *MARIA, "--for", given)
        assert done.status == 2
        assert project.review(review_id).claimed_by is None


class TestDefer:
    @pytest.mark.parametrize("until", ["2d", "1d 24h", None])
    def test_it_is_out_of_the_list_until_then(self, project: Project, until: str | None) -> None:
        [review_id] = project.start("Hello")
        given = () if until is None else ("--until", until)
        done = project.run("defer", review_id, *AT, *MARIA, *given, "-m", "after the audit")
        assert done.status == 0, done.stderr
        assert "Out of the list until" in done.stderr
        assert project.run("inbox", *AT).stderr == "Nothing waits.\n"
        assert review_id[:11] in project.run("inbox", *AT, "--deferred").stdout
        hidden = project.review(review_id).hidden_until
        expected = timedelta(days=2 if until else 1)
        assert hidden is not None
        assert abs(hidden - datetime.now(UTC) - expected) < timedelta(minutes=2)

    def test_or_until_a_moment(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        then = (datetime.now(UTC) + timedelta(days=9)).replace(microsecond=0)
        done = project.run("defer", review_id, *AT, *MARIA, "--until", then.isoformat(), "--json")
        found = datetime.fromisoformat(done.document["review"]["hidden_until"])
        assert found == then
        assert done.document["by"] == {"id": "maria", "roles": []}

    @pytest.mark.parametrize(
        ("until", "expected"),
        [
            ("2035-01-02", "2035-01-02T00:00:00+00:00"),
            ("2035-01-02T09:30", "2035-01-02T09:30:00+00:00"),
            ("2035-01-02 09:30", "2035-01-02T09:30:00+00:00"),
            ("2035-07-02T09:30:10+02:00", "2035-07-02T09:30:10+02:00"),
            ("2035-07-02T09:30Z", "2035-07-02T09:30:00+00:00"),
        ],
    )
    def test_without_an_offset_it_is_a_moment_by_utc(
        self, project: Project, until: str, expected: str
    ) -> None:
        [review_id] = project.start("Hello")
        done = project.run("defer", review_id, *AT, *MARIA, "--until", until)
        assert done.status == 0, done.stderr
        moment = datetime.fromisoformat(expected)
        assert project.review(review_id).hidden_until == moment
        assert f"Out of the list until {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" in done.stderr

    @pytest.mark.parametrize("until", ["", "tomorrow", "18:00", "2035", "0d", "-3h", "2035-13-01"])
    def test_a_moment_that_is_none(self, project: Project, until: str) -> None:
        [review_id] = project.start("Hello")
        done = project.run("defer", review_id, *AT, *MARIA, "--until", until)
        assert done.status == 2
        forms = ["--until takes", "3h", "2026-12-31", "2026-12-31T18:00", f"not {until!r}"]
        one_line_without_traceback(done, forms)
        assert project.review(review_id).hidden_until is None

    def test_a_moment_that_is_over(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        done = project.run("defer", review_id, *AT, *MARIA, "--until", "2020-01-01T00:00:00Z")
        assert done.status == 2
        one_line_without_traceback(done, ["must lie ahead"])
        assert project.review(review_id).hidden_until is None


class TestEscalate:
    def test_it_is_passed_up(self, chained: Project) -> None:
        [review_id] = chained.start("Hello")
        assert "member" in chained.run("inbox", *AT).stdout
        done = chained.run(
            "escalate", review_id, *AT, *MARIA, "--level", "member", "--reason", "too large"
        )
        assert done.status == 0, done.stderr
        assert done.stderr.startswith("Acting as maria (level member)\nPassed up")
        shown = chained.run("show", review_id, *AT).stdout
        assert ["level", "lead"] in [line.split() for line in shown.splitlines()]
        assert chained.run("show", review_id, *AT, "--json").document["level"] == "lead"
        lower = chained.run("approve", review_id, *APP, *MARIA, "--level", "member", "--yes")
        assert lower.status == 4
        upper = chained.run("approve", review_id, *APP, "--as", "lea", "--level", "lead", "--yes")
        assert upper.status == 0, upper.stderr

    def test_nobody_is_above(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        done = project.run("escalate", review_id, *AT, *MARIA)
        assert done.status == 2
        one_line_without_traceback(done, ["nobody is above"])

    def test_it_is_passed_to_others(self, empty: Project) -> None:
        empty.write("flow.py", IMPORTED + flow(options=LEGAL))
        [review_id] = empty.start("Hello")
        assert "can be escalated to: legal" in empty.run("show", review_id, *AT).stdout
        done = empty.run("escalate", review_id, *AT, *MARIA, "--to", "legal", "-m", "a gift?")
        assert done.status == 0, done.stderr
        assert done.stderr == "Acting as maria\nPassed to legal: any of lawyer, in queue law.\n"
        shown = empty.run("show", review_id, *AT)
        assert ["escalated", "to", "legal"] in [line.split() for line in shown.stdout.splitlines()]
        document = empty.run("show", review_id, *AT, "--json").document
        assert (document["escalated_to"], document["queue"]) == ("legal", "law")
        assert "a gift?" in empty.run("history", review_id, *AT).stdout
        assert empty.run("approve", review_id, *APP, *MARIA, "--yes").status == 4
        lars = ("--as", "lars", "--role", "lawyer", "--yes")
        assert empty.run("approve", review_id, *APP, *lars).status == 0

    @pytest.mark.parametrize("to", ["sales", ""])
    def test_there_are_others(self, empty: Project, to: str) -> None:
        empty.write("flow.py", IMPORTED + flow(options=LEGAL))
        [review_id] = empty.start("Hello")
        done = empty.run("escalate", review_id, *AT, *MARIA, "--to", to)
        assert done.status == 2
        one_line_without_traceback(done, ["there are 'legal'"])


class TestHowLongItWaits:
    def test_by_what_was_seen_in_its_queue(self, project: Project) -> None:
        *decided, review_id = project.start(*(f"number {number}" for number in range(11)))
        for one in decided:
            project.inbox.decide(one, Approve(), by="maria")
        shown = project.run("show", review_id, *AT).stdout
        line = next(line for line in shown.splitlines() if line.startswith("waits "))
        assert line.split(maxsplit=1)[1] == "about 1 min by what was seen in queue default"
        document = project.run("show", review_id, *AT, "--json").document["estimated_wait"]
        assert document["waiting"] == 1
        assert 0 <= document["observed"] < 600
        assert project.run("show", decided[0], *AT, "--json").document["estimated_wait"] is None

    def test_nothing_is_said_where_too_little_was_seen(self, project: Project) -> None:
        *decided, review_id = project.start(*(f"number {number}" for number in range(9)))
        for one in decided:
            project.inbox.decide(one, Approve(), by="maria")
        assert "what was seen" not in project.run("show", review_id, *AT).stdout
        document = project.run("show", review_id, *AT, "--json").document["estimated_wait"]
        assert (document["observed"], document["expected"]) == (None, None)

    @pytest.mark.parametrize(
        ("length", "text"),
        [
            (timedelta(0), "1 min"),
            (timedelta(minutes=59), "59 min"),
            (timedelta(minutes=100), "2 h"),
            (timedelta(hours=47), "47 h"),
            (timedelta(days=3, hours=2), "3 days"),
        ],
    )
    def test_roughly(self, length: timedelta, text: str) -> None:
        seen = EstimatedWait(
            expected=None,
            overloaded=False,
            observed=length,
            share=0.5,
            arrivals_per_hour=None,
            service=None,
            reviewers=1,
            waiting=1,
        )
        assert wait_text(seen, "legal") == f"about {text} by what was seen in queue legal"


@pytest.mark.parametrize("verb", ["claim", "release", "defer", "escalate"])
class TestAll:
    def test_who_acts_has_to_be_said(self, project: Project, verb: str) -> None:
        [review_id] = project.start("Hello")
        done = project.run(verb, review_id, *AT)
        assert done.status == 2
        one_line_without_traceback(done, ["--as NAME"])

    def test_who_may_not_decide_may_not_do_this(self, empty: Project, verb: str) -> None:
        empty.write("flow.py", flow(options="reviewers='editors'"))
        [review_id] = empty.start("Hello")
        done = empty.run(verb, review_id, *AT, *MARIA)
        assert done.status == 4
        one_line_without_traceback(done, ["the role 'editors'"])

    def test_what_is_decided_is_over(self, project: Project, verb: str) -> None:
        [review_id] = project.start("Hello")
        project.run("approve", review_id, *APP, *MARIA, "--yes")
        done = project.run(verb, review_id, *AT, *MARIA)
        assert done.status == 3
        one_line_without_traceback(done, ["approved by maria"])


def test_whose_turn_it_is(project: Project) -> None:
    [one, _] = project.start("one", "two")
    inbox = project.inbox
    with inbox._office.ledger.transaction() as tx:
        tx.assign(inbox.get(one), to="maria")
    done = project.run("inbox", *AT, "--assigned", "maria", "--json")
    assert [each["id"] for each in done.document["reviews"]] == [one]
    assert done.document["reviews"][0]["assigned"] == "maria"
    assert "assigned to" in project.run("show", one, *AT).stdout


def test_who_asked_is_shown(empty: Project) -> None:
    empty.write("flow.py", flow(options="requester='level'"))
    config = {"configurable": {"thread_id": "t"}}
    empty.module().graph.invoke({"draft": "Hello", "level": "otto"}, config)
    [review] = empty.inbox.pending()
    assert "asked for by  otto" in empty.run("show", review.id, *AT).stdout
