"""Digests: the fingerprint that binds a decision to what was shown.

A digest is `sha256:` and the hexadecimal SHA-256 of the canonical JSON text (sorted keys, no
spaces, UTF-8), so equal JSON values have equal digests in every process.

>>> digest({"b": 1, "a": [True, None]}) == digest({"a": [True, None], "b": 1})
True
>>> digest(1) == digest(True)
False
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

MAX_DEPTH = 64
"""Deepest nesting of a JSON value that the package takes; deeper ones are refused."""

_MIN_INT, _MAX_INT = -(2**63), 2**64 - 1  # what MessagePack, and so a checkpoint, can hold


class NotJson(ValueError):
    """A value cannot be written as JSON and read back as the same value."""


def plain_json(value: Any, path: str = "$", depth: int = 0) -> Any:
    """`value` as plain JSON; raises `NotJson` naming the place.

    Tuples become lists, and subclasses (such as the text of a message) their plain types.

    Refused are non-text keys, NaN and infinities, integers beyond 64 bits, text with NUL or
    lone surrogates (no database takes them), nesting deeper than `MAX_DEPTH`, and every type that
    JSON does not have.
    """
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return _plain_text(str.__str__(value), path)
    if isinstance(value, int):
        return _plain_int(int(value), path)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotJson(f"{path}: {value} is not a JSON number")
        return float(value)
    if depth >= MAX_DEPTH:
        raise NotJson(f"{path}: nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        return {
            _plain_key(key, path): plain_json(item, f"{path}.{key}", depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain_json(item, f"{path}[{i}]", depth + 1) for i, item in enumerate(value)]
    raise NotJson(f"{path}: {type(value).__name__} is not JSON")


def digest(value: Any) -> str:
    """The digest of a plain JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _plain_text(value: str, path: str) -> str:
    if "\x00" in value:
        raise NotJson(f"{path}: the text contains a NUL character")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NotJson(f"{path}: the text contains a lone surrogate") from None
    return value


def _plain_int(value: int, path: str) -> int:
    if not _MIN_INT <= value <= _MAX_INT:
        raise NotJson(f"{path}: the integer does not fit into 64 bits")
    return value


def _plain_key(key: Any, path: str) -> str:
    if not isinstance(key, str):
        raise NotJson(f"{path}: the key {key!r} is not a text")
    return _plain_text(str.__str__(key), path)
