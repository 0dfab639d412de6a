"""`ToolOptions`: what can be said about the approval of a call, for signatures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from langgraph_hitl._subgraph.clock import Clock
from langgraph_hitl.patterns.options import FilingOptions

if TYPE_CHECKING:
    from langgraph_hitl.policies import Policy


class ToolOptions(FilingOptions, total=False):
    """Keyword options of `human_approval`, described there.

    Conditions and the rules of a policy read the arguments of the call. The other functions get a
    state with the arguments under `args`, and in an agent whatever they declare of its state.
    """

    policy: Policy | None
    allowed_decisions: Sequence[str] | None
    context: str | Sequence[str] | Callable[[Any], Mapping[str, Any]] | None
    required_context: Sequence[str]
    criteria: str | Sequence[str] | Callable[[Any], Any] | None
    resubmit_edits: bool
    reads: Sequence[str]
    clock: Clock
