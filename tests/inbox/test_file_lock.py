"""`FileLocks`: where they are kept, with which rights, and what happens when that is deleted."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from langgraph_hitl.errors import InboxError
from langgraph_hitl.inbox._locks import lock_folder
from langgraph_hitl.inbox._locks.carrier import Carrier
from langgraph_hitl.inbox._locks.file_lock import FileLocks, carrier_here
from langgraph_hitl.inbox._locks.lock_file import LockFile
from langgraph_hitl.inbox._locks.lock_folder import LockFolder

Opened = Callable[..., FileLocks]
NAMES = {LockFile: "inbox.db.lock", LockFolder: "inbox.db.locks"}


@pytest.fixture(params=NAMES, ids=lambda carrier: carrier.__name__)
def carrier(request: pytest.FixtureRequest) -> Callable[[str], Carrier]:
    kind: Callable[[str], Carrier] = request.param
    return kind


@pytest.fixture
def database(tmp_path: Path) -> Path:
    folder = tmp_path / "a folder, with % and ö"
    folder.mkdir()
    return folder / "inbox.db"


@pytest.fixture
def opened(carrier: Callable[[str], Carrier], database: Path) -> Iterator[Opened]:
    """Open the locks of a path, that of the database unless another is given."""
    every: list[FileLocks] = []

    def opened(path: str | os.PathLike[str] = database) -> FileLocks:
        every.append(FileLocks(path, carrier=carrier))
        return every[-1]

    yield opened
    for locks in every:
        locks.close()


@pytest.fixture
def kept(carrier: type[LockFile] | type[LockFolder], database: Path) -> Path:
    """What the carrier keeps beside the database."""
    return database.parent / NAMES[carrier]


def descriptors_of(*paths: Path) -> list[int]:
    """The descriptors of this process that lead to one of the files."""
    found = []
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):  # the listing's own
            if any(os.path.samestat(os.fstat(int(name)), path.stat()) for path in paths):
                found.append(int(name))
    return found


def test_they_are_kept_beside_the_database(opened: Opened, kept: Path) -> None:
    locks = opened()
    assert locks.try_acquire("a")
    assert [found.name for found in kept.parent.iterdir()] == [kept.name]
    locks.close()
    assert kept.is_dir() or kept.stat().st_size == 0


def test_every_path_to_a_database_leads_to_the_same_locks(
    opened: Opened, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(database)
    held = opened().try_acquire("a")
    assert held is not None
    assert opened(link).try_acquire("a") is None
    monkeypatch.chdir(database.parent)
    here = opened("inbox.db")
    assert here.try_acquire("a") is None
    monkeypatch.chdir(tmp_path)
    held.release()
    assert here.try_acquire("a")
    assert opened().try_acquire("a") is None


def test_two_databases_of_one_folder_have_their_own(opened: Opened, database: Path) -> None:
    assert opened().try_acquire("a")
    assert opened(database.with_name("other.db")).try_acquire("a")


@pytest.mark.parametrize("rights", [0o600, 0o640, 0o660, 0o666])
def test_whoever_may_use_the_database_may_use_its_locks(
    opened: Opened, database: Path, kept: Path, rights: int
) -> None:
    database.touch()
    database.chmod(rights)
    assert opened().try_acquire("a")
    files = list(kept.iterdir()) if kept.is_dir() else [kept]
    assert [file.stat().st_mode & 0o777 for file in files] == [rights]
    if kept.is_dir():
        assert kept.stat().st_mode & 0o777 == rights | (rights >> 2 & 0o111)


def test_before_there_is_a_database_they_are_the_users_own(opened: Opened, kept: Path) -> None:
    opened()
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("replaced", [True, False])
def test_what_was_locked_in_a_deleted_carrier_is_alive_no_more(
    opened: Opened, kept: Path, replaced: bool
) -> None:
    """Another process would make a new one, and lock there."""
    locks = opened()
    held = locks.try_acquire("a")
    assert held is not None
    shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
    other = opened() if replaced else None
    assert not held.alive()
    assert locks.try_acquire("a") is None, "what ran under it may still be running here"
    fresh = locks.try_acquire("b")
    assert fresh is not None
    assert fresh.alive()
    if other is not None:
        assert other.try_acquire("b") is None
    held.release()
    assert locks.try_acquire("a")


def test_a_closed_descriptor_is_noticed(database: Path) -> None:
    """Some programs close every descriptor that they did not open."""
    locks = FileLocks(database, carrier=LockFile)
    held = locks.try_acquire("a")
    assert held is not None
    for descriptor in descriptors_of(database.with_name("inbox.db.lock")):
        os.close(descriptor)
    assert not held.alive()
    assert locks.try_acquire("b")
    locks.close()


@pytest.mark.parametrize("how", ["release", "close"])
def test_what_is_given_back_is_free_while_a_child_shares_its_descriptor(
    opened: Opened, kept: Path, how: str
) -> None:
    """As every program does that is being started, for the moment before it is."""
    locks = opened()
    held = locks.try_acquire("a")
    assert held is not None
    files = list(kept.iterdir()) if kept.is_dir() else [kept]
    shared = [os.dup(descriptor) for descriptor in descriptors_of(*files)]
    assert shared
    if how == "release":
        held.release()
    else:
        locks.close()
    assert opened().try_acquire("a")
    for descriptor in shared:
        os.close(descriptor)


def test_a_file_that_its_holder_removes_meanwhile_is_not_locked(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else would find it."""
    first, second, third = (FileLocks(database, carrier=LockFolder) for _ in range(3))
    holder = first.try_acquire("a")
    assert holder is not None
    flock = lock_folder._flock

    def late(descriptor: int) -> bool:
        holder.release()
        return flock(descriptor)

    monkeypatch.setattr(lock_folder, "_flock", late)
    held = second.try_acquire("a")
    assert held is not None
    assert held.alive()
    assert third.try_acquire("a") is None
    for locks in (first, second, third):
        locks.close()


def test_a_folder_that_is_not_there(opened: Opened, tmp_path: Path) -> None:
    with pytest.raises(InboxError, match=r"no/inbox\.db\.locks?, which cannot be .*No such file"):
        opened(tmp_path / "no" / "inbox.db")


def test_something_else_in_their_place(opened: Opened, kept: Path) -> None:
    if kept.suffix == ".locks":
        kept.touch()
    else:
        kept.mkdir()
    with pytest.raises(InboxError, match=r"The locks of the inbox need the (file|folder) .*\.lock"):
        opened()


def test_a_link_in_their_place_is_not_followed(opened: Opened, kept: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.touch() if kept.suffix == ".lock" else target.mkdir()
    kept.symlink_to(target)
    with pytest.raises(InboxError, match="which cannot be"):
        opened()


def test_a_folder_keeps_no_files_of_locks_that_were_given_back(database: Path) -> None:
    locks = FileLocks(database, carrier=LockFolder)
    held = [locks.try_acquire(f"key {number}") for number in range(20)]
    folder = database.with_name("inbox.db.locks")
    assert len(list(folder.iterdir())) == 20
    for one in held:
        assert one is not None
        one.release()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("platform", "expected"),
    [("linux", LockFile), ("darwin", LockFolder), ("freebsd14", LockFolder)],
)
def test_the_carrier_of_a_system(
    platform: str, expected: type, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert type(carrier_here(str(database))) is expected


def test_windows_is_refused(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(InboxError, match="use a postgresql:// inbox, or sqlite:// to try"):
        FileLocks(database)
