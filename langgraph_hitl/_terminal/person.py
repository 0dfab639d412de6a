"""`Person`: whoever answers a review in place of the graph."""

from __future__ import annotations

from typing import Protocol

from langgraph_hitl.review.decision import Decision
from langgraph_hitl.review.request import ReviewRequest


class Person(Protocol):
    """One method; a keyboard and a script have it."""

    def decide(self, request: ReviewRequest, refused: str | None = None) -> Decision | None:
        """The answer to `request`, or None to end here with nothing decided.

        `refused` is why the previous answer to the same request was not accepted.
        """
        ...
