"""Supervised graphs: what the inbox tells of them, and what supervisors do with them."""
