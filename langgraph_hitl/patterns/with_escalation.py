"""`with_escalation`: what a node cannot do by itself goes to a person."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, Literal

from langchain_core.runnables import RunnableLambda
from langgraph.channels import LastValue
from langgraph.graph import END, StateGraph
from langgraph.types import CachePolicy, RetryPolicy, Send
from typing_extensions import Unpack

from langgraph_hitl._reads import schema_keys
from langgraph_hitl._subgraph.channels import RESERVED, typed_dict
from langgraph_hitl._subgraph.field import field_of
from langgraph_hitl._subgraph.gate import Gate, build, check_builder, never_the_same, spec_of
from langgraph_hitl._subgraph.options import review_gate
from langgraph_hitl.errors import GateError
from langgraph_hitl.patterns._attempts import (
    FAILURE,
    INPUT,
    Attempts,
    noting_attempts,
    on_failure,
    retried,
)
from langgraph_hitl.patterns._held import HELD, again
from langgraph_hitl.patterns.options import FilingOptions, known
from langgraph_hitl.review.answer_schema import answer_schema
from langgraph_hitl.review.choice import Choice

RETRY, SKIP, ABORT = "retry", "skip", "abort"
_REVIEWS = frozenset({"review", "reviews"})
_Way = Literal["retry", "skip", "abort", "supply"]


def with_escalation(
    builder: StateGraph[Any, Any, Any, Any],
    name: str,
    node: Any,
    *,
    then: str,
    aborted: str = END,
    reads: Sequence[str] | None = None,
    retry: RetryPolicy | Sequence[RetryPolicy] | None = None,
    not_retryable: type[Exception] | Sequence[type[Exception]] = (),
    handler: Callable[..., Any] | None = None,
    **filing: Unpack[FilingOptions],
) -> None:
    """Add `node` to a graph; where it fails for good, a person says how to go on.

    First comes what LangGraph has: the retry policies, then `handler`. What is left is put before a
    person as a review, with the error, the attempts, the time they took, and the node's input:
    `Choose("retry")` runs the node again, `Edit({...})` with that input, `Respond({...})` is the
    update that the node should have made, `Choose("skip")` goes on without one, and
    `Choose("abort")` goes to `aborted`, as does everything else: time that ran out, a cancelled
    review. The node runs when somebody decides so and at no other time; a retry that fails asks
    again. A retry gets what the node had been given: `review` is the one that it saw first, and
    what `Send` gave it (plain JSON, an object) is shown, kept and given to it again as a whole.
    What was edited of the state is written to it when the retry succeeds, beside what the node
    returns, except for keys with a reducer, which would add to what is there: those reach the node
    alone, as does an edit of what was sent.

    Args:
        builder: The graph under construction; its state has `review` and `reviews`.
        name: The node's name. Those beside it are `{name}_failed`, the gate, and `{name}_supplied`.
        node: A function or a `Runnable`, as for `StateGraph.add_node`.
        then: The node (or `END`) after it. A node that returns `Command(goto=...)` goes there and
            to `then`, as LangGraph has it of every edge: branch behind `then`.
        aborted: The node (or `END`) where somebody stops it, for what has to be cleaned up.
        reads: The state keys that are shown, and may be edited for a retry; all of the state
            without it. Values that are not JSON are named in the context and stay as they are.
        retry: LangGraph's retry policies.
        not_retryable: Errors that no policy retries: they go to the person at once.
        handler: As `error_handler` of `add_node`: called with the state and a `NodeError` where the
            attempts are used up. What it returns is taken, `Command(goto=...)` says where to go
            on, as an update alone leads nowhere; if it raises, a person is asked.
        filing: The options of `human_approval` that say who decides, and where it waits.

    Raises:
        GateError: An option is unknown, contradicts another or could have no effect; or, before
            anybody is asked, the node was sent what cannot be kept for a retry.

    ```python
    with_escalation(
        builder,
        "charge",
        charge_card,
        then="ship",
        aborted="refund",
        retry=RetryPolicy(max_attempts=3, retry_on=TimeoutError),
        reviewers="support",
        inbox=desk,
    )
    ```
    """
    meant = {"retry_policy": "retry", "error_handler": "handler"}
    options = known(with_escalation, filing, FilingOptions, meant=meant)
    check_builder(name, builder)
    keys = _keys(builder, name, reads)
    _check_failing(retry, handler)
    never = _not_retryable(not_retryable, retry)
    gate = _gate(name, keys, _Updates(builder), options)
    failed, supplied = f"{name}_failed", f"{name}_supplied"
    spec, attempts = spec_of(gate), Attempts()
    assert spec is not None
    builder.add_node(
        name,
        noting_attempts(node, builder.state_schema, attempts),
        retry_policy=retried(retry, never),
        error_handler=on_failure(
            name, failed, keys, handler, builder.state_schema, attempts, spec.clock
        ),
        destinations=(then, failed),
    )
    builder.add_edge(name, then)
    builder.add_node(
        failed,
        gate,
        input_schema=typed_dict("Failed", {INPUT: Any, FAILURE: Any, HELD: Any}),
        retry_policy=RetryPolicy(max_attempts=1),
        cache_policy=CachePolicy(key_func=never_the_same),
    )
    given: Any = RunnableLambda(_given, name=supplied)
    builder.add_node(supplied, given, input_schema=typed_dict("Supplied", {}))
    builder.add_edge(supplied, then)
    ways: dict[Hashable, str] = {way: way for way in dict.fromkeys((name, supplied, then, aborted))}
    builder.add_conditional_edges(
        failed, _way_on(builder, keys, name, supplied, then, aborted), ways
    )


def _given(update: dict[str, Any]) -> dict[str, Any]:
    """What a person has supplied in place of the node's own update."""
    return update


def _keys(builder: Any, name: str, reads: Any) -> tuple[str, ...]:
    known_keys = schema_keys(builder.state_schema)
    if not {*known_keys} >= _REVIEWS:
        raise GateError(f"{name!r}: the state needs review and reviews, as ReviewState has them")
    if reads is None:
        return tuple(key for key in known_keys if key not in RESERVED)
    if isinstance(reads, str) or not all(isinstance(key, str) for key in reads):
        raise GateError(f"{name!r}: reads takes a list of state keys, not {reads!r:.80}")
    if lost := [key for key in reads if key not in known_keys or key in RESERVED]:
        raise GateError(f"{name!r}: reads names {lost[0]!r}, which the state does not have")
    return tuple(reads)


class _Updates:
    """What can stand in place of the node's own update: keys of the state, each of its kind."""

    def __init__(self, builder: Any) -> None:
        self._builder = builder
        self.keys = [key for key in schema_keys(builder.state_schema) if key not in RESERVED]

    def problem(self, value: Any) -> str | None:
        if problem := _only(self.keys, "an update")(value):
            return problem
        found = ((key, self._problem_of(key, one)) for key, one in value.items())
        return next((f"{key}: {problem}" for key, problem in found if problem), None)

    def _problem_of(self, key: str, value: Any) -> str | None:
        field = field_of(self._builder.state_schema, key)
        if field is not None and (problem := field.problem(value)):
            return problem
        try:
            deepcopy(self._builder.channels[key]).update([value])
        except Exception as error:
            return f"its reducer does not take it: {error}"
        return None


def _check_failing(retry: Any, handler: Any) -> None:
    one = retry is None or isinstance(retry, RetryPolicy)  # which is a tuple itself
    several = isinstance(retry, Sequence) and all(isinstance(each, RetryPolicy) for each in retry)
    if not one and not several:
        raise GateError(
            "retry takes a RetryPolicy of LangGraph or several, such as "
            f"RetryPolicy(max_attempts=3), not {retry!r:.60}"
        )
    if handler is not None and not callable(handler):
        raise GateError(f"handler takes a function of the state and the error, not {handler!r:.60}")


def _not_retryable(given: Any, retry: Any) -> tuple[type[Exception], ...]:
    kinds = tuple(given) if isinstance(given, tuple | list) else (given,)
    if not all(isinstance(kind, type) and issubclass(kind, Exception) for kind in kinds):
        raise GateError(f"not_retryable takes classes of errors, not {given!r:.80}")
    if kinds and retry is None:
        raise GateError("not_retryable has no effect without retry=")
    return kinds


def _gate(name: str, keys: Sequence[str], updates: _Updates, options: Any) -> Gate:
    """A gate about the input of a node that failed; a response is the update in its place."""
    choice = Choice(RETRY, SKIP, ABORT)
    gate = review_gate(
        kind="with_escalation",
        name=f"{name}_failed",
        subject=INPUT,
        action=name,
        default_decisions=("edit", "respond", "choose"),
        choice=choice,
        context=_shown,
        reads=(INPUT, FAILURE),
        write_back=False,
        **options,
    )
    spec = spec_of(gate)
    assert spec is not None
    rules = replace(
        spec.rules,
        argument=None,
        answers=True,
        patches=tuple(keys),
        check_answer=updates.problem,
    )
    schema = answer_schema(
        rules.allowed,
        value_schema={"type": "object", "properties": {key: {} for key in keys}},
        answer_value=_object_of(updates.keys),
        choice=choice,
        with_roles=rules.with_roles,
        escalations=rules.escalations,
        climbs=rules.climbs,
    )
    return build(replace(spec, rules=rules, schema=schema, keeps=HELD))


def _shown(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """The failure, beside the input."""
    failure: Mapping[str, Any] = state[FAILURE]
    return failure


def _only(keys: Sequence[str], what: str) -> Callable[[Any], str | None]:
    def check(value: Any) -> str | None:
        if not isinstance(value, dict):
            return f"{what} is an object of state keys"
        unknown = sorted({*value} - {*keys})
        return f"{what} has no {unknown[0]!r}; keys: {', '.join(keys)}" if unknown else None

    return check


def _object_of(keys: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key: {} for key in keys},
        "additionalProperties": False,
    }


def _way_on(
    builder: Any, keys: Sequence[str], name: str, supplied: str, then: str, aborted: str
) -> Callable[[Any], Any]:
    """The branch behind the gate. It never raises: what it does not know stops the node."""

    def go(state: Any) -> Any:
        record = _field(state, "review") or {}
        full = _whole(state, record)
        answer = record.get("answer")
        match _way(record.get("outcome"), answer):
            case "retry":
                return [Send(name, again(name, state, keys, full, _written(builder)))]
            case "supply":
                return [Send(supplied, answer)]
            case "skip":
                return then
            case "abort":
                return aborted

    go.__name__ = "escalation"
    # Without it a branch reads what its node reads.
    go.__annotations__ = {"state": builder.state_schema}
    return go


def _written(builder: Any) -> list[str]:
    """The keys that a retry may write: a reducer would add to what is there."""
    return [key for key, one in builder.channels.items() if type(one) is LastValue]


def _way(outcome: Any, answer: Any) -> _Way:
    if outcome == "edited" or (outcome == "chosen" and answer == RETRY):
        return "retry"
    if outcome == "answered" and isinstance(answer, dict):
        return "supply"
    return "skip" if outcome == "chosen" and answer == SKIP else "abort"


def _whole(state: Any, latest: Any) -> Any:
    """The latest record with its value."""
    every = reversed(_field(state, "reviews") or [])
    return next((one for one in every if one["review_id"] == latest.get("review_id")), {})


def _field(state: Any, key: str) -> Any:
    return state.get(key) if isinstance(state, dict) else getattr(state, key, None)
