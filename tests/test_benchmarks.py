"""The building blocks of the benchmark work; nothing is timed here."""

import importlib
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"
NAMES = (
    "human_approval",
    "human_approval, plain answer",
    "node with interrupt",
    "hand-written subgraph",
    "create_agent, middleware",
)


@pytest.fixture
def contenders(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("contenders")


@pytest.fixture
def benchmark(contenders: Any) -> Any:
    return importlib.import_module("pause_resume")


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@pytest.mark.parametrize("name", NAMES)
def test_every_contender_pauses_and_goes_on(
    contenders: Any, name: str, kind: str, tmp_path: Path
) -> None:
    (contender,) = [one for one in contenders.CONTENDERS if one.name == name]
    with contenders.open_saver(kind, tmp_path) as saver:
        app = contender.build(saver)
        paused = app.invoke(contender.start("400"), {"configurable": {"thread_id": "t"}})
        assert not contender.finished({"messages": [], **paused})
        assert contender.finished(contenders.run_once(app, contender, "400", "u"))


def test_the_subjects_are_equally_long(contenders: Any) -> None:
    assert len(contenders.write({"notes": "100000"})["draft"]) == 100_000


def test_the_hand_written_subgraph_has_as_many_nodes(contenders: Any, tmp_path: Path) -> None:
    with contenders.open_saver("memory", tmp_path) as saver:
        ours, by_hand = (
            contender.build(saver).get_graph(xray=True).nodes
            for contender in (contenders.GATE, contenders.SUBGRAPH)
        )
    assert {name for name in ours if not name.endswith("__end__")} == {
        name for name in by_hand if not name.endswith("__end__")
    }


def test_a_gate_writes_as_many_checkpoints_as_the_hand_written_subgraph(
    benchmark: Any, contenders: Any
) -> None:
    ours, by_hand = (
        benchmark.measure_written(contender, 100_000)
        for contender in (contenders.GATE, contenders.SUBGRAPH)
    )
    assert ours.checkpoints == by_hand.checkpoints
    assert ours.total <= 1.7 * by_hand.total


def test_the_blocks_and_tables_work(benchmark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    spent = benchmark.measure_cpu("memory", 400, rounds=2, reviews=1)
    targets = benchmark.report_cpu("memory", 400, spent)
    assert [target.limit for target in targets] == [1.10, 1.10]
    assert benchmark.against_middleware({"memory": spent}).limit == 1.15
    table = capsys.readouterr().out
    assert all(name in table for name in NAMES)


def test_the_import_is_measured(benchmark: Any) -> None:
    assert benchmark.measure_import(2).median >= 1


def test_a_missed_target_fails_the_run(benchmark: Any) -> None:
    missed = benchmark.compare("slow", [1.2, 1.2, 1.2], [1.0, 1.0, 1.0], 1.10)
    met = benchmark.compare("fast", [1.0, 1.0, 1.0], [1.0, 1.0, 1.0], 1.10)
    assert (missed.met, met.met) == (False, True)
    assert benchmark.exit_status([met]) == 0
    assert benchmark.exit_status([met, missed]) == 1
