"""One call on a thread of a graph, in another process.

`python -m tests.patterns.elsewhere '{...}'` prints what the thread looks like afterwards as JSON.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from langgraph_hitl import pending

ROOT = Path(__file__).parents[2]
DEAD = 9
"""The exit status of a process that ends on the spot."""


def call(build: str, place: Path, send: Any, **options: Any) -> Any:
    """`perform` in a Python that starts from nothing.

    `build` names a function as `module:function`, which gives a builder; `send` is an input, a
    `Command` (of which the `resume` is sent), or None to go on.
    """
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-m",
            __name__,
            json.dumps(_job(build, place, send, options)),
        ],
        cwd=ROOT,
        env={**os.environ, "LANGGRAPH_STRICT_MSGPACK": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def call_and_die(
    build: str, place: Path, send: Any, *, at_write: int = 0, **options: Any
) -> dict[str, Any] | None:
    """`perform` in a process that may end on the spot; None if it did.

    It ends where the graph ends it, or before the saver's write number `at_write`. The process is
    forked from a server that has imported the package and done nothing else.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, build.partition(":")[0]])
    receiver, sender = context.Pipe(duplex=False)
    job = _job(build, place, send, options) | {"at_write": at_write}
    process = context.Process(target=_serve, args=(job, sender))
    process.start()
    sender.close()
    try:
        found: dict[str, Any] | None = receiver.recv()
    except EOFError:
        found = None
    finally:
        receiver.close()
        process.join()
    assert process.exitcode == (DEAD if found is None else 0)
    process.close()
    return found


def perform(job: Mapping[str, Any]) -> dict[str, Any]:
    """Do the call; what waits then, and the state."""
    module, _, function = job["build"].partition(":")
    builder = getattr(import_module(module), function)(**job["options"])
    config: Any = {"configurable": {"thread_id": "one"}}
    send = Command(resume=job["resume"]) if "resume" in job else job.get("input")
    with SqliteSaver.from_conn_string(job["place"]) as saver:
        _let_die(saver, job.get("at_write", 0))
        app = builder.compile(checkpointer=saver)
        app.invoke(send, config, durability="sync")
        waiting = pending(app, config)
        return {
            "values": app.get_state(config).values,
            "subjects": [request.subject for request in waiting],
            "gates": [request.action for request in waiting],
        }


def _job(build: str, place: Path, send: Any, options: Any) -> dict[str, Any]:
    job: dict[str, Any] = {"build": build, "place": str(place), "options": options}
    if isinstance(send, Command):
        return {**job, "resume": send.resume}
    return job if send is None else {**job, "input": send}


def _serve(job: Mapping[str, Any], connection: Any) -> None:
    connection.send(perform(job))
    connection.close()


def _let_die(saver: Any, at: int) -> None:
    """End the process before the saver's write number `at`."""
    writes = 0

    def mortal(method: Any) -> Any:
        def write(*args: Any, **kwargs: Any) -> Any:
            nonlocal writes
            writes += 1
            if writes == at:
                os._exit(DEAD)
            return method(*args, **kwargs)

        return write

    for name in ("put", "put_writes"):
        setattr(saver, name, mortal(getattr(saver, name)))


if __name__ == "__main__":
    print(json.dumps(perform(json.loads(sys.argv[1]))))
