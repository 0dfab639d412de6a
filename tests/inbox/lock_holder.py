"""What runs in another process: it opens locks and does what it is told, one thing at a time."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import subprocess
import threading
from multiprocessing.connection import Connection
from typing import Any

from langgraph_hitl.inbox._locks import Held, ThreadLocks
from langgraph_hitl.inbox._locks.file_lock import FileLocks
from langgraph_hitl.inbox._locks.lock_file import LockFile
from tests.inbox.lock_places import Place


class Holder:
    """Each method is something to be told to do."""

    def __init__(self, locks: ThreadLocks) -> None:
        self.locks = locks
        self.held: dict[str, Held] = {}

    def take(self, key: str) -> bool:
        held = self.locks.try_acquire(key)
        if held is not None:
            self.held[key] = held
        return held is not None

    def alive(self, key: str) -> bool:
        return self.held[key].alive()

    def release(self, key: str) -> None:
        self.held.pop(key).release()

    def race(self, keys: list[str]) -> list[str]:
        """What eight threads of this process win, all going for the same keys."""
        won: list[str] = []

        def run() -> None:
            won.extend(key for key in keys if self.locks.try_acquire(key))

        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return won

    def fork(self, key: str) -> dict[str, Any]:
        """What a forked child sees of the lock that is held here; it lives on."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            _report_and_stay(self, key, writer)
        return _reported(child, reader, writer)

    def fork_an_idler(self) -> int:
        """A forked child that never looks at the locks; it lives on."""
        child = os.fork()
        while child == 0:
            signal.pause()
        return child

    def multiprocess(self, key: str) -> dict[str, Any]:
        """`fork`, as `multiprocessing` does it."""
        reader, writer = os.pipe()
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_report_and_stay, args=(self, key, writer))
        process.start()
        assert process.pid is not None
        return _reported(process.pid, reader, writer)

    def fork_amid_opening(self, database: str) -> bool:
        """Has a child, forked while another thread opens locks, a descriptor of theirs?"""
        opened, forked = threading.Event(), threading.Event()

        def slowly(path: str) -> LockFile:
            file = LockFile(path)
            opened.set()
            forked.wait(0.2)
            return file

        thread = threading.Thread(target=FileLocks, args=(database,), kwargs={"carrier": slowly})
        thread.start()
        opened.wait()
        child = os.fork()
        if child == 0:
            os._exit(_has_open(f"{database}.lock"))
        forked.set()
        thread.join()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0

    def spawn(self) -> int:
        """A program that is given every descriptor that a program can inherit; it lives on."""
        return subprocess.Popen(["sleep", "60"], close_fds=False).pid


def _has_open(path: str) -> bool:
    """Is there a descriptor of the file in this process?"""
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):  # the listing's own
            if os.path.samestat(os.fstat(int(name)), os.stat(path)):
                return True
    return False


def _report_and_stay(holder: Holder, key: str, writer: int) -> None:
    try:
        held = holder.held[key]
        report = {"alive": held.alive()}
        held.release()
        report["takes the parent's"] = holder.take(key)
        report["takes its own"] = holder.take(f"{key} of the child")
        report["alive there"] = holder.held[f"{key} of the child"].alive()
        os.write(writer, json.dumps(report).encode())
        os.close(writer)
        while True:
            signal.pause()
    finally:
        os._exit(1)


def _reported(child: int, reader: int, writer: int) -> dict[str, Any]:
    os.close(writer)
    with os.fdopen(reader) as report:
        return {"child": child, **json.load(report)}


def serve(place: Place, connection: Connection) -> None:
    """Answer requests, each a method of `Holder` with its arguments, until killed."""
    holder = Holder(place.open())
    while True:
        method, *arguments = connection.recv()
        connection.send(getattr(holder, method)(*arguments))
