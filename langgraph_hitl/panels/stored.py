"""`panel_from_json`: panels from what was stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.all_of import all_of
from langgraph_hitl.panels.by_risk import by_risk
from langgraph_hitl.panels.chain import chain
from langgraph_hitl.panels.ladder import Ladder
from langgraph_hitl.panels.majority import majority
from langgraph_hitl.panels.panel import VERSION, Panel
from langgraph_hitl.panels.poll import poll
from langgraph_hitl.panels.quorum import quorum
from langgraph_hitl.panels.unanimous import unanimous
from langgraph_hitl.panels.who import ANYBODY, Skill, person_in, role_in, skill_in
from langgraph_hitl.review.reviewer import Reviewer


def panel_from_json(stored: Mapping[str, Any]) -> Panel:
    """The panel that `to_json` has written.

    Raises `GateError` for what no release has written, or only a newer one.

    >>> from langgraph_hitl.panels import quorum
    >>> panel = quorum(2, of="security", veto="ciso")
    >>> panel_from_json(panel.to_json()) == panel
    True
    """
    if not isinstance(stored, Mapping):
        raise GateError(f"a stored panel is an object, not {type(stored).__name__}")
    version = stored.get("version")
    if version != VERSION or isinstance(version, bool):
        raise GateError(
            f"this release reads panels of version {VERSION}, not {version!r:.40}; "
            "install the release that has written it"
        )
    try:
        return _read(stored)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise GateError(f"a stored panel cannot be read: {error}") from error


def _read(stored: Mapping[str, Any]) -> Panel:
    """Through the constructors, so that the same checks hold."""
    policy: dict[str, Any] = {name: stored[name] for name in ("blind", "may_change")}
    match stored["panel"]:
        case "all_of":
            return all_of(*map(panel_from_json, stored["parts"]), **policy)
        case "quorum":
            policy |= {name: stored.get(name) for name in ("roles", "against")}
            return quorum(stored["n"], **_electorate(stored), **_veto(stored), **policy)
        case "majority":
            policy |= {"tie": stored["tie"]}
            return majority(**_electorate(stored), **_veto(stored), **policy)
        case "poll":
            policy |= {"consensus": stored["consensus"], "early": stored["early"]}
            return poll(stored["n"], of=_electorate(stored, weighted=False)["of"], **policy)
        case "unanimous":
            return unanimous(**_electorate(stored, weighted=False), **policy)
        case "chain":
            return _chain(stored)
        case "by_risk":
            parts = map(panel_from_json, stored["parts"])
            return by_risk(dict(zip(stored["from"], parts, strict=True)))
        case kind:
            raise GateError(f"unknown panel {kind!r:.40}")


def _chain(stored: Mapping[str, Any]) -> Panel:
    panel = chain(
        *stored["levels"],
        ladder=Ladder(*stored["ladder"]),
        within={level: timedelta(seconds=limit) for level, limit in stored["within"].items()},
        bands=stored["bands"] or None,
    )
    return replace(panel, at=stored["at"], blind=stored["blind"], may_change=stored["may_change"])


def _electorate(stored: Mapping[str, Any], *, weighted: bool = True) -> dict[str, Any]:
    keys, size = stored["of"], stored.get("size")
    if not isinstance(keys, list):
        raise GateError("of must be a list")
    if keys == [ANYBODY]:
        options: dict[str, Any] = {"of": size}
    else:
        given = stored.get("given", {})
        options = {"of": [_named(key, given) for key in keys], "size": size}
    if weighted and "weights" in stored:
        options["weights"] = {_named(key): weight for key, weight in stored["weights"].items()}
    return options


def _veto(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {"veto": [*map(_named, stored["veto"])]} if "veto" in stored else {}


def _named(key: str, given: Mapping[str, list[str]] | None = None) -> str | Reviewer | Skill:
    """The role, the skill or the person of a key, with the roles given with the person."""
    person, role, skill = person_in(key), role_in(key), skill_in(key)
    if skill is not None:
        return Skill(skill)
    if person is not None:
        return Reviewer(person, (given or {}).get(person, ()))
    if role is None:
        raise GateError(f"{key!r:.40} is no key")
    return role
