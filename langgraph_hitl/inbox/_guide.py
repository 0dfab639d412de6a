"""`Guide`: what reviewers taught, for a node of a later run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._case import context_in
from langgraph_hitl.precedents import ByKeys, Guidance, Similar
from langgraph_hitl.precedents.guidance import texts_of

if TYPE_CHECKING:
    from langgraph_hitl.inbox._memory import Memory

EVERY = 10_000


@dataclass(frozen=True, kw_only=True)
class Guide:
    """Called with a state, it gives what reviewers said about such cases; see `Inbox.guide`."""

    memory: Memory
    action: str
    how: Similar | None
    keys: tuple[str, ...]
    subject: str | None
    limit: int
    among: int

    def __call__(self, state: Any) -> list[str]:
        """The texts, each once. Raises as `Inbox.guidance`."""
        said = self.memory.guidance(**self._wanted(state))
        return texts_of(said, self.limit)

    async def acall(self, state: Any) -> list[str]:
        """The same off the event loop, for an asynchronous node."""
        said: list[Guidance] = await self.memory.aguidance(**self._wanted(state))
        return texts_of(said, self.limit)

    def _wanted(self, state: Any) -> dict[str, Any]:
        context = None if self.how is None else context_in(state, self.keys, subject=self.subject)
        return {
            "action": self.action,
            "context": context,
            "how": self.how,
            "limit": EVERY,  # many may have said the same
            "among": self.among,
        }


def keys_read(
    how: Similar | None, reads: tuple[str, ...] | None, subject: str | None, *, what: str = "guide"
) -> tuple[str, ...]:
    """The keys that are read from the state; raises `InboxError` where nothing says them."""
    if how is None:
        if reads is not None or subject is not None:
            raise InboxError(f"{what}: reads= and subject= have no effect without how=")
        return ()
    if reads is not None:
        keys = isinstance(reads, list | tuple) and all(isinstance(key, str) for key in reads)
        if not keys:
            raise InboxError(f"{what}: reads= is a tuple of keys of the state, not {reads!r}")
        return tuple(reads)
    if isinstance(how, ByKeys):
        roots = (key.partition(".")[0] for key in how.keys)  # of a path
        return tuple(dict.fromkeys((*how.keys, *roots)))
    raise InboxError(
        f"{what}: which keys of the state does {type(how).__name__} compare? "
        'Pass reads=("key", ...)'
    )
