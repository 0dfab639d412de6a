"""A description that is refused."""

from __future__ import annotations

import re

import pytest

from langgraph_hitl import Checkpoint
from langgraph_hitl.errors import GateError, HitlError

SUBJECT = "name: release\nsubject: draft\n"
ASKS = "name: budget\nquestion: How shall we go on?\n"


def refused(text: str, message: str, *, name: str | None = None) -> None:
    """The YAML is refused with a message that begins so; `...` stands for anything."""
    pattern = ".*".join(re.escape(part) for part in message.split("..."))
    with pytest.raises(GateError, match=f"^{pattern}") as raised:
        Checkpoint.from_yaml(text, name=name)
    assert isinstance(raised.value, HitlError)
