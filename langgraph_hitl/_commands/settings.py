"""`Settings`: what the options, the environment and the configuration files say together."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from langgraph_hitl._commands.options import Where
from langgraph_hitl._commands.status import Refusal

GRAPHS_FILE = "langgraph.json"
OWN_FILE = "langgraph-hitl.toml"
PROJECT_FILE = "pyproject.toml"
_TABLE = "langgraph-hitl"
_KEYS = ("inbox", "as", "roles", "directory", "apps")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`source` names the file that `identity` and `roles` come from.

    `chosen` says that the graphs were asked for, and not merely found in this folder.
    """

    inbox: str | None = None
    identity: str | None = None
    roles: tuple[str, ...] = ()
    directory: Path | None = None
    apps: tuple[str, ...] = ()
    graphs_file: Path | None = None
    chosen: bool = False
    source: str | None = None


def settings_of(where: Where) -> Settings:
    """Options come before the environment, the environment before the files."""
    found = _configured(where.config)
    if where.inbox is not None:
        if not where.inbox.strip():
            raise Refusal("--inbox is blank; give the URL of the inbox, or leave it out")
        found = replace(found, inbox=where.inbox)
    if where.directory is not None:
        found = replace(found, directory=where.directory)
    if where.app:
        found = replace(found, apps=tuple(where.app))
    if found.apps:  # one list of graphs, not two that may contradict each other
        return replace(found, graphs_file=None, chosen=True)
    return found


def _configured(given: Path | None) -> Settings:
    if given is not None and not given.is_file():
        raise Refusal(f"--config {given}: there is no such file")
    beside = Path(GRAPHS_FILE)
    if given is not None and given.suffix == ".json":
        return replace(_from_folder(), apps=(), graphs_file=given, chosen=True)
    found = _from_folder() if given is None else _from_file(given)
    return replace(found, graphs_file=beside) if beside.is_file() else found


def _from_folder() -> Settings:
    for name in (OWN_FILE, PROJECT_FILE):
        path = Path(name)
        if path.is_file():
            found = _from_file(path)
            if found.source is not None:
                return found
    return Settings()


def _from_file(path: Path) -> Settings:
    """The settings of a TOML file; none of a project that says nothing about this command."""
    try:
        table: Any = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise Refusal(f"{path}: {error.strerror or error}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise Refusal(f"{path} is no TOML file: {error}") from None
    if path.name == PROJECT_FILE:
        tools = table.get("tool")
        table = tools.get(_TABLE) if isinstance(tools, Mapping) else None
        if table is None:
            return Settings()
    if not isinstance(table, Mapping):
        raise Refusal(f"{path}: [tool.{_TABLE}] is not a table")
    return _read(table, path)


def _read(table: Mapping[str, Any], path: Path) -> Settings:
    unknown = sorted(set(table) - set(_KEYS))
    if unknown:
        raise Refusal(f"{path}: {unknown[0]!r} is not known; known are {', '.join(_KEYS)}")
    return Settings(
        inbox=_text(table, "inbox", path),
        identity=_text(table, "as", path),
        roles=_texts(table, "roles", path),
        directory=_beside(path, _text(table, "directory", path)),
        apps=_texts(table, "apps", path),
        source=str(path),
    )


def _beside(path: Path, name: str | None) -> Path | None:
    return None if name is None else path.parent / name


def _text(table: Mapping[str, Any], key: str, path: Path) -> str | None:
    value = table.get(key)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise Refusal(f"{path}: {key} must be a text that is not blank")
    return value


def _texts(table: Mapping[str, Any], key: str, path: Path) -> tuple[str, ...]:
    value = table.get(key, ())
    listed = [value] if isinstance(value, str) else value
    good = isinstance(listed, list | tuple) and all(
        isinstance(each, str) and each.strip() for each in listed
    )
    if not good:
        raise Refusal(f"{path}: {key} must be a list of texts")
    return tuple(listed)
