"""What `langgraph_hitl.people` gives."""

from __future__ import annotations

import inspect
import subprocess
import sys

from langgraph_hitl import people


def test_the_public_names_are_sorted_and_documented() -> None:
    assert people.__all__ == sorted(people.__all__)
    for name in people.__all__:
        if name != "Routed":
            assert inspect.getdoc(getattr(people, name))


def test_it_needs_no_database() -> None:
    program = "import sys, langgraph_hitl.people; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert not {"sqlalchemy", "sqlite3", "psycopg", "ruamel.yaml"} & set(done.stdout.split())
