"""Rules on cases: which hold, which do not, and which cannot be told (see `rules.yaml`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl._data.yaml_text import read_yaml
from langgraph_hitl.policies import Ask, Pass, Policy, policy_from

DATA, _ = read_yaml(Path(__file__).parent / "rules.yaml")
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def read() -> Iterator[Any]:
    for group in DATA["groups"]:
        at = datetime.fromisoformat(group["at"]) if "at" in group else NOON
        for values, expected in group["cases"]:
            yield pytest.param(group["when"], at, values, expected, id=f"{group['when']} {values}")


ROWS = [*read()]


def policy(when: Any, then: Any) -> Policy:
    """One rule that may apply; what is not told would pass by the second one."""
    rules = [{"name": "tried", "when": when, "then": then}]
    if when != "always":
        rules.append({"name": "rest", "when": "always", "then": "pass"})
    return policy_from(
        {"name": "p", "version": 1, "templates": DATA["templates"], "rules": rules}, at=NOON
    )


def test_there_are_200_of_them() -> None:
    assert len(ROWS) >= 200


@pytest.mark.parametrize(("when", "at", "values", "expected"), ROWS)
def test_a_rule(when: Any, at: datetime, values: dict[str, Any], expected: str) -> None:
    passed = policy(when, "pass").decide(values, at)
    asked = policy(when, {"ask": {"queue": "q"}}).decide(values, at)
    match expected:
        case "yes":
            assert isinstance(passed, Pass)
            assert passed.rule == "tried"
            assert isinstance(asked, Ask)
            assert (asked.rule, asked.doubts, asked.terms.queue) == ("tried", (), "q")
        case "no":
            assert isinstance(passed, Pass)
            assert isinstance(asked, Pass)
            assert passed.rule == asked.rule == "rest"
        case "unknown":
            assert isinstance(passed, Ask)
            assert (passed.rule, [each.rule for each in passed.doubts]) == (None, ["tried"])
            assert isinstance(asked, Ask)
            assert (asked.rule, asked.terms.queue) == ("tried", "q")
            assert [each.rule for each in asked.doubts] == ["tried"]
        case _:
            raise AssertionError(expected)
