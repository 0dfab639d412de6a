"""What the commands do that leave a review open: say who acts, do it, and tell what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from langgraph_hitl._commands.deciding import check_waits
from langgraph_hitl._commands.identity import acting
from langgraph_hitl._commands.opened import Attending, opened
from langgraph_hitl._commands.options import Where, Who
from langgraph_hitl._commands.output import Output
from langgraph_hitl._commands.settings import settings_of
from langgraph_hitl._commands.shapes import actor_json, review_json
from langgraph_hitl._commands.status import Status
from langgraph_hitl._commands.wait import wait_json, wait_of, wait_text

if TYPE_CHECKING:
    from langgraph_hitl.inbox import Review


def attend(
    out: Output,
    review_id: str,
    name: Attending,
    told: Callable[[Review], str],
    *,
    where: Where,
    who: Who,
    waits: bool = False,
    **given: Any,
) -> Status:
    """One such command. `told` says what the review has come to; where it `waits`, how long."""
    settings = settings_of(where)
    by = acting(who, settings, out)
    with opened(settings, need="if given", say=out.say) as desk:
        found = desk.find(review_id)
        check_waits(found)
        after = desk.attend(found, name, by=by, **given)
        after = desk.inbox.get(after.id) if waits else after
        wait = wait_of(desk.inbox, after) if waits else None
    length = wait_text(wait, after.queue)
    out.say(f"{told(after)} It waits {length}." if length else told(after), "green")
    if out.as_json:
        more = {"estimated_wait": wait_json(wait)} if waits else {}
        out.document({"review": review_json(after), "by": actor_json(by), **more})
    return Status.DONE
