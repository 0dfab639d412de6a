"""`human_approval`: a person approves, edits, rejects or asks for changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Never

from langgraph_hitl._subgraph.clock import Clock, system_clock
from langgraph_hitl._subgraph.desk import Desk
from langgraph_hitl._subgraph.filing_options import Reviewers
from langgraph_hitl._subgraph.gate import Gate
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl._subgraph.spec import OnExhausted, Priority
from langgraph_hitl.patterns.options import NoOptions, known
from langgraph_hitl.review.decision import Decision
from langgraph_hitl.review.lens import Lens
from langgraph_hitl.review.request import ReviewRequest
from langgraph_hitl.triggers.trigger import Trigger

if TYPE_CHECKING:
    from langgraph_hitl.deadlines import OnDefer, OnTimeout
    from langgraph_hitl.policies import Escalation, Policy
    from langgraph_hitl.precedents import Similar


def human_approval(
    subject: str | Lens,
    *,
    action: str | None = None,
    allowed_decisions: Sequence[str] | None = None,
    context: str | Sequence[str] | Callable[[Any], Mapping[str, Any]] | None = None,
    required_context: Sequence[str] = (),
    when: Trigger | Callable[[Any], Any] | None = None,
    criteria: str | Sequence[str] | Callable[[Any], Any] | None = None,
    edit_schema: Any = None,
    revise: Any = None,
    prompt: Callable[[Any], Any] | None = None,
    max_revisions: int = 3,
    on_exhausted: OnExhausted = "rejected",
    resubmit_edits: bool = False,
    reads: Sequence[str] = (),
    state_schema: type[Any] | None = None,
    write_back: bool = True,
    clock: Clock = system_clock,
    inbox: Desk | None = None,
    reviewers: Reviewers | None = None,
    timeout: timedelta | str | None = None,
    on_timeout: OnTimeout | None = None,
    remind: timedelta | str | Sequence[timedelta | str] | None = None,
    on_defer: OnDefer | None = None,
    policy: Policy | None = None,
    escalations: Mapping[str, Escalation] | None = None,
    requester: str | Callable[[Any], Any] | None = None,
    similar: Similar | None = None,
    queue: str | None = None,
    priority: Priority | Callable[[Any], Any] | None = None,
    on_asked: Callable[[ReviewRequest], Any] | None = None,
    on_decided: Callable[[ReviewRequest, Decision], Any] | None = None,
    on_recall: Callable[..., Any] | None = None,
    name: str = "human_approval",
    **unknown: Never,
) -> Gate:
    """A gate at which a person approves the subject before the graph goes on.

    Args:
        subject: The state key of what is decided, or a lens such as `last_message()`; JSON or
            messages.
        action: What happens after the approval, as reviewers and clients see it.
        allowed_decisions: Of approve, edit, reject, revise, respond. Approve, edit and reject by
            default, and revise with `revise=`.
        context: State keys that the reviewer sees beside the subject, or a function of the state
            that gives a mapping (rationale, impact, reversibility, cost, alternatives, ...).
        required_context: Names without which nobody is asked (`ContextMissing`).
        when: A trigger (`langgraph_hitl.triggers`) or a function of the state; `False` lets the
            subject pass as `auto_approved`. Everything else, an error among it, asks a person. A
            `Finding` gives the reason and a score. Evaluated once; where it gave a score, a new
            version is scored again.
        criteria: What to check, shown with every request; a function of the state gives those of
            the case.
        edit_schema: What an edited value looks like: a type or a JSON schema. Without it an edit
            is JSON of the subject's own kind.
        revise: A function, Runnable or chat model that makes the next version from the feedback
            and returns `{subject: value}`. Without it, `revise` ends as `needs_revision`.
        prompt: With a chat model as `revise`: a function from the state to messages.
        max_revisions: How many new versions; the next request for changes ends as `on_exhausted`.
        on_exhausted: `rejected` or `needs_revision`.
        resubmit_edits: An edit is a new version to be approved, instead of passing at once.
        reads: State keys that the functions read, where neither the annotation of their first
            parameter nor `state_schema` tells.
        state_schema: The schema of the graph's state, to check the keys now.
        write_back: Write an edited or revised value to the subject's key. `False` under `Send`:
            read `decided_items(state)` where the branches join.
        clock: Gives the present moment in UTC.
        inbox: An `Inbox`, where the review waits, is decided once, and is kept.
        reviewers: Who decides, and how many: a role, a `Reviewer`, several of these, or a panel of
            `langgraph_hitl.panels` (`quorum(2, of="editors")`). Anybody without it.
        timeout: How long people have, such as `24h` or `1d 12h`, then it is `timed_out`, decided by
            `system:deadline`; nothing is ever approved by a deadline. Without it a review waits,
            unless `chain(..., within=...)` gives its levels a time.
        on_timeout: `reject` (the default), or `escalate`: with a chain each level has the timeout
            and passes it up when that is over; it is `timed_out` after the highest.
        remind: How long before the end people are reminded; one duration, or several.
        on_defer: What the time does while somebody defers the review: `run_on` (the default) or
            `pause`.
        policy: A `Policy` (`langgraph_hitl.policies`) in place of `when`: its rules say what
            passes, and who is asked by when. What a rule leaves open is said here.
        escalations: To whom a review can be passed on, by name: `{"legal": Escalation(...)}` of
            `langgraph_hitl.policies`. `Escalate("unsure", to="legal")` and `Inbox.escalate` do it;
            each name once for a review.
        requester: The state key, or a function of the state, that gives the id of who asked for
            it: this person may not decide it.
        similar: What makes cases alike, such as `by_keys("amount")` of `langgraph_hitl.precedents`:
            past decisions about the same action are shown with the request (`similar`), and what
            nearly all of them came to as a `suggestion`.
        queue: The queue of the inbox, `default` without it.
        priority: `critical`, `high`, `normal` (the default) or `low` in the inbox, or a function of
            the state that gives one; a case whose priority cannot be told comes first.
        on_asked: A synchronous function, called with the request once for every version that people
            are asked about.
        on_decided: A synchronous function, called with the request and the decision, once for every
            version.
        on_recall: Called with the request and the decision where what went on has to be called
            back: somebody has overridden it (`Inbox.override`), or `qa_sample(blocking=False)` let
            it go on before it was looked at. Until it succeeds, `inbox.work()` calls it again. One
            with a parameter `recall` gets by that name what was done, and under which key: see
            `langgraph_hitl.inbox.Recall`.
        name: The gate's name in requests and traces.

    Returns:
        A compiled subgraph for `add_review` or `StateGraph.add_node`.

    Raises:
        GateError: An option is unknown, contradicts another or could have no effect.

    >>> from langgraph_hitl import human_approval
    >>> gate = human_approval("payment", action="pay", allowed_decisions=["approve", "reject"])
    >>> gate.name
    'human_approval'
    """
    known(human_approval, unknown, NoOptions)
    return review_gate(
        kind="human_approval",
        name=name,
        subject=subject,
        default_decisions=("approve", "edit", "reject"),
        action=action,
        allowed_decisions=allowed_decisions,
        context=context,
        required_context=required_context,
        when=when,
        criteria=criteria,
        edit_schema=edit_schema,
        revise=revise,
        prompt=prompt,
        max_revisions=max_revisions,
        on_exhausted=on_exhausted,
        resubmit_edits=resubmit_edits,
        reads=reads,
        state_schema=state_schema,
        write_back=write_back,
        clock=clock,
        inbox=inbox,
        reviewers=reviewers,
        timeout=timeout,
        on_timeout=on_timeout,
        remind=remind,
        on_defer=on_defer,
        policy=policy,
        escalations=escalations,
        requester=requester,
        similar=similar,
        queue=queue,
        priority=priority,
        on_asked=on_asked,
        on_decided=on_decided,
        on_recall=on_recall,
    )
