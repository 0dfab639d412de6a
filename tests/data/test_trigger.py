"""A trigger described as data is the trigger of the same name, with the same options."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl._data.place import Origin, Place
from langgraph_hitl._data.trigger import trigger_of_data
from langgraph_hitl.triggers import (
    Salt,
    Trigger,
    always,
    below_confidence,
    complexity_above,
    flagged,
    never,
    over,
    risk_at_least,
    sampled,
)
from langgraph_hitl.triggers.calendar import Calendar
from langgraph_hitl.triggers.hours import during, outside
from tests.data.descriptions import SALT

TOP = Place(Origin()) / "when"
MONDAY_NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
MAY_DAY = datetime(2026, 5, 1, 10, tzinfo=UTC)
NO_MOMENTS: list[datetime] = [MONDAY_NOON]

STATES: list[dict[str, Any]] = [
    {},
    {
        "confidence": 0.9,
        "risk": "high",
        "complexity": 0.75,
        "legal": False,
        "press": True,
        "spent": 11,
        "item": {"id": "item-1", "risk": 0.2, "sure": 0.5},
    },
    {
        "confidence": 0.5,
        "risk": 0.1,
        "complexity": {"length": 0.1, "depth": 0.9},
        "legal": False,
        "press": False,
        "spent": 10,
        "item": {"id": "item-3", "risk": "critical", "sure": 0.95},
    },
    {"confidence": float("nan"), "risk": "grave", "legal": "no", "spent": True, "item": {"id": 5}},
]

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//EN
BEGIN:VEVENT
UID:1
SUMMARY:May Day
DTSTART;VALUE=DATE:20260501
END:VEVENT
END:VCALENDAR
"""


def same(data: Any, trigger: Trigger, moments: list[datetime] = NO_MOMENTS) -> None:
    """Both find the same in every state at every moment."""
    read = trigger_of_data(data, TOP)
    for at in moments:
        for state in STATES:
            assert read(state, at=at).to_json() == trigger(state, at=at).to_json()


@pytest.mark.parametrize(
    ("data", "trigger"),
    [
        ("always", always()),
        ("never", never()),
        ({"below_confidence": 0.8}, below_confidence(0.8)),
        ({"below_confidence": {"threshold": 0.6}}, below_confidence(0.6)),
        (
            {"below_confidence": {"threshold": 0.6, "confidence": "item.sure"}},
            below_confidence(0.6, confidence="item.sure"),
        ),
        ({"risk_at_least": "high"}, risk_at_least("high")),
        ({"risk_at_least": 0.15}, risk_at_least(0.15)),
        (
            {"risk_at_least": {"threshold": "medium", "risk": "item.risk"}},
            risk_at_least("medium", risk="item.risk"),
        ),
        ({"complexity_above": 0.7}, complexity_above(0.7)),
        (
            {"complexity_above": {"threshold": 0.5, "weights": {"depth": 2, "length": 1}}},
            complexity_above(0.5, weights={"depth": 2, "length": 1}),
        ),
        (
            {
                "complexity_above": {
                    "threshold": 0.4,
                    "factors": {"risk": "item.risk", "confidence": "item.sure"},
                    "weights": {"risk": 3},
                }
            },
            complexity_above(
                0.4,
                factors={"risk": "item.risk", "confidence": "item.sure"},
                weights={"risk": 3},
            ),
        ),
        (
            {"complexity_above": {"threshold": 0.4, "factors": "item.risk"}},
            complexity_above(0.4, factors="item.risk"),
        ),
        ({"flagged": "press"}, flagged("press")),
        ({"flagged": ["legal", "press"]}, flagged("legal", "press")),
        ({"over": {"field": "spent", "limit": 10}}, over("spent", 10)),
        ({"over": {"field": "item.risk", "limit": 0.1}}, over("item.risk", 0.1)),
        ({"not": {"flagged": "press"}}, ~flagged("press")),
        ({"not": "always"}, ~always()),
        ({"all": ["always"]}, always()),
        ({"all": [{"flagged": "press"}, "always"]}, flagged("press") & always()),
        ({"any": [{"flagged": "press"}, "never"]}, flagged("press") | never()),
        (
            {"any": [{"all": ["always", {"not": {"flagged": "legal"}}]}, {"below_confidence": 1}]},
            (always() & ~flagged("legal")) | below_confidence(1),
        ),
    ],
    ids=str,
)
def test_data_and_code_find_the_same(data: Any, trigger: Trigger) -> None:
    same(data, trigger)


def test_a_sample_is_drawn_by_the_salt_of_a_variable() -> None:
    by_name = {"rate": 0.25, "item_id": "item.id", "salt_env": SALT}
    given = Salt(b"0123456789abcdef", name=SALT)
    same({"sampled": by_name}, sampled(0.25, item_id="item.id", salt=given))
    same(
        {"sampled": {**by_name, "purpose": "audit"}},
        sampled(0.25, item_id="item.id", salt=given, purpose="audit"),
    )


@pytest.mark.parametrize(("name", "kind"), [("during", during), ("outside", outside)])
def test_hours_are_those_of_a_week_in_a_zone(name: str, kind: Any) -> None:
    spans = ["Mon-Fri 09:00-17:00", "Sun 22:00-06:00"]
    moments = [MONDAY_NOON, SUNDAY_NIGHT, MAY_DAY]
    for tz in ("Europe/Berlin", "America/New_York"):
        same({name: {"spans": spans, "tz": tz}}, kind(*spans, tz=tz), moments)
    same({name: {"spans": spans[0], "tz": "UTC"}}, kind(spans[0], tz="UTC"), moments)


def test_calendars_lie_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "holidays.ics"
    path.write_text(CALENDAR, encoding="utf-8")
    place = Place(Origin(folder=tmp_path))
    for calendar in ("holidays.ics", str(path)):
        data = {"during": {"calendars": [calendar], "spans": ["Sat-Sun"], "tz": "Europe/Berlin"}}
        read = trigger_of_data(data, place)
        trigger = during("Sat-Sun", Calendar.read(path), tz="Europe/Berlin")
        for at in (MONDAY_NOON, SUNDAY_NIGHT, MAY_DAY):
            assert read({}, at=at) == trigger({}, at=at)
        assert read({}, at=MAY_DAY).needed
        assert not read({}, at=MONDAY_NOON).needed


def test_a_long_list_is_no_deep_tree() -> None:
    flags = [{"over": {"field": "spent", "limit": limit}} for limit in range(2_000)]
    finding = trigger_of_data({"any": flags}, TOP)({"spent": 1_998})
    assert finding.needed
    assert len(finding.parts) == 2_000
    assert [part.details and part.details["limit"] for part in finding.parts] == [*range(2_000)]


def test_what_the_data_was_made_from_may_change_afterwards() -> None:
    factors = {"risk": "item.risk"}
    data = {"complexity_above": {"threshold": 0.1, "factors": factors}}
    read = trigger_of_data(data, TOP)
    factors["risk"] = "elsewhere"
    assert read({"item": {"risk": 0.2}}).needed
    assert "0.2" in read({"item": {"risk": 0.2}}).sentence
