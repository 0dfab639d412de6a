"""One checkpoint out of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import Checkpoint
from tests.data.refusal import SUBJECT, refused

SEVERAL = "checkpoints:\n  - name: plan\n    subject: plan\n  - name: release\n    subject: draft\n"


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (SEVERAL, None, "line 1: which checkpoint? Pass name=, one of plan, release"),
        (SEVERAL, "relase", "line 1: no checkpoint is named 'relase'; did you mean 'release'?"),
        (SEVERAL, "", "line 1: no checkpoint is named ''; known: plan, release"),
        (SEVERAL, 5, "line 1: no checkpoint is named 5; known: plan, release"),
        (SEVERAL, ["plan"], "line 1: no checkpoint is named ['plan']; "),
        (SEVERAL.replace("release", "plan"), "plan", "line 4, checkpoints[1]: the name 'plan' sta"),
        (SEVERAL + "    whn: x\n", "release", "line 6, checkpoints[1].whn: unknown field 'whn'"),
        (SEVERAL + "  - subject: x\n", "plan", "line 6, checkpoints[2]: the field 'name' is missi"),
        (SEVERAL + "  - x\n", "plan", "line 6, checkpoints[2]: a checkpoint is a mapping, not a t"),
        (SEVERAL + "  - name: [x]\n", "plan", "line 6, checkpoints[2].name: must be a text, not a"),
        (SEVERAL + "version: 1\n", "plan", "line 6, version: unknown field 'version'; known: chec"),
        ("checkpoints: []\n", "plan", "line 1, checkpoints: the list is empty"),
        ("checkpoints:\n", "plan", "line 1, checkpoints: must be a list, not empty"),
        ("checkpoints: {plan: {}}\n", "plan", "line 1, checkpoints: must be a list, not a mapping"),
        ("- name: plan\n  subject: plan\n", "plan", "line 1: must be a mapping, not a list; sever"),
        ("plan\n", None, "line 1: must be a mapping with name, stage"),
        ("plan\n", "plan", "line 1: a checkpoint is a mapping, not a text"),
        (SUBJECT, "plan", "line 1: the checkpoint is not named 'plan'"),
    ],
)
def test_one_checkpoint_out_of_several(text: str, name: Any, message: str) -> None:
    refused(text, message, name=name)


def test_another_checkpoint_of_the_file_may_still_be_unfinished() -> None:
    text = SEVERAL + "    when: {sampled: {rate: 0.1, item_id: id, salt_env: HITL_NOT_SET}}\n"
    assert Checkpoint.from_yaml(text, name="plan").name == "plan"
    refused(text, "line 6, checkpoints[1].when.sampled.salt_env: ", name="release")


def test_an_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.yaml"
    path.write_text(SEVERAL + "    whn: never\n", encoding="utf-8")
    assert Checkpoint.from_yaml(path, name="plan").name == "plan"
    refused(str(path), f"{path}, line 6, checkpoints[1].whn: unknown field", name="release")


def test_a_missing_calendar_is_looked_for_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.yaml"
    when = "when: {outside: {calendars: holidays.ics, tz: UTC}}\n"
    path.write_text(SUBJECT + when, encoding="utf-8")
    place = f"{path}, line 3, when.outside.calendars"
    refused(str(path), f"{place}: the calendar ...holidays.ics...cannot be read")
