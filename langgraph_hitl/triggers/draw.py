"""`draw`: the keyed hash of an item, for samples that come out the same whatever runs again.

The number is BLAKE2b of the item's id under a secret salt, so nobody without the salt can tell
which items will be looked at, and a 5 % sample is part of the 10 % sample.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from hashlib import blake2b

from langgraph_hitl.errors import GateError

QA_SAMPLE = "qa-sample-v1"
"""The purpose of a QA sample. Draws for different purposes are independent of each other."""

_MAX_SALT = 64
_MAX_PURPOSE = 16


@dataclass(frozen=True, slots=True)
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
        if not isinstance(self.secret, bytes) or not self.secret:
            raise GateError("salt is missing: pass a secret text or bytes, or Salt.from_env(NAME)")
        if len(self.secret) > _MAX_SALT:
            raise GateError(f"salt has {len(self.secret)} bytes; it may have {_MAX_SALT}")
        if not self.name:
            fingerprint = blake2b(b"", digest_size=4, key=self.secret, person=b"salt-name-v1")
            object.__setattr__(self, "name", f"salt-{fingerprint.hexdigest()}")

    @classmethod
    def from_env(cls, variable: str) -> Salt:
        """The salt in an environment variable, named after it."""
        secret = os.environ.get(variable)
        if not secret:
            raise GateError(f"salt is missing: the environment variable {variable} is not set")
        return cls(secret.encode(), name=variable)


def salt_of(given: str | bytes | Salt) -> Salt:
    """The salt of an option: a secret text or bytes, or a `Salt` as it is."""
    if isinstance(given, Salt):
        return given
    if not isinstance(given, str | bytes) or not given:
        raise GateError("salt is missing: pass a secret text or bytes, or Salt.from_env(NAME)")
    return Salt(given.encode() if isinstance(given, str) else given)


def draw(item_id: str, *, salt: str | bytes | Salt, purpose: str = QA_SAMPLE) -> float:
    """A number in [0, 1) for an item, the same for ever; an item is in the sample if it is below
    the rate.

    >>> draw("item-1", salt="0123456789abcdef")
    0.24935732116883502
    """
    key = salt_of(salt).secret
    hashed = blake2b(
        item_id.encode(errors="surrogatepass"),
        digest_size=8,
        key=key,
        person=checked_purpose(purpose).encode(),
    )
    return (int.from_bytes(hashed.digest(), "big") >> 11) * 2.0**-53


def checked_purpose(purpose: str) -> str:
    """A purpose that BLAKE2b takes as its person parameter."""
    if not isinstance(purpose, str) or not 0 < len(purpose.encode()) <= _MAX_PURPOSE:
        raise GateError(f"purpose must be a text of 1 to {_MAX_PURPOSE} bytes, not {purpose!r}")
    return purpose
