"""A person at a terminal, and the demo."""
