"""The building blocks of the benchmark work; nothing is timed here."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent.parent / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("policies")


def test_every_rule_but_the_last_is_tried_and_holds_for_no_case(benchmark: Any) -> None:
    policy = benchmark.policy(40)
    found = policy.explain(benchmark.case(1), benchmark.AT)
    assert [each.holds for each in found.rules] == [False] * 39 + [True]
    found = policy.explain(benchmark.case(2), benchmark.AT)
    assert [each.holds for each in found.rules] == [False] * 40


def test_a_missed_target_fails_the_run(benchmark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(benchmark.measure(benchmark.policy(10), 20)) == 20
    assert benchmark.report([1.0] * 20)
    assert not benchmark.report([1.0] * 18 + [9.0] * 2)
    assert "MISSED" in capsys.readouterr().out
