"""A person at a terminal: showing requests, reading answers, driving a graph between the two.

Only `screen`, `render` and `difference` import rich (extra `[cli]`).
"""
