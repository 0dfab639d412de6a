"""`langgraph-hitl demo`: a post is written, reviewed at three checkpoints, and published."""
