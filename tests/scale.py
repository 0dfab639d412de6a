"""How large a run is: `scale(n)` is `n` in a full run and a tenth of it otherwise."""

from __future__ import annotations

import os


def scale(full: int) -> int:
    """`full` with `pytest --full` (or `HITL_FULL=1`), else a tenth of it and at least one."""
    if os.environ.get("HITL_FULL") == "1":
        return full
    return max(1, full // 10)
