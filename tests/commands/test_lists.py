"""`inbox`, `show`, `history` and `verify`: what they list, and what they leave as it is."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from tests.commands.project import APP, AS_MARIA, URL, Project, flow, one_line_without_traceback
from tests.inbox.lock_places import url_of

AT = ("--inbox", URL)


class TestInbox:
    def test_everything_that_waits(self, project: Project) -> None:
        ids = project.start("one", "two")
        done = project.run("inbox", *AT)
        assert done.status == 0
        head, *rows = done.stdout.splitlines()
        assert head.split() == ["id", "priority", "queue", "action", "thread", "subject"]
        assert sorted(row.split()[0] for row in rows) == sorted(each[:11] for each in ids)
        assert done.stderr == ""

    def test_what_is_no_terminal_is_as_wide_as_the_table(self, empty: Project) -> None:
        options = "queue='payments-abroad', action='pay_the_invoice_of_a_supplier'"
        empty.write("flow.py", flow(options=options))
        config = {"configurable": {"thread_id": "invoice-" * 20}}
        empty.module().graph.invoke({"draft": "Hello " * 40}, config)
        _, row = empty.run("inbox", *AT).stdout.splitlines()
        for each in ("pay_the_invoice_of_a_supplier", "invoice-" * 20, ("Hello " * 40).strip()):
            assert each in row

    def test_a_long_subject_is_told_from_a_short_one(self, project: Project) -> None:
        project.start("x" * 301, "y" * 300)
        shown = project.run("inbox", *AT).stdout
        assert "x" * 300 + "…" in shown
        assert "y" * 300 + "\n" in shown

    def test_nothing_waits(self, project: Project) -> None:
        project.module()
        done = project.run("inbox", *AT)
        assert (done.status, done.stdout, done.stderr) == (0, "", "Nothing waits.\n")
        assert project.run("inbox", *AT, "--json").document == {"reviews": [], "next": None}

    def test_pages_follow_each_other(self, project: Project) -> None:
        ids = project.start("one", "two", "three")
        first = project.run("inbox", *AT, "--limit", "2", "--json").document
        assert len(first["reviews"]) == 2
        second = project.run("inbox", *AT, "--limit", "2", "--after", first["next"], "--json")
        assert second.document["next"] is None
        found = [each["id"] for page in (first, second.document) for each in page["reviews"]]
        assert sorted(found) == sorted(ids)
        assert "--after" in project.run("inbox", *AT, "--limit", "2").stderr

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            (["--queue", "legal"], 1),
            (["--queue", "default"], 0),
            (["--role", "editors"], 1),
            (["--role", "others"], 0),
            (["--reviewer", "maria", "--role", "editors"], 1),
            (["--reviewer", "maria", "--role", "others", "--role", "editors"], 1),
            (["--reviewer", "maria", "--role", "others"], 0),
            (["--reviewer", "maria"], 0),
            (["--mine"], 1),
            (["--mine", "--role", "others"], 0),
            (["--mine", "--as", "maria", "--role", "editors"], 1),
            (["--mine", "--as", "maria"], 0),
            (["--as", "maria", "--role", "editors"], 1),
            (["--as", "maria"], 0),
            (["--kind", "human_approval"], 1),
            (["--kind", "qa_sample"], 0),
            (["--risk", "high"], 0),
            (["--action", "post"], 1),
            (["--action", "pay"], 0),
            (["--thread", "0"], 1),
            (["--thread", "7"], 0),
            (["--order", "newest"], 1),
        ],
    )
    def test_filters(self, empty: Project, filters: list[str], found: int) -> None:
        options = "reviewers='editors', queue='legal', action='post'"
        empty.write("flow.py", flow(options=options))
        empty.write("langgraph-hitl.toml", 'as = "maria"\nroles = "editors"')
        empty.start("Hello")
        done = empty.run("inbox", *AT, *filters, "--json")
        assert len(done.document["reviews"]) == found

    def test_whoever_has_no_name_is_asked_for_one(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        done = project.run("inbox", *AT, "--mine")
        assert done.status == 2
        one_line_without_traceback(done, ["--as NAME"])
        found = project.run("inbox", *AT, "--mine", "--as", "maria", "--json").document
        assert [each["id"] for each in found["reviews"]] == [review_id]

    @pytest.mark.parametrize(
        ("who", "found"),
        [
            (["--reviewer", "ann", "--level", "member"], [0]),
            (["--reviewer", "lea", "--level", "lead"], [0, 1]),
            (["--as", "cem", "--skill", "tax"], [2]),
            (["--mine", "--as", "zoe", "--level", "lead", "--skill", "tax"], [0, 1, 2]),
            (["--reviewer", "zoe", "--role", "lead"], []),
        ],
    )
    def test_what_somebody_may_decide_and_nothing_else(
        self, empty: Project, who: list[str], found: list[int]
    ) -> None:
        imports = "from langgraph_hitl.panels import chain, expert\n"
        for name, panel in (
            ("low", "chain('member', 'lead')"),
            ("up", "chain('member', 'lead')"),
            ("tax", "expert(skill='tax')"),
        ):
            graph = f"graph = inbox.register(plain, '{name}')"
            text = flow(options=f"reviewers={panel}", graph=graph)
            empty.write(f"{name}.py", imports + text)
        ids = []
        for name in ("low", "up", "tax"):
            module = empty.module(name)
            module.graph.invoke({"draft": name}, {"configurable": {"thread_id": name}})
            [review] = module.inbox.pending(thread=name)
            ids.append(review.id)
        module.inbox.escalate(ids[1], by=module.Reviewer("ann", level="member"))
        done = empty.run("inbox", *AT, *who, "--json")
        listed = {each["id"] for each in done.document["reviews"]}
        assert listed == {ids[number] for number in found}

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (["--reviewer", "maria", "--mine"], "name two people"),
            (["--reviewer", "maria", "--as", "jo"], "name two people"),
            (["--level", "lead"], "--as NAME"),
            (["--skill", "tax"], "--as NAME"),
            (["--role", "a", "--role", "b"], "--as NAME"),
            (["--since", "7d"], "--decided"),
            (["--by", "maria"], "--decided"),
            (["--outcome", "approved"], "--decided"),
            (["--decided", "--mine"], "what waits"),
            (["--decided", "--reviewer", "maria"], "what waits"),
            (["--decided", "--role", "editors"], "what waits"),
            (["--decided", "--assigned", "maria"], "what waits"),
            (["--decided", "--deferred"], "what waits"),
            (["--decided", "--order", "newest"], "what waits"),
            (["--decided", "--since", "soon"], "--since takes"),
        ],
    )
    def test_options_of_which_one_would_have_no_effect(
        self, project: Project, given: list[str], said: str
    ) -> None:
        project.module()
        done = project.run("inbox", *AT, *given)
        assert done.status == 2
        one_line_without_traceback(done, [said])

    def test_the_graphs_tell_where_the_inbox_is(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        done = project.run("inbox", *APP, "--json")
        assert [each["id"] for each in done.document["reviews"]] == [review_id]

    @pytest.mark.parametrize(
        "given", [["--limit", "0"], ["--limit", "x"], ["--order", "best"], ["--nothing"]]
    )
    def test_options_that_do_not_work(self, project: Project, given: list[str]) -> None:
        project.module()
        assert project.run("inbox", *AT, *given).status == 2

    def test_a_cursor_that_is_none(self, project: Project) -> None:
        project.module()
        done = project.run("inbox", *AT, "--after", "x")
        assert done.status == 1
        one_line_without_traceback(done, ["cursor"])


class TestDecided:
    @pytest.fixture
    def ids(self, project: Project) -> list[str]:
        """One that Maria approved, then one that Jo rejected, and one that waits."""
        ids = project.start("one", "two", "three")
        project.run("approve", ids[0], *APP, *AS_MARIA)
        project.run("reject", ids[1], *APP, "--as", "jo", "--yes")
        return ids

    def test_the_latest_comes_first(self, project: Project, ids: list[str]) -> None:
        done = project.run("inbox", *AT, "--decided")
        assert (done.status, done.stderr) == (0, "")
        head, *rows = [line.split() for line in done.stdout.splitlines()]
        assert head == ["id", "decided", "outcome", "by", "queue", "action", "thread", "subject"]
        assert [(row[0], row[3:5], row[-1]) for row in rows] == [
            (ids[1][:11], ["rejected", "jo"], "two"),
            (ids[0][:11], ["approved", "maria"], "one"),
        ]

    @pytest.mark.parametrize(
        ("given", "found"),
        [
            ([], [1, 0]),
            (["--by", "maria"], [0]),
            (["--outcome", "rejected"], [1]),
            (["--outcome", "rejected", "--by", "maria"], []),
            (["--since", "1h"], [1, 0]),
            (["--since", "2020-01-31"], [1, 0]),
            (["--since", "2120-01-31T09:00"], []),
            (["--action", "nothing"], []),
            (["--thread", "0"], [0]),
        ],
    )
    def test_filters(
        self, project: Project, ids: list[str], given: list[str], found: list[int]
    ) -> None:
        document = project.run("inbox", *AT, "--decided", *given, "--json").document
        assert [each["id"] for each in document["reviews"]] == [ids[one] for one in found]

    def test_pages_follow_each_other(self, project: Project, ids: list[str]) -> None:
        at = (*AT, "--decided", "--limit", "1", "--json")
        first = project.run("inbox", *at).document
        second = project.run("inbox", *at, "--after", first["next"]).document
        last = project.run("inbox", *at, "--after", second["next"]).document
        found = [page["reviews"][0]["id"] for page in (first, second)]
        assert found == [ids[1], ids[0]]
        assert last == {"reviews": [], "next": None}

    def test_nothing_was(self, project: Project) -> None:
        project.start("Hello")
        assert project.run("inbox", *AT, "--decided").stderr == "Nothing was decided.\n"

    def test_an_outcome_that_there_is_not(self, project: Project, ids: list[str]) -> None:
        done = project.run("inbox", *AT, "--decided", "--outcome", "aproved")
        assert done.status == 1
        one_line_without_traceback(done, ["outcome= is one of approved, "])


class TestShow:
    def test_everything_about_a_review(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        done = project.run("show", review_id, *AT)
        assert done.status == 0
        for each in (review_id, project.review(review_id).digest, "│ Hello", "anybody", "pending"):
            assert each in done.stdout

    def test_as_json(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        document = project.run("show", review_id, *AT, "--json").document
        assert document["request"]["subject"] == "Hello"
        assert document["digest"] == document["request"]["digest"]

    @pytest.mark.parametrize("length", [4, 11, 20, 27])
    def test_an_id_may_be_shortened(self, project: Project, length: int) -> None:
        [review_id] = project.start("Hello")
        short = review_id[:length]
        assert project.run("show", short, *AT, "--json").document["id"] == review_id
        bare = short.removeprefix("rv-")
        assert project.run("show", bare, *AT, "--json").document["id"] == review_id

    def test_but_stays_unique(self, project: Project) -> None:
        project.start("one", "two")
        for given in ("rv-", "rv", "r"):
            done = project.run("show", given, *AT)
            assert done.status == 2
            one_line_without_traceback(done, [f"'{given}' is ambiguous"])

    def test_what_all_ids_begin_with_means_none(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        done = project.run("approve", "rv-", *APP, *AS_MARIA)
        assert done.status == 2
        one_line_without_traceback(done, ["'rv-' is ambiguous"])
        assert project.review(review_id).status == "pending"

    def test_the_beginning_of_several(self, project: Project) -> None:
        ids = project.start(*map(str, range(17)))
        digits = [each[3] for each in ids]
        twice = next(digit for digit in digits if digits.count(digit) > 1)
        done = project.run("show", f"rv-{twice}", *AT)
        assert done.status == 2
        one_line_without_traceback(done, ["is ambiguous, the beginning of several ids: rv-"])

    def test_a_blank_one(self, project: Project) -> None:
        project.start("Hello")
        done = project.run("show", " ", *AT)
        assert done.status == 2
        one_line_without_traceback(done, ["blank"])

    @pytest.mark.parametrize("given", ["rv-nothing", "%", "x\x00", "é", "\udcff", "x" * 20_000])
    def test_a_review_that_there_is_not(self, project: Project, given: str) -> None:
        project.start("Hello")
        done = project.run("show", given, *AT)
        assert done.status == 1
        one_line_without_traceback(done, [])

    def test_a_review_that_is_over(self, project: Project) -> None:
        [review_id] = project.start("Hello")
        project.run("approve", review_id, *APP, *AS_MARIA)
        assert "approved by maria" in project.run("show", review_id, *AT).stdout

    def test_a_run_that_failed_after_the_decision(self, empty: Project) -> None:
        failing = "def broken(state):\n    raise OSError('no paper')\n"
        text = flow().replace('note("published")', "broken")
        empty.write("flow.py", text.replace("builder = ", f"{failing}builder = ", 1))
        [review_id] = empty.start("Hello")
        assert empty.run("approve", review_id, *APP, *AS_MARIA).status == 6
        facts = facts_of(empty.run("show", review_id, *AT).stdout)
        assert facts["decided"].startswith("approved by maria")
        assert "no paper" in facts["failed"]
        document = empty.run("show", review_id, *AT, "--json").document
        assert "no paper" in document["error"]


class TestWhoDecides:
    @pytest.mark.parametrize(
        ("reviewers", "said"),
        [
            ("None", "anybody"),
            ("'finance'", "any of finance"),
            ("['finance', Reviewer('maria')]", "any of finance, maria"),
            ("quorum(2, of='finance', size=3)", "2 of 3 by finance"),
            ("quorum(2, of='finance', size=3, blind=True)", "2 of 3 by finance"),
        ],
    )
    def test_the_rule(self, empty: Project, reviewers: str, said: str) -> None:
        empty.write("flow.py", flow(options=f"reviewers={reviewers}"))
        [review_id] = empty.start("Hello")
        facts = facts_of(empty.run("show", review_id, *AT).stdout)
        assert facts["decided by"] == said
        assert "still needed" not in facts

    def test_and_how_it_stands(self, empty: Project) -> None:
        empty.write("flow.py", flow(options="reviewers=quorum(3, of='finance', size=5)"))
        [review_id] = empty.start("Hello")
        vote(empty, "approve", review_id, "ann")
        facts = facts_of(empty.run("show", review_id, *AT).stdout)
        assert facts["decided by"] == "3 of 5 by finance; 1 vote so far: ann approves"
        assert facts["still needed"] == "2 more"
        vote(empty, "reject", review_id, "bob")
        facts = facts_of(empty.run("show", review_id, *AT).stdout)
        assert facts["decided by"].endswith("; 2 votes so far: ann approves, bob rejects")

    def test_choices_are_named(self, empty: Project) -> None:
        gate = "ask_human('?', answer=Choice('a', 'b'), reviewers=quorum(2, of=3), inbox=inbox)"
        empty.write("flow.py", flow(gate=gate, ways="chosen='publish', rejected='archive'"))
        [review_id] = empty.start("")
        done = empty.run("choose", review_id, "b", *AT, "--as", "ann", "--yes")
        assert done.status == 0, done.stderr
        facts = facts_of(empty.run("show", review_id, *AT).stdout)
        assert facts["decided by"] == "2 of 3; 1 vote so far: ann chooses b"

    def test_but_not_who_said_what_where_the_panel_is_blind(self, empty: Project) -> None:
        options = "reviewers=quorum(2, of='finance', size=3, blind=True)"
        empty.write("flow.py", flow(options=options))
        [review_id] = empty.start("Hello")
        vote(empty, "approve", review_id, "ann")
        shown = empty.run("show", review_id, *AT).stdout
        assert "2 of 3 by finance; 1 vote so far: hidden until it is settled" in shown
        assert "ann" not in shown
        assert "needed" not in shown


def vote(project: Project, verb: str, review_id: str, name: str) -> None:
    done = project.run(verb, review_id, *AT, "--as", name, "--role", "finance", "--yes")
    assert done.status == 0, done.stderr


def facts_of(shown: str) -> dict[str, str]:
    """The names and values at the top of `show`."""
    lines = shown.partition("\n\n")[0].splitlines()
    return dict(re.split(r" {2,}", line, maxsplit=1) for line in lines)


HOSTILE = "\x1b[31mred\x1b]8;;http://evil\x07 [bold]x[/bold] \u202eabc\rPAID"


def test_what_a_model_wrote_does_not_reach_the_terminal(project: Project) -> None:
    [review_id] = project.start(HOSTILE)
    for arguments in (["inbox"], ["show", review_id], ["history", review_id]):
        done = project.run(*arguments, *AT)
        assert done.status == 0
        assert not set("\x1b\x07\r\u202e") & set(done.stdout + done.stderr)
    shown = project.run("show", review_id, *AT).stdout
    assert "<ESC>[31mred" in shown
    assert "[bold]x[/bold]" in shown


def test_the_history_tells_who_did_what(project: Project) -> None:
    [review_id] = project.start("Hello")
    project.run("approve", review_id, *APP, *AS_MARIA)
    done = project.run("history", review_id, *AT)
    assert [line.split()[2] for line in done.stdout.splitlines()[3:]] == [
        "filed",
        "settled",
        "applied",
    ]
    document = project.run("history", review_id, *AT, "--json").document
    assert document["review_id"] == review_id
    assert [row["actor"] for row in document["history"]] == [
        "system:graph",
        "maria",
        "system:graph",
    ]


def test_verify_tells_whether_the_audit_is_whole(project: Project) -> None:
    project.start("Hello")
    whole = project.run("verify", *AT, "--json")
    assert whole.status == 0
    assert whole.document["ok"] is True
    head = whole.document["head"]
    assert project.run("verify", *AT, "--head", head).status == 0
    bad_head = project.run("verify", *AT, "--head", "x")
    assert bad_head.status == 1
    one_line_without_traceback(bad_head, ["head"])
    with sqlite3.connect("reviews.db") as connection:
        connection.execute("UPDATE hitl_audit SET actor = 'eve'")
    connection.close()
    broken = project.run("verify", *AT)
    assert broken.status == 1
    assert "not whole" in broken.stderr
    assert "was changed" in broken.stderr


class TestWhatIsNoInbox:
    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("mysql://localhost/x", "'mysql'"),
            ("reviews.db", "not a URL"),
            ("sqlite:///.", "is a folder"),
            ("sqlite:///none.db", "no inbox at"),
            ("sqlite:///none/none.db", "no folder"),
            ("sqlite:///garbage.db", "not an SQLite database"),
            ("sqlite:///other.db", "holds no inbox"),
            ("sqlite:///empty.db", "holds no inbox"),
            ("sqlite:///:memory:", "its own process only"),
            ("sqlite:///a\x00b", ""),
            ("postgresql://127.0.0.1:1/x", "connection"),
            ("  ", "blank"),
        ],
    )
    def test_is_said_in_one_line_and_left_as_it_is(
        self, empty: Project, url: str, said: str
    ) -> None:
        Path("garbage.db").write_bytes(b"not a database" * 1000)
        Path("empty.db").touch()
        connection = sqlite3.connect("other.db")
        connection.execute("CREATE TABLE things (a)")
        connection.close()
        before = {path: path.read_bytes() for path in Path().iterdir()}
        for command in (["inbox"], ["approve", "rv-1", *AS_MARIA], ["verify"]):
            done = empty.run(*command, "--inbox", url)
            assert done.status in (1, 2)
            one_line_without_traceback(done, [said])
        assert {path: path.read_bytes() for path in Path().iterdir()} == before

    def test_none_was_named(self, empty: Project) -> None:
        for command in (["inbox"], ["show", "rv-1"], ["work"], ["doctor"]):
            done = empty.run(*command)
            assert done.status == 2
            one_line_without_traceback(done, [])

    def test_the_environment_names_it(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        [review_id] = project.start("Hello")
        monkeypatch.setenv("LANGGRAPH_HITL_INBOX", URL)
        assert project.run("show", review_id, "--json").document["id"] == review_id


def test_postgresql(empty: Project, own_postgres: str) -> None:
    url = url_of(own_postgres)
    nothing = empty.run("inbox", "--inbox", url)
    assert nothing.status == 1
    one_line_without_traceback(nothing, ["holds no inbox"])
    empty.write("flow.py", flow().replace('"sqlite:///reviews.db"', repr(url)))
    [review_id] = empty.start("Hello")
    found = empty.run("inbox", "--inbox", url, "--json").document["reviews"]
    assert [each["id"] for each in found] == [review_id]
    assert empty.run("show", review_id[:12], "--inbox", url).status == 0
    done = empty.run("approve", review_id[:12], *APP, "--inbox", url, *AS_MARIA)
    assert done.status == 0, done.stderr
    assert empty.effects == ["published"]
