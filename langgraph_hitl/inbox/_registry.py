"""`Registry`: the graphs that this process has registered, and their gates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from weakref import ref

from langgraph.pregel import Pregel

from langgraph_hitl._subgraph.gate import never_the_same, spec_of
from langgraph_hitl._subgraph.spec import GateSpec, Submission
from langgraph_hitl.errors import GateError, InboxError, NotRegistered
from langgraph_hitl.inbox.review import Filing, Review

if TYPE_CHECKING:
    from langgraph_hitl.inbox._foreign.watch import Watch
    from langgraph_hitl.inbox._oversight.terms import Terms

UNNAMED = "LangGraph"
"""The name of a graph that was compiled without one."""


class Registry:
    """Graphs by name."""

    def __init__(self) -> None:
        self._apps: dict[str, Any] = {}
        self._specs: dict[str, dict[str, GateSpec]] = {}
        self._watches: dict[str, Watch] = {}
        self._oversights: dict[str, Terms] = {}
        self._calls: list[ref[GateSpec]] = []

    def add(self, name: str, app: Any) -> None:
        """Take a graph; the same graph may come again as another object, which replaces it.

        Raises `InboxError` where the name is that of another graph.
        """
        other = self._apps.get(name)
        if name == UNNAMED and other is not None and other is not app:
            raise InboxError(
                f"a graph is registered as {UNNAMED!r} already, which is the name of every graph "
                "that has none: name yours, inbox.register(app, name=...)"
            )
        if other is not None and not _is_same(other, app):
            raise InboxError(
                f"another graph is registered as {name!r} already, which would be lost with its "
                "reviews: give one of them another name (name=). If it is the same graph and was "
                "changed, open the inbox anew"
            )
        specs = dict(gates(app))
        _check_submissions(specs)
        _check_caches(app, specs)
        self._apps[name] = app
        self._specs[name] = specs

    def app(self, review: Review) -> Any:
        """The graph of a review; raises `NotRegistered`."""
        if review.graph not in self._apps:
            known = ", ".join(map(repr, sorted(self._apps))) or "none"
            raise NotRegistered(
                f"Review {review.id} belongs to the graph {review.graph!r}, which this "
                f"process has not registered (it has: {known}). Call inbox.register(app, "
                f"name={review.graph!r}), or decide with resume='worker' and let a worker do it."
            )
        return self._apps[review.graph]

    def has(self, graph: str) -> bool:
        """Whether this process can run a graph."""
        return graph in self._apps

    @property
    def names(self) -> tuple[str, ...]:
        """The registered names."""
        return tuple(sorted(self._apps))

    def watch(self, name: str, watch: Watch) -> None:
        """What is foreign to the inbox of this graph is filed on these terms."""
        self._watches[name] = watch

    def watch_of(self, graph: str) -> Watch | None:
        """The terms of a graph that is watched."""
        return self._watches.get(graph)

    def supervise(self, name: str, terms: Terms) -> None:
        """The threads of this graph are supervised on these terms."""
        self._oversights[name] = terms

    def oversight_of(self, graph: str) -> Terms | None:
        """The terms of a graph that is supervised here."""
        return self._oversights.get(graph)

    def gates_of(self, graph: str) -> frozenset[str]:
        """The paths of the gates of a graph."""
        return frozenset(self._specs.get(graph, ()))

    def named(self, graph: str) -> Any:
        """The graph of this name, which is registered."""
        return self._apps[graph]

    def specs_of(self, graph: str) -> tuple[GateSpec, ...]:
        """The gates of a graph."""
        return tuple(self._specs.get(graph, {}).values())

    def enlist(self, spec: GateSpec) -> None:
        """Take a gate of calls, for as long as there is a tool that has it."""
        self._calls = [*(each for each in self._calls if each() is not None), ref(spec)]

    @property
    def calls(self) -> tuple[GateSpec, ...]:
        """The gates of calls, the newest last."""
        return tuple(spec for each in self._calls if (spec := each()) is not None)

    def gates_of_call(self, review: Review) -> tuple[GateSpec, ...]:
        """The gates that may have asked about a call, the newest last; none for other reviews."""
        if review.graph not in self._apps or review.gate in self._specs[review.graph]:
            return ()
        asked = (review.kind, review.action)
        return tuple(spec for spec in self.calls if (spec.kind, spec.rules.action) == asked)

    def spec_with(self, review: Review, what: Callable[[GateSpec], Any]) -> GateSpec | None:
        """The gate of a review, of a call too where those that may have asked agree on `what`."""
        spec = self.spec_of(review)
        if spec is not None:
            return spec
        calls = self.gates_of_call(review)
        agreed = calls and all(what(each) == what(calls[0]) for each in calls)
        return calls[-1] if agreed else None

    def spec_of(self, review: Review | Filing) -> GateSpec | None:
        """The gate that asked, where it can be found in its graph."""
        return self._specs.get(review.graph, {}).get(review.gate)


def _is_same(one: Any, other: Any) -> bool:
    """Whether two objects may be one graph: by their nodes and keys, or their place on a server."""
    return one is other or _traits(one) == _traits(other)


def _traits(app: Any) -> Any:
    if isinstance(app, Pregel):
        return frozenset(app.nodes), frozenset(app.channels)
    return app.assistant_id


def _check_submissions(specs: dict[str, GateSpec]) -> None:
    """Raises `GateError` where a gate could not tell its own submission from another's."""
    seen: dict[tuple[str, ...], tuple[Submission, str]] = {}
    for path, spec in specs.items():
        if spec.submission is None:
            continue
        first, other = seen.setdefault(spec.submission.tag, (spec.submission, path))
        if first is not spec.submission:
            raise GateError(
                f"{other!r} and {path!r} belong to two calls of submit_review with the name "
                f"{spec.name!r} and the same subject: give them different names (name=)"
            )


def _check_caches(app: Any, paths: Iterable[str]) -> None:
    """Raises `GateError` where one approval would be read as another's from a cache."""
    graphs: dict[str, Any] = {"": app}
    if isinstance(app, Pregel):
        graphs |= dict(app.get_subgraphs(recurse=True))
    for path in filter(None, paths):
        above, _, name = path.rpartition("|")
        while name:
            node = graphs[above].nodes.get(name)
            policy = getattr(node, "cache_policy", None) or graphs[above].cache_policy
            if policy is not None and policy.key_func is not never_the_same:
                raise GateError(
                    f"the node {name!r} holds a gate and has a cache: what was approved once would "
                    "pass everywhere. Leave cache_policy= out, or add the gate with add_review."
                )
            above, _, name = above.rpartition("|")


def gates(app: Any) -> Iterator[tuple[str, GateSpec]]:
    """The gates of a graph, each with the path of its node."""
    spec = spec_of(app)
    if spec is not None:
        yield "", spec
    if isinstance(app, Pregel):
        for path, graph in app.get_subgraphs(recurse=True):
            spec = spec_of(graph)
            if spec is not None:
                yield path, spec
