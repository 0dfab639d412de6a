"""People from YAML, with the line where something is wrong."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langgraph_hitl import Reviewer
from langgraph_hitl.errors import GateError
from langgraph_hitl.panels import Ladder
from langgraph_hitl.people import (
    Absence,
    Member,
    Roster,
    SessionLimit,
    WorkingHours,
    load_people,
    people_from,
)
from tests.strategies import JSON

PEOPLE = """\
tz: Europe/Berlin
ladder: [clerk, head]
people:
  - id: maria
    name: Maria Rossi
    roles: [editors, legal]
    level: head
    skills: tax
    tz: Europe/London
    hours: [Mon-Fri 09:00-17:00, "Sat"]
    on_call: true
    delegate: cem
    limit: {decisions: 40, minutes: 90}
    absences:
      - {begins: 2026-12-24, ends: 2027-01-04 09:00}
      - begins: 2026-07-01T08:00+00:00
        ends: 2026-07-02
        delegate: dee
  - id: cem
  - id: dee
"""


def refused(text: str, message: str, **options: Any) -> None:
    """The people are refused with a message that begins so."""
    with pytest.raises(GateError, match=f"^{re.escape(message)}"):
        people_from(text, **options)


def test_everything_that_can_be_said() -> None:
    maria, cem, _ = people_from(PEOPLE).reviewers()
    assert cem == Member(Reviewer("cem"))
    assert maria == Member(
        Reviewer("maria", ("editors", "legal"), name="Maria Rossi", level="head", skills="tax"),
        absences=[
            Absence(
                datetime(2026, 7, 1, 8, tzinfo=UTC), datetime(2026, 7, 1, 23, tzinfo=UTC), "dee"
            ),
            Absence(datetime(2026, 12, 24, tzinfo=UTC), datetime(2027, 1, 4, 9, tzinfo=UTC)),
        ],
        delegate="cem",
        hours=WorkingHours("Mon-Fri 09:00-17:00", "Sat", tz="Europe/London"),
        on_call=True,
        limit=SessionLimit(decisions=40, within=timedelta(minutes=90)),
    )


def test_a_file_and_a_text_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(PEOPLE, encoding="utf-8")
    assert load_people(path).reviewers() == people_from(PEOPLE).reviewers()
    assert load_people(str(path)).reviewers() == people_from(PEOPLE).reviewers()


def test_a_dict_may_have_dates_and_times() -> None:
    absence = {"begins": date(2026, 12, 24), "ends": datetime(2027, 1, 4, tzinfo=UTC)}
    roster = people_from({"tz": "UTC", "people": [{"id": "cem", "absences": [absence]}]})
    assert roster.reviewers()[0].absences[0].begins == datetime(2026, 12, 24, tzinfo=UTC)


def test_levels_are_those_of_the_package_or_of_ones_own() -> None:
    text = "people:\n  - {id: cem, level: lead}\n"
    assert people_from(text).reviewers()[0].reviewer.level == "lead"
    refused(text, "line 2, people[0].level: unknown level 'lead'", ladder=Ladder("i", "ii"))
    refused(
        text.replace("lead", "led"),
        "line 2, people[0].level: unknown level 'led'; did you mean 'lead'?",
    )


def test_holidays_are_looked_for_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "days.ics").write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Feast\nDTSTART;VALUE=DATE:20261201\n"
        "END:VEVENT\nEND:VCALENDAR",
        encoding="utf-8",
    )
    path = tmp_path / "people.yaml"
    text = "tz: UTC\npeople:\n  - {id: cem, hours: Mon-Fri, holidays: days.ics}\n"
    path.write_text(text, encoding="utf-8")
    cem = load_people(path).reviewers()[0]
    assert not cem.is_working(datetime(2026, 12, 1, 9, tzinfo=UTC))
    assert cem.is_working(datetime(2026, 12, 2, 9, tzinfo=UTC))
    path.write_text(text.replace("days.ics", "other.ics"), encoding="utf-8")
    with pytest.raises(GateError, match=r"people.yaml, line 3, people\[0\].holidays: the calendar"):
        load_people(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("people:", "peple:", "line 3, peple: unknown field 'peple'; did you mean 'people'?"),
        ("level:", "levle:", "line 7, people[0].levle: unknown field 'levle'; did you mean 'level"),
        ("level: head", "level: haed", "line 7, people[0].level: unknown level 'haed'; did you m"),
        ("level: head", "level: 5", "line 7, people[0].level: must be a text, not a number (5)"),
        ("id: maria", "name: maria", "line 5: 'name' stands twice, first in line 4"),
        ("  - id: dee", "  - name: dee", "line 20, people[2]: the field 'id' is missing"),
        (
            "id: dee",
            "id: cem",
            "line 20, people[2].id: the id 'cem' stands twice, first in line 19",
        ),
        ("id: dee", "id: direct", "line 20, people[2]: the id of a Reviewer must not be 'direct'"),
        ("tz: Europe/Lon", "tz: Europe/Lun", "line 9, people[0].tz: tz: unknown time zone 'Europe"),
        ("tz: Europe/Ber", "tz: Europe/Bar", "line 1, tz: tz: unknown time zone 'Europe/Barlin'"),
        ("Mon-Fri", "Mon-Fry", "line 10, people[0].hours: "),
        (
            "on_call: true",
            "on_call: yes",
            "line 11, people[0].on_call: must be true or false, not a",
        ),
        (
            "delegate: cem",
            "delegate: cam",
            "line 12, people[0].delegate: maria delegates to 'cam', ",
        ),
        ("delegate: cem", "delegate: maria", "line 4, people[0]: maria: nobody can be their own"),
        ("delegate: dee", "delegate: zoe", "line 14, people[0].absences: maria delegates to 'zoe'"),
        (
            "decisions: 40",
            "decisions: 0",
            "line 13, people[0].limit.decisions: limit: decisions mu",
        ),
        ("decisions: 40, ", "", "line 13, people[0].limit: the field 'decisions' is missing"),
        ("minutes: 90", "minutes: -1", "line 13, people[0].limit.minutes: must be above 0"),
        ("minutes: 90", "minutes: .nan", "line 13, people[0].limit.minutes: must be a finite num"),
        (
            "begins: 2026-12-24",
            "begins: 24.12.",
            "line 15, people[0].absences[0].begins: must be a",
        ),
        ("begins: 2026-12-24", "begins: 2027-12-24", "line 15, people[0].absences[0]: absence: it"),
        ("begins: 2026-12-24", "begins: 2026-07-01", "line 4, people[0]: maria: two absences over"),
        (", ends: 2027-01-04 09:00", "", "line 15, people[0].absences[0]: the field 'ends' is mi"),
        (
            "[clerk, head]",
            "[clerk, head, clerk]",
            "line 2, ladder: a ladder that goes round has no",
        ),
        ("[clerk, head]", "[]", "line 2, ladder: the list is empty"),
        ("  - id: cem", "  - cem", "line 19, people[1]: must be a mapping with id, name"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, message: str) -> None:
    assert old in PEOPLE
    refused(PEOPLE.replace(old, new, 1), message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("people: []\n", "line 1, people: the list is empty"),
        ("people:\n", "line 1, people: must be a list, not empty"),
        ("tz: UTC\n", "line 1: the field 'people' is missing"),
        ("- maria\n", "line 1: must be a mapping with people, tz, ladder"),
        ("people.yaml", "people: people_from takes a YAML text with line breaks"),
        (
            "people:\n  - {id: cem, hours: Mon-Fri}\n",
            "line 2, people[0].hours: the field 'tz' is missing, here or beside 'people'",
        ),
        (
            "people:\n  - {id: cem, holidays: x.ics}\n",
            "line 2, people[0].holidays: holidays mean nothing without hours",
        ),
        (
            "people:\n  - {id: cem, absences: [{begins: 2026-12-24, ends: 2027-01-01}]}\n",
            "line 2, people[0].absences[0].begins: 2026-12-24 has no time zone: add tz: Europe",
        ),
        (
            "people:\n  - {id: ann, delegate: bob}\n  - {id: bob, delegate: ann}\n",
            "line 2, people[0].delegate: delegation goes round: ann > bob > ann",
        ),
    ],
)
def test_people_that_cannot_be(text: str, message: str) -> None:
    refused(text, message)


def test_a_delegate_who_is_absent_too() -> None:
    absences = "absences: [{begins: 2026-12-24, ends: 2027-01-01}]"
    refused(
        f"tz: UTC\npeople:\n  - {{id: ann, delegate: bob, {absences}}}\n"
        f"  - {{id: bob, {absences}}}\n",
        "line 3, people[0].absences: ann is away from 2026-12-24 00:00 to 2027-01-01 00:00 UTC and "
        "delegates to bob, who is absent too",
    )


@pytest.mark.parametrize("given", [None, 5, [], b"people"])
def test_what_is_neither_a_text_nor_a_dict(given: Any) -> None:
    with pytest.raises(GateError):
        people_from(given)


FIELDS = st.sampled_from(["id", "level", "skills", "hours", "absences", "limit", "tz", "on_call"])


@given(
    st.fixed_dictionaries(
        {"people": st.lists(st.dictionaries(FIELDS, JSON | st.just("ann"))) | JSON},
        optional={"tz": JSON | st.just("UTC"), "ladder": JSON},
    )
    | JSON
)
def test_whatever_is_given_is_people_or_a_clear_error(data: Any) -> None:
    with suppress(GateError):
        assert isinstance(people_from(data), Roster)
