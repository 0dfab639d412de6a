"""Who acts: said on the command line or in the configuration, and never guessed."""

from __future__ import annotations

from langgraph_hitl._commands.options import Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import OWN_FILE, Settings
from langgraph_hitl._commands.status import Refusal
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.reviewer import Reviewer


def acting(who: Who, settings: Settings, out: Output, *, verb: str = "Acting as") -> Reviewer:
    """The person, after saying who it is."""
    if settings.directory is not None and (who.role or who.level or who.skill):
        raise Refusal("The people of --directory have their roles, levels and skills; claim none")
    by, source = _reviewer(who, settings)
    had = [*by.roles, *([f"level {by.level}"] if by.level else []), *by.skills]
    known = f" ({', '.join(had)})" if had else ""
    out.say(f"{verb} {by.id}{known}{source}", "bold")
    return by


def _reviewer(who: Who, settings: Settings) -> tuple[Reviewer, str]:
    if who.as_ is not None:
        # Roles of the configuration belong to whom it names.
        return _checked(who.as_, tuple(who.role), who, "--as"), ""
    if settings.identity is None:
        raise Refusal(
            f'Who decides? Give --as NAME, or write as = "NAME" into {OWN_FILE}; '
            "the name of the login is not taken for it"
        )
    roles = tuple(who.role) or (() if settings.directory else settings.roles)
    return _checked(
        settings.identity, roles, who, settings.source or ""
    ), f", from {settings.source}"


def _checked(name: str, roles: tuple[str, ...], who: Who, source: str) -> Reviewer:
    try:
        return Reviewer(name, roles, level=who.level, skills=who.skill)
    except GateError as error:
        raise Refusal(f"{source}: {error}") from None
