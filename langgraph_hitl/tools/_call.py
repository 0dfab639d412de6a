"""`Call`: one call of a tool or function, as it is put before people."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from langgraph_hitl.errors import SubjectError
from langgraph_hitl.review.digest import NotJson, digest, plain_json


@dataclass(frozen=True, kw_only=True)
class Call:
    """`args` is plain JSON; `id` is that of the model's call, or one that its node gave it."""

    name: str
    args: dict[str, Any]
    id: str

    @property
    def namespace(self) -> str:
        """The name of the call within its task: the same for the same call, and for no other."""
        text = json.dumps([self.id, self.digest])
        readable = re.sub(r"[^\w.-]", "_", self.name)
        return f"{readable}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"

    @property
    def digest(self) -> str:
        """The digest of the name and the arguments."""
        return digest({"name": self.name, "args": self.args})


def call_of(name: str, args: Any, call_id: Any) -> Call:
    """The call, or `SubjectError` for one that nobody could be asked about."""
    if not isinstance(call_id, str) or not call_id:
        raise SubjectError(
            f"The call of {name!r} has no id, so that its answer could be taken for another's; "
            "nothing was run. Use a chat model that gives its tool calls ids."
        )
    try:
        plain = plain_json(args)
    except NotJson as error:
        raise SubjectError(
            f"The call of {name!r} cannot be shown: its arguments are not JSON ({error}); nothing "
            "was run. What people need not see can be injected into the tool."
        ) from None
    return Call(name=name, args=plain, id=call_id)
