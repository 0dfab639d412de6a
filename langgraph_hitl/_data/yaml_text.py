"""YAML as data with line numbers, and nothing but data.

Built from the events of the parser by the rules of YAML 1.2, so that no object is ever constructed,
`no` and `on` are texts, a key that stands twice is an error, and every value knows its line.
Anchors, aliases, merge keys and tags are refused: what a checkpoint does stands in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

from langgraph_hitl._data.place import Origin, Place, Steps
from langgraph_hitl.errors import GateError, MissingExtra
from langgraph_hitl.triggers.number import quoted

MAX_BYTES = 200_000
MAX_DEPTH = 40

_NULL = re.compile(r"|~|null|Null|NULL")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MAX_DIGITS = 400
_NO_CHARACTER = re.compile(
    r"(?<!\\)(?:\\\\)*(?P<escape>\\U(?!00(?:0[0-9a-fA-F]|10))[0-9a-fA-F]{8})"
)


def read_yaml(source: str | PathLike[str], what: str = "checkpoint") -> tuple[Any, Place]:
    """The data of a file, or of a text (which has a line break), and the place of its top."""
    if isinstance(source, str) and "\n" in source:
        return _parsed(source, Origin(what=what))
    path = _path(source)
    return _parsed(_read(path), Origin(file=str(path), folder=path.parent, what=what))


def _path(source: Any) -> Path:
    if not isinstance(source, str | PathLike) or not str(source).strip():
        raise Place(Origin()).error(
            f"the source is a path or a YAML text with line breaks, not {quoted(source)}"
        )
    return Path(source)


def _read(path: Path) -> str:
    place = Place(Origin(file=str(path)))
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise place.error(
            f"cannot be read ({reason}); a YAML text instead of a path has line breaks"
        ) from None
    if len(content) > MAX_BYTES:
        raise place.error(f"has more than {MAX_BYTES} bytes")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise place.error(f"line {line} is not UTF-8") from None


def _parsed(text: str, origin: Origin) -> tuple[Any, Place]:
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError
    except ModuleNotFoundError:
        raise MissingExtra(f"A {origin.what} in YAML", extra="policy") from None
    if len(text) > MAX_BYTES:
        raise Place(origin).error(f"has more than {MAX_BYTES} characters")
    tree = _Tree(origin)
    try:
        data = tree.document(YAML(typ="safe", pure=True).parse(text))
    except GateError:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = _problem(error.problem or error.context or "")
        raise tree.wrong(mark, f"is not YAML: {problem}") from None
    except Exception as error:  # also what the parser does not foresee, such as "\\UFFFFFFFF"
        raise _unmarked(error, text, origin) from None
    return data, Place(replace(origin, lines=tree.lines, flowing=tree.flowing))


def _unmarked(error: Exception, text: str, origin: Origin) -> GateError:
    """The error for one that does not say where it is."""
    problem = _problem(str(error))
    character = getattr(error, "character", None)
    at = text.find(chr(character)) if isinstance(character, int) else -1
    escape = _NO_CHARACTER.search(text)
    if at < 0 and escape is not None:
        at, problem = escape.start(), f"there is no character {escape['escape']}"
    lines: dict[Steps, int] = {} if at < 0 else {(): text.count("\n", 0, at) + 1}
    return Place(replace(origin, lines=lines)).error(f"is not YAML: {problem}")


def _problem(text: str) -> str:
    first = next(iter(text.splitlines()), "").strip() or "cannot be parsed"
    return f"{first}; indent with spaces" if r"'\t'" in first else first


@dataclass(slots=True)
class _Tree:
    """Builds the data from events, and notes the lines."""

    origin: Origin
    lines: dict[Steps, int] = field(default_factory=dict)
    flowing: set[Steps] = field(default_factory=set)

    def wrong(self, mark: Any, problem: str) -> Exception:
        lines: dict[Steps, int] = {} if mark is None else {(): mark.line + 1}
        return Place(replace(self.origin, lines=lines)).error(problem)

    def document(self, events: Iterator[Any]) -> Any:
        """The one document of a stream."""
        data: Any = None
        documents = 0
        for event in events:
            match type(event).__name__:
                case "DocumentStartEvent":
                    documents += 1
                    if documents > 1:
                        raise self.wrong(event.start_mark, "a second document begins")
                    if event.version not in (None, (1, 2)):
                        raise self.wrong(event.start_mark, "only YAML 1.2 is read")
                    data = self._node(next(events), events, ())
        if data is None:
            raise Place(self.origin).error("the document is empty")
        return data

    def _node(self, event: Any, events: Iterator[Any], steps: Steps) -> Any:
        self._check(event, steps)
        self.lines.setdefault(steps, event.start_mark.line + 1)
        match type(event).__name__:
            case "ScalarEvent":
                return self._scalar(event)
            case "SequenceStartEvent":
                return self._list(event, events, steps)
            case _:
                return self._mapping(events, steps)

    def _check(self, event: Any, steps: Steps) -> None:
        if type(event).__name__ == "AliasEvent" or getattr(event, "anchor", None) is not None:
            raise self.wrong(
                event.start_mark, "anchors and aliases are not read: write the value out"
            )
        if getattr(event, "tag", None) is not None:
            raise self.wrong(event.start_mark, f"tags are not read: {quoted(str(event.tag))}")
        if len(steps) > MAX_DEPTH:
            raise self.wrong(event.start_mark, f"is nested more than {MAX_DEPTH} deep")

    def _list(self, start: Any, events: Iterator[Any], steps: Steps) -> list[Any]:
        items: list[Any] = []
        for event in events:
            if type(event).__name__ == "SequenceEndEvent":
                break
            if start.flow_style and type(event).__name__ == "ScalarEvent" and event.implicit[0]:
                self.flowing.add((*steps, len(items)))
            items.append(self._node(event, events, (*steps, len(items))))
        return items

    def _mapping(self, events: Iterator[Any], steps: Steps) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if type(event).__name__ == "MappingEndEvent":
                break
            key = self._key(event, steps)
            way = (*steps, key)
            if key in found:
                first = self.lines[way]
                raise self.wrong(
                    event.start_mark, f"{quoted(key)} stands twice, first in line {first}"
                )
            self.lines[way] = event.start_mark.line + 1
            found[key] = self._node(next(events), events, way)
        return found

    def _key(self, event: Any, steps: Steps) -> str:
        self._check(event, steps)
        key = self._scalar(event) if type(event).__name__ == "ScalarEvent" else event
        if not isinstance(key, str):
            value = getattr(event, "value", None)
            shown = "a list or a mapping" if value is None else f"{value[:40]}; put it in quotes"
            raise self.wrong(event.start_mark, f"the name of a field is a text, not {shown}")
        if key == "<<" and event.implicit[0]:
            raise self.wrong(event.start_mark, "merge keys are not read: write the fields out")
        return key

    def _scalar(self, event: Any) -> Any:
        value: str = event.value
        if not event.implicit[0]:  # quoted, or a block
            return value
        if _NULL.fullmatch(value):
            return None
        if _TRUE.fullmatch(value):
            return True
        if _FALSE.fullmatch(value):
            return False
        if _NOT_FINITE.fullmatch(value):
            return float(value.replace(".", ""))
        if not (_INT.fullmatch(value) or _BASED.fullmatch(value) or _FLOAT.fullmatch(value)):
            return value
        if len(value) > _MAX_DIGITS:
            raise self.wrong(event.start_mark, "the number is too long")
        if _INT.fullmatch(value):
            return int(value)
        return int(value, 0) if _BASED.fullmatch(value) else float(value)
