"""The graphs of an existing `langgraph.json`. Its environment file is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langgraph_hitl._commands.status import Refusal
from langgraph_hitl._commands.target import Target, parse
from langgraph_hitl.review.strict_json import NotStrictJson, read_json


@dataclass(frozen=True, kw_only=True)
class GraphsFile:
    """`folders` are the local dependencies, which go on `sys.path`."""

    targets: tuple[Target, ...]
    folders: tuple[Path, ...]


def read_graphs_file(path: Path) -> GraphsFile:
    """The Python graphs of the file; raises `Refusal` naming what is wrong with it."""
    try:
        content = read_json(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise Refusal(f"{path}: {error.strerror or error}") from None
    except (UnicodeDecodeError, NotStrictJson) as error:
        raise Refusal(f"{path} is no JSON file: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("graphs"), dict):
        raise Refusal(f'{path} has no "graphs": an object from names to "path/file.py:graph"')
    folder = path.absolute().parent
    return GraphsFile(
        targets=tuple(_targets(content["graphs"], path, folder)),
        folders=tuple(_folders(content.get("dependencies", []), path, folder)),
    )


def _targets(graphs: dict[str, Any], path: Path, folder: Path) -> Iterator[Target]:
    for key, entry in graphs.items():
        place = entry.get("path") if isinstance(entry, dict) else entry
        if not isinstance(place, str):
            raise Refusal(f'{path}: the graph {key!r} has no path such as "./flow.py:graph"')
        if place.rpartition(":")[0].endswith((".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")):
            continue
        try:
            yield parse(place, folder=folder, key=key)
        except Refusal as error:
            raise Refusal(f"{path}, graph {key!r}: {error}") from None


def _folders(dependencies: Any, path: Path, folder: Path) -> Iterator[Path]:
    if not isinstance(dependencies, list):
        raise Refusal(f'{path}: "dependencies" is not a list')
    for each in dependencies:
        if isinstance(each, str) and each.startswith("."):
            yield (folder / each).resolve()
