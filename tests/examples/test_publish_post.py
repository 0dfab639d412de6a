"""A post with three checkpoints: each stops it, and what goes out is what the last one saw."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from langgraph_hitl import Approve, Edit, Reject, Revise, pending, resume
from langgraph_hitl.errors import ContextMissing, InvalidDecision
from tests.examples.conftest import Elsewhere, printed_by

CHECKPOINTS = ["outline_review", "draft_review", "publication"]


@pytest.fixture
def example(imported: Callable[[str], Any]) -> Any:
    return imported("publish_post")


class Post:
    """The thread of a post; every call opens the graph anew."""

    def __init__(self, example: Any, folder: Path) -> None:
        self.example = example
        self.folder = folder

    def start(self, **changes: Any) -> Post:
        with self.example.opened(self.folder) as app:
            app.invoke({**self.example.POST, **changes}, self.example.CONFIG)
        return self

    def decide(self, *decisions: Any) -> Post:
        for decision in decisions:
            with self.example.opened(self.folder) as app:
                (request,) = pending(app, self.example.CONFIG)
                app.invoke(resume(request, decision, by="maria"), self.example.CONFIG)
        return self

    @property
    def values(self) -> dict[str, Any]:
        with self.example.opened(self.folder) as app:
            state = app.get_state(self.example.CONFIG)
        assert not state.next
        found: dict[str, Any] = state.values
        return found

    @property
    def gates(self) -> list[str]:
        return [record["gate"] for record in self.values["reviews"]]


@pytest.fixture
def post(example: Any, tmp_path: Path) -> Post:
    return Post(example, tmp_path)


def test_every_checkpoint_in_a_process_of_its_own(post: Post, elsewhere: Elsewhere) -> None:
    posted = elsewhere("publish_post", "with opened(folder) as app:\n    app.invoke(POST, CONFIG)")
    for decision in ("Approve()", "Revise('shorter')", "Approve()", "Approve()"):
        assert posted == []
        posted = elsewhere(
            "publish_post",
            f"""
            with opened(folder) as app:
                (request,) = pending(app, CONFIG)
                app.invoke(resume(request, {decision}, by="maria"), CONFIG)
            """,
        )
    assert posted == ["  posted on the blog: Agents err. Ask."]
    assert post.gates == CHECKPOINTS
    assert post.values["published"] == "Agents err. Ask."


@pytest.mark.parametrize("number", range(3))
def test_each_checkpoint_stops_it(
    post: Post, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    post.start().decide(*[Approve()] * number, Reject("not now"))
    assert post.gates == CHECKPOINTS[: number + 1]
    assert post.values["archived"] == "not now"
    assert "published" not in post.values
    assert capsys.readouterr().out == ""


def test_what_a_person_wrote_is_what_is_posted(
    post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    post.start().decide(Approve(), Edit("Mine."), Approve())
    assert capsys.readouterr().out == "  posted on the blog: Mine.\n"


def test_two_revisions_and_no_third(post: Post) -> None:
    post.start().decide(Approve(), Revise("shorter"), Revise("clearer"), Revise("funnier"))
    assert post.gates == CHECKPOINTS[:2]
    assert (post.values["archived"], "published" in post.values) == ("funnier", False)


def test_the_last_checkpoint_takes_yes_or_no(post: Post) -> None:
    post.start().decide(Approve(), Approve())
    with pytest.raises(InvalidDecision, match="edit is not allowed here"):
        post.decide(Edit("something else"))
    post.decide(Approve())
    assert post.values["published"] == "Agents err, at length."


def test_nobody_is_asked_to_publish_without_knowing_where(post: Post) -> None:
    post.start(channel="").decide(Approve())
    with pytest.raises(ContextMissing, match="channel"):
        post.decide(Approve())


def test_run_as_a_script() -> None:
    assert printed_by("publish_post") == [
        "write_draft: '1. What goes wrong 2. What to ask' -> Edit",
        "accept_draft: 'Agents err, at length.' -> Revise",
        "accept_draft: 'Agents err. Ask.' -> Approve",
        "publish_post: 'Agents err. Ask.' -> Approve",
        "  posted on the blog: Agents err. Ask.",
    ]


def test_run_as_a_script_it_asks_whoever_sits_there() -> None:
    printed = printed_by("publish_post", "--ask", typed="a\nv: shorter\na\na\n")
    assert printed[-2:] == ["  posted on the blog: Agents err. Ask.", "Recorded: approve."]
