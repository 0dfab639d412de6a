"""`Sql`: one statement, written once for both databases, with `:name` for a parameter."""

from __future__ import annotations

import re
from typing import Literal

Dialect = Literal["sqlite", "postgresql"]

_PARAMETER = re.compile(r"(?<!:):([a-z_]\w*)")


class Sql:
    """A statement as each driver wants it.

    `lock` ends the statement on PostgreSQL, where a row that is read to be changed has to be
    locked; SQLite has one writer anyway.
    """

    __slots__ = ("postgresql", "sqlite")

    def __init__(self, text: str, *, postgresql: str | None = None, lock: str = "") -> None:
        other = (postgresql or text) + lock
        self.sqlite = text
        self.postgresql = _PARAMETER.sub(r"%(\1)s", other.replace("%", "%%"))

    def on(self, dialect: Dialect) -> str:
        return self.sqlite if dialect == "sqlite" else self.postgresql
