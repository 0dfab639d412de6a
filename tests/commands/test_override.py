"""`override`: decides over what was decided, and says what has become of it."""

from __future__ import annotations

import pytest

from tests.commands.project import APP, URL, Project, flow, one_line_without_traceback

CEO = ("--as", "ceo", "--role", "board", "--reason", "fraud", "--yes")
RECALL = "on_recall=lambda request, decision: note('recalled')({})"


def written(project: Project, options: str = "", **parts: str) -> Project:
    """A project where the board may override."""
    opening = 'Inbox.open("sqlite:///reviews.db"'
    text = flow(options=options, **parts)
    assert opening in text
    project.write("flow.py", text.replace(opening, opening + ', overrides="board"'))
    return project


@pytest.fixture
def board(empty: Project) -> Project:
    return written(empty)


def test_what_waits_is_decided(board: Project) -> None:
    [review_id] = board.start("Hello")
    done = board.run("override", review_id, "reject", *APP, *CEO)
    assert (done.status, done.stdout) == (0, ""), done.stderr
    assert done.stderr.startswith("Acting as ceo (board)\n")
    assert "Overridden: rejected. The graph has gone on." in done.stderr
    assert board.effects == ["archived"]


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (("approve", "-m", "fine"), "approved"),
        (("reject", "-m", "no"), "rejected"),
        (("edit", "--value", "Bye"), "edited"),
    ],
)
def test_what_was_decided_is_replaced(board: Project, given: tuple[str, ...], outcome: str) -> None:
    [review_id] = board.start("Hello")
    board.run("approve", review_id, "--inbox", URL, "--as", "maria", "--yes")
    done = board.run("override", review_id, *given, *APP, *CEO, "--json")
    assert done.status == 0, done.stderr
    assert done.document["review"]["outcome"] == outcome
    assert done.document["review"]["decided_by"] == "ceo"
    assert done.document["recalled"] is None
    history = board.run("history", review_id, *APP, "--json").document["history"]
    [told] = [row for row in history if row["event"] == "overridden"]
    assert (told["actor"], told["reason"], told["channel"]) == ("ceo", "fraud", "cli")
    assert told["content"]["earlier"]["by"] == "maria"


def test_after_the_action_it_is_called_back(empty: Project) -> None:
    written(empty, RECALL)
    [review_id] = empty.start("Hello")
    empty.run("approve", review_id, *APP, "--as", "maria", "--yes")
    done = empty.run("override", review_id, "reject", *APP, *CEO, "--json")
    assert done.status == 0, done.stderr
    assert done.document["recalled"] is True
    assert done.document["review"]["outcome"] == "approved"
    assert empty.effects == ["published", "recalled"]
    shown = empty.run("show", review_id, *APP).stdout
    assert ["called", "back", "yes"] in [line.split() for line in shown.splitlines()]
    [fact] = [line for line in shown.splitlines() if line.startswith("overridden ")]
    assert "rejected by ceo at " in fact
    assert "ceo overrode it with rejected: fraud" in shown
    listed = empty.run("inbox", "--decided", "--outcome", "approved", *APP).stdout
    assert "approved, overridden" in listed
    again = empty.run("override", review_id, "approve", *APP, *CEO)
    one_line_without_traceback(again, ["is over: rejected by ceo", "is final"])
    late = empty.run("approve", review_id, *APP, "--as", "maria", "--yes")
    one_line_without_traceback(late, ["is over: approved by maria", "overridden since"])


def test_a_list_is_decided_item_by_item(empty: Project) -> None:
    ways = "approved='publish', partial='publish', rejected='archive'"
    board = written(empty, gate="plan_approval('draft', inbox=inbox)", ways=ways)
    [review_id] = board.start([{"id": "a"}, {"id": "b"}])
    verdicts = ("--value", "a=approve", "--value", "b=reject:paid twice")
    wrong = board.run("override", review_id, "items", "--value", "a=fine", *APP, *CEO)
    assert wrong.status == 2
    one_line_without_traceback(wrong, ["neither a verdict nor JSON", "Nothing is overridden"])
    done = board.run("override", review_id, "items", *verdicts, *APP, *CEO, "--json")
    assert done.status == 0, done.stderr
    assert done.document["review"]["outcome"] == "partial"


def test_or_nothing_is(board: Project) -> None:
    [review_id] = board.start("Hello")
    board.run("approve", review_id, *APP, "--as", "maria", "--yes")
    done = board.run("override", review_id, "reject", *APP, *CEO)
    assert done.status == 3
    one_line_without_traceback(done, ["no on_recall", "approved by maria"])


def test_it_may_be_left_to_a_worker(board: Project) -> None:
    [review_id] = board.start("Hello")
    done = board.run("override", review_id, "reject", *APP, *CEO, "--resume", "worker")
    assert "A worker goes on with it" in done.stderr
    assert board.effects == []


@pytest.mark.parametrize("who", [("--as", "maria"), ("--as", "ceo")])
def test_who_may_is_said_by_the_inbox_of_the_graph(board: Project, who: tuple[str, ...]) -> None:
    [review_id] = board.start("Hello")
    done = board.run("override", review_id, "reject", *APP, *who, "--reason", "x", "--yes")
    assert done.status == 4
    one_line_without_traceback(done, ["the role 'board'"])


def test_nobody_may_where_the_inbox_does_not_say_who(project: Project) -> None:
    [review_id] = project.start("Hello")
    done = project.run("override", review_id, "reject", *APP, *CEO)
    assert done.status == 4
    one_line_without_traceback(done, ["Inbox.open(url, overrides=...)"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("reject", "--value", "x"), "takes no --value"),
        (("edit",), "edit takes one --value"),
        (("choose",), "choose takes a --value"),
        (("respond", "--value", "x"), "respond is not allowed"),
    ],
)
def test_a_decision_that_does_not_fit(board: Project, given: tuple[str, ...], said: str) -> None:
    [review_id] = board.start("Hello")
    done = board.run("override", review_id, *given, *APP, *CEO)
    assert done.status == 2
    one_line_without_traceback(done, [said])
    assert board.review(review_id).status == "pending"


def test_a_blank_reason(board: Project) -> None:
    [review_id] = board.start("Hello")
    done = board.run("override", review_id, "reject", *APP, "--as", "ceo", "--reason", " ", "--yes")
    assert done.status == 2
    one_line_without_traceback(done, ["needs a reason"])


def test_it_takes_the_graph_and_a_yes(board: Project) -> None:
    [review_id] = board.start("Hello")
    assert board.run("override", review_id, "reject", "--inbox", URL, *CEO).status == 2
    done = board.run("override", review_id, "reject", *APP, *CEO[:-1])
    assert done.status == 2
    one_line_without_traceback(done, ["--yes"])
