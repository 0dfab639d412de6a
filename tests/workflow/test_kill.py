"""`kill -9` at any write of a case: another process brings it to the same end, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scale import scale
from tests.workflow.mortal import in_a_process

ENDS = {
    "complex": ["release No!", "answered", "edited"],
    "drawn": [
        "process",
        "keep why",
        "revise",
        "release Yes, why.",
        "auto_approved",
        "needs_revision",
        "approved",
        "approved",
    ],
}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", ENDS)
def test_every_case_ends_as_if_nobody_had_died(case: str, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    assert in_a_process(whole, case) == ENDS[case]
    died = 0
    moments = range(1, 10_000, 30 // scale(30))
    for moment in moments:
        place = tmp_path / str(moment)
        place.mkdir()
        done = in_a_process(place, case, die_at=moment)
        if done is not None:
            break
        died += 1
        assert in_a_process(place, case) == ENDS[case], moment
    assert died >= 2
