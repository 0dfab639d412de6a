"""`work`: workers in processes of their own, which resume what the command line has decided."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.commands.project import (
    APP,
    AS_MARIA,
    URL,
    Done,
    Project,
    finish,
    flow,
    one_line_without_traceback,
)

AT = ("--inbox", URL)
WORK = ("work", *APP, "--interval", "0.05")


def eventually(true: Callable[[], object], seconds: float = 40) -> None:
    """Wait for what another process is about to do."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def started(project: Project, *arguments: str) -> subprocess.Popen[str]:
    """A worker that has begun."""
    worker = project.spawn(*WORK, *arguments)
    read_to(worker, "Working on posts.")
    return worker


def read_to(worker: subprocess.Popen[str], text: str) -> None:
    """Wait until a worker says this."""
    assert worker.stderr is not None
    assert any(line.startswith(text) for line in worker.stderr)


def stopped(worker: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> Done:
    worker.send_signal(number)
    return finish(worker)


def left_to_a_worker(project: Project, *drafts: str) -> list[str]:
    ids = project.start(*drafts)
    for review_id in ids:
        assert project.run("approve", review_id, *AT, *AS_MARIA).status == 0
    return ids


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_resumes_what_is_decided_elsewhere(
    project: Project, number: signal.Signals
) -> None:
    worker = started(project, "--json")
    [review_id] = left_to_a_worker(project, "Hello")
    eventually(lambda: project.review(review_id).status == "applied")
    done = stopped(worker, number)
    assert done.status == 0
    assert "Stopping after the review at hand" in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["driven"] == 1
    assert project.effects == ["published"]


def test_two_workers_run_everything_once(project: Project) -> None:
    ids = left_to_a_worker(project, *map(str, range(8)))
    workers = [started(project), started(project)]
    eventually(lambda: all(project.review(each).status == "applied" for each in ids))
    assert [stopped(worker).status for worker in workers] == [0, 0]
    assert project.effects == ["published"] * 8


SLOW = """
import time
def publish(state):
    note("begun")(state)
    for _ in range(2000):
        if Path("go").exists():
            break
        time.sleep(0.02)
    return note("published")(state)
builder.add_node("publish", publish)
"""


def test_the_review_at_hand_comes_to_its_end_and_no_other_begins(empty: Project) -> None:
    text = flow().replace('builder.add_node("publish", note("published"))', SLOW)
    empty.write("flow.py", text)
    ids = left_to_a_worker(empty, "one", "two")
    worker = started(empty)
    eventually(lambda: empty.effects == ["begun"])
    worker.send_signal(signal.SIGTERM)
    read_to(worker, "Stopping after the review at hand")
    assert worker.poll() is None
    empty.write("go", "")
    assert finish(worker).status == 0
    assert empty.effects == ["begun", "published"]
    assert sorted(empty.review(each).status for each in ids) == ["applied", "settled"]
    assert empty.run("work", "--once", *APP).status == 0
    assert empty.effects == ["begun", "published"] * 2


def test_a_second_signal_does_not_ask(empty: Project) -> None:
    text = flow().replace('builder.add_node("publish", note("published"))', SLOW)
    empty.write("flow.py", text)
    [review_id] = left_to_a_worker(empty, "one")
    worker = started(empty)
    eventually(lambda: empty.effects == ["begun"])
    worker.send_signal(signal.SIGTERM)
    read_to(worker, "Stopping after the review at hand")
    worker.send_signal(signal.SIGTERM)
    assert finish(worker).status == -signal.SIGTERM
    empty.write("go", "")
    assert empty.run("work", "--once", *APP).status == 0
    assert empty.effects == ["begun", "begun", "published"]
    assert empty.review(review_id).status == "applied"


class TestOnce:
    def test_one_pass(self, project: Project) -> None:
        ids = left_to_a_worker(project, "one", "two")
        done = project.run("work", "--once", *APP, "--json")
        assert done.status == 0
        assert done.document == {
            "passes": 1,
            "driven": 2,
            "settled_already": 0,
            "busy": 0,
            "put_off": 0,
            "held": 0,
            "runs": 0,
            "reminded": 0,
            "escalated": 0,
            "timed_out": 0,
            "assigned": 0,
            "notified": 0,
            "recalled": 0,
            "handled": 0,
            "reviews": {"resumed": sorted(ids)},
            "failed": {},
            "filed": 0,
            "ended": 0,
            "unreconciled": {},
            "unregistered": {},
        }
        again = project.run("work", "--once", *APP, "--json")
        assert again.document["driven"] == 0
        told = project.run("work", "--once", *APP)
        assert told.stderr.endswith("Nothing was to be done, 1 pass.\n")

    def test_what_time_and_people_have_done_is_told(self, empty: Project) -> None:
        clock = "from langgraph_hitl.testing import FixedClock\nclock, told = FixedClock(), []\n"
        opening = 'reviews.db", clock=clock, notify=told.append)'
        text = flow(options="timeout='4h', remind='1h'").replace('reviews.db")', opening, 1)
        empty.write("flow.py", clock + text)
        [review_id] = empty.start("Hello")
        empty.module().clock.advance(hours=3)
        done = empty.run("work", "--once", *APP)
        assert f"1 reminded: {review_id}\n" in done.stderr
        assert f"2 notified: {review_id}\n" in done.stderr
        assert "1 reminded, 2 notified, 1 pass." in done.stderr
        empty.module().clock.advance(hours=1)
        document = empty.run("work", "--once", *APP, "--json").document
        assert (document["reminded"], document["timed_out"], document["driven"]) == (0, 1, 1)
        assert document["reviews"] == {
            "timed_out": [review_id],
            "resumed": [review_id],
            "notified": [review_id],
        }

    def test_many_are_counted_and_some_are_named(self, project: Project) -> None:
        ids = sorted(left_to_a_worker(project, *map(str, range(12))))
        done = project.run("work", "--once", *APP)
        assert f"12 resumed: {', '.join(ids[:10])}, ... " in " ".join(done.stderr.split())

    def test_a_run_that_fails_is_told_in_one_line(self, empty: Project) -> None:
        text = flow().replace('note("published")', "broken")
        failing = "def broken(state):\n    raise OSError('no paper\\nsecond line')\n"
        empty.write("flow.py", text.replace("builder = ", f"{failing}builder = ", 1))
        [review_id] = left_to_a_worker(empty, "Hello")
        done = finish(empty.spawn("work", "--once", *APP, "--json"))
        assert done.status == 1
        assert "no paper" in done.document["failed"][review_id]
        assert "Traceback" not in done.stderr
        left_to_a_worker(empty, "Bye")
        verbose = empty.run("work", "--once", *APP, "--verbose")
        assert verbose.status == 1
        assert "Traceback" in verbose.stderr

    @pytest.mark.parametrize(
        ("drafts", "said"), [(["one"], "1 review waits"), (["one", "two"], "2 reviews wait")]
    )
    def test_a_graph_that_was_not_given_is_named(
        self, project: Project, drafts: list[str], said: str
    ) -> None:
        left_to_a_worker(project, *drafts)
        project.write("more.py", flow(graph="graph = inbox.register(plain, 'more')"))
        done = project.run("work", "--once", "--app", "more:graph", "--json")
        assert done.status == 0
        assert done.document["unregistered"] == {"posts": len(drafts)}
        assert f"{said} for the graph 'posts'" in done.stderr

    def test_without_a_graph_there_is_no_work(self, project: Project) -> None:
        project.module()
        done = project.run("work", "--once", *AT)
        assert done.status == 2
        one_line_without_traceback(done, ["--app"])


AWAY = """
import os, signal
from langgraph_hitl.errors import InboxUnavailable
passes = []
def away(**options):
    passes.append(options)
    if len(passes) == 3:
        os.kill(os.getpid(), signal.SIGTERM)
    raise InboxUnavailable("the database is away")
inbox.work = away
"""


def test_a_database_that_is_away_is_waited_for(empty: Project) -> None:
    empty.write("flow.py", flow() + AWAY)
    done = empty.run(*WORK)
    assert done.status == 0
    assert done.stderr.count("the database is away") == 3
    once = empty.run("work", "--once", *APP)
    assert once.status == 1
    one_line_without_traceback(once, ["the database is away"])


@pytest.mark.parametrize("given", ["0", "-1", "x", "nan"])
def test_an_interval_that_is_none(project: Project, given: str) -> None:
    project.module()
    assert project.run("work", "--once", *APP, "--interval", given).status == 2


def test_a_reader_that_leaves_is_no_error(project: Project) -> None:
    project.start(*map(str, range(3)))
    process = project.spawn("inbox", *AT, "--json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
