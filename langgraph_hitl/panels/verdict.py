"""`Verdict`: what a panel comes to, before the words of the voters are joined."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Passed(NamedTuple):
    """The answer that enough people gave."""

    ballot: str


class Refused(NamedTuple):
    """No answer can pass any more. `revise` says that another version is asked for."""

    revise: bool


Verdict: TypeAlias = Passed | Refused
