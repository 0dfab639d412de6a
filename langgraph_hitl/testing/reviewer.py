"""`ScriptedReviewer`: a person of a test, who answers what waits in an inbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, get_args

from langgraph_hitl.inbox import Decided, Inbox, Review
from langgraph_hitl.review.decision import Decision
from langgraph_hitl.review.reviewer import Reviewer

Rule: TypeAlias = Callable[[Review], Decision | None]
"""Answers a review, or leaves it with None."""

_MOST = 1000


class ScriptedReviewer:
    """Answers the reviews that this person may decide, by a rule or by a script.

    Args:
        who: The person; a text is one without roles.
        answers: One decision for every review; several, one review after the other, after which
            the rest is left; or a function of the review that gives a decision, or None to leave
            it.

    Raises `ValueError` for an answer that is no decision.

    ```python
    maria = ScriptedReviewer(Reviewer("maria", "editors"), [Revise("shorter"), Approve()])
    jo = ScriptedReviewer("jo", lambda review: Reject() if review.risk == "high" else None)
    maria.answer(inbox)
    ```

    Reviews come in the order in which they were asked. A version is answered once by one person,
    also where it stays pending, because a panel waits for others.

    >>> from langgraph_hitl import Approve
    >>> from langgraph_hitl.inbox import Inbox
    >>> ScriptedReviewer("maria", Approve()).answer(Inbox.open("sqlite:///:memory:"))
    []
    """

    def __init__(self, who: Reviewer | str, answers: Decision | Iterable[Decision] | Rule) -> None:
        self.reviewer = who if isinstance(who, Reviewer) else Reviewer(who)
        self._rule: Rule = _rule_of(answers)
        self._answered: set[tuple[str, int]] = set()

    def answer(self, inbox: Inbox, **wanted: Any) -> list[Decided]:
        """One pass over what waits now; what became of each answer.

        Args:
            inbox: Where the reviews wait.
            wanted: Further filters of `Inbox.pending`: `queue=`, `kind=`, `thread=`, ...

        An answer that came too late or was refused is a result with an `error`.
        """
        results: list[Decided] = []
        for review in self._waiting(inbox, wanted):
            decision = self._decision(review)
            if decision is not None:
                results += inbox.decide_many([(review, decision)], by=self.reviewer)
        return results

    async def aanswer(self, inbox: Inbox, **wanted: Any) -> list[Decided]:
        """`answer` for graphs with an asynchronous saver."""
        results: list[Decided] = []
        for review in self._waiting(inbox, wanted):
            decision = self._decision(review)
            if decision is not None:
                results += await inbox.adecide_many([(review, decision)], by=self.reviewer)
        return results

    def answer_all(self, inbox: Inbox, **wanted: Any) -> list[Decided]:
        """`answer`, again and again until it finds nothing: new versions and later gates too.

        Raises `RuntimeError` after a thousand passes, because a rule that always asks for changes
        would never end.
        """
        results: list[Decided] = []
        for _ in range(_MOST):
            found = self.answer(inbox, **wanted)
            if not found:
                return results
            results += found
        raise RuntimeError(f"{self.reviewer.id} has answered for {_MOST} passes; there is no end")

    def _waiting(self, inbox: Inbox, wanted: dict[str, Any]) -> list[Review]:
        found: list[Review] = []
        after: Review | None = None
        while page := inbox.pending(reviewer=self.reviewer, order="oldest", after=after, **wanted):
            found += page
            after = page[-1]
        return [review for review in found if (review.id, review.round) not in self._answered]

    def _decision(self, review: Review) -> Decision | None:
        decision = self._rule(review)
        if decision is not None:
            self._answered.add((review.id, review.round))
        return decision


def _rule_of(answers: Decision | Iterable[Decision] | Rule) -> Rule:
    if isinstance(answers, get_args(Decision)):
        decision: Any = answers
        return lambda _review: decision
    if callable(answers):
        return answers
    script = list(answers) if isinstance(answers, Iterable) else [answers]
    for item in script:
        if not isinstance(item, get_args(Decision)):
            raise ValueError(f"An answer is a decision such as Approve(), not {item!r}")
    rest = iter(script)
    return lambda _review: next(rest, None)
