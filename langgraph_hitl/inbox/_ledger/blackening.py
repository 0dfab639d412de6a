"""Removing named fields from JSON, and what else repeats them.

A field is a path of names: `context.iban`, `subject.account`, `decision.comment`, `result.receipt`;
of a supervised run `update.draft`.
Texts anywhere that contain a removed text lose it too, and so do equal numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from langgraph_hitl.errors import InboxError

REDACTED: Final = "[redacted]"
"""In the place of what was removed."""

ROOTS = ("subject", "context", "decision", "result")
"""Of a review."""
RUN_ROOTS = ("update",)
"""Of a supervised run: the changes of its state."""
_SHORTEST = 4
"""Characters of a removed text or number that is looked for elsewhere: shorter ones are found by
chance.
"""

Path: TypeAlias = tuple[str, ...]


def paths_of(fields: Sequence[str], roots: Sequence[str] = ROOTS) -> list[Path]:
    """The paths of some fields under these roots. Raises `InboxError` for what is none."""
    if isinstance(fields, str) or not isinstance(fields, Sequence) or not fields:
        raise InboxError("fields= is a list of names such as ['context.iban']")
    return [_path_of(name, roots) for name in fields]


def _path_of(name: Any, roots: Sequence[str]) -> Path:
    parts = tuple(name.split(".")) if isinstance(name, str) else ()
    whole = parts in (("context",), ("decision",), ("decision", "type"), ("update",))
    if not parts or parts[0] not in roots or not all(parts) or whole:
        known = ", ".join(f"{root}.name" for root in roots)
        raise InboxError(f"There is no field {str(name)[:80]!r}; fields are named as {known}")
    return parts


class Blackening:
    """Removes fields from one value after another, and remembers what it removed."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._texts: set[str] = set()
        self._numbers: set[float] = set()
        self.removed: set[Path] = set()

    def remove(self, root: str, value: Any) -> Any:
        """The value of a root without the fields that are named under it."""
        for path in self._paths:
            if path[0] == root:
                value = self._without(value, path[1:], path)
        return value

    def _without(self, value: Any, names: Path, path: Path) -> Any:
        if value is None:
            return None
        if not names:
            if value != REDACTED:
                self.removed.add(path)
            for leaf in _leaves(value):
                self._remember(leaf)
            return REDACTED
        if isinstance(value, list):
            return [self._without(item, names, path) for item in value]
        if isinstance(value, dict) and names[0] in value:
            return {**value, names[0]: self._without(value[names[0]], names[1:], path)}
        return value

    def _remember(self, leaf: str | float) -> None:
        forms = _forms(leaf)
        self._texts.update(text for text in forms if len(text) >= _SHORTEST)
        if not isinstance(leaf, str) and len(forms[0]) >= _SHORTEST:
            self._numbers.add(leaf)

    def clean(self, value: Any) -> Any:
        """The value without what was removed elsewhere; to be called after `remove`."""
        if isinstance(value, str):
            for text in sorted(self._texts - {REDACTED}, key=len, reverse=True):
                value = value.replace(text, REDACTED)
            return value
        if _is_number(value):
            return REDACTED if value in self._numbers else value
        if isinstance(value, list):
            return [self.clean(item) for item in value]
        if isinstance(value, dict):
            return {self.clean(name): self.clean(item) for name, item in value.items()}
        return value


def _leaves(value: Any) -> Iterator[str | float]:
    """The texts and numbers of a value."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str) or _is_number(value):
        yield value


def _forms(leaf: str | float) -> list[str]:
    """How somebody may read it in a text, the shortest first."""
    if isinstance(leaf, str):
        return [leaf]
    whole = int(leaf) if isinstance(leaf, float) and leaf.is_integer() else leaf
    return [str(whole), f"{whole:,}", str(leaf)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
