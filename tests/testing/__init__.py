"""What `langgraph_hitl.testing` gives to the tests of applications."""
