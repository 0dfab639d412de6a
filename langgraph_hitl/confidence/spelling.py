"""What tokens spell: whether the tokens with log-probabilities are those of a message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Piece = str | bytes
"""A token as its provider writes it, or its exact bytes."""

_SPECIAL = re.compile(
    r"<\|[^|<>\s]+\|>|<｜[^｜<>\s]+｜>|</?s>"
    r"|<(?:bos|eos|pad|start_of_turn|end_of_turn|EOS_TOKEN|BOS_TOKEN)>"
)
_PREFIX = re.compile(r"bytes:(?=.*\\x)", re.DOTALL)
_ESCAPED = re.compile(rb"\\x([0-9a-fA-F]{2})|<0x([0-9a-fA-F]{2})>|\\([nrt])")
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def _byte_alphabet() -> dict[str, int]:
    """The bytes that the letters of byte-level tokenizers stand for, such as `Ġ` for a space."""
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    unseen = [byte for byte in range(0x100) if byte not in seen]
    return {chr(byte): byte for byte in seen} | {
        chr(0x100 + number): byte for number, byte in enumerate(unseen)
    }


_ALPHABET = _byte_alphabet()


def spells(tokens: Sequence[Piece], text: str) -> bool:
    r"""Whether the tokens spell the text exactly, save white space and special tokens at the ends.

    Tokens that are written in a tokenizer's own way count as what they stand for: `Ġ` and `▁` for a
    space, `\xe2`, `bytes:\xe2` and `<0xE2>` for a byte. A replacement character stands for nothing
    but itself: which character it was is not known.

    >>> spells(["Hello", " World", "</s>"], "Hello World"), spells([" not", " pay"], "pay")
    (True, False)
    """
    wanted = text.strip()
    return any(
        spelled is not None and spelled.strip() == wanted
        for pieces in (tokens, _without_ends(tokens))
        for spelled in _readings(pieces)
    )


def _without_ends(tokens: Sequence[Piece]) -> Sequence[Piece]:
    start, end = 0, len(tokens)
    while start < end and _says_nothing(tokens[start]):
        start += 1
    while start < end and _says_nothing(tokens[end - 1]):
        end -= 1
    return tokens[start:end]


def _says_nothing(token: Piece) -> bool:
    written = token.decode(errors="replace") if isinstance(token, bytes) else token
    return not written.strip() or _SPECIAL.fullmatch(written.strip()) is not None


def _readings(tokens: Sequence[Piece]) -> Iterator[str | None]:
    """What the tokens spell: as they stand, with escapes, in the alphabet of byte-level tokenizers.

    One way of writing is taken for all of them.
    """
    yield _decoded([_encoded(token) for token in tokens])
    yield _decoded([_unescaped(token) for token in tokens])
    yield _decoded([_from_alphabet(token) for token in tokens])


def _decoded(parts: list[bytes | None]) -> str | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    try:
        return b"".join(known).decode(errors="surrogatepass")
    except UnicodeDecodeError:
        return None


def _encoded(token: Piece) -> bytes:
    return token if isinstance(token, bytes) else token.encode(errors="surrogatepass")


def _unescaped(token: Piece) -> bytes:
    if isinstance(token, bytes):
        return token
    written = _PREFIX.sub("", token, count=1) if token.startswith("bytes:") else token
    return _ESCAPED.sub(_byte_of, _encoded(written.replace("▁", " ")))


def _byte_of(found: re.Match[bytes]) -> bytes:
    if found[3]:
        return _CONTROLS[found[3]]
    return bytes.fromhex((found[1] or found[2]).decode())


def _from_alphabet(token: Piece) -> bytes | None:
    if isinstance(token, bytes):
        return token
    letters = [_ALPHABET.get(letter) for letter in token]
    known = [letter for letter in letters if letter is not None]
    return bytes(known) if len(known) == len(letters) else None
