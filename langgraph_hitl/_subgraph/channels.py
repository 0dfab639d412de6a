"""The channels inside a gate.

The subject and whatever else the gate reads come in through `EphemeralValue` channels: they vanish
after `prepare`, so that they are not stored with every checkpoint, and the subject goes back to the
parent only where the last step wrote it. Everything later nodes need is one plain JSON value.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, NotRequired

from langgraph.channels import EphemeralValue, UntrackedValue
from typing_extensions import TypedDict

from langgraph_hitl._subgraph.basis import Basis
from langgraph_hitl.review.record import ReviewRecord
from langgraph_hitl.review.snapshot import Form, Snapshot

QUESTION = "hitl_question"
ANSWER = "hitl_answer"
REVISION = "hitl_revision"
UNSEEN = "hitl_unseen"
"""Set while nobody can have seen the question: it is not checkpointed, so it ends with the run."""
HANDED = "hitl_handed"
"""What a node before the gate has found out for it (`Handed`)."""
ROUTE = "hitl_route"
"""What a router has picked (`Route`)."""
TURN = "hitl_turn"
"""What the next round of `co_edit` or `plan_together` has to know of this one."""

RESERVED = frozenset({QUESTION, ANSWER, REVISION, UNSEEN, HANDED, ROUTE, "review", "reviews"})

RECORDS = frozenset({"review", "reviews"})
"""What approvals are read from."""

_PRIVATE = ("hitl_", "_hitl_")


def is_private(key: str) -> bool:
    """Whether a channel is one of this package, on which what people decided may depend."""
    return key in RECORDS or key.startswith(_PRIVATE)


class StoredSnapshot(TypedDict):
    """A `Snapshot` in the state."""

    shown: Any
    form: Form
    envelope: NotRequired[Any]


class Route(TypedDict):
    """Which pattern a router has picked: `by` a rule, the request or by default, and why.

    The review has the id of the router's task, and the record the name of the router's node.
    """

    pattern: str
    by: Literal["rule", "request", "default"]
    reason: str
    review_id: str
    gate: str


class Handed(TypedDict, total=False):
    """What a gate is told: why a person is asked, and who has sent it there."""

    finding: dict[str, Any]
    route: Route


class Question(TypedDict):
    """What `prepare` leaves for the later nodes, and `snapshot` renews for every round.

    `votes` are those on this version where a panel decides without an inbox; `released` says that
    the subject went on before anybody looked; `requester` is who asked for it; `similar` has
    past decisions that are like it; `asked` is the panel of the versions before, where it is needed
    beside that of the rule which asks now. `items` has what was decided of a list item by item,
    and `item_order` the ids of all, as they were shown first. `final` is set where the
    committee has let it pass, and its chair decides. `route` is that of a router. `basis` is what
    an answer relies on.
    """

    review_id: str
    thread_id: str
    asked_at: str
    round: int
    revisions: int
    snapshot: StoredSnapshot
    digest: str
    first_digest: str
    context: dict[str, Any]
    finding: dict[str, Any]
    decisions: list[dict[str, Any]]
    history: list[dict[str, Any]]
    inputs: dict[str, Any]
    criteria: NotRequired[list[str]]
    priority: NotRequired[str]
    votes: NotRequired[list[dict[str, Any]]]
    released: NotRequired[bool]
    requester: NotRequired[str]
    asked: NotRequired[dict[str, Any]]
    similar: NotRequired[dict[str, Any]]
    final: NotRequired[bool]
    items: NotRequired[dict[str, dict[str, Any]]]
    item_order: NotRequired[list[str]]
    route: NotRequired[Route]
    basis: NotRequired[Basis]


def store(snapshot: Snapshot) -> StoredSnapshot:
    """A snapshot for the state."""
    stored: StoredSnapshot = {"shown": snapshot.shown, "form": snapshot.form}
    if snapshot.envelope is not None:
        stored["envelope"] = snapshot.envelope
    return stored


def load(stored: StoredSnapshot) -> Snapshot:
    """A snapshot from the state."""
    return Snapshot(shown=stored["shown"], form=stored["form"], envelope=stored.get("envelope"))


def input_schema(keys: Iterable[str]) -> type[Any]:
    """What a gate takes from its parent: the declared keys, never `review` or `reviews`."""
    return typed_dict("GateInput", dict.fromkeys(keys, Annotated[Any, EphemeralValue]))


def state_schema(keys: Iterable[str]) -> type[Any]:
    """All channels of a gate."""
    return typed_dict(
        "GateState",
        dict.fromkeys(keys, Annotated[Any, EphemeralValue])
        | {
            QUESTION: Question,
            ANSWER: Any,
            REVISION: Any,
            UNSEEN: Annotated[bool, UntrackedValue],
            "review": ReviewRecord,
            "reviews": list[ReviewRecord],
        },
    )


def router_schema(keys: Iterable[str]) -> type[Any]:
    """All channels of a router."""
    records = {"review": ReviewRecord, "reviews": list[ReviewRecord]}
    passed = dict.fromkeys(keys, Annotated[Any, EphemeralValue])
    return typed_dict("RouterState", passed | {ROUTE: Route} | records)


def output_schema(keys: Iterable[str]) -> type[Any]:
    """What a gate gives back: the subject where it changed, and the record."""
    written = dict.fromkeys(keys, Annotated[Any, EphemeralValue])
    records = {"review": ReviewRecord, "reviews": list[ReviewRecord]}
    return typed_dict("GateOutput", written | records)


def typed_dict(name: str, fields: dict[str, Any]) -> type[Any]:
    """A schema whose keys are known only when the gate is built."""
    made: type[Any] = TypedDict(name, fields, total=False)  # type: ignore[misc]  # dynamic
    return made
