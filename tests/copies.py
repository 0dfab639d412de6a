"""The rows of a thread under another name, as `BaseCheckpointSaver.copy_thread` leaves them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver


def copy_thread(saver: Any, source: str, target: str) -> None:
    """These savers do not bring it themselves."""
    if isinstance(saver, InMemorySaver):
        _copy_in_memory(saver, source, target)
        return
    assert isinstance(saver, SqliteSaver)
    for table in ("checkpoints", "writes"):
        columns = [row[1] for row in saver.conn.execute(f"PRAGMA table_info({table})")]
        taken = ", ".join("?" if name == "thread_id" else name for name in columns)
        saver.conn.execute(
            f"INSERT INTO {table} SELECT {taken} FROM {table} WHERE thread_id = ?",
            (target, source),
        )
    saver.conn.commit()


def _copy_in_memory(saver: InMemorySaver, source: str, target: str) -> None:
    for namespace, found in deepcopy(dict(saver.storage[source])).items():
        saver.storage[target][namespace] = found
    kept: tuple[Any, ...] = (saver.writes, saver.blobs)
    for rows in kept:
        for key in [key for key in rows if key[0] == source]:
            rows[(target, *key[1:])] = deepcopy(rows[key])
