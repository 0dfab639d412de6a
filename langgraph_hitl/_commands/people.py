"""`langgraph-hitl people`: who reviews, who is there now, and whether every panel can be filled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from langgraph_hitl._commands.given import moment
from langgraph_hitl._commands.opened import Opened, opened
from langgraph_hitl._commands.options import Where
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.status import Status
from langgraph_hitl._commands.tables import plain_table
from langgraph_hitl._terminal.sanitise import one_line

if TYPE_CHECKING:
    from langgraph_hitl.people import Member, Roster

_NAMES = ("id", "there", "acts for", "level", "roles", "skills", "until")


def people(
    out: Output,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="People in YAML.")],
    *,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="The moment, such as 2026-12-31T18:00:00+01:00; now by default.",
        ),
    ] = None,
    where: Where,
) -> Status:
    """Check a file of people, and show who is there.

    Who is away is shown with who acts meanwhile. With --app, also whether the people there are can
    fill every panel of its gates. Exit status 1 if one cannot be filled, and for a file that is
    wrong.

    --json: {"at", "people": [{"id", "name", "roles", "level", "skills", "on_call", "state":
    "there", "off" or "absent", "until", "acts_for": [ids], "deputy"}, ...], "panels": [{"graph",
    "gate", "rule", "lacks": what is missing, or null}, ...], or null without --app}.
    """
    from langgraph_hitl.people import load_people

    now = datetime.now(UTC) if at is None else moment(at, "--at")
    roster = load_people(file)
    shown = [_shown(roster, member, now) for member in roster.reviewers()]
    panels = None
    if where.app:
        with opened(settings_of(where), need="always", say=out.say) as desk:
            panels = list(_panels(desk, roster))
    if out.as_json:
        out.document({"at": now.isoformat(), "people": shown, "panels": panels})
    else:
        rows = [_row(each) for each in shown]
        out.table(plain_table(_NAMES, rows, out.width))
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
    }


def _panels(desk: Opened, roster: Roster) -> Iterator[dict[str, Any]]:
    """Every panel that may have to decide, and what it lacks."""
    from langgraph_hitl._subgraph.terms import terms_in
    from langgraph_hitl.people import vacancy

    for name, owned in desk.graphs.items():
        for spec in owned.inbox._office.registry.specs_of(name):
            for terms in terms_in(spec.panel, spec.limit, spec.policy, spec.escalations):
                panel = terms.panel
                if panel is None:
                    continue
                lacks = vacancy(panel, roster.reviewers())
                yield {"graph": name, "gate": spec.name, "rule": panel.rule, "lacks": lacks}


def _row(shown: dict[str, Any]) -> list[str]:
    there = {"there": "yes", "off": "on call" if shown["on_call"] else "not now", "absent": "away"}
    until = datetime.fromisoformat(shown["until"]) if shown["until"] else None
    return [
        shown["id"],
        there[shown["state"]],
        ", ".join(shown["acts_for"]),
        shown["level"] or "",
        ", ".join(shown["roles"]),
        ", ".join(shown["skills"]),
        _until(until, shown["deputy"]),
    ]


def _until(until: datetime | None, deputy: str | None) -> str:
    if until is None:
        return ""
    acting = f", {deputy} acts" if deputy else ", nobody acts"
    return f"{until.astimezone(UTC):%Y-%m-%d %H:%M}{acting}"


def _tell(out: Output, panels: list[dict[str, Any]] | None) -> None:
    lacking = [each for each in panels or () if each["lacks"]]
    for each in lacking:
        where = one_line(f"{each['graph']}, {each['gate']}")
        out.say(f"{where}: {one_line(each['lacks'])}", "red")
    if panels and not lacking:
        out.say(f"Every panel can be filled: {len(panels)} of {len(panels)}.", "green")
