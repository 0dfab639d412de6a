"""Writing lines to a file, one after another."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeAlias

from langgraph_hitl.errors import InboxError


class Writable(Protocol):
    """An open text file."""

    def write(self, text: str, /) -> object:
        """Take a text."""
        ...


Target: TypeAlias = str | os.PathLike[str] | Writable
"""Where lines go: the path of a file, or a text file that is open."""


def write(lines: Iterable[str], to: Target) -> int:
    """Write lines; how many. A file that was not finished is removed: it would look whole.

    Raises:
        InboxError: The file cannot be written, or `to` is none.
    """
    if not isinstance(to, str | os.PathLike):
        if not callable(getattr(to, "write", None)):
            raise InboxError(
                f"to= is the path of a file or an open text file, not {type(to).__name__}"
            )
        return _write(lines, to)
    path = Path(to)
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            return _finished(lines, file, path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InboxError(f"The file {str(path)[:200]!r} cannot be written: {reason}") from error


def _finished(lines: Iterable[str], file: Writable, path: Path) -> int:
    try:
        return _write(lines, file)
    except BaseException:
        if path.is_file():
            with suppress(OSError):
                path.unlink()
        raise


def _write(lines: Iterable[str], file: Writable) -> int:
    count = 0
    for line in lines:
        file.write(line)
        count += 1
    return count
