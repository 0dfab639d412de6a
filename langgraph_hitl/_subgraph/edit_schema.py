"""`edit_schema=`: what an edited value has to look like."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from langgraph_hitl.errors import GateError, MissingExtra

Check = Callable[[Any], str | None]


def edit_check(edit_schema: Any) -> tuple[Check | None, dict[str, Any] | None]:
    """A check and a JSON schema from a type (pydantic, TypedDict, dataclass, ...) or a JSON schema.

    Types are checked strictly: `"5"` and `false` are no integers.
    """
    if edit_schema is None:
        return None, None
    if isinstance(edit_schema, dict):
        return _json_schema_check(edit_schema), edit_schema
    return _type_check(edit_schema)


def _type_check(edit_schema: Any) -> tuple[Check, dict[str, Any]]:
    from pydantic import PydanticUserError, TypeAdapter, ValidationError
    from pydantic.errors import PydanticSchemaGenerationError

    try:
        adapter: TypeAdapter[Any] = TypeAdapter(edit_schema)
        schema = adapter.json_schema()
    except (PydanticUserError, PydanticSchemaGenerationError, TypeError) as error:
        raise GateError(f"edit_schema: {edit_schema!r} is no schema for JSON ({error})") from None

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


def _json_schema_check(schema: dict[str, Any]) -> Check:
    try:
        from jsonschema import SchemaError
        from jsonschema.validators import validator_for
    except ModuleNotFoundError:
        raise MissingExtra("An edit_schema that is a JSON schema", extra="policy") from None
    validator_class = validator_for(schema)
    try:
        validator_class.check_schema(schema)
    except SchemaError as error:
        raise GateError(f"edit_schema is not a JSON schema: {error.message}") from None
    validator = validator_class(schema)

    def check(value: Any) -> str | None:
        problems = [error.message[:200] for error in validator.iter_errors(value)]
        return "; ".join(problems[:5]) or None

    return check
