"""What the inbox costs.

    python benchmarks/inbox.py            # a few minutes
    python benchmarks/inbox.py --quick    # under a minute, for a first look

Exit status 1: a figure was missed.
"""

from __future__ import annotations

import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import inbox_decide
import inbox_lists
import inbox_work

from tests import postgres

SIZES = (1_000, 10_000, 100_000)


def lists(*, sizes: Sequence[int], rounds: int) -> list[str]:
    """What was missed by the lists of pending reviews."""
    timings = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("sqlite", "postgresql"):
            for size in sizes:
                with inbox_lists.filled(kind, Path(folder), pending=size) as ledger:
                    timings += inbox_lists.measure(ledger, pending=size, rounds=rounds)
    return inbox_lists.report(timings)


def quick() -> list[str]:
    """A first look."""
    return [
        *lists(sizes=(1_000, 20_000), rounds=100),
        *decisions(reviews=30),
        *inbox_work.measure_memory(pending=5_000),
        *inbox_work.measure_workers(reviews=60, rounds=1),
    ]


def whole() -> list[str]:
    """Every figure."""
    return [
        *lists(sizes=SIZES, rounds=500),
        *decisions(reviews=300),
        *inbox_work.measure_memory(pending=100_000),
        *inbox_work.measure_workers(reviews=300, rounds=3),
    ]


def decisions(*, reviews: int) -> list[str]:
    """What was missed by deciding and resuming."""
    with tempfile.TemporaryDirectory() as folder:
        return inbox_decide.measure(Path(folder), reviews=reviews)


def main(argv: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="smaller and shorter")
    options = parser.parse_args(argv)
    postgres.begin_run()
    try:
        missed = quick() if options.quick else whole()
    finally:
        postgres.end_run()
    for what in missed:
        print(f"MISSED: {what}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
