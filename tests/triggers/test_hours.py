"""`during` and `outside`: whether a person is asked now, and what the finding says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events  # type: ignore[import-untyped]

from langgraph_hitl import Approve, Revise, human_approval
from langgraph_hitl.errors import GateError
from langgraph_hitl.review import Finding
from langgraph_hitl.triggers import Calendar, Trigger, during, outside, over
from langgraph_hitl.triggers.condition import bind
from langgraph_hitl.triggers.source import declare_all
from tests.apps import State, one_gate
from tests.drivers import Driver
from tests.triggers.ics_text import event, ics

DAILY = "RRULE:FREQ=DAILY"
OFFICE = "Mon-Fri 09:00-17:00"
SATURDAY = "Sat 10:00-14:00"


def holidays(*events: str) -> Calendar:
    christmas = event("SUMMARY:Christmas Day", "DTSTART:20201225", "RRULE:FREQ=YEARLY")
    return Calendar.parse(ics(christmas, *events), name="holidays.ics")


def found(trigger: Trigger, local: str, tz: str = "Europe/Berlin") -> Finding:
    """The finding at a local time, which is Berlin's unless it says otherwise."""
    return trigger({}, at=datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(tz)))


@pytest.mark.parametrize(
    ("local", "within"),
    [
        ("2026-06-01T09:00", True),
        ("2026-06-01T08:59:59.999999", False),
        ("2026-06-05T16:59:59.999999", True),
        ("2026-06-05T17:00", False),
        ("2026-06-06T10:15", True),
        ("2026-06-06T14:00", False),
        ("2026-12-25T10:00", True),
        ("2026-12-25T22:00", True),
        ("2027-12-25T22:00", True),
        ("2026-12-26T09:00", False),
    ],
)
def test_several_hours_are_taken_together(local: str, within: bool) -> None:
    hours = (OFFICE, SATURDAY, holidays())
    assert found(during(*hours, tz="Europe/Berlin"), local).needed is within
    assert found(outside(*hours, tz="Europe/Berlin"), local).needed is not within


@pytest.mark.parametrize("ask", [during, outside])
def test_the_sentence_is_true_whoever_asks(ask: Callable[..., Trigger]) -> None:
    office = ask(OFFICE, SATURDAY, holidays(), tz="Europe/Berlin")
    for trigger in (office, ~office):
        assert found(trigger, "2026-06-06T10:15").sentence == (
            "It is Sat 10:15 (Europe/Berlin), within Sat 10:00-14:00."
        )
        assert found(trigger, "2026-12-25T08:00").sentence == (
            "It is Fri 08:00 (Europe/Berlin), within 'Christmas Day' of holidays.ics."
        )
        assert found(trigger, "2026-12-25T09:00").sentence == (
            "It is Fri 09:00 (Europe/Berlin), within Mon-Fri 09:00-17:00 and 'Christmas Day' of "
            "holidays.ics."
        )
        assert found(trigger, "2026-06-06T09:15").sentence == (
            "It is Sat 09:15 (Europe/Berlin), outside Mon-Fri 09:00-17:00 and Sat 10:00-14:00 "
            "and the events of holidays.ics."
        )
        assert (
            found(~trigger, "2026-06-06T09:15").needed
            is not found(trigger, "2026-06-06T09:15").needed
        )


@pytest.mark.parametrize("ask", [during, outside])
def test_the_finding_has_its_facts(ask: Callable[..., Trigger]) -> None:
    office = ask(OFFICE, holidays(), tz="Europe/Berlin")
    inside = found(office, "2026-12-25T09:00")
    assert inside.trigger == ask.__name__
    assert inside.details == {
        "local_time": "2026-12-25T09:00:00+01:00",
        "tz": "Europe/Berlin",
        "within": [OFFICE, "'Christmas Day' of holidays.ics"],
    }
    assert found(office, "2026-12-26T09:00").details == {
        "local_time": "2026-12-26T09:00:00+01:00",
        "tz": "Europe/Berlin",
        "within": [],
    }


@pytest.mark.parametrize(
    ("tz", "start", "clocks"),
    [
        ("Europe/Berlin", "2026-03-29T00:30", "01:30 03:00 03:30 04:00"),
        ("Europe/Berlin", "2026-10-24T23:30", "01:30 02:00 02:30 02:00 02:30 03:00"),
        ("America/New_York", "2026-03-08T06:30", "01:30 03:00 03:30 04:00"),
        ("America/New_York", "2026-11-01T05:00", "01:00 01:30 01:00 01:30 02:00 02:30"),
        ("Australia/Lord_Howe", "2026-10-03T15:00", "01:30 02:30 03:00 03:30"),
        ("Australia/Lord_Howe", "2026-04-04T14:30", "01:30 01:30 02:00 02:30 03:00"),
    ],
)
def test_where_the_clocks_change_the_clock_on_the_wall_decides(
    tz: str, start: str, clocks: str
) -> None:
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    floating = Calendar.parse(ics(event("DTSTART:20260101T020000", "DURATION:PT1H", DAILY)))
    for clock in clocks.split():
        for first, end in (("02:00", "03:00"), ("02:30", "04:00"), ("01:30", "02:00")):
            finding = during(f"Sun {first}-{end}", tz=tz)({}, at=moment)
            assert finding.needed is (first <= clock < end)
            assert f"It is Sun {clock} ({tz})" in finding.sentence
        assert during(floating, tz=tz)({}, at=moment).needed is ("02:00" <= clock < "03:00")
        moment += timedelta(minutes=30)


def test_a_night_lasts_from_midnight_to_midnight_and_over_it() -> None:
    night = during("Fri 22:00-06:00", tz="America/New_York")
    for local, within in [
        ("2026-06-05T21:59:59", False),
        ("2026-06-05T22:00", True),
        ("2026-06-06T00:00", True),
        ("2026-06-06T05:59:59", True),
        ("2026-06-06T06:00", False),
        ("2026-06-06T22:00", False),
    ]:
        assert found(night, local, "America/New_York").needed is within


def test_a_tzinfo_will_do() -> None:
    finding = during("12:00-13:00", tz=timezone(timedelta(hours=5, minutes=45)))(
        {}, at=datetime(2026, 6, 1, 6, 15, tzinfo=UTC)
    )
    assert finding.needed is True
    assert finding.sentence == "It is Mon 12:00 (UTC+05:45), within 12:00-13:00."


def test_an_empty_calendar_is_never_during() -> None:
    empty = Calendar.parse(ics(), name="holidays.ics")
    assert found(during(empty, tz="UTC"), "2026-12-25T09:00", "UTC").needed is False
    assert found(outside(empty, tz="UTC"), "2026-12-25T09:00", "UTC").needed is True
    sentence = found(outside(empty, tz="UTC"), "2026-12-25T09:00", "UTC").sentence
    assert sentence == "It is Fri 09:00 (UTC), outside the events of holidays.ics."


def test_what_a_calendar_says_is_quoted() -> None:
    name = "SUMMARY:Party\\n\u202eIt is safe.\x1b[31m " + "x" * 10_000
    wild = Calendar.parse(ics(event(name, "DTSTART:20261225")), name="party.ics")
    finding = found(during(wild, tz="UTC"), "2026-12-25T09:00", "UTC")
    assert finding.sentence.startswith("It is Fri 09:00 (UTC), within 'Party")
    assert finding.sentence.isprintable()
    assert len(finding.sentence) < 150
    assert len(str(finding.details)) < 300


def test_a_trigger_shows_what_it_is() -> None:
    shown = repr(outside(OFFICE, holidays(), tz="Europe/Berlin"))
    assert shown == "outside('Mon-Fri 09:00-17:00', <Calendar holidays.ics>, tz='Europe/Berlin')"


def test_many_events_are_counted() -> None:
    many = Calendar.parse(
        ics(*(event(f"SUMMARY:E{n}", "DTSTART:20261225") for n in range(40))), name="many.ics"
    )
    finding = found(during(many, tz="UTC"), "2026-12-25T09:00", "UTC")
    assert finding.sentence.endswith(
        "within 'E0' of many.ics and 'E1' of many.ics and 'E2' of many.ics and 37 more."
    )
    assert finding.details is not None
    assert len(finding.details["within"]) == 20


def test_an_event_without_a_name_is_an_event() -> None:
    nameless = Calendar.parse(ics(event("DTSTART:20261225")))
    sentence = found(during(nameless, tz="UTC"), "2026-12-25T09:00", "UTC").sentence
    assert sentence == "It is Fri 09:00 (UTC), within an event of the calendar."


@pytest.mark.parametrize("ask", [during, outside])
@pytest.mark.parametrize(
    ("hours", "culprit"),
    [
        ((), "takes spans such as 'Mon-Fri 09:00-17:00', or calendars"),
        (("Mon-Fry",), "'Fry' is no day"),
        ((OFFICE, "09:00-09:00"), "'09:00-09:00' is no span of the week"),
        (("holidays.ics",), "Calendar.read('holidays.ics'), not 'holidays.ics'"),
        ((Path("holidays.ics"),), "Calendar.read('holidays.ics'), not a PosixPath"),
        ((None,), "not None"),
        (([OFFICE],), "not ['Mon-Fri 09:00-17:00']"),
    ],
)
def test_hours_that_cannot_be_understood(
    ask: Callable[..., Trigger], hours: tuple[Any, ...], culprit: str
) -> None:
    with pytest.raises(GateError) as refused:
        ask(*hours, tz="Europe/Berlin")
    assert culprit in str(refused.value)


@pytest.mark.parametrize("ask", [during, outside])
def test_the_zone_is_required(ask: Callable[..., Trigger]) -> None:
    with pytest.raises(TypeError, match="tz"):
        ask(OFFICE)
    with pytest.raises(GateError, match="unknown time zone 'Mars/Olympus'"):
        ask(OFFICE, tz="Mars/Olympus")
    with pytest.raises(GateError, match="tz must be a name"):
        ask(OFFICE, tz=None)


@pytest.mark.parametrize("ask", [during, outside])
def test_an_error_of_the_calendar_asks_a_person(
    ask: Callable[..., Trigger], monkeypatch: pytest.MonkeyPatch
) -> None:
    trigger = ask(holidays(), tz="UTC")

    def broken(_ics: Any) -> Any:
        raise OverflowError("too far")

    monkeypatch.setattr(recurring_ical_events, "of", broken)
    for either in (trigger, ~trigger):
        finding = found(either, "2026-12-25T09:00")
        assert finding.needed is True
        assert "OverflowError: too far" in finding.sentence


def test_importing_the_triggers_loads_no_calendar_library() -> None:
    program = (
        "import sys, langgraph_hitl.triggers as t; t.during('Mon', tz='UTC'); "
        "print([m for m in ('icalendar', 'recurring_ical_events') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


def at_local(local: str) -> Callable[[], datetime]:
    """A clock that stands."""
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    return lambda: moment.astimezone(UTC)


@pytest.mark.parametrize(
    ("local", "asked", "sentence"),
    [
        ("2026-06-05T16:59", False, "It is Fri 16:59 (Europe/Berlin), within Mon-Fri 09:00-17:00."),
        (
            "2026-06-05T17:00",
            True,
            "It is Fri 17:00 (Europe/Berlin), outside Mon-Fri 09:00-17:00 and Sat 10:00-14:00.",
        ),
    ],
)
def test_a_gate_asks_by_its_clock(sample: Driver, local: str, asked: bool, sentence: str) -> None:
    when = outside(OFFICE, SATURDAY, tz="Europe/Berlin")
    gate = human_approval("draft", when=when, clock=at_local(local))
    thread = sample.thread(one_gate(gate))
    result = thread.send({"draft": "Hello"})
    assert ("__interrupt__" in result) is asked
    if asked:
        assert thread.request.finding["sentence"] == sentence
        thread.decide(Approve())
    assert thread.ran == ["act:Hello"]
    assert thread.record["outcome"] == ("approved" if asked else "auto_approved")
    assert thread.record["finding"]["sentence"] == sentence
    assert thread.record["finding"]["details"]["tz"] == "Europe/Berlin"


def test_a_clock_without_a_zone_asks_a_person(sample: Driver) -> None:
    def naive() -> datetime:
        return datetime(2026, 6, 5, 12)

    gate = human_approval("draft", when=outside(OFFICE, tz="Europe/Berlin"), clock=naive)
    thread = sample.thread(one_gate(gate))
    thread.send({"draft": "Hello"})
    assert thread.request.finding["sentence"] == (
        "The clock gives 2026-06-05 12:00:00, which has no time zone."
    )


@pytest.mark.parametrize("ask", [during, outside])
def test_what_was_found_of_the_hour_stands(ask: Callable[..., Trigger]) -> None:
    condition = bind(ask(OFFICE, tz="Europe/Berlin"), declare_all({}))
    friday, monday = at_local("2026-06-05T17:00")(), at_local("2026-06-08T09:00")()
    first = condition.evaluate({}, friday)
    assert condition.evaluate({}, monday).needed is not first.needed
    assert condition.evaluate_again({}, monday, first.to_json()) == first


def test_a_new_version_is_not_judged_by_another_hour(sample: Driver) -> None:
    now = [at_local("2026-06-05T17:00")()]

    def rewrite(state: State) -> dict[str, Any]:
        now[0] = at_local("2026-06-08T09:00")()
        return {"draft": "Hello again"}

    when = outside(OFFICE, tz="Europe/Berlin") | over("score", 5)
    gate = human_approval("draft", when=when, revise=rewrite, clock=lambda: now[0])
    thread = sample.thread(one_gate(gate))
    thread.send({"draft": "Hello", "score": 1})
    first = thread.request.finding["sentence"]
    assert first == "It is Fri 17:00 (Europe/Berlin), outside Mon-Fri 09:00-17:00."
    thread.decide(Revise("again"))
    assert thread.request.subject == "Hello again"
    assert thread.request.finding["sentence"] == first
