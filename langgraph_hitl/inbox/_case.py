"""What the cases of one action are compared by, from a request and from a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from langgraph_hitl._subgraph.prepare import as_shown


def context_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a case as a person was shown it.

    Those of the declared context, and where the subject is an object, its own. A key that both
    have is the declared one: somebody has chosen it for those who decide.
    """
    return _merged(request.get("context") or {}, request.get("subject"))


def context_in(state: Any, keys: Iterable[str], *, subject: str | None) -> dict[str, Any]:
    """The same of a state (a dict, a dataclass or a model), before anybody is asked."""
    found = {key: _read(state, key) for key in keys}
    declared = {key: as_shown(value) for key, value in found.items() if value is not None}
    return _merged(declared, None if subject is None else as_shown(_read(state, subject)))


def _merged(context: Mapping[str, Any], subject: Any) -> dict[str, Any]:
    own = subject if isinstance(subject, Mapping) else {}
    return {**own, **context}


def _read(state: Any, key: str) -> Any:
    return state.get(key) if isinstance(state, Mapping) else getattr(state, key, None)
