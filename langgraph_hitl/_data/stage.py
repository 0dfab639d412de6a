"""`Stage`: where in a workflow a checkpoint stands."""

from __future__ import annotations

from typing import Literal, get_args

Stage = Literal[
    "before_execution", "after_planning", "between_steps", "before_commit", "after_execution"
]

STAGES: tuple[Stage, ...] = get_args(Stage)
