"""Parts: what a revision says of single things that are shown, by their ids.

>>> known = parts_of({"q1": "When?"}, [{"id": "1"}], {"key": "id", "decided": []})
>>> check_parts({"q1": "In May", "1": "by train"}, known)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from langgraph_hitl._text.suggestion import meant
from langgraph_hitl.errors import InvalidDecision
from langgraph_hitl.review.items import ids_of, short


def parts_of(
    questions: Mapping[str, str] | None, subject: Any, items: Mapping[str, Any] | None
) -> list[str] | None:
    """The ids of open questions and of items, decided ones too; None where a part may be anything.

    `items` is what a request says of them.
    """
    if questions is None:
        return None
    decided = [one["id"] for one in items["decided"]] if items else []
    return [*questions, *(ids_of(subject, items["key"]) if items else ()), *decided]


def check_parts(given: Mapping[str, str] | None, known: Collection[str] | None) -> None:
    """Raises `InvalidDecision` for a part that there is not."""
    if known is None:
        return
    for part in given or ():
        if part not in known:
            close = meant(part, known, cutoff=0.7)  # by less, 'q2' would be like '2'
            raise InvalidDecision(f"parts: there is no {part!r:.80}, only {short([*known])}{close}")
