r"""What a model wrote must not control the terminal, and nothing of it may be hidden either.

Control characters, escape sequences, bidirectional overrides and invisible characters are shown as
marks instead of being sent or dropped: what people approve is what runs, so they have to see it.

>>> clean("\x1b[31mred\x1b[0m and \u202eevil")
'<ESC>[31mred<ESC>[0m and <U+202E>evil'
>>> clean("paid\rnot paid")
'paid<CR>not paid'
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_NAMES = {0x00: "NUL", 0x07: "BEL", 0x08: "BS", 0x0D: "CR", 0x1B: "ESC", 0x7F: "DEL"}
_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
_SMUGGLING = range(0xE0000, 0xE1000)  # tags and supplementary variation selectors
_INVISIBLE = frozenset(  # default ignorable, and the blank Braille pattern
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U0001d159"
) | frozenset(map(chr, range(0xFE00, 0xFE10)))
_EMOJI_STYLE = "\ufe0f"
_HARMLESS = "\n\t"


def clean(text: str) -> str:
    """`text` as it may go to a terminal; idempotent, and keeps newlines and tabs."""
    return "".join(piece for piece, _ in pieces(text))


def one_line(text: str) -> str:
    """`clean`, with line breaks as spaces, for places that have one line."""
    return " ".join(clean(text).split())


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of `clean(text)`, each with whether it is a mark."""
    text = text.replace("\r\n", "\n")
    start = 0
    for index, char in enumerate(text):
        if char.isprintable() and char not in _INVISIBLE and ord(char) not in _SMUGGLING:
            continue
        if char in _HARMLESS or not _is_harmful(text, index):
            continue
        if start < index:
            yield text[start:index], False
        yield _mark(char), True
        start = index + 1
    if start < len(text):
        yield text[start:], False


def _is_harmful(text: str, index: int) -> bool:
    char = text[index]
    if char in _JOINERS:
        return not _joins(text, index)
    if char == _EMOJI_STYLE:
        return text[index - 1 : index].isascii()
    return unicodedata.category(char) in _HARMFUL or char in _INVISIBLE or ord(char) in _SMUGGLING


def _joins(text: str, index: int) -> bool:
    """Whether a joiner stands where scripts and emoji need it: between two non-ASCII characters."""
    before, after = text[index - 1 : index], text[index + 1 : index + 2]
    return all(side and not side.isascii() and side not in _JOINERS for side in (before, after))


def _mark(char: str) -> str:
    return f"<{_NAMES.get(ord(char)) or f'U+{ord(char):04X}'}>"
