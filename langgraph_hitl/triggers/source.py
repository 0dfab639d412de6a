"""`Source`: where a trigger takes a value from: a state key, a function, or several together.

The extension point is a plain function of the state. It declares its keys as every callable of a
gate does, returns the value, and raises `Unreadable` (or anything else) where it cannot tell: then
a person is asked.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import BuiltinMethodType, MethodType
from typing import Any, TypeAlias

from typing_extensions import TypedDict

from langgraph_hitl._reads import Reader, Reads, declared_reads, refuse_coroutine
from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.review.digest import NotJson, plain_json
from langgraph_hitl.triggers.number import kind_of, quoted

Declare: TypeAlias = Callable[[Callable[..., Any], str], Reads]
"""Gives the keys that a function reads; the text is the option it was given as."""

_ABSENT = object()
_BOUND = (MethodType, BuiltinMethodType)


class Source(ABC):
    """A value of the state. Called with a state, it gives the value."""

    @abstractmethod
    def atoms(self) -> Iterator[Atom]:
        """What is read from the state, each once."""

    @abstractmethod
    def value(self, read: Reading) -> Any:
        """The value, from what `read` gives for the sources that it is made of."""

    def __call__(self, state: Mapping[str, Any]) -> Any:
        declare = declare_all(state)
        return Reading({atom: atom.reader(declare) for atom in self.atoms()}, state)(self)


class Atom(Source):
    """A source that reads the state itself."""

    once: bool = False
    """Whether it says something about this run, so that it is not read again for a new version."""
    optional: bool = False
    """Whether the graph may lack the key, and its value the part."""

    @abstractmethod
    def reader(self, declare: Declare) -> Reader:
        """The function that reads it, with its keys."""

    def atoms(self) -> Iterator[Atom]:
        yield self

    def value(self, read: Reading) -> Any:
        return read.state(self)


class Reading:
    """What the sources give in one evaluation. Each is read once, also where it raises."""

    def __init__(self, readers: Mapping[Atom, Reader], values: Mapping[str, Any]) -> None:
        self._readers = readers
        self._values = values
        self._found: dict[Source, tuple[Any, Exception | None]] = {}

    def __call__(self, source: Source) -> Any:
        value, error = self.tried(source)
        if error is not None:
            raise error
        return value

    def tried(self, source: Source) -> tuple[Any, Exception | None]:
        """The value, or what was raised."""
        if source not in self._found:
            try:
                self._found[source] = source.value(self), None
            except Exception as error:
                let_through(error)
                self._found[source] = None, error
        return self._found[source]

    def state(self, atom: Atom) -> Any:
        """What an atom reads from the state."""
        return self._readers[atom](self._values)


@dataclass(frozen=True)
class Path(Atom):
    """A state key, or a way into its value: `payment.amount`, `items.0.price`.

    The value is None where a key or an item is absent. A way into something that cannot have the
    part, such as a text, is unreadable.
    """

    text: str
    optional: bool = False

    def __post_init__(self) -> None:
        checked_text(self.text, "a state key")
        segments = self.text.split(".")
        if not all(segment.strip() for segment in segments):
            raise GateError(
                f"{quoted(self.text)} is no state key, nor a path such as 'payment.amount'"
            )
        if re.search(r"[\s,]", segments[0]):
            raise GateError(f"{quoted(self.text)} is no state key: name each one by itself")
        if segments[0] in ("review", "reviews"):
            raise GateError(f"{quoted(self.text)}: a gate never reads the records of reviews")

    def reader(self, declare: Declare) -> Reader:
        key, *rest = self.text.split(".")

        def follow(values: Mapping[str, Any]) -> Any:
            value = values.get(key)
            for segment in rest:
                value = self._step(value, segment)
            return value

        return Reader(function=follow, reads=Reads(frozenset({key})))

    def _step(self, value: Any, segment: str) -> Any:
        if value is None:
            return None
        if isinstance(value, Mapping):
            return value.get(segment)
        if isinstance(value, list | tuple) and re.fullmatch(r"-?\d{1,9}", segment):
            index = int(segment)
            return value[index] if -len(value) <= index < len(value) else None
        part = _ABSENT if segment.startswith("_") else getattr(value, segment, _ABSENT)
        if part is _ABSENT and self.optional:
            return None
        if part is _ABSENT or callable(part):
            raise Unreadable(f"The {self.text} cannot be read from {kind_of(value)}.")
        return part


class Function(Atom):
    """A function of the state. `declares`, if given, is asked for the keys in its place.

    Equal where the function is the same, so that it is called once for all triggers that share it.
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        what: str,
        declares: Callable[..., Any] | None = None,
        reads: tuple[str, ...] = (),
        once: bool = False,
    ) -> None:
        self.function = function
        self.what = what
        self.declares = declares
        self.reads = reads
        self.once = once

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Function):
            return NotImplemented
        mine, its = self.function, other.function
        return mine is its or (isinstance(mine, _BOUND) and isinstance(its, _BOUND) and mine == its)

    def __hash__(self) -> int:
        return hash(self.function) if isinstance(self.function, _BOUND) else id(self.function)

    def reader(self, declare: Declare) -> Reader:
        declares = self.declares or self.function
        if self.reads:
            reads = declared_reads(declares, what=self.what, reads=self.reads, state_schema=None)
        else:
            reads = declare(declares, self.what)
        return Reader(function=self.function, reads=reads._replace(strict=True))


class Derived(Source):
    """A value made of others: `derive` gets them by name."""

    def __init__(
        self, sources: Mapping[str, Source], derive: Callable[[Mapping[str, Any]], Any]
    ) -> None:
        self.sources = sources
        self.derive = derive

    def atoms(self) -> Iterator[Atom]:
        for source in self.sources.values():
            yield from source.atoms()

    def value(self, read: Reading) -> Any:
        return self.derive({name: read(source) for name, source in self.sources.items()})


def source_of(given: Any, what: str, *, reads: tuple[str, ...] = ()) -> Source:
    """The source of an option `what`: a path, a function, or a source as it is."""
    from langgraph_hitl.triggers.trigger import Trigger

    if isinstance(given, Source):
        return given
    if isinstance(given, str):
        try:
            return Path(given)
        except GateError as error:
            raise GateError(f"{what}: {error}") from None
    if not callable(given) or isinstance(given, Trigger):
        raise GateError(
            f"{what} must be a state key, a path such as 'payment.amount', or a function of the "
            f"state, not {quoted(given)}"
        )
    refuse_coroutine(given, what)
    return Function(given, what, reads=reads)


def declare_all(state: Mapping[str, Any]) -> Declare:
    """For calls without a gate: a function that declares nothing reads the whole state."""
    if not isinstance(state, Mapping):
        raise GateError(
            f"triggers and sources are called with a mapping, such as model_dump() gives, not "
            f"{kind_of(state)}"
        )

    def declare(function: Callable[..., Any], what: str) -> Reads:
        return declared_reads(function, what=what, reads=tuple(state), state_schema=_NoKeys)

    return declare


def let_through(error: Exception) -> None:
    """LangGraph's own signals are no errors of a source or a trigger."""
    from langgraph.errors import GraphBubbleUp

    if isinstance(error, GraphBubbleUp):
        raise error


def checked_text(text: Any, what: str) -> str:
    """A text that a user gave as a name, which sentences and records will carry."""
    if not isinstance(text, str) or not text.strip():
        raise GateError(f"{what} must be a text that is not blank, not {quoted(text)}")
    try:
        plain: str = plain_json(text)
    except NotJson:
        raise GateError(
            f"{what} has characters that cannot be stored: {ascii(text)[:60]}"
        ) from None
    return plain


def checked_keys(reads: str | Iterable[str]) -> tuple[str, ...]:
    """The keys of an option `reads`: one, or several."""
    if not isinstance(reads, Iterable):
        raise GateError(f"reads takes state keys, not {quoted(reads)}")
    given = (reads,) if isinstance(reads, str) else reads
    return tuple(checked_text(key, "a key in reads") for key in given)


class _NoKeys(TypedDict):
    """What there is to read in an empty state."""
