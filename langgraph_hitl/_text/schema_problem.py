"""`schema_problem`: what does not fit a JSON schema, in words that name the field."""

from __future__ import annotations

from typing import Any

_LONGEST = 200


def schema_problem(error: Any, *, within: int = 0) -> str:
    """The words of an error of jsonschema, of the branch that fits best where there are several.

    Args:
        error: A `jsonschema.ValidationError`.
        within: How many steps of its path are left out.
    """
    from jsonschema.exceptions import best_match

    found = best_match([error]) or error
    path = ".".join(map(str, list(found.absolute_path)[within:]))
    return f"{path}: {found.message}"[:_LONGEST] if path else found.message[:_LONGEST]
