"""`Source`: where a trigger takes a value from: a state key, a function, or several together.

The extension point is a plain function of the state. It declares its keys as every callable of a
gate does, returns the value, and raises `Unreadable` (or anything else) where it cannot tell: then
a person is asked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from langgraph_hitl._reads import Reader, Reads, declared_reads, refuse_coroutine
from langgraph_hitl.errors import GateError

Declare: TypeAlias = Callable[[Callable[..., Any], str], Reads]
"""Gives the keys that a function reads; the text is the option it was given as."""


class Source(ABC):
    """A value of the state. Called with a state, it gives the value."""

    @abstractmethod
    def atoms(self) -> Iterator[Atom]:
        """What is read from the state, each once."""

    @abstractmethod
    def value(self, read: Callable[[Atom], Any]) -> Any:
        """The value, from what `read` gives for each atom."""

    def __call__(self, state: Mapping[str, Any]) -> Any:
        return self.value(lambda atom: atom.reader(declare_all(state))(state))


class Atom(Source):
    """A source that reads the state itself."""

    once: bool = False
    """Whether it says something about this run, so that it is not read again for a new version."""
    optional: bool = False
    """Whether the graph may lack the key."""

    @abstractmethod
    def reader(self, declare: Declare) -> Reader:
        """The function that reads it, with its keys."""

    def atoms(self) -> Iterator[Atom]:
        yield self

    def value(self, read: Callable[[Atom], Any]) -> Any:
        return read(self)


@dataclass(frozen=True, slots=True)
class Path(Atom):
    """A state key, or a way into its value: `payment.amount`, `items.0.price`. None if absent."""

    text: str
    optional: bool = False

    def __post_init__(self) -> None:
        segments = self.text.split(".")
        if not all(segment.strip() for segment in segments):
            raise GateError(f"{self.text!r} is no state key, nor a path such as 'payment.amount'")
        if segments[0] in ("review", "reviews"):
            raise GateError(f"{self.text!r}: a gate never reads the records of reviews")

    def reader(self, declare: Declare) -> Reader:
        key, *rest = self.text.split(".")

        def follow(values: Mapping[str, Any]) -> Any:
            value = values.get(key)
            for segment in rest:
                value = _step(value, segment)
            return value

        return Reader(function=follow, reads=Reads(frozenset({key})))


@dataclass(frozen=True, slots=True, eq=False)
class Function(Atom):
    """A function of the state. `declares`, if given, is asked for the keys in its place.

    Equal where the function is the same, so that it is called once for all triggers that share it.
    """

    function: Callable[[Any], Any]
    what: str
    declares: Callable[..., Any] | None = None
    reads: tuple[str, ...] = ()
    once: bool = False

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Function)
            and self.function == other.function
            and self.reads == other.reads
        )

    def __hash__(self) -> int:
        try:
            return hash(self.function)
        except TypeError:
            return id(self.function)

    def reader(self, declare: Declare) -> Reader:
        declares = self.declares or self.function
        if self.reads:
            reads = declared_reads(declares, what=self.what, reads=self.reads, state_schema=None)
        else:
            reads = declare(declares, self.what)
        return Reader(function=self.function, reads=reads)


@dataclass(frozen=True, slots=True, eq=False)
class Derived(Source):
    """A value made of others: `derive` gets them by name."""

    sources: Mapping[str, Source]
    derive: Callable[[Mapping[str, Any]], Any]

    def atoms(self) -> Iterator[Atom]:
        for source in self.sources.values():
            yield from source.atoms()

    def value(self, read: Callable[[Atom], Any]) -> Any:
        return self.derive({name: source.value(read) for name, source in self.sources.items()})


def source_of(given: Any, what: str, *, reads: tuple[str, ...] = ()) -> Source:
    """The source of an option `what`: a path, a function, or a source as it is."""
    if isinstance(given, Source):
        return given
    if isinstance(given, str):
        return Path(given)
    if not callable(given):
        raise GateError(
            f"{what} must be a state key, a path such as 'payment.amount', or a function of the "
            f"state, not {given!r}"
        )
    refuse_coroutine(given, what)
    return Function(given, what, reads=reads)


def declare_all(state: Mapping[str, Any]) -> Declare:
    """For calls without a gate: a function that declares nothing reads the whole state."""

    def declare(function: Callable[..., Any], what: str) -> Reads:
        return declared_reads(function, what=what, reads=tuple(state), state_schema=None)

    return declare


def _step(value: Any, segment: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(segment)
    if isinstance(value, list | tuple):
        index = int(segment) if segment.lstrip("-").isdecimal() else len(value)
        return value[index] if -len(value) <= index < len(value) else None
    if segment.startswith("_"):
        return None
    found = getattr(value, segment, None)
    return None if callable(found) else found
