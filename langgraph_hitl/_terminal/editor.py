"""Changing a text in the person's own editor."""

from __future__ import annotations

import os
import shlex
import subprocess  # the editor that the person has set
import sys
import tempfile
from pathlib import Path


class EditorFailed(Exception):
    """The editor could not be started, or ended with an error. The text is unchanged."""


def at_terminal() -> bool:
    """Whether a person sees the output and types the input."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def editor_command() -> list[str] | None:
    """The command of `$VISUAL` or `$EDITOR`; None without one, or without a terminal."""
    if not at_terminal():
        return None
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        return shlex.split(command) or None
    except ValueError:
        return None


def edit_in(command: list[str], text: str, *, suffix: str) -> str:
    """`text` as the person left it. A newline that the editor put at its end is taken off again."""
    handle, name = tempfile.mkstemp(prefix="review-", suffix=suffix)
    path = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        status = subprocess.call([*command, name])  # noqa: S603
        if status != 0:
            raise EditorFailed(f"{command[0]} ended with status {status}")
        edited = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EditorFailed(f"{command[0]}: {error}") from None
    finally:
        path.unlink(missing_ok=True)
    return edited if text.endswith("\n") else edited.removesuffix("\n")
