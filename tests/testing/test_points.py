"""`POINTS` says where the package may be killed, and `FailPoints` does it."""

from __future__ import annotations

import ast
import multiprocessing
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import langgraph_hitl
from langgraph_hitl.errors import InboxError
from langgraph_hitl.testing import POINTS, Failed, FailPoints

PACKAGE = Path(langgraph_hitl.__file__).parent


def _names_in(source: str) -> Iterator[str]:
    """The arguments of every call of something named `point` or `_point`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            if name in ("point", "_point") and isinstance(first, ast.Constant):
                yield str(first.value)


def test_the_list_is_what_the_code_passes() -> None:
    passed = {name for path in PACKAGE.rglob("*.py") for name in _names_in(path.read_text())}
    assert passed == set(POINTS)


def test_every_point_says_what_is_true_there() -> None:
    assert all(sentence and not sentence.endswith(".") for sentence in POINTS.values())
    assert len(POINTS) >= 10


def test_it_raises_at_the_nth_passage_only() -> None:
    points = FailPoints()
    points.fail_at("filing", nth=2)
    points("filing")
    points("voting")
    with pytest.raises(Failed, match="'filing', passage 2") as caught:
        points("filing")
    assert (caught.value.point, caught.value.passage) == ("filing", 2)
    assert isinstance(caught.value, InboxError)
    points("filing")
    assert points.passed == {"filing": 3, "voting": 1}


def test_passages_count_from_when_it_was_said() -> None:
    points = FailPoints()
    points("filing")
    points.fail_at("filing", error=OSError("disk full"))
    with pytest.raises(OSError, match="disk full"):
        points("filing")
    points.fail_at("filing", nth=1)
    with pytest.raises(Failed):
        points("filing")


def test_points_of_an_application() -> None:
    points = FailPoints("paid")
    points.fail_at("paid")
    with pytest.raises(Failed):
        points("paid")


@pytest.mark.parametrize(("name", "nth"), [("paying", 1), ("", 1), ("filing", 0), ("filing", -1)])
def test_a_plan_that_could_never_come_is_refused(name: str, nth: int) -> None:
    with pytest.raises(ValueError, match=r"fail point|nth counts"):
        FailPoints().kill_at(name, nth=nth)


def _dies() -> None:
    points = FailPoints()
    points.kill_at("filing", nth=2)
    try:
        points("filing")
        points("filing")
    finally:
        points("never")


def test_a_kill_is_sigkill() -> None:
    context = multiprocessing.get_context("forkserver")
    process = context.Process(target=_dies)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
