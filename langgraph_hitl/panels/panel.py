"""`Panel`: who decides, and how many. A pure function from votes to a tally."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from langgraph_hitl.panels.per_item import are_of_items, tally_items
from langgraph_hitl.panels.result import result_of
from langgraph_hitl.panels.tally import Open, Settled, Tally
from langgraph_hitl.panels.verdict import Verdict
from langgraph_hitl.panels.vote import Vote
from langgraph_hitl.panels.who import in_words, level_in, name_in, role_in, skill_in
from langgraph_hitl.review.decision import Abstain, to_json
from langgraph_hitl.review.reviewer import Voter

VERSION = 1
MAX_SHOWN_VOTE = 8_000


class Panel(ABC):
    """Who decides, and how many. Made by `anyone`, `quorum`, `majority`, `unanimous`, `all_of`,
    and for those who go by authority and knowledge by `chain`, `by_risk`, `expert`.

    A panel keeps nothing: `tally` gives the same for the same votes in every process. The caller
    passes the votes on one version of the subject, in the order in which they were cast.
    """

    blind: bool
    may_change: bool

    def tally(self, votes: Iterable[Vote]) -> Tally:
        """How the votes stand: `Open`, or `Settled` with the decision they come to.

        It is settled with the first vote after which no further one can change the result, and
        what comes later counts nothing. Nobody counts twice: the latest vote of a person replaces
        the earlier one, or with `may_change=False` the first one stands. Votes of people who may
        not vote count nothing. Where a list is decided item by item, each item has its own tally.
        """
        cast = [*votes]
        if are_of_items(cast) and not self.single:
            return tally_items(cast, self._tally)
        return self._tally(cast)

    def _tally(self, votes: Iterable[Vote]) -> Tally:
        cast, verdict = self._count(votes)
        if verdict is not None:
            return self._settled(cast, verdict)
        for_, against, abstained = self.weighed(cast)
        return Open(
            for_=for_,
            against=against,
            abstained=abstained,
            needed=self.needed(cast),
            votes=tuple(cast),
        )

    def verdict(self, votes: Iterable[Vote]) -> Verdict | None:
        """What the votes come to, without the words of the voters; None while it is open."""
        return self._count(votes)[1]

    def may_vote(self, voter: Voter) -> bool:
        """Whether somebody has a vote. `DIRECT` has one where anybody has."""
        return self.refusal(voter) is None

    def refusal(self, voter: Voter) -> str | None:
        """Why somebody has no vote, in words that follow "may not decide it"; None if they have."""
        return None if self.is_eligible(voter) else f"it takes {in_words(self.eligible_keys)}"

    def for_review(
        self, *, score: Any = None, risk: str | None = None, level: str | None = None
    ) -> Panel:
        """The panel that decides a review, where that depends on the review; else this one.

        Args:
            score: Its score from 0 to 1. What cannot be read needs as much as the highest does.
            risk: Its risk, such as `high`; what cannot be read counts like that.
            level: The level that it has been passed up to; it never comes down again.
        """
        return self

    @property
    def varies(self) -> bool:
        """Whether `for_review` goes by the score or the risk of a review."""
        return False

    @property
    def alternatives(self) -> tuple[Panel, ...]:
        """The panels of which one decides a review; most have none but themselves."""
        return (self,)

    def shown(self, votes: Iterable[Vote] = ()) -> dict[str, Any]:
        """What people are shown of the panel while it is open: plain JSON.

        `rule` in words, `cast` votes, and unless the panel is blind who said what in `votes` and
        what is `needed`. Long values of edits and answers are left out.
        """
        tally = self.tally(votes)
        view: dict[str, Any] = {
            "rule": self.rule,
            "eligible": [*self.eligible_keys],
            "blind": self.blind,
            "may_change": self.may_change,
            "cast": len(tally.votes),
        }
        if self.blind:
            return view
        needed = [] if tally.settled else [*tally.needed]
        return view | {"needed": needed, "votes": [_shown(vote) for vote in tally.votes]}

    @property
    def names_roles(self) -> bool:
        """Whether it matters which roles somebody has."""
        return any(role_in(key) is not None for key in self._keys())

    @property
    def names_authority(self) -> bool:
        """Whether it matters which level or skills somebody has."""
        keys = [*self._keys()]
        return any(level_in(key) is not None or skill_in(key) is not None for key in keys)

    @property
    @abstractmethod
    def rule(self) -> str:
        """The rule in words: `2 of 3 by security`."""

    @property
    @abstractmethod
    def single(self) -> bool:
        """Whether one vote settles it, whatever it is."""

    @property
    @abstractmethod
    def eligible_keys(self) -> tuple[str, ...]:
        """Who has a vote: `*` for anybody, `role:editors`, `person:maria`."""

    @abstractmethod
    def is_eligible(self, voter: Voter) -> bool:
        """Whether somebody has a vote."""

    @abstractmethod
    def judge(self, votes: Sequence[Vote]) -> Verdict | None:
        """The verdict, if it is certain. `votes` are of distinct people who may vote."""

    @abstractmethod
    def needed(self, votes: Sequence[Vote]) -> tuple[str, ...]:
        """What approval lacks, in words."""

    @abstractmethod
    def weighed(self, votes: Sequence[Vote]) -> tuple[float, float, int]:
        """The weight of the leading answer, the weight against, and the number of abstentions."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """The panel as plain JSON, which `panel_from_json` reads in any process."""

    def _keys(self) -> Iterable[str]:
        """Every key that the rule refers to."""
        return self.eligible_keys

    def _count(self, votes: Iterable[Vote]) -> tuple[list[Vote], Verdict | None]:
        """The votes that count, up to the one that settles it."""
        cast: list[Vote] = []
        for vote in votes:
            if self.may_vote(vote.identity) and self._takes(cast, vote):
                cast = [*(earlier for earlier in cast if earlier.voter != vote.voter), vote]
                verdict = self.judge(cast)
                if verdict is not None:
                    return cast, verdict
        return cast, None

    def _takes(self, cast: Sequence[Vote], vote: Vote) -> bool:
        return self.may_change or all(earlier.voter != vote.voter for earlier in cast)

    def _settled(self, cast: Sequence[Vote], verdict: Verdict) -> Settled:
        for_, against, abstained = self.weighed(cast)
        last = cast[-1].decision
        alone = self.single and not isinstance(last, Abstain)
        return Settled(
            result=last if alone else result_of(verdict, cast),
            for_=for_,
            against=against,
            abstained=abstained,
            votes=tuple(cast),
        )


def named(keys: Iterable[str]) -> str:
    """Keys in words."""
    return ", ".join(map(name_in, keys))


def _shown(vote: Vote) -> dict[str, Any]:
    decision = to_json(vote.decision)
    if len(json.dumps(decision)) > MAX_SHOWN_VOTE:
        decision = {"type": decision["type"], "truncated": True}
    acting = {} if vote.cast_by is None else {"acting_for": vote.voter}
    return {"by": vote.said_by, **acting, **decision}
