"""One call on a thread of a graph, in an interpreter that starts from nothing.

`python -m tests.patterns.elsewhere '{...}'` prints what the thread looks like afterwards as JSON.
"""

from __future__ import annotations

import json
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


def call(build: str, place: Path, send: Any, *, dies: bool = False, **options: Any) -> Any:
    """Send an input, a `Command` (as its `resume`), or None to go on.

    `build` names a function as `module:function`; it is called with `options` and gives a builder.
    """
    job: dict[str, Any] = {"build": build, "place": str(place), "options": options}
    if isinstance(send, Command):
        job["resume"] = send.resume
    elif send is not None:
        job["input"] = send
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.patterns.elsewhere", json.dumps(job)],
        cwd=ROOT,
        env={**os.environ, "LANGGRAPH_STRICT_MSGPACK": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (DEAD if dies else 0), done.stderr
    return None if dies else json.loads(done.stdout.splitlines()[-1])


def perform(job: Mapping[str, Any]) -> dict[str, Any]:
    """Do the call; what waits then, and the state."""
    module, _, function = job["build"].partition(":")
    builder = getattr(import_module(module), function)(**job["options"])
    config: Any = {"configurable": {"thread_id": "one"}}
    send = Command(resume=job["resume"]) if "resume" in job else job.get("input")
    with SqliteSaver.from_conn_string(job["place"]) as saver:
        app = builder.compile(checkpointer=saver)
        app.invoke(send, config, durability="sync")
        waiting = pending(app, config)
        return {
            "values": app.get_state(config).values,
            "subjects": [request.subject for request in waiting],
            "gates": [request.action for request in waiting],
        }


if __name__ == "__main__":
    print(json.dumps(perform(json.loads(sys.argv[1]))))
