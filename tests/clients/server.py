"""A real `langgraph dev` on loopback, offline."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

READY_WITHIN = 120.0

OFFLINE = {
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LANGSMITH_LANGGRAPH_API_VARIANT": "local_dev",
}


@contextmanager
def dev_server(folder: Path, source: str, graphs: Sequence[str]) -> Iterator[str]:
    """Serve the graphs of a module; gives the URL."""
    (folder / "graph.py").write_text(source)
    config = {"dependencies": ["."], "graphs": {name: f"./graph.py:{name}" for name in graphs}}
    (folder / "langgraph.json").write_text(json.dumps(config))
    log = folder / "server.log"
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "langgraph_cli", "dev", "--no-browser", "--no-reload"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    kept = {name: value for name, value in os.environ.items() if "_API_KEY" not in name}
    with log.open("wb") as out:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env={**kept, **OFFLINE},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_ready(url, server, log)
        yield url
    finally:
        stop(server)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/ok", timeout=1) as answer:  # noqa: S310  # loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        if is_ready(url):
            return
        time.sleep(0.1)  # polling a process that says nothing when it is ready
    raise AssertionError(f"langgraph dev did not start:\n{log.read_text(errors='replace')[-4000:]}")


def stop(server: subprocess.Popen[bytes]) -> None:
    """End the server and what it started: they share a session of their own."""
    for number in (15, 9):
        if server.poll() is None:
            os.killpg(server.pid, number)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            continue
        return
