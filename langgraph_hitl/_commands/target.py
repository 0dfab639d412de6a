"""`Target`: where a graph is, as it is written: `name=module:graph`, `path/file.py:graph`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from langgraph_hitl._commands.status import Refusal

_NAMED = re.compile(r"([^=:/\\]+)=(.+)", re.DOTALL)
_FORM = "write it as module:graph or path/file.py:graph"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A graph to be imported.

    Exactly one of `module` and `path` is set. `name` is what it is to be registered as; `key` what
    a graph without a name of its own is called.
    """

    text: str
    module: str | None = None
    path: Path | None = None
    attribute: str
    name: str | None = None
    key: str | None = None


def parse(text: str, *, folder: Path | None = None, key: str | None = None) -> Target:
    """Read one target; `folder` is what relative paths start from.

    >>> target = parse("payments=shop.flows:graph")
    >>> target.name, target.module, target.attribute
    ('payments', 'shop.flows', 'graph')
    >>> str(parse("flows/pay.py:make").path)
    'flows/pay.py'
    """
    if "\x00" in text:
        raise Refusal(f"--app {text!r} contains a NUL character")
    named = _NAMED.fullmatch(text) if key is None else None
    name, place = (named[1].strip(), named[2]) if named else (None, text)
    source, _, attribute = place.rpartition(":")
    if not source.strip() or not all(map(str.isidentifier, attribute.split("."))):
        raise Refusal(f"{text!r} does not name a graph; {_FORM}")
    if source.endswith(".py") or "/" in source or "\\" in source:
        path = Path(source) if folder is None else folder / source
        return Target(text=text, path=path, attribute=attribute, name=name, key=key)
    if not all(map(str.isidentifier, source.split("."))):
        raise Refusal(f"{text!r} does not name a module; {_FORM}")
    return Target(text=text, module=source, attribute=attribute, name=name, key=key)
