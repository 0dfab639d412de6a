"""`Memory`: what people decided before, for those who decide, for forms, and for later runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox import _check as check
from langgraph_hitl.inbox._alike import alike, alike_in, text_of
from langgraph_hitl.inbox._case import context_in, context_of
from langgraph_hitl.inbox._guide import Guide, keys_read
from langgraph_hitl.inbox._records import Records
from langgraph_hitl.inbox._wait import EstimatedWait, Wanted, estimate
from langgraph_hitl.inbox.review import OVERRULED, Review
from langgraph_hitl.precedents import (
    Comparable,
    Guidance,
    Similar,
    Suggestion,
    familiarity,
    guidance,
    suggestion,
)
from langgraph_hitl.triggers import Source
from langgraph_hitl.triggers.source import Function

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.decided import PastDecision


class Memory(Records):
    """The past decisions of an inbox, of all its graphs. None of it decides anything.

    Every question has an asynchronous twin, off the event loop.

    >>> from langgraph.checkpoint.memory import InMemorySaver
    >>> from langgraph.graph import START, StateGraph
    >>> from langgraph_hitl import Approve, Inbox, ReviewState, human_approval
    >>> from langgraph_hitl.precedents import by_keys
    >>> class State(ReviewState):
    ...     refund: dict
    >>> inbox, how = Inbox.open("sqlite:///:memory:"), by_keys("amount")
    >>> builder = StateGraph(State)
    >>> _ = builder.add_node("check", human_approval("refund", action="refund", inbox=inbox))
    >>> _ = builder.add_edge(START, "check")
    >>> app = inbox.register(builder.compile(checkpointer=InMemorySaver()), "shop")
    >>> for amount in (100, 110, 900, 105):
    ...     config = {"configurable": {"thread_id": f"order-{amount}"}}
    ...     _ = app.invoke({"refund": {"amount": amount}}, config)

    >>> *past, review = inbox.pending()
    >>> for one in past:
    ...     _ = inbox.decide(one, Approve(f"{one.thread_id} is fine"), by="maria")
    >>> near = inbox.similar(review, how=how, limit=2)
    >>> [round(one.distance, 3) for one in near], near[0].precedent.value
    ([0.045, 0.048], {'amount': 110})
    >>> inbox.suggestion(review, how=how, least=2).sentence
    'approved in 2 of 2 comparable cases'
    >>> inbox.guidance(action="refund", limit=1)[0].text
    'order-900 is fine'
    >>> guidance = inbox.guide(action="refund", how=how, subject="refund", limit=1)
    >>> guidance({"refund": {"amount": 800}})
    ['order-900 is fine']
    >>> inbox.estimated_wait().waiting
    1
    """

    def similar(
        self, review_id: Review | str, *, how: Similar, limit: int = 5, among: int = 500
    ) -> list[Comparable]:
        """Past decisions about the same action, the nearest first, whichever graph asked.

        Decisions of people only: neither what passed unasked or ran out of time, nor what was
        cancelled, superseded, is being revised, or whose content was removed. What a case is
        compared by are the keys that the person saw: those of the declared context and those of the
        subject, which is its own key where it is no object; the one of the context comes first.

        Args:
            review_id: The present case, from `pending`, or its id. It is not its own precedent.
            how: What makes cases alike, for example `by_keys("amount", "country")`.
            limit: How many at most.
            among: How many of the latest decisions are looked at.

        Raises `InboxError` for a limit that makes no sense, and `UnknownReview`.

        ```python
        for found in inbox.similar(review, how=by_keys("amount", "country")):
            print(found.precedent.outcome, found.precedent.decided_by, found.distance)
        ```
        """
        check.count(limit, "limit=")
        check.count(among, "among=")
        how = check.measure(how)
        review = review_id if isinstance(review_id, Review) else self.get(review_id)
        case = {**review.request, "action": review.action, "review_id": review.id}
        return alike(self._office, case, how=how, limit=limit, among=among)

    def suggestion(
        self,
        review_id: Review | str,
        *,
        how: Similar,
        least: int = 3,
        share: float = 0.8,
        within: float = 0.25,
        among: int = 500,
    ) -> Suggestion | None:
        """What a form may be filled in with, marked as a suggestion; None where cases differ.

        Args:
            review_id: The present case, or its id.
            how: What makes cases alike; see `similar`.
            least: How many comparable cases have to agree at least.
            share: Which share of them has to agree.
            within: The largest distance of a case that counts.
            among: How many of the latest decisions are looked at.

        Raises as `similar`, and `GateError` for a share not above one half, or a `least` below 1.

        ```python
        found = inbox.suggestion(review, how=by_keys("amount", "country"))
        if found is not None:
            print(found.sentence)      # approved in 4 of 5 comparable cases
        ```
        """
        check.count(among, "among=")
        check.count(least, "least=")
        check.share(share, "share=")
        check.share(within, "within=")
        found = self.similar(review_id, how=how, limit=among, among=among)
        return suggestion(found, least=least, share=share, within=within)

    def guidance(
        self,
        *,
        action: str,
        context: Mapping[str, Any] | None = None,
        how: Similar | None = None,
        limit: int = 10,
        among: int = 500,
    ) -> list[Guidance]:
        """What reviewers said about an action: the newest first, or what is nearest first.

        The comment of an approval or an edit, the feedback of a revision, the message of a refusal.
        Every version of a review counts once the review is over: what is said about one that is
        being revised, its reviser is told anyway.

        Args:
            action: What was decided about.
            context: The keys of the present case, which `how` compares.
            how: What makes cases alike; see `similar`.
            limit: How many at most.
            among: How many of the latest decided reviews are looked at.

        Raises `InboxError` for a limit that makes no sense, and where only one of `context` and
        `how` is given.

        >>> from langgraph_hitl.inbox import Inbox
        >>> Inbox.open("sqlite:///:memory:").guidance(action="refund")
        []
        """
        check.count(limit, "limit=")
        check.count(among, "among=")
        check.name(action, "action=")
        if (how is None) != (context is None):
            raise InboxError("guidance: how= and context= go together, one compares the other")
        if how is not None:
            check.measure(how)
            check.mapping(context, "context=")
        with self._office.ledger.looking() as rx:
            past = rx.said(action, among=among, requests=how is not None)
        said = [one for one in (_guidance(each, action) for each in past) if one is not None]
        return guidance(said, context=context, how=how, limit=limit)

    def guide(
        self,
        *,
        action: str,
        how: Similar | None = None,
        reads: tuple[str, ...] | None = None,
        subject: str | None = None,
        limit: int = 10,
        among: int = 500,
    ) -> Guide:
        """What reviewers taught, for a node: a function of its state that gives texts, each once.

        Args:
            action: What is to be decided about later.
            how: What makes cases alike. Without it, the newest texts are given.
            reads: The keys of the state that `how` compares; those of `by_keys` without it. A key
                that the state does not have is left out.
            subject: The key of the subject; of one that is an object its own keys are compared.
            limit: How many texts at most.
            among: How many of the latest decided reviews are looked at.

        Raises `InboxError` for a limit that makes no sense, for a `how` whose keys nothing says,
        and for `reads` or `subject` without it.

        ```python
        guidance = inbox.guide(action="refund", how=by_keys("amount", "country"), subject="refund")

        def write(state: State) -> dict[str, Any]:
            taught = guidance(state)           # await guidance.acall(state)
            ...
        ```

        >>> from langgraph_hitl.inbox import Inbox
        >>> guidance = Inbox.open("sqlite:///:memory:").guide(action="refund")
        >>> guidance({"amount": 120})
        []
        """
        if how is not None:
            check.measure(how)
        return Guide(
            memory=self,
            action=check.name(action, "action="),
            how=how,
            keys=keys_read(how, reads, subject),
            subject=subject,
            limit=check.count(limit, "limit="),
            among=check.count(among, "among="),
        )

    def familiarity(
        self,
        *,
        action: str,
        how: Similar,
        reads: tuple[str, ...] | None = None,
        subject: str | None = None,
        least: int = 3,
        within: float = 0.25,
        among: int = 500,
    ) -> Source:
        """How well a case is known from decided ones: what `complexity_above` takes as `precedent`.

        A source of 0 to 1 that a gate reads when it prepares a review: the share of comparable
        cases that people approved as they were shown, 0 where there are too few; see
        `langgraph_hitl.precedents.familiarity`.

        Args:
            action: What is to be decided about.
            how: What makes cases alike; see `similar`.
            reads: The keys of the state that `how` compares; those of `by_keys` without it, or
                with a `subject` none but its own.
            subject: The key of the subject; of one that is an object its own keys are compared.
            least: How many comparable cases there have to be.
            within: The largest distance of a case that counts.
            among: How many of the latest decisions are looked at.

        Raises `InboxError` for numbers that make no sense, and for a `how` whose keys nothing says.

        >>> from langgraph_hitl.inbox import Inbox
        >>> from langgraph_hitl.precedents import by_keys
        >>> inbox = Inbox.open("sqlite:///:memory:")
        >>> known = inbox.familiarity(action="pay", how=by_keys("amount"))
        >>> known({"amount": 12})
        0.0
        """
        check.name(action, "action=")
        check.count(least, "least=")
        check.share(within, "within=")
        check.count(among, "among=")
        keys = keys_read(check.measure(how), reads, subject, what="familiarity")
        own = () if subject is None else (check.name(subject, "subject="),)
        keys = () if own and reads is None else keys

        def known(state: Any) -> float:
            context = context_in(state, keys, subject=subject)
            found = alike_in(self._office, context, action=action, how=how, among=among)
            return familiarity(found, least=least, within=within)

        return Function(known, "familiarity", reads=(*own, *keys))

    def estimated_wait(
        self,
        *,
        queue: str | None = None,
        reviewers: int | None = None,
        share: float = 0.5,
        within: timedelta | str = timedelta(days=7),
        pause: timedelta | str = timedelta(minutes=30),
        least: int = 10,
        last: int = 10_000,
    ) -> EstimatedWait:
        """How long a review that is filed now will wait, by a formula and by what was observed.

        A person's work on a review is the time to the decision or vote, from the claim, if there
        was one, and not from before the filing or that person's decision before it.

        Args:
            queue: Of this queue; of all without it.
            reviewers: How many people work on it; as many as decided something in it without it.
            share: Which share of the waits the observed one is not to exceed.
            within: How far back it is looked: a duration, also as a text (`7d`).
            pause: What takes a person longer is no work, but a break in it.
            least: How many arrivals, decisions and waits there have to be to say anything.
            last: How many rows of the audit are looked at, the latest.

        Raises `InboxError` for numbers that make no sense.

        >>> from langgraph_hitl.inbox import Inbox
        >>> found = Inbox.open("sqlite:///:memory:").estimated_wait(queue="refunds")
        >>> found.expected, found.observed, found.waiting
        (None, None, 0)
        """
        wanted = Wanted(
            queue=queue,
            reviewers=None if reviewers is None else check.count(reviewers, "reviewers="),
            share=check.share(share, "share="),
            within=check.span(within, "within="),
            pause=check.span(pause, "pause="),
            least=check.count(least, "least="),
        )
        check.count(last, "last=")
        with self._office.ledger.reading() as rx:
            passages = rx.passages(last=last)
            waiting = rx.waiting_since(queue, limit=last)
        return estimate(passages, waiting, wanted, now=self._office.clock())

    async def asimilar(self, review_id: Review | str, **wanted: Any) -> list[Comparable]:
        """`similar` off the event loop."""
        return await self._off_the_loop(partial(self.similar, review_id, **wanted))

    async def asuggestion(self, review_id: Review | str, **wanted: Any) -> Suggestion | None:
        """`suggestion` off the event loop."""
        return await self._off_the_loop(partial(self.suggestion, review_id, **wanted))

    async def aguidance(self, **wanted: Any) -> list[Guidance]:
        """`guidance` off the event loop."""
        return await self._off_the_loop(partial(self.guidance, **wanted))

    async def aestimated_wait(self, **wanted: Any) -> EstimatedWait:
        """`estimated_wait` off the event loop."""
        return await self._off_the_loop(partial(self.estimated_wait, **wanted))


def _guidance(past: PastDecision, action: str) -> Guidance | None:
    """What was said with a decision; None where nothing was, or somebody overruled it."""
    text = text_of(past.decision)
    if text is None or OVERRULED in past.hooks:
        return None
    return Guidance(
        review_id=past.review_id,
        round=past.round,
        action=action,
        by=past.by,
        at=past.at,
        outcome=past.outcome,
        decision=past.decision["type"],
        text=text,
        context=context_of(past.request),
    )
