"""`people`: a file of people is checked, and shown as it is at a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.commands.project import APP, URL, Project, flow, one_line_without_traceback

PEOPLE = """
tz: UTC
people:
  - id: maria
    roles: editors
    level: lead
    skills: [tax]
    delegate: cem
    absences:
      - {begins: 2030-12-24, ends: 2031-01-04}
  - id: cem
    roles: [editors, legal]
  - id: dora
    on_call: true
    hours: Mon-Fri 09:00-17:00
    limit: {decisions: 2, minutes: 60}
"""
WINTER = ("--at", "2030-12-28T12:00:00+00:00")
MONDAY = ("--at", "2030-06-03T12:00:00+00:00")


@pytest.fixture
def team(empty: Project) -> Project:
    empty.write("people.yaml", PEOPLE)
    return empty


def test_who_is_there_and_who_acts_for_whom(team: Project) -> None:
    done = team.run("people", "people.yaml", *WINTER)
    assert (done.status, done.stderr) == (0, "")
    head, maria, cem, dora = done.stdout.splitlines()
    names = ["id", "there", "acts for", "level", "roles", "skills", "on call", "hours"]
    assert re.split(r" {2,}", head.strip()) == [*names, "delegate", "away", "session"]
    assert maria.split()[:3] == ["maria", "away", "lead"]
    assert "until 2031-01-04 00:00, cem acts" in maria
    assert cem.split()[:3] == ["cem", "yes", "maria"]
    assert re.split(r" {2,}", dora.strip()) == [
        *("dora", "on call", "yes", "Mon-Fri 09:00-17:00 UTC", "2 in 60 min")
    ]


def test_absences_that_come(team: Project) -> None:
    shown = team.run("people", "people.yaml", *MONDAY).stdout
    assert "2030-12-24 00:00 to 2031-01-04 00:00, cem acts" in shown
    later = team.run("people", "people.yaml", "--at", "2031-06-02T12:00:00Z").stdout
    assert "acts\n" not in later
    assert "away" not in later.splitlines()[0]


def test_how_much_of_a_session_is_used(team: Project) -> None:
    team.write("flow.py", flow())
    for review_id in team.start("one", "two"):
        team.run("approve", review_id, *APP, "--as", "dora", "--yes")
    document = team.run("people", "people.yaml", *APP, "--json").document
    dora = document["people"][2]
    assert dora["limit"] == {"decisions": 2, "minutes": 60}
    assert dora["session"]["decided"] == 2
    assert datetime.fromisoformat(dora["session"]["free_at"]) > datetime.now(UTC)
    assert document["people"][0]["session"] is None
    shown = team.run("people", "people.yaml", "--inbox", URL).stdout
    assert "2 of 2 in 60 min, rests until " in shown


def test_as_json(team: Project) -> None:
    document = team.run("people", "people.yaml", *WINTER, "--json").document
    maria, cem, dora = document["people"]
    assert (maria["state"], maria["deputy"]) == ("absent", "cem")
    assert maria["until"] == "2031-01-04T00:00:00+00:00"
    assert (cem["state"], cem["acts_for"]) == ("there", ["maria"])
    assert (dora["state"], dora["on_call"]) == ("off", True)
    assert document["panels"] is None
    assert (maria["delegate"], maria["hours"], maria["limit"]) == ("cem", [], None)
    begins, ends = "2030-12-24T00:00:00+00:00", "2031-01-04T00:00:00+00:00"
    assert maria["absences"] == [{"begins": begins, "ends": ends, "delegate": "cem"}]
    assert (dora["hours"], dora["tz"]) == (["Mon-Fri 09:00-17:00"], "UTC")


def test_everybody_is_there(team: Project) -> None:
    document = team.run("people", "people.yaml", *MONDAY, "--json").document
    assert [each["state"] for each in document["people"]] == ["there"] * 3
    assert [each["acts_for"] for each in document["people"]] == [[], [], []]


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        ("reviewers='editors'", 0, "Every panel can be filled: 1 of 1."),
        ("reviewers=quorum(2, of='editors')", 0, "Every panel"),
        ("reviewers=quorum(3, of='editors')", 1, "posts, human_approval: too few can decide it"),
        ("reviewers='auditors'", 1, "it takes the role 'auditors'"),
    ],
)
def test_whether_every_panel_can_be_filled(
    team: Project, options: str, status: int, said: str
) -> None:
    team.write("flow.py", flow(options=options))
    done = team.run("people", "people.yaml", *MONDAY, *APP)
    assert done.status == status, done.stderr
    assert said in " ".join(done.stderr.split())
    [panel] = team.run("people", "people.yaml", *APP, "--json").document["panels"]
    assert (panel["graph"], panel["gate"]) == ("posts", "human_approval")
    assert (panel["lacks"] is None) == (status == 0)


@pytest.mark.parametrize(
    ("approvers", "status", "said"),
    [
        ("'editors'", 0, "Every panel can be filled: 1 of 1."),
        ("'auditors'", 1, "pay: nobody can decide it: it takes the role 'auditors'"),
    ],
)
def test_whether_the_panel_of_a_call_can_be_filled(
    team: Project, approvers: str, status: int, said: str
) -> None:
    source = flow() + (
        "from langgraph_hitl import require_approval\n"
        f"@require_approval(approvers={approvers}, inbox=inbox)\n"
        "def pay(amount: int) -> str: ...\n"
    )
    team.write("flow.py", source)
    done = team.run("people", "people.yaml", *MONDAY, *APP)
    assert (done.status, said in " ".join(done.stderr.split())) == (status, True)
    [panel] = team.run("people", "people.yaml", *APP, "--json").document["panels"]
    assert (panel["graph"], panel["gate"]) == (None, "pay")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("people:\n  - id: maria\n    levle: lead\n", "did you mean 'level'?"),
        ("people:\n  - id: maria\n    delegate: zoe\n", "delegates to 'zoe', who is nobody here"),
        ("people: 7\n", "people"),
    ],
)
def test_a_file_that_is_wrong(team: Project, text: str, said: str) -> None:
    team.write("people.yaml", text)
    done = team.run("people", "people.yaml")
    assert done.status == 1
    one_line_without_traceback(done, [said])


@pytest.mark.parametrize("at", ["2030-12-28", "2030-12-28T00:00"])
def test_a_day_or_a_moment_without_an_offset_is_by_utc(team: Project, at: str) -> None:
    found = team.run("people", "people.yaml", "--at", at, "--json").document["at"]
    assert found == "2030-12-28T00:00:00+00:00"
    assert team.run("people", "people.yaml", "--at", "3d").status == 0


def test_a_moment_or_a_file_that_is_none(team: Project) -> None:
    assert team.run("people", "people.yaml", "--at", "now").status == 2
    assert team.run("people", "none.yaml").status == 1


STAFF = "people:\n  - id: maria\n    roles: editors\n  - id: cem\n"
IN_FLOW = "inbox = Inbox.open('sqlite:///reviews.db', people=load_people('people.yaml'))"
OWN = ("--inbox", URL)


@pytest.fixture
def staffed(empty: Project) -> Project:
    """A graph whose inbox has the people of a file."""
    empty.write("people.yaml", STAFF)
    source = flow(options="reviewers='editors'").replace(
        'inbox = Inbox.open("sqlite:///reviews.db")',
        f"from langgraph_hitl.people import load_people\n{IN_FLOW}",
    )
    assert IN_FLOW in source
    empty.write("flow.py", source)
    return empty


def test_a_claim_is_not_believed_where_the_graph_has_people(staffed: Project) -> None:
    [review_id] = staffed.start("Hello")
    done = staffed.run("approve", review_id, *OWN, "--as", "eve", "--role", "editors", "--yes")
    assert done.status != 0
    one_line_without_traceback(done, ["eve may not decide it", "--directory"])
    done = staffed.run("inbox", *OWN, "--reviewer", "eve")
    assert done.status != 0
    assert staffed.review(review_id).status == "pending"


def test_the_file_says_who_somebody_is(staffed: Project) -> None:
    [review_id] = staffed.start("Hello")
    people = (*OWN, "--directory", "people.yaml")
    done = staffed.run("approve", review_id, *people, "--as", "cem", "--yes")
    one_line_without_traceback(done, ["cem may not decide it; it takes the role 'editors'"])
    done = staffed.run("approve", review_id, *people, "--as", "maria", "--role", "x", "--yes")
    one_line_without_traceback(done, ["claim none"])
    listed = staffed.run("inbox", *people, "--reviewer", "maria", "--json")
    assert review_id in listed.stdout
    assert listed.stderr == "What may be decided by maria\n"
    unknown = staffed.run("inbox", *people, "--reviewer", "zoe")
    assert unknown.status == 4
    one_line_without_traceback(unknown, ["'zoe' is nobody in the directory"])
    assert staffed.run("approve", review_id, *people, "--as", "maria", "--yes").status == 0
    assert staffed.review(review_id).decided_by == "maria"


def test_the_configuration_may_name_the_file(staffed: Project) -> None:
    [review_id] = staffed.start("Hello")
    staffed.write("conf/own.toml", f'inbox = "{URL}"\nas = "maria"\ndirectory = "../people.yaml"\n')
    done = staffed.run("approve", review_id, "--config", "conf/own.toml", "--yes")
    assert (done.status, staffed.review(review_id).decided_by) == (0, "maria")
