"""`ReviewRecord`: what is kept of a review that is over (or, while a reviser works, of its rounds).

Plain JSON under `state["review"]` (the latest, without `value`) and `state["reviews"]` (all).
"""

from collections.abc import Mapping
from typing import Any, NotRequired

from typing_extensions import TypedDict

from langgraph_hitl.review.diff import difference
from langgraph_hitl.review.outcome import Outcome
from langgraph_hitl.review.snapshot import Form, Snapshot

SCHEMA_VERSION = 1

MAX_HISTORY = 20
MAX_DECISIONS = 50
MAX_VERSION_SIZE = 64_000


class ReviewRecord(TypedDict):
    """The record of one review. Times are ISO 8601 in UTC; `digest` is of the final value.

    `gate` is the node that asked.

    `value` is the approved value (or the latest version where nothing was approved); records of
    `state["review"]` leave it out. `form` is `json`, `message` or `messages`: how to read `value`.

    `items` says what became of each item of a list that is decided item by item: `id`, `type`
    (`approve`, `edit`, `skip`, `reject`, `reject_rest`, `auto`, `open` where nobody decided it,
    or `withdrawn` where a reviser left it out),
    `by`, `at`, `round`, and perhaps `message`; in `reviews` its `value` too. Where several decided,
    `votes` has what each of them said of it (`type`, `by`, perhaps `message`), and `by` is the last
    who said what came of it, or `panel`.

    `released` is set where the subject went on before the person who was asked had looked at it;
    what people decided afterwards is in the inbox.

    `route` says which pattern `hitl_router` has picked, `by` what (`rule`, `request`, `default`)
    and for which `reason`.

    `held` is what a node that failed had been given (`with_escalation`), as a retry needs it.
    """

    schema_version: int
    review_id: str
    kind: str
    gate: str
    action: str
    subject_key: str | None
    outcome: Outcome
    decisions: list[dict[str, Any]]
    decided_by: str | None
    decided_at: str
    feedback: str | None
    rating: str | None
    answer: Any
    changes: dict[str, Any] | None
    digest: str
    round: int
    finding: dict[str, Any]
    history: list[dict[str, Any]]
    idempotency_key: str
    form: Form
    value: NotRequired[Any]
    items: NotRequired[list[dict[str, Any]]]
    released: NotRequired[bool]
    route: NotRequired[dict[str, str]]
    held: NotRequired[dict[str, Any]]


def idempotency_key(review_id: str, digest: str) -> str:
    """What a node hands on to whatever it calls: the same whenever it runs for this value."""
    return f"{review_id}-{digest[7:23]}"


def without_values(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record of `reviews` as `review` has it."""
    lean = {name: one for name, one in record.items() if name != "value"}
    if "items" in lean:
        lean["items"] = [{k: v for k, v in item.items() if k != "value"} for item in lean["items"]]
    return lean


def stored_value(snapshot: Snapshot) -> Any:
    """The value of a snapshot as plain JSON that `snapshot_of` reads back."""
    if snapshot.form == "json":
        return snapshot.shown
    return {"shown": snapshot.shown, "envelope": snapshot.envelope}


def snapshot_of(form: Form, value: Any) -> Snapshot:
    """The inverse of `stored_value`."""
    if form == "json":
        return Snapshot(shown=value)
    return Snapshot(shown=value["shown"], form=form, envelope=value["envelope"])


def with_version(
    history: list[dict[str, Any]],
    *,
    round: int,
    shown: Any,
    digest: str,
    decision: dict[str, Any],
    next_shown: Any,
) -> list[dict[str, Any]]:
    """`history` with one more superseded version, the decision that ended it, and the diff.

    Bounded: the newest `MAX_HISTORY` versions, each whole only up to `MAX_VERSION_SIZE` characters.
    """
    entry: dict[str, Any] = {"round": round, "digest": digest, "decision": decision}
    if len(str(shown)) <= MAX_VERSION_SIZE:
        entry["version"] = shown
    else:
        entry["truncated"] = True
    entry["diff"] = difference(shown, next_shown)
    return [*history, entry][-MAX_HISTORY:]
