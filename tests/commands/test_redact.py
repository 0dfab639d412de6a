"""`langgraph-hitl redact`: content of one review goes, what happened stays."""

from __future__ import annotations

import pytest

from tests.commands.project import APP, AS_MARIA, URL, Project, flow, one_line_without_traceback

WHERE = ("--inbox", URL)
AS_JO = ("--as", "jo", "--reason", "asked to by the customer", "--yes")
KEY = "a key that nobody knows"


def keyed(options: str = "") -> str:
    """A graph whose inbox has a key, and more options."""
    opening = 'Inbox.open("sqlite:///reviews.db"'
    return flow().replace(opening, f"{opening}, audit_key={KEY!r}{options}")


@pytest.fixture
def over(empty: Project) -> str:
    """A review that is over."""
    empty.write("flow.py", keyed(', redacts="privacy"'))
    (review,) = empty.start({"to": "ACME", "iban": "DE02 1203"})
    assert empty.run("approve", review, *AS_MARIA, *APP).status == 0
    return review


AS_PRIVACY = (*AS_JO, "--role", "privacy")


def test_all_content(empty: Project, over: str) -> None:
    done = empty.run("redact", over, *AS_PRIVACY, *APP, "--json")
    assert (done.status, done.document["fields"]) == (0, None)
    assert done.document["review"]["decided_by"] == "maria"
    assert done.document["by"] == {"id": "jo", "roles": ["privacy"]}
    assert empty.review(over).request == {}
    assert empty.run("verify", *APP).status == 0
    last = empty.inbox.history(over)[-1]
    assert (last.event, last.actor, last.reason) == ("redacted", "jo", "asked to by the customer")


def test_fields(empty: Project, over: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HITL_AUDIT_KEY", KEY)
    done = empty.run("redact", over[:8], "--field", "subject.iban", *AS_JO, *WHERE)
    assert done.status == 0, done.stderr
    assert f"Removed from {over}: subject.iban." in " ".join(done.stderr.split())
    assert empty.review(over).request["subject"] == {"to": "ACME", "iban": "[redacted]"}


def test_who_may_is_what_the_inbox_of_the_graph_says(empty: Project, over: str) -> None:
    for command in (["redact", over, *AS_JO], ["retain", "--older-than", "365d", *AS_JO]):
        for where in (APP, (*APP, *WHERE)):
            done = empty.run(*command, *where)
            assert done.status == 4, done
            one_line_without_traceback(done, ["jo may not redact", "privacy"])
    assert empty.review(over).request


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        (["--as", "jo", "--reason", "asked"], 2, "give --yes"),
        (["--reason", "asked", "--yes"], 2, "Who decides?"),
        (["--as", "jo", "--reason", " ", "--yes"], 1, "reason= is a text"),
        ([*AS_PRIVACY, "--field", "iban"], 1, "fields are named as"),
        ([*AS_PRIVACY, "--field", "subject.bic"], 1, "it shows"),
    ],
)
def test_what_is_not_removed(
    empty: Project, over: str, given: list[str], status: int, said: str
) -> None:
    done = empty.run("redact", over, *given, *APP)
    assert done.status == status
    one_line_without_traceback(done, [said])
    assert empty.review(over).request["subject"]["iban"] == "DE02 1203"


def test_nothing_without_a_reason(empty: Project, over: str) -> None:
    assert empty.run("redact", over, "--as", "jo", "--yes", *APP).status == 2


def test_nothing_of_what_waits(project: Project) -> None:
    (review,) = project.start("A text")
    done = project.run("redact", review, *AS_JO, *WHERE)
    assert done.status == 1
    one_line_without_traceback(done, ["is pending"])
