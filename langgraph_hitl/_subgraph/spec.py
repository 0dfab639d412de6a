"""`GateSpec`: one gate as data, checked when it is built. The nodes read it and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from langchain_core.runnables import Runnable

from langgraph_hitl._reads import Reader, Reads
from langgraph_hitl._subgraph.channels import HANDED, Question, load
from langgraph_hitl._subgraph.clock import Clock
from langgraph_hitl._subgraph.desk import Desk
from langgraph_hitl._subgraph.field import Field
from langgraph_hitl.review.answer_rules import AnswerRules, Asked
from langgraph_hitl.review.decision import Decision
from langgraph_hitl.review.finding import ALWAYS, Finding
from langgraph_hitl.review.items import APPROVING_ITEM, id_of, in_words
from langgraph_hitl.review.lens import Lens
from langgraph_hitl.review.outcome import Outcome
from langgraph_hitl.review.parts import parts_of
from langgraph_hitl.review.record import SCHEMA_VERSION
from langgraph_hitl.review.request import (
    ReviewRequest,
    client_part,
    describe,
    shown_history,
)
from langgraph_hitl.review.snapshot import Snapshot, take
from langgraph_hitl.triggers.condition import Condition

if TYPE_CHECKING:
    from langgraph_hitl.deadlines import Limit
    from langgraph_hitl.panels import Panel
    from langgraph_hitl.policies import Escalation, Policy
    from langgraph_hitl.precedents import Similar

Node: TypeAlias = Any
"""A node function. LangGraph's stubs have no type for one that takes both config and runtime."""

OnExhausted = Literal["rejected", "needs_revision"]
Priority = Literal["critical", "high", "normal", "low"]
Mode = Literal["blocking", "submitted", "sampled"]
"""`blocking`: the graph waits. `submitted`: it waits later, at `await_review`. `sampled`: never."""

Part = Literal["all", "check", "rest", "pattern"]
"""`check`: only whether a person is needed; `rest`: a node before it may have found that out;
`pattern`: a router, which has picked it, may have.
"""


class Reviser(NamedTuple):
    """What makes the next version: `prompt` and `is_model` say what the runnable is called with."""

    runnable: Runnable[Any, Any]
    reads: Reads
    prompt: Callable[[Any], Any] | None
    is_model: bool


@dataclass(frozen=True, eq=False)
class Submission:
    """What `submit_review` and its `await_review` have in common, and no other gate."""

    tag: tuple[str, ...]


class Hooks(NamedTuple):
    """The user's own effects, each called once."""

    asked: Callable[[ReviewRequest], Any] | None = None
    decided: Callable[[ReviewRequest, Decision], Any] | None = None
    recall: Callable[..., Any] | None = None


NO_HOOKS = Hooks()


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)  # imports faster
class GateSpec:
    """Everything a gate was built from. `subject` is None for a question.

    `questions` names what of the context is a list of open questions, which a revision answers.
    `keeps` names an input key that stands in the record too, as `held`, for the branch behind.
    """

    kind: str
    name: str
    subject: Lens | None
    question: str | Reader | None
    rules: AnswerRules
    schema: dict[str, Any]
    context_keys: tuple[str, ...]
    context_reader: Reader | None
    required_context: tuple[str, ...]
    when: Condition | None
    criteria: tuple[str, ...] | Reader
    reviser: Reviser | None
    max_revisions: int
    on_exhausted: OnExhausted
    resubmit_edits: bool
    write_back: bool
    into: str | None
    clock: Clock
    defaults: Mapping[str, Callable[[], Any]]
    escalations: Mapping[str, Escalation]
    questions: str | None = None
    keeps: str | None = None
    field: Field | None = None
    desk: Desk | None = None
    panel: Panel | None = None
    chair: Panel | None = None
    limit: Limit | None = None
    policy: Policy | None = None
    requester: str | Reader | None = None
    similar: Similar | None = None
    queue: str = "default"
    priority: Priority | Reader = "normal"
    hooks: Hooks = NO_HOOKS
    mode: Mode = "blocking"
    part: Part = "all"
    submission: Submission | None = None

    @property
    def joins(self) -> bool:
        """Whether the gate waits for what another has submitted."""
        return self.submission is not None and self.mode == "blocking"

    @property
    def subject_key(self) -> str | None:
        return self.subject.key if self.subject else None

    @property
    def gates(self) -> tuple[GateSpec, ...]:
        """The gates that this is made of: itself."""
        return (self,)

    @property
    def input_keys(self) -> tuple[str, ...]:
        """The state keys that the gate takes from its parent."""
        optional = self.when.optional_keys if self.when else frozenset[str]()
        handed = {HANDED} if self.part in ("rest", "pattern") else set[str]()
        return tuple(sorted(self._needed_keys | optional | handed))

    @property
    def parent_keys(self) -> tuple[str, ...]:
        """The keys that the parent's schema has to have, beside `review` and `reviews`."""
        keys = tuple(sorted(self._needed_keys))
        return (*keys, self.into) if self.into else keys

    @property
    def channel_keys(self) -> frozenset[str]:
        """The state keys that are channels of the gate."""
        return frozenset(self.input_keys).union(self.parent_keys)

    @property
    def _needed_keys(self) -> frozenset[str]:
        keys = {*self.context_keys}
        if self.subject:
            keys.add(self.subject.key)
        if self.keeps:
            keys.add(self.keeps)
        if isinstance(self.requester, str):
            keys.add(self.requester)
        readers = (self.context_reader, self.question, self.criteria, self.priority, self.requester)
        for reader in readers:
            if isinstance(reader, Reader):
                keys |= reader.reads.keys
        if self.when:
            keys |= self.when.keys - self.when.optional_keys
        if self.reviser:
            keys |= self.reviser.reads.keys
        return frozenset(keys) - {"review", "reviews"}

    @property
    def output_keys(self) -> tuple[str, ...]:
        """The keys that the gate may write, beside the records."""
        if self.part == "check":
            return (HANDED,)
        key = self.subject_key if self.subject and self.write_back else self.into
        return (key,) if key else ()

    @property
    def later_keys(self) -> frozenset[str]:
        """The input keys that nodes after `prepare` still need."""
        keys: frozenset[str] = frozenset()
        if self.when:
            keys |= self.when.later_keys
        if self.reviser:
            keys |= self.reviser.reads.keys
        if self.subject and self.subject.is_whole_key:
            keys -= {self.subject.key}
        if self.keeps:
            keys |= {self.keeps}
        return keys & frozenset(self.input_keys)

    @property
    def outcomes(self) -> frozenset[Outcome]:
        """Every way in which the graph can leave this gate; none if it has one way only."""
        if self.mode == "submitted":
            return frozenset()
        if self.mode == "sampled" or self.part == "check":
            return frozenset({"auto_approved"})
        ends: set[Outcome] = set()
        for kind in self.rules.allowed:
            match kind:
                case "approve":
                    ends.add("approved")
                case "edit":
                    if not self.resubmit_edits:
                        ends.add("edited")
                case "reject":
                    ends.add("rejected")
                case "respond":
                    ends.add("answered")
                case "choose":
                    ends.add("chosen")
                case "items":
                    ends |= {"approved", "edited", "partial", "rejected"}
                case "revise":
                    ends |= self._ends_of_revise
                case "abstain":
                    ends.add("rejected")
        if self.desk:
            ends.add("cancelled")
        if self.may_expire:
            ends.add("timed_out")
        if self.when:
            ends.add("auto_approved")
        return frozenset(ends)

    @cached_property
    def terms_vary(self) -> bool:
        """Whether an edited value may take other people than the one that was shown."""
        changes = self.subject is not None and {"edit", "respond", "items"} & {*self.rules.allowed}
        panels = [self.panel, *(each.reviewers for each in self.escalations.values())]
        varies = self.policy is not None or any(panel and panel.varies for panel in panels)
        return bool(changes) and varies and self.mode == "blocking"

    @cached_property
    def may_expire(self) -> bool:
        """Whether a review of this gate could be over because nobody answered in time."""
        plain = self.panel is None and self.limit is None and self.policy is None
        if self.desk is None or (plain and not self.escalations):
            return False
        from langgraph_hitl._subgraph.filing_options import expires
        from langgraph_hitl._subgraph.terms import terms_in

        every = terms_in(self.panel, self.limit, self.policy, self.escalations, self.chair)
        return any(expires(one.panel, one.limit) for one in every)

    @property
    def _ends_of_revise(self) -> set[Outcome]:
        if self.reviser is not None:
            return {self.on_exhausted}
        return {"improve", "regenerate"} if self.rules.rated else {"needs_revision"}

    def read(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot as the state's schema reads it; messages are left to LangChain."""
        if self.field is None or snapshot.form != "json":
            return snapshot
        return take(self.field.read(snapshot.shown))

    def evaluate(self, values: Mapping[str, Any], now: datetime) -> Finding:
        """Whether a person is needed."""
        return self.when.evaluate(values, now) if self.when else ALWAYS

    @property
    def fixed_criteria(self) -> list[str]:
        """The criteria that do not depend on the case."""
        return [] if isinstance(self.criteria, Reader) else list(self.criteria)

    def asked(self, question: Question) -> Asked:
        """The question that an answer has to fit."""
        snapshot = load(question["snapshot"])
        items = self._items_shown(question).get("items")
        return Asked(
            review_id=question["review_id"],
            digest=question["digest"],
            round=question["round"],
            snapshot=snapshot,
            parts=parts_of(self._open(question), snapshot.shown, items),
            decided=in_words(question.get("items", {})),
            going_on=self._going_on(question),
        )

    def _going_on(self, question: Question) -> dict[str, Any]:
        """The items that are not refused, as they would go on."""
        if self.rules.items is None:
            return {}
        key = self.rules.items.key
        entries = question.get("items", {})
        passed = {i: one["value"] for i, one in entries.items() if one["type"] in APPROVING_ITEM}
        known = {str(id_of(item, key)): item for item in question["snapshot"]["shown"]} | passed
        order = dict.fromkeys((*question.get("item_order", []), *known))
        return {item: known[item] for item in order if item in known}

    def request(self, question: Question) -> ReviewRequest:
        """What a hook is told."""
        request = ReviewRequest.from_interrupt("", self.payload(question), self.schema)
        assert request is not None
        return request

    def payload(self, question: Question) -> dict[str, Any]:
        """The interrupt's value."""
        criteria = question.get("criteria") or self.fixed_criteria
        shown = question["snapshot"]["shown"]
        argument = self.rules.argument
        title = shown if self.subject is None else f"{self.name}: {self.rules.action}?"
        return {
            "schema_version": SCHEMA_VERSION,
            "review_id": question["review_id"],
            "thread_id": question["thread_id"],
            "kind": self.kind,
            "action": self.rules.action,
            "subject_key": self.subject_key,
            "subject": shown,
            "context": question["context"],
            "finding": question["finding"],
            "criteria": criteria,
            "allowed_decisions": list(self.rules.allowed),
            "digest": question["digest"],
            "round": question["round"],
            "revisions_left": self._revisions_left(question),
            "history": shown_history(question["history"]),
            "asked_at": question["asked_at"],
            "deadline": self._deadline(question),
            "panel": self._panel_shown(question),
            "answer": self.rules.choice.to_json() if self.rules.choice else None,
            **({"escalations": [*self.escalations]} if self.escalations else {}),
            **({"questions": self._open(question)} if self.questions else {}),
            **self._items_shown(question),
            **question.get("similar", {}),
        } | client_part(
            action=self.rules.action,
            arguments=shown if argument is None else {argument: shown if self.subject else ""},
            description=describe(
                question=title,
                finding=question["finding"],
                criteria=criteria,
                context=question["context"],
                history=question["history"],
            ),
            allowed=[*self.rules.allowed] if self.subject else [*self.rules.allowed, "edit"],
        )

    def _open(self, question: Question) -> dict[str, str] | None:
        """The open questions, by their ids."""
        if self.questions is None:
            return None
        return {one["id"]: one["question"] for one in question["context"][self.questions]}

    def _items_shown(self, question: Question) -> dict[str, Any]:
        """The items that are decided already, without their values and votes."""
        if self.rules.items is None:
            return {}
        entries = question.get("items", {}).items()
        over = [
            {"id": item, **{k: v for k, v in one.items() if k not in ("value", "votes")}}
            for item, one in entries
        ]
        rules = self.rules.items
        return {"items": {"key": rules.key, "allowed": [*rules.allowed], "decided": over}}

    def _panel_shown(self, question: Question) -> dict[str, Any] | None:
        if self.panel is None and self.policy is None:
            return None
        from langgraph_hitl._subgraph.terms import terms_of
        from langgraph_hitl._subgraph.verdict import votes_in

        panel = terms_of(self, question).panel
        if panel is None:
            return None
        shown = panel.shown(votes_in(question.get("votes", [])))
        return shown if self.desk else {**shown, "by_name": not panel.single}

    def _deadline(self, question: Question) -> str | None:
        """When the review is over without an answer, as far as it is known when it is asked."""
        if not self.may_expire:
            return None
        from langgraph_hitl._subgraph.terms import terms_of

        asked_at = datetime.fromisoformat(question["asked_at"])
        deadline = terms_of(self, question).deadline(asked_at)
        return None if deadline is None else deadline.isoformat()

    def _revisions_left(self, question: Question) -> int | None:
        if self.reviser is None:
            return None
        return max(self.max_revisions - question["revisions"], 0)
