"""The complete workflow, put together from the patterns."""

from langgraph_hitl.workflow.hitl_workflow import hitl_workflow

__all__ = ["hitl_workflow"]
