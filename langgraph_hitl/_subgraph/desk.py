"""`Desk`: the inbox, as far as a gate knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NotRequired, Protocol

from langchain_core.runnables import RunnableConfig
from typing_extensions import TypedDict

if TYPE_CHECKING:
    from langgraph_hitl._subgraph.channels import Question
    from langgraph_hitl._subgraph.spec import GateSpec
    from langgraph_hitl.panels import Panel
    from langgraph_hitl.precedents import Similar

Hook = Literal["asked", "decided"]

RouterEvent = Literal["pattern_started", "pattern_succeeded", "pattern_failed"]

CANCEL = "cancel"
"""The type of a verdict that is nobody's decision about the subject: the review was cancelled."""


TIMEOUT = "timeout"
"""The type of the verdict where nobody decided in time."""

NOT_DECIDED = frozenset({CANCEL, TIMEOUT})
"""The types of verdicts that are nobody's decision about the subject."""


class Verdict(TypedDict):
    """What was decided about one version, as the ledger has it.

    `decision` is in the wire format, or `{"type": "cancel", "reason": ...}`, or `{"type":
    "timeout"}`; `votes` are the single decisions that led to it, each with `by` and `at`. `level`
    and `skills` are those of a single person who decided, as far as they are known.
    """

    decision: dict[str, Any]
    by: str | None
    at: str
    votes: NotRequired[list[dict[str, Any]]]
    roles: NotRequired[list[str]]
    level: NotRequired[str]
    skills: NotRequired[list[str]]


class Desk(Protocol):
    """An inbox that a gate files its reviews with."""

    def clerk(self, spec: GateSpec, config: RunnableConfig) -> Clerk:
        """The inbox for one node of a gate. Raises `NotRegistered` outside of a registered run."""
        ...

    def enlist(self, spec: GateSpec) -> None:
        """Know a gate that stands in no graph, as that of a tool, for as long as there is one.

        Raises `GateError` where nobody in the directory can decide what it asks.
        """
        ...


class Clerk(Protocol):
    """What the nodes of a gate ask of the inbox. Every method may be called again after a crash."""

    @property
    def graph(self) -> str:
        """The name under which the graph is registered."""
        ...

    @property
    def plain_answer(self) -> bool:
        """Whether the thread may have stored a plain answer: false where it was looked at."""
        ...

    def filed(self, review_id: str) -> Question | None:
        """The question that a killed `prepare` has filed before, so that it is asked as it was.

        Raises `InboxError` for a review of another thread, graph or gate.
        """
        ...

    def file(self, question: Question) -> None:
        """Put a version before people, unless it was put before them already."""
        ...

    def similar(self, request: Mapping[str, Any], how: Similar) -> dict[str, Any]:
        """Past decisions like this case: `similar`, and the `suggestion` of a form or None."""
        ...

    def panel(self, question: Question) -> Panel:
        """Who decides this version, as it was filed and as far as it has been passed up."""
        ...

    def theirs(self, question: Question) -> Panel | None:
        """The panel of those to whom it was passed on, for any value; None where it was not."""
        ...

    def passed(self, question: Question) -> None:
        """Keep an automatic pass."""
        ...

    def verdict(self, question: Question) -> Verdict | None:
        """What was decided about this version, or None while nothing is."""
        ...

    def waits(self, question: Question) -> None:
        """Note that the graph waits at this question."""
        ...

    def direct(self, question: Question, decision: dict[str, Any]) -> Verdict | None:
        """Settle by an answer that came to the graph itself.

        The verdict that counts: this one, or that of whoever was first. None where the version is
        still open afterwards: more votes are needed, or this answer may not decide it.
        """
        ...

    def reopen(self, question: Question, reason: str) -> None:
        """Ask again, because the verdict does not fit the question."""
        ...

    def withdraw(self, question: Question, reason: str) -> None:
        """End a question that the gate does not ask any more, with what was decided of it."""
        ...

    def took(self, question: Question, outcome: str | None) -> None:
        """Note that the graph follows the verdict; `outcome` is None if it comes back with more."""
        ...

    def once(self, question: Question, hook: Hook, call: Callable[[], None]) -> None:
        """Call a hook of the user, unless it has been called for this version."""
        ...

    def note(self, review_id: str, event: RouterEvent, content: Mapping[str, str]) -> None:
        """Keep what a router did; a start and a success once for a review, every failure."""
        ...

    def join(self, digest: Callable[[], str | None]) -> Question | None:
        """The question that was submitted for this gate, now to be waited for.

        None where the thread has submitted none that another has not joined. `digest` is that of
        the value which this branch holds; it decides between several that were submitted at once.
        """
        ...
