"""Statistics as plain functions from numbers to numbers.

>>> from langgraph_hitl.stats.waiting import expected_wait
>>> round(expected_wait(10, minutes_each=15, people=3), 1)
21.1
"""
