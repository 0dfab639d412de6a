"""How a diff between two versions looks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rich.text import Text

from langgraph_hitl._terminal.sanitise import clean

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def difference_lines(diff: dict[str, Any] | None) -> Iterator[Text]:
    """The lines of a diff of `review.diff.difference`."""
    if diff is None:
        yield Text("The new version is the same as the one before.", style="yellow")
        return
    if diff.get("kind") == "text":
        for line in diff.get("lines", []):
            yield Text(clean(line), style=_STYLES.get(line[:1], ""), overflow="fold")
    else:
        for step in diff.get("patch", []):
            yield from _patch_lines(step)
    if diff.get("truncated"):
        yield Text("The changes are too many to show; read the whole version.", style="yellow")


def _patch_lines(step: dict[str, Any]) -> Iterator[Text]:
    operation = str(step.get("op"))
    path = str(step.get("path")) or "(everything)"
    style = {"add": "green", "remove": "red"}.get(operation, "cyan")
    source = f" from {step['from']}" if "from" in step else ""
    value = f": {json.dumps(step['value'], ensure_ascii=False)}" if "value" in step else ""
    yield Text(clean(f"{operation} {path}{source}{value}"), style=style, overflow="fold")
