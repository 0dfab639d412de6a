"""`review_of_call`: the review that let a call run, for the tool or the function itself."""

from __future__ import annotations

from langgraph_hitl.errors import ReviewError
from langgraph_hitl.review.record import ReviewRecord
from langgraph_hitl.tools._reviewed import record_at_hand


def review_of_call() -> ReviewRecord:
    """The record of the review of the call that runs, inside of a tool or function behind a gate.

    It has who decided (`decided_by`), and the `idempotency_key` for whatever the tool calls; with
    an inbox, `executed` takes it, and puts what was done into the audit. Where calls stand inside
    of one another, as in an agent that is a tool, it is that of the innermost with a gate.

    Raises `ReviewError` where no such call runs.

    ```python
    @tool
    def pay(amount: int) -> str:
        review = review_of_call()
        receipt = bank.transfer(amount, key=review["idempotency_key"])
        executed(review, {"receipt": receipt.id})
        return f"paid {amount}"
    ```
    """
    record = record_at_hand()
    if record is None:
        raise ReviewError(
            "review_of_call() is for what runs behind review_tools or require_approval, and "
            "nothing of that runs here"
        )
    return record
