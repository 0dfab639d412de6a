"""What a process of its own does with a ledger: `python -m tests.inbox.ledger_process URL JOB`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from tests.inbox.ledgers import LedgerPlace, filing, settlement


def start(place: LedgerPlace, *job: str) -> subprocess.Popen[str]:
    """Start a process with a job; it ends by itself, or is killed by its own hand."""
    command = [sys.executable, "-m", "tests.inbox.ledger_process", place.kind, place.url, *job]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """How a process ended, and what it said; it waits for its standard input to end."""
    said, errors = process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGKILL), errors
    return process.returncode, said


def die_at(moment: str) -> None:
    if moment == os.environ.get("HITL_DIE_AT"):
        os.kill(os.getpid(), signal.SIGKILL)


def open_and_file(place: LedgerPlace, review_id: str) -> None:
    """Wait until everybody is ready, then open the ledger and file a review."""
    sys.stdin.read()
    ledger = place.open()
    with ledger.transaction() as tx:
        tx.file(filing(review_id))
    print("alembic" in sys.modules)


def run_and_die(place: LedgerPlace, review_id: str, moment: str) -> None:
    """File, settle and apply a review, and die at a moment of it."""
    os.environ["HITL_DIE_AT"] = moment
    ledger = place.open(point=die_at)
    with ledger.transaction() as tx:
        tx.file(filing(review_id))
    with ledger.transaction() as tx:
        tx.settle(settlement(review_id))
    with ledger.transaction() as tx:
        tx.apply([(review_id, 0, "approved", None)])


def fork_and_file(place: LedgerPlace) -> None:
    """File in a forked child while the parent has connections, and in the parent afterwards."""
    ledger = place.open()
    with ledger.transaction() as tx:
        tx.file(filing("before"))
    child = os.fork()
    if child == 0:
        with ledger.transaction() as tx:
            tx.file(filing("child"))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    with ledger.transaction() as tx:
        tx.file(filing("parent"))
    print(status)


if __name__ == "__main__":
    kind, url, name, *rest = sys.argv[1:]
    jobs = {"open": open_and_file, "die": run_and_die, "fork": fork_and_file}
    jobs[name](LedgerPlace(kind, url), *rest)  # type: ignore[operator,arg-type]  # words of a command line
