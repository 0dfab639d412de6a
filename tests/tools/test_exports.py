"""What the module gives, and that LangChain is needed for agents only."""

from __future__ import annotations

import subprocess
import sys

from langgraph_hitl import tools

WITHOUT_LANGCHAIN = """
import sys
sys.modules["langchain"] = None
from langgraph_hitl import human_as_tool, require_approval, review_tools, tool_calls
from langgraph_hitl.errors import MissingExtra
require_approval(print)
human_as_tool()
tool_calls()
try:
    review_tools({"pay": True})
except MissingExtra as error:
    print(error)
"""


def test_the_public_names() -> None:
    assert tools.__all__ == sorted(tools.__all__)
    assert all(getattr(tools, name) for name in tools.__all__)


def test_without_langchain() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LANGCHAIN], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "langgraph-hitl[agent]" in done.stdout
