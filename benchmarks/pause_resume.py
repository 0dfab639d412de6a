"""What a review costs: CPU of one pause and resume, import time, bytes and rows written.

    python benchmarks/pause_resume.py            # about two minutes
    python benchmarks/pause_resume.py --quick    # a short run, for a first look

All contenders run in one process, in turns and in a new order each round, so that a noisy machine
hits all of them alike. A turn is a block of reviews on new threads; its CPU time (all threads of
the process) is compared with that of the other contenders in the same round, and the median of
these ratios is what counts, with the interval in which it lies with 95 % confidence. One contender
runs twice: its ratio to itself shows what the machine adds. The garbage collector stays on and is
emptied before every block. Exit status 1: a target was missed.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["LANGSMITH_TRACING"] = "false"

from contenders import (
    AGENT,
    CONTENDERS,
    GATE,
    GATE_PLAIN,
    SUBGRAPH,
    SUBGRAPH_AGAIN,
    Contender,
    new_thread,
    open_saver,
    run_once,
)
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.sqlite import SqliteSaver

SMALL, LARGE = 400, 100_000


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio and the most that it may be."""

    what: str
    median: float
    low: float
    high: float
    limit: float

    @property
    def met(self) -> bool:
        return self.median <= self.limit


@dataclass(frozen=True, slots=True)
class Lane:
    """One contender on its own saver."""

    contender: Contender
    app: Any
    saver: BaseCheckpointSaver[Any]


# --- CPU ----------------------------------------------------------------------------------------


def time_block(lane: Lane, size: int, reviews: int) -> float:
    """CPU seconds of one review, averaged over a block of them."""
    threads = [new_thread() for _ in range(reviews)]
    gc.collect()
    begun = time.process_time()
    results = [run_once(lane.app, lane.contender, str(size), thread) for thread in threads]
    spent = time.process_time() - begun
    if not all(lane.contender.finished(result) for result in results):
        raise RuntimeError(f"{lane.contender.name}: the run did not go on")
    for thread in threads:
        lane.saver.delete_thread(thread)
    return spent / reviews


def measure_cpu(kind: str, size: int, *, rounds: int, reviews: int) -> dict[str, list[float]]:
    """CPU seconds of one review, for each contender and round."""
    spent: dict[str, list[float]] = {contender.name: [] for contender in CONTENDERS}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lanes = []
        for contender in CONTENDERS:
            saver = stack.enter_context(open_saver(kind, folder))
            lanes.append(Lane(contender, contender.build(saver), saver))
        for lane in lanes:
            time_block(lane, size, max(reviews, 10))
        gc.collect()
        gc.freeze()
        order = random.Random(0)  # noqa: S311  # no secret: which contender goes first
        for _ in range(rounds):
            for lane in order.sample(lanes, len(lanes)):
                spent[lane.contender.name].append(time_block(lane, size, reviews))
        gc.unfreeze()
    return spent


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """The median between the bounds of its 95 % interval (order statistics)."""
    ordered = sorted(values)
    half = 0.98 * math.sqrt(len(ordered))
    low = max(math.floor(len(ordered) / 2 - half), 0)
    high = min(math.ceil(len(ordered) / 2 + half), len(ordered) - 1)
    return ordered[low], statistics.median(ordered), ordered[high]


def compare(what: str, ours: Sequence[float], theirs: Sequence[float], limit: float) -> Target:
    """The median of the paired ratios."""
    low, median, high = spread([a / b for a, b in zip(ours, theirs, strict=True)])
    return Target(what, median, low, high, limit)


def report_cpu(kind: str, size: int, spent: dict[str, list[float]]) -> list[Target]:
    print(f"\nCPU of one pause and resume, {kind} saver, subject of {size:,} characters")
    print(f"  {'contender':<32}{'median ms':>10}  {'95 %':>13}{'human_approval is':>20}")
    ours = spent[GATE.name]
    for name, values in spent.items():
        low, median, high = (1000 * value for value in spread(values))
        ratio = compare(name, ours, values, 0).median
        print(f"  {name:<32}{median:>10.3f}  {low:>6.3f}-{high:<6.3f}{ratio:>19.3f}x")
    return [
        compare(f"CPU, {kind}, against the subgraph", ours, spent[SUBGRAPH.name], 1.10),
        compare(
            f"CPU, {kind}, plain answer, subgraph",
            spent[GATE_PLAIN.name],
            spent[SUBGRAPH.name],
            1.10,
        ),
    ]


def against_middleware(spent: Mapping[str, dict[str, list[float]]]) -> Target:
    """The geometric mean over the savers.

    The agent has fewer nodes and no subgraph. On SQLite, where every row costs, even the subgraph
    written by hand needs 1.1 of its CPU; in memory it needs less than the agent.
    """
    each = [
        compare(kind, of_kind[GATE.name], of_kind[AGENT.name], 1.15)
        for kind, of_kind in spent.items()
    ]
    return Target(
        "CPU, both savers, against the middleware",
        statistics.geometric_mean(target.median for target in each),
        statistics.geometric_mean(target.low for target in each),
        statistics.geometric_mean(target.high for target in each),
        1.15,
    )


# --- import time --------------------------------------------------------------------------------

_IMPORT = """
from time import process_time
begun = process_time()
import langgraph.graph
between = process_time()
import langgraph_hitl
print(between - begun, process_time() - between)
"""


def measure_import(processes: int) -> Target:
    """CPU of `import langgraph_hitl` after `import langgraph.graph`, in new processes."""
    pairs = []
    for number in range(processes + 1):
        done = subprocess.run(
            [sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True
        )
        base, added = map(float, done.stdout.split())
        if number:  # the first run may compile
            pairs.append((base, base + added))
    base = statistics.median(base for base, _ in pairs)
    print(f"\nImport: langgraph.graph {1000 * base:.0f} ms of CPU, {processes} processes")
    return compare("import langgraph_hitl", [b for _, b in pairs], [a for a, _ in pairs], 1.03)


# --- bytes and rows -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """What one review leaves in a SQLite file."""

    checkpoint_bytes: int
    write_bytes: int
    checkpoints: int
    writes: int

    @property
    def total(self) -> int:
        return self.checkpoint_bytes + self.write_bytes


def measure_written(contender: Contender, size: int) -> Written:
    """Bytes and rows of one thread after one pause and resume."""
    with tempfile.TemporaryDirectory() as folder, open_saver("sqlite", Path(folder)) as saver:
        assert isinstance(saver, SqliteSaver)
        thread = new_thread()
        run_once(contender.build(saver), contender, str(size), thread)
        with saver.cursor() as cursor:
            checkpoint_bytes, checkpoints = cursor.execute(
                "SELECT sum(length(checkpoint) + length(metadata)), count(*)"
                " FROM checkpoints WHERE thread_id = ?",
                (thread,),
            ).fetchone()
            write_bytes, writes = cursor.execute(
                "SELECT sum(length(value)), count(*) FROM writes WHERE thread_id = ?", (thread,)
            ).fetchone()
    return Written(checkpoint_bytes, write_bytes, checkpoints, writes)


def report_written(size: int, limit: float | None) -> list[Target]:
    print(f"\nWritten by one review, SQLite, subject of {size:,} characters")
    print(f"  {'contender':<32}{'kB':>9}{'checkpoints':>14}{'writes':>9}{'human_approval is':>20}")
    found = {
        contender.name: measure_written(contender, size)
        for contender in CONTENDERS
        if contender is not SUBGRAPH_AGAIN
    }
    ours = found[GATE.name].total
    for name, written in found.items():
        print(
            f"  {name:<32}{written.total / 1000:>9.1f}{written.checkpoints:>14}{written.writes:>9}"
            f"{ours / written.total:>19.3f}x"
        )
    if limit is None:
        return []
    ratio = ours / found[SUBGRAPH.name].total
    return [Target(f"bytes, {size:,} characters, subgraph", ratio, ratio, ratio, limit)]


# --- the command --------------------------------------------------------------------------------


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first look")
    parser.add_argument("--rounds", type=int, help="blocks for each contender (default 250)")
    parser.add_argument("--reviews", type=int, default=2, help="reviews in a block (default 2)")
    parser.add_argument("--imports", type=int, help="processes for the import time (default 15)")
    given = parser.parse_args(argv)
    given.rounds = given.rounds or (40 if given.quick else 250)
    given.imports = given.imports or (5 if given.quick else 15)
    return given


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    targets = []
    spent = {}
    for kind in ("memory", "sqlite"):
        spent[kind] = measure_cpu(kind, SMALL, rounds=options.rounds, reviews=options.reviews)
        targets += report_cpu(kind, SMALL, spent[kind])
    targets.append(against_middleware(spent))
    targets.append(measure_import(options.imports))
    report_written(SMALL, None)
    targets += report_written(LARGE, 1.7)
    return exit_status(targets)


def exit_status(targets: Sequence[Target]) -> int:
    """Print the targets; 1 if one was missed."""
    print(f"\n{'Target':<42}{'ratio':>8}{'95 %':>15}{'at most':>9}")
    for target in targets:
        verdict = "" if target.met else "  MISSED"
        interval = f"{target.low:.3f}-{target.high:.3f}"
        print(f"{target.what:<42}{target.median:>8.3f}{interval:>15}{target.limit:>9.2f}{verdict}")
    return 0 if all(target.met for target in targets) else 1


if __name__ == "__main__":
    sys.exit(main())
