"""The options that presets share, checked in one place when a gate is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from langchain_core.runnables import Runnable, RunnableLambda

from langgraph_hitl._reads import (
    Reader,
    Reads,
    declared_reads,
    is_state_schema,
    refuse_coroutine,
    schema_keys,
)
from langgraph_hitl._subgraph.channels import RESERVED
from langgraph_hitl._subgraph.clock import Clock, system_clock
from langgraph_hitl._subgraph.decision_options import (
    check_answerable,
    check_loop,
    check_name,
    check_released,
    item_kinds,
)
from langgraph_hitl._subgraph.desk import Desk
from langgraph_hitl._subgraph.edit_schema import edit_check
from langgraph_hitl._subgraph.filing_options import Votes, checked_priority, filing_fields
from langgraph_hitl._subgraph.gate import Gate, bound, build
from langgraph_hitl._subgraph.spec import GateSpec, Mode, OnExhausted, Priority, Reviser, Submission
from langgraph_hitl.errors import GateError
from langgraph_hitl.review.answer_rules import AnswerRules
from langgraph_hitl.review.answer_schema import answer_schema
from langgraph_hitl.review.choice import Choice
from langgraph_hitl.review.decision import DECISION_TYPES, Decision, DecisionType
from langgraph_hitl.review.items import ItemRules
from langgraph_hitl.review.lens import Lens, state_key
from langgraph_hitl.review.request import ReviewRequest
from langgraph_hitl.triggers.condition import Condition, bind
from langgraph_hitl.triggers.trigger import Trigger, trigger_of

if TYPE_CHECKING:
    from langgraph_hitl.deadlines import OnDefer, OnTimeout
    from langgraph_hitl.policies import Escalation, Policy
    from langgraph_hitl.precedents import Similar

_QUESTIONS = ("ask_human", "crowd")
_NEEDS_INBOX = frozenset({"defer", "escalate"})


def review_gate(
    *,
    kind: str,
    name: str,
    subject: str | Lens | None,
    default_decisions: Sequence[DecisionType],
    question: str | Callable[[Any], str] | None = None,
    action: str | None = None,
    allowed_decisions: Sequence[str] | None = None,
    context: str | Sequence[str] | Callable[[Any], Mapping[str, Any]] | None = None,
    required_context: Sequence[str] = (),
    when: Trigger | Callable[[Any], Any] | None = None,
    criteria: str | Sequence[str] | Callable[[Any], Any] | None = None,
    edit_schema: Any = None,
    choice: Choice | None = None,
    item_id: str | None = None,
    item_schema: Any = None,
    item_decisions: Sequence[str] | None = None,
    questions: str | None = None,
    rated: bool = False,
    revise: Any = None,
    prompt: Callable[[Any], Any] | None = None,
    max_revisions: int = 3,
    on_exhausted: OnExhausted = "rejected",
    resubmit_edits: bool = False,
    reads: Sequence[str] = (),
    state_schema: type[Any] | None = None,
    write_back: bool = True,
    into: str | None = None,
    clock: Clock = system_clock,
    inbox: Desk | None = None,
    reviewers: Any = None,
    chair: Any = None,
    reasons: bool = False,
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
    mode: Mode = "blocking",
) -> Gate:
    """Check the options of a preset and build its gate."""
    filed = filing_fields(
        inbox=inbox,
        reviewers=reviewers,
        chair=chair,
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
        mode=mode,
        on_asked=on_asked,
        on_decided=on_decided,
        on_recall=on_recall,
    )
    is_question = kind in _QUESTIONS
    lens = None if is_question else _lens(subject)
    declared = _Declared(_texts("reads", reads), _checked_schema(state_schema))
    votes = Votes.of(filed)
    by_item = item_id is not None
    allowed = _allowed(
        allowed_decisions, default_decisions, revise is not None, choice, votes, by_item
    )
    check, value_schema = edit_check(edit_schema, "answer" if is_question else "edit_schema")
    if check is None and lens is not None:
        check = lens.check
    item_check, item_value = edit_check(item_schema, "item_schema")
    said = None if item_decisions is None else _texts("item_decisions", item_decisions)
    each = item_kinds(said, item_schema, resubmit_edits)
    items = None if item_id is None else ItemRules(key=item_id, check=item_check, allowed=each)
    context_keys, context_reader = _context(context, required_context, declared)
    check_name("name", name)
    check_name("action", name if action is None else action)
    if mode == "sampled":
        check_released(revise, resubmit_edits)
    check_loop(allowed, revise, prompt, max_revisions, on_exhausted, resubmit_edits)
    if is_question:
        check_answerable(allowed, choice)
    elif edit_schema is not None and not {"edit", "respond"} & {*allowed}:
        raise GateError("edit_schema has no effect where neither 'edit' nor 'respond' is allowed")
    argument = lens.name if lens else "answer"
    spec = GateSpec(
        kind=kind,
        name=name,
        subject=lens,
        question=_question(question, declared) if is_question else None,
        rules=AnswerRules(
            action=name if action is None else action,
            argument=argument,
            allowed=allowed,
            rated=rated,
            choice=choice,
            is_question=is_question,
            with_roles=votes.claims_roles,
            check=check,
            escalations=votes.escalations,
            climbs=votes.climbs,
            reasons=reasons,
            items=items,
        ),
        schema=answer_schema(
            allowed,
            value_schema=value_schema,
            choice=choice,
            with_roles=votes.claims_roles,
            escalations=votes.escalations,
            climbs=votes.climbs,
            item_schema=item_value,
            item_decisions=each,
            reasons=reasons,
        ),
        context_keys=context_keys,
        context_reader=context_reader,
        required_context=_texts("required_context", required_context),
        questions=questions,
        when=_when(when, filed["policy"], declared),
        criteria=_criteria(criteria, declared),
        reviser=_reviser(revise, prompt, lens, declared),
        max_revisions=max_revisions,
        on_exhausted=on_exhausted,
        resubmit_edits=_flag("resubmit_edits", resubmit_edits),
        write_back=_flag("write_back", write_back),
        into=_into(into),
        clock=_clock(clock, inbox),
        defaults={},
        priority=_priority(priority, declared),
        requester=_requester(requester, declared),
        submission=Submission((name, argument)) if mode == "submitted" else None,
        **filed,
    )
    _check_keys(spec, declared)
    return build(bound(spec, state_schema) if state_schema else spec)


class _Declared:
    """What the caller declared for all callables of a gate."""

    def __init__(self, reads: tuple[str, ...], schema: type[Any] | None) -> None:
        self.reads = reads
        self.schema = schema

    def of(self, function: Any, what: str) -> Reads:
        return declared_reads(function, what=what, reads=self.reads, state_schema=self.schema)


def _lens(subject: str | Lens | None) -> Lens:
    if isinstance(subject, Lens):
        return subject
    if not isinstance(subject, str) or not subject.strip():
        raise GateError(
            f"subject must be a state key or a lens such as last_message(), not {subject!r}"
        )
    return state_key(subject)


def _texts(option: str, given: str | Sequence[str]) -> tuple[str, ...]:
    texts = (given,) if isinstance(given, str) else given
    if not isinstance(texts, Iterable) or isinstance(texts, bytes | Mapping):
        raise GateError(f"{option} takes a list of texts, not {given!r}")
    texts = tuple(texts)
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise GateError(f"{option} takes texts that are not blank, not {given!r}")
    return texts


def _into(into: str | None) -> str | None:
    if into is not None and (not isinstance(into, str) or not into or into in RESERVED):
        raise GateError(f"into must be a state key for the answer, not {into!r}")
    return into


def _checked_schema(state_schema: type[Any] | None) -> type[Any] | None:
    if state_schema is not None and not is_state_schema(state_schema):
        raise GateError(
            f"state_schema must be a TypedDict, dataclass or pydantic model, not {state_schema!r}"
        )
    return state_schema


def _allowed(
    given: Sequence[str] | None,
    default: Sequence[DecisionType],
    revises: bool,
    choice: Choice | None,
    votes: Votes,
    by_item: bool,
) -> tuple[DecisionType, ...]:
    names = list(default) if given is None else list(_texts("allowed_decisions", given))
    if not names:
        raise GateError("allowed_decisions is empty: nobody could answer")
    for name in names:
        if name in _NEEDS_INBOX and not votes.in_inbox:
            raise GateError(f"allowed_decisions: {name!r} needs an inbox, which this gate has not")
        if name not in DECISION_TYPES:
            raise GateError(
                f"allowed_decisions: unknown decision {name!r}; known: {', '.join(DECISION_TYPES)}"
            )
        if name == "choose" and choice is None:
            raise GateError(
                "allowed_decisions: 'choose' needs options, see ask_human(answer=Choice(...))"
            )
    if revises and "revise" not in names:
        names.append("revise")
    if votes.several and given is None:
        names.append("abstain")
    if votes.passes_on and given is None:
        names.append("escalate")
    if "items" in names and not by_item:
        raise GateError("allowed_decisions: 'items' needs a list of items, see plan_approval")
    if "abstain" in names and not votes.several:
        raise GateError("allowed_decisions: 'abstain' needs reviewers= of more than one vote")
    if "escalate" in names and not votes.passes_on:
        raise GateError(
            "allowed_decisions: 'escalate' needs somebody to pass it to: reviewers=chain(...) or "
            "escalations="
        )
    return tuple(kind for kind in DECISION_TYPES if kind in names)


def _context(
    context: Any, required: Sequence[str], declared: _Declared
) -> tuple[tuple[str, ...], Reader | None]:
    if callable(context):
        return (), _reader(context, "context", declared)
    keys = _texts("context", context or ())
    return tuple(dict.fromkeys((*keys, *_texts("required_context", required)))), None


def _criteria(criteria: Any, declared: _Declared) -> tuple[str, ...] | Reader:
    if callable(criteria):
        return cast("Reader", _reader(criteria, "criteria", declared))
    return _texts("criteria", criteria or ())


def _priority(priority: Any, declared: _Declared) -> Priority | Reader:
    if callable(priority):
        return cast("Reader", _reader(priority, "priority", declared))
    return checked_priority(priority)


def _requester(requester: Any, declared: _Declared) -> str | Reader | None:
    if callable(requester):
        return _reader(requester, "requester", declared)
    if requester is not None and (not isinstance(requester, str) or not requester.strip()):
        raise GateError(
            f"requester must be a state key or a function of the state, not {requester!r}"
        )
    found: str | None = requester
    return found


def _flag(option: str, given: Any) -> bool:
    if not isinstance(given, bool):
        raise GateError(f"{option} must be True or False, not {given!r:.60}")
    return given


def _clock(given: Clock, inbox: Any) -> Clock:
    """A gate and its inbox go by one clock, unless the gate was given its own."""
    if not callable(given):
        raise GateError(f"clock must be a function that gives the moment, not {given!r:.60}")
    found: Clock = getattr(inbox, "clock", given) if given is system_clock else given
    return found


def _when(when: Any, policy: Policy | None, declared: _Declared) -> Condition | None:
    if policy is None:
        return None if when is None else bind(trigger_of(when), declared.of)
    if when is not None:
        raise GateError("policy= says when a person is asked; write when= as a rule of it")
    return bind(policy.trigger(), declared.of)


def _question(question: Any, declared: _Declared) -> str | Reader | None:
    if callable(question):
        return _reader(question, "question", declared)
    if not isinstance(question, str) or not question.strip():
        raise GateError(
            f"question must be a text that is not blank, or a function, not {question!r}"
        )
    return question


def _reader(function: Any, what: str, declared: _Declared) -> Reader | None:
    if function is None:
        return None
    if not callable(function):
        raise GateError(f"{what} must be a function of the state, not {function!r}")
    refuse_coroutine(function, what)
    return Reader(function=function, reads=declared.of(function, what))


def _reviser(revise: Any, prompt: Any, lens: Lens | None, declared: _Declared) -> Reviser | None:
    if revise is None or lens is None:
        return None
    if not callable(revise) and not isinstance(revise, Runnable):
        raise GateError(f"revise must be a function, a Runnable or a chat model, not {revise!r}")
    return Reviser(
        runnable=revise if isinstance(revise, Runnable) else RunnableLambda(revise),
        reads=_reviser_reads(revise, prompt, lens, declared),
        prompt=prompt,
        is_model=_is_chat_model(revise),
    )


def _reviser_reads(revise: Any, prompt: Any, lens: Lens, declared: _Declared) -> Reads:
    """A reviser always gets the subject, `review` and `feedback`; functions declare the rest."""
    if prompt is None and isinstance(revise, Runnable) and not isinstance(revise, RunnableLambda):
        return Reads(frozenset({*declared.reads, lens.key}), everything=True)
    what, function = ("revise", revise) if prompt is None else ("prompt", prompt)
    found = declared.of(function, what)
    return found if found.model else Reads(found.keys | {lens.key, "review"})


def _is_chat_model(revise: Any) -> bool:
    if not isinstance(revise, Runnable):
        return False
    from langchain_core.language_models import BaseLanguageModel

    bound: Any = revise
    while hasattr(bound, "bound"):
        bound = bound.bound
    return isinstance(bound, BaseLanguageModel)


def _check_keys(spec: GateSpec, declared: _Declared) -> None:
    subject = (spec.subject.key,) if spec.subject else ()
    for key in dict.fromkeys((*subject, *spec.context_keys, *spec.parent_keys)):
        if key in RESERVED:
            raise GateError(f"{key!r} is a channel of the gate itself and cannot be read by it")
        if declared.schema is not None and key not in schema_keys(declared.schema):
            raise GateError(
                f"Gate {spec.name!r} reads {key!r}, which {declared.schema.__name__} does not have"
            )
