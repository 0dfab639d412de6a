"""`flagged`: a person is asked where a flag is set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.review.finding import Finding
from langgraph_hitl.triggers.number import quoted
from langgraph_hitl.triggers.source import Path, checked_text
from langgraph_hitl.triggers.trigger import Leaf, Trigger


def flagged(*flags: str, optional: bool = False) -> Trigger:
    """A person is asked where one of the flags is `True`.

    Args:
        flags: State keys, or paths into them (`item.high_risk`). A key that was never written,
            None and `False` mean that the flag is not set; anything else than true or false asks a
            person and says so.
        optional: The graph may lack the keys, and values the parts. Otherwise a misspelt flag is no
            open gate: a key that is not part of the graph's schema is an error when the gate is
            added, and a path to something that is not there asks a person.

    >>> flagged("legal", "press")({"legal": True, "press": False}).sentence
    'Flagged as legal.'
    >>> flagged("item.legl")({"item": {"legal": True}}).sentence
    'The flag item.legl is missing.'
    """
    if not flags:
        raise GateError("flagged takes the names of flags, and got none")
    paths = {checked_text(flag, "a flag"): Path(flag, optional) for flag in flags}

    names = [flag.rpartition(".")[2] for flag in flags] if optional else flags
    unset = f"Not flagged as {' or '.join(dict.fromkeys(names))}."

    def test(values: Mapping[str, Any], _now: datetime) -> bool:
        for flag, value in values.items():
            if value is None and "." in flag and not optional:
                raise Unreadable(f"The flag {flag} is missing.")
            if not (value is None or isinstance(value, bool)):
                raise Unreadable(f"The flag {flag} is {quoted(value)} instead of true or false.")
        return any(values.values())

    def judge(values: Mapping[str, Any], now: datetime) -> Finding:
        test(values, now)
        raised = [flag for flag, value in values.items() if value]
        return Finding(
            needed=bool(raised),
            sentence=f"Flagged as {', '.join(raised)}." if raised else unset,
            details={"raised": raised, "flags": list(values)},
        )

    options = ", ".join(map(repr, paths))
    return Leaf(
        name="flagged",
        judge=judge,
        sources=paths,
        options=options,
        test=test,
        same=tuple(paths.values()),
    )
