"""`ReviewedCalls`: the graph that puts a call before people and then runs it, inside of a node.

A node that pauses runs again from its top. What has to happen once, asking, deciding and running,
are therefore steps of a graph of the call's own, whose checkpoints LangGraph finds again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Annotated, Any, NamedTuple, TypeAlias

from langchain_core.messages import BaseMessage, ToolMessage
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langgraph.channels import EphemeralValue
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from langgraph_hitl._subgraph._pregel import checkpointer_of, within_call
from langgraph_hitl._subgraph.channels import typed_dict
from langgraph_hitl._subgraph.gate import build
from langgraph_hitl._subgraph.spec import GateSpec
from langgraph_hitl.errors import NoCheckpointer, ReviewError
from langgraph_hitl.review.digest import NotJson, plain_json
from langgraph_hitl.review.record import ReviewRecord
from langgraph_hitl.review.state import AllReviews, LatestReview, approved
from langgraph_hitl.tools._call import Call
from langgraph_hitl.tools._sitting import among_others
from langgraph_hitl.tools._steps import Run, Steps

ARGS = "args"
"""The key of the arguments, which are the subject of the review."""
CALL_ID = "tool_call_id"
"""The key of the call's id, which clients find in the context of the request."""
_RUNS = frozenset({"approved", "edited", "auto_approved"})
"""The outcomes after which the call runs; a response stands for its result."""


class Body(NamedTuple):
    """What runs after the approval, with the arguments that were approved."""

    sync: Callable[[dict[str, Any], RunnableConfig], Any]
    asynchronous: Callable[[dict[str, Any], RunnableConfig], Awaitable[Any]]


class Ran(NamedTuple):
    """The call ran. `edited` says that a person has changed its arguments."""

    value: Any
    args: dict[str, Any]
    edited: bool
    record: ReviewRecord


class Answered(NamedTuple):
    """A person has answered in place of the tool."""

    answer: Any
    record: ReviewRecord


class Refused(NamedTuple):
    """The call did not run."""

    record: ReviewRecord


Came: TypeAlias = Ran | Answered | Refused


class AtHand(NamedTuple):
    """What the nodes of the graph cannot find in their state. `extra` is the caller's."""

    body: Body
    extra: Any = None


_AT_HAND: ContextVar[AtHand] = ContextVar("hitl_call_at_hand")


_RECORD: ContextVar[ReviewRecord] = ContextVar("hitl_review_of_call")
"""The review of the call that runs."""


def extra_at_hand() -> Any:
    """What the caller has given beside the call, for functions of the gate."""
    return _AT_HAND.get().extra


def record_at_hand() -> ReviewRecord | None:
    """The review of the call that runs; None outside of one."""
    return _RECORD.get(None)


class ReviewedCalls:
    """The calls of one tool, or one function."""

    def __init__(self, spec: GateSpec) -> None:
        self._spec = spec
        self._graph = _compiled(spec)

    @property
    def spec(self) -> GateSpec:
        """The gate that the calls come to."""
        return self._spec

    def came(
        self, call: Call, config: RunnableConfig, at_hand: AtHand, state: Any = None
    ) -> Steps[Came]:
        """What becomes of a call. `state` is what the gate reads beside the arguments."""
        if checkpointer_of(config) is None:
            raise NoCheckpointer(
                f"{call.name!r} needs an approval, and nothing here can wait for one: call it in a "
                "graph that has a checkpointer. It was not run."
            )
        return (
            yield from among_others(
                config, call, partial(self._steps, call, config, at_hand, state)
            )
        )

    def _steps(
        self, call: Call, config: RunnableConfig, at_hand: AtHand, state: Any
    ) -> Steps[Came]:
        own = within_call(config, call.namespace, partial(_asks_about, call))
        given = {key: _value(state, key) for key in self._spec.input_keys}
        given = {key: value for key, value in given.items() if value is not None}
        given |= {ARGS: call.args, CALL_ID: call.id}
        token = _AT_HAND.set(at_hand)
        try:
            found = yield Run(
                partial(self._graph.invoke, given, own, durability="sync"),
                partial(self._graph.ainvoke, given, own, durability="sync"),
            )
        finally:
            _AT_HAND.reset(token)
        return _came(call, found)


def _asks_about(call: Call, value: Any) -> bool:
    """Whether an interrupt is the question about a call."""
    context = value.get("context") if isinstance(value, dict) else None
    return isinstance(context, dict) and context.get(CALL_ID) == call.id


def _compiled(spec: GateSpec) -> Any:
    others = {*spec.input_keys, CALL_ID} - {ARGS}
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(
        typed_dict(
            "CallState",
            dict.fromkeys(sorted(others), Annotated[Any, EphemeralValue])
            | {ARGS: Any, "result": Any, "review": LatestReview, "reviews": AllReviews},
        )
    )
    builder.add_node("review", build(spec))
    builder.add_node("run", RunnableLambda(_run, afunc=_arun, name="run"))
    builder.add_edge(START, "review")
    builder.add_conditional_edges("review", _way, ["run", END])
    return builder.compile(name=spec.name)


def _way(state):  # type: ignore[no-untyped-def]  # an annotation would add channels
    return "run" if state["review"]["outcome"] in _RUNS else END


def _run(state: Any, config: RunnableConfig) -> dict[str, Any]:
    args = approved(state, ARGS)
    with _running(state["review"]):
        return {"result": _kept(_AT_HAND.get().body.sync(args, config))}


async def _arun(state: Any, config: RunnableConfig) -> dict[str, Any]:
    args = approved(state, ARGS)
    with _running(state["review"]):
        return {"result": _kept(await _AT_HAND.get().body.asynchronous(args, config))}


@contextmanager
def _running(record: ReviewRecord) -> Iterator[None]:
    token = _RECORD.set(record)
    try:
        yield
    finally:
        _RECORD.reset(token)


def _kept(result: Any) -> dict[str, Any]:
    """The result as a checkpoint keeps it. The call has run, so that nothing may fail here."""
    if isinstance(result, ToolMessage):
        return {"value": _with_plain_artifact(result)}
    if isinstance(result, BaseMessage | Command):
        return {"value": result}
    if isinstance(result, list) and all(isinstance(r, BaseMessage | Command) for r in result):
        return {"value": [_kept(each)["value"] for each in result]}
    try:
        return {"value": plain_json(result)}
    except NotJson as error:
        return {"lost": f"{type(result).__name__} ({error})"}


def _with_plain_artifact(message: ToolMessage) -> ToolMessage:
    try:
        plain_json(message.artifact)
    except NotJson:
        return message.model_copy(update={"artifact": None})
    return message


def _came(call: Call, found: Mapping[str, Any]) -> Came:
    record: ReviewRecord = found["review"]
    if record["outcome"] in ("answered", "chosen"):
        return Answered(record["answer"], record)
    if record["outcome"] not in _RUNS:
        return Refused(record)
    result = found["result"]
    if "lost" in result:
        raise ReviewError(
            f"{call.name!r} ran, once, and its result cannot be kept: {result['lost']}. It is not "
            "run again, so that its node ends here each time: app.update_state(config, {...}, "
            "as_node=...) writes what the node would have, and then app.invoke(None, config) goes "
            "on. For the next time, return JSON or messages from what needs an approval."
        )
    args = found[ARGS]
    return Ran(result["value"], args, edited=args != call.args, record=record)


def _value(state: Any, key: str) -> Any:
    return state.get(key) if isinstance(state, Mapping) else getattr(state, key, None)
