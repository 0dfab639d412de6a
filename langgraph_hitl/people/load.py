"""`load_people` and `people_from`: people from YAML, with the line where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from os import PathLike
from typing import Any, NamedTuple

from langgraph_hitl._data.fields import (
    Fields,
    fields_of,
    kind_of,
    list_of,
    number_of,
    one_of,
    text_of,
)
from langgraph_hitl._data.place import Origin, Place
from langgraph_hitl._data.yaml_text import read_yaml
from langgraph_hitl.panels.ladder import DEFAULT_LADDER, Ladder
from langgraph_hitl.people.absence import Absence
from langgraph_hitl.people.delegation import delegation_problem
from langgraph_hitl.people.hours import WorkingHours
from langgraph_hitl.people.member import Member
from langgraph_hitl.people.roster import Roster
from langgraph_hitl.people.session import SessionLimit
from langgraph_hitl.review.reviewer import Reviewer
from langgraph_hitl.triggers.calendar import Calendar
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.zone import zone_of

_DOCUMENT = ("people", "tz", "ladder")
_PERSON = (
    "id",
    "name",
    "roles",
    "level",
    "skills",
    "tz",
    "hours",
    "holidays",
    "on_call",
    "delegate",
    "limit",
    "absences",
)


class _Settings(NamedTuple):
    """What holds for everybody in a document."""

    ladder: Ladder
    tz: tuple[str, tzinfo] | None


def load_people(path: str | PathLike[str], *, ladder: Ladder | None = None) -> Roster:
    """The people in a YAML file. Needs the extra `[policy]`.

    Args:
        path: The file: UTF-8, YAML 1.2, with the fields that `people_from` shows.
        ladder: As in `people_from`.

    Raises `GateError` with the file and the line, and `MissingExtra`.
    """
    return _people(*read_yaml(path, "people"), ladder)


def people_from(source: str | Mapping[str, Any], *, ladder: Ladder | None = None) -> Roster:
    """The people in a YAML text or in a dict of the same form.

    Args:
        source: A YAML text, which has a line break, or a dict.
        ladder: The levels there are, where the source has no `ladder`. Without either they are
            those of the package: member, lead, director, executive.

    A time without an offset is one of the `tz` of the person, or else of the document. A date is
    its first moment, so that a person is back on the day on which an absence `ends`.

    Raises `GateError` with the line for whatever is unknown, missing, there twice, or cannot be.

    >>> roster = people_from('''
    ... tz: Europe/Berlin
    ... people:
    ...   - id: maria
    ...     roles: editors
    ...     level: lead
    ...     skills: [tax, german]
    ...     hours: Mon-Fri 09:00-17:00
    ...     limit: {decisions: 40, minutes: 60}
    ...     delegate: cem
    ...     absences:
    ...       - {begins: 2026-12-24, ends: 2027-01-04 09:00}
    ...   - id: cem
    ...     on_call: true
    ... ''')
    >>> roster.find("maria").absences[0].ends.isoformat()
    '2027-01-04T08:00:00+00:00'
    >>> people_from({"people": [{"id": "cem", "levle": "lead"}]})
    Traceback (most recent call last):
    langgraph_hitl.errors.GateError: people[0].levle: unknown field 'levle'; did you mean 'level'?
    """
    if isinstance(source, Mapping):
        return _people(source, Place(Origin(what="people")), ladder)
    if isinstance(source, str) and "\n" not in source:
        raise Place(Origin(what="people")).error(
            "people_from takes a YAML text with line breaks, or a dict; load_people reads a file"
        )
    return _people(*read_yaml(source, "people"), ladder)


def _people(data: Any, place: Place, ladder: Ladder | None) -> Roster:
    fields = fields_of(data, place, known=_DOCUMENT, required=("people",))
    settings = _Settings(_ladder(fields, ladder), _zone(fields))
    members: list[Member] = []
    places: dict[str, Place] = {}
    for index, item in enumerate(list_of(fields.values["people"], fields.at("people"))):
        inside = fields.at("people") / index
        member = _member(fields_of(item, inside, known=_PERSON, required=("id",)), settings)
        if member.id in places:
            first = places[member.id].line
            told = "" if first is None else f", first in line {first}"
            raise (inside / "id").error(f"the id {member.id!r} stands twice{told}")
        places[member.id] = inside
        members.append(member)
    problem = delegation_problem(members)
    if problem is not None:
        way = places[problem.id]
        raise (way / "delegate" if problem.absence is None else way / "absences").error(
            problem.text
        )
    return Roster(*members)


def _ladder(fields: Fields, ladder: Ladder | None) -> Ladder:
    if "ladder" not in fields:
        return ladder or DEFAULT_LADDER
    levels = list_of(fields.values["ladder"], fields.at("ladder"))
    with fields.at("ladder").blamed():
        return Ladder(*levels)


def _zone(fields: Fields) -> tuple[str, tzinfo] | None:
    if "tz" not in fields:
        return None
    name = fields.text("tz")
    with fields.at("tz").blamed():
        return name, zone_of(name)[0]


def _member(fields: Fields, settings: _Settings) -> Member:
    tz = _zone(fields) or settings.tz
    reviewer = _reviewer(fields, settings.ladder)
    hours = _hours(fields, tz)
    limit = _limit(fields)
    absences = tuple(_absences(fields, tz))
    delegate, on_call = fields.text("delegate") or None, _on_call(fields)
    with fields.place.blamed():
        return Member(
            reviewer,
            absences=absences,
            delegate=delegate,
            hours=hours,
            on_call=on_call,
            limit=limit,
        )


def _reviewer(fields: Fields, ladder: Ladder) -> Reviewer:
    level = None
    if "level" in fields:
        level = one_of(fields.values["level"], fields.at("level"), ladder.levels, "level")
    known_as, name = fields.text("id"), fields.text("name") or None
    roles, skills = fields.texts("roles"), fields.texts("skills")
    with fields.place.blamed():
        return Reviewer(known_as, roles, name=name, level=level, skills=skills)


def _on_call(fields: Fields) -> bool:
    given = fields.values.get("on_call", False)
    if not isinstance(given, bool):
        raise fields.at("on_call").error(f"must be true or false, not {kind_of(given)}")
    return given


def _hours(fields: Fields, tz: tuple[str, tzinfo] | None) -> WorkingHours | None:
    if "hours" not in fields:
        if "holidays" in fields:
            raise fields.at("holidays").error("holidays mean nothing without hours")
        return None
    if tz is None:
        raise fields.at("hours").error("the field 'tz' is missing, here or beside 'people'")
    spans = fields.texts("hours")
    with fields.at("hours").blamed():
        WorkingHours(*spans, tz=tz[0])
    return WorkingHours(*spans, tz=tz[0], holidays=list(_holidays(fields)))


def _holidays(fields: Fields) -> Iterator[Calendar]:
    for index, text in enumerate(fields.texts("holidays")):
        place = fields.item("holidays", index)
        with place.blamed():
            yield Calendar.read(str(place.origin.folder / text))


def _limit(fields: Fields) -> SessionLimit | None:
    if "limit" not in fields:
        return None
    known = ("decisions", "minutes")
    inside = fields_of(fields.values["limit"], fields.at("limit"), known=known, required=known)
    minutes = number_of(inside.values["minutes"], inside.at("minutes"))
    if not 0 < minutes <= 1_000_000:
        raise inside.at("minutes").error(f"must be above 0 and up to a million, not {minutes}")
    with inside.at("decisions").blamed():
        return SessionLimit(decisions=inside.values["decisions"], within=timedelta(minutes=minutes))


def _absences(fields: Fields, tz: tuple[str, tzinfo] | None) -> Iterator[Absence]:
    if "absences" not in fields:
        return
    for index, item in enumerate(list_of(fields.values["absences"], fields.at("absences"))):
        inside = fields_of(
            item,
            fields.at("absences") / index,
            known=("begins", "ends", "delegate"),
            required=("begins", "ends"),
        )
        begins, ends = (
            _moment(inside.values[name], inside.at(name), tz) for name in ("begins", "ends")
        )
        delegate = inside.text("delegate") or None
        with inside.place.blamed():
            yield Absence(begins, ends, delegate)


def _moment(given: Any, place: Place, tz: tuple[str, tzinfo] | None) -> datetime:
    found = given if isinstance(given, date) else _parsed(text_of(given, place), place)
    moment = found if isinstance(found, datetime) else datetime.combine(found, time())
    if moment.utcoffset() is not None:
        return moment
    if tz is None:
        raise place.error(
            f"{given} has no time zone: add tz: Europe/Berlin, here or beside 'people'"
        )
    return moment.replace(tzinfo=tz[1])


def _parsed(text: str, place: Place) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise place.error(
            f"must be a date or a time such as 2026-12-24 or 2026-12-24 09:00, not {quoted(text)}"
        ) from None
