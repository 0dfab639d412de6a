"""`Review`: one review as the inbox keeps it, and what is filed, voted and settled about it.

```
            file                 decide                 the graph went on
(nothing) --------> pending ------------------> settled ------------------> applied
                     |  ^                          |
                     |  '------ a new version -----'
                     |
                     |-- no answer in time --> settled (timed_out)
                     |-- cancel ----------------------------------> cancelled
                     '-- new input, a fork, another app ----------> superseded
```

`settled` is durable: the decision stands, whoever dies. `applied` says that the graph has taken it
and gone on. `superseded` is the end of a question that is dead: a decision that no graph had taken
stands in the history only. A request for changes settles one round; the new version makes the
review pending again, in the next round.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from langgraph_hitl._subgraph.spec import Priority

if TYPE_CHECKING:
    from langgraph_hitl.inbox._course import Course

Status = Literal["pending", "settled", "applied", "superseded", "cancelled"]
STATUSES: tuple[Status, ...] = get_args(Status)

Mode = Literal["blocking", "submitted", "sampled"]
"""`blocking`: the graph waits. `submitted`: it waits later, at `await_review`. `sampled`: never."""

PRIORITIES: tuple[Priority, ...] = get_args(Priority)
"""By rank, the most urgent first."""

TIMED_OUT = "timed_out"
"""The outcome where nobody decided in time."""

RELEASED = "released"
"""Among the `hooks` of a sampled review: the run that let its subject go on is over."""


OVERRULED = "overruled"
"""Among the `hooks` of a review that was overridden after its graph had gone on."""

RECALL = "recall"
"""Among the `hooks` of a review whose `on_recall` was called."""


def joined_by(task: str) -> str:
    """Among the `hooks` of a submitted review: which task waits for it."""
    return f"joined:{task}"


Channel = Literal["inbox", "direct", "cli", "worker", "graph"]
"""Where a transition came from."""
CHANNELS: tuple[Channel, ...] = get_args(Channel)


@dataclass(frozen=True, kw_only=True)
class Authority:
    """What somebody was when deciding; `acting_for` is who is away meanwhile."""

    roles: tuple[str, ...] = ()
    level: str | None = None
    skills: tuple[str, ...] = ()
    acting_for: str | None = None


@dataclass(frozen=True, kw_only=True)
class Filing:
    """One version of a review, to be put before people.

    `gate` is the path of the gate's nodes in its graph (`desk|manager`); `root_checkpoint` the id
    of the root checkpoint whose superstep asks. `rank` orders the queue, the smallest first; `due`
    is None without a deadline. `eligible` names who may decide: `*` for anybody, `role:editors`,
    `person:maria`. `request` is the interrupt's value; `question` what a joining gate needs.
    `moved_up` says what this version takes that the person who wrote it has not.
    """

    review_id: str
    graph: str
    thread_id: str
    gate: str
    root_checkpoint: str | None
    kind: str
    action: str
    mode: Mode = "blocking"
    round: int
    digest: str
    queue: str = "default"
    rank: int = 2
    due: datetime | None = None
    risk: str | None = None
    score: float | None = None
    eligible: tuple[str, ...] = ("*",)
    request: dict[str, Any]
    question: dict[str, Any] | None = None
    course: Course | None = None
    requester: str | None = None
    moved_up: str | None = None


@dataclass(frozen=True, kw_only=True)
class Review:
    """One review in the inbox. `request` is what the person is shown, plain JSON.

    `wake` says that the graph has still to be driven: a run was killed, or a decision waits.
    `error` says why a run failed. A run that failed before it took the decision is tried again, and
    counted in `attempts`; one that took it and failed then leaves its error with what is `applied`.
    `requester` asked for it, and may not decide it. `hidden_until` is set while it is deferred.
    `assigned` is whose turn it is, `claimed_by` who is looking at it, until `claimed_until`.
    `course` has the panel and the times of one that has any, and `next_at` is when time does
    something to it next. `hooks` names what was done once for this version: hooks that ran,
    `released` where the run that let a sampled subject go on is over, who joined what was
    submitted, and `overruled` where it was overridden after its graph had gone on; then `recall`
    says that `on_recall` has called it back.
    """

    id: str
    graph: str
    thread_id: str
    gate: str
    root_checkpoint: str | None
    kind: str
    action: str
    mode: Mode
    status: Status
    round: int
    digest: str
    queue: str
    rank: int
    due: datetime | None
    risk: str | None
    score: float | None
    eligible: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    outcome: str | None
    decided_by: str | None
    decided_at: datetime | None
    wake: bool
    attempts: int
    error: str | None
    hooks: tuple[str, ...]
    request: dict[str, Any] = field(repr=False)
    question: dict[str, Any] | None = field(default=None, repr=False)
    course: dict[str, Any] | None = field(default=None, repr=False)
    next_at: datetime | None = None
    hidden_until: datetime | None = None
    requester: str | None = None
    assigned: str | None = None
    assigned_at: datetime | None = None
    claimed_by: str | None = None
    claimed_until: datetime | None = None

    @property
    def priority(self) -> Priority:
        """The word for `rank`: `critical`, `high`, `normal` or `low`."""
        return priority_of(self.rank)

    @property
    def rule(self) -> str:
        """Who decides it now, in words: `anybody`, `2 of 3 by security`."""
        shown = self.request.get("panel") or {}
        return str(shown.get("rule", "anybody"))

    @property
    def level(self) -> str | None:
        """The level of a chain that decides it now; None where no chain does."""
        from langgraph_hitl.inbox._catch_up import panel_of
        from langgraph_hitl.panels.chain import Chain

        panel = panel_of(self, self.updated_at)
        return panel.level if isinstance(panel, Chain) else None

    @property
    def escalated_to(self) -> str | None:
        """The name of the gate's `escalations` that it was passed on to last."""
        names = (self.course or {}).get("escalated") or (None,)
        found: str | None = names[-1]
        return found


def priority_of(rank: int) -> Priority:
    """The word for the rank of a review; what is no rank is critical."""
    return PRIORITIES[rank] if 0 <= rank < len(PRIORITIES) else PRIORITIES[0]


_ASKED_BY = "interrupt:"
"""How the gate of a foreign review begins; no node of a graph has a colon in its name."""


def is_foreign(review: Review) -> bool:
    """Whether no gate asks that files with the inbox by itself; see `Inbox.watch`."""
    return review.gate.startswith(_ASKED_BY)


def gate_of(interrupt_id: str) -> str:
    """What stands for the gate of a question that has none."""
    return _ASKED_BY + interrupt_id


def interrupt_of(review: Review) -> str:
    """The id of the interrupt that asks for a foreign review."""
    return review.gate.removeprefix(_ASKED_BY)


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """One vote on one version of a review, as it is stored."""

    review_id: str
    round: int
    voter: str
    roles: tuple[str, ...]
    decision: dict[str, Any]
    at: datetime
    channel: Channel
    level: str | None = None
    skills: tuple[str, ...] = ()
    acting_for: str | None = None


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """What was decided about one version of a review: `decision` in the wire format."""

    review_id: str
    round: int
    digest: str
    decision: dict[str, Any]
    outcome: str
    by: str
    at: datetime
    channel: Channel
    authority: Authority | None = None
