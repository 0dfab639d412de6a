"""`InboxClerk`: the inbox for one node of a gate, within one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig

from langgraph_hitl._subgraph._pregel import (
    checkpointer_of,
    path_of,
    place_of,
    root_checkpoint_of,
    task_of,
)
from langgraph_hitl._subgraph.channels import Question
from langgraph_hitl._subgraph.desk import Hook, RouterEvent, Verdict
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.errors import (
    AlreadyDecided,
    GateError,
    InboxError,
    InboxUnavailable,
    InvalidDecision,
    NotAuthorised,
)
from langgraph_hitl.inbox._alike import shown_alike
from langgraph_hitl.inbox._attend import answered
from langgraph_hitl.inbox._catch_up import course_of, panel_of
from langgraph_hitl.inbox._run.escalated import tell
from langgraph_hitl.inbox._run.filing import filing_of, question_of
from langgraph_hitl.inbox._run.hook import call_once
from langgraph_hitl.inbox._run.observed import traced
from langgraph_hitl.inbox._run.run import Run, Taken, Version
from langgraph_hitl.inbox._run.submission import choices, mark
from langgraph_hitl.inbox.review import Filing, Review, joined_by
from langgraph_hitl.review.reviewer import DIRECT

if TYPE_CHECKING:
    from langgraph_hitl.inbox._office import Office
    from langgraph_hitl.panels import Panel
    from langgraph_hitl.precedents import Similar

_PATIENCE = 5.0
"""Seconds for the saver to store the checkpoint that a run begins with."""


class InboxClerk:
    """See `langgraph_hitl._subgraph.desk.Clerk`."""

    def __init__(self, office: Office, run: Run, spec: GateSpec, config: RunnableConfig) -> None:
        self._office = office
        self._run = run
        self._spec = spec
        self._config = config

    @property
    def graph(self) -> str:
        return self._run.graph

    @property
    def plain_answer(self) -> bool:
        return self._run.plain_answer

    def filed(self, review_id: str) -> Question | None:
        with self._office.ledger.looking() as rx:
            review = rx.get(review_id)
        if review is None or review.question is None or review.round > 0:
            return None
        self._check_own(review)
        return question_of(review)

    def file(self, question: Question) -> None:
        self._check_lock()
        self._await_root()
        filing = self._filing(question)
        if filing.mode == "sampled" and self._office.registry.spec_of(filing) is None:
            raise GateError(
                f"Gate {self._spec.name!r} runs at {filing.gate!r}, where the graph has no such "
                "gate: add it as a node of its own, so that its on_recall is found later"
            )
        office = self._office
        roll = office.roll() if office.assigns else None
        with office.ledger.transaction() as tx:
            review, is_new = tx.file(filing)
            if is_new and roll is not None:
                office.turns(tx, roll, office.clock()).keep_or_assign(review)
        if filing.mode != "blocking":
            self._run.went_on[_version(question)] = filing.mode

    def similar(self, request: Mapping[str, Any], how: Similar) -> dict[str, Any]:
        return shown_alike(self._office, request, how)

    def panel(self, question: Question) -> Panel:
        with self._office.ledger.looking() as rx:
            review = rx.get(question["review_id"])
        assert review is not None
        return panel_of(review, review.decided_at or self._office.clock())

    def theirs(self, question: Question) -> Panel | None:
        with self._office.ledger.looking() as rx:
            review = rx.get(question["review_id"])
        course = None if review is None else course_of(review)
        return None if course is None else course.theirs

    def passed(self, question: Question) -> None:
        filing = self._filing(question)
        with self._office.ledger.transaction() as tx:
            tx.pass_automatically(filing)

    def verdict(self, question: Question) -> Verdict | None:
        version = _version(question)
        handed = self._run.verdicts.get(version)
        if handed is not None:
            return handed
        found = self._office.verdict(*version)
        if found is not None:
            self._run.verdicts[version] = found
        return found

    def waits(self, question: Question) -> None:
        self._office.point("asking")
        self._run.waiting.add(_version(question))

    def direct(self, question: Question, decision: dict[str, Any]) -> Verdict | None:
        self._check_lock()
        review_id, round_ = _version(question)
        with suppress(AlreadyDecided, InvalidDecision, NotAuthorised):
            cast = answered(
                self._office,
                review_id,
                decision,
                DIRECT,
                channel="direct",
                seen=question["digest"],
                round_=round_,
            )
            if cast.review.escalated_to and decision.get("to"):
                tell(self._office, review_id, decision["to"])
        return self.verdict(question)

    def reopen(self, question: Question, reason: str) -> None:
        review_id, round_ = _version(question)
        self._run.verdicts.pop((review_id, round_), None)
        with self._office.ledger.transaction() as tx:
            tx.reopen(review_id, round_, actor="system:graph", reason=reason)

    def withdraw(self, question: Question, reason: str) -> None:
        self._check_lock()
        review_id, round_ = _version(question)
        self._run.verdicts.pop((review_id, round_), None)
        with self._office.ledger.transaction() as tx:
            tx.supersede(review_id, round_, reason=reason)

    def took(self, question: Question, outcome: str | None) -> None:
        self._check_lock()
        self._office.point("recording")
        if outcome is not None:
            self._run.taken[_version(question)] = Taken(outcome, question["digest"])

    def once(self, question: Question, hook: Hook, call: Callable[[], None]) -> None:
        review_id, round_ = _version(question)
        call_once(self._office, review_id, round_, hook, call)

    def note(self, review_id: str, event: RouterEvent, content: Mapping[str, str]) -> None:
        with self._office.ledger.transaction() as tx:
            noted = any(row.event == event for row in tx.history(review_id))
            if event == "pattern_failed" or not noted:
                reason = content.get("error") or content.get("reason")
                kept = {name: text for name, text in content.items() if text is not reason}
                actor: Any = {"actor": "system:graph", "channel": "graph"}
                tx.note(review_id, event, **actor, reason=reason, content=kept)

    def join(self, digest: Callable[[], str | None]) -> Question | None:
        self._check_lock()
        self._await_root()
        thread, task = self._run.thread_id, task_of(self._config)
        with self._office.ledger.transaction() as tx:
            for review in tx.open_on(thread, self.graph, content=False):
                if joined_by(task) in review.hooks:
                    return question_of(*tx.contents([review]))
            unjoined = tx.unjoined(thread, self.graph)
            place = place_of(self._config)
            for review in choices(unjoined, tx.contents, self._spec, place, digest):
                if tx.join(
                    review.id,
                    gate=path_of(self._config),
                    root_checkpoint=root_checkpoint_of(self._config),
                    task=task,
                ):
                    return question_of(review)
        return None

    def _filing(self, question: Question) -> Filing:
        before: Review | None = None
        if question["round"]:
            with self._office.ledger.looking() as rx:
                before = rx.get(question["review_id"])
        filing = filing_of(
            self._spec,
            question,
            before=before,
            graph=self.graph,
            gate=path_of(self._config),
            root_checkpoint=root_checkpoint_of(self._config),
        )
        filing = traced(self._office, filing, before)
        if filing.mode != "submitted":
            return filing
        assert filing.question is not None
        marked = mark(self._spec, filing.question, place_of(self._config))
        return replace(filing, question=marked)

    def _check_own(self, review: Review) -> None:
        """A review that was submitted may have been joined, by a gate at another place."""
        gate = review.gate if self._spec.mode == "submitted" else path_of(self._config)
        own = (self._run.thread_id, self.graph, gate)
        if (review.thread_id, review.graph, review.gate) != own:
            raise InboxError(
                f"Review {review.id} is not of this gate, {gate!r} of {self.graph!r} on the thread "
                f"{self._run.thread_id!r}; nobody was asked"
            )

    def _check_lock(self) -> None:
        """The lock, and not only the hope of it: also of a run that has not yielded for long."""
        if not self._run.holds_lock():
            raise InboxUnavailable(
                f"the lock of the thread {self._run.thread_id!r} was lost with its connection; "
                "nothing was recorded. Run the graph again, or let a worker do it."
            )

    def _await_root(self) -> None:
        """LangGraph stores a run's first checkpoint in the background.

        What is filed before that, by a run that is killed then, nobody could go on with.
        """
        saver = checkpointer_of(self._config)
        root = root_checkpoint_of(self._config)
        if saver is None or root is None:
            return
        thread: RunnableConfig = {
            "configurable": {
                "thread_id": self._run.thread_id,
                "checkpoint_ns": "",
                "checkpoint_id": root,
            }
        }
        deadline = time.monotonic() + _PATIENCE
        while saver.get_tuple(thread) is None:
            if time.monotonic() > deadline:
                raise InboxUnavailable("the checkpointer does not store the run; nothing was filed")
            time.sleep(0.001)


def _version(question: Question) -> Version:
    return question["review_id"], question["round"]
