"""`plan_approval`: a list or a plan is decided item by item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import Unpack

from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.errors import GateError
from langgraph_hitl.patterns.options import ReviewOptions, known
from langgraph_hitl.triggers.trigger import Trigger

if TYPE_CHECKING:
    from langgraph_hitl.policies import Policy

_FITTING = ("approve", "items", "reject", "revise", "abstain", "defer", "escalate")


class PlanOptions(ReviewOptions, total=False):
    """The keyword options of `human_approval` (described there) that a list takes."""

    policy: Policy | None


def plan_approval(
    items: str,
    *,
    item_id: str = "id",
    item_schema: Any = None,
    item_decisions: Sequence[str] | None = None,
    when: Trigger | Callable[[Any], Any] | None = None,
    name: str = "plan_approval",
    **options: Unpack[PlanOptions],
) -> Gate:
    """A gate at which people decide a list item by item: a plan, invoices, accounts.

    `Items({"inv-1": Approve(), "inv-2": Reject("paid twice")})` decides two of them; what it leaves
    out is asked about again, as the next round of the same review, until nothing is open. Of an
    item one can say `Approve`, `Edit` (the whole item, with its id), `Skip` (leave it out),
    `Reject`, and `RejectRest` (refuse it and the open ones after it). `Approve` and `Reject` decide
    all that is open.

    It ends as `approved`; `edited` where some were changed; `partial` where some do not go on; and
    `rejected` where none does. The state's key has the items that go on, in their order, and the
    record says under `items` what became of each, by whom. `approved_items(state, items)` has
    those that go on with an `idempotency_key` each; `send_items` gives each to a node of its own. A
    deadline approves nothing: what was open is `open` in the record, and the outcome `timed_out`.

    Where several people decide (`reviewers=`), each item has its own tally: it is settled when
    every item that somebody has decided is certain.

    Args:
        items: The state key of the list: JSON objects, each with an id that no other one has.
        item_id: The field of the id, a text or a whole number.
        item_schema: What an edited item looks like: a type or a JSON schema.
        item_decisions: Of approve, edit, skip, reject and reject_rest; all of them without it.
            `Approve()` and `Reject()` of all that is open are said in `allowed_decisions`.
        when: As of `human_approval`; what passes by itself passes whole.
        name: The gate's name in requests and traces.
        options: Those of `human_approval`. `resubmit_edits=True` asks about edited items again. A
            reviser gets the open items, and returns what takes their place.

    Raises:
        GateError: An option is unknown, contradicts another or could have no effect.

    >>> from langgraph_hitl import plan_approval
    >>> plan_approval("invoices", action="pay", item_id="number").name
    'plan_approval'
    """
    if not isinstance(items, str) or not items.strip():
        raise GateError(f"items must be the state key of a list, not {items!r:.60}")
    if not isinstance(item_id, str) or not item_id.strip():
        raise GateError(f"item_id must be the field of an item's id, not {item_id!r:.60}")
    if options.get("edit_schema") is not None:
        raise GateError("edit_schema has no effect here; item_schema= is of an edited item")
    allowed = options.get("allowed_decisions")
    for kind in () if allowed is None or isinstance(allowed, str) else allowed:
        if kind not in _FITTING:
            raise GateError(
                f"allowed_decisions: {kind!r} decides no list of items; of {', '.join(_FITTING)}"
            )
    if allowed is not None and "items" not in allowed:
        raise GateError("allowed_decisions: without 'items' nothing is decided item by item")
    return review_gate(
        kind="plan_approval",
        name=name,
        subject=items,
        default_decisions=("approve", "reject", "items"),
        item_id=item_id,
        item_schema=item_schema,
        item_decisions=item_decisions,
        when=when,
        **known(plan_approval, options, PlanOptions),
    )
