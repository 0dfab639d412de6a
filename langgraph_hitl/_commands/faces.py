"""Through which inbox, and by which of its faces, graphs go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from langgraph_hitl._commands.status import Refusal, Status

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Inbox
    from langgraph_hitl.inbox._graphs import Owned


def faces(graphs: Sequence[Owned]) -> list[tuple[Inbox, bool]]:
    """Each inbox once, with the face by which its graphs run; they have to agree."""
    from langgraph_hitl.inbox._graphs import same

    found: list[tuple[Inbox, bool]] = []
    for each in graphs:
        known = next((one for one in found if same(one[0], each.inbox)), None)
        if known is None:
            found.append((each.inbox, each.asynchronous))
        elif known[1] != each.asynchronous:
            raise Refusal(
                f"The graph {each.name!r} has "
                f"{'an asynchronous' if each.asynchronous else 'a synchronous'} saver, and another "
                "graph of its inbox the other kind; name those of one kind with --app, and start "
                "another worker for the rest",
                Status.FAILED,
            )
    return found
