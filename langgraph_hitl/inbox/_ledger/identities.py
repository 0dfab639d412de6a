"""Whether whoever decides is believed to be who they claim to be: the audit says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from langgraph_hitl.inbox._ledger.seal import ABOUT
from langgraph_hitl.inbox._ledger.sql import Sql

if TYPE_CHECKING:
    from langgraph_hitl.inbox._ledger.transaction import Session

REQUIRED: Final = "directory_required"
"""The event from which on a directory has to say who somebody is."""

WAIVED: Final = "directory_waived"
"""The event from which on claims are believed again."""

_LATEST = (
    f"SELECT event FROM hitl_audit WHERE review_id = '{ABOUT}'"  # noqa: S608  # constants
    f" AND event IN ('{REQUIRED}', '{WAIVED}') ORDER BY seq DESC LIMIT 1"
)
_LOOK = Sql(_LATEST)

BELIEVED: Final = f"(({_LATEST}) IS DISTINCT FROM '{REQUIRED}')"
"""On PostgreSQL, as a condition: claims are believed."""


def needs_directory(session: Session) -> bool:
    """Whether nobody is believed without a directory."""
    return session.row(_LOOK) == (REQUIRED,)
