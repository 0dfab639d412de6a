"""Keys of the audit: with one, who has the database alone cannot write a row that holds.

A row of the audit, the first or a later one, says from where a key holds; it and all that follow
are hashed with the key. The cursor `SEAL` has the number of the newest such row.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._ledger.sql import Sql

SEAL = "audit_key"
SEALED = "sealed"
"""The event of a row from which a key holds."""

ABOUT = "*"
"""In place of the id of a review: the row is about the audit itself."""

SHORTEST_KEY = 16
"""Bytes."""

AuditKey: TypeAlias = str | bytes | Sequence[str | bytes] | None
"""A key, or the new one followed by those that held before."""

_PURPOSE = b"langgraph-hitl audit key"
_MADE_BY = "secrets.token_hex(32) makes one"

MARKER = Sql(f"SELECT seq FROM hitl_cursors WHERE name = '{SEAL}'")  # noqa: S608  # constants
MARK = Sql(
    f"INSERT INTO hitl_cursors (name, seq) VALUES ('{SEAL}', :seq)"  # noqa: S608  # constants
    " ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"
)


@dataclass(frozen=True)
class Key:
    """One key; `id` names it without telling anything about it."""

    secret: bytes

    @property
    def id(self) -> str:
        return hmac.new(self.secret, _PURPOSE, hashlib.sha256).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Key({self.id})"


Keys: TypeAlias = tuple[Key, ...]
"""The key that holds now, then those that held before; empty without one."""


def keys_of(given: AuditKey) -> Keys:
    """The keys of an option. Raises `InboxError` for what is none, or too short to be one."""
    if given is None:
        return ()
    listed = [given] if isinstance(given, str | bytes) else given
    if not isinstance(listed, list | tuple) or not listed:
        raise InboxError(f"audit_key= is a text or bytes, or a list of them; {_MADE_BY}")
    return tuple(_key_of(one) for one in listed)


def _key_of(given: Any) -> Key:
    if not isinstance(given, str | bytes):
        raise InboxError(f"audit_key= is a text or bytes, not {type(given).__name__}; {_MADE_BY}")
    try:
        secret = given.strip().encode() if isinstance(given, str) else given
    except UnicodeEncodeError:
        raise InboxError(f"audit_key= holds characters that are none; {_MADE_BY}") from None
    if len(secret) < SHORTEST_KEY:
        raise InboxError(
            f"audit_key= is {len(secret)} bytes long; it takes at least {SHORTEST_KEY}; {_MADE_BY}"
        )
    return Key(secret)


def hashed(facts: bytes, key: Key | None) -> str:
    """The hash of a row's facts: with a key, one that nobody makes without it."""
    if key is None:
        return hashlib.sha256(facts).hexdigest()
    return hmac.new(key.secret, facts, hashlib.sha256).hexdigest()
