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

from typing import Annotated, Any, TypeAlias

from typing_extensions import TypedDict

from langgraph_hitl.errors import Drifted, NotApproved
from langgraph_hitl.review.digest import NotJson
from langgraph_hitl.review.lens import Lens
from langgraph_hitl.review.outcome import APPROVING
from langgraph_hitl.review.record import ReviewRecord, restored_value, snapshot_of
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


def approved(state: Any, key: str | Lens) -> Any:
    """The value of `key` that people approved, or an error; call it right before acting.

    Reads the newest record of `key`. Raises `NotApproved` where there is none or it did not
    approve, and `Drifted` where the state holds another value than the approved one.

    >>> from langgraph_hitl import approved
    >>> approved({"draft": "Hello", "reviews": []}, "draft")
    Traceback (most recent call last):
    langgraph_hitl.errors.NotApproved: 'draft' has not been reviewed
    """
    key = _key(key)
    record = _newest(state, key)
    if record["outcome"] not in APPROVING:
        raise NotApproved(f"the newest review of {key!r} ended as {record['outcome']}")
    decided = snapshot_of(record["form"], record["value"])
    actual = _current(_field(state, key), decided)
    if actual is None or actual.digest != record["digest"]:
        raise Drifted(
            key,
            approved_digest=record["digest"],
            actual_digest=actual.digest if actual else None,
        )
    return actual.restore()


def decided_items(state: Any, key: str | Lens | None = None) -> list[dict[str, Any]]:
    """The approved values of all reviews (of `key`), each under its own approval.

    For the node that joins gates run by `Send` with `write_back=False`: one mapping for each
    review that approved, with `value`, `review_id`, `idempotency_key`, `outcome`, `feedback`. What
    was not approved is left out here and stays visible in `state["reviews"]`. All reviews of the
    thread count, also those of an earlier batch: keep the idempotency keys of what has run.

    >>> decided_items({"reviews": []})
    []
    """
    wanted = None if key is None else _key(key)
    return [
        {
            "value": restored_value(record),
            "review_id": record["review_id"],
            "subject_key": record["subject_key"],
            "outcome": record["outcome"],
            "digest": record["digest"],
            "feedback": record["feedback"],
            "idempotency_key": record["idempotency_key"],
        }
        for record in _field(state, "reviews") or []
        if record["outcome"] in APPROVING
        and record["subject_key"] is not None
        and wanted in (None, record["subject_key"])
    ]


def feedback(state: Any) -> str | None:
    """What the reviewer said last: the feedback, the reason of a refusal, or the comment.

    Inside a reviser it is what the new version has to answer; after the gate it is what the
    latest review ended with.

    >>> feedback({"review": {"feedback": "shorter"}})
    'shorter'
    """
    record = _field(state, "review")
    return record.get("feedback") if record else None


def _key(key: str | Lens) -> str:
    return key.key if isinstance(key, Lens) else key


def _newest(state: Any, key: str) -> ReviewRecord:
    for record in reversed(_field(state, "reviews") or []):
        if record["subject_key"] == key:
            return record  # type: ignore[no-any-return]  # the reducer keeps only records
    raise NotApproved(f"{key!r} has not been reviewed")


def _current(value: Any, decided: Snapshot) -> Snapshot | None:
    """The state's present version of what was decided: for one message of a list, that message."""
    if decided.form == "message" and isinstance(value, list):
        value = _same_message(value, decided.envelope["data"].get("id"))
    if value is None:
        return None
    try:
        return take(value)
    except NotJson:
        return None


def _same_message(messages: list[Any], wanted: str | None) -> Any:
    if wanted is None:
        return messages[-1] if messages else None
    return next((m for m in messages if getattr(m, "id", None) == wanted), None)


def _field(state: Any, key: str) -> Any:
    return state.get(key) if isinstance(state, dict) else getattr(state, key, None)
