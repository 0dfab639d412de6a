"""From a URL to a ledger: what is taken, and what is refused with a clear word."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl.errors import InboxError, InboxUnavailable
from langgraph_hitl.inbox._ledger.engine import _set_up_sqlite
from langgraph_hitl.inbox._ledger.ledger import Ledger
from tests.inbox.ledgers import LedgerPlace, Ticking, filing, pending_ids


def opened(url: Any) -> Ledger:
    return Ledger.open(url, clock=Ticking())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "reviews.db",
        "mysql://root@localhost/reviews",
        "postgresql+psycopg2://localhost/reviews",
        "sqlite+aiosqlite:///reviews.db",
        "http://example.org",
        "sqlite:///file:reviews.db?uri=true",
        "sqlite:///\ud800.db",
        None,
        Path("reviews.db"),
    ],
)
def test_another_url_is_refused(url: Any) -> None:
    with pytest.raises(InboxError, match=r"sqlite:///file\.db"):
        opened(url)


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("sqlite://reviews.db", "sqlite:///reviews.db"),
        ("sqlite://data/reviews.db", "sqlite:///data/reviews.db"),
        ("sqlite://root:s3cret@/reviews.db", "sqlite:///reviews.db"),
        ("sqlite://root:s3cret@:80/", "sqlite:///reviews.db"),
    ],
)
def test_a_file_that_lacks_a_slash_is_told(url: str, meant: str) -> None:
    with pytest.raises(InboxError, match="three slashes") as told:
        opened(url)
    assert str(told.value).endswith(meant)
    assert told.value.__cause__ is None


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("timeout=soon", "number of seconds"),
        ("timeout=-1", "number of seconds"),
        ("timeout=nan", "number of seconds"),
        ("timeout=1e400", "number of seconds"),
        ("timeout=1&timeout=2", "number of seconds"),
        ("isolation_level=DEFERRED", "not \\?isolation_level="),
        ("plugin=mine", "not \\?plugin="),
        ("mode=ro", "not \\?mode="),
    ],
)
def test_an_option_that_sqlite_does_not_take_is_told(tmp_path: Path, query: str, told: str) -> None:
    with pytest.raises(InboxError, match=told):
        opened(f"sqlite:///{tmp_path / 'reviews.db'}?{query}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://localhost/reviews?plugin=mine",
        "postgresql://localhost/reviews?host=a:1&host=b&port=1&port=2&port=3",
        "postgresql://localhost/reviews?host=a:1&host=b:z",
        "postgresql://a..b/reviews",
        "postgresql:///reviews?host=/nowhere&connect_timeout=soon",
    ],
)
def test_a_url_that_postgresql_does_not_take_is_told(url: str) -> None:
    with pytest.raises(InboxError):
        opened(url)


@pytest.mark.parametrize("name", ["a" * 5000, "a" * 300])
def test_a_path_that_cannot_be_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(InboxError, match="cannot be used: File name too long"):
        opened(f"sqlite:///{tmp_path / name}")


def test_a_url_is_not_repeated_because_it_may_hold_a_password() -> None:
    with pytest.raises(InboxError) as told:
        opened("mysql://root:s3cret@localhost/reviews")
    assert "s3cret" not in str(told.value)


def test_a_folder_is_no_inbox(tmp_path: Path) -> None:
    with pytest.raises(InboxError, match=r"is a folder; the inbox is a file"):
        opened(f"sqlite:///{tmp_path}")


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(InboxError, match="There is no folder"):
        opened(f"sqlite:///{tmp_path / 'nowhere' / 'reviews.db'}")


@pytest.mark.parametrize("content", [b"a letter to my aunt\n" * 100, b"\x00" * 4096, b"x"])
def test_a_file_of_something_else_is_refused_and_left_as_it_is(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    with pytest.raises(InboxError, match=r"letter\.txt is not an SQLite database; give"):
        opened(f"sqlite:///{path}")
    assert path.read_bytes() == content


def test_a_file_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "reviews.db"
    path.write_bytes(b"SQLite format 3")

    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InboxError, match="Permission denied"):
        opened(f"sqlite:///{path}")


def test_an_empty_file_becomes_an_inbox(tmp_path: Path) -> None:
    path = tmp_path / "reviews.db"
    path.touch()
    opened(f"sqlite:///{path}").close()
    assert path.stat().st_size > 0


def test_a_server_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    with pytest.raises(InboxUnavailable):
        opened(f"postgresql:///reviews?host={tmp_path}")


def test_the_path_of_a_file_is_the_same_however_it_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tmp_path / "a file with spaces, ü and 'quotes'.db"
    (tmp_path / "link.db").symlink_to(real)
    monkeypatch.chdir(tmp_path)
    for url in (f"sqlite:///{real.name}", "sqlite:///link.db"):
        ledger = opened(url)
        assert (ledger.path, ledger.dialect, ledger.url) == (str(real), "sqlite", url)
        ledger.close()
    assert real.exists()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_memory_has_no_path_and_is_nobody_elses(url: str) -> None:
    first, second = opened(url), opened(url)
    with first.transaction() as tx:
        tx.file(filing())
    assert (first.path, pending_ids(first), pending_ids(second)) == (None, ["r1"], [])
    first.close()
    second.close()


def test_a_file_keeps_what_was_filed_and_lets_readers_in(tmp_path: Path) -> None:
    place = LedgerPlace("file", f"sqlite:///{tmp_path / 'reviews.db'}")
    with closing(place.open()) as ledger, ledger.transaction() as tx:
        tx.file(filing())
    with closing(place.open()) as ledger:
        assert pending_ids(ledger) == ["r1"]
    with closing(sqlite3.connect(tmp_path / "reviews.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_is_removed_leaves_the_file_whatever_sqlite_was_built_with(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "reviews.db")) as raw:
        raw.execute("PRAGMA secure_delete = OFF")
        _set_up_sqlite("reviews.db", raw, None)
        assert raw.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_a_closed_ledger_opens_again_when_it_is_used(shared_place: LedgerPlace) -> None:
    ledger = shared_place.open()
    ledger.close()
    with ledger.transaction() as tx:
        assert tx.file(filing())[1]
    ledger.close()


def test_a_file_that_is_opened_twice_stays_locked(tmp_path: Path) -> None:
    """Else whoever closes it elsewhere deletes the log that is written to here."""
    place = LedgerPlace("file", f"sqlite:///{tmp_path / 'reviews.db'}")
    elsewhere = "from contextlib import closing; import sqlite3, sys\n"
    elsewhere += "with closing(sqlite3.connect(sys.argv[1])) as connection:\n"
    elsewhere += "    connection.execute('SELECT count(*) FROM hitl_reviews').fetchone()\n"
    with closing(place.open()) as ledger:
        place.open().close()
        subprocess.run([sys.executable, "-c", elsewhere, tmp_path / "reviews.db"], check=True)
        with ledger.transaction() as tx:
            tx.file(filing())
        with closing(place.open()) as other:
            assert pending_ids(other) == ["r1"]


def files(folder: Path) -> list[str]:
    """While a database is open, it has a `-wal` and a `-shm` beside it."""
    return sorted(path.name for path in folder.iterdir())


def test_no_file_is_left_open(tmp_path: Path) -> None:
    ledger = opened(f"sqlite:///{tmp_path / 'reviews.db'}")
    ledger.close()
    assert files(tmp_path) == ["reviews.db"]


def test_what_is_used_while_a_ledger_is_closed_is_closed_afterwards(tmp_path: Path) -> None:
    ledger = opened(f"sqlite:///{tmp_path / 'reviews.db'}")
    with ledger.reading():
        ledger.close()
        assert len(files(tmp_path)) == 3
    assert files(tmp_path) == ["reviews.db"]


def test_what_is_used_after_a_ledger_was_closed_is_closed_afterwards(tmp_path: Path) -> None:
    ledger = opened(f"sqlite:///{tmp_path / 'reviews.db'}")
    ledger.close()
    assert pending_ids(ledger) == []
    assert files(tmp_path) == ["reviews.db"]


def test_a_ledger_that_has_lost_its_connections_keeps_new_ones(tmp_path: Path) -> None:
    ledger = opened(f"sqlite:///{tmp_path / 'reviews.db'}")
    ledger._database.engine.dispose()
    assert pending_ids(ledger) == []
    assert len(files(tmp_path)) == 3
    ledger.close()
    assert files(tmp_path) == ["reviews.db"]
