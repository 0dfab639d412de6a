"""`ReviewState`: the two channels that carry reviews, and how nodes read them.

A pydantic or dataclass state declares the same two fields:

```python
class State(BaseModel):
    draft: str = ""
    review: LatestReview = None
    reviews: AllReviews = Field(default_factory=list)
```

(`dataclasses.field(default_factory=list)` in a dataclass.)
"""

from __future__ import annotations

from copy import deepcopy
from typing import Annotated, Any, TypeAlias

from langchain_core.messages import BaseMessage
from typing_extensions import TypedDict

from langgraph_hitl.errors import Drifted, NotApproved, SubjectError
from langgraph_hitl.review.calls import REFUSED, message_of_calls, open_calls, present_calls
from langgraph_hitl.review.digest import NotJson, digest
from langgraph_hitl.review.items import APPROVING_ITEM
from langgraph_hitl.review.lens import Lens
from langgraph_hitl.review.outcome import APPROVING
from langgraph_hitl.review.record import ReviewRecord, snapshot_of
from langgraph_hitl.review.record import idempotency_key as key_of_value
from langgraph_hitl.review.snapshot import Snapshot, take


def keep_latest(_old: Any, new: Any) -> Any:
    """Reducer of `review`: the last writer wins, so that parallel gates may both write."""
    return new


def merge_reviews(old: list[ReviewRecord] | None, new: list[ReviewRecord]) -> list[ReviewRecord]:
    """Reducer of `reviews`: one record per `review_id`, in the order in which reviews ended.

    >>> merge_reviews([{"review_id": "a", "round": 0}], [{"review_id": "a", "round": 1}])
    [{'review_id': 'a', 'round': 1}]
    """
    merged = {record["review_id"]: record for record in old or []}
    merged.update((record["review_id"], record) for record in new or [])
    return list(merged.values())


LatestReview: TypeAlias = Annotated[ReviewRecord | None, keep_latest]
AllReviews: TypeAlias = Annotated[list[ReviewRecord], merge_reviews]


class ReviewState(TypedDict, total=False):
    """Base of a state whose graph has gates.

    `review` is the latest record (without `value`), `reviews` all of them.

    >>> class State(ReviewState):
    ...     draft: str
    """

    review: LatestReview
    reviews: AllReviews


def approved(state: Any, key: str | Lens, *, gate: str | None = None) -> Any:
    """The value of `key` that people approved, or an error; call it right before acting.

    Reads the newest record of `key`, or of `key` by the node `gate`. Raises `NotApproved` where
    there is none, where it did not approve, where another gate refused this very value, or where it
    passed without a person (`auto_approved`) after a person had refused it at the same gate; and
    `Drifted` where the state holds another value than the approved one.

    >>> from langgraph_hitl import approved
    >>> approved({"draft": "Hello", "reviews": []}, "draft")
    Traceback (most recent call last):
    langgraph_hitl.errors.NotApproved: 'draft' has not been reviewed
    """
    record, value = _approval(state, _key(key), gate)
    if record["form"] == "calls":
        return [call for call in deepcopy(value) if REFUSED not in call]
    return deepcopy(value)


def idempotency_key(state: Any, key: str | Lens, *, gate: str | None = None) -> str:
    """What to hand on to whatever acts on `approved(state, key)`: the same if that runs again.

    It is of the very review whose value `approved` gives, whatever was reviewed since, and is
    refused with the same errors. (`state["review"]` is the latest review, of whatever that was.)

    >>> from langgraph_hitl import idempotency_key
    >>> idempotency_key({"draft": "Hello", "reviews": []}, "draft")
    Traceback (most recent call last):
    langgraph_hitl.errors.NotApproved: 'draft' has not been reviewed
    """
    record, _ = _approval(state, _key(key), gate)
    return record["idempotency_key"]


def approved_calls(state: Any, key: str) -> list[dict[str, Any]]:
    """The calls of `key` without a result that stand as they are in its newest review, approved.

    None where that did not approve, or was about something else. For branches, which must not
    raise: the thread could not go on.
    """
    try:
        record = _chosen(_newest_by_gate(state, key), key, None)
        _check_not_overruled(state, record, key)
        found = open_calls(_field(state, key))
    except (NotApproved, SubjectError):
        return []
    asked = message_of_calls(_field(state, key))
    if record["form"] != "calls" or asked is None:
        return []
    decided = snapshot_of(record["form"], record["value"])
    same_message = decided.envelope["data"].get("id") in (None, asked.id)
    if decided.digest != record["digest"] or not same_message:
        return []
    digests = {digest(call) for call in decided.shown}
    return [call for call in found if digest(call) in digests]


def decided_items(
    state: Any, key: str | Lens | None = None, *, gate: str | None = None
) -> list[dict[str, Any]]:
    """The approved values of all reviews (of `key`, by the node `gate`), each under its approval.

    For the node that joins gates run by `Send` with `write_back=False`: one mapping for each
    review that approved, with `value`, `review_id`, `gate`, `idempotency_key`, `outcome`,
    `feedback`. What was not approved is left out here and stays visible in `state["reviews"]`. All
    reviews of the thread count, also those of an earlier batch: keep the idempotency keys of what
    has run. Raises `NotApproved` where several gates reviewed the key and `gate` names none: the
    approval of one is not that of another.

    >>> decided_items({"reviews": []})
    []
    """
    wanted = None if key is None else _key(key)
    records = [
        record
        for record in _field(state, "reviews") or []
        if record["subject_key"] is not None
        and wanted in (None, record["subject_key"])
        and gate in (None, record.get("gate"))
    ]
    _check_one_gate(records)
    return [_item(record) for record in records if record["outcome"] in APPROVING]


def approved_items(state: Any, key: str, *, gate: str | None = None) -> list[dict[str, Any]]:
    """The items of the newest review of `key` that people let go on, one by one.

    A mapping each, in the order in which they were shown: `id`, `value`, `type` (`approve`, `edit`,
    or `auto` where nobody had to be asked), `by`, `at`, `idempotency_key`, perhaps `message`, and
    the `votes` on it where several decided.
    What was approved counts whatever became of the rest, also where time ran out on that; nothing
    does where the review was cancelled. Raises `NotApproved` where `key` has not been reviewed item
    by item, or not by `gate`.

    >>> approved_items({"reviews": []}, "invoices")
    Traceback (most recent call last):
    langgraph_hitl.errors.NotApproved: 'invoices' has not been reviewed
    """
    newest = _newest_by_gate(state, key)
    if not newest or (gate is not None and gate not in newest):
        raise NotApproved(f"{key!r} has not been reviewed" + (f" by {gate!r}" if gate else ""))
    record = newest[gate] if gate else [*newest.values()][-1]
    if "items" not in record:
        raise NotApproved(f"{key!r} has not been reviewed item by item (plan_approval)")
    if record["outcome"] == "cancelled":
        return []
    return [
        {**deepcopy(entry), "idempotency_key": item_key(record["review_id"], entry)}
        for entry in record["items"]
        if entry["type"] in (*APPROVING_ITEM, "auto")
    ]


def item_key(review_id: str, entry: dict[str, Any]) -> str:
    """The idempotency key of an item: the same whenever it runs with this value."""
    return f"{key_of_value(review_id, digest(entry['value']))}-{entry['id']}"


def feedback(state: Any) -> str | None:
    """What the reviewer said last: the feedback, the reason of a refusal, or the comment.

    Inside a reviser it is what the new version has to answer; after the gate it is what the
    latest review ended with.

    >>> feedback({"review": {"feedback": "shorter"}})
    'shorter'
    """
    record = _field(state, "review")
    return record.get("feedback") if record else None


def _approval(state: Any, key: str, gate: str | None) -> tuple[ReviewRecord, Any]:
    """The record that approves the value of the state, and that value."""
    record = _chosen(_newest_by_gate(state, key), key, gate)
    _check_not_overruled(state, record, key)
    value = _current(_field(state, key), snapshot_of(record["form"], record["value"]))
    actual = _taken(value)
    if actual is None or actual.digest != record["digest"]:
        raise Drifted(
            key,
            approved_digest=record["digest"],
            actual_digest=actual.digest if actual else None,
        )
    return record, value


def _key(key: str | Lens) -> str:
    return key.key if isinstance(key, Lens) else key


def _newest_by_gate(state: Any, key: str) -> dict[str, ReviewRecord]:
    newest: dict[str, ReviewRecord] = {}
    for record in _field(state, "reviews") or []:
        if record["subject_key"] == key:
            gate = record.get("gate", "")
            newest.pop(gate, None)
            newest[gate] = record
    return newest


def _chosen(newest: dict[str, ReviewRecord], key: str, gate: str | None) -> ReviewRecord:
    """The newest record, if it approves and no other gate refused the same value."""
    if not newest or (gate is not None and gate not in newest):
        where = f" by {gate!r}" if gate and newest else ""
        raise NotApproved(f"{key!r} has not been reviewed{where}")
    record = newest[gate] if gate else list(newest.values())[-1]
    about = [record] if gate else [r for r in newest.values() if r["digest"] == record["digest"]]
    for other in (record, *about):
        if other["outcome"] not in APPROVING:
            who = other.get("gate", "")
            ended = f"by {who!r} ended as {other['outcome']}"
            instead = f"; gate={record.get('gate', '')!r} asks for that one alone"
            raise NotApproved(
                f"the newest review of {key!r} {ended}{'' if other is record else instead}"
            )
    return record


def _check_not_overruled(state: Any, record: ReviewRecord, key: str) -> None:
    """A trigger lets nothing pass that a person refused at the same gate, as in a loop."""
    if record["outcome"] != "auto_approved":
        return
    for other in _field(state, "reviews") or []:
        same = all(
            other.get(name) == record.get(name) for name in ("subject_key", "gate", "digest")
        )
        if same and other["outcome"] not in APPROVING:
            raise NotApproved(
                f"{key!r} passed without a person, but this very value ended as "
                f"{other['outcome']} before, by {other['decided_by'] or 'a person'}"
            )


def _check_one_gate(records: list[ReviewRecord]) -> None:
    gates: dict[str | None, set[str]] = {}
    for record in records:
        gates.setdefault(record["subject_key"], set()).add(record.get("gate", ""))
    for key, names in gates.items():
        if len(names) > 1:
            raise NotApproved(
                f"{key!r} was reviewed by several gates; name one as gate=: "
                f"{', '.join(sorted(names))}"
            )


def _item(record: ReviewRecord) -> dict[str, Any]:
    decided = snapshot_of(record["form"], record["value"])
    if decided.digest != record["digest"]:
        raise Drifted(
            str(record["subject_key"]),
            approved_digest=record["digest"],
            actual_digest=decided.digest,
        )
    names = ("review_id", "gate", "subject_key", "outcome", "digest", "feedback", "idempotency_key")
    return {"value": deepcopy(decided.restore())} | {name: record.get(name) for name in names}


def _current(value: Any, decided: Snapshot) -> Any:
    """The state's present version of what was decided: of a list, that message, or those calls."""
    if decided.form == "calls" and isinstance(value, list):
        message = _same_message(value, decided.envelope["data"].get("id"))
        return None if message is None else present_calls(message, decided.shown)
    if decided.form == "message" and isinstance(value, list):
        return _same_message(value, decided.envelope["data"].get("id"))
    return value


def _taken(value: Any) -> Snapshot | None:
    if value is None:
        return None
    try:
        return take(value.model_dump(mode="json") if _is_model(value) else value)
    except NotJson:
        return None


def _is_model(value: Any) -> bool:
    """A pydantic model that is no message: a state field that is typed so."""
    return hasattr(value, "__pydantic_validator__") and not isinstance(value, BaseMessage)


def _same_message(messages: list[Any], wanted: str | None) -> Any:
    if wanted is None:
        return messages[-1] if messages else None
    return next((m for m in messages if getattr(m, "id", None) == wanted), None)


def _field(state: Any, key: str) -> Any:
    return state.get(key) if isinstance(state, dict) else getattr(state, key, None)
