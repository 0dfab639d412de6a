"""What the cases of one action are compared by, from a request and from a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from langgraph_hitl._subgraph.prepare import as_shown

LONGEST_KEY = 200
"""Characters of a subject that cases can be compared by; what is longer is a text to read."""


def context_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a case as a person was shown it.

    Those of the declared context, and those of the subject: its own where it is an object, and
    where it is a number, a flag or a short text, the key that it has in the state. A key that both
    have is the declared one: somebody has chosen it for those who decide.
    """
    own = _own(request.get("subject_key"), request.get("subject"))
    return {**own, **(request.get("context") or {})}


def context_in(state: Any, keys: Iterable[str], *, subject: str | None) -> dict[str, Any]:
    """The same of a state (a dict, a dataclass or a model), before anybody is asked."""
    found = {key: _read(state, key) for key in keys}
    declared = {key: as_shown(value) for key, value in found.items() if value is not None}
    own = {} if subject is None else _own(subject, as_shown(_read(state, subject)))
    return {**own, **declared}


def _own(key: str | None, subject: Any) -> Mapping[str, Any]:
    if isinstance(subject, Mapping):
        return subject
    short = isinstance(subject, int | float) or (
        isinstance(subject, str) and len(subject) <= LONGEST_KEY
    )
    return {key: subject} if key is not None and short else {}


def _read(state: Any, key: str) -> Any:
    return state.get(key) if isinstance(state, Mapping) else getattr(state, key, None)
