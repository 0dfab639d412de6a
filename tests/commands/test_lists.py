"""`inbox`, `show`, `history` and `verify`: what they list, and what they leave as it is."""

from __future__ import annotations

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
            (["--reviewer", "maria", "--reviewer-role", "editors"], 1),
            (["--reviewer", "maria"], 0),
            (["--mine"], 1),
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
        done = project.run("show", "rv-", *AT)
        assert done.status == 2
        done = project.run("show", "r", *AT)
        assert done.status == 2
        one_line_without_traceback(done, ["several ids"])

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


def test_postgresql(empty: Project, postgres_uri: str) -> None:
    url = url_of(postgres_uri)
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
