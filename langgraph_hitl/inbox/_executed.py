"""`executed`: what an approved action did, beside who approved it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from langgraph_hitl.errors import InboxError, UnknownReview
from langgraph_hitl.inbox._office import MAX_ERROR, Office
from langgraph_hitl.inbox._person import person
from langgraph_hitl.inbox._run.run import run_in

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.audit import AuditRow
    from langgraph_hitl.review.reviewer import Reviewer

EVENT = "executed"
MAX_RESULT = 64_000
"""Characters of a result as JSON: the audit keeps it for long."""

_SHOWN = 200
_SYSTEM = "system:graph"


class Executing:
    """The part of `Inbox` that is told what came of a decision."""

    _office: Office

    def executed(
        self,
        review_id: str,
        result: Any = None,
        *,
        key: str | None = None,
        error: BaseException | str | None = None,
        by: Reviewer | str | None = None,
    ) -> bool:
        """Put what the action of a decided review did into the audit, once; False if it is there.

        In a node of a registered graph `langgraph_hitl.inbox.executed(state, result)` does it. Of a
        review whose content was removed, only the fact is kept.

        Args:
            review_id: Of the review.
            result: JSON of at most 64,000 characters: a receipt, a number, a link.
            key: Of the action, if the review stands for several. A node that runs again with the
                same key, as after a crash, changes nothing.
            error: Why it failed, in place of a result.
            by: Who has done it; the graph without it.

        Raises:
            InboxError: The review is not decided, or is superseded; the result is no JSON, too
                long, or beside an error.
            UnknownReview: There is none with this id.
        """
        who = None if by is None else person(by, "by=").id
        return _report(self._office, review_id, _content(result, key, error), who)

    async def aexecuted(self, review_id: str, result: Any = None, **options: Any) -> bool:
        """`executed` off the event loop."""
        loop = asyncio.get_running_loop()
        telling = partial(self.executed, review_id, result, **options)
        return await loop.run_in_executor(self._office.executor, telling)


def executed(
    state: Any,
    result: Any = None,
    *,
    key: str | None = None,
    error: BaseException | str | None = None,
) -> bool:
    """Tell the inbox of the running graph what the approved action did; see `Inbox.executed`.

    To be called in a node behind a gate, of a graph that is registered.

    Args:
        state: The state, whose `review` is the latest record, or a record of `state["reviews"]`.
        result: As in `Inbox.executed`, like `key` and `error`.

    Raises `InboxError` outside of a run of a registered graph, and as `Inbox.executed`.

    ```python
    def pay(state: Invoice) -> dict[str, Any]:
        payment = approved(state, "payment")
        receipt = bank.transfer(payment, key=idempotency_key(state, "payment"))
        executed(state, {"receipt": receipt.id})
        return {"paid": True}
    ```
    """
    from langgraph.config import get_config

    try:
        run = run_in(get_config())
    except RuntimeError:  # no graph runs here
        run = None
    if run is None:
        raise InboxError(
            "executed(state, ...) is for nodes of a graph that is registered with an inbox; "
            "elsewhere call inbox.executed(review_id, ...)"
        )
    return _report(run.desk, _review_id(state), _content(result, key, error), None)


def _report(office: Office, review_id: str, content: dict[str, Any], by: str | None) -> bool:
    with office.ledger.transaction() as tx:
        review = tx.get(review_id)
        if review is None:
            raise UnknownReview(review_id)
        if review.status in ("pending", "superseded"):
            raise InboxError(
                f"Review {review_id} is {review.status}, so nothing that it is about may have been "
                "done"
            )
        history = tx.history(review_id)
        if any(_is_of(row, content["key"]) for row in history):
            return False
        kept = not any(row.event == "redacted" and row.content is None for row in history)
        tx.note(
            review_id,
            EVENT,
            actor=by or _SYSTEM,
            channel="graph" if by is None else "inbox",
            reason=_shown(content) if kept else None,
            content=content if kept else None,
            round=review.round,
        )
    return True


def _review_id(state: Any) -> str:
    """The review of a state, or of a record."""
    if isinstance(state, Mapping):
        record = state if "review_id" in state else state.get("review")
    else:
        record = getattr(state, "review", None)
    found = record.get("review_id") if isinstance(record, Mapping) else None
    if not isinstance(found, str):
        raise InboxError(
            "executed() takes the state of a graph that has been through a gate, or a record of "
            'state["reviews"]'
        )
    return found


def _content(result: Any, key: str | None, error: BaseException | str | None) -> dict[str, Any]:
    """What the audit keeps."""
    if key is not None and (not isinstance(key, str) or not key.strip()):
        raise InboxError("key= is a text that is not blank, or left out")
    if error is not None:
        if result is not None:
            raise InboxError("executed() takes a result or error=, not both")
        is_text = isinstance(error, str)
        text = error if is_text else f"{type(error).__name__}: {error}"
        return {"key": key, "error": str(text)[:MAX_ERROR]}
    try:
        length = len(json.dumps(result, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as problem:
        raise InboxError(f"The result of an action is no JSON: {problem}") from None
    if length > MAX_RESULT:
        raise InboxError(
            f"The result of an action is {length:,} characters long as JSON; at most {MAX_RESULT:,}"
            ". Keep it elsewhere, and give a reference"
        )
    return {"key": key, "result": result}


def _is_of(row: AuditRow, key: str | None) -> bool:
    """Whether a row tells of the same action; one whose content was removed may."""
    if row.event != EVENT:
        return False
    return row.content is None or (isinstance(row.content, dict) and row.content.get("key") == key)


def _shown(content: dict[str, Any]) -> str | None:
    """The result in a few words, for lists."""
    if "error" in content:
        return str(content["error"])
    result = content["result"]
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    return None if result is None else text[:_SHOWN]
