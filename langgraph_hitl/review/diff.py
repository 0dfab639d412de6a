r"""Differences between two versions of a subject, as plain JSON.

Text gives the lines of a unified diff, everything else a JSON Patch (RFC 6902).

>>> difference("a\nb", "a\nc")
{'kind': 'text', 'lines': ['@@ -1,2 +1,2 @@', ' a', '-b', '+c']}
>>> difference({"paid": True}, {"paid": 1})
{'kind': 'json', 'patch': [{'op': 'replace', 'path': '/paid', 'value': 1}]}
"""

from __future__ import annotations

import difflib
from typing import Any

from langgraph_hitl.review.digest import digest

MAX_LINES = 200
MAX_TEXT = 20_000
MAX_COMPARISONS = 4_000_000


def difference(before: Any, after: Any) -> dict[str, Any] | None:
    """What changed from `before` to `after`, bounded; None if nothing did."""
    if digest(before) == digest(after):
        return None
    if isinstance(before, str) and isinstance(after, str):
        return _text_difference(before, after)
    return _json_difference(before, after)


def _text_difference(before: str, after: str) -> dict[str, Any]:
    old, new = before.split("\n"), after.split("\n")
    if len(old) * len(new) <= _most_comparisons(old, new):
        lines = list(difflib.unified_diff(old, new, lineterm=""))[2:]
    else:  # difflib would take minutes
        lines = [f"@@ -1,{len(old)} +1,{len(new)} @@", *_coarse(old, new)]
    kept: list[str] = []
    size = 0
    for line in lines:
        size += len(line)
        if len(kept) == MAX_LINES or size > MAX_TEXT:
            return {"kind": "text", "lines": kept, "truncated": True}
        kept.append(line)
    return {"kind": "text", "lines": kept}


def _most_comparisons(old: list[str], new: list[str]) -> int:
    """Difflib leaves out lines that recur only where there are 200 or more of the new ones."""
    return MAX_COMPARISONS if len(new) >= 200 or len(old) < 200 else MAX_COMPARISONS // 20


def _coarse(old: list[str], new: list[str]) -> list[str]:
    """The lines between what both begin and end with, removed and added as a whole."""
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    tail = next((i for i in range(shortest - head) if old[-1 - i] != new[-1 - i]), shortest - head)
    removed = [f"-{line}" for line in old[head : len(old) - tail]]
    added = [f"+{line}" for line in new[head : len(new) - tail]]
    half = MAX_LINES // 2
    return (
        removed + added
        if len(removed) + len(added) <= MAX_LINES
        else ([*removed[:half], *added[:half], "…"])
    )


def _json_difference(before: Any, after: Any) -> dict[str, Any]:
    import jsonpatch

    patch: list[dict[str, Any]] = jsonpatch.make_patch(before, after).patch
    if len(patch) > MAX_LINES or len(str(patch)) > MAX_TEXT:
        return {"kind": "json", "patch": [], "truncated": True}
    return {"kind": "json", "patch": patch}
