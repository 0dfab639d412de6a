"""`narrowed`: how wide the columns of a table are where they do not all fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

GAP = 2


def narrowed(
    widths: Mapping[str, int], room: int, giving_way: Sequence[tuple[str, int]]
) -> dict[str, int]:
    """The widths in which the columns fit into the room, if they can.

    Args:
        widths: What each column takes.
        room: What all of them may take, with the gaps between them.
        giving_way: Which column gives way down to which width, the first one first.

    >>> narrowed({"id": 11, "thread": 30, "subject": 90}, 60, [("subject", 16), ("id", 9)])
    {'id': 10, 'thread': 30, 'subject': 16}
    """
    found = dict(widths)
    for name, least in giving_way:
        over = sum(found.values()) + GAP * (len(found) - 1) - room
        if over <= 0:
            break
        if found.get(name, 0) > least:
            found[name] = max(least, found[name] - over)
    return found
