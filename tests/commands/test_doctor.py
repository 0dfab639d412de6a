"""`doctor`: what the inbox finds is shown, and decides the exit status."""

from __future__ import annotations

import pytest

from tests.commands.project import APP, Project, flow

FINDINGS = """
from types import SimpleNamespace
found = SimpleNamespace(
    kind="stuck thread",
    review_id="rv-1",
    thread="t\\x1b[31m",
    sentence="The thread waits for nobody.",
    cure="Run a worker.",
    repaired=False,
)
def doctor(*, repair=False):
    found.repaired = repair
    return SimpleNamespace(healthy=repair, findings=[found])
inbox.doctor = doctor
"""


@pytest.fixture
def ill(empty: Project) -> Project:
    """A project whose inbox has something wrong."""
    empty.write("flow.py", flow() + FINDINGS)
    return empty


def test_a_finding_and_its_cure(ill: Project) -> None:
    done = ill.run("doctor", *APP)
    assert done.status == 1
    assert done.stdout.splitlines() == [
        "stuck thread  rv-1",
        "  The thread waits for nobody.",
        "  Run a worker.",
    ]


def test_what_was_repaired(ill: Project) -> None:
    done = ill.run("doctor", "--repair", *APP)
    assert done.status == 0
    assert "Repaired." in done.stdout


def test_as_json(ill: Project) -> None:
    assert ill.run("doctor", *APP, "--json").document == {
        "healthy": False,
        "findings": [
            {
                "kind": "stuck thread",
                "review_id": "rv-1",
                "thread": "t\x1b[31m",
                "sentence": "The thread waits for nobody.",
                "cure": "Run a worker.",
                "repaired": False,
            }
        ],
    }
