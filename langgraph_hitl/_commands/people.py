"""`langgraph-hitl people`: who reviews, who is there now, and whether every panel can be filled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from langgraph_hitl._commands.given import when
from langgraph_hitl._commands.opened import Need, Opened, opened
from langgraph_hitl._commands.options import Where
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.status import Status
from langgraph_hitl._commands.tables import moment_text, plain_table
from langgraph_hitl._terminal.sanitise import one_line

if TYPE_CHECKING:
    from langgraph_hitl._subgraph.spec import GateSpec
    from langgraph_hitl.panels import Panel
    from langgraph_hitl.people import Absence, Member, Roster

_NAMES = (
    "id",
    "there",
    "acts for",
    "level",
    "roles",
    "skills",
    "on call",
    "hours",
    "delegate",
    "away",
    "session",
)
_ALWAYS = ("id", "there")
"""Columns that are shown though nothing is in them."""


def people(
    out: Output,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="People in YAML.")],
    *,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="When: a date (by UTC) such as 2026-12-31, a moment such as 2026-12-31T18:00 (by "
            "UTC) or 2026-12-31T18:00+01:00, or a time from now such as 3d; now by default.",
        ),
    ] = None,
    where: Where,
) -> Status:
    """Check a file of people, and show who is there.

    Who is away is shown with who acts meanwhile, and the absences that come. With --inbox or --app
    also how much of their session limit people have used, and with --app whether the people there
    are can fill every panel of its gates, and of its tools. Exit status 1 if one cannot be filled,
    and for a file that is wrong.

    --json: {"at", "people": [{"id", "name", "roles", "level", "skills", "on_call", "state":
    "there", "off" or "absent", "until", "acts_for": [ids], "deputy", "delegate", "hours": [texts],
    "tz", "absences": [{"begins", "ends", "delegate"}, ...] from now on, "limit": {"decisions",
    "minutes"} or null, "session": {"decided", "free_at": a moment, or null} or null}, ...],
    "panels": [{"graph", "gate", "rule", "lacks": what is missing, or null}, ...], or null without
    --app}; for the calls of a tool "graph" is null, and "gate" the tool.
    """
    from langgraph_hitl.people import load_people

    given = timedelta() if at is None else when(at, "--at")
    now = datetime.now(UTC) + given if isinstance(given, timedelta) else given
    roster = load_people(file)
    shown = [_shown(roster, member, now) for member in roster.reviewers()]
    panels = None
    if where.app or where.inbox is not None:
        need: Need = "always" if where.app else "to find the inbox"
        with opened(settings_of(where), need=need, say=out.say) as desk:
            sessions = [_session(desk, member, now) for member in roster.reviewers()]
            panels = list(_panels(desk, roster)) if where.app else None
        shown = [each | {"session": one} for each, one in zip(shown, sessions, strict=True)]
    if out.as_json:
        out.document({"at": now.isoformat(), "people": shown, "panels": panels})
    else:
        columns = zip(_NAMES, zip(*map(_row, shown), strict=True), strict=True)
        filled = [each for each in columns if each[0] in _ALWAYS or any(each[1])]
        rows = list(zip(*(cells for _, cells in filled), strict=True))
        out.table(plain_table([name for name, _ in filled], rows, out.width))
        _tell(out, panels)
    return Status.FAILED if any(each["lacks"] for each in panels or ()) else Status.DONE


def _shown(roster: Roster, member: Member, now: datetime) -> dict[str, Any]:
    from langgraph_hitl.people import acts_for, deputy_of

    who, members = member.reviewer, roster.reviewers()
    absence = member.absence_at(now)
    deputy = deputy_of(members, member.id, now)
    state = "absent" if absence else "there" if member.is_working(now) else "off"
    acting = [] if absence else [one.id for one in acts_for(members, member.id, now)]
    return {
        "id": member.id,
        "name": who.name,
        "roles": list(who.roles),
        "level": who.level,
        "skills": list(who.skills),
        "on_call": member.on_call,
        "state": state,
        "until": absence.ends.isoformat() if absence else None,
        "acts_for": acting,
        "deputy": deputy.id if deputy else None,
        "delegate": member.delegate,
        "hours": [span.text for span in member.hours.spans] if member.hours else [],
        "tz": member.hours.zone_name if member.hours else None,
        "absences": [_absence(member, one) for one in member.absences if one.ends > now],
        "limit": _limit(member),
        "session": None,
    }


def _absence(member: Member, absence: Absence) -> dict[str, Any]:
    return {
        "begins": absence.begins.isoformat(),
        "ends": absence.ends.isoformat(),
        "delegate": member.delegate_in(absence),
    }


def _limit(member: Member) -> dict[str, Any] | None:
    limit = member.limit
    if limit is None:
        return None
    return {"decisions": limit.decisions, "minutes": limit.within / timedelta(minutes=1)}


def _session(desk: Opened, member: Member, now: datetime) -> dict[str, Any] | None:
    """How much of the limit was used lately, and when the rest that it takes is over."""
    limit = member.limit
    if limit is None:
        return None
    with desk.inbox._office.ledger.looking() as rx:
        decided = rx.decisions(member.id, limit.decisions)
    free = limit.free_at(decided, now)
    return {
        "decided": sum(moment > now - limit.within for moment in decided),
        "free_at": free.isoformat() if free > now else None,
    }


def _panels(desk: Opened, roster: Roster) -> Iterator[dict[str, Any]]:
    """Every panel that may have to decide, and what it lacks; those of calls are in no graph."""
    calls: set[tuple[str, str]] = set()
    for name, owned in desk.graphs.items():
        registry = owned.inbox._office.registry
        for spec in registry.specs_of(name):
            for panel in _panels_of(spec):
                yield _panel(name, spec.name, panel, roster)
        for spec in registry.calls:
            for panel in _panels_of(spec):
                action = spec.rules.action
                if (action, panel.rule) not in calls:
                    calls.add((action, panel.rule))
                    yield _panel(None, action, panel, roster)


def _panels_of(spec: GateSpec) -> Iterator[Panel]:
    from langgraph_hitl._subgraph.terms import terms_in

    every = terms_in(spec.panel, spec.limit, spec.policy, spec.escalations, spec.chair)
    return (terms.panel for terms in every if terms.panel is not None)


def _panel(graph: str | None, gate: str, panel: Panel, roster: Roster) -> dict[str, Any]:
    from langgraph_hitl.people import vacancy

    lacks = vacancy(panel, roster.reviewers())
    return {"graph": graph, "gate": gate, "rule": panel.rule, "lacks": lacks}


def _row(shown: dict[str, Any]) -> list[str]:
    there = {"there": "yes", "off": "on call" if shown["on_call"] else "not now", "absent": "away"}
    return [
        shown["id"],
        there[shown["state"]],
        ", ".join(shown["acts_for"]),
        shown["level"] or "",
        ", ".join(shown["roles"]),
        ", ".join(shown["skills"]),
        "yes" if shown["on_call"] else "",
        f"{', '.join(shown['hours'])} {shown['tz']}" if shown["hours"] else "",
        shown["delegate"] or "",
        "; ".join(_away(shown, absence) for absence in shown["absences"]),
        _used(shown["limit"], shown["session"]),
    ]


def _away(shown: dict[str, Any], absence: dict[str, Any]) -> str:
    begins, ends = _minute(absence["begins"]), _minute(absence["ends"])
    if absence["ends"] == shown["until"]:
        return f"until {ends}, {shown['deputy'] or 'nobody'} acts"
    return f"{begins} to {ends}, {absence['delegate'] or 'nobody'} acts"


def _minute(moment: str) -> str:
    return moment_text(datetime.fromisoformat(moment))


def _used(limit: dict[str, Any] | None, session: dict[str, Any] | None) -> str:
    if limit is None:
        return ""
    allowed = f"{limit['decisions']} in {limit['minutes']:g} min"
    if session is None:
        return allowed
    rests = f", rests until {_minute(session['free_at'])}" if session["free_at"] else ""
    return f"{session['decided']} of {allowed}{rests}"


def _tell(out: Output, panels: list[dict[str, Any]] | None) -> None:
    lacking = [each for each in panels or () if each["lacks"]]
    for each in lacking:
        where = one_line(", ".join(filter(None, (each["graph"], each["gate"]))))
        out.say(f"{where}: {one_line(each['lacks'])}", "red")
    if panels and not lacking:
        out.say(f"Every panel can be filled: {len(panels)} of {len(panels)}.", "green")
