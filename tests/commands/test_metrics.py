"""`langgraph-hitl metrics`: for people, for programs and for Prometheus."""

from __future__ import annotations

from tests.commands.project import AS_MARIA, URL, Project, one_line_without_traceback

WHERE = ("--inbox", URL)


def test_metrics(project: Project) -> None:
    first, _ = project.start("A", "B")
    project.run("approve", first, *AS_MARIA, *WHERE)
    found = project.run("metrics", "--json", *WHERE).document
    assert found["reviews"]["pending"] == 1
    assert (found["outcomes"], found["queues"]) == ({"approved": 1}, {"default": 1})
    assert found["response"]["count"] == 1
    assert "pending" in project.run("metrics", *WHERE).stdout
    text = project.run("metrics", "--prometheus", *WHERE).stdout
    assert 'langgraph_hitl_pending{queue="default"} 1\n' in text
    assert 'langgraph_hitl_decided_total{outcome="approved"} 1\n' in text


def test_one_format_only(project: Project) -> None:
    project.module()
    done = project.run("metrics", "--json", "--prometheus", *WHERE)
    assert done.status == 2
    one_line_without_traceback(done, ["give one"])
