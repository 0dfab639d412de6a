"""Approvals of what a model, or a function, wants to do: presets over the same gate.

`review_tools` for `create_agent`, `require_approval` for functions and tools wherever they run,
`human_as_tool` for a model that wants to ask a person, and `tool_calls` for graphs of one's own.
"""

from langgraph_hitl.tools.human_as_tool import human_as_tool
from langgraph_hitl.tools.options import ToolOptions
from langgraph_hitl.tools.require_approval import require_approval
from langgraph_hitl.tools.review_of_call import review_of_call
from langgraph_hitl.tools.review_tools import review_tools
from langgraph_hitl.tools.tool_calls import run_calls, tool_calls

__all__ = [
    "ToolOptions",
    "human_as_tool",
    "require_approval",
    "review_of_call",
    "review_tools",
    "run_calls",
    "tool_calls",
]
