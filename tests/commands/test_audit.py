"""`langgraph-hitl audit`: reports, and the head to be kept elsewhere."""

from __future__ import annotations

import csv
import io
import json
import sqlite3

import pytest

from tests.commands.project import AS_MARIA, URL, Project, one_line_without_traceback

WHERE = ("--inbox", URL)


@pytest.fixture
def decided(project: Project) -> str:
    """A review that maria has approved."""
    (review,) = project.start("A text")
    done = project.run("approve", review, "--comment", "fine", *AS_MARIA, *WHERE)
    assert done.status == 0, done
    return review


def test_a_report_on_the_standard_output(project: Project, decided: str) -> None:
    lines = [json.loads(line) for line in project.run("audit", *WHERE).stdout.splitlines()]
    assert [line["event"] for line in lines][:2] == ["filed", "settled"]
    assert (lines[1]["review_id"], lines[1]["reason"]) == (decided, "fine")


@pytest.mark.parametrize("form", ["jsonl", "csv", "html"])
def test_a_report_in_a_file(project: Project, decided: str, form: str) -> None:
    done = project.run("audit", "--format", form, "--out", "report", *WHERE)
    assert (done.status, done.stdout) == (0, "")
    assert "Written to report" in done.stderr
    assert decided in (project.folder / "report").read_text(encoding="utf-8")


def test_csv_on_the_standard_output(project: Project, decided: str) -> None:
    rows = list(csv.DictReader(io.StringIO(project.run("audit", "--format=csv", *WHERE).stdout)))
    assert rows[1]["review_id"] == decided


def tamper(project: Project) -> None:
    with sqlite3.connect(project.folder / "reviews.db") as connection:
        connection.execute("UPDATE hitl_audit SET actor = 'eve' WHERE event = 'settled'")


@pytest.mark.parametrize("form", ["jsonl", "csv", "html"])
def test_a_report_of_what_somebody_has_changed_says_so(
    project: Project, decided: str, form: str
) -> None:
    tamper(project)
    # Also where the row that was changed is not reported.
    for given in ([], ["--since", "2020-01-01", "--until", "2020-01-02"], ["--out", "report"]):
        done = project.run("audit", "--format", form, *given, *WHERE)
        assert done.status == 1
        assert "the audit is not whole: audit row 2 (settled, review" in done.stderr
        written = (project.folder / "report").read_text() if "--out" in given else done.stdout
        assert given == ["--since", "2020-01-01", "--until", "2020-01-02"] or "eve" in written
        assert form != "html" or "<td>NO: audit row 2" in written


def test_a_summary_of_what_somebody_has_changed_says_so(project: Project, decided: str) -> None:
    tamper(project)
    done = project.run("audit", "--json", *WHERE)
    assert (done.status, done.document["ok"]) == (1, False)
    assert "audit row 2" in done.document["problem"]


def test_the_summary_as_json(project: Project, decided: str) -> None:
    found = project.run("audit", "--json", "--since", "2020-01-01", *WHERE).document
    assert found["outcomes"] == {"approved": 1}
    assert found["people"] == {"maria": 1}
    assert (found["ok"], found["problem"]) == (True, None)
    assert (found["since"], found["out"]) == ("2020-01-01T00:00:00+00:00", None)


def test_nothing_of_another_year(project: Project, decided: str) -> None:
    assert project.run("audit", "--until", "2020-01-01", *WHERE).stdout == ""


def test_the_last_days(project: Project, decided: str) -> None:
    assert decided in project.run("audit", "--since", "7d", *WHERE).stdout


def test_the_head_that_verify_takes(project: Project, decided: str) -> None:
    head = project.run("audit", "head", "--json", *WHERE).document["head"]
    assert project.run("audit", "head", *WHERE).stdout == f"{head}\n"
    assert project.run("verify", "--head", f"{head}\n", *WHERE).status == 0
    printed = project.run("verify", *WHERE).stdout.splitlines()[-1]
    assert printed.startswith("head ")
    assert project.run("verify", "--head", printed, *WHERE).status == 0
    seq, _, digest = head.partition(":")
    removed = project.run("verify", "--head", f"{int(seq) + 1}:{digest}", *WHERE)
    assert removed.status != 0
    assert "removed from the end" in removed.stderr


@pytest.mark.parametrize("given", ["nonsense", "12", "head", "12:", "x:y"])
def test_what_is_no_head_says_how_one_looks(project: Project, decided: str, given: str) -> None:
    done = project.run("verify", "--head", given, *WHERE)
    assert done.status != 0
    one_line_without_traceback(done, ["as 12:", "langgraph-hitl audit head"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--since", "tomorrow"], "since= is a date"),
        (["--since", "2026-02-01", "--until", "2026-01-01"], "The period is empty"),
        (["--out", "no/such/folder"], "cannot be written"),
        (["head", "--since", "2026-01-01"], "audit head takes none"),
    ],
)
def test_what_cannot_be_reported(project: Project, given: list[str], said: str) -> None:
    project.module()
    done = project.run("audit", *given, *WHERE)
    assert done.status != 0
    one_line_without_traceback(done, [said])


def test_unknown_words_are_usage_errors(project: Project) -> None:
    project.module()
    for given in (["--format", "pdf"], ["tail"]):
        assert project.run("audit", *given, *WHERE).status == 2


KEY = "a key that nobody knows"


def test_an_inbox_is_sealed_and_read_with_the_key_of_the_environment(
    project: Project, decided: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITL_AUDIT_KEY", KEY)
    refused = project.run("audit", "head", *WHERE)
    one_line_without_traceback(refused, ["langgraph-hitl audit seal"])
    head = project.run("audit", "seal", "--as", "maria", "--json", *WHERE).document["head"]
    assert project.run("verify", "--head", head, *WHERE).status == 0
    monkeypatch.setenv("HITL_AUDIT_KEY", f"{KEY} of later")
    one_line_without_traceback(
        project.run("verify", *WHERE), ["audit_key= is another", "HITL_AUDIT_KEY"]
    )
    monkeypatch.setenv("HITL_AUDIT_KEY_BEFORE", f"{KEY}\n")
    assert project.run("verify", "--head", head, *WHERE).status == 0
    monkeypatch.delenv("HITL_AUDIT_KEY")
    one_line_without_traceback(project.run("verify", *WHERE), ["HITL_AUDIT_KEY"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["audit", "seal", "--as", "maria"], "Set HITL_AUDIT_KEY"),
        (["audit", "seal"], "Who decides?"),
        (["audit", "--as", "maria"], "--as is for audit seal only"),
    ],
)
def test_what_cannot_be_sealed(project: Project, given: list[str], said: str) -> None:
    project.module()
    done = project.run(*given, *WHERE)
    assert done.status != 0
    one_line_without_traceback(done, [said])


def test_what_an_action_reported_is_shown(project: Project, decided: str) -> None:
    project.inbox.executed(decided, {"receipt": 7})
    project.inbox.executed(decided, error="no such account", key="second")
    told = project.run("show", decided, "--json", *WHERE).document["executed"]
    assert [one.get("result") or one["error"] for one in told] == [
        {"receipt": 7},
        "no such account",
    ]
    shown = project.run("show", decided, *WHERE).stdout
    assert '{"receipt": 7}' in shown
    assert "failed: no such account" in shown
