"""`draw`: the keyed hash of an item, for samples that come out the same whatever runs again.

The number is BLAKE2b of the item's id under a secret salt, so nobody without the salt can tell
which items will be looked at, and a 5 % sample is part of the 10 % sample.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from langgraph_hitl.errors import GateError, Unreadable
from langgraph_hitl.review.digest import NotJson, plain_json
from langgraph_hitl.triggers.number import kind_of, quoted
from langgraph_hitl.triggers.source import checked_text

QA_SAMPLE = "qa-sample-v1"
"""The purpose of a QA sample. Draws for different purposes are independent of each other."""

_MAX_SALT = 64
_MAX_ITEM = 1_000
_VARIABLE = r"[A-Z_][A-Z0-9_]{0,39}"
_MAX_PURPOSE = 16


@dataclass(frozen=True)
class Salt:
    """The secret of a deployment's draws, and the name under which they are recorded.

    `secret` has up to 64 bytes; take 16 random ones or more (`secrets.token_bytes(32)`) and keep
    them, because another salt draws another sample. Without a name, a fingerprint of the secret
    tells one salt from another.

    >>> Salt(b"0123456789abcdef", name="2026")
    Salt(name='2026')
    """

    secret: bytes = field(repr=False)
    name: str = ""

    def __post_init__(self) -> None:
        _check_secret(self.secret, bytes)
        if len(self.secret) > _MAX_SALT:
            raise GateError(f"salt has {len(self.secret)} bytes; it may have {_MAX_SALT}")
        if self.name != "":
            checked_text(self.name, "the name of a salt")
            if self.secret in self.name.encode():
                raise GateError("the name of a salt is recorded: it must not contain the secret")
        else:
            fingerprint = blake2b(b"", digest_size=4, key=self.secret, person=b"salt-name-v1")
            object.__setattr__(self, "name", f"salt-{fingerprint.hexdigest()}")

    @classmethod
    def from_env(cls, variable: str) -> Salt:
        """The salt in an environment variable, named after it."""
        if not isinstance(variable, str):
            raise GateError(
                f"Salt.from_env takes the name of an environment variable, not {kind_of(variable)}"
            )
        secret = os.environ.get(variable) if variable.isprintable() else None
        if not secret or not secret.strip():
            shown = f"the environment variable {variable}"
            if not re.fullmatch(_VARIABLE, variable):  # it may be the secret
                shown = "the environment variable that Salt.from_env was to read"
            raise GateError(f"salt is missing: {shown} is not set")
        return cls(os.fsencode(secret), name=variable)


def salt_of(given: str | bytes | Salt) -> Salt:
    """The salt of an option: a secret text or bytes, or a `Salt` as it is."""
    if isinstance(given, Salt):
        return given
    _check_secret(given, str | bytes)
    if isinstance(given, bytes):
        return Salt(given)
    try:
        return Salt(given.encode())
    except UnicodeEncodeError:
        raise GateError("salt is a text with lone surrogates; pass bytes") from None


def draw(item_id: str, *, salt: str | bytes | Salt, purpose: str = QA_SAMPLE) -> float:
    """A number in [0, 1) for an item, the same for ever; an item is in the sample if it is below
    the rate. Raises `Unreadable` for an id that is missing, blank, no text or longer than 1,000
    characters.

    >>> draw("item-1", salt="0123456789abcdef")
    0.24935732116883502
    """
    key = salt_of(salt).secret
    hashed = blake2b(
        checked_item(item_id).encode(),
        digest_size=8,
        key=key,
        person=checked_purpose(purpose).encode(),
    )
    return (int.from_bytes(hashed.digest(), "big") >> 11) * 2.0**-53


def checked_item(item_id: Any) -> str:
    """The id of an item, as it is recorded. Raises `Unreadable` if it says nothing."""
    if item_id is None:
        raise Unreadable("The item id is missing.")
    if not isinstance(item_id, str):
        raise Unreadable(f"The item id is {quoted(item_id)}, which is not a text.")
    if len(item_id) > _MAX_ITEM:
        raise Unreadable(
            f"The item id is too long (it has {len(item_id)} characters, and may have {_MAX_ITEM})."
        )
    if not item_id.strip():
        raise Unreadable("The item id is blank.")
    try:
        plain: str = plain_json(item_id)
    except NotJson:
        raise Unreadable("The item id has characters that cannot be stored.") from None
    return plain


def checked_purpose(purpose: str) -> str:
    """A purpose that BLAKE2b takes as its person parameter."""
    if len(checked_text(purpose, "purpose").encode()) > _MAX_PURPOSE:
        raise GateError(f"purpose may have {_MAX_PURPOSE} bytes: {quoted(purpose)} is too long")
    return purpose


def _check_secret(given: Any, kinds: Any) -> None:
    """Refuse a missing secret, and one of another type; never show it."""
    if given is None or (isinstance(given, str | bytes) and not given.strip()):
        raise GateError("salt is missing: pass a secret text or bytes, or Salt.from_env(NAME)")
    if not isinstance(given, kinds):
        if isinstance(given, str):
            raise GateError("Salt takes the secret as bytes: Salt(text.encode(), name=...)")
        raise GateError(f"salt must be a secret text or bytes, or a Salt, not {kind_of(given)}")
