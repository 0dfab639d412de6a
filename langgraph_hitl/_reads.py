"""What a user's callable reads of the state, and the form in which it gets it.

A subgraph receives only the keys of its input schema, and every pause stores a copy of them, so
the keys are declared: by `reads=`, by the annotation of the first parameter as in LangGraph nodes,
or by `state_schema=`.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, NamedTuple, get_type_hints

from langchain_core.runnables import RunnableLambda
from pydantic import BaseModel
from typing_extensions import is_typeddict

from langgraph_hitl.errors import GateError

_NO_REVIEW: dict[str, Callable[[], Any]] = {"review": lambda: None, "reviews": list}
"""What a model gets for the records, which a gate never reads."""


class Reads(NamedTuple):
    """The keys that a callable reads, and what it is called with.

    `everything` passes on what the gate adds of its own, such as `feedback` for prompt templates.
    `strict` is for what decides whether a person is asked: a key that was not declared is an error
    instead of absent, and what the callable changes is a copy.
    """

    keys: frozenset[str]
    model: Callable[..., Any] | None = None
    everything: bool = False
    strict: bool = False

    def view(self, values: Mapping[str, Any]) -> Any:
        """The state as the callable expects it: an instance of its annotation, or a dict."""
        if self.everything:
            return dict(values)
        known = {key: value for key, value in values.items() if key in self.keys}
        if self.strict:
            known = deepcopy(known)
        if self.model is None:
            return Declared(known, self.keys) if self.strict else known
        records = {key: empty() for key, empty in _NO_REVIEW.items() if key in self.keys}
        return self.model(**(records | known))


class Declared(dict[str, Any]):
    """The declared keys of a state; asking for another one raises, also with `get` and `in`."""

    def __init__(self, known: Mapping[str, Any], keys: frozenset[str]) -> None:
        super().__init__(known)
        self._keys = keys

    def __missing__(self, key: str) -> Any:
        self._check(key)
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        self._check(key)
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._check(key)
        return super().get(key, default)

    def _check(self, key: object) -> None:
        if key not in self._keys:
            raise GateError(f"it reads {key!r}, which it does not declare")


class Reader(NamedTuple):
    """A callable with the keys it reads."""

    function: Callable[[Any], Any]
    reads: Reads

    def __call__(self, values: Mapping[str, Any]) -> Any:
        return self.function(self.reads.view(values))


def declared_reads(
    function: Any, *, what: str, reads: tuple[str, ...], state_schema: type[Any] | None
) -> Reads:
    """The reads of a callable; `what` is the option it was given as, for the error message.

    An annotation comes first, so that an annotated function gets what it asks for; `reads` narrows
    a TypedDict.
    """
    annotation = _first_annotation(function, what)
    if annotation is not None and is_state_schema(annotation):
        found = _reads_of(annotation)
        return found if found.model or not reads else Reads(frozenset(reads))
    if reads:
        return Reads(frozenset(reads))
    if state_schema is not None:
        return _reads_of(state_schema)
    raise GateError(
        f"{what}: which state keys does {_name(function)} read? Annotate its first parameter with "
        'a TypedDict, dataclass or pydantic model, or pass reads=("key", ...), or state_schema='
    )


def is_state_schema(schema: Any) -> bool:
    """Whether LangGraph takes `schema` as the schema of a state."""
    return (
        is_typeddict(schema)
        or (isinstance(schema, type) and issubclass(schema, BaseModel))
        or (isinstance(schema, type) and dataclasses.is_dataclass(schema))
    )


def schema_keys(schema: type[Any]) -> frozenset[str]:
    """The keys of a state schema."""
    return frozenset(get_type_hints(schema))


def schema_defaults(schema: type[Any]) -> dict[str, Callable[[], Any]]:
    """The defaults of a pydantic or dataclass schema; LangGraph fills no channel from them."""
    if isinstance(schema, type) and issubclass(schema, BaseModel):
        return {
            name: lambda field=field: field.get_default(call_default_factory=True)  # type: ignore[misc]  # bound per field
            for name, field in schema.model_fields.items()
            if not field.is_required() and not field.default_factory_takes_validated_data
        }
    if isinstance(schema, type) and dataclasses.is_dataclass(schema):
        return {
            field.name: _dataclass_default(field)
            for field in dataclasses.fields(schema)
            if field.default is not dataclasses.MISSING
            or field.default_factory is not dataclasses.MISSING
        }
    return {}


def refuse_coroutine(function: Any, what: str) -> None:
    """Conditions and context run inside synchronous nodes."""
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004  # looking at the method, not testing for it
    ):
        raise GateError(f"{what}: {_name(function)} is async; pass a plain function")


def _dataclass_default(field: dataclasses.Field[Any]) -> Callable[[], Any]:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory
    return lambda: field.default


def _reads_of(schema: type[Any]) -> Reads:
    if isinstance(schema, type) and issubclass(schema, BaseModel):
        _check_aliases(schema)
    keys = schema_keys(schema)
    return Reads(keys, None if is_typeddict(schema) else schema)


def _check_aliases(model: type[BaseModel]) -> None:
    """A model is made from state keys, which an alias would leave at its default."""
    by_name = model.model_config.get("populate_by_name") or model.model_config.get(
        "validate_by_name"
    )
    for name, field in model.model_fields.items():
        if field.validation_alias not in (None, name) and not by_name:
            raise GateError(
                f"{model.__name__}.{name} has an alias, but state keys are read by name: set "
                "populate_by_name=True in its model_config"
            )


def _first_annotation(function: Any, what: str) -> Any:
    function = _underlying(function)
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    if not parameters:
        raise GateError(
            f"{what}: {_name(function)} takes no parameter; it is called with the state"
        )
    target = function if inspect.isroutine(function) else type(function).__call__
    try:
        return get_type_hints(target).get(parameters[0].name)
    except (NameError, TypeError):
        return None


def _underlying(function: Any) -> Any:
    if isinstance(function, RunnableLambda):
        return getattr(function, "func", None) or getattr(function, "afunc", None)
    return function


def _name(function: Any) -> str:
    return getattr(function, "__qualname__", None) or f"a {type(function).__name__}"
