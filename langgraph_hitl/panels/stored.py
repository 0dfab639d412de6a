"""`panel_from_json` and `panel_of`: panels from what was stored, and from what a gate was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langgraph_hitl.errors import GateError
from langgraph_hitl.panels.all_of import AllOf
from langgraph_hitl.panels.electorate import Electorate
from langgraph_hitl.panels.majority import Majority
from langgraph_hitl.panels.mix import NO_MIX, Mix
from langgraph_hitl.panels.panel import VERSION, Panel
from langgraph_hitl.panels.quorum import Quorum, anyone
from langgraph_hitl.panels.unanimous import Unanimous
from langgraph_hitl.panels.veto import Veto
from langgraph_hitl.panels.who import role_key
from langgraph_hitl.review.reviewer import Reviewer


def panel_of(given: Any) -> Panel:
    """The panel that `reviewers=` names: a panel, or whom the first vote of is enough.

    Raises `GateError` for anything else.

    >>> panel_of("editors").rule
    'any of editors'
    """
    if isinstance(given, Panel):
        return given
    if isinstance(given, str | Reviewer):
        return anyone(given)
    if isinstance(given, list | tuple) and given:
        return anyone(*given)
    raise GateError(
        "reviewers takes a role (a text), a Reviewer, a list of these, or a panel of "
        f"langgraph_hitl.panels, not {type(given).__name__ if given else repr(given)}"
    )


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
    if version != VERSION:
        raise GateError(
            f"this release reads panels of version {VERSION}, not {version!r:.40}; "
            "install the release that has written it"
        )
    try:
        return _read(stored)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GateError(f"a stored panel cannot be read: {error}") from None


def _read(stored: Mapping[str, Any]) -> Panel:
    policy = {"blind": stored["blind"], "may_change": stored["may_change"]}
    kind = stored["panel"]
    if kind == "all_of":
        return AllOf(parts=tuple(map(panel_from_json, stored["parts"])), **policy)
    electorate = Electorate.from_json(stored)
    veto = Veto(tuple(stored.get("veto", ())), electorate.given if "veto" in stored else {})
    common: dict[str, Any] = {"electorate": electorate, "veto": veto, **policy}
    match kind:
        case "quorum":
            seats = {role_key(role): count for role, count in stored.get("roles", {}).items()}
            mix = Mix(seats, electorate.given) if seats else NO_MIX
            return Quorum(n=stored["n"], against=stored.get("against"), mix=mix, **common)
        case "majority":
            return Majority(tie=stored["tie"], **common)
        case "unanimous":
            return Unanimous(**common)
        case _:
            raise GateError(f"unknown panel {kind!r:.40}")
