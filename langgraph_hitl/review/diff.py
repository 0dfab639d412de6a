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


def difference(before: Any, after: Any) -> dict[str, Any] | None:
    """What changed from `before` to `after`, bounded; None if nothing did."""
    if digest(before) == digest(after):
        return None
    if isinstance(before, str) and isinstance(after, str):
        return _text_difference(before, after)
    return _json_difference(before, after)


def _text_difference(before: str, after: str) -> dict[str, Any]:
    if len(before) + len(after) > 50 * MAX_TEXT:  # difflib is quadratic
        return {"kind": "text", "lines": [], "truncated": True}
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm=""))[2:]
    kept: list[str] = []
    size = 0
    for line in lines:
        size += len(line)
        if len(kept) == MAX_LINES or size > MAX_TEXT:
            return {"kind": "text", "lines": kept, "truncated": True}
        kept.append(line)
    return {"kind": "text", "lines": kept}


def _json_difference(before: Any, after: Any) -> dict[str, Any]:
    import jsonpatch

    patch: list[dict[str, Any]] = jsonpatch.make_patch(before, after).patch
    if len(patch) > MAX_LINES or len(str(patch)) > MAX_TEXT:
        return {"kind": "json", "patch": [], "truncated": True}
    return {"kind": "json", "patch": patch}
