"""Rounds of a model and people: nodes and gates that are one node of a graph."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from langchain_core.exceptions import OutputParserException
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langgraph.channels import BinaryOperatorAggregate
from langgraph.graph import StateGraph
from langgraph.managed import RemainingSteps
from langgraph.types import CachePolicy, RetryPolicy

from langgraph_hitl._reads import schema_defaults
from langgraph_hitl._subgraph._pregel import default_error_handler, is_scheduled
from langgraph_hitl._subgraph.channels import RESERVED, TURN, typed_dict
from langgraph_hitl._subgraph.field import field_of
from langgraph_hitl._subgraph.gate import Gate, check_builder, in_graph, never_the_same, spec_of
from langgraph_hitl.errors import GateError, ProposalFailed
from langgraph_hitl.patterns._chat import Chat, asked
from langgraph_hitl.review.record import ReviewRecord
from langgraph_hitl.review.state import AllReviews, LatestReview, keep_latest, merge_reviews

_SCHEDULED = "hitl_scheduled"
"""What only a node gets that the graph itself has scheduled, not one that `Send` runs."""

Builder = StateGraph[Any, Any, Any, Any]
_REDUCERS = {"review": keep_latest, "reviews": merge_reviews}
_RECORDS: dict[str, Any] = {"review": LatestReview, "reviews": AllReviews}
_BAD = "rejected"
_ONCE: dict[str, Any] = {
    "retry_policy": RetryPolicy(max_attempts=1),
    "cache_policy": CachePolicy(key_func=never_the_same),
}


class Rounds:
    """A graph under construction that becomes the node `name` of `parent`.

    `key` is what it is about; it goes back to the parent, with `reviews`, `{name}_history`, to
    which its nodes add, and whatever else it `gives`. `private` are channels of its own.
    """

    def __init__(
        self,
        parent: Builder,
        name: str,
        key: str,
        *,
        reads: Any = (),
        private: Sequence[str] = (),
        gives: Sequence[str] = (),
    ) -> None:
        check_builder(name, parent)
        self.parent, self.name, self.key = parent, name, key
        self.reads = _keys("reads", reads)
        self.history = f"{name}_history"
        self.gives = (self.history, *gives)
        self.private = (TURN, _SCHEDULED, *private)
        self.default = schema_defaults(parent.state_schema).get(key, lambda: None)
        self.field = field_of(parent.state_schema, key)
        self._gates: dict[str, tuple[Gate, str]] = {}
        self._nodes: dict[str, tuple[Any, dict[str, str]]] = {}
        _check_parent(parent, name, key)
        self._check_own()

    def add_node(self, name: str, node: Any, ways: dict[str, str]) -> None:
        """A node that leads on by `Command(goto=...)`: to the names in `ways`, which has labels."""
        self._nodes[name] = (node, ways)

    def add_gate(self, name: str, gate: Gate, then: str) -> None:
        """A gate, and the node that reads what it came to."""
        self._gates[name] = (in_graph(gate, self.parent.state_schema), then)

    def finish(self, first: str, *, rejected: str, **ways: str | None) -> None:
        """Add it to the parent. `ways` leads from the last event's outcome to a node, if any."""
        led = {_BAD: rejected} | {way: node or rejected for way, node in ways.items()}
        keys = self._parent_keys()
        self._check_names(keys)
        given = dict.fromkeys((*keys, *self.gives), Any)
        builder: Builder = StateGraph(
            typed_dict("Rounds", given | dict.fromkeys(self.private, Any) | _RECORDS),
            input_schema=typed_dict("RoundsInput", given),
            output_schema=typed_dict(
                "RoundsOutput", dict.fromkeys((self.key, *self.gives), Any) | _RECORDS
            ),
        )
        for name, (node, labels) in self._nodes.items():
            builder.add_node(name, node, destinations=labels)
        for name, (gate, then) in self._gates.items():
            asked = typed_dict("AskedOf", dict.fromkeys(_input_keys(gate), Any))
            builder.add_node(name, gate, input_schema=asked, **_ONCE)
            builder.add_edge(name, then)
        builder.set_entry_point(first)
        taken = typed_dict(self.name, given | {_SCHEDULED: RemainingSteps})
        self._add(builder.compile(name=self.name), typed_dict(self.name, given), taken, led)

    def _alone(self, state: Any, config: RunnableConfig) -> dict[str, Any]:
        """The state, where nothing else writes the same keys in the same superstep.

        LangGraph would find that out when everything is decided, and the thread be lost.
        """
        if not isinstance(state, Mapping) or _SCHEDULED not in state:
            why = "it cannot where Send runs it"
        elif beside := self._beside(config):
            why = f"{beside!r} beside it writes too"
        else:
            return {key: value for key, value in state.items() if key != _SCHEDULED}
        raise GateError(
            f"{self.name!r} writes {self.key!r}, which {why}: put {self.name!r} into a graph of "
            f"its own, whose output_schema does not have {self.key!r}, and add that graph as a node"
        )

    def _beside(self, config: RunnableConfig) -> str | None:
        """A graph that writes the same key, and that runs now."""
        for name, node in self.parent.nodes.items():
            graph = getattr(node.runnable, "last", node.runnable)
            written = getattr(graph, "output_channels", ())
            if name != self.name and self.key in written and is_scheduled(config, name):
                return name
        return None

    def _add(
        self, graph: Gate, schema: type[Any], taken: type[Any], ways: Mapping[str, str]
    ) -> None:
        node = RunnableLambda(self._alone, name="alone") | graph
        self.parent.add_node(self.name, node, input_schema=taken, **_ONCE)
        labels = {
            way: ", ".join(other for other, same in ways.items() if same == node)
            for way, node in ways.items()
        }

        def go(state: Any) -> str:
            events = state.get(self.history) or [{}]
            return labels.get(events[-1].get("outcome"), labels[_BAD])

        go.__name__ = "route"
        go.__annotations__ = {"state": schema}
        path_map: dict[Hashable, str] = {labels[way]: node for way, node in ways.items()}
        self.parent.add_conditional_edges(self.name, go, path_map)

    def check_read(self, option: str, given: Any, own: Sequence[str]) -> tuple[str, ...]:
        """The state keys of an option; what it goes to has its `own` things beside them."""
        keys = _keys(option, given)
        for key in keys:
            if key in self.private:
                raise GateError(
                    f"{option}: {self.name!r} reads the state key {key!r}, which is its own inside"
                )
            if key in own:
                raise GateError(
                    f"{option}: {key!r} has no effect, because {self.name!r} has something of its "
                    "own under that name; give the state key another one"
                )
        return keys

    def check_expiry(self, timed_out: str | None, gates: Sequence[str]) -> None:
        """A way for time that runs out needs a gate at which it can."""
        specs = [spec_of(self._gates[gate][0]) for gate in gates]
        if timed_out is not None and not any(spec and spec.may_expire for spec in specs):
            raise GateError(
                f"{self.name!r}: timed_out= has no effect without timeout= (and inbox=), because "
                "it waits without an end"
            )

    def _check_own(self) -> None:
        """What it writes itself is no other thing, and is written as it is."""
        if self.key in (*self.private, *self.gives):
            raise GateError(
                f"{self.name!r}: {self.key!r} is a key that it writes itself; call the key of "
                "what it is about something else"
            )
        for key in (self.key, *self.gives):
            if isinstance(self.parent.channels.get(key), BinaryOperatorAggregate):
                raise GateError(
                    f"{self.name!r}: {key!r} has a reducer, which would add every version to it"
                )

    def _check_names(self, keys: Sequence[str]) -> None:
        """In a graph no node has the name of a key."""
        for name in {*self._gates, *self._nodes} & {*keys, *self.gives}:
            raise GateError(
                f"{self.name!r} has a node {name!r} inside, and reads a state key of that name: "
                "call the node or the key something else"
            )

    def _parent_keys(self) -> list[str]:
        """The parent's keys that a node or a gate reads."""
        needed = {key for gate, _ in self._gates.values() for key in _input_keys(gate)}
        keys = sorted({self.key, *self.reads, *needed} - {*self.private, *self.gives})
        for key in keys:
            if key in RESERVED or key not in self.parent.channels:
                raise GateError(
                    f"{self.name!r} reads the state key {key!r}, which the graph's schema "
                    f"{self.parent.state_schema.__name__} does not have"
                )
        return keys


def model_node(
    option: str,
    model: Any,
    given: Callable[[Any], dict[str, Any]],
    take: Callable[[Any, Any], Any],
    chat: Chat | None = None,
) -> Runnable[Any, Any]:
    """A node that calls what was passed as `option`: with what `given` makes of the state.

    `take` makes the node's update of the state and the result. `chat` is for a chat model.
    """
    if not callable(model) and not isinstance(model, Runnable):
        raise GateError(f"{option}= must be a function or a Runnable, not {model!r:.80}")
    called = asked(option, model, chat) if isinstance(model, Runnable) else RunnableLambda(model)

    def run(state: Any, config: RunnableConfig) -> Any:
        if isinstance(called, RunnableLambda) and not hasattr(called, "func"):
            raise ProposalFailed(f"{option}= is async; run with ainvoke")
        with _parsed(option, chat):
            result = called.invoke(deepcopy(given(state)), config)
        return take(state, result)

    async def arun(state: Any, config: RunnableConfig) -> Any:
        with _parsed(option, chat):
            result = await called.ainvoke(deepcopy(given(state)), config)
        return take(state, result)

    return RunnableLambda(run, afunc=arun, name=option)


@contextmanager
def _parsed(option: str, chat: Chat | None) -> Iterator[None]:
    """What a model said and its parser cannot read is no proposal."""
    try:
        yield
    except OutputParserException as error:
        if chat is None:
            raise
        raise ProposalFailed(f"{option}= returned what cannot be read: {error}") from error


def shown_of(
    keys: Sequence[str], own: Callable[[Any], dict[str, Any]]
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """The context of a gate: state keys, and what the rounds have of their `own`."""
    return lambda state: {key: state.get(key) for key in keys} | own(state)


def newest(state: Mapping[str, Any], gate: str) -> ReviewRecord:
    """The record of the review that ended last at this gate."""
    records: list[ReviewRecord] = state["reviews"]
    found: ReviewRecord = next(one for one in reversed(records) if one["gate"] == gate)
    return found


def _keys(option: str, given: Any) -> tuple[str, ...]:
    """State keys in an option."""
    keys = (given,) if isinstance(given, str) else given
    if not isinstance(keys, list | tuple) or not all(isinstance(key, str) for key in keys):
        raise GateError(f"{option} takes a list of state keys, not {given!r:.80}")
    return tuple(keys)


def check_rounds(given: Any) -> int:
    """How often the model may be called."""
    if type(given) is not int or given < 1:
        raise GateError(f"max_rounds must be a whole number of at least 1, not {given!r:.60}")
    return given


def _input_keys(gate: Gate) -> tuple[str, ...]:
    spec = spec_of(gate)
    assert spec is not None
    return spec.input_keys


def _check_parent(parent: Builder, name: str, key: Any) -> None:
    if not isinstance(key, str) or not key.strip():
        raise GateError(f"{name!r}: it is about a state key, not {key!r:.60}")
    if default_error_handler(parent) is not None:
        raise GateError(
            f"{name!r}: the graph has a default error_handler, which would take a malformed answer "
            "for a failed node. Give error_handler= to the nodes that need it."
        )
    for record, reducer in _REDUCERS.items():
        channel = parent.channels.get(record)
        if not isinstance(channel, BinaryOperatorAggregate) or channel.operator is not reducer:
            raise GateError(
                f"{name!r}: the graph's schema {parent.state_schema.__name__} needs the key "
                f"{record!r} with its reducer; derive it from ReviewState"
            )
