"""`edit_schema=`: what an edited value has to look like."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from langgraph_hitl._text.schema_problem import schema_problem
from langgraph_hitl.errors import GateError, MissingExtra
from langgraph_hitl.triggers.number import quoted

_REFERENCES = frozenset({"$ref", "$defs", "definitions"})

Check = Callable[[Any], str | None]


def edit_check(
    edit_schema: Any, what: str = "edit_schema"
) -> tuple[Check | None, dict[str, Any] | None]:
    """A check and a JSON schema from a type (pydantic, TypedDict, dataclass, ...) or a JSON schema.

    Types are checked strictly: `"5"` and `false` are no integers.
    """
    if edit_schema is None:
        return None, None
    if isinstance(edit_schema, dict):
        return _json_schema_check(edit_schema, what), self_contained(edit_schema)
    if isinstance(edit_schema, str | bytes):  # which pydantic takes for the name of a type
        raise GateError(f"{what}: {quoted(edit_schema)} is no schema for JSON")
    check, schema = _type_check(edit_schema, what)
    return check, self_contained(schema)


def self_contained(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON schema with its references replaced by what they name, to stand inside another one.

    What names itself, or something elsewhere, is published as "anything"; the check knows better.
    """
    from jsonpointer import JsonPointerException, resolve_pointer

    def expand(node: Any, above: frozenset[str]) -> Any:
        if isinstance(node, list):
            return [expand(item, above) for item in node]
        if not isinstance(node, dict):
            return node
        rest = {key: expand(item, above) for key, item in node.items() if key not in _REFERENCES}
        name = node.get("$ref")
        if not isinstance(name, str):
            return rest
        try:
            target = resolve_pointer(schema, name[1:]) if name.startswith("#") else {}
        except JsonPointerException:
            target = {}
        return ({} if name in above else expand(target, above | {name})) | rest

    expanded: dict[str, Any] = expand(schema, frozenset())
    return expanded


def _type_check(edit_schema: Any, what: str) -> tuple[Check, dict[str, Any]]:
    from pydantic import PydanticUserError, TypeAdapter, ValidationError
    from pydantic.errors import PydanticSchemaGenerationError

    try:
        adapter: TypeAdapter[Any] = TypeAdapter(edit_schema)
        schema = adapter.json_schema()
    except (PydanticUserError, PydanticSchemaGenerationError, TypeError) as error:
        raise GateError(f"{what}: {edit_schema!r:.200} is no schema for JSON ({error})") from None

    def check(value: Any) -> str | None:
        try:
            adapter.validate_json(json.dumps(value), strict=True)
        except ValidationError as error:
            return "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or 'value'}: {problem['msg']}"
                for problem in error.errors(include_url=False)[:5]
            )
        return None

    return check, schema


def _json_schema_check(schema: dict[str, Any], what: str) -> Check:
    try:
        from jsonschema import SchemaError
        from jsonschema.validators import validator_for
    except ModuleNotFoundError:
        raise MissingExtra("An edit_schema that is a JSON schema", extra="policy") from None
    validator_class = validator_for(schema)
    try:
        validator_class.check_schema(schema)
    except SchemaError as error:
        raise GateError(f"{what} is not a JSON schema: {error.message}") from None
    validator = validator_class(schema)

    def check(value: Any) -> str | None:
        problems = [schema_problem(error) for error in validator.iter_errors(value)]
        return "; ".join(problems[:5]) or None

    return check
