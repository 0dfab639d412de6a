"""The keys of the audit, which are read from the environment: what is typed, others can see."""

from __future__ import annotations

import os

AUDIT_KEY_VARIABLE = "HITL_AUDIT_KEY"


def audit_key() -> list[str] | None:
    """The key that holds, and after spaces those that held before; None if there is none."""
    return os.environ.get(AUDIT_KEY_VARIABLE, "").split() or None
