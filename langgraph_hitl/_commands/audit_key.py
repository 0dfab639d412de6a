"""The keys of the audit, which are read from the environment: what is typed, others can see."""

from __future__ import annotations

import os

AUDIT_KEY_VARIABLE = "HITL_AUDIT_KEY"
BEFORE_VARIABLE = "HITL_AUDIT_KEY_BEFORE"


def audit_key() -> list[str] | None:
    """The key that holds, then those that held before it, one per line; None without one."""
    key = os.environ.get(AUDIT_KEY_VARIABLE, "")
    before = os.environ.get(BEFORE_VARIABLE, "").splitlines()
    return [key, *(line for line in before if line.strip())] if key else None
