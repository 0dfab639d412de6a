"""`Field`: the subject as a pydantic state declares it.

LangGraph validates a pydantic state at the input of every node. A value that the field refuses
would make the thread unreadable, and one that it changes would not be the approved one any more; so
a gate reads its subject, edits and revisions as the field does.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError


class Field:
    """One field of a pydantic model."""

    def __init__(self, schema: type[BaseModel], key: str) -> None:
        field = schema.model_fields[key]
        annotation: Any = field.annotation
        if field.metadata:
            annotation = Annotated[(annotation, *field.metadata)]
        self._adapter: TypeAdapter[Any] = TypeAdapter(annotation)

    def read(self, value: Any) -> Any:
        """The value as plain data, after the field has read it; raises `ValidationError`."""
        return self._adapter.dump_python(self._adapter.validate_python(value), mode="json")

    def problem(self, value: Any) -> str | None:
        """Why the field refuses the value, or None."""
        try:
            self.read(value)
        except ValidationError as error:
            return "; ".join(problem["msg"] for problem in error.errors(include_url=False)[:5])
        return None

    def item_problem(self, value: Any) -> str | None:
        """Why the field refuses the value as an item of its list, or None.

        What the field asks of the list as a whole is left out.
        """
        try:
            self._adapter.validate_python([value])
        except ValidationError as error:
            found = [problem for problem in error.errors(include_url=False) if 0 in problem["loc"]]
            return "; ".join(map(_of_item, found[:5])) or None
        return None


def _of_item(problem: Any) -> str:
    where = problem["loc"][problem["loc"].index(0) + 1 :]
    return f"{'.'.join(map(str, where)) or 'value'}: {problem['msg']}"


def field_of(schema: Any, key: str | None) -> Field | None:
    """The field of a pydantic state; None for other states and keys."""
    if key is None or not (isinstance(schema, type) and issubclass(schema, BaseModel)):
        return None
    return Field(schema, key) if key in schema.model_fields else None
